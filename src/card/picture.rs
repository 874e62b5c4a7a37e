//! A card's SVG as a PNG of few bytes.

use std::cmp::Reverse;
use std::collections::HashMap;

use resvg::{tiny_skia, usvg};

use super::CardError;
use super::font::fonts;

/// The most colours of an indexed PNG. A card has a handful of colours and the blends between them at the edges of
/// letters; the rare blends beyond the palette go to the nearest colour, which no eye sees, and the file is a third
/// of the same picture in true colour.
const PALETTE: usize = 256;

/// Renders an SVG of [`super::draw::svg`] at its own size.
///
/// # Errors
/// [`CardError::Render`]: a fault of the build, not of the pass.
pub fn png(svg: &str) -> Result<Vec<u8>, CardError> {
    let fonts = fonts().ok_or_else(|| failed("the embedded font is not readable"))?;
    let options = usvg::Options { fontdb: fonts.database(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(failed)?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("no such size"))?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
    encode(size.width(), size.height(), pixels.pixels()).map_err(failed)
}

fn encode(width: u32, height: u32, pixels: &[tiny_skia::PremultipliedColorU8]) -> Result<Vec<u8>, png::EncodingError> {
    // The sheet is opaque, so premultiplied is plain.
    let colours: Vec<[u8; 3]> = pixels.iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let (palette, indexes) = index(&colours);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexes)?;
    writer.finish()?;
    Ok(bytes)
}

/// The palette, and each pixel's place in it. The most frequent colours come first, equals in their own order, so that
/// the same card is the same file.
fn index(colours: &[[u8; 3]]) -> (Vec<u8>, Vec<u8>) {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    // Most pixels are like the one before, so whole runs are looked up at once.
    for run in colours.chunk_by(|a, b| a == b) {
        *counts.entry(run[0]).or_default() += run.len();
    }
    let mut ranked: Vec<([u8; 3], usize)> = counts.into_iter().collect();
    ranked.sort_unstable_by_key(|(colour, count)| (Reverse(*count), *colour));
    let palette: Vec<[u8; 3]> = ranked.iter().take(PALETTE).map(|(colour, _)| *colour).collect();
    let places: HashMap<[u8; 3], u8> = ranked.iter().map(|(colour, _)| (*colour, nearest(&palette, *colour))).collect();
    let mut indexes = Vec::with_capacity(colours.len());
    for run in colours.chunk_by(|a, b| a == b) {
        let place = places.get(&run[0]).copied().unwrap_or_default();
        indexes.resize(indexes.len() + run.len(), place);
    }
    (palette.concat(), indexes)
}

fn nearest(palette: &[[u8; 3]], colour: [u8; 3]) -> u8 {
    let distance =
        |other: &[u8; 3]| -> u32 { other.iter().zip(colour).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    (0..=u8::MAX).zip(palette).min_by_key(|(_, other)| distance(other)).map_or(0, |(at, _)| at)
}

fn failed(error: impl ToString) -> CardError {
    CardError::Render(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_palette_is_ranked_and_rare_colours_go_to_their_nearest() {
        let mut colours = vec![[255, 255, 255]; 5];
        colours.extend([[0, 0, 0]; 3]);
        assert_eq!(index(&colours), (vec![255, 255, 255, 0, 0, 0], vec![0, 0, 0, 0, 0, 1, 1, 1]));
        let many: Vec<[u8; 3]> = (0..=255).map(|v| [v, v, v]).chain([[9, 9, 10]]).collect();
        let (palette, indexes) = index(&[many.clone(), many[..256].to_vec()].concat());
        assert_eq!(palette.len(), 3 * PALETTE);
        assert_eq!(indexes[256], indexes[9]);
    }

    #[test]
    fn every_plate_character_and_rare_name_is_drawn_and_not_as_a_box() {
        let draw = |character: char, weight: u16| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><text x='2' y='32' font-size='30' \
                 font-family='{}' font-weight='{weight}'>{character}</text></svg>",
                super::super::font::FAMILY
            );
            png(&svg).unwrap()
        };
        let plates = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼学警挂港澳领使试超";
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        for (weight, characters) in [(700, [plates, letters].concat()), (400, "王䶮李𬭎阿依努尔·测试".into())]
        {
            // What is drawn for a character that no font has, and for none.
            let mut pictures = vec![draw('\u{3ffff}', weight), draw(' ', weight)];
            for character in characters.chars() {
                let picture = draw(character, weight);
                assert!(!pictures.contains(&picture), "{character}");
                pictures.push(picture);
            }
        }
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(matches!(png("<svg"), Err(CardError::Render(_))));
    }
}

//! A card's SVG as a PNG of few bytes.

use std::cmp::Reverse;
use std::collections::HashMap;

use resvg::{tiny_skia, usvg};

use super::CardError;

/// The most colours of an indexed PNG. A card has a handful of colours and the blends between them at the edges of
/// letters; the rare blends beyond the palette go to the nearest colour, which no eye sees, and the file is a third
/// of the same picture in true colour.
const PALETTE: usize = 256;

/// Pixels that are compared at once.
const BLOCK: usize = 16;

/// Red, green, blue.
type Pixel = [u8; 3];

/// Renders an SVG of [`super::svg::svg`], a pixel for each unit of its view box.
///
/// # Errors
/// [`CardError::Render`]: a fault of the build, not of the pass.
pub fn png(svg: &str) -> Result<Vec<u8>, CardError> {
    encode(&pixels(svg)?).map_err(failed)
}

fn pixels(svg: &str) -> Result<tiny_skia::Pixmap, CardError> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default()).map_err(failed)?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("no such size"))?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
    Ok(pixels)
}

fn encode(pixels: &tiny_skia::Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let (palette, indexes) = index(&runs(pixels.data()));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    // The highest level takes two and a half times as long for a fifth less; an office draws them by the thousand.
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&indexes)?;
    writer.finish()?;
    Ok(bytes)
}

/// Neighbouring pixels of one colour, and how many they are. The card is opaque, so premultiplied is plain.
fn runs(data: &[u8]) -> Vec<(Pixel, usize)> {
    let (mut runs, mut block) = (Vec::<(Pixel, usize)>::new(), [0; BLOCK * 4]);
    for pixels in data.chunks(BLOCK * 4) {
        // Most of a card is white or black: a whole block like the pixel before it is compared in one step.
        if let Some((_, length)) = runs.last_mut().filter(|_| pixels == block) {
            *length += BLOCK;
            continue;
        }
        for pixel in pixels.chunks_exact(4) {
            let pixel = [pixel[0], pixel[1], pixel[2]];
            match runs.last_mut() {
                Some((colour, length)) if *colour == pixel => *length += 1,
                _ => runs.push((pixel, 1)),
            }
        }
        if let Some(([red, green, blue], _)) = runs.last() {
            block = [[*red, *green, *blue, u8::MAX]; BLOCK].as_flattened().try_into().unwrap_or(block);
        }
    }
    runs
}

/// The palette, and each pixel's place in it. The most frequent colours come first, equals in their own order, so that
/// the same card is the same file.
fn index(runs: &[(Pixel, usize)]) -> (Vec<u8>, Vec<u8>) {
    let mut counts: HashMap<Pixel, usize> = HashMap::new();
    for (colour, length) in runs {
        *counts.entry(*colour).or_default() += length;
    }
    let mut ranked: Vec<(Pixel, usize)> = counts.into_iter().collect();
    ranked.sort_unstable_by_key(|(colour, count)| (Reverse(*count), *colour));
    let palette: Vec<Pixel> = ranked.iter().take(PALETTE).map(|(colour, _)| *colour).collect();
    let places: HashMap<Pixel, u8> = ranked.iter().map(|(colour, _)| (*colour, nearest(&palette, *colour))).collect();
    let mut indexes = Vec::with_capacity(runs.iter().map(|(_, length)| length).sum());
    for (colour, length) in runs {
        let place = places.get(colour).copied().unwrap_or_default();
        indexes.resize(indexes.len() + length, place);
    }
    (palette.concat(), indexes)
}

fn nearest(palette: &[Pixel], colour: Pixel) -> u8 {
    let distance =
        |other: &Pixel| -> u32 { other.iter().zip(colour).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    (0..=u8::MAX).zip(palette).min_by_key(|(_, other)| distance(other)).map_or(0, |(at, _)| at)
}

fn failed(error: impl ToString) -> CardError {
    CardError::Render(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::drawing::{Drawing, Line, Mark};
    use super::super::example::{code, longest, typical};
    use super::super::font::Weight;
    use super::super::svg::svg;
    use super::super::{draw, read};
    use super::*;

    #[test]
    fn a_palette_is_ranked_and_rare_colours_go_to_their_nearest() {
        assert_eq!(index(&[([255; 3], 5), ([0; 3], 3)]), (vec![255, 255, 255, 0, 0, 0], vec![0, 0, 0, 0, 0, 1, 1, 1]));
        let many = (0..=255).map(|v| ([v, v, v], 2)).chain([([9, 9, 10], 1)]);
        let (palette, indexes) = index(&many.collect::<Vec<_>>());
        assert_eq!(palette.len(), 3 * PALETTE);
        assert_eq!((indexes.len(), indexes[512]), (513, indexes[2 * 9]));
    }

    #[test]
    fn runs_end_where_the_colour_does_within_a_block_and_at_its_edge() {
        let pixels = |runs: &[(u8, usize)]| -> Vec<u8> {
            runs.iter().flat_map(|(grey, length)| [*grey, *grey, *grey, 255].repeat(*length)).collect()
        };
        for drawn in [
            vec![(255, 3 * BLOCK), (0, BLOCK), (255, 1)],
            vec![(255, 3 * BLOCK + 5), (7, 1), (0, 40), (255, 40)],
            vec![(0, 1)],
        ] {
            let expected: Vec<(Pixel, usize)> = drawn.iter().map(|(grey, length)| ([*grey; 3], *length)).collect();
            assert_eq!(runs(&pixels(&drawn)), expected);
        }
    }

    #[test]
    fn every_plate_character_and_rare_name_is_drawn_and_not_as_a_box() {
        let draw = |character: char, weight: Weight| {
            let mut drawing = Drawing::new("", 40.0, 40.0);
            let line = Line { text: character.into(), x: 2.0, baseline: 32.0, size: 30.0, weight, colour: [0; 3] };
            drawing.marks.push(Mark::Line(line));
            png(&svg(&drawing).unwrap()).unwrap()
        };
        let plates = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼学警挂港澳领使试超";
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let names = "王䶮李𬭎阿依努尔·测试";
        for (weight, characters) in [(Weight::Bold, [plates, letters].concat()), (Weight::Regular, names.into())] {
            // What is drawn for a character that no font has, and for none.
            let mut pictures = vec![draw('\u{3ffff}', weight), draw(' ', weight)];
            for character in characters.chars() {
                let picture = draw(character, weight);
                assert!(!pictures.contains(&picture), "{character}");
                pictures.push(picture);
            }
        }
    }

    /// The grey picture in other measures: each new pixel is the mean of what it covers.
    fn scaled(picture: &tiny_skia::Pixmap, width: usize, height: usize) -> Vec<u8> {
        let (from_width, from_height) = (picture.width() as usize, picture.height() as usize);
        let grey: Vec<u32> = picture.data().chunks_exact(4).map(|pixel| u32::from(pixel[1])).collect();
        let covered = |at: usize, from: usize, to: usize| at * from / to..((at + 1) * from).div_ceil(to);
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = (0, 0);
                for row in covered(y, from_height, height) {
                    for column in covered(x, from_width, width) {
                        sum += grey[row * from_width + column];
                        count += 1;
                    }
                }
                pixels.push((sum / count) as u8);
            }
        }
        pixels
    }

    fn grey_png(width: usize, height: usize, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        bytes
    }

    /// As messengers shrink it, to fit a square of 600 pixels, and as a careless tool squeezes it into one.
    #[test]
    fn a_card_of_600_pixels_is_still_read() {
        for face in [typical(), longest()] {
            let picture = pixels(&svg(&draw::card(&face, &code()).unwrap()).unwrap()).unwrap();
            let fitted = picture.width() as usize * 600 / picture.height() as usize;
            for width in [fitted, 600] {
                let found = read::texts(&grey_png(width, 600, &scaled(&picture, width, 600))).unwrap().codes;
                assert_eq!(found.len(), 1, "{width} x 600");
                assert_eq!(found[0].text, format!("FP1:{}", "7K".repeat(204)));
            }
        }
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(matches!(png("<svg"), Err(CardError::Render(_))));
    }
}

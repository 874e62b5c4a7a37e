//! PNG: row by row, so that only the grey values stay in memory.

use std::io::{Cursor, ErrorKind};

use png::{ColorType, DecodingError, InterlaceInfo, Limits, Transformations};

use super::super::luma::Luma;
use super::{MAX_PIXELS, PictureError, on_white, weighted, within};

/// What the PNG reader may allocate for itself: rows and inflate's window, far below what the longest side needs.
const OWN_BYTES: usize = 16 * 1024 * 1024;

/// Every bit depth and colour type. One that moves is refused.
pub fn luma(bytes: &[u8]) -> Result<Luma, PictureError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: OWN_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(damaged)?;
    let (width, height) = (header.width, header.height);
    within(width, height, MAX_PIXELS)?;
    let mut reader = decoder.read_info().map_err(damaged)?;
    if reader.info().animation_control.is_some() {
        return Err(PictureError::Moving);
    }
    let (colour, _) = reader.output_color_type();
    let (columns, rows) = (width as usize, height as usize);
    let mut pixels = vec![u8::MAX; columns * rows];
    let mut line = 0;
    while let Some(row) = reader.next_interlaced_row().map_err(damaged)? {
        let grey = row.data().chunks_exact(colour.samples()).map(|samples| grey(colour, samples));
        match row.interlace() {
            InterlaceInfo::Null(_) => {
                if let Some(place) = pixels.get_mut(line * columns..(line + 1) * columns) {
                    place.iter_mut().zip(grey).for_each(|(pixel, value)| *pixel = value);
                }
                line += 1;
            }
            InterlaceInfo::Adam7(pass) => {
                png::expand_interlaced_row(&mut pixels, columns, &grey.collect::<Vec<u8>>(), pass, 8);
            }
        }
    }
    Luma::new(columns, pixels).ok_or(PictureError::Damaged { detail: "it has no pixels".into() })
}

fn grey(colour: ColorType, samples: &[u8]) -> u8 {
    match (colour, samples) {
        (ColorType::Rgb, [r, g, b]) => weighted(*r, *g, *b),
        (ColorType::Rgba, [r, g, b, alpha]) => on_white(weighted(*r, *g, *b), *alpha),
        (ColorType::GrayscaleAlpha, [value, alpha]) => on_white(*value, *alpha),
        // Palettes are expanded, so one sample is a grey value.
        (_, samples) => samples.first().copied().unwrap_or(255),
    }
}

fn damaged(error: DecodingError) -> PictureError {
    match error {
        DecodingError::IoError(cause) if cause.kind() == ErrorKind::UnexpectedEof => PictureError::Cut,
        other => PictureError::Damaged { detail: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use png::BitDepth;

    use super::*;

    fn encode(size: [u32; 2], colour: ColorType, depth: BitDepth, data: &[u8], palette: &[u8], trns: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if !palette.is_empty() {
            encoder.set_palette(palette);
        }
        if !trns.is_empty() {
            encoder.set_trns(trns);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn every_colour_type_and_depth_becomes_grey_on_white() {
        use BitDepth::*;
        use ColorType::*;
        let none: &[u8] = &[];
        for (name, file, grey) in [
            ("1 bit", encode([2, 1], Grayscale, One, &[0b0100_0000], none, none), [0, 255]),
            ("2 bits", encode([2, 1], Grayscale, Two, &[0b0110_0000], none, none), [85, 170]),
            ("4 bits", encode([2, 1], Grayscale, Four, &[0x1e], none, none), [17, 238]),
            ("8 bits", encode([2, 1], Grayscale, Eight, &[7, 200], none, none), [7, 200]),
            ("16 bits", encode([2, 1], Grayscale, Sixteen, &[7, 0, 200, 0], none, none), [7, 200]),
            ("grey, alpha", encode([2, 1], GrayscaleAlpha, Eight, &[0, 0, 0, 255], none, none), [255, 0]),
            ("rgb", encode([2, 1], Rgb, Eight, &[255, 0, 0, 0, 255, 0], none, none), [76, 149]),
            ("rgba", encode([2, 1], Rgba, Eight, &[0, 0, 0, 51, 9, 9, 9, 0], none, none), [204, 255]),
            ("rgb 16", encode([2, 1], Rgb, Sixteen, &[255; 12], none, none), [255, 255]),
            ("palette", encode([2, 1], Indexed, Eight, &[1, 0], &[255, 255, 255, 0, 0, 0], none), [0, 255]),
            ("clear palette", encode([2, 1], Indexed, One, &[0x40], &[9, 9, 9, 0, 0, 0], &[0]), [255, 0]),
        ] {
            let luma = luma(&file).unwrap();
            assert_eq!((luma.width(), luma.height(), luma.pixels()), (2, 1, grey.as_slice()), "{name}");
        }
    }

    #[test]
    fn a_picture_that_moves_is_refused() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_animated(2, 0).unwrap();
        let mut writer = encoder.write_header().unwrap();
        for frame in [[7, 200], [200, 7]] {
            writer.write_image_data(&frame).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(luma(&bytes), Err(PictureError::Moving));
    }

    #[test]
    fn a_png_cut_anywhere_is_an_error_and_whole_only_when_every_row_is_there() {
        let whole = encode([16, 16], ColorType::Rgb, BitDepth::Eight, &[90; 768], &[], &[]);
        let good = luma(&whole).unwrap();
        for end in 8..whole.len() {
            match luma(&whole[..end]) {
                Ok(cut) => assert_eq!(cut, good, "{end}"),
                Err(error) => assert!(
                    matches!(error, PictureError::Empty | PictureError::Cut | PictureError::Damaged { .. }),
                    "{end}: {error}"
                ),
            }
        }
        assert_eq!(luma(&whole[..whole.len() / 2]), Err(PictureError::Cut));
    }

    #[test]
    fn a_size_beyond_the_bounds_is_refused_from_the_header_alone() {
        for (width, height) in [(8_001, 8_000), (70_000, 1), (1, 70_000), (u32::MAX / 2, u32::MAX / 2)] {
            let mut file = encode([1, 1], ColorType::Grayscale, BitDepth::Eight, &[0], &[], &[]);
            file[16..20].copy_from_slice(&width.to_be_bytes());
            file[20..24].copy_from_slice(&height.to_be_bytes());
            let crc = crc32(&file[12..29]);
            file[29..33].copy_from_slice(&crc.to_be_bytes());
            assert_eq!(luma(&file), Err(PictureError::TooLarge { width, height, most: MAX_PIXELS }));
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}

//! WebP: lossy and lossless, with and without transparency. One that moves is refused.

use std::io::{Cursor, ErrorKind};

use image_webp::{DecodingError, WebPDecoder};

use super::super::luma::Luma;
use super::{MAX_WHOLE, PictureError, on_white, weighted, within};

/// The grey values of the one picture.
pub fn luma(bytes: &[u8]) -> Result<Luma, PictureError> {
    whole(bytes)?;
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    if decoder.is_animated() {
        return Err(PictureError::Moving);
    }
    let (width, height) = decoder.dimensions();
    within(width, height, MAX_WHOLE)?;
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; width as usize * height as usize * samples];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let grey = pixels.chunks_exact(samples).map(|colour| match colour {
        [r, g, b, alpha] => on_white(weighted(*r, *g, *b), *alpha),
        [r, g, b] => weighted(*r, *g, *b),
        _ => 255,
    });
    Luma::new(width as usize, grey.collect()).ok_or(PictureError::Damaged { detail: "it has no pixels".into() })
}

/// Goes through the chunks (RFC 9649, 2.3 to 2.7): the file must be as long as it says, and a lossy picture, which says
/// its size again, within bounds there too, because the decoder allocates by that size.
fn whole(bytes: &[u8]) -> Result<(), PictureError> {
    let number = |at: usize| {
        let number = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes([number[0], number[1], number[2], number[3]]) as usize)
    };
    let said = number(4).ok_or(PictureError::Cut)?;
    if bytes.len() < said.saturating_add(8) {
        return Err(PictureError::Cut);
    }
    let mut at = 12;
    while let (Some(name), Some(length)) = (bytes.get(at..at + 4), number(at + 4)) {
        at += 8;
        if name == b"VP8 "
            && let Some(&[width, wide, height, high]) = bytes.get(at + 6..at + 10)
        {
            // The two upper bits are for scaling (RFC 6386, 9.1).
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            within(side(width, wide), side(height, high), MAX_WHOLE)?;
        }
        at = at.saturating_add(length).saturating_add(length % 2);
    }
    Ok(())
}

fn damaged(error: DecodingError) -> PictureError {
    match error {
        DecodingError::IoError(cause) if cause.kind() == ErrorKind::UnexpectedEof => PictureError::Cut,
        other => PictureError::Damaged { detail: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use image_webp::{ColorType, WebPEncoder};
    use proptest::prelude::*;

    use super::super::luma as read;
    use super::*;

    fn encode(colour: ColorType, pixel: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        WebPEncoder::new(&mut bytes).encode(&pixel.repeat(48 * 40), 48, 40, colour).unwrap();
        bytes
    }

    /// `chunks` in the extended form with these flags, on a canvas of 48 by 40.
    fn extended(flags: u8, chunks: &[u8]) -> Vec<u8> {
        let head = [b"VP8X\x0a\0\0\0".as_slice(), &[flags, 0, 0, 0, 47, 0, 0, 39, 0, 0]].concat();
        let length = (4 + head.len() + chunks.len()) as u32;
        [b"RIFF".as_slice(), &length.to_le_bytes(), b"WEBP", &head, chunks].concat()
    }

    #[test]
    fn every_colour_becomes_grey_on_white() {
        for (name, bytes, grey) in [
            ("grey", encode(ColorType::L8, &[90]), 90),
            ("colour", encode(ColorType::Rgb8, &[255, 0, 0]), 76),
            ("clear", encode(ColorType::Rgba8, &[0, 0, 0, 0]), 255),
            ("half clear", encode(ColorType::La8, &[0, 51]), 204),
        ] {
            let luma = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((luma.width(), luma.height()), (48, 40), "{name}");
            assert!(luma.pixels().iter().all(|value| value.abs_diff(grey) <= 1), "{name}: {:?}", &luma.pixels()[..4]);
        }
    }

    #[test]
    fn a_picture_that_moves_is_refused_before_it_is_decoded() {
        let frame = &encode(ColorType::Rgb8, &[1, 2, 3])[12..];
        let length = (16 + frame.len()) as u32;
        let place = [0, 0, 0, 0, 0, 0, 47, 0, 0, 39, 0, 0, 100, 0, 0, 0];
        let anmf = [b"ANMF".as_slice(), &length.to_le_bytes(), &place, frame].concat();
        let chunks = [b"ANIM\x06\0\0\0\xff\xff\xff\xff\0\0".as_slice(), &anmf, &anmf].concat();
        assert_eq!(read(&extended(0b10, &chunks)), Err(PictureError::Moving));
    }

    #[test]
    fn a_webp_cut_anywhere_is_cut() {
        let whole = encode(ColorType::Rgb8, &[1, 2, 3]);
        for end in 12..whole.len() {
            assert_eq!(read(&whole[..end]), Err(PictureError::Cut), "{end}");
        }
    }

    #[test]
    fn a_size_beyond_the_bounds_is_refused_wherever_it_stands() {
        let lossy = b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f";
        let alone = [b"RIFF\x16\0\0\0WEBP".as_slice(), lossy].concat();
        for bytes in [alone, extended(0, lossy)] {
            assert_eq!(read(&bytes), Err(PictureError::TooLarge { width: 16_383, height: 16_383, most: MAX_WHOLE }));
        }
        let mut lossless = encode(ColorType::L8, &[0]);
        let at = lossless.windows(4).position(|name| name == b"VP8L").unwrap();
        lossless[at + 9..at + 13].copy_from_slice(&0x0fff_bffe_u32.to_le_bytes());
        assert!(matches!(read(&lossless), Err(PictureError::TooLarge { most: MAX_WHOLE, .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn damage_is_an_error_or_a_picture(at in 12usize..2_000, value in any::<u8>()) {
            let mut bytes = encode(ColorType::Rgb8, &[200, 100, 50]);
            let at = 12 + at % (bytes.len() - 12);
            bytes[at] = value;
            if let Ok(luma) = read(&bytes) {
                prop_assert!(!luma.pixels().is_empty());
            }
        }
    }
}

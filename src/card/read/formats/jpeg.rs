//! JPEG: baseline and progressive, grey, colour and the four colours of a printer.

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::luma::Luma;
use super::{MAX_PIXELS, MAX_SIDE, MAX_WHOLE, PictureError, weighted, within};

/// The most passes of a progressive picture, each of which costs the time of a whole one. Encoders make ten.
const MAX_SCANS: usize = 32;

/// The grey values: of most pictures the brightness as it is stored.
pub fn luma(bytes: &[u8]) -> Result<Luma, PictureError> {
    let frame = frame(bytes)?;
    within(frame.width, frame.height, if frame.whole { MAX_WHOLE } else { MAX_PIXELS })?;
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .set_strict_mode(false)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let grey = matches!(decoder.input_colorspace(), Some(ColorSpace::YCbCr | ColorSpace::Luma));
    if !grey {
        decoder.set_options(options.jpeg_set_out_colorspace(ColorSpace::RGB));
    }
    let (width, height) = (frame.width as usize, frame.height as usize);
    // What the decoder says itself, so that two readings of one header never meet in a wrong size.
    if decoder.dimensions() != Some((width, height)) {
        return Err(PictureError::Damaged { detail: "it has two sizes".into() });
    }
    let mut pixels = vec![0; width * height * if grey { 1 } else { 3 }];
    decoder.decode_into(&mut pixels).map_err(damaged)?;
    if !grey {
        pixels = pixels.chunks_exact(3).map(|colour| weighted(colour[0], colour[1], colour[2])).collect();
    }
    Luma::new(width, pixels).ok_or(PictureError::Damaged { detail: "it has no pixels".into() })
}

/// What the markers of a whole file say.
struct Frame {
    width: u32,
    height: u32,
    /// Whether the decoder keeps the picture whole: progressive, or of other colours than brightness and two more.
    whole: bool,
}

/// Goes through the markers (ITU-T T.81, annex B) to the end of the picture. Decoders fill up a picture whose end is
/// missing with grey, and a code beside the missing one would then speak for both; what stands after the end, as in
/// photographs that hold a film, is not looked at.
fn frame(bytes: &[u8]) -> Result<Frame, PictureError> {
    let mut at = 2;
    let mut frame = None;
    loop {
        at = next_marker(bytes, at).ok_or(PictureError::Cut)?;
        let marker = bytes.get(at + 1).copied().ok_or(PictureError::Cut)?;
        at += 2;
        match marker {
            // End of the picture.
            0xd9 => return frame.ok_or_else(|| PictureError::Damaged { detail: "it has no frame".into() }),
            // Markers that stand alone.
            0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let Some(length @ [_, _]) = bytes.get(at..at + 2) else { return Err(PictureError::Cut) };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        // Start of a frame, of every process.
        if let 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf = marker {
            let Some(&[_, high, low, wide, narrow, components]) = bytes.get(at + 2..at + 8) else {
                return Err(PictureError::Cut);
            };
            let (width, height) = (u16::from_be_bytes([wide, narrow]), u16::from_be_bytes([high, low]));
            let whole = marker == 0xc2 || !matches!(components, 1 | 3);
            frame.get_or_insert(Frame { width: width.into(), height: height.into(), whole });
        }
        at += length.max(2);
    }
}

/// The next `0xff` that begins a marker: not one that is stuffed with a zero, as in the data of a scan, nor a filling.
fn next_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff));
    found.map(|found| from + found)
}

fn damaged(error: DecodeErrors) -> PictureError {
    match error {
        DecodeErrors::ExhaustedData => PictureError::Cut,
        other => PictureError::Damaged { detail: format!("{other:?}") },
    }
}

#[cfg(test)]
mod tests {
    use jpeg_encoder::{ColorType, Encoder};
    use proptest::prelude::*;

    use super::super::luma as read;
    use super::*;

    fn encode(colour: ColorType, progressive: bool, pixel: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 95);
        encoder.set_progressive(progressive);
        encoder.encode(&pixel.repeat(48 * 40), 48, 40, colour).unwrap();
        bytes
    }

    #[test]
    fn every_kind_of_jpeg_becomes_grey() {
        for (name, bytes, grey) in [
            ("grey", encode(ColorType::Luma, false, &[90]), 90),
            ("colour", encode(ColorType::Rgb, false, &[255, 0, 0]), 76),
            ("progressive", encode(ColorType::Rgb, true, &[0, 255, 0]), 149),
            ("printer", encode(ColorType::Cmyk, false, &[0, 0, 0, 0]), 255),
            ("printer, dark", encode(ColorType::Cmyk, true, &[0, 0, 0, 255]), 0),
            ("printer, by brightness", encode(ColorType::CmykAsYcck, false, &[0, 0, 0, 255]), 0),
        ] {
            let luma = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!((luma.width(), luma.height()), (48, 40), "{name}");
            assert!(luma.pixels().iter().all(|value| value.abs_diff(grey) <= 2), "{name}: {:?}", &luma.pixels()[..4]);
        }
    }

    #[test]
    fn a_jpeg_cut_anywhere_is_cut_and_what_stands_after_it_is_not_looked_at() {
        for whole in [encode(ColorType::Rgb, false, &[1, 2, 3]), encode(ColorType::Luma, true, &[7])] {
            for end in 3..whole.len() {
                assert_eq!(read(&whole[..end]), Err(PictureError::Cut), "{end} of {}", whole.len());
            }
            let film = [&whole[..], b"\xff\xda\0\0ftypmp42\xff\xd8\xff"].concat();
            assert_eq!(read(&film), read(&whole));
        }
    }

    #[test]
    fn a_size_beyond_the_bounds_is_refused_from_the_header_alone() {
        for (progressive, width, height, most) in
            [(false, 8_001_u16, 8_000_u16, MAX_PIXELS), (true, 5_001, 5_000, MAX_WHOLE)]
        {
            let mut bytes = encode(ColorType::Luma, progressive, &[7]);
            let at = bytes.windows(2).position(|pair| matches!(pair, [0xff, 0xc0..=0xc2])).unwrap();
            bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
            bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
            let (width, height) = (width.into(), height.into());
            assert_eq!(read(&bytes), Err(PictureError::TooLarge { width, height, most }));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn damage_is_an_error_or_a_picture_of_the_size_that_the_file_says(at in 2usize..2_000, value in any::<u8>(), progressive: bool) {
            let mut bytes = encode(ColorType::Rgb, progressive, &[200, 100, 50]);
            let at = at % bytes.len();
            bytes[at] = value;
            match read(&bytes) {
                Ok(luma) => prop_assert!(!luma.pixels().is_empty()),
                Err(error) => prop_assert!(!matches!(error, PictureError::Empty), "{error}"),
            }
        }
    }
}

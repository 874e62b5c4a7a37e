//! Picture files as grey values, within bounds: what the code reader works on.
//!
//! A checkpoint reads whatever it is handed, so the size is checked before anything of that size is allocated, rows
//! are turned grey one at a time, and everything beside the pixels (texts, colour profiles) is skipped unread.

use std::io::Cursor;

use png::{ColorType, InterlaceInfo, Limits, Transformations};
use thiserror::Error;

/// The most pixels of a picture: the largest phone cameras of today make 50 to 64 million unless asked for more. Costs
/// 64 MB as grey values.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The longest side: bounds a single row, which is decoded whole, to half a MB.
pub const MAX_SIDE: u32 = 65_535;

/// What the PNG reader may allocate for itself: rows and inflate's window, far below what [`MAX_SIDE`] needs.
const PNG_BYTES: usize = 16 * 1024 * 1024;

/// Grey values of a picture, row by row, 0 black to 255 white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    pixels: Vec<u8>,
}

/// Why a file gives no grey values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PictureError {
    /// Nothing is in the file.
    #[error("the file is empty")]
    Empty,
    /// A picture of a kind that is not read.
    #[error("{kind} pictures are not read, only PNG")]
    Unsupported {
        /// By its first bytes.
        kind: &'static str,
    },
    /// No picture by its first bytes.
    #[error("the file is no picture")]
    NotAPicture,
    /// The picture is larger than a reader takes.
    #[error("{width} x {height} pixels are more than the {MAX_PIXELS} that are read")]
    TooLarge {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// The file ends before the picture does.
    #[error("the picture is cut off")]
    Cut,
    /// The file breaks the rules of its format.
    #[error("the picture is damaged: {detail}")]
    Damaged {
        /// What the PNG reader said.
        detail: String,
    },
}

/// Reads a picture file. PNG of every bit depth and colour type; transparency is laid on white, as paper is.
///
/// # Errors
/// [`PictureError`]; never a panic, and never more memory than [`MAX_PIXELS`] and a few rows.
pub fn luma(bytes: &[u8]) -> Result<Luma, PictureError> {
    match bytes {
        [] => Err(PictureError::Empty),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png(bytes),
        // A file that stops within the signature is the cut PNG that it looks like.
        _ if b"\x89PNG\r\n\x1a\n".starts_with(bytes) => Err(PictureError::Cut),
        _ => Err(kind(bytes).map_or(PictureError::NotAPicture, |kind| PictureError::Unsupported { kind })),
    }
}

impl Luma {
    /// Grey values of a picture that is at hand already; None unless they fill whole rows.
    pub fn new(width: usize, pixels: Vec<u8>) -> Option<Self> {
        (width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width)).then_some(Self { width, pixels })
    }

    /// Pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// All grey values.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The picture at half its size, each pixel the mean of four: noise and the grid of a photographed screen go.
    pub fn half(&self) -> Option<Self> {
        let width = self.width / 2;
        let mut pixels = Vec::with_capacity(width * (self.height() / 2));
        for rows in self.pixels.chunks_exact(self.width * 2) {
            let (upper, lower) = rows.split_at(self.width);
            for (a, b) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                let sum: u16 = a.iter().chain(b).map(|value| u16::from(*value)).sum();
                pixels.push((sum / 4) as u8);
            }
        }
        Self::new(width, pixels)
    }

    /// The difference between the lightest and the darkest pixel.
    pub fn contrast(&self) -> u8 {
        let (low, high) =
            self.pixels.iter().fold((u8::MAX, 0), |(low, high), value| (low.min(*value), high.max(*value)));
        high.saturating_sub(low)
    }
}

fn png(bytes: &[u8]) -> Result<Luma, PictureError> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: PNG_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(damaged)?;
    let (width, height) = (header.width, header.height);
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width.max(height) > MAX_SIDE {
        return Err(PictureError::TooLarge { width, height });
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
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

/// One pixel by ITU-R BT.601, transparency on white.
fn grey(colour: ColorType, samples: &[u8]) -> u8 {
    let weighted = |r: u8, g: u8, b: u8| (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000;
    let (value, alpha) = match (colour, samples) {
        (ColorType::Rgb, [r, g, b]) => (weighted(*r, *g, *b), 255),
        (ColorType::Rgba, [r, g, b, alpha]) => (weighted(*r, *g, *b), u32::from(*alpha)),
        (ColorType::GrayscaleAlpha, [value, alpha]) => (u32::from(*value), u32::from(*alpha)),
        // Palettes are expanded, so one sample is a grey value.
        (_, samples) => (samples.first().map_or(255, |value| u32::from(*value)), 255),
    };
    ((value * alpha + 255 * (255 - alpha)) / 255) as u8
}

fn damaged(error: png::DecodingError) -> PictureError {
    match error {
        png::DecodingError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => PictureError::Cut,
        other => PictureError::Damaged { detail: other.to_string() },
    }
}

/// The other kinds of picture that people send, by their first bytes.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("JPEG"),
        [b'G', b'I', b'F', b'8', ..] => Some("GIF"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("WebP"),
        [b'B', b'M', ..] => Some("BMP"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("PDF"),
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Some("TIFF"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i', b'c' | b'x', ..] => Some("HEIC"),
        _ => None,
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
    fn what_is_no_png_is_said_by_name() {
        assert_eq!(luma(b""), Err(PictureError::Empty));
        assert_eq!(luma(b"FP1:ABC"), Err(PictureError::NotAPicture));
        assert_eq!(luma(b"\x89PNG\r"), Err(PictureError::Cut));
        for (start, kind) in [
            (b"\xff\xd8\xff\xe0....JFIF".as_slice(), "JPEG"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
            (b"GIF89a", "GIF"),
            (b"%PDF-1.7", "PDF"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
        ] {
            assert_eq!(luma(start), Err(PictureError::Unsupported { kind }));
        }
    }

    #[test]
    fn a_png_cut_anywhere_is_an_error_and_whole_only_when_every_row_is_there() {
        let whole = encode([16, 16], ColorType::Rgb, BitDepth::Eight, &[90; 768], &[], &[]);
        let good = luma(&whole).unwrap();
        for end in 0..whole.len() {
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
            assert_eq!(luma(&file), Err(PictureError::TooLarge { width, height }));
        }
    }

    #[test]
    fn half_of_a_picture_is_its_means_and_an_odd_edge_falls_away() {
        let luma = Luma::new(3, vec![0, 100, 9, 100, 200, 9, 1, 1, 1]).unwrap();
        assert_eq!(luma.half(), Luma::new(1, vec![100]));
        assert_eq!(Luma::new(1, vec![5]).unwrap().half(), None);
        assert_eq!(luma.contrast(), 200);
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}

//! Picture files as grey values, within bounds: what the code reader works on.
//!
//! A checkpoint reads whatever it is handed. A file is what its first bytes say, whatever its name; its size is checked
//! before anything of that size is allocated, and everything beside the pixels (texts, colour profiles, the note of a
//! camera about which side is up) is skipped unread: codes are read in any rotation.

mod jpeg;
mod png;
mod webp;

use thiserror::Error;

use super::luma::Luma;
use crate::card::caught::caught;

/// The most pixels of a picture: the largest phone cameras of today make 50 to 64 million unless asked for more. Costs
/// 64 MB as grey values, and what a format's own reader needs for a while: some rows for PNG and JPEG, twelve times as
/// much for a progressive JPEG, [`MAX_WHOLE`] bounds it for WebP.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The longest side: bounds a single row, which is decoded whole, to half a MB.
pub const MAX_SIDE: u32 = 65_535;

/// The most pixels of a picture whose reader needs all its colours at once, eight or more bytes a pixel: WebP, and JPEG
/// that is progressive or in the colours of a printer. Twice what phones and messengers make of that kind.
pub const MAX_WHOLE: u64 = 25_000_000;

/// Why a file gives no grey values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PictureError {
    /// Nothing is in the file.
    #[error("the file is empty")]
    Empty,
    /// A picture of a kind that is not read.
    #[error("{kind} pictures are not read, only PNG, JPEG and WebP")]
    Unsupported {
        /// By its first bytes.
        kind: &'static str,
    },
    /// A picture that moves: which of its pictures the driver showed cannot be told.
    #[error("moving pictures are not read")]
    Moving,
    /// No picture by its first bytes.
    #[error("the file is no picture")]
    NotAPicture,
    /// The picture is larger than a reader takes.
    #[error("{width} x {height} pixels are more than the {most} that are read")]
    TooLarge {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// [`MAX_PIXELS`] or [`MAX_WHOLE`].
        most: u64,
    },
    /// The file ends before the picture does.
    #[error("the picture is cut off")]
    Cut,
    /// The file breaks the rules of its format.
    #[error("the picture is damaged: {detail}")]
    Damaged {
        /// What the format's reader said.
        detail: String,
    },
}

/// Reads a picture file: PNG of every bit depth and colour type, JPEG, WebP. Transparency is laid on white, as paper is.
///
/// # Errors
/// [`PictureError`]; never a panic, and never more memory than the bounds above allow.
pub fn luma(bytes: &[u8]) -> Result<Luma, PictureError> {
    let read = match bytes {
        [] => return Err(PictureError::Empty),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => png::luma,
        [0xff, 0xd8, 0xff, ..] => jpeg::luma,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::luma,
        // A file that stops within a signature is the cut picture that it looks like.
        _ if [b"\x89PNG\r\n\x1a\n".as_slice(), b"\xff\xd8\xff"].iter().any(|start| start.starts_with(bytes)) => {
            return Err(PictureError::Cut);
        }
        _ => return Err(kind(bytes).map_or(PictureError::NotAPicture, |kind| PictureError::Unsupported { kind })),
    };
    // The readers of other people's formats are other people's, and a panic in one must not end the run.
    let failed = || PictureError::Damaged { detail: "its reader gave up".into() };
    caught(|| read(bytes)).unwrap_or_else(|| Err(failed()))
}

/// Whether a picture is within bounds, by its header.
fn within(width: u32, height: u32, most: u64) -> Result<(), PictureError> {
    if u64::from(width) * u64::from(height) > most || width.max(height) > MAX_SIDE {
        return Err(PictureError::TooLarge { width, height, most });
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged { detail: "it has no pixels".into() });
    }
    Ok(())
}

/// The grey value of a colour by ITU-R BT.601.
fn weighted(r: u8, g: u8, b: u8) -> u8 {
    ((299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000) as u8
}

/// A grey value that lets paper through.
fn on_white(value: u8, alpha: u8) -> u8 {
    ((u32::from(value) * u32::from(alpha) + 255 * u32::from(255 - alpha)) / 255) as u8
}

/// The other kinds of picture that people send, by their first bytes.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'G', b'I', b'F', b'8', ..] => Some("GIF"),
        [b'B', b'M', ..] => Some("BMP"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("PDF"),
        [b'I', b'I', 0x2a, 0, ..] | [b'M', b'M', 0, 0x2a, ..] => Some("TIFF"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', b'i', b'c' | b'x', ..] => Some("HEIC"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => Some("AVIF"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_that_is_read_is_said_by_name() {
        assert_eq!(luma(b""), Err(PictureError::Empty));
        assert_eq!(luma(b"FP1:ABC"), Err(PictureError::NotAPicture));
        assert_eq!(luma(b"\x89PNG\r"), Err(PictureError::Cut));
        assert_eq!(luma(b"\xff\xd8"), Err(PictureError::Cut));
        for (start, kind) in [
            (b"GIF89a".as_slice(), "GIF"),
            (b"%PDF-1.7", "PDF"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (b"\0\0\0\x18ftypavif", "AVIF"),
            (b"BM\0\0", "BMP"),
            (b"II*\0", "TIFF"),
        ] {
            assert_eq!(luma(start), Err(PictureError::Unsupported { kind }));
        }
    }

    #[test]
    fn transparency_shows_paper() {
        assert_eq!(
            [(0, 0), (0, 255), (200, 255), (0, 51)].map(|(value, alpha)| on_white(value, alpha)),
            [255, 0, 200, 204]
        );
    }
}

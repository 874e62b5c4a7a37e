//! Every QR code in a picture, as text.
//!
//! All the codes are returned, passes or not: with two in view, choosing one of them silently would admit a truck on
//! another's pass. A picture without a legible code is [`Unreadable`], with the reason.
//!
//! A file becomes grey values ([`formats`]), these go through several [`passes`], each pass through the code reader of
//! rxing and, where that finds a code's corners and no more, through [`grid`] and [`modules`]; [`found`] keeps what they
//! have read.

mod corners;
mod formats;
mod found;
mod grid;
mod luma;
mod modules;
mod passes;

use thiserror::Error;

pub use formats::{MAX_PIXELS, MAX_SIDE, MAX_WHOLE, PictureError, luma};
pub use luma::Luma;

/// The fewest pixels a side: version 1 has 21 modules, and a module needs a pixel.
const MIN_SIDE: usize = 21;

/// The least difference between dark and light that is taken for print: below it there is only noise, and the reader
/// is not asked.
const MIN_CONTRAST: u8 = 16;

/// What a picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    /// The codes that were read, at least one, each text once, from the top down and from left to right.
    pub codes: Vec<Code>,
    /// Codes of the size of a pass in view beside them that could not be read.
    pub unread: usize,
}

/// A code that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// What it says, unchanged.
    pub text: String,
    /// Where it lies, by the middles of its corner patterns.
    pub area: Area,
}

/// An upright rectangle, in pixels from the upper left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Smallest x.
    pub left: f32,
    /// Smallest y.
    pub top: f32,
    /// Largest x.
    pub right: f32,
    /// Largest y.
    pub bottom: f32,
}

/// Why a file or a picture gives no text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// The file is no picture within the bounds.
    #[error(transparent)]
    Picture(PictureError),
    /// Too few pixels for any code.
    #[error("{width} x {height} pixels are too few for a code")]
    TooSmall {
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// The picture is of one colour: black, white or noise.
    #[error("the picture shows nothing")]
    Blank,
    /// There is nothing like a code in it.
    #[error("no code was found")]
    NoCode,
    /// There is a code, too blurred, dark or damaged.
    #[error("there is a code, but it cannot be made out")]
    Illegible,
    /// There are more marks like a code's corners than are tried, so that some code might be missed.
    #[error("too many marks look like corners of codes")]
    Crowded,
    /// The code reader gave up on the picture in a way that it should not.
    #[error("the code reader failed on this picture")]
    ReaderFailed,
}

/// Reads the codes in a picture file.
///
/// # Errors
/// [`Unreadable`]; nothing in the bytes makes it panic.
pub fn texts(bytes: &[u8]) -> Result<Codes, Unreadable> {
    codes(&luma(bytes).map_err(Unreadable::Picture)?)
}

/// Reads the codes in grey values, as from a camera.
///
/// # Errors
/// [`Unreadable`], but [`Unreadable::Picture`].
pub fn codes(picture: &Luma) -> Result<Codes, Unreadable> {
    let (width, height) = (picture.width(), picture.height());
    if width.min(height) < MIN_SIDE {
        return Err(Unreadable::TooSmall { width, height });
    }
    if picture.contrast() < MIN_CONTRAST {
        return Err(Unreadable::Blank);
    }
    passes::all(picture).in_order()
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use fast_qr::{ECL, QRBuilder};
    use proptest::prelude::*;

    use super::super::{draw_png, example};
    use super::*;

    const PASS: &str =
        "FP1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA";

    fn card(text: &str) -> Vec<u8> {
        draw_png(&example::typical(), text).unwrap()
    }

    /// A code alone, four pixels a module, on a white picture of its own size.
    fn code(text: &str) -> Luma {
        let code = QRBuilder::new(text).ecl(ECL::M).build().unwrap();
        let side = (code.size + 8) * 4;
        let mut pixels = vec![255; side * side];
        for y in 0..code.size * 4 {
            for x in 0..code.size * 4 {
                if code[y / 4][x / 4].value() {
                    pixels[(y + 16) * side + x + 16] = 0;
                }
            }
        }
        Luma::new(side, pixels).unwrap()
    }

    fn side_by_side(left: &Luma, right: &Luma) -> Luma {
        let height = left.height().max(right.height());
        let row = |picture: &Luma, y: usize| {
            let width = picture.width();
            picture.pixels().get(y * width..(y + 1) * width).map_or(vec![255; width], <[u8]>::to_vec)
        };
        let pixels = (0..height).flat_map(|y| [row(left, y), row(right, y)].concat()).collect();
        Luma::new(left.width() + right.width(), pixels).unwrap()
    }

    fn said(codes: Codes) -> Vec<String> {
        assert_eq!(codes.unread, 0);
        codes.codes.into_iter().map(|code| code.text).collect()
    }

    fn read(picture: &Luma) -> Vec<String> {
        said(codes(picture).unwrap())
    }

    fn file(width: u32, height: u32, value: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&vec![value; (width * height) as usize]).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn a_drawn_card_reads_back_exactly_at_every_length_of_a_pass() {
        let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        for length in [100, 411, 426, 427, 481, 512] {
            let text: String = "FP1:".chars().chain(alphabet.chars().cycle().step_by(7)).take(length).collect();
            assert_eq!(texts(&card(&text)).map(said), Ok(vec![text]));
        }
    }

    #[test]
    fn a_card_is_a_small_file() {
        assert!(card(PASS).len() < 150_000);
    }

    #[test]
    fn two_codes_in_a_picture_are_two_texts_in_their_order() {
        let other = PASS.replace('9', "8");
        let url = "https://example.org/about?lang=zh";
        assert_eq!(read(&side_by_side(&code(PASS), &code(&other))), [PASS, &other]);
        assert_eq!(read(&side_by_side(&code(&other), &code(PASS))), [&other, PASS]);
        assert_eq!(read(&side_by_side(&code(PASS), &code(url))), [PASS, url]);
        assert_eq!(read(&side_by_side(&code(url), &code(PASS))), [url, PASS]);
    }

    #[test]
    fn the_same_text_twice_is_one_text() {
        assert_eq!(read(&side_by_side(&code(PASS), &code(PASS))), [PASS]);
    }

    #[test]
    fn a_code_that_cannot_be_decoded_does_not_hide_the_one_beside_it() {
        let mut broken = code(PASS);
        let (width, height) = (broken.width(), broken.height());
        let mut pixels = broken.pixels().to_vec();
        for y in height / 4..height * 3 / 4 {
            pixels[y * width + width / 3..y * width + width * 2 / 3].fill(0);
        }
        broken = Luma::new(width, pixels).unwrap();
        assert_eq!(codes(&broken), Err(Unreadable::NoCode));
        let url = "https://example.org/";
        assert_eq!(read(&side_by_side(&broken, &code(url))), [url]);
        assert_eq!(read(&side_by_side(&code(url), &broken)), [url]);
    }

    #[test]
    fn black_white_tiny_empty_and_cut_pictures_are_unreadable_with_their_reason() {
        let card = card(PASS);
        for (name, bytes, reason) in [
            ("black", file(2048, 16, 0), Unreadable::TooSmall { width: 2048, height: 16 }),
            ("black, high", file(2048, 160, 0), Unreadable::Blank),
            ("white", file(300, 300, 255), Unreadable::Blank),
            ("one pixel", file(1, 1, 0), Unreadable::TooSmall { width: 1, height: 1 }),
            ("nothing", vec![], Unreadable::Picture(PictureError::Empty)),
            ("cut", card[..card.len() / 2].to_vec(), Unreadable::Picture(PictureError::Cut)),
            ("text", b"FP1:".to_vec(), Unreadable::Picture(PictureError::NotAPicture)),
        ] {
            assert_eq!(texts(&bytes), Err(reason), "{name}");
        }
        assert_eq!(texts(b"GIF89a"), Err(Unreadable::Picture(PictureError::Unsupported { kind: "GIF" })));
    }

    #[test]
    fn a_picture_full_of_corner_patterns_is_refused_before_it_is_tried() {
        let corner = [0b111_1111u8, 0b100_0001, 0b101_1101, 0b101_1101, 0b101_1101, 0b100_0001, 0b111_1111];
        let side = 900;
        let dark = |x: usize, y: usize| x < 7 && corner.get(y).is_some_and(|row| row >> x & 1 == 1);
        let pixels = (0..side * side).map(|at| if dark(at % side / 3 % 10, at / side / 3 % 10) { 0 } else { 255 });
        assert_eq!(codes(&Luma::new(side, pixels.collect()).unwrap()), Err(Unreadable::Crowded));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Whatever is in a picture: texts or a reason, and the third party's reader not even caught.
        #[test]
        fn noise_is_no_code_and_no_panic(width in 1usize..400, pixels in prop::collection::vec(prop::sample::select(vec![0u8, 255]), 1..60_000)) {
            let rows = pixels.len() / width;
            if let Some(picture) = Luma::new(width, pixels[..rows * width].to_vec()) {
                let read = codes(&picture);
                prop_assert!(matches!(read, Ok(_) | Err(Unreadable::NoCode | Unreadable::Illegible | Unreadable::Blank | Unreadable::TooSmall { .. })), "{read:?}");
            }
        }

        #[test]
        fn a_damaged_card_gives_an_error_or_its_text(at in 0usize..60_000, value in any::<u8>()) {
            static CARD: OnceLock<Vec<u8>> = OnceLock::new();
            let mut bytes = CARD.get_or_init(|| card(PASS)).clone();
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(read) = texts(&bytes) {
                prop_assert!(read.codes.iter().all(|code| code.text == PASS));
            }
        }
    }
}

//! Every QR code in a picture, as text.
//!
//! All the codes are returned, passes or not: with two in view, choosing one of them silently would admit a truck on
//! another's pass. A picture without a legible code is [`ReadError::Unreadable`], with the reason.

use std::collections::HashSet;

use rxing::common::{BitMatrix, DetectorRXingResult, GlobalHistogramBinarizer, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{FindFinderPatterns, GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer, Luma8Source};
use thiserror::Error;

use super::caught::caught;
use super::luma::{Luma, PictureError, luma};

/// The fewest pixels a side: version 1 has 21 modules, and a module needs a pixel.
const MIN_SIDE: usize = 21;

/// The least difference between dark and light that is taken for print: below it there is only noise, and the reader
/// is not asked.
const MIN_CONTRAST: u8 = 16;

/// Pictures are also read at half their size if that leaves this many pixels a side, two for each module of the
/// largest code on a card.
const MIN_HALF_SIDE: usize = 170;

/// The most triples of corner patterns that are tried, at 50 us each. A card has one, a sheet of forty cards 3,400; a
/// picture made of corner patterns has hundreds of thousands, and would hold the reader for minutes.
const MAX_TRIPLES: usize = 5_000;

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

/// Why a file gives no text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// It is a picture of a kind that is not read.
    #[error("{kind} pictures are not read, only PNG")]
    Unsupported {
        /// By its first bytes.
        kind: &'static str,
    },
    /// There is nothing to read in it.
    #[error("unreadable: {reason}")]
    Unreadable {
        /// Why.
        reason: Unreadable,
    },
}

/// Why a picture is unreadable.
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
    /// Nothing in it could be read as a code.
    #[error("no code was found")]
    NoCode,
    /// There are more marks like a code's corners than are tried, so that some code might be missed.
    #[error("too many marks look like corners of codes")]
    Crowded,
    /// The code reader gave up on the picture in a way that it should not.
    #[error("the code reader failed on this picture")]
    ReaderFailed,
}

/// Reads the codes in a picture file, each text once, from the top down and from left to right.
///
/// # Errors
/// [`ReadError`]; an empty list is never returned, and nothing in the bytes makes it panic.
pub fn texts(bytes: &[u8]) -> Result<Vec<Code>, ReadError> {
    let picture = luma(bytes).map_err(|error| match error {
        PictureError::Unsupported { kind } => ReadError::Unsupported { kind },
        other => ReadError::Unreadable { reason: Unreadable::Picture(other) },
    })?;
    codes(&picture).map_err(|reason| ReadError::Unreadable { reason })
}

/// Reads the codes in grey values, as from a camera.
///
/// # Errors
/// [`Unreadable`], but [`Unreadable::Picture`].
pub fn codes(picture: &Luma) -> Result<Vec<Code>, Unreadable> {
    let (width, height) = (picture.width(), picture.height());
    if width.min(height) < MIN_SIDE {
        return Err(Unreadable::TooSmall { width, height });
    }
    if picture.contrast() < MIN_CONTRAST {
        return Err(Unreadable::Blank);
    }
    let mut codes = Codes::default();
    // Every pass is made even when the first finds a code: a second code may show in another pass only.
    codes.pass(picture, 1.0, HybridBinarizer::new);
    codes.pass(picture, 1.0, GlobalHistogramBinarizer::new);
    if let Some(half) = picture.half().filter(|half| half.width().min(half.height()) >= MIN_HALF_SIDE) {
        codes.pass(&half, 2.0, HybridBinarizer::new);
    }
    codes.in_order()
}

/// What the passes over one picture have found.
#[derive(Default)]
struct Codes {
    seen: HashSet<String>,
    found: Vec<Code>,
    crowded: bool,
    failed: bool,
}

impl Codes {
    fn pass<'a, B: Binarizer>(&mut self, picture: &'a Luma, scale: f32, binarizer: impl FnOnce(Luma8Source<'a>) -> B) {
        // rxing has panicked on black and on tiny pictures (its pull request 96), and one bad picture must not take
        // down the run over a folder. Nothing is shared with the closure but the picture, which it only reads, so
        // nothing can be left half-changed.
        let read = caught(|| {
            let (width, height) = (picture.width() as u32, picture.height() as u32);
            let Ok(source) = Luma8Source::new_with_slice(picture.pixels(), width, height) else {
                return Some(Vec::new());
            };
            binarizer(source).get_black_matrix().map_or_else(|_| Some(Vec::new()), decode_all)
        });
        match read {
            Some(Some(codes)) => codes.into_iter().for_each(|(text, area)| self.add(text, area.scaled(scale))),
            Some(None) => self.crowded = true,
            None => self.failed = true,
        }
    }

    fn add(&mut self, text: String, area: Area) {
        if self.seen.insert(text.clone()) {
            self.found.push(Code { text, area });
        }
    }

    /// Row by row, as a page is read: codes side by side never begin at quite one height, so those whose middle lies
    /// beside the highest code left make one row with it.
    fn in_order(mut self) -> Result<Vec<Code>, Unreadable> {
        if self.crowded {
            return Err(Unreadable::Crowded);
        }
        if self.found.is_empty() {
            return Err(if self.failed { Unreadable::ReaderFailed } else { Unreadable::NoCode });
        }
        self.found.sort_by(|a, b| a.area.top.total_cmp(&b.area.top));
        let mut ordered = Vec::with_capacity(self.found.len());
        while let Some(highest) = self.found.first() {
            let bottom = highest.area.bottom;
            let beside = |code: &Code| (code.area.top + code.area.bottom) / 2.0 <= bottom;
            let (mut row, below): (Vec<Code>, Vec<Code>) = self.found.into_iter().partition(beside);
            row.sort_by(|a, b| a.area.left.total_cmp(&b.area.left));
            // Coordinates that are no numbers lie beside nothing; they must not keep the loop going.
            if row.is_empty() {
                ordered.extend(below);
                break;
            }
            ordered.append(&mut row);
            self.found = below;
        }
        Ok(ordered)
    }
}

/// Every code in a black and white picture, or None if it has more than [`MAX_TRIPLES`].
///
/// This is rxing's own reader of several codes but for the bound, and without its feature for it. A triple that cannot
/// be decoded hides no other.
fn decode_all(picture: &BitMatrix) -> Option<Vec<(String, Area)>> {
    let mut patterns = FindFinderPatterns(picture, true, 0);
    let triples = GenerateFinderPatternSets(&mut patterns);
    if triples.len() > MAX_TRIPLES {
        return None;
    }
    let mut used = Vec::new();
    let mut codes = Vec::new();
    for triple in triples {
        let corners = [triple.bl, triple.tl, triple.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(sampled) = SampleQR(picture, &triple) else { continue };
        let Ok(decoded) = Decode(sampled.getBits()) else { continue };
        if decoded.isValid() {
            used.extend(corners);
            codes.push((decoded.text(), Area::around(corners.iter().map(|corner| (corner.p.x, corner.p.y)))));
        }
    }
    Some(codes)
}

impl Area {
    fn around(points: impl Iterator<Item = (f32, f32)>) -> Self {
        let nothing = Area { left: f32::MAX, top: f32::MAX, right: 0.0, bottom: 0.0 };
        points.fold(nothing, |area, (x, y)| Area {
            left: area.left.min(x),
            top: area.top.min(y),
            right: area.right.max(x),
            bottom: area.bottom.max(y),
        })
    }

    fn scaled(self, by: f32) -> Self {
        Area { left: self.left * by, top: self.top * by, right: self.right * by, bottom: self.bottom * by }
    }
}

#[cfg(test)]
mod tests {
    use fast_qr::{ECL, QRBuilder};
    use proptest::prelude::*;

    use super::super::{CardFace, CardLabels, Crew, Words, draw_png};
    use super::*;

    const PASS: &str =
        "FP1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA";

    fn words() -> Words {
        Words::default()
    }

    fn card(text: &str) -> Vec<u8> {
        let face = CardFace {
            title: Words::new("通行证", "Pass"),
            authority: "苏州市".into(),
            authority_code: "CN-3205".into(),
            programme: "应急货运".into(),
            number: "320500-220418-00042-0".into(),
            tractor: "苏ED12345".into(),
            trailer: None,
            crew: vec![Crew { name: "王䶮".into(), tail: "123X".into(), role: words() }],
            route: vec!["苏州市".into(), "上海市".into()],
            enterprise: None,
            cargo: Words::new("食品", "Food"),
            valid_from: "2022-04-18 08:00".into(),
            valid_until: "2022-04-21 18:00".into(),
            zone: "北京时间 UTC+8".into(),
            for_officer: words(),
            for_driver: words(),
            labels: CardLabels::default(),
        };
        draw_png(&face, text).unwrap()
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

    fn said(codes: Result<Vec<Code>, Unreadable>) -> Vec<String> {
        codes.unwrap().into_iter().map(|code| code.text).collect()
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
            let codes = texts(&card(&text)).unwrap();
            assert_eq!(codes.len(), 1);
            assert_eq!(codes[0].text, text);
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
        assert_eq!(said(codes(&side_by_side(&code(PASS), &code(&other)))), [PASS, &other]);
        assert_eq!(said(codes(&side_by_side(&code(&other), &code(PASS)))), [&other, PASS]);
        assert_eq!(said(codes(&side_by_side(&code(PASS), &code(url)))), [PASS, url]);
        assert_eq!(said(codes(&side_by_side(&code(url), &code(PASS)))), [url, PASS]);
    }

    #[test]
    fn the_same_text_twice_is_one_text() {
        assert_eq!(said(codes(&side_by_side(&code(PASS), &code(PASS)))), [PASS]);
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
        assert_eq!(said(codes(&side_by_side(&broken, &code(url)))), [url]);
        assert_eq!(said(codes(&side_by_side(&code(url), &broken))), [url]);
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
            assert_eq!(texts(&bytes), Err(ReadError::Unreadable { reason }), "{name}");
        }
        assert_eq!(texts(b"\xff\xd8\xff\xe0"), Err(ReadError::Unsupported { kind: "JPEG" }));
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
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever is in a picture: texts or a reason, and the third party's reader not even caught.
        #[test]
        fn noise_is_no_code_and_no_panic(width in 1usize..400, pixels in prop::collection::vec(prop::sample::select(vec![0u8, 255]), 1..60_000)) {
            let rows = pixels.len() / width;
            if let Some(picture) = Luma::new(width, pixels[..rows * width].to_vec()) {
                let read = codes(&picture);
                prop_assert!(matches!(read, Ok(_) | Err(Unreadable::NoCode | Unreadable::Blank | Unreadable::TooSmall { .. })), "{read:?}");
            }
        }

        #[test]
        fn a_damaged_card_gives_an_error_or_its_text(at in 0usize..60_000, value in any::<u8>()) {
            let mut bytes = card(PASS);
            let at = at % bytes.len();
            bytes[at] = value;
            if let Ok(codes) = texts(&bytes) {
                prop_assert!(codes.iter().all(|code| code.text == PASS));
            }
        }
    }
}

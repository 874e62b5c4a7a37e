//! A pass text as a QR code.

use fast_qr::{ECL, Mode, QRBuilder};

use super::CardError;

/// The longest text: that of a pass of 512 bytes (docs/FORMAT.md, section "Caps").
pub const MAX_TEXT: usize = freightpass_core::limits::PASS_TEXT_CHARS;

/// The largest version (size) that is drawn: 77 modules.
///
/// What a checkpoint's camera loses first is resolution, so the size of a module counts before the strength of the
/// code. A card gives the code one fixed width: at version 15 that is 8 pixels a module, and 0.8 mm where the card is
/// printed 10 cm wide. Within that size the strongest level is taken: a typical pass (411 to 426 characters) gets Q, one
/// of up to 600 gets M. docs/PICTURES.md has what was measured: of blurred pictures M would gain the reader of this
/// program three in a hundred, and under a stain or a thumb over a sixth of the code it loses all that Q keeps.
pub const LARGEST_VERSION: usize = 15;

/// The size of the few texts over 758 characters, which version 15 does not hold at level L.
const OVERFLOW_VERSION: usize = 16;

/// Light modules around the code, on each side (ISO/IEC 18004, 6.3.8).
pub const QUIET_ZONE: usize = 4;

/// Error correction of a code: the share of damaged codewords that it survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// 7%
    L,
    /// 15%
    M,
    /// 25%
    Q,
}

/// A QR code: a square of modules without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrMatrix {
    level: Level,
    size: usize,
    dark: Vec<bool>,
}

/// Encodes a pass text as one alphanumeric segment, with the strongest level that [`LARGEST_VERSION`] allows.
///
/// # Errors
/// [`CardError::Empty`], [`CardError::TooLong`] and [`CardError::NotAlphanumeric`].
pub fn encode(text: &str) -> Result<QrMatrix, CardError> {
    if text.is_empty() {
        return Err(CardError::Empty);
    }
    if let Some((position, character)) = text.chars().enumerate().find(|(_, c)| !is_alphanumeric(*c)) {
        return Err(CardError::NotAlphanumeric { character, position });
    }
    if text.len() > MAX_TEXT {
        return Err(too_long(text));
    }
    let within = [Level::Q, Level::M, Level::L].map(|level| (level, LARGEST_VERSION));
    let mut choices = within.into_iter().chain([(Level::L, OVERFLOW_VERSION)]);
    choices.find_map(|(level, largest)| at_level(text, level, largest)).ok_or_else(|| too_long(text))
}

impl QrMatrix {
    /// Modules along one side, without the quiet zone.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The version of ISO/IEC 18004, 1 to 40.
    pub fn version(&self) -> usize {
        (self.size - 17) / 4
    }

    /// The error correction chosen.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The rows from the top; true is dark.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks_exact(self.size)
    }
}

/// The code at one level in the smallest version that holds the text; None beyond `largest`. `text` is alphanumeric.
fn at_level(text: &str, level: Level, largest: usize) -> Option<QrMatrix> {
    let ecl = match level {
        Level::L => ECL::L,
        Level::M => ECL::M,
        Level::Q => ECL::Q,
    };
    let code = QRBuilder::new(text).mode(Mode::Alphanumeric).ecl(ecl).build().ok()?;
    let dark = code.data.iter().take(code.size * code.size).map(|module| module.value()).collect();
    let matrix = QrMatrix { level, size: code.size, dark };
    (matrix.version() <= largest).then_some(matrix)
}

/// The 45 characters of the alphanumeric mode (ISO/IEC 18004, table 5).
fn is_alphanumeric(character: char) -> bool {
    matches!(character, '0'..='9' | 'A'..='Z' | ' ' | '$' | '%' | '*' | '+' | '-' | '.' | '/' | ':')
}

fn too_long(text: &str) -> CardError {
    CardError::TooLong { characters: text.len(), limit: MAX_TEXT }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(characters: usize) -> (Level, usize) {
        let code = encode(&"A".repeat(characters)).unwrap();
        (code.level(), code.version())
    }

    #[test]
    fn the_typical_pass_gets_level_q_in_version_15() {
        assert_eq!(chosen(411), (Level::Q, 15));
        assert_eq!(chosen(426), (Level::Q, 15));
        assert_eq!(encode(&"A".repeat(411)).unwrap().size(), 77);
    }

    #[test]
    fn a_longer_pass_keeps_the_size_and_gives_up_correction() {
        assert_eq!(chosen(427), (Level::M, 13));
        assert_eq!(chosen(481), (Level::M, 13));
        assert_eq!(chosen(512), (Level::M, 14));
        assert_eq!(chosen(600), (Level::M, 15));
        assert_eq!(chosen(601), (Level::L, 13));
        assert_eq!(chosen(758), (Level::L, 15));
        assert_eq!(chosen(759), (Level::L, 16));
        assert_eq!(chosen(MAX_TEXT), (Level::L, 16));
    }

    #[test]
    fn what_is_not_a_pass_text_is_refused_with_its_place() {
        assert_eq!(encode(""), Err(CardError::Empty));
        assert_eq!(encode("FP1:AbC"), Err(CardError::NotAlphanumeric { character: 'b', position: 5 }));
        assert_eq!(encode("FP1:苏"), Err(CardError::NotAlphanumeric { character: '苏', position: 4 }));
        let long = "A".repeat(MAX_TEXT + 1);
        assert_eq!(encode(&long), Err(CardError::TooLong { characters: MAX_TEXT + 1, limit: MAX_TEXT }));
    }

    #[test]
    fn the_matrix_has_its_three_finder_patterns() {
        let code = encode("FP1:FREIGHTPASS").unwrap();
        let rows: Vec<&[bool]> = code.rows().collect();
        assert_eq!(rows.len(), code.size());
        let last = code.size() - 7;
        for (x, y) in [(0, 0), (last, 0), (0, last)] {
            assert!((0..7).all(|step| rows[y][x + step] && rows[y + step][x]));
            assert!(!rows[y + 1][x + 1] && rows[y + 3][x + 3]);
        }
    }
}

//! Why a card cannot be drawn.

use super::face::Field;

/// Why a card cannot be drawn. Nothing is written in that case: a card with a hole in it would be taken for a forgery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The pass text holds a character that QR's alphanumeric mode lacks.
    #[error("character {character:?} at position {position} of the pass text is not in the QR alphanumeric set")]
    NotAlphanumeric { character: char, position: usize },
    /// No pass text was given.
    #[error("the pass text is empty")]
    Empty,
    /// The pass text is longer than any pass can be.
    #[error("the pass text has {characters} characters, a pass has at most {limit}")]
    TooLong { characters: usize, limit: usize },
    /// The embedded font cannot draw this character.
    #[error("the font has no glyph for {character:?} (U+{code_point:04X}) in {field}", code_point = *.character as u32)]
    MissingGlyph { field: Field, character: char },
    /// The text does not fit its place at the smallest size that a person reads.
    #[error("{field} is too long for the card: {text:?}")]
    DoesNotFit { field: Field, text: String },
    /// More people or places than a pass can carry.
    #[error("{field} has {found} entries, a card has room for {limit}")]
    TooMany { field: Field, found: usize, limit: usize },
    /// The drawing library refused our own SVG.
    #[error("the card could not be rendered: {0}")]
    Render(String),
}

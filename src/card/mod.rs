//! The card: a pass as a picture for phone and paper, and pass texts read back out of pictures.
//!
//! Drawing goes in three public steps, pass text -> [`qr::encode`] -> [`draw::svg`] -> [`picture::png`], so that other
//! outputs can start from the same SVG; [`draw_png`] takes all three. Reading is [`read::texts`]. This room knows
//! nothing of passes: it takes plain words and gives plain texts, and whoever calls it decides what they mean. What is
//! printed beside the code is for people and proves nothing; only the text in the code is signed.

mod caught;
pub mod draw;
mod error;
mod face;
pub mod font;
pub mod luma;
pub mod picture;
pub mod qr;
pub mod read;
mod sheet;

pub use error::CardError;
pub use face::{CardFace, CardLabels, Crew, Field, Words};

/// Draws the card of `face` around the code of `pass_text` as a PNG.
///
/// # Errors
/// Those of the three steps. Nothing is drawn then: no character is left out, and no text is cut.
pub fn draw_png(face: &CardFace, pass_text: &str) -> Result<Vec<u8>, CardError> {
    picture::png(&draw::svg(face, &qr::encode(pass_text)?)?)
}

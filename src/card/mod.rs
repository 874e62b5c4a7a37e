//! The card: a pass as a picture for phone and paper, and pass texts read back out of pictures.
//!
//! Drawing: the words of a pass and its code ([`qr::encode`]) become a [`Drawing`] ([`draw::card`]), and that an SVG
//! ([`svg::svg`]), from it a PNG ([`picture::png`]), or pages ([`paper::pages`]) and from them a PDF (`pdf::pdf`, with
//! the feature `pdf`). Reading is [`read::texts`]. This room knows nothing of passes: it takes plain words and gives
//! plain texts, and whoever calls it decides what they mean. What is printed beside the code is for people and proves
//! nothing; only the text in the code is signed.

mod caught;
pub mod draw;
mod drawing;
mod error;
#[cfg(test)]
mod example;
mod face;
pub mod font;
pub mod paper;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod picture;
pub mod qr;
pub mod read;
mod sheet;
pub mod svg;

pub use drawing::{Colour, Drawing, Line, Mark, Panel};
pub use error::CardError;
pub use face::{CardFace, CardLabels, Crew, Field, Words};

/// Draws the card of `face` around the code of `pass_text` as a PNG.
///
/// # Errors
/// Those of the steps. Nothing is drawn then: no character is left out, and no text is cut.
pub fn draw_png(face: &CardFace, pass_text: &str) -> Result<Vec<u8>, CardError> {
    picture::png(&svg::svg(&draw::card(face, &qr::encode(pass_text)?)?)?)
}

//! The pass: what it says, how it is signed, and the text that its QR code carries.
//!
//! An issuer fills [`Claims`], makes an [`Unsigned`] of them and signs its message; a scanner reads an
//! [`UnverifiedPass`] and has it verified by [`crate::scan`]. Nothing that is read here has been verified.

mod claims;
mod encode;
mod number;
mod read;
mod text;

pub use claims::{CargoCategory, Claims, ClaimsFault, Crew, CrewRole, Enterprise, Leg, StatusReference, Subject};
pub use encode::{SignedPass, Unsigned};
pub use number::{NumberError, PassNumber};
pub(crate) use read::ReadClaims;
pub use read::UnverifiedPass;
pub use text::{NotAPass, TextError, decode_text, encode_text};

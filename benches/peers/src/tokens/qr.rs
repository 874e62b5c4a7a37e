//! The QR code that a token becomes.

pub use fast_qr::Mode;
use fast_qr::{ECL, QRBuilder};

/// Repairs 15% of the codewords.
pub const LEVEL_M: ECL = ECL::M;
/// Repairs 25% of the codewords.
pub const LEVEL_Q: ECL = ECL::Q;

/// The size of a code.
#[derive(Clone, Copy)]
pub struct Code {
    /// Of ISO/IEC 18004, 1 to 40.
    pub version: usize,
    /// Along one side, without the quiet zone.
    pub modules: usize,
}

/// The smallest code that holds `text` as one segment of `mode`.
pub fn code(text: &[u8], mode: Mode, level: ECL) -> Code {
    let code = QRBuilder::new(text).mode(mode).ecl(level).build().expect("a text that a QR code holds");
    Code { version: (code.size - 17) / 4, modules: code.size }
}

/// A text of base64url and dots as digits, two each, as SMART Health Cards have it: 6.7 bits for a character instead
/// of 8.
pub fn digits(text: &str) -> String {
    text.bytes().map(|byte| format!("{:02}", byte - b'-')).collect()
}

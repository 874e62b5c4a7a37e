//! An enterprise's code as a token of text carries it: its 17 characters, base 31 (docs/FORMAT.md, body key 7).

use freightpass_core::pass::Enterprise;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const CHARACTERS: usize = 17;

/// The characters; none where the enterprise goes by its number.
pub fn to_text(enterprise: &Enterprise) -> Option<String> {
    let Enterprise::Code(packed) = enterprise else { return None };
    let mut number = packed.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let mut text = [0; CHARACTERS];
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(number % 31) as usize];
        number /= 31;
    }
    String::from_utf8(text.to_vec()).ok()
}

/// The enterprise of 17 characters.
pub fn of_text(text: &str) -> Option<Enterprise> {
    let digit = |byte| ALPHABET.iter().position(|known| *known == byte).map(|at| at as u128);
    let number = text.bytes().try_fold(0u128, |number, byte| Some(number * 31 + digit(byte)?))?;
    let [_, _, _, _, _, packed @ ..] = number.to_be_bytes();
    (text.len() == CHARACTERS).then_some(Enterprise::Code(packed))
}

//! Base45 (RFC 9285) of section 1.6.

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The bytes of a text, where encoding them gives it again.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| ALPHABET.find(c).map(|at| at as u32)).collect::<Option<_>>()?;
    let mut bytes = Vec::new();
    for group in digits.chunks(3) {
        match *group {
            [a, b, c] => bytes.extend(u16::try_from(a + 45 * b + 2025 * c).ok()?.to_be_bytes()),
            [a, b] => bytes.push(u8::try_from(a + 45 * b).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

//! The text of a pass: `FP1:` and canonical upper-case base45 (RFC 9285), one alphanumeric QR segment.
//!
//! Nothing is forgiven here: no change of case, no white space. Adapters may take off one AIM prefix and the line end
//! of a scanner, and no more.

use alloc::string::String;
use alloc::vec::Vec;

use crate::limits::{PASS_BYTES, PASS_TEXT_CHARS};
use crate::malformed::{Fault, Malformed};

const PREFIX: &str = "FP1:";

/// What a text is that is no pass at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAPass {
    /// A web address.
    Url,
    /// A European health certificate.
    Hc1,
    /// A SMART health card.
    Shc,
    /// Something else.
    Other,
}

impl NotAPass {
    /// The kind's name in vectors and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            NotAPass::Url => "url",
            NotAPass::Hc1 => "hc1",
            NotAPass::Shc => "shc",
            NotAPass::Other => "other",
        }
    }
}

/// Why a text gives no bytes of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextError {
    /// Not a pass of any version.
    NotAPass(NotAPass),
    /// A pass of a later version of the format.
    Newer {
        /// The version in the prefix; [`u32::MAX`] where it is larger.
        version: u32,
    },
    /// A pass of this version, and not readable.
    Malformed(Malformed),
}

/// The bytes that the text of a pass carries: at most [`PASS_BYTES`], of a text of at most [`PASS_TEXT_CHARS`].
///
/// # Errors
/// [`TextError::NotAPass`] for anything without the prefix of a pass, [`TextError::Newer`] for `FP2:` and later,
/// [`TextError::Malformed`] (layer text) for characters that are not exactly what encoding the bytes gives.
pub fn decode_text(text: &str) -> Result<Vec<u8>, TextError> {
    let Some(body) = text.strip_prefix(PREFIX) else {
        return Err(newer(text).map_or(TextError::NotAPass(kind(text)), |version| TextError::Newer { version }));
    };
    let malformed = |fault, at| TextError::Malformed(Malformed::text(fault, at));
    if text.len() > PASS_TEXT_CHARS {
        return Err(malformed(Fault::TooLarge { size: text.len(), cap: PASS_TEXT_CHARS }, PASS_TEXT_CHARS));
    }
    let bytes = decode(body.as_bytes()).map_err(|(fault, at)| malformed(fault, PREFIX.len() + at))?;
    if bytes.len() > PASS_BYTES {
        return Err(malformed(Fault::TooLarge { size: bytes.len(), cap: PASS_BYTES }, text.len()));
    }
    Ok(bytes)
}

/// The text of a pass's bytes: `FP1:` and three characters for two bytes (RFC 9285, section 4).
pub fn encode_text(bytes: &[u8]) -> String {
    let digit = |number: u16| ALPHABET[usize::from(number % 45)];
    let (pairs, last) = bytes.as_chunks::<2>();
    let mut text = Vec::with_capacity(PREFIX.len() + bytes.len().div_ceil(2) * 3);
    text.extend(PREFIX.as_bytes());
    text.resize(PREFIX.len() + pairs.len() * 3, 0);
    let (triples, _) = text.split_at_mut(PREFIX.len()).1.as_chunks_mut::<3>();
    for (triple, pair) in triples.iter_mut().zip(pairs) {
        let number = u16::from_be_bytes(*pair);
        *triple = [digit(number), digit(number / 45), digit(number / 2025)];
    }
    if let [last] = last {
        let number = u16::from(*last);
        text.extend([digit(number), digit(number / 45)]);
    }
    // The prefix and the alphabet are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// The digits of base 45 (RFC 9285, table 1).
const ALPHABET: [u8; 45] = *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Value of each character; 45 for those outside the alphabet.
const VALUES: [u8; 256] = {
    let mut values = [45; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// RFC 9285, section 4, with one look-up a character: a sixth of the time of the crate base45, which branches on each
/// and judges our answers in the tests. Three digits in base 45 are one number and no other three are, so a triple of at most 65535 is canonical as it
/// stands, and so is a last pair of at most 255: nothing needs to be encoded again to be compared.
fn decode(text: &[u8]) -> Result<Vec<u8>, (Fault, usize)> {
    let value = |byte: &u8| u32::from(VALUES[usize::from(*byte)]);
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    let (triples, rest) = text.as_chunks::<3>();
    let mut outside = false;
    for [a, b, c] in triples {
        let (a, b, c) = (value(a), value(b), value(c));
        let number = a + 45 * b + 2025 * c;
        outside |= a == 45 || b == 45 || c == 45 || number > 0xffff;
        bytes.extend((number as u16).to_be_bytes());
    }
    if outside {
        return Err((Fault::NotBase45, first_outside(text)));
    }
    match rest {
        [] => Ok(bytes),
        [a, b] => {
            let (a, b) = (value(a), value(b));
            if a == 45 || b == 45 {
                return Err((Fault::NotBase45, first_outside(text)));
            }
            let last = u8::try_from(a + 45 * b).map_err(|_| (Fault::NotCanonical, text.len() - rest.len()))?;
            bytes.push(last);
            Ok(bytes)
        }
        _ => Err((Fault::NotBase45, first_outside(text))),
    }
}

/// Where the first character outside the alphabet stands, or else the first three that stand for more than 65535, or
/// the one left over at the end.
fn first_outside(text: &[u8]) -> usize {
    let value = |byte: &u8| u32::from(VALUES[usize::from(*byte)]);
    let character = text.iter().position(|byte| value(byte) == 45);
    let (triples, _) = text.as_chunks::<3>();
    let over = triples.iter().position(|[a, b, c]| value(a) + 45 * value(b) + 2025 * value(c) > 0xffff);
    character.or(over.map(|at| at * 3)).unwrap_or(text.len().saturating_sub(1))
}

/// The version of `FP([2-9]|[1-9][0-9]+):`
fn newer(text: &str) -> Option<u32> {
    let (version, _) = text.strip_prefix("FP")?.split_once(':')?;
    let is_number = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit());
    let later = is_number && !version.starts_with('0') && version != "1";
    later.then(|| version.parse().unwrap_or(u32::MAX))
}

fn kind(text: &str) -> NotAPass {
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if starts("http://") || starts("https://") {
        NotAPass::Url
    } else if starts("HC1:") {
        NotAPass::Hc1
    } else if starts("shc:/") {
        NotAPass::Shc
    } else {
        NotAPass::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<Fault> {
        match decode_text(text) {
            Err(TextError::Malformed(malformed)) => Some(malformed.fault),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_codes_are_told_apart() {
        for (text, kind) in [
            ("https://example.org/a", NotAPass::Url),
            ("HTTP://EXAMPLE.ORG", NotAPass::Url),
            ("HC1:6BF", NotAPass::Hc1),
            ("shc:/5676", NotAPass::Shc),
            ("", NotAPass::Other),
            ("fp1:BB8", NotAPass::Other),
            ("FP0:BB8", NotAPass::Other),
            ("FP01:BB8", NotAPass::Other),
            ("FP:BB8", NotAPass::Other),
            ("FP1", NotAPass::Other),
            (" FP1:BB8", NotAPass::Other),
            ("苏E12345", NotAPass::Other),
        ] {
            assert_eq!(decode_text(text), Err(TextError::NotAPass(kind)), "{text}");
        }
        for (text, version) in [("FP2:", 2), ("FP9:BB8", 9), ("FP10:x", 10), ("FP99999999999999999999:", u32::MAX)] {
            assert_eq!(decode_text(text), Err(TextError::Newer { version }), "{text}");
        }
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        assert_eq!(decode_text("FP1:BB8"), Ok(b"AB".to_vec()));
        assert_eq!(decode_text("FP1:"), Ok(Vec::new()));
        assert_eq!(fault("FP1:bb8"), Some(Fault::NotBase45));
        assert_eq!(fault("FP1:BB8 \n"), Some(Fault::NotBase45));
        assert_eq!(fault("FP1:GGW "), Some(Fault::NotBase45));
        assert_eq!(fault("FP1::::"), Some(Fault::NotBase45));
        // Two characters carry one byte: `::` is 2024, `U5` is 255 + 0, `V5` is 256.
        assert_eq!(fault("FP1:::"), Some(Fault::NotCanonical));
        assert_eq!(decode_text("FP1:U5"), Ok(alloc::vec![255]));
        assert_eq!(fault("FP1:V5"), Some(Fault::NotCanonical));
        // Three characters carry two bytes: `FGW` is 65535, `GGW` is 65536.
        assert_eq!(decode_text("FP1:FGW"), Ok(alloc::vec![255, 255]));
        assert_eq!(fault("FP1:GGW"), Some(Fault::NotBase45));
    }

    #[test]
    fn one_character_outside_the_alphabet_is_enough_wherever_it_stands() {
        for text in ["FP1:_00", "FP1:0_0", "FP1:00_", "FP1:000_0", "FP1:0000_", "FP1:_"] {
            assert_eq!(fault(text), Some(Fault::NotBase45), "{text}");
        }
        assert_eq!(decode_text("FP1:00000"), Ok(alloc::vec![0, 0, 0]));
    }

    #[test]
    fn a_fault_is_placed() {
        let at = |text: &str| match decode_text(text) {
            Err(TextError::Malformed(malformed)) => malformed.offset,
            other => panic!("{other:?}"),
        };
        assert_eq!(at("FP1:BB8BB8b"), 10);
        assert_eq!(at("FP1:BB8GGWBB8"), 7);
        assert_eq!(at("FP1:FGWGGW"), 7);
        assert_eq!(at("FP1:BB8B"), 7);
        assert_eq!(at("FP1:BB8V5"), 7);
    }

    #[test]
    fn the_cap_is_512_bytes() {
        let longest = encode_text(&[0xff; 512]);
        assert_eq!(longest.len(), PASS_TEXT_CHARS);
        assert_eq!(decode_text(&longest).map(|bytes| bytes.len()), Ok(512));
        let over = encode_text(&[0xff; 513]);
        assert_eq!(fault(&over), Some(Fault::TooLarge { size: over.len(), cap: PASS_TEXT_CHARS }));
    }

    proptest::proptest! {
        #[test]
        fn we_decode_as_the_crate_does(text in "[0-9A-Z $%*+./:-]{0,40}|[ -~]{0,9}") {
            // The crate does not say of all that it accepts that it is canonical: encoding again does.
            let theirs = base45::decode(&text).ok().filter(|bytes| base45::encode(bytes) == text);
            proptest::prop_assert_eq!(decode(text.as_bytes()).ok(), theirs);
        }

        #[test]
        fn we_encode_as_the_crate_does(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..=512)) {
            let theirs = base45::encode(&bytes);
            proptest::prop_assert_eq!(encode_text(&bytes), alloc::format!("{PREFIX}{theirs}"));
        }

        #[test]
        fn bytes_come_back(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..=512)) {
            proptest::prop_assert_eq!(decode_text(&encode_text(&bytes)), Ok(bytes));
        }

        #[test]
        fn one_text_for_one_value(text in "FP1:[0-9A-Z $%*+./:-]{0,30}") {
            if let Ok(bytes) = decode_text(&text) {
                proptest::prop_assert_eq!(encode_text(&bytes), text);
            }
        }
    }
}

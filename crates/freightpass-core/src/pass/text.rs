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
    Newer,
    /// A pass of this version, and not readable.
    Malformed(Malformed),
}

/// The bytes that the text of a pass carries.
///
/// # Errors
/// [`TextError::NotAPass`] for anything without the prefix of a pass, [`TextError::Newer`] for `FP2:` and later,
/// [`TextError::Malformed`] (layer text) for characters that are not exactly what encoding the bytes gives.
pub fn decode_text(text: &str) -> Result<Vec<u8>, TextError> {
    let Some(body) = text.strip_prefix(PREFIX) else {
        return Err(if is_newer(text) { TextError::Newer } else { TextError::NotAPass(kind(text)) });
    };
    let malformed = |fault, at| TextError::Malformed(Malformed::text(fault, at));
    if text.len() > PASS_TEXT_CHARS {
        return Err(malformed(Fault::TooLarge { size: text.len(), cap: PASS_TEXT_CHARS }, PASS_TEXT_CHARS));
    }
    let bytes = decode(body.as_bytes()).ok_or(malformed(Fault::NotBase45, PREFIX.len()))?;
    // What is not exactly the text that encoding gives is another text: whatever `decode` makes of it, the crate's
    // encoder is the judge.
    let canonical = base45::encode(&bytes);
    if canonical != body {
        let at = canonical.bytes().zip(body.bytes()).take_while(|(a, b)| a == b).count();
        return Err(malformed(Fault::NotCanonical, PREFIX.len() + at));
    }
    if bytes.len() > PASS_BYTES {
        return Err(malformed(Fault::TooLarge { size: bytes.len(), cap: PASS_BYTES }, text.len()));
    }
    Ok(bytes)
}

/// The text of a pass's bytes.
pub fn encode_text(bytes: &[u8]) -> String {
    let mut text = String::from(PREFIX);
    text.push_str(&base45::encode(bytes));
    text
}

/// Value of each character by the crate's alphabet; 45 for those outside it.
const VALUES: [u8; 256] = {
    let mut values = [45; 256];
    let mut byte = 0;
    while byte < 256 {
        if let Some(value) = base45::alphabet::decode(byte as u8) {
            values[byte] = value;
        }
        byte += 1;
    }
    values
};

/// RFC 9285, section 4, with one look-up a character: a sixth of the time of the crate's own decoder, which branches on
/// each, and a scan has no other step that costs a tenth of its signature. Its answers are checked by encoding them.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
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
    match rest {
        [] => {}
        [a, b] => {
            let (a, b) = (value(a), value(b));
            outside |= a == 45 || b == 45;
            bytes.push((a + 45 * b) as u8);
        }
        _ => return None,
    }
    (!outside).then_some(bytes)
}

/// `FP([2-9]|[1-9][0-9]+):`
fn is_newer(text: &str) -> bool {
    let version = text.strip_prefix("FP").and_then(|rest| rest.split_once(':')).map(|(version, _)| version);
    version.is_some_and(|version| {
        version.bytes().all(|b| b.is_ascii_digit())
            && !version.starts_with('0')
            && !version.is_empty()
            && version != "1"
    })
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
        for text in ["FP2:", "FP9:BB8", "FP10:x", "FP99999999999999999999:"] {
            assert_eq!(decode_text(text), Err(TextError::Newer), "{text}");
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
            proptest::prop_assert_eq!(decode(text.as_bytes()), base45::decode(&text).ok());
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

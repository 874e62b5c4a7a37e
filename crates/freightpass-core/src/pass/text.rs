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
    let bytes = base45::decode(body).map_err(|_| malformed(Fault::NotBase45, PREFIX.len()))?;
    // The decoder drops what a last pair has over 255, so only encoding again tells the one form from the others.
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

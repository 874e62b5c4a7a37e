//! The text of a pass: what decodes is exactly what encoding its bytes gives, and the crate base45 says the same.
#![no_main]

use freightpass_core::limits::{PASS_BYTES, PASS_MEMORY};
use freightpass_core::malformed::Layer;
use freightpass_core::pass::{TextError, decode_text, encode_text};
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(seeds(), |bytes| {
    let text = String::from_utf8_lossy(bytes);
    let decoded = within(PASS_MEMORY, text.as_bytes(), || decode_text(&text));
    let body = text.strip_prefix("FP1:");
    let canonical = |body: &str| base45::decode(body).ok().filter(|bytes| base45::encode(bytes) == body);
    let theirs = body.and_then(canonical).filter(|bytes| bytes.len() <= PASS_BYTES);
    assert_eq!(decoded.as_ref().ok(), theirs.as_ref(), "{text}");
    match decoded {
        Ok(bytes) => assert_eq!(encode_text(&bytes), text),
        Err(TextError::Malformed(error)) => {
            placed(&error, text.as_bytes());
            assert!(error.layer == Layer::Text && body.is_some(), "{error:?}");
        }
        Err(TextError::Newer { version }) => assert!(version >= 2 && body.is_none() && text.starts_with("FP")),
        Err(TextError::NotAPass(_)) => assert!(body.is_none()),
    }
});

fn seeds() -> Vec<Vec<u8>> {
    Vectors::read().texts().into_iter().map(String::into_bytes).collect()
}

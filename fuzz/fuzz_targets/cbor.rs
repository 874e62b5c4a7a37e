//! Deterministic CBOR: the core takes exactly those items that ciborium reads and writes again as they were.
//!
//! The core's check is no public function; it is asked through the payload of a message that has nothing else wrong.
#![no_main]

use freightpass_core::cose::{Typ, sign1, sign1_header};
use freightpass_core::key::Kid;
use freightpass_core::malformed::Layer;
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_fuzz::bound::within;
use freightpass_fuzz::deterministic;
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(seeds(), |bytes| {
    let message = sign1(&sign1_header(Kid([7; 8]), Typ::Manifest), bytes, &[9; 64]);
    let read = within(0, bytes, || UnverifiedManifest::read(&message).map(drop));
    let theirs = deterministic::item(bytes);
    assert_eq!(read.is_ok(), theirs.is_some(), "{read:?}, {theirs:?}");
    if let Err(error) = read {
        let payload_at = message.len() - 66 - bytes.len();
        let within_payload = (payload_at..=payload_at + bytes.len()).contains(&error.offset);
        assert!(error.layer == Layer::Determinism && within_payload, "{error:?}");
    }
});

/// Every object of the vectors that has no tag, and what stands within those that have one.
fn seeds() -> Vec<Vec<u8>> {
    let vectors = Vectors::read();
    let tagged = ["trust", "manifest"].into_iter().flat_map(|kind| vectors.parts(kind)).chain(vectors.passes());
    let untagged = ["object", "provision"].into_iter().flat_map(|kind| vectors.parts(kind));
    let decoded = ["snapshot", "delta", "survivors", "provision"].into_iter().flat_map(|it| vectors.decoded(it));
    let inside = tagged.flat_map(|bytes| {
        // Behind the tag; and the payload, which begins within the first forty bytes of a message.
        let payload = bytes.iter().take(40).rposition(|byte| matches!(byte, 0x58 | 0x59)).unwrap_or(0);
        let (behind, end) = (bytes.iter().position(|byte| *byte == 0x84).unwrap_or(0), bytes.len().saturating_sub(66));
        [bytes[behind..].to_vec(), bytes.get(payload + 3..end).unwrap_or_default().to_vec()]
    });
    inside.chain(untagged).chain(decoded.map(|(input, _)| input)).collect()
}

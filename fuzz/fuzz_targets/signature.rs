//! Signatures at the edge of the rule: the core, with and without a key's table, says what ed25519-dalek's
//! `verify_strict` says, and what the equation read point by point says.
//!
//! The first bytes choose a key, a way to sign with it as nobody should, and how; the rest is the message.
#![no_main]

use std::sync::LazyLock;

use freightpass_vectors::judges::Ring;

static RING: LazyLock<Ring> = LazyLock::new(Ring::new);

freightpass_fuzz::target!(seeds(), |bytes| {
    // Judged in there: it panics where two judges differ.
    let _ = RING.judge(bytes);
});

/// Every way of signing, with an honest key and with one that has a part of small order.
fn seeds() -> Vec<Vec<u8>> {
    let with_key = |key| (0..6).flat_map(move |way| (0..4).map(move |first| vec![key, way, first, 1, b'm']));
    [0, 3].into_iter().flat_map(with_key).collect()
}

//! A delta: what decodes encodes to the same bytes; on the base that it needs it can be applied, and it is the only
//! delta between the two states.
#![no_main]

use freightpass_core::status::{Delta, State, StatusError, Value, peek};
use freightpass_fuzz::bound::{BESIDE, holding, placed};
use freightpass_fuzz::seeds::Vectors;

/// Lists are larger in use; here an array must cost nothing.
const MOST_N: u32 = 1 << 13;

const DEPLOYMENT: [u8; 8] = *b"vectors1";

freightpass_fuzz::target!(seeds(), |bytes| {
    let n = match peek(bytes) {
        Ok(head) => head.n,
        Err(StatusError::Malformed(error)) => return placed(&error, bytes),
        Err(_) => return,
    };
    let manifest_n = n.min(MOST_N);
    match holding(u64::from(manifest_n) / 4 + BESIDE, || Delta::decode(bytes, manifest_n)) {
        Ok(delta) => {
            assert_eq!(n, manifest_n);
            assert_eq!(delta.encode().as_deref(), Ok(bytes));
            applies(&delta, bytes);
        }
        Err(StatusError::Malformed(error)) => placed(&error, bytes),
        Err(_) => {}
    }
});

fn applies(delta: &Delta, bytes: &[u8]) {
    let (revoked, suspended, valid) = delta.changes();
    let base = State::from_sets(delta.list(), delta.n(), &[], &valid).expect("the base that it needs");
    let other_base = delta.apply(&base, &DEPLOYMENT);
    let named = *delta.base();
    if named != base.hash(&DEPLOYMENT) {
        assert!(matches!(other_base, Err(StatusError::WrongBase { .. })), "{other_base:?}");
    }
    // The same changes, said of that base.
    let at = bytes.windows(32).position(|window| window == named).expect("the base's hash stands in it");
    let mut said = bytes.to_vec();
    said[at..at + 32].copy_from_slice(&base.hash(&DEPLOYMENT));
    let delta = Delta::decode(&said, delta.n()).expect("another hash is as good");
    let state = delta.apply(&base, &DEPLOYMENT).expect("it applies");
    for (indexes, value) in [(&revoked, Value::Revoked), (&suspended, Value::Suspended), (&valid, Value::Valid)] {
        assert!(indexes.iter().all(|index| state.value(*index) == Some(value)));
    }
    assert_eq!(base.clears_revoked(&state), None);
    let between = Delta::between(&base, &state, &DEPLOYMENT).expect("a delta");
    assert_eq!(between.encode(), Ok(said));
    // Nothing is taken back: no delta leads from revoked to anything.
    if let Some(index) = revoked.first() {
        assert_eq!(Delta::between(&state, &base, &DEPLOYMENT), Err(StatusError::ClearsRevoked { index: *index }));
    }
}

fn seeds() -> Vec<Vec<u8>> {
    Vectors::read().objects("delta", "object")
}

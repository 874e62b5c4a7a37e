//! A snapshot: what decodes encodes to the same bytes, and its state is that of its array and of its sets.
#![no_main]

use freightpass_core::status::{Snapshot, State, StatusError, peek};
use freightpass_fuzz::bound::{BESIDE, holding, placed};
use freightpass_fuzz::seeds::Vectors;

/// Lists are larger in use; here an array must cost nothing.
const MOST_N: u32 = 1 << 16;

freightpass_fuzz::target!(seeds(), |bytes| {
    let n = match peek(bytes) {
        Ok(head) => head.n,
        Err(StatusError::Malformed(error)) => return placed(&error, bytes),
        Err(_) => return,
    };
    let manifest_n = n.min(MOST_N);
    let decoded = holding(u64::from(manifest_n) / 4 + BESIDE, || Snapshot::decode(bytes, manifest_n));
    match decoded {
        Ok(snapshot) => {
            assert_eq!(n, manifest_n);
            assert_eq!(snapshot.encode().as_deref(), Ok(bytes));
            let state = snapshot.into_state();
            assert_eq!(State::from_array(state.list(), n, state.array().to_vec()).as_ref(), Ok(&state));
            let (revoked, suspended) = state.sets();
            assert_eq!(State::from_sets(state.list(), n, &revoked, &suspended), Ok(state));
        }
        Err(StatusError::Malformed(error)) => placed(&error, bytes),
        Err(_) => {}
    }
});

fn seeds() -> Vec<Vec<u8>> {
    Vectors::read().objects("snapshot", "object")
}

//! Snapshots and deltas together: they share their frame and their faults.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use crate::limits::OBJECT_BYTES;
use crate::malformed::{Fault, Malformed};

use super::super::{Delta, Head, Kind, MAX_N, SetError, State, StatusError, Value, peek};
use super::Snapshot;

const DEPLOYMENT: [u8; 8] = *b"deploy-1";

fn state(n: u32, revoked: &[u32], suspended: &[u32]) -> State {
    State::from_sets(2969, n, revoked, suspended).unwrap()
}

/// A delta object with these sets, each of single indexes, whatever they say.
fn delta_bytes(n: u32, base: &State, sets: [&[u32]; 3]) -> Vec<u8> {
    let mut cbor = minicbor::Encoder::new(Vec::new());
    cbor.array(7).unwrap().u8(1).unwrap().u32(base.list()).unwrap().u32(n).unwrap();
    cbor.bytes(&base.hash(&DEPLOYMENT)).unwrap();
    for set in sets {
        cbor.bytes(&super::super::set::encode(set).unwrap()).unwrap();
    }
    cbor.into_writer()
}

fn apply(n: u32, base: &State, sets: [&[u32]; 3]) -> Result<State, StatusError> {
    Delta::decode(&delta_bytes(n, base, sets), n)?.apply(base, &DEPLOYMENT)
}

#[test]
fn a_snapshot_is_an_array_of_five() {
    let snapshot = Snapshot::new(state(16, &[0], &[]));
    let bytes = b"\x85\x00\x19\x0b\x99\x10\x47\x00\x00\x00\x01\x04\x08\x00\x40";
    assert_eq!(snapshot.encode().as_deref(), Ok(&bytes[..]));
    assert_eq!(Snapshot::decode(bytes, 16), Ok(snapshot));
    assert_eq!(peek(bytes), Ok(Head { kind: Kind::Snapshot, list: 2969, n: 16 }));
}

#[test]
fn a_delta_leads_from_its_base_to_the_new_state_and_is_the_only_one() {
    let old = state(20, &[3], &[5, 6, 7]);
    let new = state(40, &[3, 6, 9, 33], &[5, 10]);
    let delta = Delta::between(&old, &new, &DEPLOYMENT).unwrap();
    assert_eq!(delta.changes(), (vec![6, 9, 33], vec![10], vec![7]));
    let bytes = delta.encode().unwrap();
    assert_eq!(bytes, delta_bytes(40, &old, [&[6, 9, 33], &[10], &[7]]));
    assert_eq!(peek(&bytes), Ok(Head { kind: Kind::Delta, list: 2969, n: 40 }));
    let read = Delta::decode(&bytes, 40).unwrap();
    assert_eq!((&read, read.base()), (&delta, &old.hash(&DEPLOYMENT)));
    assert_eq!(read.apply(&old, &DEPLOYMENT), Ok(new));
}

#[test]
fn the_kind_is_judged_before_the_number_of_members() {
    for members in 0x81..=0x97 {
        let bytes: Vec<u8> = [members].into_iter().chain((0x81..=members).map(|_| 3)).collect();
        assert_eq!(peek(&bytes), Err(StatusError::WrongKind { found: 3 }), "{bytes:02x?}");
    }
}

#[test]
fn a_delta_that_only_extends_the_list_has_no_entries() {
    let old = state(20, &[3], &[]);
    let delta = Delta::between(&old, &old.extended(24).unwrap(), &DEPLOYMENT).unwrap();
    assert_eq!(delta.changes(), (vec![], vec![], vec![]));
    assert_eq!(delta.apply(&old, &DEPLOYMENT), old.extended(24));
}

#[test]
fn a_delta_on_another_base_is_refused() {
    let base = state(20, &[3], &[]);
    let delta = Delta::between(&base, &state(20, &[3, 4], &[]), &DEPLOYMENT).unwrap();
    let wrong = |held: &State, deployment| delta.apply(held, deployment);
    let other = state(20, &[2], &[]);
    let named = base.hash(&DEPLOYMENT);
    assert_eq!(wrong(&other, &DEPLOYMENT), Err(StatusError::WrongBase { named, held: other.hash(&DEPLOYMENT) }));
    // The same array under another n, or in another deployment.
    let longer = base.extended(21).unwrap();
    assert_eq!(wrong(&longer, &DEPLOYMENT), Err(StatusError::WrongBase { named, held: longer.hash(&DEPLOYMENT) }));
    assert_eq!(wrong(&base, b"deploy-2"), Err(StatusError::WrongBase { named, held: base.hash(b"deploy-2") }));
    let list = State::from_sets(2970, 20, &[3], &[]).unwrap();
    assert_eq!(wrong(&list, &DEPLOYMENT), Err(StatusError::ListMismatch { found: 2969, wanted: 2970 }));
}

#[test]
fn an_entry_that_changes_nothing_is_refused() {
    let base = state(20, &[3], &[5]);
    assert_eq!(apply(20, &base, [&[3], &[], &[]]), Err(StatusError::NoChange { index: 3 }));
    assert_eq!(apply(20, &base, [&[], &[5], &[]]), Err(StatusError::NoChange { index: 5 }));
    assert_eq!(apply(20, &base, [&[], &[], &[4]]), Err(StatusError::NoChange { index: 4 }));
    assert_eq!(apply(30, &base, [&[], &[], &[25]]), Err(StatusError::NoChange { index: 25 }));
}

#[test]
fn a_revocation_is_never_cleared() {
    let base = state(20, &[3], &[5]);
    assert_eq!(apply(20, &base, [&[], &[3], &[]]), Err(StatusError::ClearsRevoked { index: 3 }));
    assert_eq!(apply(20, &base, [&[], &[], &[3]]), Err(StatusError::ClearsRevoked { index: 3 }));
    let between = |new| Delta::between(&base, &new, &DEPLOYMENT);
    assert_eq!(between(state(20, &[], &[5])), Err(StatusError::ClearsRevoked { index: 3 }));
    assert_eq!(between(state(20, &[], &[3, 5])), Err(StatusError::ClearsRevoked { index: 3 }));
    assert_eq!(between(state(19, &[3], &[5])), Err(StatusError::Shrinks { from: 20, to: 19 }));
}

#[test]
fn a_suspended_pass_may_be_revoked_or_resumed() {
    let base = state(20, &[], &[5, 6]);
    assert_eq!(apply(20, &base, [&[5], &[], &[6]]), Ok(state(20, &[5], &[])));
}

#[test]
fn an_index_in_two_sets_is_refused() {
    let base = state(20, &[], &[]);
    for sets in [[&[4, 7][..], &[7], &[]], [&[7], &[], &[7]], [&[], &[7], &[2, 7]], [&[7], &[6, 7, 8], &[]]] {
        assert_eq!(Delta::decode(&delta_bytes(20, &base, sets), 20), Err(StatusError::NotDisjoint { index: 7 }));
    }
    // A snapshot of {0} and {0}.
    let twice = b"\x85\x00\x19\x0b\x99\x10\x47\x00\x00\x00\x01\x04\x08\x00\x47\x00\x00\x00\x01\x04\x08\x00";
    assert_eq!(Snapshot::decode(twice, 16), Err(StatusError::NotDisjoint { index: 0 }));
}

#[test]
fn the_n_of_the_object_is_that_of_the_manifest_and_within_the_cap() {
    let bytes = Snapshot::new(state(16, &[0], &[])).encode().unwrap();
    assert_eq!(Snapshot::decode(&bytes, 17), Err(StatusError::NMismatch { found: 16, wanted: 17 }));
    // n = 2^26 + 1, which the manifest may claim too.
    let large = b"\x85\x00\x01\x1a\x04\x00\x00\x01\x40\x40";
    assert_eq!(Snapshot::decode(large, MAX_N + 1), Err(StatusError::NOverCap { n: MAX_N + 1 }));
}

#[test]
fn a_fault_in_a_set_names_the_set() {
    let base = state(20, &[], &[]);
    let error = SetError::IndexBeyond { index: 20, n: 20 };
    assert_eq!(Delta::decode(&delta_bytes(20, &base, [&[], &[20], &[]]), 20), Err(StatusError::Set { set: 1, error }));
}

#[test]
fn the_other_kind_an_unknown_kind_and_an_object_over_the_cap_are_refused() {
    let snapshot = Snapshot::new(state(16, &[0], &[])).encode().unwrap();
    assert_eq!(Delta::decode(&snapshot, 16), Err(StatusError::WrongKind { found: 0 }));
    assert_eq!(
        Snapshot::decode(&delta_bytes(16, &state(16, &[], &[]), [&[]; 3]), 16),
        Err(StatusError::WrongKind { found: 1 })
    );
    assert_eq!(peek(b"\x85\x02\x00\x00\x40\x40"), Err(StatusError::WrongKind { found: 2 }));
    let bytes = vec![0; OBJECT_BYTES + 1];
    let too_large = Fault::TooLarge { size: OBJECT_BYTES + 1, cap: OBJECT_BYTES };
    assert_eq!(peek(&bytes), Err(Malformed::cddl(too_large, 0).into()));
}

#[test]
fn a_state_that_no_object_can_carry_is_not_encoded() {
    // 2^26 indexes at random thirds take 1.58 bits each: 13 MB.
    let mut seed = 1u64;
    let mut large = State::empty(1, MAX_N).unwrap();
    for index in 0..MAX_N {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        large.set(index, [Value::Valid, Value::Revoked, Value::Suspended][(seed >> 33) as usize % 3]).unwrap();
    }
    assert!(matches!(Snapshot::new(large).encode(), Err(StatusError::TooLarge { bytes }) if bytes > OBJECT_BYTES));
}

#[test]
fn cbor_that_is_not_deterministic_is_refused_where_it_stands() {
    let at = |bytes: &[u8]| match Snapshot::decode(bytes, 16) {
        Err(StatusError::Malformed(Malformed { offset, .. })) => offset,
        other => panic!("{other:?}"),
    };
    assert_eq!(at(b""), 0);
    assert_eq!(at(b"\x9f\x00\x01\x10\x40\x40\xff"), 0, "indefinite array");
    assert_eq!(at(b"\x98\x05\x00\x01\x10\x40\x40"), 0, "array head not shortest");
    assert_eq!(at(b"\x84\x00\x01\x10\x40"), 0, "four elements");
    assert_eq!(at(b"\xa1\x00\x01"), 0, "a map");
    assert_eq!(at(b"\x85\x18\x00\x01\x10\x40\x40"), 1, "kind not shortest");
    assert_eq!(at(b"\x85\x20\x01\x10\x40\x40"), 1, "negative kind");
    assert_eq!(at(b"\x85\x00\x19\x00\x01\x10\x40\x40"), 2, "list not shortest");
    assert_eq!(at(b"\x85\x00\x1b\x00\x00\x00\x01\x00\x00\x00\x00\x10\x40\x40"), 2, "list over 32 bits");
    assert_eq!(at(b"\x85\x00\xf9\x3c\x00\x10\x40\x40"), 2, "a float");
    assert_eq!(at(b"\x85\x00\xc1\x01\x10\x40\x40"), 2, "a tag");
    assert_eq!(at(b"\x85\x00\x01\x10\x58\x00\x40"), 4, "set head not shortest");
    assert_eq!(at(b"\x85\x00\x01\x10\x5f\x40\xff\x40"), 4, "set in pieces");
    assert_eq!(at(b"\x85\x00\x01\x10\x60\x40"), 4, "text");
    assert_eq!(at(b"\x85\x00\x01\x10\x40"), 5, "the last set missing");
    assert_eq!(at(b"\x85\x00\x01\x10\x40\x41"), 5, "the last set cut");
    assert_eq!(at(b"\x85\x00\x01\x10\x40\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), 5, "a set of 2^64 - 1 bytes");
    assert_eq!(at(b"\x85\x00\x01\x10\x40\x40\x00"), 6, "bytes after the end");
    assert!(Snapshot::decode(b"\x85\x00\x01\x10\x40\x40", 16).is_ok());
}

#[test]
fn a_base_hash_of_another_length_is_refused() {
    let bytes = b"\x87\x01\x01\x10\x41\x00\x40\x40\x40";
    assert!(matches!(
        Delta::decode(bytes, 16),
        Err(StatusError::Malformed(Malformed { fault: Fault::Size { .. }, offset: 4, .. }))
    ));
}

fn states() -> impl Strategy<Value = (State, State)> {
    proptest::collection::vec((0u8..3, 0u8..6), 0..300).prop_map(|cells| {
        let n = cells.len() as u32;
        let (mut old, mut new) = (State::empty(1, n).unwrap(), State::empty(1, n + 5).unwrap());
        for (index, (before, after)) in (0..).zip(cells) {
            let of = |cell| [Value::Valid, Value::Revoked, Value::Suspended][usize::from(cell)];
            old.set(index, of(before)).unwrap();
            let after = if before == 1 || after > 2 { before } else { after };
            new.set(index, of(after)).unwrap();
        }
        (old, new)
    })
}

proptest! {
    #[test]
    fn snapshot_and_delta_both_lead_to_the_new_state((old, new) in states()) {
        let snapshot = Snapshot::new(new.clone()).encode().unwrap();
        prop_assert_eq!(Snapshot::decode(&snapshot, new.n()).map(Snapshot::into_state), Ok(new.clone()));
        let delta = Delta::between(&old, &new, &DEPLOYMENT).unwrap().encode().unwrap();
        prop_assert_eq!(Delta::decode(&delta, new.n()).and_then(|delta| delta.apply(&old, &DEPLOYMENT)), Ok(new));
    }

    #[test]
    fn a_mutated_object_is_refused_or_encodes_to_itself((old, new) in states(), place in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut snapshot = Snapshot::new(new.clone()).encode().unwrap();
        let at = place.index(snapshot.len());
        snapshot[at] = value;
        if let Ok(read) = Snapshot::decode(&snapshot, new.n()) {
            prop_assert_eq!(read.encode(), Ok(snapshot));
        }
        let mut delta = Delta::between(&old, &new, &DEPLOYMENT).unwrap().encode().unwrap();
        let at = place.index(delta.len());
        delta[at] = value;
        if let Ok(read) = Delta::decode(&delta, new.n()) {
            prop_assert_eq!(read.encode(), Ok(delta));
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), n in 0u32..100) {
        let _ = (peek(&bytes), Snapshot::decode(&bytes, n), Delta::decode(&bytes, n));
    }
}

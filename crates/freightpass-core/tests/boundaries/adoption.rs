//! What is offered against what is held: sequences, orders, windows, thresholds, what a restart keeps.

use freightpass_core::hold::{Adoption, AdoptionError, Held};
use freightpass_core::manifest::ManifestContent;
use freightpass_core::status::Value;
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::TrustContent;
use freightpass_vectors::world::{self, DAY, ISSUED, LIST, N, T0, typical};

use super::{new_scanner, scanner};

fn standard() -> Held {
    scanner(&world::trust(), &world::standard_manifest())
}

fn list(sequence: u32) -> TrustContent {
    TrustContent { sequence, ..world::trust() }
}

fn code(outcome: Result<Adoption, AdoptionError>) -> &'static str {
    match outcome {
        Ok(Adoption::Adopted) => "adopted",
        Ok(Adoption::Unchanged) => "unchanged",
        Err(error) => error.code(),
    }
}

/// What a scanner that holds manifest 100 of list 5 says to a manifest.
fn manifest(key: &str, change: impl FnOnce(&mut ManifestContent)) -> &'static str {
    let mut content = world::standard_manifest();
    change(&mut content);
    code(standard().adopt_manifest(&world::signed_manifest(&content, key)))
}

#[test]
fn a_trust_list_is_taken_above_the_sequence_held() {
    let offered = |sequence| code(standard().adopt_trust(&world::signed_trust(&list(sequence))));
    assert_eq!([4, 5, 6].map(offered), ["rolled_back", "unchanged", "adopted"]);
    let mut other = list(5);
    other.max_age += 1;
    assert_eq!(code(standard().adopt_trust(&world::signed_trust(&other))), "equivocation");
}

#[test]
fn a_threshold_is_met_by_as_many_roots() {
    let signed_by = |keys: &[&str]| {
        let payload = freightpass_vectors::write::trust(&list(6));
        match standard().adopt_trust(&world::cosigned(&payload, keys)) {
            Err(AdoptionError::Threshold { valid, threshold }) => Err((valid, threshold)),
            other => Ok(code(other)),
        }
    };
    assert_eq!(signed_by(&["root 1"]), Err((1, 2)));
    assert_eq!(signed_by(&["root 1", "root 3"]), Ok("adopted"));
    assert_eq!(signed_by(&["root 1", "root 2", "root 3"]), Ok("adopted"));
    assert_eq!(signed_by(&["stranger", "status 1"]), Err((0, 2)));
}

#[test]
fn a_manifest_is_taken_above_the_order_held() {
    let seq = |seq| manifest("status 1", |content| (content.seq, content.issued) = (seq, ISSUED + 1));
    assert_eq!([99, 100, 101].map(seq), ["rolled_back", "equivocation", "adopted"]);
    let named = |sequence| manifest("status 1", |content| (content.seq, content.trust_sequence) = (0, sequence));
    assert_eq!([4, 5, 6].map(named), ["rolled_back", "rolled_back", "adopted"]);
}

#[test]
fn a_status_key_signs_from_its_first_to_its_last_second() {
    let mut trust = world::trust();
    (trust.status_keys[0].from, trust.status_keys[0].until) = (T0, T0 + 100);
    let issued = |issued| {
        let mut held = new_scanner();
        held.adopt_trust(&world::signed_trust(&trust)).unwrap();
        let content = world::manifest(&trust, 1, issued, &world::states());
        code(held.adopt_manifest(&world::signed_manifest(&content, "status 1")))
    };
    assert_eq!([T0 - 1, T0, T0 + 1].map(issued), ["key_window", "adopted", "adopted"]);
    assert_eq!([T0 + 99, T0 + 100, T0 + 101].map(issued), ["adopted", "key_window", "key_window"]);
    // Past the end of the trust list no key signs.
    (trust.expires, trust.status_keys[0].until) = (T0 + 50, T0 + 100);
    let issued = |issued| {
        let mut held = new_scanner();
        held.adopt_trust(&world::signed_trust(&trust)).unwrap();
        let content = world::manifest(&trust, 1, issued, &world::states());
        match held.adopt_manifest(&world::signed_manifest(&content, "status 1")) {
            Err(AdoptionError::KeyWindow { issued, from, until }) => Some((issued, from, until)),
            other => other.map(|_| None).unwrap(),
        }
    };
    assert_eq!([T0 + 49, T0 + 50].map(issued), [None, Some((T0 + 50, T0, T0 + 50))]);
}

#[test]
fn a_list_may_grow_and_not_shrink() {
    let n = |n| manifest("status 1", |content| (content.seq, content.lists[1].n) = (101, n));
    assert_eq!([N - 1, N, N + 1].map(n), ["shrinks", "adopted", "adopted"]);
}

#[test]
fn a_list_may_be_left_out_when_its_week_has_ended() {
    // List 2969 ends when week 2970 begins.
    let end = 2970 * 604_800;
    let issued = |issued| {
        manifest("status 1", |content| {
            (content.seq, content.issued, content.expires) = (101, issued, issued + DAY);
            content.lists.remove(0);
        })
    };
    assert_eq!([end - 1, end, end + 1].map(issued), ["live_list_omitted", "adopted", "adopted"]);
}

#[test]
fn floors_are_the_newest_that_was_signed() {
    let mut held = standard();
    assert_eq!((held.root_floor(), held.floor(), held.order()), (T0 - 5 * DAY, ISSUED, Some((5, 100))));
    // A list that is dated earlier moves nothing back, nor does a manifest; later ones move their own floor.
    let earlier = TrustContent { issued: T0 - 6 * DAY, ..list(6) };
    held.adopt_trust(&world::signed_trust(&earlier)).unwrap();
    assert_eq!(held.root_floor(), T0 - 5 * DAY);
    let later = TrustContent { issued: ISSUED + 7, ..list(7) };
    held.adopt_trust(&world::signed_trust(&later)).unwrap();
    assert_eq!((held.root_floor(), held.floor()), (ISSUED + 7, ISSUED + 7));
    let back = world::manifest(&later, 1, ISSUED - 1, &world::states());
    held.adopt_manifest(&world::signed_manifest(&back, "status 1")).unwrap();
    assert_eq!((held.floor(), held.order()), (ISSUED + 7, Some((7, 1))));
    let new = new_scanner();
    assert_eq!((new.root_floor(), new.floor(), new.order()), (T0 - 10 * DAY, T0 - 10 * DAY, None));
}

#[test]
fn the_floor_of_a_key_is_its_newest_manifest() {
    let mut held = standard();
    let earlier = world::manifest(&world::trust(), 101, ISSUED - 1, &world::states());
    assert_eq!(code(held.adopt_manifest(&world::signed_manifest(&earlier, "status 1"))), "adopted");
    assert_eq!(held.floor(), ISSUED);
    let later = world::manifest(&world::trust(), 102, ISSUED + 1, &world::states());
    assert_eq!(code(held.adopt_manifest(&world::signed_manifest(&later, "status 2"))), "adopted");
    assert_eq!((held.floor(), held.order()), (ISSUED + 1, Some((5, 102))));
}

#[test]
fn what_is_held_is_shown() {
    let held = standard();
    let state = &world::states()[1];
    assert_eq!(held.state(LIST), Some(state));
    assert_eq!(held.state_hash(LIST), Some(&state.hash(&world::DEPLOYMENT)));
    assert_eq!((held.state(2972), held.state_hash(2972)), (None, None));
    assert_eq!((held.deployment(), held.is_confirmed()), (&world::DEPLOYMENT, true));
    assert_eq!(*held.provision().roots(), world::roots());
    assert_eq!(held.manifest(), Some(&world::standard_manifest()));
    assert!(!new_scanner().is_confirmed());
}

#[test]
fn survivors_are_missing_until_their_set_is_held() {
    let kid = world::kid_of("CN-3205");
    let pass = world::pass(&typical()).bytes();
    let set = Survivors::of(kid, [5; 16], [(LIST, 42, &pass[..])]);
    let mut marked = list(6);
    marked.authorities[3].keys[0].compromised = true;
    marked.survivors = vec![(kid, set.hash())];
    let mut held = standard();
    assert_eq!(held.missing_survivors().count(), 0);
    held.adopt_trust(&world::signed_trust(&marked)).unwrap();
    assert_eq!((held.missing_survivors().collect::<Vec<_>>(), held.survivors(kid)), (vec![kid], None));
    assert_eq!(code(held.adopt_object(&set.encode())), "adopted");
    assert_eq!((held.missing_survivors().count(), held.survivors(kid)), (0, Some(&set)));
    assert_eq!(code(held.adopt_object(&set.encode())), "unchanged");
}

#[test]
fn survivors_are_kept_while_the_list_names_their_set() {
    let kid = world::kid_of("CN-3205");
    let set = Survivors::of(kid, [5; 16], [(LIST, 42, &b"pass"[..])]);
    let marked = |sequence, survivors| {
        let mut marked = list(sequence);
        marked.authorities[3].keys[0].compromised = true;
        world::signed_trust(&TrustContent { survivors, ..marked })
    };
    let after = |survivors| {
        let mut held = standard();
        held.adopt_trust(&marked(6, vec![(kid, set.hash())])).unwrap();
        held.adopt_object(&set.encode()).unwrap();
        held.adopt_trust(&marked(7, survivors)).unwrap();
        held.survivors(kid).cloned()
    };
    assert_eq!(after(vec![(kid, set.hash())]), Some(set.clone()));
    assert_eq!(after(vec![(kid, [0; 32])]), None);
    assert_eq!(after(vec![]), None);
}

#[test]
fn states_are_missing_until_they_are_held_as_the_manifest_names_them() {
    let mut held = new_scanner();
    assert_eq!(held.missing().count(), 0);
    held.adopt_trust(&world::signed_trust(&world::trust())).unwrap();
    held.adopt_manifest(&world::signed_manifest(&world::standard_manifest(), "status 1")).unwrap();
    for (state, left) in world::states().iter().zip([&[LIST, 2971, 2973][..], &[2971, 2973], &[2973], &[]]) {
        assert_eq!(code(held.adopt_object(&world::snapshot(state))), "adopted");
        assert_eq!(held.missing().collect::<Vec<_>>(), left);
    }
}

#[test]
fn scanners_that_hold_other_things_are_not_the_same() {
    let held = standard();
    let mut other = standard();
    assert_eq!(other, held);
    other.adopt_trust(&world::signed_trust(&list(6))).unwrap();
    assert_ne!(other.trust(), held.trust());
    assert_ne!(other, held);
    // The list alone tells two scanners apart, and another cosignature is no other list.
    let with = |list: &TrustContent, keys: &[&str]| {
        let mut held = new_scanner();
        held.adopt_trust(&world::cosigned(&freightpass_vectors::write::trust(list), keys)).unwrap();
        held
    };
    let longer = TrustContent { max_age: DAY + 1, ..list(5) };
    assert_ne!(with(&longer, &["root 1", "root 2"]), with(&list(5), &["root 1", "root 2"]));
    assert_eq!(with(&list(5), &["root 2", "root 3"]), with(&list(5), &["root 1", "root 2"]));
}

#[test]
fn a_revoked_index_may_not_change_and_a_suspended_one_may() {
    let next = |idx, value| {
        let mut states = world::states();
        states[1].set(idx, value).unwrap();
        let mut held = standard();
        let content = world::manifest(&world::trust(), 101, ISSUED + 1, &states);
        held.adopt_manifest(&world::signed_manifest(&content, "status 1")).unwrap();
        code(held.adopt_object(&world::snapshot(&states[1])))
    };
    assert_eq!([Value::Valid, Value::Suspended].map(|value| next(3, value)), ["clears_revoked"; 2]);
    assert_eq!([Value::Valid, Value::Revoked].map(|value| next(4, value)), ["adopted"; 2]);
}

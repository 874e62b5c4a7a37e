//! Contents that nobody honest writes, validly signed: what damage to signed bytes never reaches.
//!
//! Bytes that are damaged die at their signature. Here the contents are changed or damaged first and signed after it,
//! as a stolen key or a faulty publisher would.

use std::collections::BTreeMap;

use freightpass_core::hold::Adoption;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::status::{Delta, State, Value};
use freightpass_core::trust::{Roots, TrustContent};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, DAY, DEPLOYMENT, ISSUED, LIST, N, T0, kid_of, public};
use freightpass_vectors::write::{self, Message};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::adoption::{Offer, history, offered, survivors};
use super::mutation::{Mutation, mutation};
use super::{new_scanner, standard_scanner};

/// Changes to a content: which, and how.
type Changes = Vec<(usize, u32)>;

fn changes() -> impl Strategy<Value = Changes> {
    vec((0..14usize, any::<u32>()), 0..3)
}

fn picked<T>(of: &[T], value: u32) -> &T {
    &of[value as usize % of.len()]
}

/// Trust list 5, changed.
fn trust_of(changes: &Changes) -> TrustContent {
    let mut list = world::trust();
    for &(change, value) in changes {
        let authority = &mut list.authorities[3];
        match change {
            0..=3 => list.sequence = 4 + value % 5,
            4 => list.issued = T0 - 5 * DAY + value % DAY,
            5 => list.expires = list.issued + value % 3 * DAY,
            6 => list.deployment = *picked(&[DEPLOYMENT, *b"vectors2"], value),
            7 => list.status_base = (*picked(&[world::BASE, "HTTPS://S.FP.CN/205/"], value)).into(),
            8 => {
                let keys = ["root 1", "root 2", *picked(&["root 3", "root 4", "CN-3205", "status 2"], value)];
                list.roots = Roots { threshold: 1 + (value >> 8) as u8 % 3, keys: keys.map(public).to_vec() };
            }
            9 => authority.keys[0].compromised = true,
            10 => list.status_keys.iter_mut().skip(value as usize % 2).for_each(|key| key.compromised = true),
            11 => list.status_keys.truncate(1),
            12 if authority.keys.len() > 1 => drop(authority.keys.remove(0)),
            _ => list.survivors = vec![(kid_of("CN-3205"), survivors().hash())],
        }
    }
    list
}

/// The states of list 2970 that manifests and objects speak of: honest ones, one that clears index 3, a larger one.
fn states() -> Vec<State> {
    let mut states: Vec<State> = history().into_iter().map(|all| all[1].clone()).collect();
    let mut cleared = states[0].clone();
    cleared.set(3, Value::Valid).expect("an index of the list");
    states.push(cleared);
    states.push(states[0].extended(N + 8).expect("a larger state"));
    states
}

/// Manifest 100, changed.
fn manifest_of(changes: &Changes) -> ManifestContent {
    let mut content = world::standard_manifest();
    for &(change, value) in changes {
        let states = states();
        let state = picked(&states, value);
        let entry = content.lists.iter_mut().find(|entry| entry.list == LIST);
        match (change, entry) {
            (0..=3, _) => content.seq = 99 + value % 4,
            (4, Some(entry)) => {
                (entry.n, entry.base, entry.state) = (state.n(), entry.state, state.hash(&DEPLOYMENT));
                content.seq = 101 + value % 3;
            }
            (5, Some(entry)) => entry.n = N - 1 + value % 3,
            (6, _) => content.issued = ISSUED - value % (40 * DAY),
            (7, _) => content.trust_hash[0] ^= 1,
            (8, _) => drop(content.lists.pop()),
            (9, _) => content.deployment = *picked(&[DEPLOYMENT, *b"vectors2"], value),
            (10, _) => content.expires = content.issued + value % 2 * DAY,
            _ => {
                let list = trust_of(&vec![(0, value)]);
                content.trust_sequence = list.sequence;
                content.trust_hash = write::sha256(&write::trust(&list).encode());
            }
        }
    }
    content
}

fn trust_signed(payload: &Item, value: u32) -> Offer {
    let signers =
        [&["root 1", "root 2"][..], &["root 1", "root 2", "root 3", "root 4"], &["root 2", "root 3"], &["root 1"]];
    Offer::Trust(world::cosigned(payload, picked::<&[&str]>(&signers, value % 7)))
}

fn manifest_signed(payload: &Item, value: u32) -> Offer {
    let signers: [&str; 4] = ["status 1", "status 1", "status 2", "stranger"];
    let key = world::key(picked::<&str>(&signers, value));
    Offer::Manifest(Message::new(&write::header(&key, write::MANIFEST), payload, &key).bytes())
}

fn object_of(from: u32, to: u32) -> Offer {
    let (states, others) = (states(), world::states());
    let (old, new) = (picked(&states, from), picked(&states, to));
    Offer::Object(match to / 64 % 5 {
        0 => world::snapshot(new),
        1 if Delta::between(old, new, &DEPLOYMENT).is_ok() => world::delta(old, new),
        2 => world::snapshot(picked(&others, to)),
        3 => survivors().encode(),
        // Entries that nobody checked: they may change nothing, or clear what is final.
        _ => {
            let sets = [from, to, from ^ to].map(|value| world::set(&[value % 50]));
            write::delta(LIST, old.n(), &old.hash(&DEPLOYMENT), [&sets[0], &[], &sets[2]]).encode()
        }
    })
}

/// Anything that a good key could be made to sign, or an object of any content; some of it one after the other, because
/// the one opens the way to the other.
fn signed() -> impl Strategy<Value = Vec<Offer>> {
    let damaged = |damage: &[Mutation], payload: Item| {
        Item::Raw(damage.iter().fold(payload.encode(), |bytes, damage| damage.of(&bytes)))
    };
    prop_oneof![
        3 => (changes(), any::<u32>())
            .prop_map(|(changes, by)| vec![trust_signed(&write::trust(&trust_of(&changes)), by)]),
        4 => (changes(), any::<u32>())
            .prop_map(|(changes, by)| vec![manifest_signed(&write::manifest(&manifest_of(&changes)), by)]),
        2 => (any::<u32>(), any::<u32>()).prop_map(|(from, to)| vec![object_of(from, to)]),
        // A manifest that names a state, and what is said to be that state.
        4 => (any::<u32>(), any::<u32>(), changes()).prop_map(|(from, to, mut changes)| {
            changes.push((4, to));
            vec![manifest_signed(&write::manifest(&manifest_of(&changes)), 0), object_of(from, to)]
        }),
        // A key is marked, and the next list has forgotten it.
        1 => (any::<u32>(), 9..11usize).prop_map(|(value, mark)| {
            [vec![(0, 1), (mark, value)], vec![(0, 2)]].map(|c| trust_signed(&write::trust(&trust_of(&c)), 0)).to_vec()
        }),
        1 => (vec(mutation(), 1..2), changes()).prop_map(move |(damage, changes)| {
            vec![trust_signed(&damaged(&damage, write::trust(&trust_of(&changes))), 0)]
        }),
        1 => (vec(mutation(), 1..2), changes()).prop_map(move |(damage, changes)| {
            vec![manifest_signed(&damaged(&damage, write::manifest(&manifest_of(&changes))), 0)]
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_signed_keeps_what_must_be_kept(offers in vec(signed(), 1..30), new in any::<bool>()) {
        let mut held = if new { new_scanner() } else { standard_scanner() };
        for offer in offers.into_iter().flatten() {
            let _ = offered(&offer, &mut held)?;
        }
    }
}

#[test]
fn what_is_signed_reaches_every_rule_of_adoption() {
    // The same draws in every run: what the test above may meet, this one meets.
    let mut runner = TestRunner::deterministic();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for run in 0..300 {
        let offers = vec(signed(), 1..30).new_tree(&mut runner).unwrap().current();
        let mut held = if run % 4 == 0 { new_scanner() } else { standard_scanner() };
        for offer in offers.into_iter().flatten() {
            let kind = match offer {
                Offer::Trust(_) => "trust",
                Offer::Manifest(_) => "manifest",
                Offer::Object(_) => "object",
            };
            let code = match offered(&offer, &mut held).unwrap() {
                Ok(Adoption::Adopted) => "adopted",
                Ok(Adoption::Unchanged) => "unchanged",
                Err(error) => error.code(),
            };
            *met.entry(format!("{kind} {code}")).or_default() += 1;
        }
    }
    println!("{met:#?}");
    for rule in [
        "trust adopted",
        "trust unchanged",
        "trust malformed",
        "trust window",
        "trust other_deployment",
        "trust threshold",
        "trust rolled_back",
        "trust equivocation",
        "trust status_base_changed",
        "trust compromised_revived",
        "trust duplicate_key",
        "manifest adopted",
        "manifest unchanged",
        "manifest malformed",
        "manifest no_trust",
        "manifest key_unknown",
        "manifest key_compromised",
        "manifest other_deployment",
        "manifest key_window",
        "manifest rolled_back",
        "manifest equivocation",
        "manifest live_list_omitted",
        "manifest shrinks",
        "object adopted",
        "object unchanged",
        "object no_trust",
        "object no_manifest",
        "object n_mismatch",
        "object wrong_hash",
        "object wrong_base",
        "object no_change",
        "object clears_revoked",
        "object survivors_unknown",
    ] {
        assert!(met.contains_key(rule), "{rule} is not met");
    }
}

//! Adoption is atomic, never goes backwards, and survives a restart, whatever is offered in whatever order.

use std::sync::LazyLock;

use freightpass_core::hold::{Adoption, AdoptionError, Held, Part};
use freightpass_core::scan::Outcome;
use freightpass_core::status::{State, Value};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::TrustContent;
use freightpass_vectors::world::{self, DAY, ISSUED, NOW, T0, at_index, typical};
use freightpass_vectors::write;
use proptest::collection::vec;
use proptest::prelude::*;

use super::mutation::{Mutation, mutation};
use super::{bundle, new_scanner, scan_at, standard_bundle, standard_scanner};

/// What can be offered: a part, and how.
#[derive(Debug, Clone)]
pub enum Offer {
    /// A trust list.
    Trust(Vec<u8>),
    /// A manifest.
    Manifest(Vec<u8>),
    /// A snapshot, a delta or a survivors set.
    Object(Vec<u8>),
}

impl Offer {
    /// What a scanner says to it.
    fn to(&self, held: &mut Held) -> Result<Adoption, AdoptionError> {
        match self {
            Offer::Trust(bytes) => held.adopt_trust(bytes),
            Offer::Manifest(bytes) => held.adopt_manifest(bytes),
            Offer::Object(bytes) => held.adopt_object(bytes),
        }
    }

    fn damaged(&self, damage: &Mutation) -> Self {
        match self {
            Offer::Trust(bytes) => Offer::Trust(damage.of(bytes)),
            Offer::Manifest(bytes) => Offer::Manifest(damage.of(bytes)),
            Offer::Object(bytes) => Offer::Object(damage.of(bytes)),
        }
    }
}

/// Lists 4 to 8: two that contradict each other, one that marks keys compromised, one that leaves a status key out.
fn lists() -> Vec<TrustContent> {
    let list = |sequence, change: fn(&mut TrustContent)| {
        let mut list = world::trust();
        (list.sequence, list.issued) = (sequence, T0 - 5 * DAY + sequence);
        change(&mut list);
        list
    };
    vec![
        list(4, |_| ()),
        world::trust(),
        list(6, |_| ()),
        list(6, |list| list.max_age = DAY / 2),
        list(7, |list| {
            list.status_keys[1].compromised = true;
            list.authorities[3].keys[0].compromised = true;
            list.survivors = vec![(world::kid_of("CN-3205"), survivors().hash())];
        }),
        list(8, |list| list.status_keys.truncate(1)),
    ]
}

pub fn survivors() -> Survivors {
    let pass = world::pass(&typical()).bytes();
    Survivors::of(world::kid_of("CN-3205"), [5; 16], [(world::LIST, 42, &pass[..])])
}

/// States that follow each other: index 3 is revoked in all of them.
pub fn history() -> Vec<Vec<State>> {
    let with = |changes: &[(u32, Value)]| {
        let mut states = world::states();
        changes.iter().for_each(|&(idx, value)| states[1].set(idx, value).unwrap());
        states
    };
    vec![
        world::states(),
        with(&[(42, Value::Suspended)]),
        with(&[(42, Value::Suspended), (43, Value::Revoked)]),
        with(&[(43, Value::Revoked)]),
    ]
}

/// Every part that any scanner of this deployment could meet, honest or by a stolen second status key.
static OFFERS: LazyLock<Vec<Offer>> = LazyLock::new(|| {
    let lists = lists();
    let history = history();
    let mut offers: Vec<Offer> = lists.iter().map(|list| Offer::Trust(world::signed_trust(list))).collect();
    for list in &lists {
        for (seq, states) in (100..).zip(&history) {
            let manifest = world::manifest(list, seq, ISSUED + seq, states);
            offers.push(Offer::Manifest(world::signed_manifest(&manifest, "status 1")));
        }
        let stolen = world::manifest(list, u32::MAX, T0 + 80 * DAY, &[]);
        offers.push(Offer::Manifest(world::signed_manifest(&stolen, "status 2")));
        let twin = world::manifest(list, 101, ISSUED, &history[0]);
        offers.push(Offer::Manifest(world::signed_manifest(&twin, "status 2")));
    }
    for states in &history {
        offers.extend(states.iter().map(|state| Offer::Object(world::snapshot(state))));
    }
    for pair in history.windows(2) {
        offers.push(Offer::Object(world::delta(&pair[0][1], &pair[1][1])));
    }
    offers.push(Offer::Object(survivors().encode()));
    offers
});

/// The file of the standard scanner.
static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| standard_scanner().to_own_file().expect("what fits"));

/// What a stored scanner is after a restart.
fn restarted(held: &Held) -> Held {
    Held::from_own_file(&held.to_own_file().expect("what fits")).expect("what was stored")
}

/// Offers a part, and checks what holds of every part that anybody can offer.
pub fn offered(offer: &Offer, held: &mut Held) -> Result<Result<Adoption, AdoptionError>, TestCaseError> {
    let before = held.clone();
    let outcome = offer.to(held);
    match &outcome {
        Ok(Adoption::Adopted) => {}
        // Evidence is all that a refused part may leave.
        Err(AdoptionError::Equivocation { .. }) => {
            prop_assert_eq!(held.trust(), before.trust());
            prop_assert_eq!(held.manifest(), before.manifest());
            prop_assert_eq!(held.order(), before.order());
            prop_assert_eq!(held.floor(), before.floor());
            prop_assert_ne!(scan_at(&world::text(&typical()), held, NOW).outcome(), Outcome::Admit);
        }
        Ok(Adoption::Unchanged) | Err(_) => prop_assert_eq!(&*held, &before),
    }
    // Trust and the floor of roots never go back; neither does the order, but with a compromised key.
    let sequence = |held: &Held| held.trust().map(|trust| trust.content().sequence);
    prop_assert!(sequence(held) >= sequence(&before));
    prop_assert!(held.root_floor() >= before.root_floor());
    let trust_changed = sequence(held) != sequence(&before);
    prop_assert!(trust_changed || held.order() >= before.order());
    prop_assert!(trust_changed || held.floor() >= before.floor());
    // What a state calls revoked stays so until the key that said it is compromised, or the list is of the past.
    let revoked = |held: &Held| held.state(world::LIST).map(|state| state.sets().0);
    if let (false, Some(before), Some(now)) = (trust_changed, revoked(&before), revoked(held)) {
        prop_assert!(before.iter().all(|idx| now.contains(idx)), "{:?} were revoked, now {:?}", before, now);
    }
    prop_assert_eq!(restarted(held), held.clone());
    Ok(outcome)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_of_parts_keeps_what_must_be_kept(picks in vec(0..1000usize, 1..40)) {
        let mut held = new_scanner();
        for pick in picks {
            let _ = offered(&OFFERS[pick % OFFERS.len()], &mut held)?;
            // Confirmed as soon as there is a date, so that the scans below could admit.
            let _ = held.confirm_start();
            // A pass that the honest states call revoked is never admitted.
            prop_assert_ne!(scan_at(&world::text(&at_index(3)), &held, NOW).outcome(), Outcome::Admit);
        }
    }

    #[test]
    fn a_damaged_part_leaves_everything_as_it_was(pick in 0..1000usize, damage in mutation(), new in any::<bool>()) {
        let offer = &OFFERS[pick % OFFERS.len()];
        let damaged = offer.damaged(&damage);
        prop_assume!(format!("{offer:?}") != format!("{damaged:?}"));
        let mut held = if new { new_scanner() } else { standard_scanner() };
        let before = held.clone();
        match damaged.to(&mut held) {
            Ok(Adoption::Adopted) => {
                // Only cosignatures that are not needed may be damaged: the list is the one that was signed.
                let Offer::Trust(_) = offer else { return Err(TestCaseError::fail("adopted")) };
                let mut honest = before;
                prop_assert_eq!(offer.to(&mut honest).ok(), Some(Adoption::Adopted));
                prop_assert_eq!(held, honest);
            }
            Err(AdoptionError::Equivocation { .. }) => return Err(TestCaseError::fail("evidence")),
            Ok(Adoption::Unchanged) | Err(_) => prop_assert_eq!(held, before),
        }
    }

    #[test]
    fn a_torn_or_rotten_file_of_a_scanner_is_refused(damage in mutation()) {
        let damaged = damage.of(&FILE);
        prop_assume!(damaged != *FILE);
        prop_assert!(Held::from_own_file(&damaged).is_err());
    }

    #[test]
    fn a_damaged_file_with_a_new_checksum_is_refused_or_is_a_scanner(damage in vec(mutation(), 1..3)) {
        let body = FILE[..FILE.len() - 32].to_vec();
        let body = damage.iter().fold(body, |body, damage| if body.is_empty() { body } else { damage.of(&body) });
        let checksum = write::sha256(&body);
        if let Ok(mut held) = Held::from_own_file(&[body, checksum.to_vec()].concat()) {
            prop_assert_eq!(restarted(&held), held.clone());
            // It goes on like any other: it scans and adopts.
            let _ = scan_at(&world::text(&typical()), &held, NOW);
            let _ = held.adopt_bundle(&standard_bundle().encode()).unwrap();
            prop_assert_eq!(restarted(&held), held.clone());
        }
    }

    #[test]
    fn a_bundle_adopted_twice_changes_nothing_the_second_time(
        first in 1..6usize, count in 1..6usize, states in 0..4usize, seq in 90..110u32, parts in vec(any::<bool>(), 4)
    ) {
        let lists = lists();
        let last = (first + count).min(lists.len());
        let chain: Vec<&TrustContent> = lists[first.min(last - 1)..last].iter().collect();
        let mut bundle = bundle(&chain, seq, &history()[states]);
        let mut keep = parts.iter();
        bundle.objects.retain(|_| *keep.next().unwrap_or(&true));
        let bytes = bundle.encode();
        let mut held = standard_scanner();
        let _ = held.adopt_bundle(&bytes).unwrap();
        let once = held.clone();
        let results = held.adopt_bundle(&bytes).unwrap();
        prop_assert_eq!(&held, &once);
        prop_assert!(results.iter().all(|part| part.outcome != Ok(Adoption::Adopted)), "{:?}", results);
    }
}

#[test]
fn a_part_that_fails_leaves_the_others_of_its_bundle_in_force() {
    let whole = standard_bundle();
    for broken in 0..whole.objects.len() {
        let mut bundle = whole.clone();
        bundle.objects[broken].pop();
        let mut held = new_scanner();
        let results = held.adopt_bundle(&bundle.encode()).unwrap();
        let refused: Vec<Part> = results.rejected().map(|rejected| rejected.part).collect();
        assert_eq!(refused, [Part::Object(broken)]);
        assert_eq!(held.missing().count(), 1);
    }
}

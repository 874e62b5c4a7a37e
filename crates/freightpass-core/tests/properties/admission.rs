//! No damaged pass is admitted, and none shows a field.

use std::sync::LazyLock;

use freightpass_core::hold::Held;
use freightpass_core::pass::encode_text;
use freightpass_core::scan::Outcome;
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, NOW, at_index, typical};
use freightpass_vectors::write;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::mutation::mutation;
use super::{scan_at, standard_scanner};

static HELD: LazyLock<Held> = LazyLock::new(standard_scanner);
static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| world::pass(&typical()).bytes());

/// Every character that base45 and the prefix have.
const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

#[test]
fn the_pass_that_is_damaged_below_is_admitted_whole() {
    assert_eq!(scan_at(&encode_text(&GOOD), &HELD, NOW).outcome(), Outcome::Admit);
}

#[test]
fn no_pass_made_of_parts_of_two_is_admitted() {
    let claims = write::claims(&at_index(43));
    for other in [world::by("CN-3205", &claims), world::by("CN-3301", &claims)] {
        for picks in 1..15 {
            let members = world::pass(&typical()).members().into_iter().zip(other.members()).enumerate();
            let members =
                members.map(|(at, (mine, others))| if picks >> at & 1 == 1 { others } else { mine }).collect();
            let bytes = Item::Tag(18, Box::new(Item::List(members))).encode();
            // The unprotected headers are the same, so a pick of that alone makes no other pass.
            if bytes != *GOOD && bytes != other.bytes() {
                is_turned_away(&encode_text(&bytes)).unwrap();
            }
        }
    }
}

/// Whether a text is anything but admitted, with no field shown.
fn is_turned_away(text: &str) -> Result<(), TestCaseError> {
    let verdict = scan_at(text, &HELD, NOW);
    prop_assert_ne!(verdict.outcome(), Outcome::Admit, "{}", text);
    prop_assert!(verdict.pass().is_none(), "{} shows fields", verdict.code());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn none_of_ten_thousand_damaged_passes_is_admitted(damage in mutation()) {
        let bytes = damage.of(&GOOD);
        prop_assume!(bytes != *GOOD);
        is_turned_away(&encode_text(&bytes))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_damaged_text_is_admitted(at in any::<Index>(), by in select(ALPHABET), cut in any::<bool>()) {
        let good = encode_text(&GOOD);
        let mut text = good.clone().into_bytes();
        let at = at.index(text.len());
        if cut {
            text.truncate(at);
        } else {
            text[at] = by;
        }
        let text = String::from_utf8(text).unwrap();
        prop_assume!(text != good);
        is_turned_away(&text)?;
    }

    #[test]
    fn no_text_at_all_is_admitted(text in "(FP1:)?[0-9A-Z $%*+./:-]{0,600}|\\PC{0,80}", now in any::<u64>()) {
        let verdict = scan_at(&text, &HELD, now);
        prop_assert_ne!(verdict.outcome(), Outcome::Admit);
        prop_assert!(verdict.pass().is_none());
    }

    #[test]
    fn a_revoked_pass_is_revoked_at_any_clock(now in any::<u64>()) {
        prop_assert_eq!(scan_at(&world::text(&at_index(3)), &HELD, now).code(), "revoked");
    }

    #[test]
    fn a_pass_is_admitted_only_in_its_window_and_on_fresh_data(now in prop_oneof![any::<u64>(), NOW - 200_000..NOW + 900_000]) {
        let verdict = scan_at(&world::text(&typical()), &HELD, now);
        let issued = u64::from(world::ISSUED);
        let fresh = (issued - 300..=issued + 86_400).contains(&now);
        prop_assert_eq!(verdict.outcome() == Outcome::Admit, fresh, "{} at {}", verdict.code(), now);
    }
}

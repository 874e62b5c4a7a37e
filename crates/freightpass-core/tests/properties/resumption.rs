//! FP-05: a suspension that was lifted must not stay in force in scanners that saw it, nor come back by replay.

use freightpass_core::hold::{AdoptionError, Held, Part};
use freightpass_core::status::Value;
use freightpass_vectors::world::{self, NOW, typical};

use super::{bundle, new_scanner, scan_at};

#[test]
fn suspended_at_41_resumed_at_42_and_41_is_not_taken_again() {
    let mut suspended = world::states();
    suspended[1].set(42, Value::Suspended).unwrap();
    let list = world::trust();
    let at_41 = bundle(&[&list], 41, &suspended).encode();
    let at_42 = bundle(&[&list], 42, &world::states()).encode();
    let text = world::text(&typical());
    let code = |held: &Held| scan_at(&text, held, NOW).code();

    let mut held = new_scanner();
    held.adopt_bundle(&at_41).unwrap().all_adopted().unwrap();
    held.confirm_start().unwrap();
    assert_eq!(code(&held), "suspended");
    held.adopt_bundle(&at_42).unwrap().all_adopted().unwrap();
    assert_eq!(code(&held), "admit", "in the same process");
    held = Held::from_own_file(&held.to_own_file().unwrap()).unwrap();
    assert_eq!(code(&held), "admit", "after a restart");

    let before = held.clone();
    let results = held.adopt_bundle(&at_41).unwrap();
    let manifest = results.iter().find(|result| result.part == Part::Manifest).unwrap();
    assert!(
        matches!(manifest.outcome, Err(AdoptionError::RolledBack { found: (5, 41), held: (5, 42) })),
        "{manifest:?}"
    );
    assert_eq!(held, before);
    assert_eq!(code(&held), "admit");
}

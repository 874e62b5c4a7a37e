//! The ceremony, held against what a scanner adopts.

use ed25519_dalek::SigningKey;
use freightpass_core::hold::{Adoption, AdoptionError, Held};
use freightpass_core::key::Kid;
use freightpass_core::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustList};

use super::*;

const NOW: u32 = 1_796_054_400;
const DAY: u32 = 86_400;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

fn kid(seed: u8) -> Kid {
    Kid::of(&public(seed))
}

fn authority(code: &str, number: u32, division: &str, key: u8) -> Authority {
    let listed = ListedKey { key: public(key), from: NOW, until: NOW + 365 * DAY, compromised: false };
    Authority {
        code: code.to_owned(),
        number,
        name: code.to_owned(),
        level: Level::Prefecture,
        division: super::division(division),
        programmes: vec![],
        keys: vec![listed],
    }
}

/// Two of three roots (1, 2, 3), status key 4, one authority with key 5.
fn first() -> Draft {
    let mut draft = Draft::first(Beginning {
        deployment: *b"ceremony",
        roots: Roots { threshold: 2, keys: vec![public(1), public(2), public(3)] },
        issued: NOW,
        expires: NOW + 90 * DAY,
        max_age: DAY,
        skew: 300,
        longest_life: 30 * DAY,
        status_base: "HTTPS://PASS.TEST/S/".to_owned(),
    });
    draft.add_key(&Holder::Status, public(4), NOW, NOW + 365 * DAY).unwrap();
    let off_route = OffRoute::Refuse;
    draft.put_programme(Programme { number: 1, name: "test".into(), from: NOW, until: NOW + 365 * DAY, off_route });
    draft.add_authority(authority("CN-3205", 320_500, "3205", 5)).unwrap();
    draft.allow("CN-3205", 1).unwrap();
    draft
}

fn in_force() -> (Held, TrustList) {
    let draft = first();
    let one = cosign(&draft.encode().unwrap(), &key(1), None).unwrap();
    let two = cosign(&one, &key(3), None).unwrap();
    let mut held = Held::provisioned(&draft.provision());
    assert_eq!(held.adopt_trust(&two), Ok(Adoption::Adopted));
    let list = held.trust().unwrap().clone();
    (held, list)
}

#[test]
fn first_list_is_adopted_when_the_threshold_has_signed_and_not_before() {
    let draft = first();
    let one = cosign(&draft.encode().unwrap(), &key(1), None).unwrap();
    let again = cosign(&one, &key(1), None).unwrap();
    assert_eq!(again, one);
    assert_eq!(signed(&one, None).unwrap(), [(1, 2)]);
    let mut held = Held::provisioned(&draft.provision());
    assert_eq!(held.adopt_trust(&one), Err(AdoptionError::Threshold { valid: 1, threshold: 2 }));
    let two = cosign(&one, &key(2), None).unwrap();
    assert_eq!(signed(&two, None).unwrap(), [(2, 2)]);
    assert_eq!(held.adopt_trust(&two), Ok(Adoption::Adopted));
}

#[test]
fn stranger_and_damaged_draft_are_refused() {
    let payload = first().encode().unwrap();
    let stranger = cosign(&payload, &key(9), None);
    assert!(matches!(stranger, Err(CeremonyError::NotARoot { kid: by }) if by == kid(9)));
    assert!(matches!(cosign(&payload[1..], &key(1), None), Err(CeremonyError::Unreadable(_))));
    assert!(matches!(cosign(b"", &key(1), None), Err(CeremonyError::Unreadable(_))));
}

#[test]
fn rotation_ends_the_old_window_and_keeps_it_listed() {
    let (mut held, list) = in_force();
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
    let new = draft.rotate(kid(5), public(6), (NOW + 2 * DAY, NOW + 400 * DAY), NOW + 3 * DAY).unwrap();
    assert_eq!(new, kid(6));
    let keys = &draft.content().authorities[0].keys;
    assert_eq!((keys[0].until, keys[1].from, keys[1].until), (NOW + 3 * DAY, NOW + 2 * DAY, NOW + 400 * DAY));
    let payload = draft.encode().unwrap();
    let signed_list = cosign(&cosign(&payload, &key(2), Some(&list)).unwrap(), &key(3), Some(&list)).unwrap();
    assert_eq!(held.adopt_trust(&signed_list), Ok(Adoption::Adopted));
    assert_eq!(held.trust().unwrap().content().sequence, 2);
}

#[test]
fn compromised_key_carries_its_survivors_and_never_comes_back() {
    let (mut held, list) = in_force();
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
    draft.compromise(kid(5), Some([7; 32])).unwrap();
    assert_eq!(draft.content().survivors, [(kid(5), [7; 32])]);
    let refused = draft.rotate(kid(5), public(6), (NOW, NOW + DAY), NOW);
    assert!(matches!(refused, Err(CeremonyError::Compromised { .. })));
    assert!(matches!(draft.drop_key(kid(5)), Err(CeremonyError::Compromised { .. })));
    draft.add_key(&Holder::Authority("CN-3205".into()), public(6), NOW, NOW + 99 * DAY).unwrap();
    let list_2 = cosign(&cosign(&draft.encode().unwrap(), &key(1), None).unwrap(), &key(2), None).unwrap();
    assert_eq!(held.adopt_trust(&list_2), Ok(Adoption::Adopted));
    assert!(held.trust().unwrap().issuer(kid(5)).unwrap().listed.compromised);
    assert!(matches!(draft.compromise(kid(9), None), Err(CeremonyError::NoKey { .. })));
}

#[test]
fn new_roots_need_the_old_ones_and_themselves() {
    let (mut held, list) = in_force();
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY);
    draft.set_roots(Roots { threshold: 1, keys: vec![public(7)] });
    let payload = draft.encode().unwrap();
    let by_new = cosign(&payload, &key(7), Some(&list)).unwrap();
    assert_eq!(signed(&by_new, Some(&list)).unwrap(), [(0, 2), (1, 1)]);
    assert!(matches!(held.adopt_trust(&by_new), Err(AdoptionError::Threshold { valid: 0, threshold: 2 })));
    assert!(matches!(cosign(&by_new, &key(1), None), Err(CeremonyError::NotARoot { .. })));
    let by_old = cosign(&cosign(&by_new, &key(1), Some(&list)).unwrap(), &key(2), Some(&list)).unwrap();
    assert_eq!(held.adopt_trust(&by_old), Ok(Adoption::Adopted));
}

#[test]
fn number_follows_from_the_division() {
    let mut draft = first();
    for (division, number) in [("32", 320_000), ("3301", 330_100), ("429004", 429_004)] {
        let mut new = authority(&format!("CN-{division}"), number + 1, division, 6);
        assert!(matches!(draft.add_authority(new.clone()), Err(CeremonyError::Number { .. })));
        new.number = number;
        draft.add_authority(new).unwrap();
    }
    let nation = Authority { division: None, level: Level::Nation, ..authority("CN", 100_000, "11", 8) };
    assert!(matches!(draft.add_authority(nation.clone()), Err(CeremonyError::Number { .. })));
    draft.add_authority(Authority { number: 99_999, ..nation }).unwrap();
    let twice = draft.add_authority(authority("CN-3205", 320_500, "3205", 9));
    assert!(matches!(twice, Err(CeremonyError::AuthorityExists { .. })));
    draft.add_authority(authority("DE-BY", 7, "DE-BY", 10)).unwrap();
}

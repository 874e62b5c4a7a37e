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
    draft
        .put_programme(Programme { number: 1, name: "test".into(), from: NOW, until: NOW + 365 * DAY, off_route })
        .unwrap();
    draft.add_authority(authority("CN-3205", 320_500, "3205", 5)).unwrap();
    draft.allow("CN-3205", 1).unwrap();
    draft
}

fn in_force() -> (Held, TrustList) {
    let draft = first();
    let one = cosign(&draft.encode().unwrap(), &key(1), None).unwrap();
    let two = cosign(&one, &key(3), None).unwrap();
    let mut held = Held::provisioned(&draft.provision().unwrap());
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
    let mut held = Held::provisioned(&draft.provision().unwrap());
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
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
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
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
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
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
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

#[test]
fn a_list_that_stops_every_checkpoint_is_told_before_it_is_drafted() {
    let (_, list) = in_force();
    let next = || Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
    assert!(next().check_goes_on().is_ok());
    let mut alone = next();
    alone.compromise(kid(4), None).unwrap();
    assert!(matches!(alone.check_goes_on(), Err(CeremonyError::NoStatusKey { at }) if at == NOW + DAY));
    // The successor has to sign from the moment of the list on, and to its end of max_age at least.
    for (from, until, at) in [(NOW + DAY + 1, NOW + 9 * DAY, NOW + DAY), (NOW + DAY, NOW + 2 * DAY, NOW + 2 * DAY)] {
        let mut late = alone.clone();
        late.add_key(&Holder::Status, public(8), from, until).unwrap();
        assert!(matches!(late.check_goes_on(), Err(CeremonyError::NoStatusKey { at: found }) if found == at));
    }
    alone.add_key(&Holder::Status, public(8), NOW + DAY, NOW + 2 * DAY + 1).unwrap();
    assert!(alone.check_goes_on().is_ok());
    assert!(matches!(Draft::next(&list, NOW - 1, NOW + DAY), Err(CeremonyError::ClockBehind { .. })));
    let off_route = OffRoute::Refer;
    let never = Programme { number: 2, name: "never".into(), from: NOW, until: NOW, off_route };
    assert!(matches!(next().put_programme(never), Err(CeremonyError::NeverOpen { number: 2, .. })));
}

#[test]
fn what_is_given_as_the_list_in_force_is_believed_only_as_far_as_its_roots_signed_it() {
    let (_, list) = in_force();
    let payload = first().encode().unwrap();
    let one = cosign(&payload, &key(1), None).unwrap();
    let two = cosign(&one, &key(2), None).unwrap();
    let next =
        cosign(&Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap().encode().unwrap(), &key(1), None).unwrap();
    let read = freightpass_core::trust::UnverifiedTrustList::read(&next).unwrap().unverified_list().unwrap();
    assert_eq!(in_force_before(&two, &read).unwrap().content().sequence, 1);
    for (object, word) in [(&payload, "nobody"), (&one, "too few"), (&next, "too few")] {
        let error = in_force_before(object, &read).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
    let itself = cosign(&next, &key(2), None).unwrap();
    assert!(in_force_before(&itself, &read).unwrap_err().to_string().contains("does not stand below"));
}

#[test]
fn changes_say_whose_passes_they_cut_off() {
    let (_, list) = in_force();
    let said = |change: &dyn Fn(&mut Draft)| {
        let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
        change(&mut draft);
        let found = changes(list.content(), draft.content());
        found.iter().map(|change| change.to_string() + "\n").collect::<String>()
    };
    assert_eq!(said(&|_| {}), "");
    let shortened = said(&|draft| {
        draft.rotate(kid(5), public(6), (NOW + 2 * DAY, NOW + 400 * DAY), NOW + 9 * DAY).unwrap();
    });
    assert!(shortened.contains("passes of it that begin at"), "{shortened}");
    let stolen = said(&|draft| draft.compromise(kid(5), None).unwrap());
    assert!(stolen.contains("every pass of it is referred"), "{stolen}");
    let dropped = said(&|draft| draft.drop_authority("CN-3205").unwrap());
    assert!(dropped.contains("is removed with its keys: every pass of it is refused"), "{dropped}");
    // A set of survivors that is listed stays where no other is given.
    let mut draft = Draft::next(&list, NOW + DAY, NOW + 91 * DAY).unwrap();
    draft.compromise(kid(5), Some([7; 32])).unwrap();
    draft.compromise(kid(5), None).unwrap();
    assert_eq!(draft.content().survivors, [(kid(5), [7; 32])]);
}

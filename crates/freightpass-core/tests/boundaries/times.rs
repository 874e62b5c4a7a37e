//! The moment of a scan against every bound of time, of age, of an index.

use freightpass_core::hold::Held;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::pass::Claims;
use freightpass_core::scan::{Observation, Outcome, Policy, Reason, Verdict, scan, scan_bytes};
use freightpass_core::trust::TrustContent;
use freightpass_vectors::world::{self, DAY, ISSUED, LIST, N, NOW, T0, at_index, changed, typical, valid_in};
use freightpass_vectors::write;

use super::{new_scanner, scanner};

fn standard() -> Held {
    scanner(&world::trust(), &world::standard_manifest())
}

fn with_trust(change: impl FnOnce(&mut TrustContent)) -> Held {
    let mut list = world::trust();
    change(&mut list);
    scanner(&list, &world::manifest(&list, 100, ISSUED, &world::states()))
}

fn with_manifest(change: impl FnOnce(&mut ManifestContent)) -> Held {
    let mut manifest = world::standard_manifest();
    change(&mut manifest);
    scanner(&world::trust(), &manifest)
}

fn judged(text: &str, held: &Held, policy: &Policy, now: u64) -> Verdict {
    let seen = Observation { county: Some(world::place(320_583)), ..Observation::default() };
    scan(text, held, policy, &seen, now)
}

/// The codes of a text before, at and behind a time.
fn around(text: &str, held: &Held, time: u64) -> [&'static str; 3] {
    [time - 1, time, time + 1].map(|now| judged(text, held, &Policy::default(), now).code())
}

/// The codes of passes whose `nbf` is before, at and behind a time, all by the key of that name.
fn beginning_around(key: &str, held: &Held, time: u32, change: fn(&mut Claims)) -> [&'static str; 3] {
    [time - 1, time, time + 1].map(|nbf| {
        let mut claims = typical();
        claims.nbf = nbf;
        change(&mut claims);
        let text = write::text(&world::by(key, &write::claims(&claims)).bytes());
        judged(&text, held, &Policy::default(), NOW).code()
    })
}

#[test]
fn a_pass_is_in_force_until_the_second_before_its_end() {
    let text = world::text(&valid_in(T0, T0 + 7800));
    assert_eq!(around(&text, &standard(), u64::from(T0) + 7800), ["admit", "expired", "expired"]);
}

#[test]
fn a_pass_is_in_force_from_the_skew_before_its_beginning() {
    let text = world::text(&valid_in(T0 + 7500, T0 + 7 * DAY));
    assert_eq!(around(&text, &standard(), u64::from(T0) + 7200), ["not_yet_valid", "admit", "admit"]);
    let strict = with_trust(|list| list.skew = 0);
    assert_eq!(around(&text, &strict, u64::from(T0) + 7500), ["not_yet_valid", "admit", "admit"]);
}

#[test]
fn the_skew_forgives_nothing_at_the_end() {
    let generous = with_trust(|list| list.skew = 600);
    let text = world::text(&valid_in(T0, T0 + 7800));
    assert_eq!(around(&text, &generous, u64::from(T0) + 7800), ["admit", "expired", "expired"]);
}

#[test]
fn a_manifest_is_fresh_up_to_its_longest_age() {
    let oldest = u64::from(ISSUED + DAY);
    assert_eq!(around(&world::text(&typical()), &standard(), oldest), ["admit", "admit", "status_stale"]);
    let none = with_trust(|list| list.max_age = 0);
    assert_eq!(around(&world::text(&typical()), &none, u64::from(ISSUED)), ["admit", "admit", "status_stale"]);
}

#[test]
fn a_manifest_speaks_until_the_second_before_it_expires() {
    let held = with_manifest(|manifest| manifest.expires = ISSUED + 1200);
    let end = u64::from(ISSUED) + 1200;
    assert_eq!(around(&world::text(&typical()), &held, end), ["admit", "status_stale", "status_stale"]);
}

#[test]
fn a_trust_list_speaks_until_the_second_before_it_expires() {
    let held = with_trust(|list| list.expires = T0 + 7300);
    let end = u64::from(T0) + 7300;
    assert_eq!(around(&world::text(&typical()), &held, end), ["admit", "trust_expired", "trust_expired"]);
}

#[test]
fn a_clock_may_be_behind_signed_time_by_the_skew() {
    let least = u64::from(ISSUED) - 300;
    assert_eq!(around(&world::text(&typical()), &standard(), least), ["clock_behind", "admit", "admit"]);
    // Without skew the floor itself is the least.
    let strict = with_trust(|list| list.skew = 0);
    assert_eq!(around(&world::text(&typical()), &strict, u64::from(ISSUED)), ["clock_behind", "admit", "admit"]);
}

#[test]
fn the_checkpoints_own_policy_is_only_ever_stricter() {
    let held = standard();
    let text = world::text(&typical());
    let aged = |own: u32, age: u32| {
        let policy = Policy { max_age: Some(own), ..Policy::default() };
        judged(&text, &held, &policy, u64::from(ISSUED + age)).code()
    };
    assert_eq!([99, 100, 101].map(|age| aged(100, age)), ["admit", "admit", "status_stale"]);
    assert_eq!([DAY - 1, DAY, DAY + 1].map(|age| aged(DAY + 1, age)), ["admit", "admit", "status_stale"]);
    let off = |own: u32, behind: u32| {
        let policy = Policy { skew: Some(own), ..Policy::default() };
        judged(&text, &held, &policy, u64::from(ISSUED - behind)).code()
    };
    assert_eq!([9, 10, 11].map(|behind| off(10, behind)), ["admit", "admit", "clock_behind"]);
    assert_eq!([299, 300, 301].map(|behind| off(301, behind)), ["admit", "admit", "clock_behind"]);
}

#[test]
fn root_signed_time_expires_a_pass_at_its_second() {
    let held = with_trust(|list| list.issued = ISSUED);
    let ends = |exp: u32| {
        let verdict = judged(&world::text(&valid_in(T0, exp)), &held, &Policy::default(), NOW - 600);
        match verdict.reason() {
            Some(Reason::Expired { row, bound, .. }) => Some((*row, *bound)),
            other => other.map(|reason| panic!("{reason}")),
        }
    };
    let floor = u64::from(ISSUED);
    assert_eq!([ISSUED - 1, ISSUED, ISSUED + 1].map(ends), [Some((12, floor)), Some((12, floor)), None]);
}

#[test]
fn a_life_may_be_the_longest() {
    let held = with_trust(|list| list.longest_life = 5 * DAY);
    let codes = [5 * DAY - 1, 5 * DAY, 5 * DAY + 1].map(|life| {
        let verdict = judged(&world::text(&valid_in(T0, T0 + life)), &held, &Policy::default(), NOW);
        verdict.code()
    });
    assert_eq!(codes, ["admit", "admit", "life_too_long"]);
}

#[test]
fn a_key_signs_from_its_first_to_its_last_second() {
    let around = |time| beginning_around("CN-3205 short", &standard(), time, |_| ());
    assert_eq!(around(T0 - 3600), ["key_window", "admit", "admit"]);
    assert_eq!(around(T0 + 3600), ["admit", "key_window", "key_window"]);
}

#[test]
fn a_programme_is_open_from_its_first_to_its_last_second() {
    let around = |time| beginning_around("CN-3205", &standard(), time, |claims| claims.subject.programme = 5);
    assert_eq!(around(T0 - 1800), ["programme_not_allowed", "admit", "admit"]);
    assert_eq!(around(T0 + 1800), ["admit", "programme_not_allowed", "programme_not_allowed"]);
}

#[test]
fn a_pass_ends_after_it_begins() {
    let codes = [NOW as u32 + 599, NOW as u32 + 600, NOW as u32 + 601].map(|nbf| {
        let text = world::text(&valid_in(nbf, NOW as u32 + 600));
        judged(&text, &standard(), &Policy::default(), NOW).code()
    });
    assert_eq!(codes, ["not_yet_valid", "claims_invalid", "claims_invalid"]);
}

#[test]
fn a_manifest_may_name_the_trust_list_held_and_no_later_one() {
    let codes = [5, 6].map(|named| {
        let held = with_manifest(|manifest| manifest.trust_sequence = named);
        judged(&world::text(&typical()), &held, &Policy::default(), NOW).code()
    });
    assert_eq!(codes, ["admit", "trust_behind"]);
    // One that names the list before goes on being used.
    let mut held = standard();
    let mut next = world::trust();
    next.sequence = 6;
    held.adopt_trust(&world::signed_trust(&next)).unwrap();
    assert_eq!(judged(&world::text(&typical()), &held, &Policy::default(), NOW).code(), "admit");
}

#[test]
fn an_index_lies_below_n() {
    let held = standard();
    let codes = [N - 1, N, N + 1].map(|idx| {
        let verdict = judged(&world::text(&at_index(idx)), &held, &Policy::default(), NOW);
        verdict.code()
    });
    assert_eq!(codes, ["admit", "index_beyond", "index_beyond"]);
}

#[test]
fn a_state_is_current_only_with_the_n_and_the_hash_that_the_manifest_names() {
    let named = |change: fn(&mut ManifestContent)| {
        let mut manifest = world::standard_manifest();
        manifest.seq += 1;
        change(&mut manifest);
        let mut held = standard();
        held.adopt_manifest(&world::signed_manifest(&manifest, "status 1")).unwrap();
        let missing: Vec<u32> = held.missing().collect();
        (missing, judged(&world::text(&typical()), &held, &Policy::default(), NOW).code())
    };
    assert_eq!(named(|_| ()), (vec![], "admit"));
    assert_eq!(named(|manifest| manifest.lists[1].n += 1), (vec![LIST], "status_missing"));
    assert_eq!(named(|manifest| manifest.lists[1].state = [0; 32]), (vec![LIST], "status_missing"));
}

#[test]
fn a_verdict_says_how_old_its_data_is_and_by_what_time_it_judged() {
    let verdict = judged(&world::text(&typical()), &standard(), &Policy::default(), NOW);
    let fresh = *verdict.freshness();
    assert_eq!((fresh.trust_sequence, fresh.manifest_seq), (Some(5), Some(100)));
    assert_eq!((fresh.issued, fresh.age_s, fresh.floor, fresh.t), (Some(ISSUED), Some(600), ISSUED, NOW));
    // The clock is behind: the floor is the time, and the age is none.
    let behind = *judged(&world::text(&typical()), &standard(), &Policy::default(), 5).freshness();
    assert_eq!((behind.age_s, behind.t), (Some(0), ISSUED.into()));
    let nothing = *judged(&world::text(&typical()), &new_scanner(), &Policy::default(), 5).freshness();
    assert_eq!((nothing.trust_sequence, nothing.manifest_seq, nothing.issued, nothing.age_s), (None, None, None, None));
    assert_eq!((nothing.floor, nothing.t), (T0 - 10 * DAY, u64::from(T0 - 10 * DAY)));
}

#[test]
fn a_reason_carries_the_values_that_were_compared() {
    let held = standard();
    let reason = |claims: &Claims, now| judged(&world::text(claims), &held, &Policy::default(), now).reason().cloned();
    match reason(&at_index(3), NOW) {
        Some(Reason::Revoked { list, idx, seq, age_s }) => {
            assert_eq!((list, idx, seq, age_s.0), (LIST, 3, 100, Some(600)));
        }
        other => panic!("{other:?}"),
    }
    match reason(&typical(), u64::from(ISSUED + DAY) + 1) {
        Some(Reason::StatusStale { seq, age_s, limit_s }) => {
            assert_eq!((seq, age_s.0, limit_s), (100, Some(u64::from(DAY) + 1), DAY));
        }
        other => panic!("{other:?}"),
    }
    match reason(&changed(|claims| claims.subject.programme = 3), NOW) {
        Some(Reason::ProgrammeNotAllowed { programme, authority, current }) => {
            assert_eq!((programme, authority.as_str(), current), (3, "CN-3205", true));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn bytes_are_judged_as_their_text_is() {
    let held = standard();
    let seen = Observation { county: Some(world::place(320_583)), ..Observation::default() };
    for claims in [typical(), at_index(3), at_index(N)] {
        let by_text = judged(&world::text(&claims), &held, &Policy::default(), NOW);
        let bytes = world::pass(&claims).bytes();
        assert_eq!(scan_bytes(&bytes, &held, &Policy::default(), &seen, NOW), by_text);
    }
    let shown = scan_bytes(&world::pass(&typical()).bytes(), &held, &Policy::default(), &seen, NOW);
    let pass = shown.pass().expect("a pass whose signature holds");
    assert_eq!((pass.claims(), pass.kid(), pass.authority_name()), (&typical(), world::kid_of("CN-3205"), "苏州市"));
    assert_eq!(shown.outcome(), Outcome::Admit);
}

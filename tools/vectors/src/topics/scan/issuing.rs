//! Rows 6, 7, 11 and 12, 14: who may issue what, and what old data still refuses.

use freightpass_core::division::Division;
use freightpass_core::pass::{Claims, PassNumber};

use super::status_of;
use crate::topic::{Topic, scan};
use crate::world::{self, DAY, ISSUED, LIMITS, T0, at_index, by, changed, place, text, typical, valid_in};
use crate::write;

pub(super) fn issuers(topic: &mut Topic) {
    let claims = write::claims(&typical());
    let unknown = || scan(write::text(&by("nobody", &claims).bytes()));
    topic.scan("an unknown key on current data is refused", "5, row 6", "standard", unknown().refuse("key_unknown"));
    let stale = u64::from(ISSUED + DAY + 1);
    topic.scan("an unknown key on stale data is referred", "5, row 6: it may be newer than the data", "standard", {
        unknown().at(stale).refer("key_unknown")
    });
    for (scanner, why) in [
        ("unconfirmed", "an unconfirmed start"),
        ("no manifest", "no manifest"),
        ("trust behind", "a trust list behind"),
        ("trust ends now", "an expired trust list"),
        ("equivocation", "equivocation"),
    ] {
        let name = format!("an unknown key with {why} is referred");
        topic.scan(&name, "5, row 6", scanner, unknown().refer("key_unknown"));
    }
    topic.scan("an unknown key with a clock behind is referred", "5, row 6", "standard", {
        unknown().at(u64::from(ISSUED) - 301).refer("key_unknown")
    });
    let mismatch = || scan(write::text(&by("CN-3301", &claims).bytes()));
    topic.scan("a key of another authority on current data is refused", "5, row 7", "standard", {
        mismatch().refuse("issuer_mismatch")
    });
    topic.scan("a key of another authority on stale data is referred", "5, row 7", "standard", {
        mismatch().at(stale).refer("issuer_mismatch")
    });
    topic.scan(
        "without a trust list everything is referred",
        "5, row 4",
        "new",
        scan(text(&typical())).refer("no_trust"),
    );
    topic.scan("without a trust list malformed text is malformed", "5, row 3 before 4", "new", {
        scan("FP1:BB8").malformed("envelope", "shape")
    });
    topic.scan("without a trust list claims are not read", "5, row 4 before the CDDL", "new", {
        scan(world::altered(|claims| claims.without(1))).refer("no_trust")
    });
    let mut forged = world::pass(&typical()).members();
    forged[3] = crate::item::Item::bytes(&[9; 64]);
    let forged = crate::item::Item::Tag(18, Box::new(crate::item::Item::List(forged))).encode();
    topic.scan("a bad signature is refused on old data too", "5, row 8", "standard", {
        scan(write::text(&forged)).at(stale).refuse("bad_signature")
    });
}

pub(super) fn old_data(topic: &mut Topic) {
    let stale = u64::from(ISSUED + 30 * DAY);
    let revoked = || scan(text(&at_index(3)));
    topic.scan("revoked", "5, row 11", "standard", revoked().refuse("revoked"));
    topic.scan("revoked on old data too", "5, row 11", "standard", revoked().at(stale).refuse("revoked"));
    topic.scan("revoked with a clock at 1970", "5, row 11", "standard", revoked().at(0).refuse("revoked"));
    topic.scan("revoked, the last of a batch", "5, row 11", "standard", scan(text(&at_index(103))).refuse("revoked"));
    topic.scan("the index after a batch is admitted", "5, row 11", "standard", scan(text(&at_index(104))));
    topic.scan("the same index of another list is admitted", "5, row 11", "standard", {
        scan(text(&Claims { status: status_of(&valid_in(T0, T0 + 10 * DAY), 3), ..valid_in(T0, T0 + 10 * DAY) }))
    });
    // The floor of roots is issued of the lists 5 and 6, and no manifest is held.
    let issued = world::trust().issued;
    let expired = |exp| scan(text(&valid_in(issued - DAY, exp))).at(0);
    topic.scan(
        "expired a second before the root floor",
        "5, row 12",
        "no manifest",
        expired(issued - 1).refuse("expired"),
    );
    topic.scan("expired at the root floor", "5, row 12", "no manifest", expired(issued).refuse("expired"));
    topic.scan("not expired a second after the root floor", "5, row 12: what follows is row 16", "no manifest", {
        expired(issued + 1).refer("clock_behind")
    });
}

pub(super) fn powers(topic: &mut Topic) {
    let longest = LIMITS.2;
    for (name, exp, long) in [
        ("a second below the longest life", T0 + longest - 1, false),
        ("of the longest life", T0 + longest, false),
        ("a second over the longest life", T0 + longest + 1, true),
    ] {
        let scan = scan(text(&valid_in(T0, exp)));
        let (scan, outcome) = if long { (scan.refuse("life_too_long"), "refused") } else { (scan, "admitted") };
        topic.scan(&format!("a life {name} is {outcome}"), "5, row 14", "standard", scan);
    }
    let route = |codes: &[u32]| changed(|claims| claims.subject.route = codes.iter().copied().map(place).collect());
    let out = |claims: &Claims| scan(text(claims)).refuse("out_of_scope");
    let here = |claims: &Claims, county: &str| scan(text(claims)).county(county);
    topic.standard(
        "origin and destination outside the division are out of scope",
        "5, row 14",
        out(&route(&[330_106, 310_115])),
    );
    topic.standard("a stop inside the division is not enough", "5, row 14", out(&route(&[330_106, 310_115, 320_583])));
    topic.standard(
        "a destination inside the division is enough",
        "5, row 14",
        here(&route(&[330_106, 320_583]), "320583"),
    );
    topic.standard("the division itself is inside", "5, row 14", here(&route(&[3205, 330_106]), "320583"));
    topic.standard(
        "the province around the division is not inside",
        "5, row 14: as written",
        out(&route(&[32, 330_106])),
    );
    topic.standard("a neighbour with the same digits is not inside", "5, row 14", out(&route(&[320_683, 330_106])));
    let numbered = |number| changed(|claims| claims.number = PassNumber::new(number, 2526, 42).expect("a number"));
    topic.standard("a number of another authority is out of scope", "5, row 14", out(&numbered(330_100)));
    topic.standard("a number of nobody is out of scope", "5, row 14", out(&numbered(1)));
    topic.standard("out of scope on stale data is referred", "5, row 14", {
        scan(text(&numbered(330_100))).at(u64::from(ISSUED + DAY + 1)).refer("out_of_scope")
    });
    topic.standard("out of scope with a clock behind is referred", "5, row 14 before 16", {
        scan(text(&numbered(330_100))).at(u64::from(ISSUED) - 301).refer("out_of_scope")
    });
    let long = || scan(text(&valid_in(T0, T0 + longest + 1)));
    for (scanner, code) in
        [("trust behind", "trust_behind"), ("trust ends now", "trust_expired"), ("equivocation", "equivocation")]
    {
        let name = format!("out of scope for a scanner of {code} is referred for that");
        topic.scan(&name, "5, row 13 before 14", scanner, scan(text(&numbered(330_100))).refer(code));
        let name = format!("too long a life for a scanner of {code} is referred for that");
        topic.scan(&name, "5, row 13 before 14", scanner, long().refer(code));
    }
    for (scanner, why) in [("unconfirmed", "an unconfirmed start"), ("no manifest", "no manifest")] {
        let name = format!("out of scope with {why} is referred");
        topic.scan(&name, "5, row 14 before 16", scanner, scan(text(&numbered(330_100))).refer("out_of_scope"));
        let name = format!("too long a life with {why} is referred");
        topic.scan(&name, "5, row 14 before 16", scanner, long().refer("life_too_long"));
    }
    let of = |code: &str, number, route: &[u32]| {
        let mut claims = changed(|claims| claims.subject.route = route.iter().copied().map(place).collect());
        (claims.iss, claims.number) = (code.into(), PassNumber::new(number, 2526, 42).expect("a number"));
        claims
    };
    topic.standard(
        "the nation issues everywhere",
        "1.1: division 0",
        here(&of("CN", 1, &[650_102, 460_105]), "650104"),
    );
    topic.standard(
        "a province issues in its prefectures",
        "5, row 14",
        here(&of("CN-32", 320_000, &[320_583, 31]), "320505"),
    );
    topic.standard("a province does not issue elsewhere", "5, row 14", out(&of("CN-32", 320_000, &[330_106, 31])));
    topic.standard(
        "a municipality issues in its counties",
        "5, row 14",
        here(&of("CN-31", 310_000, &[310_115, 33]), "310101"),
    );
    topic.standard("a county run by a province issues for itself", "5, row 14", {
        here(&of("CN-429004", 429_004, &[429_004, 420_106]), "429004")
    });
    topic.standard("a county run by a province does not issue for its neighbour", "5, row 14", {
        out(&of("CN-429004", 429_004, &[429_005, 420_106]))
    });
    let text_route = |claims: Claims, places: [&str; 2]| Claims {
        subject: freightpass_core::pass::Subject {
            route: places.iter().map(|place| Division::Text((*place).into())).collect(),
            ..claims.subject
        },
        ..claims
    };
    let bavarian = || of("DE-BY", 900_001, &[11, 12]);
    topic.standard("a text division issues for itself", "5, row 14", {
        here(&text_route(bavarian(), ["DE-BY", "DE-HE"]), "DE-HE")
    });
    topic.standard("a text division does not issue for its beginning", "5, row 14: compared whole", {
        out(&text_route(bavarian(), ["DE-B", "DE-HE"]))
    });
    let programme = |number| changed(|claims| claims.subject.programme = number);
    let denied = |claims: &Claims| scan(text(claims)).refuse("programme_not_allowed");
    topic.standard("a programme of another authority is not allowed", "5, row 14", denied(&programme(3)));
    topic.standard("a programme that the list does not have is not allowed", "5, row 14", denied(&programme(4)));
    topic.standard("a programme of nobody is not allowed", "5, row 14", denied(&programme(65535)));
    topic.standard("a programme that is not open on stale data is referred", "5, row 14", {
        scan(text(&programme(3))).at(u64::from(ISSUED + DAY + 1)).refer("programme_not_allowed")
    });
    let mut province = of("CN-32", 320_000, &[320_583, 31]);
    province.subject.programme = 3;
    topic.standard("a programme of one's own is allowed", "5, row 14", here(&province, "320583"));
}

/// Boundaries of windows by nbf.
pub(super) fn windows(topic: &mut Topic) {
    let beginning = |nbf: u32| valid_in(nbf, T0 + 7 * DAY);
    let short = |nbf: u32| write::text(&by("CN-3205 short", &write::claims(&beginning(nbf))).bytes());
    for (name, nbf, inside) in [
        ("a second before the key's window", T0 - 3601, false),
        ("at the first second of the key's window", T0 - 3600, true),
        ("a second after the key's window began", T0 - 3599, true),
        ("at the last second of the key's window", T0 + 3599, true),
        ("at the end of the key's window", T0 + 3600, false),
        ("a second after the key's window", T0 + 3601, false),
    ] {
        let scan = scan(short(nbf));
        let scan = if inside { scan } else { scan.refuse("key_window") };
        topic.scan(&format!("nbf {name}"), "2.2: nbf decides", "standard", scan);
    }
    topic.scan("nbf outside the key's window on stale data is referred", "5, row 14", "standard", {
        scan(short(T0 + 3600)).at(u64::from(ISSUED + DAY + 1)).refer("key_window")
    });
    let hour = |nbf: u32| {
        let mut claims = beginning(nbf);
        claims.subject.programme = 5;
        text(&claims)
    };
    for (name, nbf, inside) in [
        ("a second before the programme opens", T0 - 1801, false),
        ("when the programme opens", T0 - 1800, true),
        ("a second after the programme opened", T0 - 1799, true),
        ("in the programme's last second", T0 + 1799, true),
        ("when the programme closes", T0 + 1800, false),
        ("a second after the programme closed", T0 + 1801, false),
    ] {
        let scan = scan(hour(nbf));
        let scan = if inside { scan } else { scan.refuse("programme_not_allowed") };
        topic.scan(&format!("nbf {name}"), "5, row 14", "standard", scan);
    }
}

//! The verdict: every row, every boundary, and which row goes first.

use freightpass_core::division::Division;
use freightpass_core::pass::{Claims, PassNumber};
use freightpass_core::trust::TrustContent;

use crate::model::Scan;
use crate::topic::{self, Event, Topic, manifest, object, refused, scan, trust};
use crate::world::{
    self, DAY, ISSUED, LIMITS, N, NOW, T0, at_index, by, changed, place, signed_manifest, signed_trust, snapshot,
    states, text, typical, valid_in,
};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("scan", "The verdict: rows, boundaries, precedence");
    scanners(&mut topic);
    issuers(&mut topic);
    old_data(&mut topic);
    powers(&mut topic);
    windows(&mut topic);
    clocks(&mut topic);
    status(&mut topic);
    in_force(&mut topic);
    plates(&mut topic);
    places(&mut topic);
    policies(&mut topic);
    precedence(&mut topic);
    topic
}

/// The present, as passes and trust lists count it.
const PRESENT: u32 = NOW as u32;

fn unconfirmed() -> Vec<Event> {
    topic::standard().into_iter().filter(|event| !matches!(event, Event::ConfirmStart)).collect()
}

/// What a scanner adopts of this trust list and a manifest issued then.
fn with(list: &TrustContent, issued: u32) -> Vec<Event> {
    let named = world::manifest(list, 100, issued, &states());
    let mut events = vec![trust(&signed_trust(list)), manifest(&signed_manifest(&named, "status 1"))];
    events.extend(states().iter().map(|state| object(&snapshot(state))));
    events.push(Event::ConfirmStart);
    events
}

fn list(change: impl FnOnce(&mut TrustContent)) -> TrustContent {
    let mut list = world::trust();
    change(&mut list);
    list
}

fn scanners(topic: &mut Topic) {
    let mut add = |name: &str, events: Vec<Event>| topic.scanner(name, &world::provision(), events);
    let standard = topic::standard();
    add("standard", standard.clone());
    add("new", vec![]);
    add("unconfirmed", unconfirmed());
    let without_states: Vec<Event> =
        standard.iter().filter(|event| !matches!(event, Event::Adopt { kind: "object", .. })).cloned().collect();
    add("no states", without_states);
    // Only a compromised status key takes a manifest away again: its list is dated as list 5 is.
    let dropped = list(|list| {
        list.sequence = 6;
        list.status_keys[0].compromised = true;
    });
    add("no manifest", [standard.clone(), vec![trust(&signed_trust(&dropped))]].concat());
    add("trust ends now", with(&list(|list| list.expires = PRESENT), ISSUED));
    add("trust ends in a second", with(&list(|list| list.expires = PRESENT + 1), ISSUED));
    add("trust ended a second ago", with(&list(|list| list.expires = PRESENT - 1), ISSUED));
    let six = list(|list| (list.sequence, list.issued) = (6, T0));
    let behind = signed_manifest(&world::manifest(&six, 101, ISSUED, &states()), "status 1");
    add("trust behind", [standard.clone(), vec![manifest(&behind)]].concat());
    let twin = signed_trust(&list(|list| list.max_age = 1));
    add("equivocation", [standard.clone(), vec![refused("trust", &twin, "equivocation")]].concat());
    let marked = list(|list| {
        (list.sequence, list.issued) = (6, T0);
        list.authorities[3].keys[0].compromised = true;
    });
    add("compromised", with(&marked, ISSUED));
    let named = world::manifest(&world::trust(), 100, ISSUED, &states());
    let short = freightpass_core::manifest::ManifestContent { expires: ISSUED + 3600, ..named };
    let mut brief = with(&world::trust(), ISSUED);
    brief[1] = manifest(&signed_manifest(&short, "status 1"));
    add("brief manifest", brief);
}

fn issuers(topic: &mut Topic) {
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

fn old_data(topic: &mut Topic) {
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

fn status_of(claims: &Claims, idx: u32) -> freightpass_core::pass::StatusReference {
    freightpass_core::pass::StatusReference { idx, ..claims.status.clone() }
}

fn powers(topic: &mut Topic) {
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
fn windows(topic: &mut Topic) {
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

fn clocks(topic: &mut Topic) {
    let good = || scan(text(&typical()));
    let floor = u64::from(ISSUED);
    for (name, now, behind) in [
        ("a second more than the skew behind the floor", floor - 301, true),
        ("the skew behind the floor", floor - 300, false),
        ("a second less than the skew behind the floor", floor - 299, false),
        ("at the floor", floor, false),
    ] {
        let scan = good().at(now);
        let scan = if behind { scan.refer("clock_behind") } else { scan };
        topic.scan(&format!("a clock {name}"), "5, row 16", "standard", scan);
    }
    topic.scan(
        "a clock at 1970 over old data refers",
        "5: such data looks fresh",
        "standard",
        good().at(0).refer("clock_behind"),
    );
    let unknown = scan(write::text(&by("nobody", &write::claims(&typical())).bytes()));
    topic.scan(
        "a clock at 1970 refuses nothing that it does not know",
        "5",
        "standard",
        unknown.at(0).refer("key_unknown"),
    );
    topic.scan("an unconfirmed start refers", "5, row 16", "unconfirmed", good().refer("unconfirmed_start"));
    topic.scan(
        "a clock behind goes before an unconfirmed start",
        "5, row 16",
        "unconfirmed",
        good().at(0).refer("clock_behind"),
    );
    for (scanner, expired) in
        [("trust ends in a second", false), ("trust ends now", true), ("trust ended a second ago", true)]
    {
        let scan = if expired { good().refer("trust_expired") } else { good() };
        topic.scan(&format!("a scanner whose {scanner}"), "5, row 13", scanner, scan);
    }
    topic.scan(
        "a trust list behind refers",
        "5, row 13: a freeze of the trust list",
        "trust behind",
        good().refer("trust_behind"),
    );
    topic.scan("equivocation refers", "5, row 13", "equivocation", good().refer("equivocation"));
}

fn status(topic: &mut Topic) {
    let good = || scan(text(&typical()));
    topic.scan("no manifest: the status is missing", "5, row 17", "no manifest", good().refer("status_missing"));
    topic.scan("no state: the status is missing", "5, row 17", "no states", good().refer("status_missing"));
    topic.scan("a stale manifest without state: the status is missing", "5, row 17, in its order", "no states", {
        good().at(u64::from(ISSUED + DAY + 1)).refer("status_missing")
    });
    for (name, age, stale) in [
        ("a second below the longest age", DAY - 1, false),
        ("at the longest age", DAY, false),
        ("a second over the longest age", DAY + 1, true),
    ] {
        let scan = good().at(u64::from(ISSUED + age));
        let scan = if stale { scan.refer("status_stale") } else { scan };
        topic.scan(&format!("a manifest {name}"), "5", "standard", scan);
    }
    for (name, age, stale) in [
        ("a second before it expires", 3599, false),
        ("when it expires", 3600, true),
        ("a second after it expired", 3601, true),
    ] {
        let scan = good().at(u64::from(ISSUED + age));
        let scan = if stale { scan.refer("status_stale") } else { scan };
        topic.scan(&format!("a brief manifest {name}"), "5", "brief manifest", scan);
    }
    let later = || scan(text(&valid_in(T0, T0 + 17 * DAY)));
    topic.scan(
        "a list that the manifest does not name is unknown",
        "5, row 17",
        "standard",
        later().refer("list_unknown"),
    );
    topic.scan("a stale manifest that does not name the list is stale", "5, row 17", "standard", {
        later().at(u64::from(ISSUED + DAY + 1)).refer("status_stale")
    });
    for (name, idx, beyond) in
        [("the last index", N - 1, false), ("index n", N, true), ("an index beyond n", N + 1, true)]
    {
        let scan = scan(text(&at_index(idx)));
        let scan = if beyond { scan.refer("index_beyond") } else { scan };
        topic.scan(&format!("{name} of the list"), "5, row 18: never admitted, newer than this data", "standard", scan);
    }
    topic.scan(
        "the highest index there can be",
        "5, row 18",
        "standard",
        scan(text(&at_index(u32::MAX))).refer("index_beyond"),
    );
    topic.scan("suspended", "5, row 19", "standard", scan(text(&at_index(4))).refuse("suspended"));
    topic.scan("suspended on stale data is referred", "5, row 17 before 19", "standard", {
        scan(text(&at_index(4))).at(u64::from(ISSUED + DAY + 1)).refer("status_stale")
    });
}

fn in_force(topic: &mut Topic) {
    for (name, nbf, early) in [
        ("that begins in more than the skew", PRESENT + 301, true),
        ("that begins in the skew", PRESENT + 300, false),
        ("that begins in less than the skew", PRESENT + 299, false),
        ("that begins now", PRESENT, false),
    ] {
        let scan = scan(text(&valid_in(nbf, T0 + 7 * DAY)));
        let scan = if early { scan.refuse("not_yet_valid") } else { scan };
        topic.scan(&format!("a pass {name}"), "5, row 20", "standard", scan);
    }
    for (name, exp, over) in [
        ("that expired a second ago", PRESENT - 1, true),
        ("that expires now", PRESENT, true),
        ("that expires in a second", PRESENT + 1, false),
    ] {
        let scan = scan(text(&valid_in(T0, exp)));
        let scan = if over { scan.refuse("expired") } else { scan };
        topic.scan(&format!("a pass {name}"), "5, row 20: no skew at the end", "standard", scan);
    }
    topic.scan("a clock within the skew is judged by the floor", "2.7: t = max(now, floor)", "standard", {
        scan(text(&valid_in(T0, ISSUED))).at(u64::from(ISSUED) - 100).refuse("expired")
    });
}

fn plates(topic: &mut Topic) {
    let good = || scan(text(&typical()));
    topic.scan("the tractor's plate", "5, row 21", "standard", good().plate("苏E12345"));
    topic.scan("the trailer's plate", "5, row 21", "standard", good().plate("苏E8765挂"));
    topic.scan("another plate", "5, row 21", "standard", good().plate("苏E12346").refuse("plate_mismatch"));
    topic.scan(
        "the plate in lower case",
        "1.7: plates are compared exactly",
        "standard",
        good().plate("苏e12345").refuse("plate_mismatch"),
    );
    topic.scan("an empty plate", "5, row 21", "standard", good().plate("").refuse("plate_mismatch"));
    let alone = changed(|claims| claims.subject.trailer = None);
    topic.scan("a trailer's plate where no trailer is signed", "5, row 21", "standard", {
        scan(text(&alone)).plate("苏E8765挂").refuse("plate_mismatch")
    });
}

fn places(topic: &mut Topic) {
    // From Kunshan (320583) to Xihu in Hangzhou (330106), by way of Jiaxing (3304) and Shanghai (31).
    let good = || scan(text(&typical()));
    let mut at = |name: &str, county: &str, on: bool| {
        let scan = good().county(county);
        let scan = if on { scan } else { scan.refuse("off_route") };
        topic.scan(name, "5, row 22", "standard", scan);
    };
    at("at the origin", "320583", true);
    at("in the origin's prefecture", "320505", true);
    at("in the origin's province only", "320102", false);
    at("in the destination's prefecture", "330102", true);
    at("in a prefecture on the way", "330402", true);
    at("in a municipality on the way", "310115", true);
    at("beside the route", "330502", false);
    at("far from the route", "650104", false);
    at("at a prefecture where no county is known", "3205", true);
    at("at a province where no county is known", "32", false);
    at("in a text division on a route of codes", "DE-BY", false);
    topic.scan("where the county is not known", "5, row 22", "standard", {
        Scan { county: None, ..good() }.refer("no_place")
    });
    let mut gentle = typical();
    gentle.subject.programme = 2;
    topic.scan("off the route of a programme that refers", "5, row 22", "standard", {
        scan(text(&gentle)).county("650104").refer("off_route")
    });
    let of = |iss: &str, number, route: &[u32]| {
        let mut claims = typical();
        (claims.iss, claims.number) = (iss.into(), PassNumber::new(number, 2526, 42).expect("a number"));
        claims.subject.route = route.iter().copied().map(place).collect();
        text(&claims)
    };
    let municipal = of("CN-31", 310_000, &[310_115, 330_106]);
    topic.scan("a municipality is one prefecture", "5, row 22: two digits for 31", "standard", {
        scan(&municipal).county("310151")
    });
    for (code, county) in [(110_101, "110115"), (120_101, "120118"), (500_103, "500240")] {
        let text = of("CN", 1, &[code, 650_102]);
        topic.scan(
            &format!("a county of the municipality of {code}"),
            "5, row 22",
            "standard",
            scan(text).county(county),
        );
    }
    let directly = of("CN-429004", 429_004, &[429_004, 420_106]);
    topic.scan(
        "a county run by a province stays itself",
        "5, row 22: xx90xx",
        "standard",
        scan(&directly).county("429004"),
    );
    topic.scan("its neighbour run by the same province is off the route", "5, row 22", "standard", {
        scan(&directly).county("429005").refuse("off_route")
    });
    let stop = of("CN-3205", 320_500, &[320_583, 330_106, 340_521]);
    topic.scan("a stop is not widened", "5, row 22: origin and destination are", "standard", {
        scan(&stop).county("340503").refuse("off_route")
    });
    topic.scan("a county of a stop is on the route", "5, row 22", "standard", scan(&stop).county("340521"));
    let seamless = of("CN-3205", 320_500, &[320_583, 4419]);
    topic.scan("a prefecture without counties is a place", "5, row 22", "standard", scan(seamless).county("4419"));
}

fn policies(topic: &mut Topic) {
    let good = || scan(text(&typical()));
    topic.scan(
        "a county that is not asked for is noted",
        "5",
        "standard",
        Scan {
            county: None,
            place_unchecked: true,
            notes: vec!["compare_plate".into(), "place_unchecked".into()],
            ..good()
        },
    );
    topic.scan("a county that is known is compared, asked for or not", "5", "standard", {
        Scan { place_unchecked: true, ..good().county("650104") }.refuse("off_route")
    });
    topic.scan(
        "a second crossing is noted",
        "5",
        "standard",
        Scan { last_seen: Some(NOW - 600), notes: vec!["compare_plate".into(), "seen_before".into()], ..good() },
    );
    topic.scan("a stricter age of one's own holds", "5", "standard", {
        Scan { max_age: Some(599), ..good() }.refer("status_stale")
    });
    topic.scan("a stricter age of one's own at its bound", "5", "standard", Scan { max_age: Some(600), ..good() });
    topic.scan("a laxer age of one's own does not hold", "5: never laxer", "standard", {
        Scan { max_age: Some(u32::MAX), ..good() }.at(u64::from(ISSUED + DAY + 1)).refer("status_stale")
    });
    topic.scan("a stricter skew of one's own holds", "5", "standard", {
        Scan { skew: Some(0), ..good() }.at(u64::from(ISSUED) - 1).refer("clock_behind")
    });
    topic.scan("a laxer skew of one's own does not hold", "5", "standard", {
        Scan { skew: Some(u32::MAX), ..good() }.at(u64::from(ISSUED) - 301).refer("clock_behind")
    });
    topic.scan("an age of 0 refuses no unknown key", "5: not current", "standard", {
        Scan { max_age: Some(0), ..scan(write::text(&by("nobody", &write::claims(&typical())).bytes())) }
            .refer("key_unknown")
    });
}

fn precedence(topic: &mut Topic) {
    let mut both =
        |name: &str, scanner: &str, scan: Scan| topic.scan(name, "5: the first row that applies", scanner, scan);
    let mut old = valid_in(T0, PRESENT);
    old.status.idx = 3;
    both("revoked and expired is revoked", "standard", scan(text(&old)).refuse("revoked"));
    old.status.idx = 4;
    both("suspended and expired is suspended", "standard", scan(text(&old)).refuse("suspended"));
    let mut early = valid_in(PRESENT + 301, T0 + 7 * DAY);
    early.status.idx = 4;
    both("suspended and not yet valid is suspended", "standard", scan(text(&early)).refuse("suspended"));
    let mut elsewhere = at_index(3);
    elsewhere.subject.route = [650_102, 650_104].map(place).to_vec();
    both("revoked and out of scope is revoked", "standard", scan(text(&elsewhere)).refuse("revoked"));
    both("revoked under a trust list behind is revoked", "trust behind", scan(text(&at_index(3))).refuse("revoked"));
    both("revoked at an unconfirmed start is revoked", "unconfirmed", scan(text(&at_index(3))).refuse("revoked"));
    both(
        "revoked under an expired trust list is revoked",
        "trust ends now",
        scan(text(&at_index(3))).refuse("revoked"),
    );
    both(
        "suspended under a trust list behind is referred",
        "trust behind",
        scan(text(&at_index(4))).refer("trust_behind"),
    );
    both("revoked with a wrong list is a mismatch", "standard", {
        scan(text(&changed(|claims| (claims.status.idx, claims.status.uri) = (3, format!("{}2969", world::BASE)))))
            .refuse("list_mismatch")
    });
    both("forbidden characters and a wrong list are invalid claims", "standard", {
        scan(text(&changed(|claims| {
            claims.status.uri = format!("{}2969", world::BASE);
            claims.subject.tractor = "苏E\u{200b}12345".into();
        })))
        .refuse("claims_invalid")
        .field("tractor")
    });
    both("a newer key and forbidden characters are newer", "standard", {
        scan(world::altered(|claims| claims.with(8, 1).edit(-65537, |body| body.with(1, "苏E\u{200b}12345"))))
            .refer("format_newer")
    });
    let mut long = valid_in(T0, T0 + LIMITS.2 + 1);
    long.subject.route = [650_102, 650_104].map(place).to_vec();
    both("too long and out of scope is too long", "standard", scan(text(&long)).refuse("life_too_long"));
    let mut scope = changed(|claims| claims.subject.route = [650_102, 650_104].map(place).to_vec());
    scope.subject.programme = 3;
    both(
        "out of scope and of another's programme is out of scope",
        "standard",
        scan(text(&scope)).refuse("out_of_scope"),
    );
    let mut programme = valid_in(T0 + 3600, T0 + 7 * DAY);
    programme.subject.programme = 3;
    both("another's programme outside the key's window is not allowed", "standard", {
        scan(write::text(&by("CN-3205 short", &write::claims(&programme)).bytes())).refuse("programme_not_allowed")
    });
    both(
        "out of scope under a compromised key is out of scope",
        "compromised",
        scan(text(&scope)).refuse("out_of_scope"),
    );
    both("a compromised key at a clock behind is a missing set", "compromised", {
        scan(text(&typical())).at(0).refer("survivors_missing")
    });
    both(
        "a clock behind without states is a clock behind",
        "no states",
        scan(text(&typical())).at(0).refer("clock_behind"),
    );
    both("expired and another plate is expired", "standard", {
        scan(text(&valid_in(T0, PRESENT))).plate("苏E99999").refuse("expired")
    });
    both("another plate off the route is another plate", "standard", {
        scan(text(&typical())).plate("苏E99999").county("650104").refuse("plate_mismatch")
    });
    both("another plate without county is another plate", "standard", {
        Scan { county: None, ..scan(text(&typical())).plate("苏E99999") }.refuse("plate_mismatch")
    });
    both("an unknown key with a bad signature is unknown", "standard", {
        let claims = write::claims(&typical());
        let mut members = by("nobody", &claims).members();
        members[3] = crate::item::Item::bytes(&[9; 64]);
        let bytes = crate::item::Item::Tag(18, Box::new(crate::item::Item::List(members))).encode();
        scan(write::text(&bytes)).refuse("key_unknown")
    });
    both("an expired pass with one letter of the plate changed is a bad signature", "standard", {
        // FP-07 (c): nothing of it is shown.
        let message = world::pass(&valid_in(T0, PRESENT));
        let signature = message.signature();
        let mut claims = valid_in(T0, PRESENT);
        claims.subject.tractor = "苏E12346".into();
        let mut members = world::pass(&claims).members();
        members[3] = crate::item::Item::bytes(&signature);
        let bytes = crate::item::Item::Tag(18, Box::new(crate::item::Item::List(members))).encode();
        scan(write::text(&bytes)).refuse("bad_signature")
    });
}

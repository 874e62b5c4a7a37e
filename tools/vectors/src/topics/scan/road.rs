//! Rows 20 to 22: now, this truck, here, and what the local policy may ask.

use freightpass_core::pass::PassNumber;

use super::PRESENT;
use crate::model::Scan;
use crate::topic::{Topic, scan};
use crate::world::{DAY, ISSUED, NOW, T0, by, changed, place, text, typical, valid_in};
use crate::write;

pub(super) fn in_force(topic: &mut Topic) {
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

pub(super) fn plates(topic: &mut Topic) {
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

pub(super) fn places(topic: &mut Topic) {
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

pub(super) fn policies(topic: &mut Topic) {
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

//! Rows 13 and 16 to 19: clocks, ages, states.

use crate::topic::{Topic, scan};
use crate::world::{DAY, ISSUED, N, T0, at_index, by, text, typical, valid_in};
use crate::write;

pub(super) fn clocks(topic: &mut Topic) {
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

pub(super) fn status(topic: &mut Topic) {
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

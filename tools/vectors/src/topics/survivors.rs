//! Survivors of a compromised key.

use freightpass_core::pass::Claims;
use freightpass_core::trust::TrustContent;

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{self, Event, Topic, manifest, object, offer, refused, rows, scan, trust};
use crate::world::{self, ISSUED, LIST, T0, at_index, kid_of, pass, signed_manifest, signed_trust, states};
use crate::write::sha256;

pub fn topic() -> Topic {
    let mut topic = Topic::new("survivors", "Survivors of a compromised key: the set, and who passes");
    shapes(&mut topic);
    adoption(&mut topic);
    verdicts(&mut topic);
    topic
}

/// The salt of every set here.
const SALT: [u8; 16] = *b"salt of vectors!";

/// An entry: ten bytes of the salted hash of the whole pass.
fn entry(pass: &[u8]) -> [u8; 10] {
    let hash = sha256(&[b"FP-SURV-1", &SALT[..], pass].concat());
    hash[..10].try_into().expect("ten of thirty-two")
}

/// A set of these runs: list, first index, entries.
fn set(runs: &[(u32, u32, Vec<u8>)]) -> Item {
    let run = |(list, first, entries): &(u32, u32, Vec<u8>)| {
        Item::List(vec![Item::Int((*list).into()), Item::Int((*first).into()), Item::bytes(entries)])
    };
    let runs = runs.iter().map(run).collect();
    Item::List(vec![Item::Int(2), Item::bytes(&kid_of("CN-3205").0), Item::bytes(&SALT), Item::List(runs)])
}

fn bytes_of(claims: &Claims) -> Vec<u8> {
    pass(claims).bytes()
}

/// The set in which the passes of the indexes 42 and 43 survive, each at its place.
fn honest() -> Vec<u8> {
    let entries = [42, 43].map(|idx| entry(&bytes_of(&at_index(idx))));
    set(&[(LIST, 42, entries.concat())]).encode()
}

/// Trust list 6: the first key of CN-3205 is compromised, and this is the hash of its set.
fn marked(survivors: Option<&[u8]>) -> TrustContent {
    let mut list = world::trust();
    (list.sequence, list.issued) = (6, T0);
    list.authorities[3].keys[0].compromised = true;
    list.survivors = survivors.map(|set| (kid_of("CN-3205"), sha256(set))).into_iter().collect();
    list
}

/// The standard scanner that has learnt of it.
fn learnt(list: &TrustContent) -> Vec<Event> {
    let named = world::manifest(list, 101, ISSUED, &states());
    [topic::standard(), vec![trust(&signed_trust(list)), manifest(&signed_manifest(&named, "status 1"))]].concat()
}

fn shapes(topic: &mut Topic) {
    let decode = |item: &Item, expected| Decode {
        object: "survivors".into(),
        input: rows(&item.encode()),
        n: None,
        expected,
        value: None,
    };
    let run = |list, first, entries: usize| (list, first, vec![7; 10 * entries]);
    for (name, runs) in [
        ("a set of nothing", vec![]),
        ("a run of two", vec![run(1, 4, 2)]),
        ("two runs of one list with a hole between", vec![run(1, 4, 2), run(1, 7, 1)]),
        ("a run in another list", vec![run(1, 4, 2), run(2, 0, 1)]),
        ("a run that ends with the last index", vec![run(1, u32::MAX, 1)]),
    ] {
        topic.decode(&format!("{name} is read"), "2.5", decode(&set(&runs), Expected::outcome("read")));
    }
    let rule = || Expected::malformed("refused", "cddl", "rule").field("survivors.runs");
    let size = |field: &str| Expected::malformed("refused", "cddl", "size").field(field);
    for (name, runs, expected) in [
        ("adjacent runs that are not merged", vec![run(1, 4, 2), run(1, 6, 1)], rule()),
        ("runs that overlap", vec![run(1, 4, 2), run(1, 5, 1)], rule()),
        ("a run twice", vec![run(1, 4, 1), run(1, 4, 1)], rule()),
        ("lists that descend", vec![run(2, 4, 1), run(1, 4, 1)], rule()),
        ("a run without entries", vec![run(1, 4, 0)], size("survivors.entries")),
        ("an entry of 11 bytes", vec![(1, 4, vec![7; 11])], size("survivors.entries")),
        ("a run beyond the last index", vec![run(1, u32::MAX, 2)], size("survivors.entries")),
    ] {
        topic.decode(&format!("{name} is refused"), "2.5", decode(&set(&runs), expected));
    }
    let member = |at: usize, item: Item| {
        let Item::List(mut items) = set(&[]) else { unreachable!() };
        items[at] = item;
        Item::List(items)
    };
    let salt = member(2, Item::bytes(&SALT[..15]));
    topic.decode("a salt of 15 bytes is refused", "1.1", decode(&salt, size("survivors.salt")));
    // 38 bytes beside the entries, and ten for each.
    let full = set(&[(1, 24, vec![0; (8 << 20) - 38])]);
    assert_eq!(full.encode().len(), 8 << 20);
    topic.decode("a set of 8 MiB is read", "1.2", decode(&full, Expected::outcome("read")));
    topic.decode("a set over 8 MiB is refused", "1.2", {
        let over = set(&[(1, 24, vec![0; (8 << 20) - 28])]);
        decode(&over, Expected::malformed("refused", "cddl", "too_large").at(0))
    });
    let trailing = Item::raw(&[set(&[]).encode(), vec![0]].concat());
    topic.decode("a byte after a set is refused", "1.3", {
        decode(&trailing, Expected::malformed("refused", "determinism", "trailing"))
    });
}

fn adoption(topic: &mut Topic) {
    let honest = honest();
    topic.scanner("learnt, the set named", &world::provision(), learnt(&marked(Some(&honest))));
    topic.scanner("learnt, no set named", &world::provision(), learnt(&marked(None)));
    topic.scanner("new", &world::provision(), vec![]);
    topic.case("a set before any trust list is refused", "2.5", "new", vec![refused("object", &honest, "no_trust")]);
    topic.case(
        "a set that no trust list names is refused",
        "2.5",
        "learnt, no set named",
        vec![refused("object", &honest, "survivors_unknown")],
    );
    let padded = entry(&bytes_of(&at_index(44)));
    let forged = set(&[(LIST, 44, padded.to_vec())]).encode();
    topic.case(
        "another set than the one named is refused",
        "2.5: no online key can add an entry",
        "learnt, the set named",
        vec![refused("object", &forged, "survivors_unknown")],
    );
    topic.case(
        "the set named is adopted, and once",
        "2.5",
        "learnt, the set named",
        vec![object(&honest), offer("object", &honest, Expected::outcome("unchanged"))],
    );
}

fn verdicts(topic: &mut Topic) {
    let honest = honest();
    let named = "learnt, the set named";
    let text = |idx| world::text(&at_index(idx));
    topic.case(
        "a survivor is admitted",
        "5, row 15",
        named,
        vec![object(&honest), Event::Restart, Event::Scan(scan(text(42)))],
    );
    topic.case(
        "a pass of a compromised key without entry is refused",
        "5, row 15",
        named,
        vec![object(&honest), Event::Scan(scan(text(44)).refuse("not_a_survivor"))],
    );
    // The pass of index 45 has its entry, but at index 46.
    let elsewhere = set(&[(LIST, 46, entry(&bytes_of(&at_index(45))).to_vec())]).encode();
    let list = marked(Some(&elsewhere));
    topic.scanner("learnt, an entry at another index", &world::provision(), learnt(&list));
    topic.case(
        "a pass whose entry stands only at another index is refused",
        "2.5: at its place",
        "learnt, an entry at another index",
        vec![object(&elsewhere), Event::Scan(scan(text(45)).refuse("not_a_survivor"))],
    );
    // Ten times the distance wraps around in 32 bits: 42 + 2^31 to the place of 42, 2^32 - 1 to before the run.
    let far = (1 << 31) + 42;
    let mut entries = vec![[7; 10]; 42];
    entries.push(entry(&bytes_of(&at_index(far))));
    let from_0 = set(&[(LIST, 0, entries.concat())]).encode();
    topic.scanner("learnt, a run from index 0", &world::provision(), learnt(&marked(Some(&from_0))));
    for idx in [43, far, far + 1, u32::MAX] {
        topic.case(
            &format!("a pass at index {idx}, behind a run from 0 to 42, is refused"),
            "2.5: at its place",
            "learnt, a run from index 0",
            vec![object(&from_0), Event::Scan(scan(text(idx)).refuse("not_a_survivor"))],
        );
    }
    let other_list = set(&[(LIST + 1, 45, entry(&bytes_of(&at_index(45))).to_vec())]).encode();
    let list = marked(Some(&other_list));
    topic.scanner("learnt, an entry in another list", &world::provision(), learnt(&list));
    topic.case(
        "a pass whose entry stands only in another list is refused",
        "2.5",
        "learnt, an entry in another list",
        vec![object(&other_list), Event::Scan(scan(text(45)).refuse("not_a_survivor"))],
    );
    topic.case(
        "a pass at a survivor's place with other bytes is refused",
        "2.5",
        named,
        vec![
            object(&honest),
            Event::Scan(
                scan(world::text(&world::changed(|claims| {
                    claims.status.idx = 42;
                    claims.subject.tractor = "苏E99999".into();
                })))
                .refuse("not_a_survivor"),
            ),
        ],
    );
    topic.case(
        "a survivor is referred where the set is not held",
        "5, row 15",
        named,
        vec![Event::Scan(scan(text(42)).refer("survivors_missing"))],
    );
    topic.case(
        "a pass of a compromised key is referred where no set is named",
        "5, row 15",
        "learnt, no set named",
        vec![Event::Scan(scan(text(42)).refer("survivors_missing"))],
    );
    topic.case(
        "on stale data a pass without entry is referred",
        "5, row 15",
        named,
        vec![object(&honest), Event::Scan(scan(text(44)).at(u64::from(ISSUED + 86_401)).refer("not_a_survivor"))],
    );
    topic.case("with a clock behind a pass without entry is referred", "5, row 15 before 16", named, {
        vec![object(&honest), Event::Scan(scan(text(44)).at(u64::from(ISSUED - 301)).refer("not_a_survivor"))]
    });
    let unconfirmed: Vec<Event> = learnt(&marked(Some(&honest)))
        .into_iter()
        .filter(|event| !matches!(event, Event::ConfirmStart))
        .chain([object(&honest)])
        .collect();
    topic.scanner("learnt, unconfirmed", &world::provision(), unconfirmed);
    topic.case(
        "at an unconfirmed start a pass without entry is referred",
        "5, row 15 before 16",
        "learnt, unconfirmed",
        vec![Event::Scan(scan(text(44)).refer("not_a_survivor"))],
    );
    let behind = world::manifest(&TrustContent { sequence: 7, ..marked(Some(&honest)) }, 102, ISSUED, &states());
    topic.case("under a trust list behind a pass without entry is referred for that", "5, row 13 before 15", named, {
        vec![
            object(&honest),
            manifest(&signed_manifest(&behind, "status 1")),
            Event::Scan(scan(text(44)).refer("trust_behind")),
        ]
    });
    let mut ending = marked(Some(&honest));
    ending.expires = world::NOW as u32;
    topic.scanner("learnt, the trust list ends now", &world::provision(), learnt(&ending));
    topic.case(
        "under an expired trust list a pass without entry is referred for that",
        "5, row 13 before 15",
        "learnt, the trust list ends now",
        vec![object(&honest), Event::Scan(scan(text(44)).refer("trust_expired"))],
    );
    let twin = signed_trust(&TrustContent { max_age: 1, ..marked(Some(&honest)) });
    topic.case("under equivocation a pass without entry is referred for that", "5, row 13 before 15", named, {
        vec![
            object(&honest),
            refused("trust", &twin, "equivocation"),
            Event::Scan(scan(text(44)).refer("equivocation")),
        ]
    });
    topic.case(
        "a survivor that is revoked is revoked",
        "5, row 11 before 15",
        named,
        vec![object(&honest), Event::Scan(scan(text(3)).refuse("revoked"))],
    );
    let other_key = {
        let claims = at_index(47);
        crate::write::text(&world::by("CN-3205 short", &crate::write::claims(&claims)).bytes())
    };
    topic.case("another key of the same authority goes on", "2.2", named, vec![Event::Scan(scan(other_key))]);
}

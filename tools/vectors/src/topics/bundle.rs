//! Bundles: taken apart, and adopted part by part.

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{Event, Topic, hex, scan};
use crate::world::{
    self, T0, at_index, signed_manifest, signed_trust, snapshot, standard_manifest, states, text, typical,
};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("bundle", "Bundles: taken apart, and adopted part by part");
    shapes(&mut topic);
    adoption(&mut topic);
    topic
}

fn shapes(topic: &mut Topic) {
    let decode = |item: &Item, expected| Decode {
        object: "bundle".into(),
        input: hex(&item.encode()),
        n: None,
        expected,
        value: None,
    };
    let many = vec![&b"x"[..]; 17];
    let size = |field: &str| Expected::malformed("refused", "cddl", "size").field(field);
    let range = |field: &str| Expected::malformed("refused", "cddl", "range").field(field);
    let kind = |kind: i64| {
        let Item::List(mut items) = write::bundle(&[b"t"], b"m", &[]) else { unreachable!() };
        items[0] = Item::Int(kind);
        Item::List(items)
    };
    for (name, item, expected) in [
        ("a bundle of a list and a manifest is read", write::bundle(&[b"t"], b"m", &[]), Expected::outcome("read")),
        ("a bundle of sixteen lists is read", write::bundle(&many[..16], b"m", &[]), Expected::outcome("read")),
        ("a bundle of seventeen lists is refused", write::bundle(&many, b"m", &[]), size("bundle.trust")),
        ("a bundle without trust list is refused", write::bundle(&[], b"m", &[]), size("bundle.trust")),
        ("a bundle of another kind is refused", kind(4), range("bundle")),
        ("a byte after a bundle is refused", Item::raw(&[kind(3).encode(), vec![0]].concat()), {
            Expected::malformed("refused", "determinism", "trailing")
        }),
        (
            "a bundle whose manifest is a text is refused",
            Item::List(vec![Item::Int(3), Item::List(vec![Item::bytes(b"t")]), Item::text("m"), Item::List(vec![])]),
            Expected::malformed("refused", "cddl", "type").field("bundle.manifest"),
        ),
        ("an empty object is no bundle", Item::raw(&[]), Expected::malformed("refused", "determinism", "unreadable")),
        (
            "a manifest over 16 KiB in a bundle is refused",
            write::bundle(&[b"t"], &[0; 16385], &[]),
            size("bundle.manifest"),
        ),
    ] {
        topic.decode(name, "1.1, 2.6", decode(&item, expected));
    }
}

fn adoption(topic: &mut Topic) {
    topic.scanner("new", &world::provision(), vec![]);
    topic.scanner("new, confirmed", &world::provision(), vec![Event::ConfirmStart]);
    let list = signed_trust(&world::trust());
    let manifest = signed_manifest(&standard_manifest(), "status 1");
    let snapshots: Vec<Vec<u8>> = states().iter().map(snapshot).collect();
    let objects: Vec<&[u8]> = snapshots.iter().map(Vec::as_slice).collect();
    let whole = write::bundle(&[&list], &manifest, &objects).encode();
    let yes = || Expected::outcome("adopted");
    let same = || Expected::outcome("unchanged");
    let no = |code: &str| Expected::code("refused", code);
    let offer = |bytes: &[u8], parts: Vec<Expected>| Event::Adopt {
        kind: "bundle",
        bytes: bytes.to_vec(),
        expected: Expected::outcome("read"),
        parts,
    };
    topic.case(
        "a bundle brings a new scanner up to date",
        "2.6",
        "new, confirmed",
        vec![offer(&whole, vec![yes(); 6]), Event::Scan(scan(text(&typical())))],
    );
    topic.case(
        "a bundle adopted twice changes nothing",
        "2.6",
        "new, confirmed",
        vec![
            offer(&whole, vec![yes(); 6]),
            offer(&whole, vec![same(); 6]),
            Event::Scan(scan(text(&at_index(3))).refuse("revoked")),
        ],
    );
    topic.case(
        "a new scanner is not confirmed by a bundle",
        "2.6; 5, row 16",
        "new",
        vec![
            offer(&whole, vec![yes(); 6]),
            Event::Scan(scan(text(&typical())).refer("unconfirmed_start")),
            Event::ConfirmStart,
            Event::Scan(scan(text(&typical()))),
        ],
    );
    let mut bad = manifest.clone();
    let last = bad.len() - 1;
    bad[last - 40] ^= 1;
    topic.case(
        "a rejected manifest leaves its list adopted, and its states without manifest",
        "2.6",
        "new, confirmed",
        vec![
            offer(
                &write::bundle(&[&list], &bad, &objects[..1]).encode(),
                vec![yes(), no("bad_signature"), no("no_manifest")],
            ),
            Event::Scan(scan(text(&typical())).refer("status_missing")),
        ],
    );
    let wrong = snapshot(&freightpass_core::status::State::from_sets(2969, world::N, &[], &[]).expect("a state"));
    topic.case(
        "a rejected state stops no other",
        "2.6",
        "new, confirmed",
        vec![
            offer(
                &write::bundle(&[&list], &manifest, &[&wrong, objects[1]]).encode(),
                vec![yes(), yes(), no("wrong_hash"), yes()],
            ),
            Event::Scan(scan(text(&typical()))),
        ],
    );
    let mut six = world::trust();
    (six.sequence, six.issued) = (6, T0);
    let six_bytes = signed_trust(&six);
    let next = signed_manifest(&world::manifest(&six, 101, world::ISSUED, &states()), "status 1");
    topic.case(
        "a chain is adopted in its order",
        "2.6",
        "new, confirmed",
        vec![
            offer(&write::bundle(&[&list, &six_bytes], &next, &objects).encode(), vec![yes(); 7]),
            Event::Scan(scan(text(&typical()))),
            offer(&whole, vec![no("rolled_back"), no("rolled_back"), same(), same(), same(), same()]),
            Event::Scan(scan(text(&typical()))),
        ],
    );
    topic.case(
        "a bundle that cannot be taken apart changes nothing",
        "2.6",
        "new, confirmed",
        vec![
            offer(&whole, vec![yes(); 6]),
            Event::Adopt {
                kind: "bundle",
                bytes: whole[..whole.len() - 1].to_vec(),
                expected: Expected::malformed("refused", "determinism", "unreadable"),
                parts: vec![],
            },
        ],
    );
}

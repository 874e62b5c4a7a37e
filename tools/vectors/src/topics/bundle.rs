//! Bundles: taken apart, and adopted part by part.

use freightpass_core::trust::{Roots, TrustContent};

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{Event, Topic, rows, scan};
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
        input: rows(&item.encode()),
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
        ("a bundle of 1024 objects is read", write::bundle(&[b"t"], b"m", &[&[][..]; 1024]), Expected::outcome("read")),
        ("a bundle of 1025 objects is refused", write::bundle(&[b"t"], b"m", &[&[][..]; 1025]), size("bundle.objects")),
        (
            "a list over 1 MiB in a bundle is refused",
            write::bundle(&[&vec![0; (1 << 20) + 1]], b"m", &[]),
            size("bundle.trust"),
        ),
        (
            "an object over 8 MiB in a bundle is refused",
            write::bundle(&[b"t"], b"m", &[&vec![0; (8 << 20) + 1]]),
            size("bundle.objects"),
        ),
        ("a bundle of 32 MiB is read", filled(32 << 20), Expected::outcome("read")),
        ("a bundle over 32 MiB is refused", filled((32 << 20) + 1), {
            Expected::malformed("refused", "cddl", "too_large").at(0)
        }),
        (
            "a manifest over 16 KiB in a bundle is refused",
            write::bundle(&[b"t"], &[0; 16385], &[]),
            size("bundle.manifest"),
        ),
    ] {
        topic.decode(name, "1.1, 2.6", decode(&item, expected));
    }
}

/// A bundle of exactly this many bytes, in four objects.
fn filled(size: usize) -> Item {
    let objects: Vec<Vec<u8>> = [8 << 20, 8 << 20, 8 << 20, (8 << 20) - 100].map(|size| vec![0; size]).to_vec();
    let with = |last: usize| {
        let mut objects = objects.clone();
        objects[3].resize(last, 0);
        let objects: Vec<&[u8]> = objects.iter().map(Vec::as_slice).collect();
        write::bundle(&[b"t"], b"m", &objects)
    };
    let last = objects[3].len();
    let beside = with(last).encode().len() - last;
    with(size - beside)
}

fn adoption(topic: &mut Topic) {
    topic.scanner("new", &world::provision(), vec![]);
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
        "new",
        vec![offer(&whole, vec![yes(); 6]), Event::ConfirmStart, Event::Scan(scan(text(&typical())))],
    );
    topic.case(
        "a bundle adopted twice changes nothing",
        "2.6",
        "new",
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
    topic.case(
        "a start that is confirmed before there is a date is not confirmed",
        "2.6; 5, row 16: data that comes later may be as old as a replay",
        "new",
        vec![
            Event::ConfirmNothing,
            offer(&whole, vec![yes(); 6]),
            Event::Scan(scan(text(&typical())).refer("unconfirmed_start")),
            Event::Restart,
            Event::Scan(scan(text(&typical())).refer("unconfirmed_start")),
            Event::ConfirmStart,
            Event::Restart,
            Event::Scan(scan(text(&typical()))),
        ],
    );
    topic.case("a trust list alone has no date to confirm", "2.6", "new", {
        vec![crate::topic::trust(&list), Event::ConfirmNothing]
    });
    let mut bad = manifest.clone();
    let last = bad.len() - 1;
    bad[last - 40] ^= 1;
    topic.case(
        "a rejected manifest leaves its list adopted, and its states without manifest",
        "2.6",
        "new",
        vec![
            offer(
                &write::bundle(&[&list], &bad, &objects[..1]).encode(),
                vec![yes(), no("bad_signature"), no("no_manifest")],
            ),
            Event::ConfirmNothing,
            Event::Scan(scan(text(&typical())).refer("unconfirmed_start")),
        ],
    );
    let wrong = snapshot(&freightpass_core::status::State::from_sets(2969, world::N, &[], &[]).expect("a state"));
    topic.case(
        "a rejected state stops no other",
        "2.6",
        "new",
        vec![
            offer(
                &write::bundle(&[&list], &manifest, &[&wrong, objects[1]]).encode(),
                vec![yes(), yes(), no("wrong_hash"), yes()],
            ),
            Event::ConfirmStart,
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
        "new",
        vec![
            offer(&write::bundle(&[&list, &six_bytes], &next, &objects).encode(), vec![yes(); 7]),
            Event::ConfirmStart,
            Event::Scan(scan(text(&typical()))),
            offer(&whole, vec![no("rolled_back"), no("rolled_back"), same(), same(), same(), same()]),
            Event::Scan(scan(text(&typical()))),
        ],
    );
    let rotated = |sequence: u32, keys: [&str; 3]| {
        let roots = Roots { threshold: 2, keys: keys.map(world::public).to_vec() };
        TrustContent { sequence, roots, issued: T0, ..world::trust() }
    };
    let (to_b, to_c) = (rotated(6, ["root 3", "root 4", "root 5"]), rotated(7, ["root 5", "root 6", "root 7"]));
    let chain = [
        list.clone(),
        world::cosigned(&write::trust(&to_b), &["root 1", "root 3", "root 4"]),
        world::cosigned(&write::trust(&to_c), &["root 4", "root 5", "root 6"]),
    ];
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let last = signed_manifest(&world::manifest(&to_c, 101, world::ISSUED, &states()), "status 1");
    let rotations = write::bundle(&chain, &last, &objects).encode();
    topic.case(
        "a bundle with two changes of roots is adopted, and the whole of it again is old or known",
        "2.2, 2.6",
        "new",
        vec![
            offer(&rotations, vec![yes(); 8]),
            offer(&rotations, [vec![no("rolled_back"); 2], vec![same(); 6]].concat()),
            Event::ConfirmStart,
            Event::Scan(scan(text(&typical()))),
        ],
    );
    topic.case(
        "a bundle that cannot be taken apart changes nothing",
        "2.6",
        "new",
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

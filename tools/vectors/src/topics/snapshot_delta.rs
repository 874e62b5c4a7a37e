//! Snapshots and deltas: what is one, and what is adopted under a manifest.

use freightpass_core::status::{State, Value};

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{self, Event, Topic, manifest, object, offer, refused, rows, scan};
use crate::world::{self, DEPLOYMENT, ISSUED, LIST, N, at_index, signed_manifest, snapshot, states};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("snapshot_delta", "Snapshots and deltas: shape, bases, hashes, what is final");
    topic.scanner("standard", &world::provision(), topic::standard());
    let list_and_manifest: Vec<Event> = topic::standard().into_iter().take(2).collect();
    topic.scanner("holds no state", &world::provision(), list_and_manifest);
    let list: Vec<Event> = topic::standard().into_iter().take(1).collect();
    topic.scanner("holds no manifest", &world::provision(), list);
    shapes(&mut topic);
    snapshots(&mut topic);
    deltas(&mut topic);
    topic
}

/// The state of [`LIST`] with changes.
fn state(changes: &[(u32, Value)]) -> State {
    let mut state = states()[1].clone();
    changes.iter().for_each(|&(index, value)| state.set(index, value).expect("an index of the list"));
    state
}

/// A manifest 101 that names this state of [`LIST`].
fn naming(new: &State) -> Event {
    let mut all = states();
    all[1] = new.clone();
    manifest(&signed_manifest(&world::manifest(&world::trust(), 101, ISSUED, &all), "status 1"))
}

fn shapes(topic: &mut Topic) {
    let one = [0, 0, 0, 1, 0x04, 0x08, 0];
    let decode = |kind: &str, bytes: Item, n, expected| Decode {
        object: kind.into(),
        input: rows(&bytes.encode()),
        n: Some(n),
        expected,
        value: None,
    };
    let read = || Expected::outcome("read");
    let no = |code: &str| Expected::code("refused", code);
    let bad = |layer: &str, fault: &str| Expected::malformed("refused", layer, fault);
    let cut = |mut item: Item| {
        let Item::List(items) = &mut item else { unreachable!() };
        items.pop();
        item
    };
    let good = || write::snapshot(1, 8, &one, &[]);
    let hash = [7; 32];
    let delta = || write::delta(1, 8, &hash, [&one, &[], &[]]);
    for (name, kind, item, n, expected) in [
        ("a snapshot", "snapshot", good(), 8, read()),
        ("a snapshot of nothing", "snapshot", write::snapshot(1, 8, &[], &[]), 8, read()),
        ("a snapshot of a list of 0", "snapshot", write::snapshot(1, 0, &[], &[]), 0, read()),
        ("a snapshot with another n", "snapshot", good(), 9, no("n_mismatch")),
        ("a snapshot over 2^26", "snapshot", write::snapshot(1, (1 << 26) + 1, &[], &[]), 8, no("n_over_cap")),
        ("an index both revoked and suspended", "snapshot", write::snapshot(1, 8, &one, &one), 8, no("not_disjoint")),
        ("a snapshot with a bad set", "snapshot", write::snapshot(1, 8, &one[..4], &[]), 8, no("set_truncated")),
        ("a suspended set over n", "snapshot", write::snapshot(1, 0, &[], &one), 0, no("set_count_over_n")),
        ("a delta as snapshot", "snapshot", delta(), 8, no("wrong_kind")),
        ("a snapshot without its last set", "snapshot", cut(good()), 8, bad("cddl", "size").field("object")),
        (
            "a snapshot whose set is a text",
            "snapshot",
            Item::List(vec![Item::Int(0), Item::Int(1), Item::Int(8), Item::text(""), Item::bytes(&[])]),
            8,
            bad("cddl", "type").field("set"),
        ),
        (
            "a snapshot with its n in five bytes",
            "snapshot",
            Item::List(vec![
                Item::Int(0),
                Item::Int(1),
                Item::raw(&[0x1a, 0, 0, 0, 8]),
                Item::bytes(&[]),
                Item::bytes(&[]),
            ]),
            8,
            bad("determinism", "not_shortest").at(3),
        ),
        ("a tagged snapshot", "snapshot", Item::Tag(18, Box::new(good())), 8, bad("determinism", "inner_tag").at(0)),
        // Zeros to the cap: a set that counts nothing, and is read as far as its count.
        ("a snapshot of 8 MiB", "snapshot", filled(8 << 20), 8, no("set_empty_count")),
        ("a snapshot over 8 MiB", "snapshot", filled((8 << 20) + 1), 8, bad("cddl", "too_large").at(0)),
        ("an object of kind 6", "snapshot", Item::List(vec![Item::Int(6); 5]), 8, no("wrong_kind")),
        ("an object of kind 6 and eight members", "snapshot", Item::List(vec![Item::Int(6); 8]), 8, no("wrong_kind")),
        ("an object of a kind below 0", "snapshot", Item::List(vec![Item::Int(-1); 5]), 8, bad("cddl", "range")),
        ("a delta", "delta", delta(), 8, read()),
        ("a delta of nothing", "delta", write::delta(1, 8, &hash, [&[], &[], &[]]), 8, read()),
        ("a delta with another n", "delta", delta(), 7, no("n_mismatch")),
        ("a snapshot as delta", "delta", good(), 8, no("wrong_kind")),
        (
            "an index revoked and valid again",
            "delta",
            write::delta(1, 8, &hash, [&one, &[], &one]),
            8,
            no("not_disjoint"),
        ),
        ("a delta without its last set", "delta", cut(delta()), 8, bad("cddl", "size").field("object")),
        (
            "a delta with a base of 31 bytes",
            "delta",
            {
                let Item::List(mut items) = delta() else { unreachable!() };
                items[3] = Item::bytes(&[7; 31]);
                Item::List(items)
            },
            8,
            bad("cddl", "size").field("base"),
        ),
    ] {
        let outcome = if expected.is_negative() { "is refused" } else { "is read" };
        topic.decode(&format!("{name} {outcome}"), "1.1, 4", decode(kind, item, n, expected));
    }
}

/// A snapshot of exactly this many bytes.
fn filled(size: usize) -> Item {
    let beside = 10;
    let snapshot = write::snapshot(1, 8, &vec![0; size - beside], &[]);
    assert_eq!(snapshot.encode().len(), size);
    snapshot
}

fn snapshots(topic: &mut Topic) {
    let current = snapshot(&states()[1]);
    topic.case(
        "a snapshot before any manifest is refused",
        "2.4",
        "holds no manifest",
        vec![refused("object", &current, "no_manifest")],
    );
    topic.case("the snapshot that the manifest names is adopted", "2.4", "holds no state", vec![object(&current)]);
    topic.case(
        "a snapshot adopted twice changes nothing",
        "2.4",
        "holds no state",
        vec![object(&current), offer("object", &current, Expected::outcome("unchanged"))],
    );
    let unknown = State::from_sets(2972, N, &[], &[]).expect("a state");
    topic.case(
        "a snapshot of a list that the manifest does not name is refused",
        "2.4",
        "standard",
        vec![refused("object", &snapshot(&unknown), "list_unknown")],
    );
    let other = state(&[(9, Value::Revoked)]);
    topic.case(
        "a snapshot of another state is refused",
        "2.4",
        "holds no state",
        vec![refused("object", &snapshot(&other), "wrong_hash")],
    );
    let smaller = State::from_sets(LIST, N - 1, &[], &[]).expect("a state");
    topic.case(
        "a snapshot with another n than the manifest's is refused",
        "2.4",
        "holds no state",
        vec![refused("object", &snapshot(&smaller), "n_mismatch")],
    );
    let cleared = state(&[(3, Value::Valid)]);
    topic.case(
        "a state that clears a revoked index is refused, though the manifest names it",
        "2.4",
        "standard",
        vec![
            naming(&cleared),
            refused("object", &snapshot(&cleared), "clears_revoked"),
            Event::Scan(scan(world::text(&at_index(3))).refuse("revoked")),
        ],
    );
    let suspended = state(&[(3, Value::Suspended)]);
    topic.case(
        "a state that turns revoked into suspended is refused",
        "2.4",
        "standard",
        vec![naming(&suspended), refused("object", &snapshot(&suspended), "clears_revoked")],
    );
    topic.case(
        "an older state still refuses what it knows as revoked",
        "5",
        "standard",
        vec![
            naming(&other),
            Event::Scan(scan(world::text(&at_index(3))).refuse("revoked")),
            Event::Scan(scan(world::text(&at_index(42))).refer("status_missing")),
        ],
    );
}

fn deltas(topic: &mut Topic) {
    let old = || states()[1].clone();
    let new = state(&[(42, Value::Revoked), (43, Value::Suspended), (4, Value::Valid)]);
    let delta = world::delta(&old(), &new);
    topic.case(
        "a delta from the state held is adopted",
        "2.4",
        "standard",
        vec![
            naming(&new),
            object(&delta),
            Event::Scan(scan(world::text(&at_index(4)))),
            Event::Scan(scan(world::text(&at_index(42))).refuse("revoked")),
            Event::Scan(scan(world::text(&at_index(43))).refuse("suspended")),
        ],
    );
    topic.case(
        "a delta without any state held is on another base",
        "2.4",
        "holds no state",
        vec![naming(&new), refused("object", &delta, "wrong_base"), object(&snapshot(&new))],
    );
    let newer = state(&[(42, Value::Revoked), (44, Value::Revoked)]);
    let skipping = world::delta(&state(&[(42, Value::Revoked)]), &newer);
    topic.case(
        "a delta on another base is refused",
        "2.4",
        "standard",
        vec![
            naming(&newer),
            refused("object", &skipping, "wrong_base"),
            Event::Scan(scan(world::text(&at_index(1))).refer("status_missing")),
            object(&world::delta(&old(), &newer)),
            Event::Scan(scan(world::text(&at_index(1)))),
        ],
    );
    let base = old().hash(&DEPLOYMENT);
    let set = |indexes: &[u32]| world::set(indexes);
    let raw = |revoked: &[u32], suspended: &[u32], valid: &[u32]| {
        let sets = [set(revoked), set(suspended), set(valid)];
        write::delta(LIST, N, &base, [&sets[0], &sets[1], &sets[2]]).encode()
    };
    let mut entry = |name: &str, bytes: Vec<u8>, code: &str| {
        topic.case(name, "2.4", "standard", vec![naming(&newer), refused("object", &bytes, code)]);
    };
    entry("an entry that revokes a revoked index changes nothing", raw(&[3, 42, 44], &[], &[]), "no_change");
    entry("an entry that suspends a suspended index changes nothing", raw(&[42, 44], &[4], &[]), "no_change");
    entry("an entry that validates a valid index changes nothing", raw(&[42, 44], &[], &[5]), "no_change");
    entry("an entry that validates a revoked index clears it", raw(&[42, 44], &[], &[3]), "clears_revoked");
    entry("an entry that suspends a revoked index clears it", raw(&[42, 44], &[3], &[]), "clears_revoked");
    entry("a delta to another state than the manifest's", raw(&[42], &[], &[]), "wrong_hash");
    let grown = new.extended(N + 100).expect("a larger state");
    let mut grown = grown;
    grown.set(N, Value::Revoked).expect("the first new index");
    topic.case(
        "a delta extends the state with zeros",
        "2.4",
        "standard",
        vec![
            naming(&grown),
            object(&world::delta(&old(), &grown)),
            Event::Scan(scan(world::text(&at_index(N))).refuse("revoked")),
            Event::Scan(scan(world::text(&at_index(N + 99)))),
            Event::Scan(scan(world::text(&at_index(N + 100))).refer("index_beyond")),
        ],
    );
    for (name, bytes, code) in [
        ("an entry that changes nothing below one that clears", raw(&[42, 44], &[3], &[2]), "no_change"),
        ("an entry that clears below one that changes nothing", raw(&[42, 44], &[3], &[5]), "clears_revoked"),
    ] {
        topic.case(
            name,
            "2.4: the lower index is told",
            "standard",
            vec![naming(&newer), refused("object", &bytes, code)],
        );
    }
    let short = Item::List(vec![Item::Int(2), Item::bytes(&[7; 7]), Item::bytes(&[7; 16]), Item::List(vec![])]);
    let expected = Expected::malformed("refused", "cddl", "size").field("survivors.kid");
    topic.case("an object of kind 2 is a survivors set whatever follows", "2.4", "standard", {
        vec![offer("object", &short.encode(), expected)]
    });
    topic.case(
        "a delta offered twice changes nothing",
        "2.4",
        "standard",
        vec![naming(&new), object(&delta), offer("object", &delta, Expected::outcome("unchanged"))],
    );
}

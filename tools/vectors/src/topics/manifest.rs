//! Manifests: what is one, and what is adopted.

use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::status::State;

use crate::item::Item;
use crate::model::Expected;
use crate::topic::{Event, Topic, manifest as adopted, offer, refused, scan, trust};
use crate::world::{
    self, DAY, ISSUED, LIST, N, NOW, T0, signed_manifest, signed_trust, standard_manifest, states, typical,
};
use crate::write::{self, Message};

pub fn topic() -> Topic {
    let mut topic = Topic::new("manifest", "Manifests: envelope, content, key, order, what they must not take back");
    let held = || trust(&signed_trust(&world::trust()));
    topic.scanner("holds list 5", &world::provision(), vec![held()]);
    let standard = signed_manifest(&standard_manifest(), "status 1");
    topic.scanner("holds manifest 100", &world::provision(), vec![held(), adopted(&standard), Event::ConfirmStart]);
    topic.scanner("new", &world::provision(), vec![]);
    topic.case(
        "a manifest before any trust list is refused",
        "2.3",
        "new",
        vec![refused("manifest", &standard, "no_trust")],
    );
    envelope(&mut topic);
    content(&mut topic);
    keys(&mut topic);
    order(&mut topic);
    equivocation(&mut topic);
    nothing_back(&mut topic);
    precedence(&mut topic);
    caps(&mut topic);
    topic
}

fn changed(change: impl FnOnce(&mut ManifestContent)) -> ManifestContent {
    let mut content = standard_manifest();
    change(&mut content);
    content
}

fn message(payload: &Item) -> Message {
    let key = world::key("status 1");
    Message::new(&write::header(&key, write::MANIFEST), payload, &key)
}

fn envelope(topic: &mut Topic) {
    let good = message(&write::manifest(&standard_manifest()));
    let mut case = |name: &str, bytes: Vec<u8>, layer: &str, fault: &str| {
        let expected = Expected::malformed("refused", layer, fault);
        topic.case(name, "1.3", "holds list 5", vec![offer("manifest", &bytes, expected)]);
    };
    let members = good.members();
    let tagged = |tag: u64| Item::Tag(tag, Box::new(Item::List(members.clone()))).encode();
    case("an untagged manifest", Item::List(members.clone()).encode(), "envelope", "untagged");
    case("a manifest under tag 98", tagged(98), "envelope", "tag");
    case("a byte after the manifest", [&good.bytes()[..], &[0]].concat(), "determinism", "trailing");
    let many = changed(|m| {
        let entry = m.lists[0];
        m.lists = (0..250).map(|list| ListEntry { list, ..entry }).collect();
    });
    case("a manifest over 16 KiB", message(&write::manifest(&many)).bytes(), "envelope", "too_large");
    let with = |header: Item| Message { protected: header.encode(), ..good.clone() }.bytes();
    let header = || write::header(&world::key("status 1"), write::MANIFEST);
    let mut refuse = |name: &str, bytes: Vec<u8>, code: &str| {
        topic.case(name, "2.3", "holds list 5", vec![refused("manifest", &bytes, code)]);
    };
    refuse("a manifest with a pass's typ", with(header().with(16, write::PASS)), "wrong_type");
    refuse("a manifest with alg -19", with(header().with(1, -19)), "wrong_alg");
    let mut flipped = good.bytes();
    let last = flipped.len() - 1;
    flipped[last - 40] ^= 1;
    refuse("a manifest with a bad signature", flipped, "bad_signature");
    let pass = world::pass(&typical()).bytes();
    refuse("a pass offered as manifest", pass, "wrong_type");
}

fn content(topic: &mut Topic) {
    let payload = || write::manifest(&standard_manifest());
    let mut case = |name: &str, payload: Item, layer: &str, fault: &str, field: &str| {
        let expected = Expected::malformed("refused", layer, fault);
        let expected = if field.is_empty() { expected } else { expected.field(field) };
        topic.case(name, "1.1", "holds list 5", vec![offer("manifest", &message(&payload).bytes(), expected)]);
    };
    let names = ["deployment", "seq", "issued", "expires", "ttl", "trust", "lists"];
    for (key, field) in (0..).zip(names) {
        case(&format!("a manifest without {field}"), payload().without(key), "cddl", "missing", field);
    }
    case(
        "a manifest issued in milliseconds",
        payload().with(2, i64::from(ISSUED) * 1000),
        "cddl",
        "time_out_of_bounds",
        "issued",
    );
    case("a manifest that expires when it is issued", payload().with(3, i64::from(ISSUED)), "cddl", "rule", "expires");
    case(
        "a manifest with a hash of 31 bytes",
        payload().with(5, vec![Item::Int(5), Item::bytes(&[1; 31])]),
        "cddl",
        "size",
        "trust.hash",
    );
    let lists = |change: fn(&mut ManifestContent)| write::manifest(&changed(change));
    case("a list twice", lists(|m| m.lists[1].list = 2969), "cddl", "rule", "lists");
    case("lists that descend", lists(|m| m.lists.swap(0, 1)), "cddl", "rule", "lists");
    case("a list of more than 2^26", lists(|m| m.lists[0].n = (1 << 26) + 1), "cddl", "range", "lists.n");
    case(
        "keys out of order",
        {
            let Item::Map(mut entries) = payload() else { unreachable!() };
            entries.swap(0, 1);
            Item::Map(entries)
        },
        "determinism",
        "key_order",
        "",
    );
    case("seq in three bytes", payload().with(1, Item::raw(&[0x19, 0x00, 100])), "determinism", "not_shortest", "");
    let newer = message(&payload().with(7, 1)).bytes();
    topic.case(
        "an unknown critical key is newer",
        "1.4",
        "holds list 5",
        vec![refused("manifest", &newer, "format_newer")],
    );
    let ignored = message(&payload().with(-1, 1)).bytes();
    topic.case("an unknown key below 0 is ignored", "1.4", "holds list 5", vec![adopted(&ignored)]);
    let mut full = changed(|m| m.lists.iter_mut().for_each(|entry| entry.n = 1 << 26));
    topic.case("four lists of 2^26 are read", "1.2: 2^28 together", "holds list 5", {
        vec![adopted(&signed_manifest(&full, "status 1"))]
    });
    full.lists.push(ListEntry { list: 2974, n: 1, ..full.lists[3] });
    topic.case("lists of more than 2^28 together are refused", "1.2", "holds list 5", {
        let expected = Expected::malformed("refused", "cddl", "rule").field("lists");
        vec![offer("manifest", &signed_manifest(&full, "status 1"), expected)]
    });
}

/// The order of the checks (2.3), one fault against the next.
fn precedence(topic: &mut Topic) {
    let header = || write::header(&world::key("status 1"), write::MANIFEST);
    let payload = || write::manifest(&standard_manifest());
    let with = |header: Item, payload: Item| Message::new(&header, &payload, &world::key("status 1")).bytes();
    let mut case = |name: &str, scanner: &str, bytes: Vec<u8>, expected: Expected| {
        topic.case(name, "2.3: the order of the checks", scanner, vec![offer("manifest", &bytes, expected)]);
    };
    let no = |code: &str| Expected::code("refused", code);
    let missing = || Expected::malformed("refused", "cddl", "missing").field("seq");
    case(
        "a manifest that is not deterministic is malformed before any trust list",
        "new",
        with(header(), payload().with(1, Item::raw(&[0x18, 0x01]))),
        Expected::malformed("refused", "determinism", "not_shortest"),
    );
    case("a manifest that breaks the CDDL needs a trust list first", "new", with(header(), payload().without(1)), {
        no("no_trust")
    });
    case(
        "a manifest with a pass's typ and alg -19 is of the wrong type",
        "holds list 5",
        with(header().with(1, -19).with(16, write::PASS), payload().without(1)),
        no("wrong_type"),
    );
    case(
        "a manifest with alg -19 that breaks the CDDL is of the wrong alg",
        "holds list 5",
        with(header().with(1, -19), payload().without(1)),
        no("wrong_alg"),
    );
    let stranger = write::header(&world::key("stranger"), write::MANIFEST);
    case(
        "a stranger's manifest that breaks the CDDL is malformed",
        "holds list 5",
        with(stranger, payload().without(1)),
        missing(),
    );
    let mut forged = with(header(), payload().with(7, 1));
    let last = forged.len() - 1;
    forged[last - 40] ^= 1;
    case("a manifest with an unknown critical key and a bad signature is forged", "holds list 5", forged, {
        no("bad_signature")
    });
    let other = write::manifest(&changed(|m| m.deployment = *b"vectors2")).with(7, 1);
    case(
        "a manifest of another deployment with an unknown critical key is newer",
        "holds list 5",
        with(header(), other),
        no("format_newer"),
    );
    let early = changed(|m| (m.deployment, m.issued) = (*b"vectors2", T0 - 40 * DAY));
    case(
        "a manifest of another deployment outside the key's window is of another deployment",
        "holds list 5",
        signed_manifest(&early, "status 1"),
        no("other_deployment"),
    );
    let old = changed(|m| (m.seq, m.issued) = (99, T0 - 40 * DAY));
    case(
        "an older manifest outside the key's window is outside it",
        "holds manifest 100",
        signed_manifest(&old, "status 1"),
        no("key_window"),
    );
    let shrunk = changed(|m| (m.seq, m.lists[1].n) = (99, N - 1));
    case(
        "an older manifest that shrinks a list is rolled back",
        "holds manifest 100",
        signed_manifest(&shrunk, "status 1"),
        no("rolled_back"),
    );
}

/// A manifest of exactly this many bytes: lists, and ignored keys for the rest.
fn filled(size: usize) -> Vec<u8> {
    let filled = |lists: u32, rest: &[usize]| {
        let content = changed(|m| {
            let entry = m.lists[0];
            m.lists = (0..lists).map(|list| ListEntry { list: 3000 + list, n: 1, ..entry }).collect();
        });
        let ignored = |payload: Item, (key, length): (i64, &usize)| payload.with(key, Item::Bytes(vec![0; *length]));
        message(&(-3i64..).zip(rest).fold(write::manifest(&content), ignored)).bytes()
    };
    let lists = (0..).take_while(|lists| filled(*lists, &[]).len() + 80 < size).last().expect("a manifest");
    let rests = (0..=62).flat_map(|a| (60..=62).flat_map(move |b| [vec![a, b], vec![a, b, 62]]));
    let manifest = rests.map(|rest| filled(lists, &rest)).find(|bytes| bytes.len() == size);
    manifest.expect("a value that fills the manifest")
}

fn caps(topic: &mut Topic) {
    topic.case("a manifest of 16 KiB is adopted", "1.2", "holds list 5", vec![adopted(&filled(16 << 10))]);
    topic.case("a manifest of 16 KiB and a byte is refused", "1.2", "holds list 5", {
        let expected = Expected::malformed("refused", "envelope", "too_large").at(0);
        vec![offer("manifest", &filled((16 << 10) + 1), expected)]
    });
}

fn keys(topic: &mut Topic) {
    let mut case = |name: &str, events: Vec<Event>| topic.case(name, "2.3", "new", events);
    let held = || trust(&signed_trust(&world::trust()));
    let standard = standard_manifest();
    case(
        "a manifest by a stranger is refused",
        vec![held(), refused("manifest", &signed_manifest(&standard, "stranger"), "key_unknown")],
    );
    case(
        "a manifest by an authority is refused",
        vec![held(), refused("manifest", &signed_manifest(&standard, "CN"), "key_unknown")],
    );
    case(
        "a manifest by a root is refused",
        vec![held(), refused("manifest", &signed_manifest(&standard, "root 1"), "key_unknown")],
    );
    case(
        "a manifest by the second status key is adopted",
        vec![held(), adopted(&signed_manifest(&standard, "status 2"))],
    );
    let mut marked = world::trust();
    marked.status_keys[0].compromised = true;
    let named = world::manifest(&marked, 100, ISSUED, &states());
    case(
        "a manifest by a compromised status key is refused",
        vec![
            trust(&signed_trust(&marked)),
            refused("manifest", &signed_manifest(&named, "status 1"), "key_compromised"),
        ],
    );
    let other = changed(|m| m.deployment = *b"vectors2");
    case(
        "a manifest of another deployment is refused",
        vec![held(), refused("manifest", &signed_manifest(&other, "status 1"), "other_deployment")],
    );
    let mut short = world::trust();
    (short.status_keys[0].from, short.status_keys[0].until) = (T0, T0 + 3600);
    for (name, issued, inside) in [
        ("a second before the key's window", T0 - 1, false),
        ("at the first second of the key's window", T0, true),
        ("a second after the key's window began", T0 + 1, true),
        ("at the last second of the key's window", T0 + 3599, true),
        ("at the end of the key's window", T0 + 3600, false),
        ("a second after the key's window", T0 + 3601, false),
    ] {
        let bytes = signed_manifest(&world::manifest(&short, 100, issued, &states()), "status 1");
        let outcome = if inside { adopted(&bytes) } else { refused("manifest", &bytes, "key_window") };
        case(&format!("a manifest issued {name}"), vec![trust(&signed_trust(&short)), outcome]);
    }
    let mut ending = world::trust();
    ending.expires = T0 + 7200;
    for (name, issued, inside) in [
        ("a second before the trust list expires", T0 + 7199, true),
        ("when the trust list expires", T0 + 7200, false),
        ("a second after the trust list expired", T0 + 7201, false),
    ] {
        let bytes = signed_manifest(&world::manifest(&ending, 100, issued, &states()), "status 1");
        let outcome = if inside { adopted(&bytes) } else { refused("manifest", &bytes, "key_window") };
        case(&format!("a manifest issued {name}"), vec![trust(&signed_trust(&ending)), outcome]);
    }
}

fn order(topic: &mut Topic) {
    let mut case = |name: &str, events: Vec<Event>| topic.case(name, "2.3", "holds manifest 100", events);
    let seq = |seq| signed_manifest(&changed(|m| m.seq = seq), "status 1");
    case("the manifest held changes nothing", vec![offer("manifest", &seq(100), Expected::outcome("unchanged"))]);
    case("the next manifest is adopted", vec![adopted(&seq(101))]);
    case("a manifest that skips is adopted", vec![adopted(&seq(4_294_967_295))]);
    case("the manifest before is rolled back", vec![refused("manifest", &seq(99), "rolled_back")]);
    case(
        "a manifest is rolled back after a restart too",
        vec![adopted(&seq(101)), Event::Restart, refused("manifest", &seq(100), "rolled_back")],
    );
    let by_the_other = signed_manifest(&changed(|m| m.seq = 99), "status 2");
    case(
        "an older manifest of another good key is rolled back",
        vec![refused("manifest", &by_the_other, "rolled_back")],
    );
    let mut six = world::trust();
    (six.sequence, six.issued) = (6, T0);
    let names_six = signed_manifest(&world::manifest(&six, 1, ISSUED, &states()), "status 1");
    case(
        "a manifest that names a higher trust list is higher, whatever its seq",
        vec![adopted(&names_six), refused("manifest", &seq(101), "rolled_back")],
    );
    case(
        "a manifest that names a lower trust list than the one held is rolled back",
        vec![trust(&signed_trust(&six)), refused("manifest", &seq(101), "rolled_back")],
    );
    let good = scan(world::text(&typical()));
    case(
        "a manifest that names a higher trust list refers every pass",
        vec![adopted(&names_six), Event::Scan(good.refer("trust_behind"))],
    );
}

fn equivocation(topic: &mut Topic) {
    let mut case = |name: &str, events: Vec<Event>| topic.case(name, "2.3; 5, row 13", "holds manifest 100", events);
    let twin = signed_manifest(&changed(|m| m.ttl = 1), "status 1");
    let by_the_other = signed_manifest(&changed(|m| m.ttl = 1), "status 2");
    let same_by_the_other = signed_manifest(&standard_manifest(), "status 2");
    let next = signed_manifest(&changed(|m| m.seq = 101), "status 1");
    let good = || scan(world::text(&typical()));
    case("another manifest of the same order is equivocation", vec![refused("manifest", &twin, "equivocation")]);
    case(
        "another manifest of the same order by another key is equivocation",
        vec![refused("manifest", &by_the_other, "equivocation")],
    );
    case(
        "the same payload by another key changes nothing",
        vec![offer("manifest", &same_by_the_other, Expected::outcome("unchanged"))],
    );
    case(
        "equivocation of the manifest refers every pass",
        vec![refused("manifest", &twin, "equivocation"), Event::Restart, Event::Scan(good().refer("equivocation"))],
    );
    case(
        "a higher manifest settles the equivocation",
        vec![refused("manifest", &twin, "equivocation"), adopted(&next), Event::Scan(good().refer("status_missing"))],
    );
    let mut unsigned = twin.clone();
    let last = unsigned.len() - 1;
    unsigned[last - 50] ^= 1;
    case(
        "another manifest of the same order with a bad signature is no evidence",
        vec![refused("manifest", &unsigned, "bad_signature"), Event::Scan(good().refer("status_missing"))],
    );
    let other_hash = |seq| signed_manifest(&changed(|m| (m.seq, m.trust_hash) = (seq, [7; 32])), "status 1");
    case(
        "a manifest that names another trust list under the sequence held is equivocation",
        vec![refused("manifest", &other_hash(101), "equivocation"), Event::Scan(good().refer("equivocation"))],
    );
    case(
        "a manifest of the order held that names another trust list is equivocation",
        vec![refused("manifest", &other_hash(100), "equivocation"), Event::Scan(good().refer("equivocation"))],
    );
    case(
        "an older manifest that names another trust list under the sequence held is rolled back and no evidence",
        vec![refused("manifest", &other_hash(3), "rolled_back"), Event::Scan(good().refer("status_missing"))],
    );
    let mut six = world::trust();
    (six.sequence, six.issued) = (6, T0);
    let false_six =
        signed_manifest(&changed(|m| (m.seq, m.trust_sequence, m.trust_hash) = (1, 6, [7; 32])), "status 1");
    case(
        "a trust list with another hash than the manifest named is equivocation",
        vec![
            adopted(&false_six),
            Event::Scan(good().refer("trust_behind")),
            trust(&signed_trust(&six)),
            Event::Scan(good().refer("equivocation")),
        ],
    );
    let mut seven = six.clone();
    seven.sequence = 7;
    case(
        "a trust list above the sequence named settles the equivocation",
        vec![
            adopted(&false_six),
            trust(&signed_trust(&six)),
            trust(&signed_trust(&seven)),
            Event::Scan(good().refer("status_missing")),
        ],
    );
    let mut marked = six.clone();
    marked.status_keys[0].compromised = true;
    case(
        "evidence against a key is dropped with the compromised key",
        vec![
            refused("manifest", &twin, "equivocation"),
            trust(&signed_trust(&marked)),
            Event::Scan(good().refer("status_missing")),
        ],
    );
    case(
        "a start that is confirmed stays confirmed without a manifest",
        vec![Event::ConfirmStart, trust(&signed_trust(&marked)), Event::ConfirmStart],
    );
}

fn nothing_back(topic: &mut Topic) {
    let mut case = |name: &str, events: Vec<Event>| topic.case(name, "2.3", "holds manifest 100", events);
    let shrunk = changed(|m| (m.seq, m.lists[1].n) = (101, N - 1));
    case("a list that shrinks is refused", vec![refused("manifest", &signed_manifest(&shrunk, "status 1"), "shrinks")]);
    let grown = changed(|m| (m.seq, m.lists[1].n) = (101, N + 1));
    case("a list that grows is adopted", vec![adopted(&signed_manifest(&grown, "status 1"))]);
    let without = |list: u32, issued: u32| {
        let left: Vec<State> = states().into_iter().filter(|state| state.list() != list).collect();
        signed_manifest(&world::manifest(&world::trust(), 101, issued, &left), "status 1")
    };
    case(
        "a live list that is left out is refused",
        vec![refused("manifest", &without(LIST, ISSUED), "live_list_omitted")],
    );
    // Week 2969 ends at 1796256000.
    let end = 1_796_256_000;
    case(
        "a list left out in its last second is refused",
        vec![refused("manifest", &without(2969, end - 1), "live_list_omitted")],
    );
    case("a list left out when its week ends is adopted", vec![adopted(&without(2969, end))]);
    case("a list left out a second after its week is adopted", vec![adopted(&without(2969, end + 1))]);
    let none = signed_manifest(&changed(|m| (m.seq, m.lists) = (101, vec![])), "status 1");
    case("an empty view is refused", vec![refused("manifest", &none, "live_list_omitted")]);
    let late = changed(|m| (m.seq, m.issued, m.expires) = (101, T0 + 40 * DAY, T0 + 41 * DAY));
    let mut late = late;
    late.lists.clear();
    case("all lists of the past drop whole", vec![adopted(&signed_manifest(&late, "status 1"))]);
    case(
        "a refused manifest changes nothing",
        vec![
            refused("manifest", &none, "live_list_omitted"),
            Event::Scan(scan(world::text(&typical())).at(NOW).refer("status_missing")),
            adopted(&signed_manifest(&changed(|m| m.seq = 101), "status 1")),
        ],
    );
}

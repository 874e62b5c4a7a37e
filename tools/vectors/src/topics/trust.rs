//! Trust lists: what is one, and what is adopted.

use ed25519_dalek::SigningKey;
use freightpass_core::division::Division;
use freightpass_core::trust::{ListedKey, Roots, TrustContent};

use crate::item::{Item, map};
use crate::model::Expected;
use crate::topic::{Event, Topic, offer, refused, scan, trust as adopted};
use crate::world::{self, DAY, T0, cosigned, key, public, signed_trust, typical};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("trust", "Trust lists: envelope, content, threshold, chain of roots");
    topic.scanner("new", &world::provision(), vec![]);
    topic.scanner("holds list 5", &world::provision(), vec![adopted(&signed_trust(&world::trust()))]);
    thresholds(&mut topic);
    envelope(&mut topic);
    content(&mut topic);
    rules(&mut topic);
    sequence(&mut topic);
    precedence(&mut topic);
    roots(&mut topic);
    caps(&mut topic);
    topic
}

fn changed(change: impl FnOnce(&mut TrustContent)) -> TrustContent {
    let mut list = world::trust();
    change(&mut list);
    list
}

/// A list after the held one.
fn later(change: impl FnOnce(&mut TrustContent)) -> TrustContent {
    changed(|list| {
        (list.sequence, list.issued) = (6, T0 - DAY);
        change(list);
    })
}

fn payload() -> Item {
    write::trust(&world::trust())
}

fn thresholds(topic: &mut Topic) {
    let mut case = |name: &str, bytes: Vec<u8>, expected: Expected| {
        topic.case(name, "2.2", "new", vec![offer("trust", &bytes, expected)]);
    };
    let (yes, no) = (|| Expected::outcome("adopted"), || Expected::code("refused", "threshold"));
    case("two roots of three are enough", cosigned(&payload(), &["root 1", "root 2"]), yes());
    case("all three roots are enough", cosigned(&payload(), &["root 3", "root 1", "root 2"]), yes());
    case("one root is not enough", cosigned(&payload(), &["root 1"]), no());
    case("one root twice is not enough", cosigned(&payload(), &["root 1", "root 1"]), no());
    case("a stranger counts for nothing", cosigned(&payload(), &["root 1", "stranger"]), no());
    case("a stranger beside two roots is ignored", cosigned(&payload(), &["stranger", "root 1", "root 3"]), yes());
    case("an authority's key counts for nothing", cosigned(&payload(), &["root 1", "CN"]), no());
    let header = write::trust_header();
    let bytes = payload().encode();
    let sign = |key: &SigningKey| write::cosignature(&header, &bytes, key);
    let Item::List(mut bad) = sign(&key("root 2")) else { unreachable!() };
    bad[2] = Item::bytes(&[7; 64]);
    let with = |cosignatures| write::cosigned(&header, &bytes, cosignatures);
    case("an invalid cosignature counts for nothing", with(vec![sign(&key("root 1")), Item::List(bad.clone())]), no());
    case(
        "an invalid cosignature beside two good ones is ignored",
        with(vec![Item::List(bad.clone()), sign(&key("root 1")), sign(&key("root 3"))]),
        yes(),
    );
    case(
        "an invalid cosignature before a good one of the same root does not hide it",
        with(vec![Item::List(bad.clone()), sign(&key("root 2")), sign(&key("root 3"))]),
        yes(),
    );
    let Item::List(mut renamed) = sign(&key("root 2")) else { unreachable!() };
    renamed[0] = Item::Bytes(map(vec![(1, Item::Int(-19)), (4, Item::bytes(&world::kid_of("root 2").0))]).encode());
    case(
        "a cosignature with another algorithm counts for nothing",
        with(vec![sign(&key("root 1")), Item::List(renamed)]),
        no(),
    );
    let other = changed(|list| list.deployment = *b"vectors2");
    case(
        "a list of another deployment is refused",
        signed_trust(&other),
        Expected::code("refused", "other_deployment"),
    );
}

fn envelope(topic: &mut Topic) {
    let header = write::trust_header();
    let bytes = payload().encode();
    let signatures = || vec![write::cosignature(&header, &bytes, &key("root 1"))];
    let tagged = |tag: u64, members: Vec<Item>| Item::Tag(tag, Box::new(Item::List(members))).encode();
    let members = |header: Item, cosignatures: Vec<Item>| {
        vec![Item::Bytes(header.encode()), map(vec![]), Item::bytes(&bytes), Item::List(cosignatures)]
    };
    let mut case = |name: &str, object: Vec<u8>, layer: &str, fault: &str| {
        let expected = Expected::malformed("refused", layer, fault);
        topic.case(name, "1.1, 1.3", "new", vec![offer("trust", &object, expected)]);
    };
    let good = || members(write::trust_header(), signatures());
    case("an untagged list", Item::List(good()).encode(), "envelope", "untagged");
    case("a list under tag 18", tagged(18, good()), "envelope", "tag");
    case("a list without cosignatures", tagged(98, members(write::trust_header(), vec![])), "envelope", "shape");
    let many = vec![signatures().remove(0); 17];
    case("a list with seventeen cosignatures", tagged(98, members(write::trust_header(), many)), "envelope", "shape");
    let kid = write::trust_header().with(4, Item::bytes(&[1; 8]));
    case("a kid in the header of the list", tagged(98, members(kid, signatures())), "envelope", "header_keys");
    let Item::List(mut plain) = signatures().remove(0) else { unreachable!() };
    plain[1] = map(vec![(4, Item::bytes(&[1; 8]))]);
    case(
        "a cosignature with an unprotected kid",
        tagged(98, members(write::trust_header(), vec![Item::List(plain.clone())])),
        "envelope",
        "header_keys",
    );
    plain[1] = map(vec![]);
    plain[2] = Item::bytes(&[1; 63]);
    case(
        "a cosignature of 63 bytes",
        tagged(98, members(write::trust_header(), vec![Item::List(plain)])),
        "envelope",
        "signature_size",
    );
    let good_bytes = tagged(98, good());
    case("a byte after the list", [&good_bytes[..], &[0]].concat(), "determinism", "trailing");
    case("a list cut short", good_bytes[..good_bytes.len() - 1].to_vec(), "determinism", "unreadable");
    case("no list at all", vec![], "determinism", "unreadable");
    let typed = map(vec![(16, Item::Int(write::MANIFEST))]);
    topic.case(
        "a list with a manifest's typ is the wrong type",
        "2.2",
        "new",
        vec![refused("trust", &tagged(98, members(typed, signatures())), "wrong_type")],
    );
}

fn content(topic: &mut Topic) {
    let mut case = |name: &str, payload: Item, layer: &str, fault: &str, field: &str| {
        let object = cosigned(&payload, &["root 1", "root 2"]);
        let expected = Expected::malformed("refused", layer, fault);
        let expected = if field.is_empty() { expected } else { expected.field(field) };
        topic.case(name, "1.1", "new", vec![offer("trust", &object, expected)]);
    };
    let names = [
        "deployment",
        "sequence",
        "issued",
        "expires",
        "roots",
        "authorities",
        "limits",
        "programmes",
        "status_base",
        "survivors",
        "status_keys",
    ];
    for (key, field) in (0..).zip(names) {
        case(&format!("a list without {field}"), payload().without(key), "cddl", "missing", field);
    }
    let ms = i64::from(T0) * 1000;
    case("issued in milliseconds", payload().with(2, ms), "cddl", "time_out_of_bounds", "issued");
    case("a threshold of 0", payload().edit(4, |r| first(r, 0)), "cddl", "range", "roots.threshold");
    case("a threshold over the roots", payload().edit(4, |r| first(r, 4)), "cddl", "range", "roots.threshold");
    case("a skew of 601 seconds", payload().edit(6, |l| nth(l, 1, Item::Int(601))), "cddl", "range", "skew");
    case("an authority of level 4", authority(3, Item::Int(4)), "cddl", "range", "authority.level");
    case("an authority of level 0", authority(3, Item::Int(0)), "cddl", "range", "authority.level");
    case("an authority with number 0", authority(1, Item::Int(0)), "cddl", "range", "authority.number");
    case("an authority without keys", authority(6, Item::List(vec![])), "cddl", "size", "authority.keys");
    case("an authority of division 3200", authority(4, Item::Int(3200)), "cddl", "range", "authority.division");
    case(
        "an authority with a code of 17 bytes",
        authority(0, Item::text(&"C".repeat(17))),
        "cddl",
        "size",
        "authority.code",
    );
    case("no status keys", payload().with(10, vec![]), "cddl", "size", "status_keys");
    case("a status base of 7 bytes", payload().with(8, "HTTPS:/"), "cddl", "size", "status_base");
    case("a status base of 41 bytes", payload().with(8, Item::Text("H".repeat(41))), "cddl", "size", "status_base");
    case("a sequence behind u32", payload().with(1, 1i64 << 32), "cddl", "range", "sequence");
    case(
        "a sequence in nine bytes",
        payload().with(1, Item::raw(&[0x1b, 0, 0, 0, 0, 0, 0, 0, 5])),
        "determinism",
        "not_shortest",
        "",
    );
    case("a list with a float", payload().with(-1, Item::raw(&[0xf9, 0, 0])), "determinism", "float", "");
    case("an ignored value of 65 bytes in a list", payload().with(-1, Item::bytes(&[0; 63])), "cddl", "extension", "");
    let newer = cosigned(&payload().with(11, 1), &["root 1", "root 2"]);
    topic.case("an unknown critical key is newer", "1.4", "new", vec![refused("trust", &newer, "format_newer")]);
    let ignored = cosigned(&payload().with(-1, 1), &["root 1", "root 2"]);
    topic.case("an unknown key below 0 is ignored", "1.4", "new", vec![adopted(&ignored)]);
}

/// The array with its first member changed.
fn first(item: Item, value: i64) -> Item {
    nth(item, 0, Item::Int(value))
}

fn nth(item: Item, at: usize, value: Item) -> Item {
    let Item::List(mut items) = item else { panic!("no array") };
    items[at] = value;
    Item::List(items)
}

/// The payload with a member of its first authority changed.
fn authority(member: usize, value: Item) -> Item {
    payload().edit(5, |all| {
        let Item::List(authorities) = &all else { panic!("no array") };
        let changed = nth(authorities[0].clone(), member, value);
        nth(all, 0, changed)
    })
}

fn rules(topic: &mut Topic) {
    let mut case = |name: &str, list: TrustContent, code: &str| {
        topic.case(name, "2.2", "new", vec![refused("trust", &signed_trust(&list), code)]);
    };
    case("a list that expires when it is issued", changed(|l| l.expires = l.issued), "window");
    let small = {
        let mut one = [0; 32];
        one[0] = 1;
        one
    };
    case("a key of small order", changed(|l| l.authorities[0].keys[0].key = small), "key_unacceptable");
    let mut p_plus_one = [0xff; 32];
    (p_plus_one[0], p_plus_one[31]) = (0xee, 0x7f);
    case("a key that is not canonical", changed(|l| l.status_keys[0].key = p_plus_one), "key_unacceptable");
    let no_point = {
        let mut two = [0; 32];
        two[0] = 2;
        two
    };
    case("a key that is no point", changed(|l| l.roots.keys[2] = no_point), "key_unacceptable");
    case(
        "one key for two authorities",
        changed(|l| l.authorities[1].keys[0].key = l.authorities[0].keys[0].key),
        "duplicate_key",
    );
    case("a root that is a status key", changed(|l| l.status_keys[1].key = public("root 1")), "duplicate_key");
    case("a root twice", changed(|l| l.roots.keys[2] = public("root 1")), "duplicate_key");
    case("an authority's key that is a status key", changed(|l| l.status_keys[1].key = public("CN")), "duplicate_key");
    case("one code twice", changed(|l| l.authorities[1].code = "CN".into()), "duplicate_code");
    case("one number twice", changed(|l| l.authorities[1].number = 1), "duplicate_number");
    case("one programme twice", changed(|l| l.programmes[1].number = 1), "duplicate_programme");
    case(
        "two survivors sets for one key",
        changed(|l| l.survivors = vec![(world::kid_of("CN"), [1; 32]), (world::kid_of("CN"), [2; 32])]),
        "duplicate_survivors",
    );
}

fn sequence(topic: &mut Topic) {
    let mut case = |name: &str, note: &str, events: Vec<Event>| topic.case(name, note, "holds list 5", events);
    let five = signed_trust(&world::trust());
    let six = signed_trust(&later(|_| ()));
    case("the list held changes nothing", "2.2", vec![offer("trust", &five, Expected::outcome("unchanged"))]);
    let others = cosigned(&payload(), &["root 2", "root 3"]);
    case("the list held with other cosignatures changes nothing", "1.1: identity is the payload", {
        vec![offer("trust", &others, Expected::outcome("unchanged"))]
    });
    case("the next list is adopted", "2.2", vec![adopted(&six)]);
    let skipped = later(|list| list.sequence = 4_294_967_295);
    case("a list far ahead is adopted", "2.2", vec![adopted(&signed_trust(&skipped))]);
    let four = signed_trust(&changed(|list| list.sequence = 4));
    case("an older list is rolled back", "2.2", vec![refused("trust", &four, "rolled_back")]);
    case("the list before is rolled back", "2.2", vec![adopted(&six), refused("trust", &five, "rolled_back")]);
    let twin = signed_trust(&changed(|list| list.max_age = 1));
    case("another list of the same sequence is equivocation", "2.2", vec![refused("trust", &twin, "equivocation")]);
    let unsigned = cosigned(&write::trust(&changed(|list| list.max_age = 1)), &["root 1"]);
    let good = scan(world::text(&typical()));
    case(
        "another list of the same sequence without the threshold is no evidence",
        "2.2",
        vec![refused("trust", &unsigned, "threshold"), Event::Scan(good.clone().refer("unconfirmed_start"))],
    );
    case(
        "equivocation of the trust list refers every pass",
        "5, row 13",
        vec![refused("trust", &twin, "equivocation"), Event::Scan(good.clone().refer("equivocation"))],
    );
    case(
        "a higher list settles the equivocation",
        "2.2",
        vec![refused("trust", &twin, "equivocation"), adopted(&six), Event::Scan(good.refer("unconfirmed_start"))],
    );
    let base = later(|list| list.status_base = "HTTPS://S.FP.CN/205/".into());
    case(
        "a list with another status base is refused",
        "2.2",
        vec![refused("trust", &signed_trust(&base), "status_base_changed")],
    );
    let marked = later(|list| list.authorities[3].keys[0].compromised = true);
    let dropped = later(|list| {
        list.sequence = 7;
        list.authorities[3].keys.remove(0);
    });
    let revived = later(|list| list.sequence = 8);
    case(
        "a compromised key that is called good again is refused",
        "2.2: compromised is final",
        vec![adopted(&signed_trust(&marked)), refused("trust", &signed_trust(&revived), "compromised_revived")],
    );
    case(
        "a compromised key that was left out in between is refused",
        "2.2: any adopted list",
        vec![
            adopted(&signed_trust(&marked)),
            adopted(&signed_trust(&dropped)),
            Event::Restart,
            refused("trust", &signed_trust(&revived), "compromised_revived"),
        ],
    );
    let as_status = later(|list| {
        list.sequence = 8;
        list.authorities[3].keys.remove(0);
        list.status_keys.push(world::listed("CN-3205"));
    });
    case(
        "a compromised key that comes back as a status key is refused",
        "2.2",
        vec![adopted(&signed_trust(&marked)), refused("trust", &signed_trust(&as_status), "compromised_revived")],
    );
    let as_root = later(|list| {
        list.sequence = 8;
        list.authorities[3].keys.remove(0);
        list.roots.keys[2] = public("CN-3205");
    });
    case(
        "a compromised key that comes back as a root is refused",
        "2.2: a root cannot be marked",
        vec![adopted(&signed_trust(&marked)), refused("trust", &signed_trust(&as_root), "compromised_revived")],
    );
    let still = later(|list| {
        list.sequence = 8;
        list.authorities[3].keys[0].compromised = true;
    });
    case("a compromised key that stays marked is adopted", "2.2", {
        vec![adopted(&signed_trust(&marked)), adopted(&signed_trust(&still))]
    });
    let text = later(|list| list.authorities[0].division = Some(Division::Text("DE-HE".into())));
    case("an authority may move to a text division", "1.1", vec![adopted(&signed_trust(&text))]);
    let again = later(|list| {
        list.authorities[3].keys.push(ListedKey { compromised: true, ..world::listed("CN-3205 new") });
    });
    case("a key may be listed as compromised at once", "2.2", vec![adopted(&signed_trust(&again))]);
}

/// The order of the checks (2.2): what is older or held needs no signature, what is newer is judged by its signatures
/// first.
fn precedence(topic: &mut Topic) {
    let mut case = |name: &str, bytes: Vec<u8>, expected: Expected| {
        topic.case(name, "2.2: the order of the checks", "holds list 5", vec![offer("trust", &bytes, expected)]);
    };
    let no = |code: &str| Expected::code("refused", code);
    let by_nobody = |list: &TrustContent| cosigned(&write::trust(list), &["stranger"]);
    let no_key = |list: &mut TrustContent| list.status_keys[1].key = [0; 32];
    let four = |change: &dyn Fn(&mut TrustContent)| {
        changed(|list| {
            list.sequence = 4;
            change(list);
        })
    };
    case("an older list that no root signed is rolled back", by_nobody(&four(&|_| ())), no("rolled_back"));
    case("an older list with a key that is none is rolled back", by_nobody(&four(&no_key)), no("rolled_back"));
    case(
        "an older list that expires when it is issued is rolled back",
        signed_trust(&four(&|list| list.expires = list.issued)),
        no("rolled_back"),
    );
    case(
        "an older list with an unknown critical key is rolled back",
        cosigned(&write::trust(&four(&|_| ())).with(11, 1), &["root 1", "root 2"]),
        no("rolled_back"),
    );
    case(
        "an older list of another deployment is of another deployment",
        by_nobody(&four(&|list| list.deployment = *b"vectors2")),
        no("other_deployment"),
    );
    case(
        "an older list that breaks the CDDL is malformed",
        cosigned(&write::trust(&four(&|_| ())).without(10), &["root 1", "root 2"]),
        Expected::malformed("refused", "cddl", "missing").field("status_keys"),
    );
    case(
        "the list held without a root's signature changes nothing",
        by_nobody(&world::trust()),
        Expected::outcome("unchanged"),
    );
    let one_root = |list: &TrustContent| cosigned(&write::trust(list), &["root 1"]);
    case("a newer list with a key that is none needs its signatures first", one_root(&later(no_key)), no("threshold"));
    case(
        "a newer list with an unknown critical key needs its signatures first",
        cosigned(&write::trust(&later(|_| ())).with(11, 1), &["root 1"]),
        no("threshold"),
    );
    case(
        "a newer list with a key that is none is refused for it",
        signed_trust(&later(no_key)),
        no("key_unacceptable"),
    );
    case(
        "a list with an unknown critical key is newer before its window is judged",
        cosigned(&write::trust(&later(|list| list.expires = list.issued)).with(11, 1), &["root 1", "root 2"]),
        no("format_newer"),
    );
    case(
        "a list with a key that is none is refused for it before its own threshold",
        signed_trust(&later(|list| {
            no_key(list);
            list.roots.keys = ["root 4", "root 5"].map(public).to_vec();
        })),
        no("key_unacceptable"),
    );
    let twin = |change: &dyn Fn(&mut TrustContent)| {
        changed(|list| {
            list.max_age = 1;
            change(list);
        })
    };
    case(
        "another list of the same sequence with a key that is none is refused for it",
        signed_trust(&twin(&no_key)),
        no("key_unacceptable"),
    );
    let base = |list: &mut TrustContent| list.status_base = "HTTPS://S.FP.CN/205/".into();
    case(
        "another list of the same sequence with another status base is equivocation",
        signed_trust(&twin(&base)),
        no("equivocation"),
    );
    let roots = |list: &mut TrustContent| list.roots.keys = ["root 4", "root 5"].map(public).to_vec();
    let split = signed_trust(&twin(&roots));
    case(
        "another list of the same sequence that its own roots did not sign is no list",
        split.clone(),
        no("threshold"),
    );
    topic.case(
        "another list of the same sequence that its own roots did not sign is no evidence",
        "2.2, 6: evidence needs both thresholds",
        "holds list 5",
        vec![refused("trust", &split, "threshold"), {
            Event::Scan(scan(world::text(&typical())).refer("unconfirmed_start"))
        }],
    );
    let marked = later(|list| list.authorities[3].keys[0].compromised = true);
    let both = later(|list| {
        list.sequence = 7;
        base(list);
    });
    topic.case(
        "a list with another status base is refused for it before the key that it revives",
        "2.2: the order of the checks",
        "holds list 5",
        vec![adopted(&signed_trust(&marked)), refused("trust", &signed_trust(&both), "status_base_changed")],
    );
}

/// A list of exactly this many bytes: the name of a programme fills it.
fn filled(size: usize) -> Vec<u8> {
    let named = |length: usize| signed_trust(&changed(|list| list.programmes[0].name = "x".repeat(length)));
    let most = named(1 << 20).len() - (1 << 20);
    let list = named(size - most);
    assert_eq!(list.len(), size);
    list
}

fn caps(topic: &mut Topic) {
    topic.case("a list of 1 MiB is adopted", "1.2", "new", vec![adopted(&filled(1 << 20))]);
    topic.case("a list over 1 MiB is refused", "1.2", "new", {
        let expected = Expected::malformed("refused", "envelope", "too_large").at(0);
        vec![offer("trust", &filled((1 << 20) + 1), expected)]
    });
}

fn roots(topic: &mut Topic) {
    let new_roots = Roots { threshold: 2, keys: ["root 3", "root 4", "root 5"].map(public).to_vec() };
    let list = write::trust(&later(|list| list.roots = new_roots.clone()));
    let after = write::trust(&later(|list| {
        list.sequence = 7;
        list.roots = new_roots;
    }));
    let last_roots = Roots { threshold: 2, keys: ["root 5", "root 6", "root 7"].map(public).to_vec() };
    let last = write::trust(&later(|list| {
        list.sequence = 7;
        list.roots = last_roots;
    }));
    let mut case = |name: &str, events: Vec<Event>| topic.case(name, "2.2", "holds list 5", events);
    let both = ["root 1", "root 3", "root 4"];
    case("a change of roots signed by both thresholds is adopted", vec![adopted(&cosigned(&list, &both))]);
    case(
        "a change of roots signed by the old ones alone is refused",
        vec![refused("trust", &cosigned(&list, &["root 1", "root 2"]), "threshold")],
    );
    case(
        "a change of roots signed by the new ones alone is refused",
        vec![refused("trust", &cosigned(&list, &["root 4", "root 5"]), "threshold")],
    );
    case(
        "a chain of roots is followed list by list",
        vec![adopted(&cosigned(&list, &both)), adopted(&cosigned(&after, &["root 4", "root 5"]))],
    );
    let last = cosigned(&last, &["root 4", "root 5", "root 6"]);
    case(
        "a chain of two changes of roots is offered whole again, and nothing in it is a complaint",
        vec![
            adopted(&cosigned(&list, &both)),
            adopted(&last),
            refused("trust", &signed_trust(&world::trust()), "rolled_back"),
            refused("trust", &cosigned(&list, &both), "rolled_back"),
            offer("trust", &last, Expected::outcome("unchanged")),
        ],
    );
    case(
        "a chain of roots with a gap is refused",
        vec![refused("trust", &cosigned(&after, &["root 4", "root 5"]), "threshold")],
    );
    case(
        "the old roots sign nothing after the change",
        vec![adopted(&cosigned(&list, &both)), refused("trust", &cosigned(&after, &["root 1", "root 2"]), "threshold")],
    );
}

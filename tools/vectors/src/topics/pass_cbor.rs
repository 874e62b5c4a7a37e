//! Deterministic CBOR, a deviation a case; every signature is valid.

use crate::item::{Item, map};
use crate::model::Scan;
use crate::topic::{Topic, scan};
use crate::world::{T0, altered, altered_body, by, typical};
use crate::write::{self, Message};

pub fn topic() -> Topic {
    let mut topic = Topic::new("pass_cbor", "Deterministic CBOR in a pass: outer item, header, claims");
    outer(&mut topic);
    header(&mut topic);
    claims(&mut topic);
    topic
}

fn good() -> Message {
    by("CN-3205", &write::claims(&typical()))
}

fn outer(topic: &mut Topic) {
    let members = good().members();
    let inside: Vec<u8> = members.iter().flat_map(Item::encode).collect();
    let mut case = |name: &str, bytes: &[&[u8]], fault: &str, offset: usize| {
        let scan = scan(write::text(&bytes.concat()));
        topic.standard(name, "1.3", scan.malformed("determinism", fault).offset(offset));
    };
    case("an array length in two bytes", &[&[0xd2, 0x98, 4], &inside], "not_shortest", 1);
    case("an outer array of indefinite length", &[&[0xd2, 0x9f], &inside, &[0xff]], "indefinite", 1);
    let bytes = good().bytes();
    case("a byte after the message", &[&bytes, &[0]], "trailing", bytes.len());
    case("a second message after the first", &[&[0xd2, 0x80], &[0xd2, 0x80]], "trailing", 2);
    let signature = good().signature();
    let start = bytes.len() - 66;
    case("a signature's length in three bytes", &[&bytes[..start], &[0x59, 0, 64], &signature], "not_shortest", start);
    case("a signature in pieces", &[&bytes[..start], &[0x5f, 0x58, 64], &signature, &[0xff]], "indefinite", start);
    let half = bytes.len() / 2;
    // The payload's head has two bytes.
    let payload = good().payload_at() - 2;
    case("a message cut in its payload", &[&bytes[..half]], "unreadable", payload);
    case("a message cut in its signature", &[&bytes[..bytes.len() - 1]], "unreadable", start);
    case("a tag alone", &[&[0xd2]], "unreadable", 1);
}

fn header(topic: &mut Topic) {
    // The header {1: -8, 4: kid, 16: 65001} stands at offset 3.
    let kid = Item::bytes(&crate::world::kid_of("CN-3205").0).encode();
    let mut case = |name: &str, bytes: &[&[u8]], fault: &str, offset: usize| {
        let message = Message { protected: bytes.concat(), ..good() };
        let scan = scan(write::text(&message.bytes()));
        topic.standard(name, "1.3: every protected header is checked", {
            scan.malformed("determinism", fault).offset(3 + offset)
        });
    };
    let typ = [0x10, 0x19, 0xfd, 0xe9];
    case("header keys out of order", &[&[0xa3, 0x04], &kid, &[0x01, 0x27], &typ], "key_order", 11);
    case("a header key twice", &[&[0xa3, 0x01, 0x27, 0x01, 0x27], &typ], "duplicate_key", 3);
    case("alg in two bytes", &[&[0xa3, 0x01, 0x38, 0x07, 0x04], &kid, &typ], "not_shortest", 2);
    case("a header map of indefinite length", &[&[0xbf, 0x01, 0x27, 0x04], &kid, &typ, &[0xff]], "indefinite", 0);
    case("a byte after the header", &[&[0xa3, 0x01, 0x27, 0x04], &kid, &typ, &[0x00]], "trailing", 17);
    case("a header cut short", &[&[0xa3, 0x01, 0x27, 0x04], &kid], "unreadable", 13);
}

fn claims(topic: &mut Topic) {
    let standard = || write::claims(&typical());
    let mut case = |name: &str, text: String, fault: &str| {
        topic.standard(name, "1.3", scan(text).malformed("determinism", fault));
    };
    let raw = |bytes: &[u8]| Item::raw(bytes);
    let exp = (T0 + 604_800).to_be_bytes();
    let long_exp = [&[0x1b, 0, 0, 0, 0][..], &exp].concat();
    case("exp in nine bytes", altered(|c| c.with(4, raw(&long_exp))), "not_shortest");
    case("a programme in two bytes", altered_body(|b| b.with(0, raw(&[0x18, 0x01]))), "not_shortest");
    case("a cargo category of 23 in two bytes", altered_body(|b| b.with(6, raw(&[0x18, 23]))), "not_shortest");
    case("a text length in two bytes", altered(|c| c.with(1, raw(b"\x78\x07CN-3205"))), "not_shortest");
    case(
        "a byte string length in two bytes",
        altered(|c| c.with(7, raw(&[&[0x58, 8][..], &typical().number.to_bytes()].concat()))),
        "not_shortest",
    );
    case(
        "a route length in two bytes",
        altered_body(|b| b.with(4, raw(&[0x98, 2, 0x19, 0x0c, 0x85, 0x18, 31]))),
        "not_shortest",
    );
    let long_key = [(raw(&[0x18, 0x01]), Item::text("CN-3205"))].into_iter();
    let Item::Map(entries) = standard().without(1) else { unreachable!() };
    case("a key in two bytes", altered(|_| Item::Map(long_key.chain(entries).collect())), "not_shortest");
    let headed = |head: &[u8], map: &Item| {
        let bytes = map.encode();
        raw(&[head, &bytes[1..]].concat())
    };
    case("a claims map length in two bytes", altered(|c| headed(&[0xb8, 6], &c)), "not_shortest");
    case("a body map length in three bytes", altered_body(|b| headed(&[0xb9, 0, 7], &b)), "not_shortest");
    case("a negative key of an ignored value in two bytes", altered(|c| c.with(raw(&[0x38, 0x00]), 0)), "not_shortest");
    case(
        "the key of the body in nine bytes",
        altered(|c| {
            let Item::Map(mut entries) = c else { unreachable!() };
            entries.last_mut().expect("the body").0 = raw(&[0x3b, 0, 0, 0, 0, 0, 1, 0, 0]);
            Item::Map(entries)
        }),
        "not_shortest",
    );
    case(
        "exp as a double, its value the same",
        altered(|c| c.with(4, raw(&[&[0xfb][..], &f64::from(T0 + 604_800).to_be_bytes()].concat()))),
        "float",
    );
    case(
        "nbf as a float of four bytes",
        altered(|c| c.with(5, raw(&[&[0xfa][..], &(T0 as f32).to_be_bytes()].concat()))),
        "float",
    );
    case("a cargo category as a float of two bytes", altered_body(|b| b.with(6, raw(&[0xf9, 0x46, 0x00]))), "float");
    case("undefined", altered_body(|b| b.with(6, raw(&[0xf7]))), "simple");
    case("simple value 32 in an ignored key", altered(|c| c.with(-1, raw(&[0xf8, 32]))), "simple");
    case("simple value 0 in an ignored key", altered(|c| c.with(-1, raw(&[0xe0]))), "simple");
    case("exp under tag 1", altered(|c| c.with(4, Item::Tag(1, Box::new(Item::Int(1_796_659_200))))), "inner_tag");
    case(
        "a bignum as index",
        altered(|c| c.edit(65535, |s| s.edit("status_list", |s| s.with("idx", raw(&[0xc2, 0x41, 42]))))),
        "inner_tag",
    );
    case(
        "a tag in an ignored key",
        altered(|c| c.with(-1, Item::Tag(37, Box::new(Item::bytes(&[0; 16]))))),
        "inner_tag",
    );
    case(
        "a plate of indefinite length",
        altered_body(|b| b.with(1, raw(b"\x7f\x63\xe8\x8b\x8f\x66E12345\xff"))),
        "indefinite",
    );
    case(
        "a route of indefinite length",
        altered_body(|b| b.with(4, raw(&[0x9f, 0x18, 31, 0x18, 32, 0xff]))),
        "indefinite",
    );
    case("a body of indefinite length", altered(|c| c.with(-65537, raw(&[0xbf, 0x00, 0x01, 0xff]))), "indefinite");
    case(
        "a cti of indefinite length",
        altered(|c| c.with(7, raw(&[0x5f, 0x48, 1, 2, 3, 4, 5, 6, 7, 8, 0xff]))),
        "indefinite",
    );
    let Item::Map(mut swapped) = standard() else { unreachable!() };
    swapped.swap(1, 2);
    case("claims out of order", altered(|_| Item::Map(swapped)), "key_order");
    let Item::Map(mut body_first) = standard() else { unreachable!() };
    body_first.rotate_right(1);
    case("negative keys before the others", altered(|_| Item::Map(body_first)), "key_order");
    case(
        "claims in the order of RFC 7049",
        {
            // Shorter keys first: the order of the encoded bytes puts "uri" (63...) behind "idx" (63...) too, so a longer
            // key with a smaller head shows the difference: 65535 (19 ff ff) and -1 (20).
            let Item::Map(mut entries) = standard().with(-1, 0) else { unreachable!() };
            let at = entries.len() - 3;
            entries.swap(at, at + 1);
            altered(|_| Item::Map(entries))
        },
        "key_order",
    );
    case(
        "the keys of the status claim out of order",
        {
            altered(|c| {
                c.edit(65535, |s| {
                    s.edit("status_list", |list| {
                        let Item::Map(mut entries) = list else { unreachable!() };
                        entries.reverse();
                        Item::Map(entries)
                    })
                })
            })
        },
        "key_order",
    );
    let twice = |item: Item, at: usize| {
        let Item::Map(mut entries) = item else { unreachable!() };
        entries.insert(at, entries[at].clone());
        Item::Map(entries)
    };
    case("exp twice", altered(|c| twice(c, 1)), "duplicate_key");
    case("a plate twice", altered_body(|b| twice(b, 1)), "duplicate_key");
    case("an ignored key twice", altered(|c| twice(c.with(-1, 0), 5)), "duplicate_key");
    let deep = |levels: usize| raw(&[vec![0x81; levels], vec![0x00]].concat());
    case("containers nested seventeen deep", altered(|c| c.with(-1, deep(16))), "depth");
    case("a plate that is not UTF-8", altered_body(|b| b.with(1, raw(b"\x66\xe8\x8bE123"))), "unreadable");
    case("a plate that is a surrogate", altered_body(|b| b.with(1, raw(b"\x66\xed\xa0\x80123"))), "unreadable");
    case("a break without its beginning", altered(|c| c.with(-1, raw(&[0xff]))), "unreadable");
    case("a reserved length", altered(|c| c.with(-1, raw(&[0x1c]))), "unreadable");
    case(
        "an array longer than the bytes",
        altered(|c| c.with(-65537, raw(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))),
        "unreadable",
    );
    case(
        "a text longer than the bytes",
        altered(|c| c.with(-65537, raw(&[0x7a, 0xff, 0xff, 0xff, 0xff]))),
        "unreadable",
    );

    let at = |payload: Vec<u8>| {
        let message = Message { payload, ..good() };
        (message.payload_at(), scan(write::text(&message.bytes())))
    };
    let placed = |(start, scan): (usize, Scan), fault: &str, offset: usize| {
        scan.malformed("determinism", fault).offset(start + offset)
    };
    let payload = standard().encode();
    let length = payload.len();
    topic.standard("a byte after the claims", "1.3", placed(at([&payload[..], &[0]].concat()), "trailing", length));
    topic.standard("an empty payload", "1.3", placed(at(vec![]), "unreadable", 0));
    topic.standard("claims cut short", "1.3", {
        let (_, scan) = at(payload[..length - 1].to_vec());
        scan.malformed("determinism", "unreadable")
    });
    topic.standard("claims that are null", "1.3: deterministic, and no map", {
        let (start, scan) = at(vec![0xf6]);
        scan.malformed("cddl", "type").field("claims").offset(start)
    });
    topic.standard("sixteen containers are deterministic and too deep for an ignored key", "1.3, 1.4", {
        scan(altered(|c| c.with(-1, deep(15)))).malformed("cddl", "extension")
    });
    topic.standard("an ignored key with a map, null and booleans is admitted", "1.3", {
        let value = map(vec![(0, Item::raw(&[0xf6])), (1, Item::raw(&[0xf4])), (-1, Item::raw(&[0xf5]))]);
        scan(altered(|c| c.with(-1, value)))
    });
}

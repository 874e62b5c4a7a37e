//! The COSE envelope of a pass: tag, shape, headers, signature; and what stands in a good one.

use crate::item::{Item, map};
use crate::model::Scan;
use crate::topic::{Topic, scan};
use crate::world::{by, key, kid_of, typical};
use crate::write::{self, Message};

pub fn topic() -> Topic {
    let mut topic = Topic::new("pass_envelope", "The COSE envelope of a pass: tag, shape, headers, signature");
    tags(&mut topic);
    shape(&mut topic);
    headers(&mut topic);
    types_and_algorithms(&mut topic);
    signatures(&mut topic);
    topic
}

fn good() -> Message {
    by("CN-3205", &write::claims(&typical()))
}

/// A good pass of which the outermost item is this.
fn outer(item: Item) -> Scan {
    scan(write::text(&item.encode()))
}

fn tagged(tag: u64, members: Vec<Item>) -> Scan {
    outer(Item::Tag(tag, Box::new(Item::List(members))))
}

fn tags(topic: &mut Topic) {
    let members = good().members();
    let untagged = outer(Item::List(members.clone()));
    topic.standard("an untagged message is malformed", "1.3", untagged.malformed("envelope", "untagged").offset(0));
    let cwt = Item::Tag(61, Box::new(Item::Tag(18, Box::new(Item::List(members.clone())))));
    topic.standard("tag 61 around tag 18 is malformed", "1.3", outer(cwt).malformed("envelope", "tag").offset(0));
    for (name, tag) in [("COSE_Mac0", 17), ("COSE_Sign", 98), ("CWT without tag 18", 61), ("self-described", 55799)] {
        let expected = tagged(tag, members.clone()).malformed("envelope", "tag").offset(0);
        topic.standard(&format!("tag {tag} ({name}) is malformed"), "1.3", expected);
    }
    let headed = |first: u8| {
        let mut bytes = good().bytes();
        bytes[0] = first;
        scan(write::text(&bytes))
    };
    let expected = headed(0xdf).malformed("determinism", "unreadable").offset(0);
    topic.standard("a tag whose number is reserved is no CBOR", "1.3", expected);
    let indefinite = [&[0x9f][..], &Item::List(members.clone()).encode()[1..], &[0xff]].concat();
    let expected = scan(write::text(&indefinite)).malformed("envelope", "untagged").offset(0);
    topic.standard("an untagged array of indefinite length is untagged first", "1.3", expected);
    let expected = headed(0x3b).malformed("envelope", "shape").offset(0);
    topic.standard("what begins as an integer is no message, wherever it ends", "1.3", expected);
    let long = [&[0xd8, 18][..], &Item::List(members).encode()].concat();
    let expected = scan(write::text(&long)).malformed("determinism", "not_shortest").offset(0);
    topic.standard("tag 18 in two bytes is not deterministic", "1.3", expected);
}

fn shape(topic: &mut Topic) {
    let members = good().members();
    let with = |at: usize, item: Item| {
        let mut changed = members.clone();
        changed[at] = item;
        tagged(18, changed)
    };
    let mut case = |name: &str, scan: Scan| topic.standard(name, "1.3", scan.malformed("envelope", "shape"));
    case("a message that is an integer", outer(Item::Int(0)));
    case("a message that is a map", outer(map(vec![])));
    case("tag 18 around a map", outer(Item::Tag(18, Box::new(map(vec![])))));
    case("an array of three", tagged(18, members[..3].to_vec()));
    case("an array of five", tagged(18, members.iter().cloned().chain([Item::Int(0)]).collect()));
    case("a protected header that is a map", with(0, write::header(&key("CN-3205"), write::PASS)));
    case("an unprotected header that is a byte string", with(1, Item::bytes(&[0xa0])));
    case("a detached payload", with(2, Item::raw(&[0xf6])));
    case("a payload that is a text", with(2, Item::text("payload")));
    case("a signature that is a text", with(3, Item::text("signature")));
}

/// A pass with this protected header, validly signed.
fn with_header(header: Item) -> Scan {
    let message = Message { protected: header.encode(), ..good() };
    scan(write::text(&message.bytes()))
}

fn headers(topic: &mut Topic) {
    let standard = || write::header(&key("CN-3205"), write::PASS);
    let kid = kid_of("CN-3205").0;
    let mut keys = |name: &str, scan: Scan| topic.standard(name, "1.3", scan.malformed("envelope", "header_keys"));
    keys("a header without alg", with_header(standard().without(1)));
    keys("a header without kid", with_header(standard().without(4)));
    keys("a header without typ", with_header(standard().without(16)));
    keys("an empty header map", with_header(map(vec![])));
    keys("a header with crit", with_header(standard().with(2, vec![Item::Int(16)])));
    keys("a header with a content type", with_header(standard().with(3, 61)));
    keys("a header with a key below 0", with_header(standard().with(-1, 0)));
    keys("a header with a text key", with_header(standard().with("x", 0)));
    let unprotected = Message { unprotected: map(vec![(4, Item::bytes(&kid))]), ..good() };
    keys("a kid in the unprotected header too", scan(write::text(&unprotected.bytes())));
    let moved = Message { protected: standard().without(4).encode(), ..unprotected };
    keys("a kid in the unprotected header alone", scan(write::text(&moved.bytes())));

    let mut types = |name: &str, scan: Scan| topic.standard(name, "1.1", scan.malformed("envelope", "header_type"));
    types("alg as text", with_header(standard().with(1, "EdDSA")));
    types("a kid of 7 bytes", with_header(standard().with(4, Item::bytes(&kid[..7]))));
    types("a kid of 9 bytes", with_header(standard().with(4, Item::bytes(&[&kid[..], &[0]].concat()))));
    types("a kid as text", with_header(standard().with(4, "CN-3205!")));
    types("typ as text", with_header(standard().with(16, "application/cwt")));
    types("typ below 0", with_header(standard().with(16, -65001)));
    topic.standard("a header that is an array", "1.1", {
        with_header(Item::List(vec![])).malformed("envelope", "shape")
    });
    topic.standard("an empty protected header", "1.3: h'' is no CBOR item", {
        scan(write::text(&Message { protected: vec![], ..good() }.bytes())).malformed("determinism", "unreadable")
    });
}

fn types_and_algorithms(topic: &mut Topic) {
    let standard = || write::header(&key("CN-3205"), write::PASS);
    for (name, typ) in [("a trust list's", write::TRUST), ("a manifest's", write::MANIFEST), ("a CWT's", 61)] {
        let expected = with_header(standard().with(16, typ)).refuse("wrong_type");
        topic.standard(&format!("{name} typ {typ} is the wrong type"), "5, row 5", expected);
    }
    for (name, alg) in [("Ed25519 of RFC 9864", -19), ("ES256", -7), ("EdDSA with the wrong sign", 8), ("HMAC", 5)] {
        let expected = with_header(standard().with(1, alg)).refuse("wrong_alg");
        topic.standard(&format!("{name}, alg {alg}, is the wrong algorithm"), "1.5", expected);
    }
    let both = with_header(standard().with(1, -19).with(16, write::MANIFEST));
    topic.standard("typ is judged before alg", "5, row 5", both.refuse("wrong_type"));
    let message = by("CN-3205", &write::claims(&typical()).without(1));
    let message = Message { protected: standard().with(1, -19).encode(), ..message };
    topic.standard("alg is judged before the claims are read", "5, row 5 before the CDDL", {
        scan(write::text(&message.bytes())).refuse("wrong_alg")
    });
    let foreign = with_header(standard().with(4, Item::bytes(&kid_of("nobody").0)));
    topic.standard("a kid of nobody is unknown", "5, row 6", foreign.refuse("key_unknown"));
    let status = write::header(&key("status 1"), write::PASS);
    topic.standard("a status key issues no passes", "1.1: it belongs to no authority", {
        with_header(status).refuse("key_unknown")
    });
    let root = write::header(&key("root 1"), write::PASS);
    topic.standard("a root key issues no passes", "1.1", with_header(root).refuse("key_unknown"));
    let claims = write::claims(&typical());
    topic.standard("the key of another authority is a mismatch", "5, row 7: kid and iss lead to one authority", {
        scan(write::text(&by("CN-3301", &claims).bytes())).refuse("issuer_mismatch")
    });
    topic.standard("an iss that no authority has is a mismatch", "5, row 7", {
        scan(write::text(&by("CN-3205", &claims.clone().with(1, "CN-9999")).bytes())).refuse("issuer_mismatch")
    });
    let borrowed = Message { protected: standard().encode(), ..by("CN-3301", &claims) };
    topic.standard("a key of another authority under the issuer's kid is a bad signature", "5, row 8", {
        scan(write::text(&borrowed.bytes())).refuse("bad_signature")
    });
}

fn signatures(topic: &mut Topic) {
    let members = good().members();
    let signature = good().signature();
    let with = |signature: &[u8]| {
        let mut changed = members.clone();
        changed[3] = Item::bytes(signature);
        tagged(18, changed)
    };
    for size in [0, 63] {
        let expected = with(&signature[..size]).malformed("envelope", "signature_size");
        topic.standard(&format!("a signature of {size} bytes is malformed"), "1.1", expected);
    }
    let long = with(&[&signature[..], &[0]].concat()).malformed("envelope", "signature_size");
    topic.standard("a signature of 65 bytes is malformed", "1.1", long);
    let mut bad = |name: &str, scan: Scan| topic.standard(name, "1.5", scan.refuse("bad_signature"));
    for at in [0, 31, 32, 62] {
        let mut flipped = signature;
        flipped[at] ^= 1;
        bad(&format!("a signature with one bit of byte {at} changed"), with(&flipped));
    }
    bad("a signature of zeros", with(&[0; 64]));
    bad("a signature whose S is not below L", with(&over_l(&signature)));
    let cut = Message { payload: write::claims(&typical()).with(4, 1_796_659_201).encode(), ..good() };
    let mut swapped = cut.members();
    swapped[3] = Item::bytes(&signature);
    bad("a signature over another exp", tagged(18, swapped));
    let aad = {
        use ed25519_dalek::Signer;
        let structure = Item::List(vec![
            Item::text("Signature1"),
            Item::bytes(&good().protected),
            Item::bytes(b"aad"),
            Item::bytes(&good().payload),
        ]);
        key("CN-3205").sign(&structure.encode()).to_bytes()
    };
    bad("a signature with external_aad", with(&aad));
    use ed25519_dalek::Signer;
    bad("a signature over the bare payload", with(&key("CN-3205").sign(&good().payload).to_bytes()));
    let mut altered = good().payload;
    let plate = altered.windows(5).position(|window| window == b"12345").expect("the plate");
    altered[plate] = b'9';
    let mut changed = members.clone();
    changed[2] = Item::Bytes(altered);
    bad("one digit of the plate changed", tagged(18, changed));
}

/// The same signature with L added to S: the equation holds, the encoding is not canonical.
fn over_l(signature: &[u8; 64]) -> [u8; 64] {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut sum = *signature;
    let mut carry = 0u16;
    for (byte, l) in sum[32..].iter_mut().zip(L) {
        carry += u16::from(*byte) + u16::from(l);
        *byte = carry as u8;
        carry >>= 8;
    }
    sum
}

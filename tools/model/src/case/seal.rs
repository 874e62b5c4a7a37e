//! COSE messages around payloads, whole or damaged in one way.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use freightpass_vectors::edge::{EdgeKey, small_order};
use freightpass_vectors::item::Item;
use freightpass_vectors::world;
use freightpass_vectors::write::{self, Message};

use super::damage;
use super::source::Source;

/// Every name of a key that a case uses.
pub const NAMES: &[&str] = &[
    "CN-3205",
    "CN-3205 short",
    "CN",
    "CN-31",
    "CN-32",
    "CN-3301",
    "CN-429004",
    "DE-BY",
    "spare 1",
    "spare 2",
    "status 1",
    "status 2",
    "status 3",
    "stranger",
    "root 1",
    "root 2",
    "root 3",
    "root 4",
];

static KEYS: LazyLock<BTreeMap<&str, SigningKey>> =
    LazyLock::new(|| NAMES.iter().map(|name| (*name, world::key(name))).collect());

/// The key of a name.
pub fn key(name: &str) -> &'static SigningKey {
    &KEYS[name]
}

/// The public key of a name.
pub fn public(name: &str) -> [u8; 32] {
    key(name).verifying_key().to_bytes()
}

/// A COSE_Sign1 message, whole.
pub fn whole(typ: i64, payload: &Item, name: &str) -> Vec<u8> {
    let key = key(name);
    Message::new(&write::header(key, typ), payload, key).bytes()
}

/// A COSE_Sign1 message with one thing wrong.
pub fn damaged(typ: i64, payload: &Item, name: &str, s: &mut Source<'_>) -> Vec<u8> {
    let key = key(name);
    let header = write::header(key, typ);
    let mut message = Message::new(&header, payload, key);
    match s.below(16) {
        0 => message.payload = damage::item(payload.clone(), s).encode(),
        1 => message.payload = damage::grown(payload.clone(), s).encode(),
        2 => message.payload = damage::bytes(message.payload, s),
        3 => message.protected = damage::item(header, s).encode(),
        4 => message.protected = damage::bytes(message.protected, s),
        5 => message.protected = damage::grown(header, s).encode(),
        6 => message.protected = header.with(1, Item::Int(s.pick(&[-19, -7, 5, -65536, -9]))).encode(),
        7 => message.protected = header.with(16, Item::Int(s.pick(&[65002, 65001, 65003, 0, 61]))).encode(),
        8 => {
            let kid = write::kid(self::key(s.pick(NAMES))).0;
            message.protected = header.with(4, Item::bytes(&kid)).encode();
        }
        9 => message.unprotected = damage::grown(Item::Map(vec![]), s),
        10 => message.key = self::key(s.pick(NAMES)).clone(),
        11 => return message.bytes_with(&unsound(key, &message, s)),
        12 => {
            let members = Item::List(message.members());
            return tagged(members, s);
        }
        13 => return damage::bytes(message.bytes(), s),
        14 => return damage::item(Item::Tag(18, Box::new(Item::List(message.members()))), s).encode(),
        _ => {
            let payload = damage::item(payload.clone(), s);
            message.payload = damage::item(payload, s).encode();
        }
    }
    message.bytes()
}

/// A signature that some verifier or other takes, or nearly a good one.
fn unsound(key: &SigningKey, message: &Message, s: &mut Source<'_>) -> Vec<u8> {
    let (signed, edge) = (message.signed(), EdgeKey::of(key));
    match s.below(6) {
        0 => damage::bytes(message.signature().to_vec(), s),
        1 => {
            let r = s.pick(&small_order());
            edge.sign_without_nonce(r, &signed).to_vec()
        }
        2 => edge.sign_off_by(1 + s.below(7), 0, &signed).to_vec(),
        3 => plus_order(message.signature()).to_vec(),
        4 => vec![0; 64],
        _ => edge.sign_off_by(0, s.byte().into(), &signed).to_vec(),
    }
}

/// The signature with L added to its S.
fn plus_order(mut signature: [u8; 64]) -> [u8; 64] {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, of) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(of) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    signature
}

/// These members in another tag, or in none.
fn tagged(members: Item, s: &mut Source<'_>) -> Vec<u8> {
    let inner = members.encode();
    let head: &[u8] = s.pick(&[
        &[][..],
        &[0xd8, 61],
        &[0xd8, 98],
        &[0xd8, 18],
        &[0xd9, 0, 18],
        &[0xd8, 61, 0xd2],
        &[0xd2, 0xd2],
        &[0xd9, 0, 98],
        &[0xd3],
        &[0x81],
        &[0xdf],
        &[0xdc],
        &[0x00],
        &[0xf6],
        &[0x1c],
        &[0x9f],
        &[0xff],
        &[0xd8, 17],
        &[0x1f],
    ]);
    if s.one_in(4) { head.to_vec() } else { [head, &inner].concat() }
}

/// A trust list cosigned by these, whole.
pub fn cosigned(payload: &Item, names: &[&str]) -> Vec<u8> {
    let (header, payload) = (write::trust_header(), payload.encode());
    let cosignatures = names.iter().map(|name| write::cosignature(&header, &payload, key(name))).collect();
    write::cosigned(&header, &payload, cosignatures)
}

/// A trust list with one thing wrong.
pub fn damaged_cosigned(payload: &Item, names: &[&str], s: &mut Source<'_>) -> Vec<u8> {
    let mut header = write::trust_header();
    let mut bytes = payload.encode();
    match s.below(10) {
        9 => bytes = payload.clone().with(11, Item::Int(s.byte().into())).encode(),
        0 => bytes = damage::item(payload.clone(), s).encode(),
        1 => bytes = damage::grown(payload.clone(), s).encode(),
        2 => bytes = damage::bytes(bytes, s),
        3 => header = damage::item(header, s),
        4 => header = damage::grown(header, s),
        5 => header = header.with(16, Item::Int(s.pick(&[65001, 65003, 0]))),
        6 => return damage::bytes(cosigned(payload, names), s),
        _ => {}
    }
    let mut cosignatures: Vec<Item> = names.iter().map(|name| write::cosignature(&header, &bytes, key(name))).collect();
    match s.below(8) {
        1 => drop(cosignatures.pop()),
        2 => cosignatures.extend(cosignatures.clone()),
        3 => cosignatures = cosignatures.iter().cycle().take(s.pick(&[1, 16, 17])).cloned().collect(),
        4 => {
            let at = s.below(cosignatures.len().max(1));
            if at < cosignatures.len() {
                cosignatures[at] = damage::item(cosignatures[at].clone(), s);
            }
        }
        5 => cosignatures.push(write::cosignature(&header, &bytes, key("stranger"))),
        6 => {
            let members =
                vec![Item::bytes(&header.encode()), Item::Map(vec![]), Item::bytes(&bytes), Item::List(cosignatures)];
            let message = Item::Tag(98, Box::new(Item::List(members)));
            return damage::item(message, s).encode();
        }
        _ => {}
    }
    write::cosigned(&header, &bytes, cosignatures)
}

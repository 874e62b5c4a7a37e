//! The objects of the formats as CBOR items, written here a second time on purpose: the tool must not sign what the
//! core's own encoder says, or a fault in it would become a vector.

use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::division::Division;
use freightpass_core::key::Kid;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::pass::{Claims, Crew, CrewRole, Enterprise, Leg};
use freightpass_core::trust::{ListedKey, Roots, TrustContent};
use sha2::{Digest, Sha256};

use crate::item::{Item, map};

/// typ of a pass, a trust list, a manifest.
pub const PASS: i64 = 65001;
/// See [`PASS`].
pub const TRUST: i64 = 65002;
/// See [`PASS`].
pub const MANIFEST: i64 = 65003;

/// The kid of a signing key.
pub fn kid(key: &SigningKey) -> Kid {
    Kid::of(&key.verifying_key().to_bytes())
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The protected header `{1: -8, 4: kid, 16: typ}`.
pub fn header(key: &SigningKey, typ: i64) -> Item {
    map(vec![(1, Item::Int(-8)), (4, Item::bytes(&kid(key).0)), (16, Item::Int(typ))])
}

/// A COSE_Sign1 message in its making.
#[derive(Clone)]
pub struct Message {
    /// Bytes of the protected header.
    pub protected: Vec<u8>,
    /// The unprotected header.
    pub unprotected: Item,
    /// Bytes of the payload.
    pub payload: Vec<u8>,
    /// The key that signs.
    pub key: SigningKey,
}

impl Message {
    /// A message of this header and payload.
    pub fn new(protected: &Item, payload: &Item, key: &SigningKey) -> Self {
        let (protected, payload) = (protected.encode(), payload.encode());
        Self { protected, unprotected: map(vec![]), payload, key: key.clone() }
    }

    /// The bytes that are signed (RFC 9052, section 4.4).
    pub fn signed(&self) -> Vec<u8> {
        let members = [&self.protected[..], &[], &self.payload].map(Item::bytes);
        Item::List([Item::text("Signature1")].into_iter().chain(members).collect()).encode()
    }

    /// The signature over them.
    pub fn signature(&self) -> [u8; 64] {
        self.key.sign(&self.signed()).to_bytes()
    }

    /// The four members.
    pub fn members(&self) -> Vec<Item> {
        vec![
            Item::bytes(&self.protected),
            self.unprotected.clone(),
            Item::bytes(&self.payload),
            Item::bytes(&self.signature()),
        ]
    }

    /// The bytes: tag 18 around the members.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_with(&self.signature())
    }

    /// The bytes with another signature.
    pub fn bytes_with(&self, signature: &[u8]) -> Vec<u8> {
        let mut members = self.members();
        members[3] = Item::bytes(signature);
        Item::Tag(18, Box::new(Item::List(members))).encode()
    }

    /// Bytes before the payload's contents: tag, array, protected header, empty map, head of the payload.
    pub fn payload_at(&self) -> usize {
        let head = if self.payload.len() < 24 { 1 } else { 1 + self.payload.len().ilog(256) as usize + 1 };
        1 + 1 + Item::bytes(&self.protected).encode().len() + self.unprotected.encode().len() + head
    }
}

/// The text of these bytes.
pub fn text(bytes: &[u8]) -> String {
    format!("FP1:{}", base45::encode(bytes))
}

/// The claims of a pass.
pub fn claims(claims: &Claims) -> Item {
    let status = Item::Map(vec![
        (Item::text("idx"), Item::Int(claims.status.idx.into())),
        (Item::text("uri"), Item::text(&claims.status.uri)),
    ]);
    let subject = &claims.subject;
    let mut body = vec![(0, Item::Int(subject.programme.into())), (1, Item::text(&subject.tractor))];
    body.extend(subject.trailer.iter().map(|trailer| (2, Item::text(trailer))));
    body.push((3, Item::List(subject.crew.iter().map(crew).collect())));
    body.push((4, Item::List(subject.route.iter().map(division).collect())));
    match subject.leg {
        Leg::Loaded => {}
        Leg::Empty => body.push((5, Item::Int(1))),
        Leg::Return => body.push((5, Item::Int(2))),
    }
    body.push((6, Item::Int(subject.cargo.0.into())));
    match &subject.enterprise {
        Some(Enterprise::Number(number)) => body.push((7, Item::Int((*number).into()))),
        Some(Enterprise::Code(code)) => body.push((7, Item::bytes(code))),
        None => {}
    }
    map(vec![
        (1, Item::text(&claims.iss)),
        (4, Item::Int(claims.exp.into())),
        (5, Item::Int(claims.nbf.into())),
        (7, Item::bytes(&claims.number.to_bytes())),
        (65535, Item::Map(vec![(Item::text("status_list"), status)])),
        (-65537, map(body)),
    ])
}

fn crew(person: &Crew) -> Item {
    let mut members = vec![Item::text(&person.name), Item::text(&person.tail)];
    match person.role {
        CrewRole::Driver => {}
        CrewRole::Relief => members.push(Item::Int(1)),
        CrewRole::Passenger => members.push(Item::Int(2)),
    }
    Item::List(members)
}

/// A division.
pub fn division(division: &Division) -> Item {
    match division {
        Division::Code(code) => Item::Int(code.value().into()),
        Division::Text(text) => Item::text(text),
    }
}

/// The payload of a trust list.
pub fn trust(list: &TrustContent) -> Item {
    let authorities = list.authorities.iter().map(|authority| {
        Item::List(vec![
            Item::text(&authority.code),
            Item::Int(authority.number.into()),
            Item::text(&authority.name),
            Item::Int(authority.level as i64),
            authority.division.as_ref().map_or(Item::Int(0), division),
            Item::List(authority.programmes.iter().map(|number| Item::Int((*number).into())).collect()),
            keys(&authority.keys),
        ])
    });
    let programmes = list.programmes.iter().map(|programme| {
        Item::List(vec![
            Item::Int(programme.number.into()),
            Item::text(&programme.name),
            Item::Int(programme.from.into()),
            Item::Int(programme.until.into()),
            Item::Int(programme.off_route as i64),
        ])
    });
    let survivors = list.survivors.iter().map(|(kid, hash)| Item::List(vec![Item::bytes(&kid.0), Item::bytes(hash)]));
    let limits = [list.max_age, list.skew, list.longest_life].map(|seconds| Item::Int(seconds.into()));
    map(vec![
        (0, Item::bytes(&list.deployment)),
        (1, Item::Int(list.sequence.into())),
        (2, Item::Int(list.issued.into())),
        (3, Item::Int(list.expires.into())),
        (4, roots(&list.roots)),
        (5, Item::List(authorities.collect())),
        (6, Item::List(limits.to_vec())),
        (7, Item::List(programmes.collect())),
        (8, Item::text(&list.status_base)),
        (9, Item::List(survivors.collect())),
        (10, keys(&list.status_keys)),
    ])
}

/// Threshold and root keys.
pub fn roots(roots: &Roots) -> Item {
    let keys = roots.keys.iter().map(|key| Item::bytes(key)).collect();
    Item::List(vec![Item::Int(roots.threshold.into()), Item::List(keys)])
}

fn keys(keys: &[ListedKey]) -> Item {
    let key = |listed: &ListedKey| {
        Item::List(vec![
            Item::bytes(&listed.key),
            Item::Int(listed.from.into()),
            Item::Int(listed.until.into()),
            Item::Int(listed.compromised.into()),
        ])
    };
    Item::List(keys.iter().map(key).collect())
}

/// The header of a trust list, `{16: 65002}`.
pub fn trust_header() -> Item {
    map(vec![(16, Item::Int(TRUST))])
}

/// One cosignature `[header, {}, signature]` by `key` over a trust list of this header and payload.
pub fn cosignature(header: &Item, payload: &[u8], key: &SigningKey) -> Item {
    cosignature_by(header, payload, kid(key), |message| key.sign(message).to_bytes())
}

/// The same by whoever `sign`s for this kid.
pub fn cosignature_by(header: &Item, payload: &[u8], kid: Kid, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Item {
    let own = map(vec![(1, Item::Int(-8)), (4, Item::bytes(&kid.0))]).encode();
    let members = [&header.encode()[..], &own, &[], payload].map(Item::bytes);
    let structure = Item::List([Item::text("Signature")].into_iter().chain(members).collect());
    let signature = sign(&structure.encode());
    Item::List(vec![Item::Bytes(own), map(vec![]), Item::bytes(&signature)])
}

/// A trust list of these parts.
pub fn cosigned(header: &Item, payload: &[u8], cosignatures: Vec<Item>) -> Vec<u8> {
    let members = vec![Item::bytes(&header.encode()), map(vec![]), Item::bytes(payload), Item::List(cosignatures)];
    Item::Tag(98, Box::new(Item::List(members))).encode()
}

/// The payload of a manifest.
pub fn manifest(content: &ManifestContent) -> Item {
    let lists = content.lists.iter().map(|entry| {
        Item::List(vec![
            Item::Int(entry.list.into()),
            Item::Int(entry.n.into()),
            Item::bytes(&entry.base),
            Item::bytes(&entry.state),
        ])
    });
    map(vec![
        (0, Item::bytes(&content.deployment)),
        (1, Item::Int(content.seq.into())),
        (2, Item::Int(content.issued.into())),
        (3, Item::Int(content.expires.into())),
        (4, Item::Int(content.ttl.into())),
        (5, Item::List(vec![Item::Int(content.trust_sequence.into()), Item::bytes(&content.trust_hash)])),
        (6, Item::List(lists.collect())),
    ])
}

/// A bundle of these parts.
pub fn bundle(trust: &[&[u8]], manifest: &[u8], objects: &[&[u8]]) -> Item {
    let all = |parts: &[&[u8]]| Item::List(parts.iter().map(|part| Item::bytes(part)).collect());
    Item::List(vec![Item::Int(3), all(trust), Item::bytes(manifest), all(objects)])
}

/// A provisioning file of these parts.
pub fn provision(deployment: &[u8; 8], of: &Roots, floor: u32) -> Item {
    Item::List(vec![Item::Int(4), Item::bytes(deployment), roots(of), Item::Int(floor.into())])
}

/// A snapshot of these sets.
pub fn snapshot(list: u32, n: u32, revoked: &[u8], suspended: &[u8]) -> Item {
    let head = [0, list.into(), n.into()].map(Item::Int);
    Item::List(head.into_iter().chain([Item::bytes(revoked), Item::bytes(suspended)]).collect())
}

/// A delta of these sets.
pub fn delta(list: u32, n: u32, base: &[u8; 32], sets: [&[u8]; 3]) -> Item {
    let head = [1, list.into(), n.into()].map(Item::Int);
    Item::List(head.into_iter().chain([Item::bytes(base)]).chain(sets.map(Item::bytes)).collect())
}

/// The bytes of bits, given as (value, width), most significant first.
pub fn bits(fields: &[(u64, u32)]) -> Vec<u8> {
    let bits: Vec<bool> =
        fields.iter().flat_map(|&(value, width)| (0..width).rev().map(move |bit| value >> bit & 1 == 1)).collect();
    bits.chunks(8).map(|byte| byte.iter().zip(0..).fold(0, |all, (bit, at)| all | u8::from(*bit) << (7 - at))).collect()
}

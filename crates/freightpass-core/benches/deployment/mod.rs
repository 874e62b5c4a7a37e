//! A small deployment for the benches: the typical pass of docs/FORMAT.md, and a scanner that holds what is in force.

use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::cose;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::{Adoption, Held};
use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject,
};
use freightpass_core::status::{Snapshot, State, list_of};
use freightpass_core::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent};
use sha2::{Digest, Sha256};

/// The deployment.
pub const DEPLOYMENT: [u8; 8] = *b"BENCHFPS";
/// The moment of the scans: 2026-12-01 00:00 in Beijing.
pub const NOW: u32 = 1_796_054_400;
/// A day in seconds.
pub const DAY: u32 = 86_400;
/// What status URIs begin with.
pub const BASE: &str = "HTTPS://S.FP.CN/20/";
/// Indexes of the list in which the passes stand.
const INDEXES: u32 = 65_536;

/// The key of the authority CN-3205.
pub fn issuer() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// Other authorities: their codes and keys. As many as there are tables for issuers (feature `warm`).
pub fn neighbours() -> Vec<(String, SigningKey)> {
    (0..16).map(|at| (format!("CN-33{at:02}"), SigningKey::from_bytes(&[200 + at; 32]))).collect()
}

/// The first root key and the second one.
pub fn root(which: u8) -> SigningKey {
    SigningKey::from_bytes(&[100 + which; 32])
}

fn status_key() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

/// A division by its code.
pub fn place(code: u32) -> Division {
    Division::Code(Code::new(code).expect("a code"))
}

/// Where a pass that expires at `exp` has its status.
pub fn status_at(idx: u32, exp: u32) -> StatusReference {
    StatusReference { idx, uri: format!("{BASE}{}", list_of(exp.into())) }
}

/// Two crew with Chinese names, both plates, four regions.
pub fn typical() -> Claims {
    let exp = NOW + 7 * DAY;
    let person = |name: &str, tail: &str, role| Crew { name: name.into(), tail: tail.into(), role };
    Claims {
        iss: "CN-3205".into(),
        nbf: NOW,
        exp,
        number: PassNumber::new(320_500, 2526, 42).expect("a number"),
        status: status_at(54_321, exp),
        subject: Subject {
            programme: 1,
            tractor: "苏E12345".into(),
            trailer: Some("苏E8765挂".into()),
            crew: vec![person("张建国", "123X", CrewRole::Driver), person("李明", "4567", CrewRole::Relief)],
            route: vec![place(320_583), place(330_106), place(3304), place(31)],
            leg: Leg::Loaded,
            cargo: CargoCategory(6),
            enterprise: Some(Enterprise::Code([1; 11])),
        },
    }
}

/// What a new scanner is provisioned with: two roots, both of which sign.
pub fn provision() -> Provision {
    Provision::new(DEPLOYMENT, roots(), NOW - 7200).expect("good roots")
}

fn roots() -> Roots {
    Roots { threshold: 2, keys: [root(1), root(2)].iter().map(|key| key.verifying_key().to_bytes()).collect() }
}

/// An authority of a prefecture, with one key.
pub fn authority(code: &str, number: u32, division: u32, key: &SigningKey) -> Authority {
    Authority {
        code: code.into(),
        number,
        name: "苏州市重点物资运输保障办公室".into(),
        level: Level::Prefecture,
        division: Some(place(division)),
        programmes: vec![1],
        keys: vec![listed(key)],
    }
}

fn listed(key: &SigningKey) -> ListedKey {
    let (from, until) = (NOW - DAY, NOW + 90 * DAY);
    ListedKey { key: key.verifying_key().to_bytes(), from, until, compromised: false }
}

/// The trust list of these authorities, signed by both roots: its object, and the hash that manifests name.
pub fn trust(authorities: Vec<Authority>) -> (Vec<u8>, [u8; 32]) {
    let (from, until) = (NOW - DAY, NOW + 90 * DAY);
    let content = TrustContent {
        deployment: DEPLOYMENT,
        sequence: 1,
        issued: NOW - 3600,
        expires: until,
        roots: roots(),
        authorities,
        max_age: DAY,
        skew: 300,
        longest_life: 30 * DAY,
        programmes: vec![Programme {
            number: 1, name: "应急货运".into(), from, until, off_route: OffRoute::Refuse
        }],
        status_base: BASE.into(),
        survivors: vec![],
        status_keys: vec![listed(&status_key())],
    };
    let payload = content.encode().expect("a trust list");
    let cosignatures = [root(1), root(2)].map(|root| {
        let kid = Kid::of(root.verifying_key().as_bytes());
        (kid, root.sign(&cose::cosignature_message(kid, &payload)).to_bytes())
    });
    (cose::sign(&payload, &cosignatures), Sha256::digest(&payload).into())
}

/// A signed manifest of these states; `bases` are those from which their deltas go.
pub fn manifest(seq: u32, trust_hash: [u8; 32], states: &[State], bases: &[State]) -> Vec<u8> {
    let entry = |(state, base): (&State, &State)| {
        let (base, hash) = (base.hash(&DEPLOYMENT), state.hash(&DEPLOYMENT));
        ListEntry { list: state.list(), n: state.n(), base, state: hash }
    };
    let content = ManifestContent {
        deployment: DEPLOYMENT,
        seq,
        issued: NOW - 60,
        expires: NOW + DAY,
        ttl: 600,
        trust_sequence: 1,
        trust_hash,
        lists: states.iter().zip(bases).map(entry).collect(),
    };
    let key = status_key();
    content.sign(Kid::of(key.verifying_key().as_bytes()), |message| key.sign(message).to_bytes()).expect("a manifest")
}

/// All that is in force: seventeen authorities and one list, of which every 100th index is revoked (from 0) and every
/// 100th suspended (from 50).
pub fn bundle() -> Bundle {
    let others = neighbours();
    let others = (330_000..).zip(&others).map(|(number, (code, key))| authority(code, number, 33, key));
    let (trust, trust_hash) = trust(others.chain([authority("CN-3205", 320_500, 3205, &issuer())]).collect());
    let list = list_of(u64::from(NOW + 7 * DAY));
    let every_100th = |from: u32| (from..INDEXES).step_by(100).collect::<Vec<_>>();
    let state = State::from_sets(list, INDEXES, &every_100th(0), &every_100th(50)).expect("a state");
    let states = [state];
    let manifest = manifest(1, trust_hash, &states, &states);
    let [state] = states;
    Bundle { trust: vec![trust], manifest, objects: vec![Snapshot::new(state).encode().expect("a snapshot")] }
}

/// A scanner that holds everything that is in force.
pub fn scanner() -> Held {
    let mut held = Held::provisioned(&provision());
    adopt(&mut held, &bundle().encode());
    held.confirm_start().expect("a manifest is held");
    held
}

/// Adopts a bundle of which every part is new.
pub fn adopt(held: &mut Held, bundle: &[u8]) {
    let results = held.adopt_bundle(bundle).expect("a bundle");
    assert!(results.iter().all(|part| part.outcome == Ok(Adoption::Adopted)), "{results:?}");
}

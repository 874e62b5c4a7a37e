//! The deployment of the vectors: keys from fixed seeds, a trust list, a manifest, states, and what is asked of them.

use ed25519_dalek::SigningKey;
use freightpass_core::division::{Code, Division};
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject,
};
use freightpass_core::status::{State, list_of};
use freightpass_core::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent};

use crate::item::Item;
use crate::write::{self, Message, kid, sha256};

/// 2026-12-01 00:00 in Beijing: passes begin.
pub const T0: u32 = 1_796_054_400;
/// The present, two hours later.
pub const NOW: u64 = T0 as u64 + 7200;
/// A day, seconds.
pub const DAY: u32 = 86_400;
/// Capacity of every list.
pub const N: u32 = 4096;
/// What status URIs begin with.
pub const BASE: &str = "HTTPS://S.FP.CN/204/";
/// The deployment.
pub const DEPLOYMENT: [u8; 8] = *b"vectors1";
/// The list of [`typical`] passes.
pub const LIST: u32 = 2970;
/// When the standard manifest was issued.
pub const ISSUED: u32 = T0 + 6600;
/// Longest age of a manifest, clock skew, longest life of a pass, seconds.
pub const LIMITS: (u32, u32, u32) = (DAY, 300, 30 * DAY);

/// The signing key of that name: its seed is the SHA-256 of the name.
pub fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&sha256(format!("freightpass vectors, key {name}").as_bytes()))
}

/// The public key of that name.
pub fn public(name: &str) -> [u8; 32] {
    key(name).verifying_key().to_bytes()
}

/// A key that is listed for long.
pub fn listed(name: &str) -> ListedKey {
    ListedKey { key: public(name), from: T0 - 30 * DAY, until: T0 + 300 * DAY, compromised: false }
}

/// A division of the profile cn.
pub fn place(code: u32) -> Division {
    Division::Code(Code::new(code).expect("a code"))
}

/// Two of three root keys.
pub fn roots() -> Roots {
    Roots { threshold: 2, keys: ["root 1", "root 2", "root 3"].map(public).to_vec() }
}

/// Authorities: the nation, two provinces, two prefectures, a county run by a province, a body of another profile.
/// Keys are named by the authority's code; CN-3205 has one more with a short window.
fn authorities() -> Vec<Authority> {
    let authority = |code: &str, number, name: &str, level, division| Authority {
        code: code.into(),
        number,
        name: name.into(),
        level,
        division,
        programmes: vec![1, 2, 4, 5],
        keys: vec![listed(code)],
    };
    let mut all = vec![
        authority("CN", 1, "国务院联防联控机制", Level::Nation, None),
        authority("CN-31", 310_000, "上海市", Level::Province, Some(place(31))),
        authority("CN-32", 320_000, "江苏省", Level::Province, Some(place(32))),
        authority("CN-3205", 320_500, "苏州市", Level::Prefecture, Some(place(3205))),
        authority("CN-3301", 330_100, "杭州市", Level::Prefecture, Some(place(3301))),
        authority("CN-429004", 429_004, "仙桃市", Level::Prefecture, Some(place(429_004))),
        authority("DE-BY", 900_001, "Bayern", Level::Province, Some(Division::Text("DE-BY".into()))),
    ];
    all[2].programmes.push(3);
    all[3].keys.push(ListedKey { from: T0 - 3600, until: T0 + 3600, ..listed("CN-3205 short") });
    all
}

/// The trust list of sequence 5.
pub fn trust() -> TrustContent {
    let programme = |number, name: &str, off_route| Programme {
        number,
        name: name.into(),
        from: T0 - 20 * DAY,
        until: T0 + 40 * DAY,
        off_route,
    };
    let mut programmes = vec![
        programme(1, "保通保畅", OffRoute::Refuse),
        programme(2, "flood relief", OffRoute::Refer),
        programme(3, "only of the province", OffRoute::Refuse),
        programme(5, "an hour around T0", OffRoute::Refuse),
    ];
    (programmes[3].from, programmes[3].until) = (T0 - 1800, T0 + 1800);
    TrustContent {
        deployment: DEPLOYMENT,
        sequence: 5,
        issued: T0 - 5 * DAY,
        expires: T0 + 90 * DAY,
        roots: roots(),
        authorities: authorities(),
        max_age: LIMITS.0,
        skew: LIMITS.1,
        longest_life: LIMITS.2,
        programmes,
        status_base: BASE.into(),
        survivors: vec![],
        status_keys: vec![listed("status 1"), listed("status 2")],
    }
}

/// A trust list that root keys 1 and 2 signed.
pub fn signed_trust(list: &TrustContent) -> Vec<u8> {
    cosigned(&write::trust(list), &["root 1", "root 2"])
}

/// A trust list of this payload, signed by these keys.
pub fn cosigned(payload: &Item, keys: &[&str]) -> Vec<u8> {
    let (header, payload) = (write::trust_header(), payload.encode());
    let cosignatures = keys.iter().map(|name| write::cosignature(&header, &payload, &key(name))).collect();
    write::cosigned(&header, &payload, cosignatures)
}

/// The states in force: in the lists 2969 and 2970 index 3 is revoked and 4 suspended, in 2970 a batch too.
pub fn states() -> Vec<State> {
    let state = |list, revoked: &[u32], suspended: &[u32]| State::from_sets(list, N, revoked, suspended);
    [
        state(2969, &[3], &[4]),
        state(LIST, &[3, 100, 101, 102, 103, 2000], &[4]),
        state(2971, &[], &[]),
        state(2973, &[], &[]),
    ]
    .map(|state| state.expect("a state"))
    .to_vec()
}

/// The manifest of `seq` that names `list` as the trust list in force and these states.
pub fn manifest(list: &TrustContent, seq: u32, issued: u32, states: &[State]) -> ManifestContent {
    let entry = |state: &State| {
        let hash = state.hash(&DEPLOYMENT);
        ListEntry { list: state.list(), n: state.n(), base: hash, state: hash }
    };
    ManifestContent {
        deployment: DEPLOYMENT,
        seq,
        issued,
        expires: issued + 3 * DAY,
        ttl: 600,
        trust_sequence: list.sequence,
        trust_hash: sha256(&write::trust(list).encode()),
        lists: states.iter().map(entry).collect(),
    }
}

/// The standard manifest, seq 100.
pub fn standard_manifest() -> ManifestContent {
    manifest(&trust(), 100, ISSUED, &states())
}

/// A manifest signed by the status key of that name.
pub fn signed_manifest(content: &ManifestContent, name: &str) -> Vec<u8> {
    let key = key(name);
    Message::new(&write::header(&key, write::MANIFEST), &write::manifest(content), &key).bytes()
}

/// The snapshot of a state.
pub fn snapshot(state: &State) -> Vec<u8> {
    let (revoked, suspended) = state.sets();
    write::snapshot(state.list(), state.n(), &set(&revoked), &set(&suspended)).encode()
}

/// The code of a set.
pub fn set(indexes: &[u32]) -> Vec<u8> {
    freightpass_core::status::set::encode(indexes).expect("ascending indexes")
}

/// The delta from one state to another.
pub fn delta(old: &State, new: &State) -> Vec<u8> {
    let delta = freightpass_core::status::Delta::between(old, new, &DEPLOYMENT).expect("a delta");
    let (revoked, suspended, valid) = delta.changes();
    let sets = [set(&revoked), set(&suspended), set(&valid)];
    write::delta(new.list(), new.n(), delta.base(), [&sets[0], &sets[1], &sets[2]]).encode()
}

/// The provisioning file.
pub fn provision() -> Vec<u8> {
    write::provision(&DEPLOYMENT, &roots(), T0 - 10 * DAY).encode()
}

/// The typical pass of docs/FORMAT.md, by CN-3205: two crew, Chinese names, both plates, four regions; index 42.
pub fn typical() -> Claims {
    Claims {
        iss: "CN-3205".into(),
        nbf: T0,
        exp: T0 + 7 * DAY,
        number: PassNumber::new(320_500, 2526, 42).expect("a number"),
        status: StatusReference { idx: 42, uri: format!("{BASE}{LIST}") },
        subject: Subject {
            programme: 1,
            tractor: "苏E12345".into(),
            trailer: Some("苏E8765挂".into()),
            crew: vec![
                Crew { name: "张建国".into(), tail: "123X".into(), role: CrewRole::Driver },
                Crew { name: "李明".into(), tail: "4567".into(), role: CrewRole::Relief },
            ],
            route: [320_583, 330_106, 3304, 31].map(place).to_vec(),
            leg: Leg::Loaded,
            cargo: CargoCategory(6),
            enterprise: Some(Enterprise::Code([1; 11])),
        },
    }
}

/// Typical claims for this window, in the list of their week.
pub fn valid_in(nbf: u32, exp: u32) -> Claims {
    let mut claims = typical();
    (claims.nbf, claims.exp) = (nbf, exp);
    claims.status.uri = format!("{BASE}{}", list_of(exp.into()));
    claims
}

/// Typical claims with this index.
pub fn at_index(idx: u32) -> Claims {
    let mut claims = typical();
    claims.status.idx = idx;
    claims
}

/// Typical claims, changed.
pub fn changed(change: impl FnOnce(&mut Claims)) -> Claims {
    let mut claims = typical();
    change(&mut claims);
    claims
}

/// The message of a pass of these claims, by the key of their authority.
pub fn pass(claims: &Claims) -> Message {
    by(&claims.iss, &write::claims(claims))
}

/// The message of a pass of this payload, by the key of that name.
pub fn by(name: &str, payload: &Item) -> Message {
    let key = key(name);
    Message::new(&write::header(&key, write::PASS), payload, &key)
}

/// The text of a pass of these claims.
pub fn text(claims: &Claims) -> String {
    write::text(&pass(claims).bytes())
}

/// The text of the typical pass with its payload changed.
pub fn altered(change: impl FnOnce(Item) -> Item) -> String {
    write::text(&by("CN-3205", &change(write::claims(&typical()))).bytes())
}

/// The text of the typical pass with its body changed.
pub fn altered_body(change: impl FnOnce(Item) -> Item) -> String {
    altered(|claims| claims.edit(-65537, change))
}

/// The kid of the key of that name.
pub fn kid_of(name: &str) -> freightpass_core::key::Kid {
    kid(&key(name))
}

//! A scan beside the bare signature check, and issuing beside the bare signature.
//!
//! `cargo bench -p freightpass-core --bench scan`: the pass is the typical one of docs/FORMAT.md (two crew, Chinese
//! names, both plates, four regions); the scanner holds a trust list of three authorities and a state of 65,536 indexes
//! at 1% revoked.

#[path = "../../../benches/report/mod.rs"]
mod report;

use std::hint::black_box;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::cose;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::Held;
use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject, Unsigned,
};
use freightpass_core::scan::{Observation, Outcome, Policy, scan};
use freightpass_core::status::{Snapshot, State, list_of};
use freightpass_core::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent};
use report::{Report, interleaved};

const DEPLOYMENT: [u8; 8] = *b"BENCHFPS";
const NOW: u32 = 1_796_054_400; // 2026-12-01 00:00 in Beijing
const BASE: &str = "HTTPS://S.FP.CN/20/";

fn main() -> std::io::Result<()> {
    let issuer = SigningKey::from_bytes(&[3; 32]);
    let claims = typical();
    let kid = Kid::of(issuer.verifying_key().as_bytes());
    let unsigned = Unsigned::new(&claims, kid).expect("the typical pass can be signed");
    let message = unsigned.message();
    let pass = unsigned.sign(&issuer);
    let text = pass.text();
    let held = scanner();
    let seen = Observation { county: Some(place(320_583)), ..Observation::default() };
    let verdict = scan(&text, &held, &Policy::default(), &seen, NOW.into());
    assert_eq!(verdict.outcome(), Outcome::Admit, "{verdict:?}");

    let mut report = Report::new("scan");
    let key = VerifyingKey::from_bytes(issuer.verifying_key().as_bytes()).expect("a key");
    let signature = Signature::from_bytes(&issuer.sign(&message).to_bytes());
    let (ours, bare) = interleaved(
        20_000,
        || scan(black_box(&text), &held, &Policy::default(), &seen, NOW.into()),
        || key.verify_strict(black_box(&message), &signature),
    );
    report.add("scan of the typical pass / bare verify_strict, ns", ours, bare, Some(1.05));

    let (ours, bare) = interleaved(
        20_000,
        || Unsigned::new(black_box(&claims), kid).map(|unsigned| unsigned.sign(&issuer).text()),
        || issuer.sign(black_box(&message)),
    );
    report.add("encode + sign + base45 / bare sign, ns", ours, bare, Some(1.10));
    report.add("characters of the typical pass / 426", text.len() as f64, 426.0, Some(1.0));
    report.write()
}

fn place(code: u32) -> Division {
    Division::Code(Code::new(code).expect("a code"))
}

fn typical() -> Claims {
    let exp = NOW + 7 * 86_400;
    let person = |name: &str, tail: &str, role| Crew { name: name.into(), tail: tail.into(), role };
    Claims {
        iss: "CN-3205".into(),
        nbf: NOW,
        exp,
        number: PassNumber::new(320_500, 2526, 42).expect("a number"),
        status: StatusReference { idx: 54_321, uri: format!("{BASE}{}", list_of(exp.into())) },
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

/// A scanner that holds everything that is in force.
fn scanner() -> Held {
    let root = SigningKey::from_bytes(&[1; 32]);
    let status = SigningKey::from_bytes(&[2; 32]);
    let (from, until) = (NOW - 86_400, NOW + 90 * 86_400);
    let listed = |key: &SigningKey| ListedKey { key: key.verifying_key().to_bytes(), from, until, compromised: false };
    let authority = |code: &str, number, division, seed| Authority {
        code: code.into(),
        number,
        name: "苏州市重点物资运输保障办公室".into(),
        level: Level::Prefecture,
        division: Some(place(division)),
        programmes: vec![1],
        keys: vec![listed(&SigningKey::from_bytes(&[seed; 32]))],
    };
    let roots = Roots { threshold: 1, keys: vec![root.verifying_key().to_bytes()] };
    let trust = TrustContent {
        deployment: DEPLOYMENT,
        sequence: 1,
        issued: NOW - 3600,
        expires: until,
        roots: roots.clone(),
        authorities: vec![
            authority("CN-3205", 320_500, 3205, 3),
            authority("CN-32", 320_000, 32, 4),
            authority("CN-3301", 330_100, 3301, 5),
        ],
        max_age: 86_400,
        skew: 300,
        longest_life: 30 * 86_400,
        programmes: vec![Programme {
            number: 1, name: "应急货运".into(), from, until, off_route: OffRoute::Refuse
        }],
        status_base: BASE.into(),
        survivors: vec![],
        status_keys: vec![listed(&status)],
    };
    let payload = trust.encode().expect("a trust list");
    let root_kid = Kid::of(root.verifying_key().as_bytes());
    let signature = root.sign(&cose::cosignature_message(root_kid, &payload)).to_bytes();
    let trust_object = cose::sign(&payload, &[(root_kid, signature)]);

    let list = list_of(u64::from(NOW) + 7 * 86_400);
    let revoked: Vec<u32> = (0..65_536).step_by(100).collect();
    let state = State::from_sets(list, 65_536, &revoked, &[]).expect("a state");
    let hash = state.hash(&DEPLOYMENT);
    let manifest = ManifestContent {
        deployment: DEPLOYMENT,
        seq: 1,
        issued: NOW - 60,
        expires: NOW + 86_400,
        ttl: 600,
        trust_sequence: 1,
        trust_hash: sha256(&payload),
        lists: vec![ListEntry { list, n: 65_536, base: hash, state: hash }],
    };
    let status_kid = Kid::of(status.verifying_key().as_bytes());
    let manifest = manifest.sign(status_kid, |message| status.sign(message).to_bytes()).expect("a manifest");
    let objects = vec![Snapshot::new(state).encode().expect("a snapshot")];
    let bundle = Bundle { trust: vec![trust_object], manifest, objects };
    let mut held = Held::provisioned(&Provision { deployment: DEPLOYMENT, roots, floor: NOW - 7200 });
    let results = held.adopt_bundle(&bundle.encode()).expect("a bundle");
    assert!(results.iter().all(|part| part.outcome.is_ok()), "{results:?}");
    held.confirm_start().expect("a manifest is held");
    held
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

//! Coming up to date: a bundle of half a year's lists, and the trust list of a nation.
//!
//! `cargo bench -p freightpass-core --bench adoption`: each is compared with what nobody can leave out who checks the
//! same: the bare `verify_strict` of as many signatures, the SHA-256 of the bytes that are named by hash, and the bare
//! parsing of as many keys. Everything is signed by two roots and one status key.

mod cpu;
#[allow(dead_code)] // Every bench uses a part of it.
mod deployment;
#[path = "../../../benches/report/mod.rs"]
#[allow(dead_code)] // The processor time counts here, not the clock.
mod report;

use std::hint::black_box;

use cpu::interleaved;
use deployment::{DEPLOYMENT, NOW, adopt, authority, issuer, manifest, provision, root, trust};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use freightpass_core::bundle::Bundle;
use freightpass_core::hold::Held;
use freightpass_core::status::{Delta, Snapshot, State, list_of};
use freightpass_core::trust::{Authority, UnverifiedTrustList};
use report::Report;
use sha2::{Digest, Sha256};

/// Lists of a bundle: half a year of weeks.
const LISTS: u32 = 26;
/// Indexes of each list: with 26 of them a province's passes.
const N: u32 = 1_000_000;
/// Every so many indexes one is revoked.
const REVOKED: usize = 100;
/// Indexes of each list that a delta revokes.
const CHANGES: u32 = 100;
/// Authorities of a nation: about 340 prefectures, the provinces, the nation itself.
const AUTHORITIES: u32 = 400;
/// Times that each measurement is made; the least counts.
const ROUNDS: u32 = 40;
/// The most that adopting snapshots may cost beside its signatures and hashes.
const SNAPSHOTS_GOAL: f64 = 1.75;
/// The same for deltas, which take two fresh arrays for one.
const DELTAS_GOAL: f64 = 2.25;
/// The most that adopting a trust list may cost beside its signatures, its hash, and its keys.
const TRUST_GOAL: f64 = 1.5;

fn main() -> std::io::Result<()> {
    let mut report = Report::new("adoption");
    snapshots_and_deltas(&mut report);
    trust_list(&mut report);
    report.write()
}

fn snapshots_and_deltas(report: &mut Report) {
    let (trust, trust_hash) = trust(vec![authority("CN-3205", 320_500, 3205, &issuer())]);
    let first = list_of(NOW.into());
    let states: Vec<State> = (first..first + LISTS).map(|list| state(list, 0)).collect();
    let later: Vec<State> = (first..first + LISTS).map(|list| state(list, CHANGES)).collect();
    let snapshot = |state: &State| Snapshot::new(state.clone()).encode().expect("a snapshot");
    let delta = |(old, new)| Delta::between(old, new, &DEPLOYMENT).and_then(|it| it.encode()).expect("a delta");
    let signed = manifest(1, trust_hash, &states, &states);
    let (trust_bytes, manifest_bytes) = (trust.len(), signed.len());
    let all = Bundle { trust: vec![trust.clone()], manifest: signed, objects: states.iter().map(snapshot).collect() }
        .encode();
    let news = Bundle {
        trust: vec![trust],
        manifest: manifest(2, trust_hash, &later, &states),
        objects: states.iter().zip(&later).map(delta).collect(),
    }
    .encode();

    let new = Held::provisioned(&provision());
    let mut held = new.clone();
    adopt(&mut held, &all);
    let (roots_signed, status_key_signed) = (signatures(2, trust_bytes), signatures(1, manifest_bytes));
    let arrays = || states.iter().map(|state| Sha256::digest(black_box(state.array()))).fold(0, |sum, it| sum ^ it[0]);
    let from_nothing = || {
        let mut held = new.clone();
        held.adopt_bundle(black_box(&all)).map(|results| (results, held))
    };
    let (ours, bare) = interleaved(ROUNDS, from_nothing, || (roots_signed(), status_key_signed(), arrays()));
    println!("a bundle of {LISTS} snapshots has {} bytes, of {LISTS} deltas {}", all.len(), news.len());
    let name = "26 snapshots of 1 M / 3 verify_strict + SHA-256 of arrays, ns";
    report.add(name, ours, bare, Some(SNAPSHOTS_GOAL));

    // Made before the clock runs: a scanner has what it holds.
    let mut ready: Vec<Held> = (0..ROUNDS).map(|_| held.clone()).collect();
    let onto_those = || {
        let mut held = ready.pop()?;
        held.adopt_bundle(black_box(&news)).ok().map(|results| (results, held))
    };
    let (ours, bare) = interleaved(ROUNDS, onto_those, || (status_key_signed(), arrays()));
    report.add("26 deltas of 100 / 1 verify_strict + SHA-256 of arrays, ns", ours, bare, Some(DELTAS_GOAL));
    adopt_news(&mut held, &news);
}

/// Adopts a bundle whose trust list is held already.
fn adopt_news(held: &mut Held, bundle: &[u8]) {
    let results = held.adopt_bundle(bundle).expect("a bundle");
    assert!(results.iter().all(|part| part.outcome.is_ok()) && held.missing().next().is_none(), "{results:?}");
}

/// A list of which every hundredth index is revoked, and so many more.
fn state(list: u32, more: u32) -> State {
    // A step that has no factor in common with N visits every index, like random draws.
    let indexes = (0..N as usize / REVOKED + more as usize).map(|at| (at as u64 * 618_033 % u64::from(N)) as u32);
    State::from_sets(list, N, &indexes.collect::<Vec<_>>(), &[]).expect("a state")
}

fn trust_list(report: &mut Report) {
    let key = |at: u32| SigningKey::from_bytes(&Sha256::digest(at.to_be_bytes()).into());
    let authorities: Vec<Authority> =
        (0..AUTHORITIES).map(|at| authority(&format!("CN-{:04}", 1100 + at), 110_000 + at, 3205, &key(at))).collect();
    // Two roots and the status key are parsed too.
    let keys: Vec<[u8; 32]> = (0..AUTHORITIES + 3).map(|at| key(at).verifying_key().to_bytes()).collect();
    let (object, _) = trust(authorities);
    let new = Held::provisioned(&provision());
    adopt_trust(&new, &object).expect("a list that is adopted");

    let payload = UnverifiedTrustList::read(&object).expect("a list").payload().to_vec();
    let check = signatures(2, payload.len());
    let parse = || keys.iter().filter(|key| VerifyingKey::from_bytes(black_box(key)).is_ok()).count();
    let hash = || Sha256::digest(black_box(&payload));
    println!("a trust list of {AUTHORITIES} authorities has {} bytes", object.len());
    let (ours, bare) = interleaved(ROUNDS, || adopt_trust(&new, black_box(&object)), || (check(), hash(), parse()));
    let name = "trust list of 400 / 2 verify_strict + SHA-256 + 403 keys, ns";
    report.add(name, ours, bare, Some(TRUST_GOAL));
    let read = || UnverifiedTrustList::read(black_box(&object)).map(|list| list.unverified_list().is_ok());
    let (ours, bare) = interleaved(ROUNDS, read, || (hash(), parse()));
    report.add("trust list of 400 read / SHA-256 + 403 keys, ns", ours, bare, None);
}

fn adopt_trust(new: &Held, object: &[u8]) -> Option<Held> {
    let mut held = new.clone();
    held.adopt_trust(object).ok().map(|_| held)
}

/// The bare check of so many signatures of messages of so many bytes.
fn signatures(count: usize, bytes: usize) -> impl Fn() -> usize {
    let key = root(1);
    let message = vec![7; bytes];
    let signature: Signature = key.sign(&message);
    let public: VerifyingKey = key.verifying_key();
    move || (0..count).filter(|_| public.verify_strict(black_box(&message), &signature).is_ok()).count()
}

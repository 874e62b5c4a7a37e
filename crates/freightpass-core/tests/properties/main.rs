//! What holds for any bytes, any order of parts, any clock.
//!
//! The deployment is that of the vectors (tools/vectors/src/world.rs); what is asked here cannot be typed in as cases.

mod admission;
mod adoption;
mod bounds;
mod decoders;
mod edges;
mod memory;
mod mutation;
mod published;
mod resumption;
mod signatures;
mod signed;

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::division::Division;
use freightpass_core::hold::Held;
use freightpass_core::scan::{Observation, Policy, Verdict, scan};
use freightpass_core::trust::TrustContent;
use freightpass_vectors::world;

/// What the standard scanner adopts.
fn standard_bundle() -> Bundle {
    bundle(&[&world::trust()], 100, &world::states())
}

/// A bundle of these trust lists and the manifest of `seq` that names the last of them and these states.
fn bundle(lists: &[&TrustContent], seq: u32, states: &[freightpass_core::status::State]) -> Bundle {
    let newest = lists.last().expect("a trust list");
    let manifest = world::manifest(newest, seq, world::ISSUED, states);
    Bundle {
        trust: lists.iter().map(|list| world::signed_trust(list)).collect(),
        manifest: world::signed_manifest(&manifest, "status 1"),
        objects: states.iter().map(world::snapshot).collect(),
    }
}

/// A new scanner.
fn new_scanner() -> Held {
    Held::provisioned(&Provision::decode(&world::provision()).expect("the provisioning file"))
}

/// The scanner that has adopted [`standard_bundle`], confirmed.
fn standard_scanner() -> Held {
    let mut held = new_scanner();
    held.adopt_bundle(&standard_bundle().encode()).expect("a bundle").all_adopted().expect("every part counts");
    held.confirm_start().expect("a manifest is held");
    held
}

/// A scan in Kunshan at `now`.
fn scan_at(text: &str, held: &Held, now: u64) -> Verdict {
    let county: Division = world::place(320_583);
    let seen = Observation { county: Some(county), ..Observation::default() };
    scan(text, held, &Policy::default(), &seen, now)
}

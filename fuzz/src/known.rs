//! What the keys of the vectors have signed: whatever else is admitted or adopted is a forgery.

use std::collections::BTreeSet;

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::hold::Held;
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::trust::UnverifiedTrustList;
use freightpass_vectors::world;

use crate::seeds::Vectors;

/// What was signed, by its bytes or by its hash.
pub struct Known {
    /// The passes.
    pub passes: BTreeSet<Vec<u8>>,
    /// SHA-256 of the payloads of trust lists.
    pub trust: BTreeSet<[u8; 32]>,
    /// SHA-256 of the payloads of manifests.
    pub manifests: BTreeSet<[u8; 32]>,
}

impl Known {
    /// All of the vectors, with what stands in their bundles.
    pub fn of(vectors: &Vectors) -> Self {
        let bundles: Vec<_> = vectors.parts("bundle").iter().filter_map(|bytes| Bundle::decode(bytes).ok()).collect();
        let trust = vectors.parts("trust").into_iter().chain(bundles.iter().flat_map(|bundle| bundle.trust.clone()));
        let trust =
            trust.filter_map(|bytes| Some(*UnverifiedTrustList::read(&bytes).ok()?.unverified_list().ok()?.hash()));
        let manifests =
            vectors.parts("manifest").into_iter().chain(bundles.iter().map(|bundle| bundle.manifest.clone()));
        Self {
            passes: vectors.passes().into_iter().collect(),
            trust: trust.collect(),
            manifests: manifests.filter_map(|bytes| Some(UnverifiedManifest::read(&bytes).ok()?.hash())).collect(),
        }
    }
}

/// A scanner of the vectors' deployment that holds nothing yet.
pub fn new_scanner() -> Held {
    Held::provisioned(&Provision::decode(&world::provision()).expect("the provisioning file"))
}

/// The standard scanner of the vectors: trust list 5, manifest 100 and its states, confirmed.
pub fn standard_scanner() -> Held {
    let mut held = new_scanner();
    held.adopt_trust(&world::signed_trust(&world::trust())).expect("the trust list");
    held.adopt_manifest(&world::signed_manifest(&world::standard_manifest(), "status 1")).expect("the manifest");
    for state in world::states() {
        held.adopt_object(&world::snapshot(&state)).expect("a state");
    }
    held.confirm_start().expect("a manifest is held");
    held
}

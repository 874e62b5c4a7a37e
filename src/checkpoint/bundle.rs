//! A bundle for one scanner: what it lacks, and nothing else.

use bytes::Bytes;
use freightpass_core::bundle::Bundle;
use freightpass_core::limits::{BUNDLE_BYTES, BUNDLE_OBJECTS, CHAIN};

use super::publication::Publication;

/// Room in a bundle for what is not an object: the array itself and the heads of its parts.
const BUNDLE_HEAD_BYTES: usize = 1 << 16;

/// What a scanner says that it holds. Nothing of it has to be true: the bundle is signed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct HeldByScanner {
    /// Sequence of its trust list, 0 for none.
    pub trust_seq: u32,
    /// Seq of its manifest, 0 for none.
    pub manifest_seq: u32,
    /// Its states: list and state hash.
    pub states: Vec<(u32, [u8; 32])>,
    /// Hashes of its survivors sets.
    pub survivors: Vec<[u8; 32]>,
}

/// A bundle, and what a scanner that adopts it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// The bundle's bytes.
    pub bytes: Bytes,
    /// Seq of its manifest.
    pub manifest_seq: u32,
    /// Sequence of the trust list that the manifest names.
    pub trust_seq: u32,
    /// What is held after it.
    pub after: HeldByScanner,
    /// Whether that is more than was held before, or newer.
    pub brings: bool,
}

/// The bundle of `publication` for a scanner that holds `held`, which names what the publication knows in its order.
///
/// The oldest trust lists that it lacks come first: one that changed roots is needed to adopt those after it. What does
/// not fit into the cap is left out; the next bundle brings it.
pub(super) fn assemble(publication: &Publication, held: &HeldByScanner) -> Bundled {
    let lacking: Vec<_> = publication.trust.iter().filter(|(sequence, _)| *sequence > held.trust_seq).collect();
    // A bundle has a trust list, also for a scanner that holds the newest one.
    let trust = if lacking.is_empty() { publication.trust.last().into_iter().collect() } else { lacking };
    let trust: Vec<_> = trust.into_iter().take(CHAIN).collect();
    let mut room = BUNDLE_BYTES - BUNDLE_HEAD_BYTES;
    room = room.saturating_sub(trust.iter().map(|(_, object)| object.len()).sum());
    room = room.saturating_sub(publication.object.len());
    let mut places = BUNDLE_OBJECTS;
    let mut fits = |object: &Bytes| {
        let fits = object.len() <= room && places > 0;
        room -= if fits { object.len() } else { 0 };
        places -= usize::from(fits);
        fits
    };
    let trust_seq = trust.last().map_or(0, |(sequence, _)| *sequence);
    let mut after = HeldByScanner {
        trust_seq: trust_seq.max(held.trust_seq),
        manifest_seq: publication.manifest.seq,
        ..HeldByScanner::default()
    };
    let mut objects = Vec::new();
    for (hash, object) in &publication.survivors {
        if held.survivors.contains(hash) {
            after.survivors.push(*hash);
        } else if fits(object) {
            objects.push(object.to_vec());
            after.survivors.push(*hash);
        }
    }
    // Another trust list may end a status key, and with it what is held: then a delta would find no base.
    let same_trust = held.trust_seq == publication.manifest.trust_sequence;
    for (list, published) in &publication.lists {
        let from = held.states.iter().find(|(of, _)| of == list).map(|(_, hash)| hash).filter(|_| same_trust);
        match published.object_from(from, &publication.manifest.deployment) {
            None => after.states.push((*list, published.hash)),
            Some(object) if fits(&object) => {
                objects.push(object.to_vec());
                after.states.push((*list, published.hash));
            }
            Some(_) => {}
        }
    }
    let bundle = Bundle {
        trust: trust.iter().map(|(_, object)| object.to_vec()).collect(),
        manifest: publication.object.to_vec(),
        objects,
    };
    Bundled {
        bytes: bundle.encode().into(),
        manifest_seq: publication.manifest.seq,
        trust_seq: publication.manifest.trust_sequence,
        brings: after != *held,
        after,
    }
}

//! One root after the other signs a list; and how many have.

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass_core::cose;
use freightpass_core::key::{Kid, PublicKey};
use freightpass_core::trust::{TrustList, UnverifiedTrustList};

use super::error::CeremonyError;

/// Adds the signature of one root key to a draft (the payload's bytes) or to a list that others have signed. Signing
/// twice with one key changes nothing. `before` is the list in force, whose roots sign too; none for a first list.
pub fn cosign(bytes: &[u8], key: &SigningKey, before: Option<&TrustList>) -> Result<Vec<u8>, CeremonyError> {
    let kid = Kid::of(key.verifying_key().as_bytes());
    let read = UnverifiedTrustList::read(bytes);
    let (payload, mut signatures) = match &read {
        Ok(list) => (list.payload(), list.cosignatures()),
        Err(_) => (bytes, Vec::new()),
    };
    signatures.retain(|(by, _)| *by != kid);
    signatures.push((kid, key.sign(&cose::cosignature_message(kid, payload)).to_bytes()));
    let object = cose::sign(payload, &signatures);
    let list = UnverifiedTrustList::read(&object)?.unverified_list()?;
    let roots = list.roots().iter().chain(before.into_iter().flat_map(TrustList::roots));
    if !roots.into_iter().any(|root| root.kid() == kid) {
        return Err(CeremonyError::NotARoot { kid });
    }
    Ok(object)
}

/// The list in force for those who sign the next one: its own roots have signed it as often as it asks, it is of the
/// deployment of `next` and stands below it. What a carrier brings is believed no further.
pub fn in_force_before(object: &[u8], next: &TrustList) -> Result<TrustList, CeremonyError> {
    let unverified = UnverifiedTrustList::read(object)
        .map_err(|_| CeremonyError::NotBefore { problem: "nobody has signed what is given as the list in force" })?;
    let list = unverified.unverified_list()?;
    let (before, after) = (list.content(), next.content());
    if signed(object, None)?.iter().any(|(valid, needed)| *valid < usize::from(*needed)) {
        return Err(CeremonyError::NotBefore {
            problem: "too few of its roots have signed what is given as the list in force",
        });
    }
    if before.deployment != after.deployment {
        return Err(CeremonyError::NotBefore {
            problem: "what is given as the list in force is of another deployment",
        });
    }
    if before.sequence >= after.sequence {
        return Err(CeremonyError::NotBefore {
            problem: "what is given as the list in force does not stand below this one",
        });
    }
    Ok(list)
}

/// How many of its roots, and of those of the list before it, have signed a list: (valid, needed) for each.
pub fn signed(object: &[u8], before: Option<&TrustList>) -> Result<Vec<(usize, u8)>, CeremonyError> {
    let unverified = UnverifiedTrustList::read(object)?;
    let list = unverified.unverified_list()?;
    let signatures = unverified.cosignatures();
    let count = |roots: &[PublicKey]| {
        let signed = |root: &&PublicKey| {
            let message = cose::cosignature_message(root.kid(), unverified.payload());
            signatures.iter().any(|(kid, signature)| *kid == root.kid() && root.verifies(&message, signature))
        };
        roots.iter().filter(signed).count()
    };
    let lists = before.into_iter().chain([&list]);
    Ok(lists.map(|list| (count(list.roots()), list.content().roots.threshold)).collect())
}

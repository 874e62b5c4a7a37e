//! What is published, as a scanner would adopt it: nothing goes out that no scanner takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, OnceLock};

use bytes::Bytes;
use freightpass_core::bundle::Provision;
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::key::Kid;
use freightpass_core::manifest::ManifestContent;

use super::super::guard::Refusal;
use super::super::publication::{Publication, PublishedList};
use super::Publisher;
use super::error::PublishError;
use crate::trust::InForce;

impl Publisher {
    /// A newer trust list goes out at once, also when no manifest can be signed under it: it may say that the status key
    /// is stolen.
    pub(super) async fn follow_trust(&self) -> Result<(), PublishError> {
        let (Some(newest), Some(in_force)) = (self.newest(), self.trust.current()) else {
            return Ok(());
        };
        let trust = chain(&in_force);
        if newest.trust.last().map(|(sequence, _)| *sequence) == Some(in_force.list.content().sequence) {
            return Ok(());
        }
        let survivors = self.survivors(&in_force).await?;
        let held = Arc::new(trusting(&in_force, Some(&newest.held))?);
        self.put(newest.under(trust, survivors, held));
        Ok(())
    }

    async fn survivors(&self, in_force: &InForce) -> Result<Vec<([u8; 32], Bytes)>, PublishError> {
        let mut survivors = Vec::new();
        for (_, hash) in &in_force.list.content().survivors {
            // A set that another service made comes by other ways.
            if let Some(set) = self.trust.survivors(*hash).await? {
                survivors.push((*hash, Bytes::from(set)));
            }
        }
        Ok(survivors)
    }

    /// Puts together what belongs to the manifest, and adopts it as a scanner would.
    pub(super) async fn publication(
        &self,
        in_force: &InForce,
        manifest: ManifestContent,
        object: Bytes,
        kid: Kid,
        log_seq: u64,
        lists: BTreeMap<u32, PublishedList>,
    ) -> Result<Publication, PublishError> {
        let survivors = self.survivors(in_force).await?;
        let before = self.newest().map(|last| Arc::clone(&last.held));
        let mut held = trusting(in_force, before.as_deref())?;
        held.adopt_manifest(&object).map_err(Refusal::from)?;
        // The service knows what it signed itself: that a manifest is held has just been seen.
        let _ = held.confirm_start();
        let missing: Vec<_> = held.missing().collect();
        for list in missing.iter().filter_map(|list| lists.get(list)) {
            held.adopt_object(&list.snapshot).map_err(Refusal::from)?;
        }
        for (_, set) in &survivors {
            held.adopt_object(set).map_err(Refusal::from)?;
        }
        let tokens = lists.keys().map(|list| (*list, OnceLock::new())).collect();
        Ok(Publication {
            manifest,
            object,
            kid,
            log_seq,
            lists,
            trust: chain(in_force),
            survivors,
            held: Arc::new(held),
            tokens,
            bundles: StdMutex::default(),
        })
    }
}

/// A scanner that holds the trust list in force, and what `before` held if that still counts.
pub(super) fn trusting(in_force: &InForce, before: Option<&Held>) -> Result<Held, PublishError> {
    let mut held = match before {
        Some(held) => held.clone(),
        None => {
            let provision = Provision::decode(&in_force.provision).map_err(|error| PublishError::Unreadable {
                object: "provisioning object".to_owned(),
                problem: error.to_string(),
            })?;
            Held::provisioned(&provision)
        }
    };
    for object in &in_force.chain {
        match held.adopt_trust(object) {
            Ok(_) | Err(AdoptionError::RolledBack { .. }) => {}
            Err(error) => return Err(Refusal::from(error).into()),
        }
    }
    Ok(held)
}

/// The trust lists of a chain, each with its sequence.
pub(super) fn chain(in_force: &InForce) -> Vec<(u32, Bytes)> {
    let sequence = |object: &[u8]| {
        let read = freightpass_core::trust::UnverifiedTrustList::read(object).ok()?;
        Some(read.unverified_list().ok()?.content().sequence)
    };
    let objects = in_force.chain.iter();
    objects.filter_map(|object| Some((sequence(object)?, Bytes::copy_from_slice(object)))).collect()
}

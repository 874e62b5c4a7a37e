//! What was signed last, read back from the registry: the measure of what is signed next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex};

use bytes::Bytes;
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::status::{Snapshot, State};

use super::super::publication::{Publication, PublishedList};
use super::Publisher;
use super::adopt::{chain, trusting};
use super::error::PublishError;
use super::sign::snapshot_name;
use crate::trust::InForce;

impl Publisher {
    /// Reads what was signed last from the registry.
    pub(super) async fn read_back(&self) -> Result<(), PublishError> {
        let (Some(stored), Some(in_force)) = (self.store.newest_manifest().await?, self.trust.current()) else {
            return Ok(());
        };
        let name = format!("manifest {}", stored.seq);
        let unreadable =
            |object: &str, problem: String| PublishError::Unreadable { object: object.to_owned(), problem };
        let read = UnverifiedManifest::read(&stored.object).map_err(|error| unreadable(&name, error.to_string()))?;
        let manifest = read.unverified_content().map_err(|error| unreadable(&name, error.to_string()))?;
        let mut lists = BTreeMap::new();
        for entry in &manifest.lists {
            let state = self.snapshot(&entry.state, entry.n).await?;
            // The base may be of the time before the list grew: its snapshot says its own n. What was read back after a
            // restore came without its base: then there is no delta until the next state.
            let based = self.store.status_object(&snapshot_name(&entry.base)).await?.is_some();
            let list = if based {
                let base = self.snapshot(&entry.base, entry.n).await?;
                PublishedList::restored(state, base, &manifest.deployment)
            } else {
                PublishedList::first(state, &manifest.deployment)
            };
            let list = list.map_err(|error| unreadable(&name, error.to_string()))?;
            if list.hash != entry.state || (based && list.base_hash != entry.base) {
                return Err(unreadable(&snapshot_name(&entry.state), "its hash is another".to_owned()));
            }
            lists.insert(entry.list, list);
        }
        let kid = read.kid();
        let object = Bytes::from(stored.object);
        let publication = match self.publication(&in_force, manifest, object, kid, stored.log_seq, lists).await {
            // A newer trust list was installed, or the status key was given up: no scanner takes the old manifest any
            // more, and the next one is compared with it all the same.
            Err(PublishError::Refused(refusal)) => {
                tracing::info!(%refusal, "the last manifest does not count any more");
                return self.read_back_unadopted(&in_force).await;
            }
            publication => publication?,
        };
        self.put(publication);
        Ok(())
    }

    /// What was signed last, as the measure of what is signed next, when no scanner adopts it any more.
    async fn read_back_unadopted(&self, in_force: &InForce) -> Result<(), PublishError> {
        let Some(stored) = self.store.newest_manifest().await? else {
            return Ok(());
        };
        let name = format!("manifest {}", stored.seq);
        let unreadable = |problem: String| PublishError::Unreadable { object: name.clone(), problem };
        let read = UnverifiedManifest::read(&stored.object).map_err(|error| unreadable(error.to_string()))?;
        let manifest = read.unverified_content().map_err(|error| unreadable(error.to_string()))?;
        let mut lists = BTreeMap::new();
        for entry in &manifest.lists {
            let state = self.snapshot(&entry.state, entry.n).await?;
            let list =
                PublishedList::first(state, &manifest.deployment).map_err(|error| unreadable(error.to_string()))?;
            if list.hash != entry.state {
                return Err(unreadable(format!("the snapshot of list {} has another hash", entry.list)));
            }
            lists.insert(entry.list, list);
        }
        let kid = read.kid();
        let tokens = BTreeMap::new();
        self.put(Publication {
            manifest,
            kid,
            log_seq: stored.log_seq,
            lists,
            trust: chain(in_force),
            survivors: Vec::new(),
            held: Arc::new(trusting(in_force, None)?),
            tokens,
            bundles: StdMutex::default(),
            object: Bytes::from(stored.object),
        });
        Ok(())
    }

    async fn snapshot(&self, hash: &[u8; 32], n: u32) -> Result<State, PublishError> {
        let name = snapshot_name(hash);
        let unreadable = |problem: String| PublishError::Unreadable { object: name.clone(), problem };
        let object = self.store.status_object(&name).await?.ok_or_else(|| unreadable("it is missing".to_owned()))?;
        let own_n = freightpass_core::status::peek(&object).map_or(n, |head| head.n).min(n);
        let snapshot = Snapshot::decode(&object, own_n).map_err(|error| unreadable(error.to_string()))?;
        Ok(snapshot.into_state())
    }
}

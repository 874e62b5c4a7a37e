//! The next manifest: made from the log, compared with the last one, signed, stored.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent};
use freightpass_core::status::list_of;

use super::super::guard::{self, Refusal, Signed};
use super::super::publication::{Publication, PublishedList};
use super::super::store::Publishing;
use super::error::PublishError;
use super::states::{capacities, next_lists, states};
use super::{Published, Publisher};
use crate::audit::Call;
use crate::bus::Entry;
use crate::pass::SignerError;
use crate::trust::InForce;

/// Entries of the log that are read at once.
const BATCH: u32 = 5_000;

impl Publisher {
    /// Steps 1 to 5, once.
    pub(super) async fn try_sign(&self, call: Option<&Call>) -> Result<Published, PublishError> {
        let in_force = self.trust.current().ok_or(PublishError::NoTrust)?;
        let list = &in_force.list;
        let last = self.newest();
        let at = self.clock.now();
        let now = u32::try_from(self.clock.now_s()).unwrap_or(u32::MAX);
        // A machine's clock that was set back must not make a manifest older than the one before it.
        let issued = last.as_ref().map_or(now, |last| now.max(last.manifest.issued));
        let kid = self.keyring.status_key(list, issued).ok_or(PublishError::KeyUnavailable { at: issued })?;

        let view = self.log.view(list_of(issued.into())).await?;
        let planned = self.store.planned_lists(list_of(issued.into())).await?;
        let states = states(&view, &capacities(list, issued, &planned))?;
        if let Some(last) = &last {
            let since = self.since(last.log_seq, view.seq).await?;
            let before = last.states();
            let signed = Signed { manifest: &last.manifest, log_seq: last.log_seq, states: &before };
            guard::check(&signed, issued, view.seq, &states, &since)?;
        }

        let lists = next_lists(last.as_deref(), states, &list.content().deployment)?;
        let next = last.as_ref().map_or(1, |last| last.manifest.seq.saturating_add(1));
        let seq = next.max(self.store.least_seq().await?);
        let manifest = self.manifest(&in_force, seq, issued, &lists);
        let object = sign_manifest(&manifest, kid, |message| self.keyring.sign_status(list, kid, message))?;
        let publication = self.publication(&in_force, manifest, object.into(), kid, view.seq, lists).await?;
        let publishing = publishing(&publication, last.as_deref(), at);
        let ours = publishing.published;
        let published = self.store.publish(call, publishing).await?;
        if published == ours {
            self.put(publication);
        }
        Ok(published)
    }

    /// What the log holds after `after` up to `newest`.
    async fn since(&self, after: u64, newest: u64) -> Result<Vec<Entry>, PublishError> {
        let mut since: Vec<Entry> = Vec::new();
        loop {
            let reached = since.last().map_or(after, |entry| entry.seq);
            if reached >= newest {
                return Ok(since);
            }
            let batch = self.log.after(reached, BATCH).await?;
            if batch.is_empty() {
                return Ok(since);
            }
            since.extend(batch.into_iter().filter(|entry| entry.seq <= newest));
            if since.last().map_or(after, |entry| entry.seq) == reached {
                return Ok(since);
            }
        }
    }

    fn manifest(
        &self,
        in_force: &InForce,
        seq: u32,
        issued: u32,
        lists: &BTreeMap<u32, PublishedList>,
    ) -> ManifestContent {
        let content = in_force.list.content();
        let entry = |(list, published): (&u32, &PublishedList)| ListEntry {
            list: *list,
            n: published.state.n(),
            base: published.base_hash,
            state: published.hash,
        };
        ManifestContent {
            deployment: content.deployment,
            seq,
            issued,
            // Older than max_age it admits nobody, so it needs no longer life.
            expires: issued.saturating_add(content.max_age.max(1)),
            ttl: u32::try_from(self.schedule.tick.as_secs()).unwrap_or(u32::MAX),
            trust_sequence: content.sequence,
            trust_hash: *in_force.list.hash(),
            lists: lists.iter().map(entry).collect(),
        }
    }
}

fn sign_manifest(
    manifest: &ManifestContent,
    kid: Kid,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], SignerError>,
) -> Result<Vec<u8>, PublishError> {
    let mut failed = false;
    let object = manifest.sign(kid, |message| {
        sign(message).unwrap_or_else(|_| {
            failed = true;
            [0; 64]
        })
    });
    if failed {
        return Err(PublishError::KeyUnavailable { at: manifest.issued });
    }
    Ok(object.map_err(Refusal::from)?)
}

fn publishing(publication: &Publication, last: Option<&Publication>, at: jiff::Timestamp) -> Publishing {
    let manifest = &publication.manifest;
    let mut objects = Vec::new();
    let mut needed = Vec::new();
    for (list, published) in &publication.lists {
        let before = last.and_then(|last| last.lists.get(list));
        let stored =
            before.is_some_and(|before| before.hash == published.hash && before.base_hash == published.base_hash);
        let snapshot = Some((snapshot_name(&published.hash), &published.snapshot));
        let delta_name = || format!("d/{}/{}", HEXLOWER.encode(&published.base_hash), HEXLOWER.encode(&published.hash));
        let delta = published.delta.as_ref().map(|delta| (delta_name(), delta));
        needed.push(snapshot_name(&published.base_hash));
        for (name, object) in snapshot.into_iter().chain(delta) {
            needed.push(name.clone());
            if !stored {
                objects.push((name, *list, object.to_vec()));
            }
        }
    }
    Publishing {
        published: Published {
            manifest_seq: manifest.seq,
            log_seq: publication.log_seq,
            issued: manifest.issued,
            expires: manifest.expires,
        },
        trust_sequence: manifest.trust_sequence,
        after: last.map_or(0, |last| last.manifest.seq),
        object: publication.object.to_vec(),
        lists: manifest.lists.iter().map(|entry| (entry.list, entry.n)).collect(),
        objects,
        needed,
        at,
    }
}

/// The name of a snapshot among the objects.
pub(super) fn snapshot_name(hash: &[u8; 32]) -> String {
    format!("s/{}", HEXLOWER.encode(hash))
}

//! The publisher: signs what the status log says, at every tick and promptly after a change, and never anything else.
//!
//! 1. The view of the log is read, and made into states. A crash here means that nothing happened.
//! 2. The states are compared with what was signed last ([`super::guard`]). What fails is not signed: what was published
//!    stays, the alarm goes up.
//! 3. The manifest is signed, in memory, and adopted as a scanner would. A crash here means that nothing happened: the
//!    same seq is signed again, and nobody saw the first.
//! 4. Manifest, snapshots and deltas are stored in one transaction, which also says that their capacities are published.
//!    A crash after it means that they are read back at the next start.
//! 5. Everybody who waits for the next manifest is told.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex as StdMutex, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use freightpass_core::bundle::Provision;
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::key::Kid;
use freightpass_core::manifest::{ListEntry, ManifestContent, UnverifiedManifest};
use freightpass_core::status::{MAX_N, Snapshot, State, is_live, list_of};
use freightpass_core::trust::TrustList;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;

use super::bundle::{Bundled, HeldByScanner};
use super::check::OwnView;
use super::guard::{self, Refusal, Signed};
use super::publication::{Publication, PublishedList};
use super::status_token::{self, TokenClaims};
use super::store::{PlannedList, PublicationStore, Publishing};
use crate::audit::Call;
use crate::bus::{Entry, LogView, StatusLog};
use crate::clock::Clock;
use crate::pass::{BOOKING_AHEAD_S, FIRST_CAPACITY, SignerError};
use crate::storage::StorageError;
use crate::trust::{InForce, Keyring, TrustError, TrustLists, warn_of_ends};

/// Entries of the log that are read at once.
const BATCH: u32 = 5_000;
/// Pause after a failure, before it is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How often it is looked whether a list has to grow: of a list that is half leased, half is left for that time, some
/// thirty thousand passes.
const GROWTH_CHECK: Duration = Duration::from_secs(1);
/// Ends that come near are said at the start, after each new trust list, and so often in between.
const WARN_EVERY_S: u64 = 86_400;

/// When manifests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// At least so often, also when nothing changed.
    pub tick: Duration,
    /// Changes that come within this time go into one manifest.
    pub coalesce: Duration,
}

/// A manifest that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Its seq.
    pub manifest_seq: u32,
    /// The seq of the status log up to which it speaks.
    pub log_seq: u64,
    /// When it was signed, seconds since 1970.
    pub issued: u32,
    /// From when on it does not count any more, seconds since 1970.
    pub expires: u32,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It would take something back, or no scanner would adopt it.
    #[error("nothing was signed: {0}")]
    Refused(#[from] Refusal),
    /// No trust list is in force.
    #[error("no trust list is in force")]
    NoTrust,
    /// No good status key whose window covers the present is held here.
    #[error("no status key that may sign at {at} (seconds since 1970) is held here")]
    KeyUnavailable {
        /// The present.
        at: u32,
    },
    /// What was signed last cannot be read back.
    #[error("the registry's own {object} does not read: {problem}; restore it from a backup")]
    Unreadable {
        /// Which object.
        object: String,
        /// What is wrong.
        problem: String,
    },
    /// Trust lists or survivors.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Signs and keeps the newest manifest of a deployment.
pub struct Publisher {
    log: Arc<dyn StatusLog>,
    store: Arc<dyn PublicationStore>,
    trust: Arc<TrustLists>,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    /// One at a time.
    publishing: Mutex<()>,
    newest: ArcSwapOption<Publication>,
    published: watch::Sender<u32>,
}

impl Publisher {
    /// A publisher that has read back what was signed last.
    pub async fn open(
        log: Arc<dyn StatusLog>,
        store: Arc<dyn PublicationStore>,
        trust: Arc<TrustLists>,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        schedule: Schedule,
    ) -> Result<Self, PublishError> {
        let publisher = Self {
            log,
            store,
            trust,
            keyring,
            clock,
            schedule,
            publishing: Mutex::new(()),
            newest: ArcSwapOption::empty(),
            published: watch::Sender::new(0),
        };
        publisher.read_back().await?;
        Ok(publisher)
    }

    /// The seq of the newest manifest, 0 for none, and word of each newer one.
    pub fn published(&self) -> watch::Receiver<u32> {
        self.published.subscribe()
    }

    /// What is published now; none before the first manifest.
    pub fn newest(&self) -> Option<Arc<Publication>> {
        self.newest.load_full()
    }

    /// The bundle for a scanner that holds `held`; none before the first manifest.
    pub fn bundle(&self, held: &HeldByScanner) -> Option<Bundled> {
        Some(self.newest()?.bundle(held))
    }

    /// The snapshot or delta of that name (see [`PublicationStore::status_object`]).
    pub async fn object(&self, name: &str) -> Result<Option<Vec<u8>>, PublishError> {
        Ok(self.store.status_object(name).await?)
    }

    /// The Token Status List of a list, as of the newest manifest; none for a list that it does not name.
    pub fn status_token(&self, list: u32) -> Result<Option<Bytes>, PublishError> {
        let (Some(newest), Some(in_force)) = (self.newest(), self.trust.current()) else {
            return Ok(None);
        };
        let (Some(published), Some(made)) = (newest.lists.get(&list), newest.tokens.get(&list)) else {
            return Ok(None);
        };
        if let Some(token) = made.get() {
            return Ok(Some(token.clone()));
        }
        let manifest = &newest.manifest;
        let claims = TokenClaims {
            uri: format!("{}{list}", in_force.list.content().status_base),
            issued: manifest.issued.into(),
            expires: Some(manifest.expires.into()),
            ttl: Some(manifest.ttl.into()),
        };
        let sign = |message: &[u8]| self.keyring.sign_status(&in_force.list, newest.kid, message);
        let token = status_token::encode(&published.state, &claims, newest.kid, sign)
            .map_err(|_: SignerError| PublishError::KeyUnavailable { at: manifest.issued })?;
        Ok(Some(made.get_or_init(|| token.into()).clone()))
    }

    /// Signs until it is stopped: at the start, at every tick, promptly after a change of status or of trust.
    pub async fn run(&self, stop: CancellationToken) {
        let mut committed = self.log.committed();
        let mut trust = self.trust.changed();
        let mut warned = 0;
        loop {
            committed.mark_unchanged();
            trust.mark_unchanged();
            let wait = match self.publish_own().await {
                Ok(_) => self.schedule.tick,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "no manifest was signed");
                    RETRY.min(self.schedule.tick)
                }
            };
            self.tell_age();
            let now = self.clock.now_s();
            if now >= warned + WARN_EVERY_S {
                self.warn(now);
                warned = now;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = self.growth_is_due() => {}
                _ = trust.changed() => warned = 0,
                _ = committed.changed() => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(self.schedule.coalesce) => {}
                    }
                }
            }
        }
    }

    /// Waits until the next manifest would name a list, or places of one, that the newest does not.
    async fn growth_is_due(&self) {
        loop {
            tokio::time::sleep(GROWTH_CHECK).await;
            match self.grows().await {
                Ok(false) => {}
                Ok(true) => return,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "the lists that are leased are not known");
                }
            }
        }
    }

    /// Whether the next manifest would name a list, or places of one, that the newest does not.
    pub async fn grows(&self) -> Result<bool, PublishError> {
        let (Some(newest), Some(in_force)) = (self.newest(), self.trust.current()) else {
            return Ok(false);
        };
        let now = u32::try_from(self.clock.now_s()).unwrap_or(u32::MAX).max(newest.manifest.issued);
        let planned = self.store.planned_lists(list_of(now.into())).await?;
        let published = |list| newest.manifest.entry(list).map_or(0, |entry| entry.n);
        Ok(capacities(&in_force.list, now, &planned).into_iter().any(|(list, n)| n > published(list)))
    }

    /// Signs the next manifest now, because an operator asks for it. A call that was answered before gets its answer.
    pub async fn publish(&self, call: &Call) -> Result<Published, PublishError> {
        self.sign_next(Some(call)).await
    }

    /// Signs the next manifest now, by itself.
    pub async fn publish_own(&self) -> Result<Published, PublishError> {
        self.sign_next(None).await
    }

    async fn sign_next(&self, call: Option<&Call>) -> Result<Published, PublishError> {
        let _one = self.publishing.lock().await;
        self.follow_trust().await?;
        let mut signed = self.try_sign(call).await;
        if matches!(signed, Err(PublishError::Storage(StorageError::Duplicate { .. }))) {
            // Another replica was faster: what it signed is the measure now.
            self.read_back().await?;
            signed = self.try_sign(call).await;
        }
        if let Err(PublishError::Refused(refusal)) = &signed {
            metrics::counter!("freightpass_publish_refused_total", "reason" => refusal.code()).increment(1);
        }
        signed
    }

    /// A newer trust list goes out at once, also when no manifest can be signed under it: it may say that the status key
    /// is stolen.
    async fn follow_trust(&self) -> Result<(), PublishError> {
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

    async fn try_sign(&self, call: Option<&Call>) -> Result<Published, PublishError> {
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
        let manifest = self.manifest(&in_force, last.as_deref(), issued, &lists);
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
        last: Option<&Publication>,
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
            seq: last.map_or(1, |last| last.manifest.seq.saturating_add(1)),
            issued,
            // Older than max_age it admits nobody, so it needs no longer life.
            expires: issued.saturating_add(content.max_age.max(1)),
            ttl: u32::try_from(self.schedule.tick.as_secs()).unwrap_or(u32::MAX),
            trust_sequence: content.sequence,
            trust_hash: *in_force.list.hash(),
            lists: lists.iter().map(entry).collect(),
        }
    }

    /// Puts together what belongs to the manifest, and adopts it as a scanner would.
    async fn publication(
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
            bundles: StdMutex::new(HashMap::new()),
        })
    }

    /// Reads what was signed last from the registry.
    async fn read_back(&self) -> Result<(), PublishError> {
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
            // The base may be of the time before the list grew: its snapshot says its own n.
            let base = self.snapshot(&entry.base, entry.n).await?;
            let list = PublishedList::restored(state, base, &manifest.deployment)
                .map_err(|error| unreadable(&name, error.to_string()))?;
            if list.hash != entry.state || list.base_hash != entry.base {
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
            bundles: StdMutex::new(HashMap::new()),
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

    fn put(&self, publication: Publication) {
        let manifest = &publication.manifest;
        metrics::gauge!("freightpass_manifest_seq").set(f64::from(manifest.seq));
        metrics::gauge!("freightpass_manifest_issued_timestamp_seconds").set(f64::from(manifest.issued));
        metrics::gauge!("freightpass_manifest_log_seq").set(publication.log_seq as f64);
        let seq = manifest.seq;
        self.newest.store(Some(Arc::new(publication)));
        self.tell_age();
        self.published.send_replace(seq);
    }

    fn tell_age(&self) {
        if let Some(newest) = self.newest() {
            let age = self.clock.now_s().saturating_sub(newest.manifest.issued.into());
            metrics::gauge!("freightpass_manifest_age_seconds").set(age as f64);
        }
    }

    /// Says in log and metrics what runs out within thirty days.
    fn warn(&self, now: u64) {
        let Some(in_force) = self.trust.current() else { return };
        for end in warn_of_ends(&in_force.list, now) {
            tracing::warn!(
                what = end.what.kind(),
                name = end.what.name(),
                at = end.at,
                "runs out within 30 days: hold a ceremony and install the next trust list"
            );
        }
    }
}

impl OwnView for Publisher {
    fn held(&self) -> Option<Arc<Held>> {
        let newest = self.newest()?;
        newest.held.manifest()?;
        Some(Arc::clone(&newest.held))
    }
}

/// Each list that has to be published and its n: from this week to the last one in which a pass that is booked now can
/// expire, and whatever has leased places.
fn capacities(list: &TrustList, issued: u32, planned: &[PlannedList]) -> BTreeMap<u32, u32> {
    let from = list_of(issued.into());
    let last = u64::from(issued) + BOOKING_AHEAD_S + u64::from(list.content().longest_life);
    let mut capacities: BTreeMap<u32, u32> = (from..=list_of(last)).map(|list| (list, FIRST_CAPACITY)).collect();
    for planned in planned.iter().filter(|planned| is_live(planned.list, issued.into())) {
        let mut capacity = planned.capacity.max(FIRST_CAPACITY);
        // Half leased: the growth is published before it is needed.
        while u64::from(planned.leased_to) * 2 >= u64::from(capacity) && capacity < MAX_N {
            capacity = capacity.saturating_mul(2).min(MAX_N);
        }
        capacities.insert(planned.list, capacity);
    }
    capacities
}

/// The states that the view makes, each of its capacity.
fn states(view: &LogView, capacities: &BTreeMap<u32, u32>) -> Result<BTreeMap<u32, State>, Refusal> {
    let mut states = BTreeMap::new();
    for (list, n) in capacities {
        states.insert(*list, State::empty(*list, *n)?);
    }
    for place in &view.places {
        match states.get_mut(&place.list) {
            Some(state) => state.set(place.idx, place.value)?,
            // A place of a list that nobody planned: the list would be left out.
            None => return Err(Refusal::ListOmitted { list: place.list }),
        }
    }
    Ok(states)
}

fn next_lists(
    last: Option<&Publication>,
    states: BTreeMap<u32, State>,
    deployment: &[u8; 8],
) -> Result<BTreeMap<u32, PublishedList>, Refusal> {
    let mut lists = BTreeMap::new();
    for (list, state) in states {
        let published = match last.and_then(|last| last.lists.get(&list)) {
            Some(before) => before.next(state, deployment)?,
            None => PublishedList::first(state, deployment)?,
        };
        lists.insert(list, published);
    }
    Ok(lists)
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

/// A scanner that holds the trust list in force, and what `before` held if that still counts.
fn trusting(in_force: &InForce, before: Option<&Held>) -> Result<Held, PublishError> {
    let mut held = match before {
        Some(held) => held.clone(),
        None => {
            let provision = Provision::decode(&in_force.provision).map_err(|error| PublishError::Unreadable {
                object: "provisioning object".to_owned(),
                problem: error.to_string(),
            })?;
            let mut held = Held::provisioned(&provision);
            // The service knows what it signed itself.
            held.confirm_start();
            held
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

fn chain(in_force: &InForce) -> Vec<(u32, Bytes)> {
    let sequence = |object: &[u8]| {
        let read = freightpass_core::trust::UnverifiedTrustList::read(object).ok()?;
        Some(read.unverified_list().ok()?.content().sequence)
    };
    let objects = in_force.chain.iter();
    objects.filter_map(|object| Some((sequence(object)?, Bytes::copy_from_slice(object)))).collect()
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
        let delta_name = || format!("d/{}/{}", hex(&published.base_hash), hex(&published.hash));
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

fn snapshot_name(hash: &[u8; 32]) -> String {
    format!("s/{}", hex(hash))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

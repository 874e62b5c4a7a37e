//! A registry that can be seen wrongly, a publisher over it, and a scanner.

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use freightpass::audit::Call;
use freightpass::bus::{Entry, LogView, StatusLog};
use freightpass::checkpoint::{
    Bundled, HeldByScanner, PlannedList, PublicationStore, PublishError, Published, Publisher, Publishing, Schedule,
    StoredManifest,
};
use freightpass::clock::{Clock as _, FixedClock};
use freightpass::identity::{Officer, Role};
use freightpass::storage::{Sqlite, StatusChange, StorageError, Store};
use freightpass::trust::bootstrap::{self, FirstStart, Trust};
use freightpass::trust::ceremony::{Draft, cosign};
use freightpass::trust::{Keyring, Passphrase, ROOT, read_key};
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::hold::Held;
use freightpass_core::key::PublicKey;
use freightpass_core::status::Value;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use uuid::Uuid;

/// 2026-12-01 in Beijing, and the list of the passes that expire then.
pub const NOW: i64 = 1_796_054_400;
pub const LIST: u32 = 2969;
pub const DAY: u32 = 86_400;

/// The registry, and how wrongly it is seen.
pub struct Seen {
    pub store: Store<Sqlite>,
    wrong: AtomicU8,
}

pub const RIGHT: u8 = 0;
/// The view of the log has lost its places.
pub const EMPTIED: u8 = 1;
/// The newest entries are not seen.
pub const BEHIND: u8 = 2;
/// A resumption that never happened is seen.
pub const RESUMED: u8 = 3;
/// The lists that are planned are not seen.
pub const NO_LISTS: u8 = 4;
/// List 2969 is seen as leased to 40,000.
pub const LEASED: u8 = 5;

#[async_trait]
impl StatusLog for Seen {
    async fn newest(&self) -> Result<u64, StorageError> {
        self.store.newest().await
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.store.committed_status()
    }

    async fn after(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StorageError> {
        StatusLog::after(&self.store, after, limit).await
    }

    async fn view(&self, oldest_list: u32) -> Result<LogView, StorageError> {
        let mut view = self.store.view(oldest_list).await?;
        match self.wrong.load(Ordering::SeqCst) {
            EMPTIED => view.places.clear(),
            BEHIND => view.seq -= 1,
            RESUMED => view.places.iter_mut().filter(|place| place.value == Value::Suspended).for_each(|place| {
                place.value = Value::Valid;
            }),
            _ => {}
        }
        Ok(view)
    }

    async fn pending(&self, limit: u32) -> Result<Vec<Entry>, StorageError> {
        self.store.pending(limit).await
    }

    async fn pending_count(&self) -> Result<u64, StorageError> {
        self.store.pending_count().await
    }

    async fn delivered(&self, up_to: u64) -> Result<(), StorageError> {
        self.store.delivered(up_to).await
    }
}

#[async_trait]
impl PublicationStore for Seen {
    async fn newest_manifest(&self) -> Result<Option<StoredManifest>, StorageError> {
        self.store.newest_manifest().await
    }

    async fn least_seq(&self) -> Result<u32, StorageError> {
        self.store.least_seq().await
    }

    async fn status_object(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.status_object(name).await
    }

    async fn planned_lists(&self, oldest_list: u32) -> Result<Vec<PlannedList>, StorageError> {
        let mut lists = self.store.planned_lists(oldest_list).await?;
        match self.wrong.load(Ordering::SeqCst) {
            NO_LISTS => lists.clear(),
            LEASED => lists.iter_mut().filter(|planned| planned.list == LIST).for_each(|planned| {
                planned.leased_to = 40_000;
            }),
            _ => {}
        }
        Ok(lists)
    }

    async fn publish(&self, call: Option<&Call>, publishing: Publishing) -> Result<Published, StorageError> {
        self.store.publish(call, publishing).await
    }
}

pub struct Scene {
    folder: tempfile::TempDir,
    pub seen: Arc<Seen>,
    pub trust: Trust,
    pub clock: Arc<FixedClock>,
    pub publisher: Publisher,
}

impl Scene {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let trust = trust(folder.path(), &store, &clock).await;
        let seen = Arc::new(Seen { store, wrong: AtomicU8::new(RIGHT) });
        let publisher = publisher(&seen, &trust, &clock).await.unwrap();
        Self { folder, seen, trust, clock, publisher }
    }

    /// The service started again in the same folder.
    pub async fn restarted(self) -> Self {
        let trust = trust(self.folder.path(), &self.seen.store, &self.clock).await;
        let publisher = publisher(&self.seen, &trust, &self.clock).await.unwrap();
        Self { trust, publisher, ..self }
    }

    pub async fn commit(&self, changes: &[(u32, Value)]) {
        let changes: Vec<_> = changes
            .iter()
            .map(|&(idx, value)| StatusChange {
                list: LIST + idx % 3,
                idx,
                value: value as u8,
                cti: Some(u64::from(idx).to_be_bytes()),
                reason: 1,
                reason_text: String::new(),
            })
            .collect();
        let mut work = self.seen.store.begin_own("test", self.clock.now()).await.unwrap();
        work.append_status(&changes).await.unwrap();
        work.commit(&()).await.unwrap();
    }

    pub async fn publish(&self) -> Published {
        self.clock.advance(1);
        self.publisher.publish_own().await.unwrap()
    }

    pub fn see(&self, wrong: u8) {
        self.seen.wrong.store(wrong, Ordering::SeqCst);
    }

    /// A scanner that was just given its provisioning file.
    pub fn scanner(&self) -> Scanner {
        let file = std::fs::read(self.folder.path().join("provision.fp")).unwrap();
        let held = Held::provisioned(&Provision::decode(&file).unwrap());
        Scanner { held, says: HeldByScanner::default() }
    }

    pub fn status_key(&self) -> PublicKey {
        let in_force = self.trust.lists.current().unwrap();
        PublicKey::from_bytes(&in_force.list.content().status_keys[0].key).unwrap()
    }

    pub fn root_key(&self) -> ed25519_dalek::SigningKey {
        let passphrase = Passphrase::read(&self.folder.path().join("secrets/passphrase")).unwrap();
        let keys = std::fs::read_dir(self.folder.path().join("keys")).unwrap().map(|entry| entry.unwrap().path());
        let is_root = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(ROOT);
        read_key(&keys.into_iter().find(is_root).unwrap(), &passphrase).unwrap()
    }

    /// Installs the list in force with that change.
    pub async fn install(&self, request: u128, change: impl FnOnce(&mut Draft)) {
        let in_force = self.trust.lists.current().unwrap();
        let now = self.clock.now_s() as u32;
        let mut draft = Draft::next(&in_force.list, now, now + 90 * DAY).unwrap();
        change(&mut draft);
        let object = cosign(&draft.encode().unwrap(), &self.root_key(), None).unwrap();
        self.trust.lists.install(&call("InstallTrustList", request), &object, false).await.unwrap();
    }
}

async fn trust(folder: &Path, store: &Store<Sqlite>, clock: &FixedClock) -> Trust {
    let passphrase = folder.join("secrets/passphrase");
    bootstrap::open(folder, &passphrase, Arc::new(store.clone()), FirstStart::Found, clock.now()).await.unwrap()
}

pub async fn publisher(seen: &Arc<Seen>, trust: &Trust, clock: &Arc<FixedClock>) -> Result<Publisher, PublishError> {
    let keyring = Keyring::new(trust.lists.clone(), trust.keys.clone());
    let schedule = Schedule { tick: Duration::from_secs(60), coalesce: Duration::from_millis(1) };
    Publisher::open(seen.clone(), seen.clone(), trust.lists.clone(), keyring, clock.clone(), schedule).await
}

pub fn call(method: &'static str, request: u128) -> Call {
    let officer = Officer { body: "CN-32".to_owned(), name: "ops".to_owned(), roles: vec![Role::Operator] };
    let at = Timestamp::from_second(NOW).unwrap();
    Call { officer, method, request_id: Uuid::from_u128(request), fingerprint: [1; 32], at }
}

/// A scanner: what it holds, and what it says that it holds.
pub struct Scanner {
    pub held: Held,
    pub says: HeldByScanner,
}

impl Scanner {
    /// Adopts a bundle of which every part counts, and gives how many objects it had.
    pub fn adopt(&mut self, bundled: &Bundled) -> usize {
        self.held.adopt_bundle(&bundled.bytes).unwrap().all_adopted().unwrap();
        assert_eq!(self.held.missing().next(), None);
        assert_eq!(self.held.missing_survivors().next(), None);
        self.says = bundled.after.clone();
        Bundle::decode(&bundled.bytes).unwrap().objects.len()
    }

    pub fn sync(&mut self, publisher: &Publisher) -> usize {
        self.adopt(&publisher.bundle(&self.says).unwrap())
    }

    pub fn value(&self, idx: u32) -> Value {
        self.held.current_state(LIST + idx % 3).unwrap().value(idx).unwrap()
    }
}

pub fn metrics() -> &'static PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().unwrap())
}

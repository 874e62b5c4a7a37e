//! Publishing over a real registry: what is signed is what the log says, a scanner adopts it, and a wrong view of the
//! log signs nothing.

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use freightpass::audit::Call;
use freightpass::bus::{Entry, LogView, StatusLog};
use freightpass::checkpoint::status_token::UnverifiedStatusToken;
use freightpass::checkpoint::{
    Bundled, HeldByScanner, OwnView as _, PlannedList, PublicationStore, PublishError, Published, Publisher,
    Publishing, Refusal, Schedule, StoredManifest,
};
use freightpass::clock::{Clock as _, FixedClock};
use freightpass::identity::{Officer, Role};
use freightpass::storage::{Sqlite, StatusChange, StorageError, Store};
use freightpass::trust::bootstrap::{self, FirstStart, Trust};
use freightpass::trust::ceremony::{Draft, Holder, cosign};
use freightpass::trust::{Cost, Keyring, Passphrase, ROOT, STATUS, read_key};
use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::key::PublicKey;
use freightpass_core::status::{Value, list_of};
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;
use uuid::Uuid;

/// 2026-12-01 in Beijing, and the list of the passes that expire then.
const NOW: i64 = 1_796_054_400;
const LIST: u32 = 2969;
const DAY: u32 = 86_400;

/// The registry, and how wrongly it is seen.
struct Seen {
    store: Store<Sqlite>,
    wrong: AtomicU8,
}

const RIGHT: u8 = 0;
/// The view of the log has lost its places.
const EMPTIED: u8 = 1;
/// The newest entries are not seen.
const BEHIND: u8 = 2;
/// A resumption that never happened is seen.
const RESUMED: u8 = 3;
/// The lists that are planned are not seen.
const NO_LISTS: u8 = 4;
/// List 2969 is seen as leased to 40,000.
const LEASED: u8 = 5;

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

struct Scene {
    folder: tempfile::TempDir,
    seen: Arc<Seen>,
    trust: Trust,
    clock: Arc<FixedClock>,
    publisher: Publisher,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let trust = trust(folder.path(), &store, &clock).await;
        let seen = Arc::new(Seen { store, wrong: AtomicU8::new(RIGHT) });
        let publisher = publisher(&seen, &trust, &clock).await.unwrap();
        Self { folder, seen, trust, clock, publisher }
    }

    /// The service started again in the same folder.
    async fn restarted(self) -> Self {
        let trust = trust(self.folder.path(), &self.seen.store, &self.clock).await;
        let publisher = publisher(&self.seen, &trust, &self.clock).await.unwrap();
        Self { trust, publisher, ..self }
    }

    async fn commit(&self, changes: &[(u32, Value)]) {
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

    async fn publish(&self) -> Published {
        self.clock.advance(1);
        self.publisher.publish_own().await.unwrap()
    }

    fn see(&self, wrong: u8) {
        self.seen.wrong.store(wrong, Ordering::SeqCst);
    }

    /// A scanner that was just given its provisioning file.
    fn scanner(&self) -> Scanner {
        let file = std::fs::read(self.folder.path().join("provision.fp")).unwrap();
        let held = Held::provisioned(&Provision::decode(&file).unwrap());
        Scanner { held, says: HeldByScanner::default() }
    }

    fn status_key(&self) -> PublicKey {
        let in_force = self.trust.lists.current().unwrap();
        PublicKey::from_bytes(&in_force.list.content().status_keys[0].key).unwrap()
    }

    fn root_key(&self) -> ed25519_dalek::SigningKey {
        let passphrase = Passphrase::read(&self.folder.path().join("secrets/passphrase")).unwrap();
        let keys = std::fs::read_dir(self.folder.path().join("keys")).unwrap().map(|entry| entry.unwrap().path());
        let is_root = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(ROOT);
        read_key(&keys.into_iter().find(is_root).unwrap(), &passphrase).unwrap()
    }

    /// Installs the list in force with that change.
    async fn install(&self, request: u128, change: impl FnOnce(&mut Draft)) {
        let in_force = self.trust.lists.current().unwrap();
        let now = self.clock.now_s() as u32;
        let mut draft = Draft::next(&in_force.list, now, now + 90 * DAY);
        change(&mut draft);
        let object = cosign(&draft.encode().unwrap(), &self.root_key(), None).unwrap();
        self.trust.lists.install(&call("InstallTrustList", request), &object, false).await.unwrap();
    }
}

async fn trust(folder: &Path, store: &Store<Sqlite>, clock: &FixedClock) -> Trust {
    let passphrase = folder.join("secrets/passphrase");
    bootstrap::open(folder, &passphrase, Arc::new(store.clone()), FirstStart::Found, clock.now()).await.unwrap()
}

async fn publisher(seen: &Arc<Seen>, trust: &Trust, clock: &Arc<FixedClock>) -> Result<Publisher, PublishError> {
    let keyring = Keyring::new(trust.lists.clone(), trust.keys.clone());
    let schedule = Schedule { tick: Duration::from_secs(60), coalesce: Duration::from_millis(1) };
    Publisher::open(seen.clone(), seen.clone(), trust.lists.clone(), keyring, clock.clone(), schedule).await
}

fn call(method: &'static str, request: u128) -> Call {
    let officer = Officer { body: "CN-32".to_owned(), name: "ops".to_owned(), roles: vec![Role::Operator] };
    let at = Timestamp::from_second(NOW).unwrap();
    Call { officer, method, request_id: Uuid::from_u128(request), fingerprint: [1; 32], at }
}

/// A scanner: what it holds, and what it says that it holds.
struct Scanner {
    held: Held,
    says: HeldByScanner,
}

impl Scanner {
    /// Adopts a bundle of which every part counts, and gives how many objects it had.
    fn adopt(&mut self, bundled: &Bundled) -> usize {
        for part in self.held.adopt_bundle(&bundled.bytes).unwrap() {
            assert!(part.outcome.is_ok(), "{part:?}");
        }
        assert_eq!(self.held.missing().next(), None);
        assert_eq!(self.held.missing_survivors().next(), None);
        self.says = bundled.after.clone();
        Bundle::decode(&bundled.bytes).unwrap().objects.len()
    }

    fn sync(&mut self, publisher: &Publisher) -> usize {
        self.adopt(&publisher.bundle(&self.says).unwrap())
    }

    fn value(&self, idx: u32) -> Value {
        self.held.current_state(LIST + idx % 3).unwrap().value(idx).unwrap()
    }
}

fn metrics() -> &'static PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().unwrap())
}

#[tokio::test]
async fn first_manifest_names_every_week_to_the_horizon_and_a_new_scanner_adopts_it() {
    let scene = Scene::new().await;
    assert!(scene.publisher.bundle(&HeldByScanner::default()).is_none());
    let mut published = scene.publisher.published();
    let first = scene.publish().await;
    assert_eq!((first.manifest_seq, first.log_seq), (1, 0));
    assert_eq!(*published.borrow_and_update(), 1);
    let newest = scene.publisher.newest().unwrap();
    let lists: Vec<_> = newest.manifest.lists.iter().map(|entry| (entry.list, entry.n)).collect();
    let horizon = list_of((NOW + 1) as u64 + 44 * u64::from(DAY));
    assert_eq!(lists, (LIST..=horizon).map(|list| (list, 65_536)).collect::<Vec<_>>());
    assert_eq!(newest.manifest.expires - newest.manifest.issued, DAY);

    let mut scanner = scene.scanner();
    assert_eq!(scanner.sync(&scene.publisher), lists.len());
    // Nothing changed: the next bundle has no object, and is adopted all the same.
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
    assert_eq!(scanner.held.order(), Some((1, 2)));
}

#[tokio::test]
async fn change_is_signed_and_carried_as_a_delta() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    scene.commit(&[(7, Value::Revoked), (8, Value::Suspended)]).await;
    let second = scene.publish().await;
    assert_eq!((second.manifest_seq, second.log_seq), (2, 2));
    let bundled = scene.publisher.bundle(&scanner.says).unwrap();
    assert_eq!(scanner.adopt(&bundled), 2);
    assert_eq!(
        (scanner.value(7), scanner.value(8), scanner.value(9)),
        (Value::Revoked, Value::Suspended, Value::Valid)
    );
    // FP-05: the resumption is carried as well, and the bundle before it is a rollback.
    scene.commit(&[(8, Value::Valid)]).await;
    scene.publish().await;
    scanner.sync(&scene.publisher);
    assert_eq!(scanner.value(8), Value::Valid);
    let again = scanner.held.adopt_bundle(&bundled.bytes).unwrap();
    let rolled_back = |outcome: &Result<_, AdoptionError>| matches!(outcome, Err(AdoptionError::RolledBack { .. }));
    assert!(again.iter().any(|part| rolled_back(&part.outcome)));
    assert_eq!(scanner.value(8), Value::Valid);
}

/// FP-09: a scanner that was away comes up to date at once, with at most two objects a list.
#[tokio::test]
async fn scanner_that_was_away_for_200_manifests_needs_one_bundle() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        scene.publish().await;
    }
    let (mut away, mut near) = (scene.scanner(), scene.scanner());
    away.sync(&scene.publisher);
    near.sync(&scene.publisher);
    for at in 0..200_u32 {
        if at % 5 == 0 {
            scene.commit(&[(at * 11, Value::Revoked)]).await;
        }
        scene.publish().await;
        near.sync(&scene.publisher);
    }
    let bundled = scene.publisher.bundle(&away.says).unwrap();
    assert!(away.adopt(&bundled) <= 3, "one object a changed list");
    assert_eq!(away.held.order(), Some((1, 210)));
    for at in (0..200_u32).step_by(5) {
        assert_eq!(away.value(at * 11), Value::Revoked);
    }
    let newest = scene.publisher.newest().unwrap();
    for entry in &newest.manifest.lists {
        assert_eq!(away.held.state_hash(entry.list), Some(&entry.state));
        assert_eq!(near.held.state_hash(entry.list), Some(&entry.state));
    }
    // The objects by name: from the base that the manifest names, two fetches a list suffice.
    let changed = newest.manifest.lists.iter().find(|entry| entry.base != entry.state).unwrap();
    let hex = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for name in [
        format!("s/{}", hex(&changed.state)),
        format!("s/{}", hex(&changed.base)),
        format!("d/{}/{}", hex(&changed.base), hex(&changed.state)),
    ] {
        assert!(scene.publisher.object(&name).await.unwrap().is_some(), "{name}");
    }
}

/// FP-23: a wrong view signs nothing, keeps what is published and raises the alarm; the right view goes on.
#[tokio::test]
async fn fp_23_wrong_view_signs_nothing_and_the_right_one_holds_all() {
    let metrics = metrics();
    let scene = Scene::new().await;
    scene.publish().await;
    let revoked: Vec<_> = (0..37).map(|at| (at * 3, Value::Revoked)).collect();
    scene.commit(&revoked).await;
    scene.commit(&[(1, Value::Suspended)]).await;
    scene.publish().await;
    let before = scene.publisher.bundle(&HeldByScanner::default()).unwrap();
    for (wrong, code) in [(EMPTIED, "clears_revoked"), (BEHIND, "log_behind"), (RESUMED, "differs_from_log")] {
        scene.see(wrong);
        let refused = scene.publisher.publish_own().await;
        assert!(matches!(&refused, Err(PublishError::Refused(refusal)) if refusal.code() == code), "{refused:?}");
        assert_eq!(scene.publisher.bundle(&HeldByScanner::default()).unwrap(), before);
        assert_eq!(scene.seen.store.newest_manifest().await.unwrap().unwrap().seq, 2);
        let alarm = format!("freightpass_publish_refused_total{{reason=\"{code}\"}}");
        assert!(metrics.render().contains(&alarm), "{}", metrics.render());
    }
    scene.see(RIGHT);
    assert_eq!(scene.publish().await.manifest_seq, 3);
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let held = (0..37).filter(|at| scanner.value(at * 3) == Value::Revoked).count();
    assert_eq!((held, scanner.value(1)), (37, Value::Suspended));
}

/// FP-23: a setting that leaves out a week which is live.
#[tokio::test]
async fn fp_23_setting_that_leaves_out_a_live_week_signs_nothing() {
    let scene = Scene::new().await;
    scene.publish().await;
    let last = scene.publisher.newest().unwrap().manifest.lists.last().unwrap().list;
    scene.install(1, |draft| draft.set_limits(DAY, 300, DAY)).await;
    scene.see(NO_LISTS);
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::Refused(Refusal::ListOmitted { .. }))), "{refused:?}");
    // Seen right, the weeks that the longer life needed stay until they are over.
    scene.see(RIGHT);
    scene.publish().await;
    assert_eq!(scene.publisher.newest().unwrap().manifest.lists.last().unwrap().list, last);
}

#[tokio::test]
async fn after_a_restart_what_was_signed_is_read_back_before_anything_is_signed() {
    let scene = Scene::new().await;
    scene.publish().await;
    scene.commit(&[(7, Value::Revoked), (8, Value::Suspended)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let before = scene.publisher.bundle(&HeldByScanner::default()).unwrap();
    let scene = scene.restarted().await;
    assert_eq!(scene.publisher.bundle(&HeldByScanner::default()).unwrap(), before);
    assert!(scene.publisher.held().is_some());
    scene.see(EMPTIED);
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::Refused(Refusal::UnRevokes { .. }))), "{refused:?}");
    scene.see(RIGHT);
    scene.commit(&[(10, Value::Revoked)]).await;
    assert_eq!(scene.publish().await.manifest_seq, 3);
    assert_eq!(scanner.sync(&scene.publisher), 1);
    assert_eq!((scanner.value(7), scanner.value(10)), (Value::Revoked, Value::Revoked));
}

#[tokio::test]
async fn operators_request_is_signed_once() {
    let scene = Scene::new().await;
    scene.publish().await;
    let asked = call("PublishStatus", 1);
    let first = scene.publisher.publish(&asked).await.unwrap();
    assert_eq!(first.manifest_seq, 2);
    scene.clock.advance(5);
    assert_eq!(scene.publisher.publish(&asked).await.unwrap(), first);
    assert_eq!(*scene.publisher.published().borrow(), 2);
    let other = scene.publisher.publish(&call("PublishStatus", 2)).await.unwrap();
    assert_eq!(other.manifest_seq, 3);
    let reused = Call { fingerprint: [2; 32], ..asked };
    let reused = scene.publisher.publish(&reused).await;
    assert!(matches!(reused, Err(PublishError::Storage(StorageError::RequestReused))), "{reused:?}");
}

#[tokio::test]
async fn half_leased_list_grows_before_its_places_are_needed() {
    let scene = Scene::new().await;
    scene.publish().await;
    scene.commit(&[(9, Value::Revoked)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    assert!(!scene.publisher.grows().await.unwrap());
    scene.see(LEASED);
    assert!(scene.publisher.grows().await.unwrap());
    scene.publish().await;
    assert!(!scene.publisher.grows().await.unwrap());
    let n = |scene: &Scene| scene.publisher.newest().unwrap().manifest.entry(LIST).unwrap().n;
    assert_eq!(n(&scene), 131_072);
    assert_eq!(scanner.sync(&scene.publisher), 1);
    assert_eq!(scanner.held.current_state(LIST).unwrap().n(), 131_072);
    assert_eq!(scanner.value(9), Value::Revoked);
    // It stays so large, also after a restart.
    scene.see(RIGHT);
    scene.publish().await;
    assert_eq!(n(&scene), 131_072);
    let scene = scene.restarted().await;
    scene.publish().await;
    assert_eq!(n(&scene), 131_072);
}

#[tokio::test]
async fn stolen_status_key_is_replaced_and_scanners_get_everything_anew() {
    let scene = Scene::new().await;
    scene.commit(&[(7, Value::Revoked)]).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let stolen = scene.publisher.newest().unwrap().kid;
    let new = scene.trust.keys.create(STATUS, Cost::Machine).unwrap().verifying_key().to_bytes();
    scene.clock.advance(10);
    scene
        .install(1, |draft| {
            let from = NOW as u32;
            draft.add_key(&Holder::Status, new, from, from + 90 * DAY).unwrap();
            draft.compromise(stolen, None).unwrap();
        })
        .await;
    scene.publish().await;
    assert_ne!(scene.publisher.newest().unwrap().kid, stolen);
    scanner.sync(&scene.publisher);
    assert_eq!((scanner.held.order(), scanner.value(7)), (Some((2, 2)), Value::Revoked));
    let scene = scene.restarted().await;
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
}

#[tokio::test]
async fn new_trust_list_goes_out_also_when_nothing_can_be_signed_under_it() {
    let scene = Scene::new().await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    scanner.sync(&scene.publisher);
    let stolen = scene.publisher.newest().unwrap().kid;
    scene.install(1, |draft| draft.compromise(stolen, None).unwrap()).await;
    let refused = scene.publisher.publish_own().await;
    assert!(matches!(refused, Err(PublishError::KeyUnavailable { .. })), "{refused:?}");
    let bundled = scene.publisher.bundle(&scanner.says).unwrap();
    scanner.held.adopt_bundle(&bundled.bytes).unwrap();
    assert_eq!(scanner.held.trust().unwrap().content().sequence, 2);
    assert!(scanner.held.manifest().is_none(), "what the stolen key signed is dropped");
    assert!(scene.publisher.held().is_none());
    // So it is after a restart, and the service starts.
    let scene = scene.restarted().await;
    assert!(scene.publisher.held().is_none());
    assert!(scene.publisher.bundle(&HeldByScanner::default()).is_some());
}

#[tokio::test]
async fn survivors_ride_along_until_the_scanner_has_them() {
    let scene = Scene::new().await;
    let kid = scene.trust.lists.current().unwrap().list.content().authorities[1].keys[0].kid();
    let prepared = scene.trust.lists.prepare_survivors(&call("PrepareSurvivors", 1), kid).await.unwrap();
    scene.install(2, |draft| draft.compromise(kid, Some(prepared.hash)).unwrap()).await;
    scene.publish().await;
    let mut scanner = scene.scanner();
    let all = scanner.sync(&scene.publisher);
    assert_eq!(all, scene.publisher.newest().unwrap().manifest.lists.len() + 1);
    assert_eq!(scanner.says.survivors, [prepared.hash]);
    scene.publish().await;
    assert_eq!(scanner.sync(&scene.publisher), 0);
}

#[tokio::test]
async fn second_replica_goes_on_where_the_first_one_was() {
    let scene = Scene::new().await;
    let other = publisher(&scene.seen, &scene.trust, &scene.clock).await.unwrap();
    scene.publish().await;
    scene.commit(&[(7, Value::Revoked)]).await;
    assert_eq!(other.publish_own().await.unwrap().manifest_seq, 2);
    assert_eq!(scene.publish().await.manifest_seq, 3);
    let mut scanner = scene.scanner();
    scanner.adopt(&other.bundle(&HeldByScanner::default()).unwrap());
    scanner.sync(&scene.publisher);
    assert_eq!(scanner.value(7), Value::Revoked);
}

#[tokio::test]
async fn weeks_pass_and_what_nobody_needs_is_cleared_away() {
    let scene = Scene::new().await;
    scene.publish().await;
    let first = scene.publisher.newest().unwrap().manifest.lists[0];
    let name = |hash: &[u8; 32]| format!("s/{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    for day in 0..20_u32 {
        scene.commit(&[(day * 3 + 2, Value::Revoked)]).await;
        scene.publish().await;
        scene.clock.advance(i64::from(DAY));
    }
    scene.publish().await;
    let newest = scene.publisher.newest().unwrap();
    assert!(newest.manifest.lists[0].list > first.list);
    assert_eq!(scene.publisher.object(&name(&first.state)).await.unwrap(), None);
    for entry in &newest.manifest.lists {
        assert!(scene.publisher.object(&name(&entry.state)).await.unwrap().is_some());
        assert!(scene.publisher.object(&name(&entry.base)).await.unwrap().is_some());
    }
    let scene = scene.restarted().await;
    scene.publish().await;
    scene.scanner().sync(&scene.publisher);
}

#[tokio::test]
async fn clock_that_is_set_back_makes_no_older_manifest() {
    let scene = Scene::new().await;
    let first = scene.publish().await;
    scene.clock.set(NOW - 3_600);
    let second = scene.publisher.publish_own().await.unwrap();
    assert_eq!((second.manifest_seq, second.issued), (2, first.issued));
}

#[tokio::test]
async fn token_status_list_says_the_same_as_the_state() {
    let scene = Scene::new().await;
    assert_eq!(scene.publisher.status_token(LIST).unwrap(), None);
    scene.commit(&[(0, Value::Revoked), (9, Value::Suspended)]).await;
    scene.publish().await;
    let token = scene.publisher.status_token(LIST).unwrap().unwrap();
    let uri = format!("HTTPS://PASS.TEST/S/{LIST}");
    let read = UnverifiedStatusToken::read(&token).unwrap();
    let (claims, list) = read.verify(&scene.status_key(), &uri, scene.clock.now_s()).unwrap();
    assert_eq!((claims.ttl, claims.issued), (Some(60), (NOW + 1) as u64));
    assert_eq!((list.bits(), list.array().len()), (2, 16_384));
    assert_eq!((list.value(0), list.value(1), list.value(9)), (Some(1), Some(0), Some(2)));
    assert_eq!(scene.publisher.status_token(LIST).unwrap().unwrap(), token);
    assert_eq!(scene.publisher.status_token(1).unwrap(), None);
}

//! Trust lists in the registry: founded once, installed one after the other, adopted as a scanner adopts.

use std::path::Path;
use std::sync::Arc;

use freightpass::audit::{AuditLog, Call, EntryFilter};
use freightpass::identity::{Competence, Competences, FormerAuthority, Officer, Role, Sight};
use freightpass::pass::{Signer as _, SignerError};
use freightpass::storage::{PageRequest, Sqlite, StorageError, Store};
use freightpass::trust::bootstrap::{self, BootstrapError, FirstStart, Trust};
use freightpass::trust::ceremony::{Beginning, Draft, Holder, cosign};
use freightpass::trust::{
    Cost, KeyUse, Keyring, MadeBy, Passphrase, Prepared, ROOT, SignedPlace, StoredList, TrustError, TrustLists,
    TrustStore, read_key, write_key,
};
use freightpass_core::bundle::Provision;
use freightpass_core::hold::AdoptionError;
use freightpass_core::key::Kid;
use freightpass_core::trust::Roots;
use jiff::Timestamp;
use tokio::sync::Notify;
use uuid::Uuid;

const NOW: i64 = 1_796_054_400;
const DAY: u32 = 86_400;
/// A test that hangs must fail one day.
const AT_LAST: std::time::Duration = std::time::Duration::from_secs(60);

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn now_s() -> u32 {
    NOW as u32
}

fn call(request: u128, contents: u8) -> Call {
    let officer = Officer { body: "CN-32".to_owned(), name: "ops".to_owned(), roles: vec![Role::Operator] };
    Call {
        officer,
        method: "InstallTrustList",
        request_id: Uuid::from_u128(request),
        fingerprint: [contents; 32],
        at: now(),
    }
}

async fn development(folder: &Path) -> (Store<Sqlite>, Trust) {
    let store = Store::open(folder).await.unwrap();
    let trust = start(folder, &store, FirstStart::Found).await.unwrap();
    (store, trust)
}

async fn start(folder: &Path, store: &Store<Sqlite>, first: FirstStart) -> Result<Trust, BootstrapError> {
    let passphrase = folder.join("secrets/passphrase");
    bootstrap::open(folder, &passphrase, Arc::new(store.clone()), first, now()).await
}

fn root_key(folder: &Path) -> ed25519_dalek::SigningKey {
    let passphrase = Passphrase::read(&folder.join("secrets/passphrase")).unwrap();
    let keys = std::fs::read_dir(folder.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let root = keys.into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(ROOT)).unwrap();
    read_key(&root, &passphrase).unwrap()
}

#[tokio::test]
async fn development_is_founded_once_and_is_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (store, trust) = development(folder.path()).await;
    let first = trust.lists.current().unwrap();
    let again = start(folder.path(), &store, FirstStart::Found).await.unwrap();
    let second = again.lists.current().unwrap();
    assert_eq!(first.list, second.list);
    assert_eq!(trust.keys.held(), again.keys.held());
    assert_eq!(first.chain.len(), 1);

    let file = std::fs::read(folder.path().join("provision.fp")).unwrap();
    let provision = Provision::decode(&file).unwrap();
    assert_eq!(*provision.deployment(), first.list.content().deployment);
    let status_uri = format!("{}{}", first.list.content().status_base, 2969);
    assert_eq!(status_uri.len(), 24);

    let keyring = Keyring::new(again.lists.clone(), again.keys.clone());
    for code in ["CN-32", "CN-3205", "CN-3301"] {
        let kid = keyring.key_for(code, now_s()).unwrap();
        let message = b"a pass";
        let signature = keyring.sign(kid, message).unwrap();
        let holder = second.list.issuer(kid).unwrap();
        assert_eq!(holder.authority.code, code);
        assert!(holder.key.verifies(message, &signature));
    }
    assert_eq!(keyring.keys_in_use(now_s()).len(), 3);
    assert_eq!(keyring.key_for("CN-320583", now_s()), None);
    assert_eq!(keyring.key_for("CN-32", now_s() + 366 * DAY), None);

    // Roots, status key, three authorities; the root's private half is not held.
    let keys = again.lists.keys();
    let uses: Vec<_> = keys.iter().map(|key| (key.key_use, keyring.holds(key.kid))).collect();
    assert_eq!(uses[0], (KeyUse::Root, false));
    assert_eq!(uses[1], (KeyUse::Status, true));
    assert_eq!(uses[2..], [(KeyUse::Pass, true); 3]);

    let competence: Arc<Competence> = Competences::current(&*again.lists);
    assert_eq!(competence.authority("CN-3205").unwrap().number, 320_500);
    assert_eq!(competence.longest_life_s, 30 * DAY);
}

#[tokio::test]
async fn lost_provisioning_file_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = development(folder.path()).await;
    let path = folder.path().join("provision.fp");
    let file = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    start(folder.path(), &store, FirstStart::Found).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), file);
}

#[tokio::test]
async fn production_refuses_what_development_made_and_a_root_key_beside_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = development(folder.path()).await;
    let refused = start(folder.path(), &store, FirstStart::Adopt).await.err().unwrap();
    assert!(matches!(refused, BootstrapError::MadeByDevelopment { .. }), "{refused}");
    assert!(refused.to_string().contains("new data folder"), "{refused}");

    // The keys alone, in the folder of a deployment that begins.
    let next = tempfile::tempdir().unwrap();
    std::fs::create_dir(next.path().join("secrets")).unwrap();
    std::fs::write(next.path().join("secrets/passphrase"), "from the ceremony\n").unwrap();
    write_key(&next.path().join("keys"), ROOT, &root_key(folder.path()), &Passphrase::new("x"), Cost::Machine).unwrap();
    let store = Store::open(next.path()).await.unwrap();
    let refused = start(next.path(), &store, FirstStart::Adopt).await.err().unwrap();
    assert!(matches!(refused, BootstrapError::RootKey { .. }), "{refused}");
}

#[tokio::test]
async fn next_list_is_installed_once_with_one_audit_entry_and_older_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (store, trust) = development(folder.path()).await;
    let root = root_key(folder.path());
    let first = trust.lists.current().unwrap();
    let mut draft = Draft::next(&first.list, now_s() + 1, now_s() + 90 * DAY).unwrap();
    let key = trust.keys.create("CN-3205", Cost::Machine).unwrap().verifying_key().to_bytes();
    let holder = Holder::Authority("CN-3205".to_owned());
    let new = draft.add_key(&holder, key, now_s(), now_s() + 30 * DAY).unwrap();
    let object = cosign(&draft.encode().unwrap(), &root, Some(&first.list)).unwrap();
    let mut changed = trust.lists.changed();
    changed.mark_unchanged();

    let dry = trust.lists.install(&call(1, 1), &object, true).await.unwrap();
    assert_eq!(dry.sequence, 2);
    assert_eq!(trust.lists.current().unwrap().list.content().sequence, 1);
    let installed = trust.lists.install(&call(1, 1), &object, false).await.unwrap();
    assert_eq!(installed, dry);
    assert!(changed.has_changed().unwrap());
    // The retry, and the same list under another request id.
    assert_eq!(trust.lists.install(&call(1, 1), &object, false).await.unwrap(), installed);
    assert_eq!(trust.lists.install(&call(2, 1), &object, false).await.unwrap(), installed);
    let reused = trust.lists.install(&call(1, 2), &object, false).await;
    assert!(matches!(reused, Err(TrustError::Storage(StorageError::RequestReused))), "{reused:?}");

    let in_force = trust.lists.current().unwrap();
    assert!(in_force.list.issuer(new).is_some());
    // Of two keys the one whose window began last signs.
    let keyring = Keyring::new(trust.lists.clone(), trust.keys.clone());
    assert_eq!(keyring.key_for("CN-3205", now_s()), Some(new));

    let rolled_back = trust.lists.install(&call(3, 3), &first.chain[0], false).await;
    let rolled_back = rolled_back.err().unwrap();
    assert!(
        matches!(rolled_back, TrustError::NotAdopted(AdoptionError::RolledBack { found: (1, _), held: (2, _) })),
        "{rolled_back}"
    );
    let unreadable = trust.lists.install(&call(4, 4), b"no list", false).await;
    assert!(matches!(unreadable, Err(TrustError::Unreadable(_))));
    let huge = trust.lists.install(&call(4, 4), &vec![0; (1 << 20) + 1], false).await;
    assert!(huge.is_err());

    // After a third list the retry of the second still gets its answer.
    let draft = Draft::next(&in_force.list, now_s() + 2, now_s() + 90 * DAY).unwrap();
    let third = cosign(&draft.encode().unwrap(), &root, None).unwrap();
    trust.lists.install(&call(5, 5), &third, false).await.unwrap();
    assert_eq!(trust.lists.install(&call(1, 1), &object, false).await.unwrap(), installed);

    let filter = EntryFilter { subject_kind: Some("trust_list".to_owned()), ..EntryFilter::default() };
    let sight = Sight::All;
    let log = AuditLog::new(Arc::new(store.clone()));
    let entries = log.entries(&sight, &filter, &PageRequest { size: 10, token: String::new() }).await.unwrap();
    let subjects: Vec<_> = entries.items.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["1", "2", "3"]);

    let again = start(folder.path(), &store, FirstStart::Found).await.unwrap();
    assert_eq!(again.lists.current().unwrap().list.content().sequence, 3);
}

#[tokio::test]
async fn list_that_is_stored_comes_into_force_though_its_caller_went_away() {
    let folder = tempfile::tempdir().unwrap();
    let (store, trust) = development(folder.path()).await;
    let stops = Arc::new(StopsAfterInstall { store, stored: Notify::new(), go_on: Notify::new() });
    let lists = Arc::new(TrustLists::open(stops.clone()).await.unwrap());
    let mut changed = lists.changed();
    let draft = Draft::next(&trust.lists.current().unwrap().list, now_s() + 1, now_s() + 90 * DAY).unwrap();
    let object = cosign(&draft.encode().unwrap(), &root_key(folder.path()), None).unwrap();

    let installing = tokio::spawn({
        let lists = lists.clone();
        async move { lists.install(&call(1, 1), &object, false).await }
    });
    stops.stored.notified().await;
    installing.abort();
    assert!(installing.await.unwrap_err().is_cancelled());
    assert_eq!(*changed.borrow_and_update(), 1);
    stops.go_on.notify_one();
    tokio::time::timeout(AT_LAST, changed.wait_for(|sequence| *sequence == 2)).await.expect("in force").unwrap();
    assert_eq!(lists.current().unwrap().list.content().sequence, 2);
}

#[tokio::test]
async fn authority_that_was_taken_off_the_list_is_one_of_the_past_until_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (store, trust) = development(folder.path()).await;
    let root = root_key(folder.path());
    let former = |competence: Arc<Competence>| -> Vec<(String, Option<String>)> {
        let of = |it: &FormerAuthority| (it.code.clone(), it.division.as_ref().map(ToString::to_string));
        competence.former.iter().map(of).collect()
    };
    let suzhou = vec![("CN-3205".to_owned(), Some("3205".to_owned()))];
    let first = trust.lists.current().unwrap();
    for (at, expected) in [(1, suzhou.clone()), (2, suzhou.clone()), (3, Vec::new())] {
        let in_force = trust.lists.current().unwrap();
        let draft = Draft::next(&in_force.list, now_s() + at, now_s() + 90 * DAY).unwrap();
        let mut content = draft.content().clone();
        match at {
            1 => content.authorities.retain(|it| it.code != "CN-3205"),
            2 => {}
            _ => content.authorities.clone_from(&first.list.content().authorities),
        }
        let object = cosign(&content.encode().unwrap(), &root, None).unwrap();
        trust.lists.install(&call(at.into(), 1), &object, false).await.unwrap();
        assert_eq!(former(Competences::current(&*trust.lists)), expected, "list {}", at + 1);
        let again = start(folder.path(), &store, FirstStart::Found).await.unwrap();
        assert_eq!(former(Competences::current(&*again.lists)), expected, "list {} after a start", at + 1);
    }
}

/// A registry that says when a list is stored, and answers only then.
struct StopsAfterInstall {
    store: Store<Sqlite>,
    stored: Notify,
    go_on: Notify,
}

#[async_trait::async_trait]
impl TrustStore for StopsAfterInstall {
    async fn provision(&self) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.provision().await
    }

    async fn trust_lists(&self) -> Result<Vec<StoredList>, StorageError> {
        self.store.trust_lists().await
    }

    async fn made_by(&self) -> Result<Option<MadeBy>, StorageError> {
        self.store.made_by().await
    }

    async fn found(
        &self,
        made_by: MadeBy,
        provision: &[u8],
        first: &StoredList,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        self.store.found(made_by, provision, first, at).await
    }

    async fn install(&self, call: &Call, list: &StoredList) -> Result<(), StorageError> {
        self.store.install(call, list).await?;
        self.stored.notify_one();
        self.go_on.notified().await;
        Ok(())
    }

    async fn signed_by(
        &self,
        kid: [u8; 8],
        oldest_list: u32,
        after: Option<(u32, u32)>,
        limit: u32,
    ) -> Result<Vec<SignedPlace>, StorageError> {
        self.store.signed_by(kid, oldest_list, after, limit).await
    }

    async fn keep_survivors(
        &self,
        call: &Call,
        kid: [u8; 8],
        hash: [u8; 32],
        object: &[u8],
        passes: u64,
    ) -> Result<Prepared, StorageError> {
        self.store.keep_survivors(call, kid, hash, object, passes).await
    }

    async fn survivors(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.survivors(hash).await
    }
}

#[tokio::test]
async fn compromised_key_signs_nothing_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let (_, trust) = development(folder.path()).await;
    let first = trust.lists.current().unwrap();
    let keyring = Keyring::new(trust.lists.clone(), trust.keys.clone());
    let kid = keyring.key_for("CN-3301", now_s()).unwrap();
    let mut draft = Draft::next(&first.list, now_s() + 1, now_s() + 90 * DAY).unwrap();
    draft.compromise(kid, None).unwrap();
    let object = cosign(&draft.encode().unwrap(), &root_key(folder.path()), None).unwrap();
    trust.lists.install(&call(1, 1), &object, false).await.unwrap();
    assert_eq!(keyring.key_for("CN-3301", now_s()), None);
    assert!(!keyring.keys_in_use(0).contains(&kid));
    assert!(matches!(keyring.sign(kid, b"x"), Err(SignerError::KeyUnavailable { kid: of }) if of == kid));
}

#[tokio::test]
async fn new_roots_stay_in_the_chain_of_every_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let (_, trust) = development(folder.path()).await;
    let old = root_key(folder.path());
    let new = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let first = trust.lists.current().unwrap();
    let mut draft = Draft::next(&first.list, now_s() + 1, now_s() + 90 * DAY).unwrap();
    draft.set_roots(Roots { threshold: 1, keys: vec![new.verifying_key().to_bytes()] });
    let payload = draft.encode().unwrap();
    let by_new_alone = cosign(&payload, &new, None).unwrap();
    let refused = trust.lists.install(&call(1, 1), &by_new_alone, false).await;
    assert!(matches!(refused, Err(TrustError::NotAdopted(AdoptionError::Threshold { .. }))));
    let second = cosign(&by_new_alone, &old, Some(&first.list)).unwrap();
    trust.lists.install(&call(2, 2), &second, false).await.unwrap();
    let in_force = trust.lists.current().unwrap();
    let third = Draft::next(&in_force.list, now_s() + 2, now_s() + 90 * DAY).unwrap().encode().unwrap();
    let third = cosign(&third, &new, None).unwrap();
    trust.lists.install(&call(3, 3), &third, false).await.unwrap();
    let sequences: Vec<_> = trust.lists.chain().iter().map(|(list, _)| list.sequence).collect();
    assert_eq!(sequences, [2, 3]);
}

#[tokio::test]
async fn production_adopts_what_the_ceremony_left_and_starts_without_trust_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let passphrase = folder.path().join("secrets/passphrase");
    std::fs::write(&passphrase, "from the ceremony\r\n").unwrap();
    let empty = start(folder.path(), &store, FirstStart::Adopt).await.unwrap();
    assert!(empty.lists.current().is_none());
    let refused = empty.lists.install(&call(1, 1), b"", false).await;
    assert!(matches!(refused, Err(TrustError::NoTrust)));

    let (root, status) =
        (ed25519_dalek::SigningKey::from_bytes(&[1; 32]), ed25519_dalek::SigningKey::from_bytes(&[2; 32]));
    let mut draft = Draft::first(Beginning {
        deployment: *b"ceremony",
        roots: Roots { threshold: 1, keys: vec![root.verifying_key().to_bytes()] },
        issued: now_s(),
        expires: now_s() + DAY,
        max_age: DAY,
        skew: 300,
        longest_life: DAY,
        status_base: "HTTPS://PASS.TEST/S/".to_owned(),
    });
    draft.add_key(&Holder::Status, status.verifying_key().to_bytes(), now_s(), now_s() + DAY).unwrap();
    let object = cosign(&draft.encode().unwrap(), &root, None).unwrap();
    write_key(&folder.path().join("keys"), "status", &status, &Passphrase::new("from the ceremony"), Cost::Machine)
        .unwrap();
    std::fs::write(folder.path().join("provision.fp"), draft.provision().unwrap().encode()).unwrap();
    std::fs::write(folder.path().join("trust.fp"), &object[..object.len() - 1]).unwrap();
    let damaged = start(folder.path(), &store, FirstStart::Adopt).await.err().unwrap();
    assert!(matches!(damaged, BootstrapError::NotAdopted { .. }), "{damaged}");
    std::fs::write(folder.path().join("trust.fp"), &object).unwrap();
    let trust = start(folder.path(), &store, FirstStart::Adopt).await.unwrap();
    assert_eq!(trust.lists.current().unwrap().list.content().deployment, *b"ceremony");
    assert!(trust.keys.holds(Kid::of(&status.verifying_key().to_bytes())));
    let found = start(folder.path(), &store, FirstStart::Found).await.err().unwrap();
    assert!(matches!(found, BootstrapError::MadeByCeremony { .. }), "{found}");
    let founded_again = store.found(MadeBy::Ceremony, b"x", &store.trust_lists().await.unwrap()[0], now()).await;
    assert!(matches!(founded_again, Err(StorageError::Duplicate { .. })));
}

#[tokio::test]
async fn survivors_of_a_key_of_nobody_are_not_found_and_an_empty_set_is_a_set() {
    let folder = tempfile::tempdir().unwrap();
    let (_, trust) = development(folder.path()).await;
    let unknown = trust.lists.prepare_survivors(&call(1, 1), Kid([0; 8])).await;
    assert!(matches!(unknown, Err(TrustError::KeyUnknown { .. })));
    let keyring = Keyring::new(trust.lists.clone(), trust.keys.clone());
    let kid = keyring.key_for("CN-32", now_s()).unwrap();
    let prepared = trust.lists.prepare_survivors(&call(1, 1), kid).await.unwrap();
    assert_eq!(prepared.passes, 0);
    // The salt is drawn anew; the retry gets the set of the first time.
    assert_eq!(trust.lists.prepare_survivors(&call(1, 1), kid).await.unwrap(), prepared);
    assert_ne!(trust.lists.prepare_survivors(&call(2, 1), kid).await.unwrap().hash, prepared.hash);
    let object = trust.lists.survivors(prepared.hash).await.unwrap().unwrap();
    assert_eq!(object.len() as u64, prepared.size_bytes);
}

#[tokio::test]
async fn key_folder_under_another_passphrase_is_refused_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = development(folder.path()).await;
    std::fs::write(folder.path().join("secrets/passphrase"), "another\n").unwrap();
    let refused = start(folder.path(), &store, FirstStart::Found).await.err().unwrap();
    assert!(refused.to_string().contains("under this passphrase"), "{refused}");
}

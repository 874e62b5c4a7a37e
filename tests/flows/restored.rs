//! Backups of a running service, and the way back: what was published since stays published, and nothing is given out
//! twice (FP-30).

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass_core::bundle::Provision;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::Held;
use freightpass_core::scan::{Observation, Outcome, Policy, scan};
use freightpass_core::status::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row};

use crate::city::{SUZHOU, apply, approve, form, list, now, passes, request_id};
use crate::server::{AT_LAST, Said, Server, command};

/// Passes of the backup, and those that are issued after it.
const BEFORE: usize = 12;
const AFTER: usize = 4;
/// Passes that are issued once more is restored.
const AGAIN: usize = 5;

/// Kunshan, where the journeys begin.
const KUNSHAN: u32 = 320_583;

/// A city at work: a backup was made in the middle of the day.
struct City {
    server: Server,
    backup: PathBuf,
    /// In the backup.
    before: Vec<proto::Pass>,
    /// Issued since.
    after: Vec<proto::Pass>,
    /// Revoked since the backup: two passes that it knows and one that it does not.
    revoked: Vec<proto::Pass>,
    /// A scanner that holds what was published last.
    held: Held,
    /// The applications of trucks that have no pass yet.
    waiting: Vec<String>,
}

impl City {
    async fn at_work() -> Self {
        let server = Server::start().await;
        let trucks = BEFORE + AFTER + AGAIN;
        list(&server, trucks.try_into().unwrap()).await;
        let mut ids = apply(&server, (1..).take(trucks).map(|truck| form(1, truck, 7)).collect()).await;
        let waiting = ids.split_off(BEFORE + AFTER);
        let before = approve(&server, &ids[..BEFORE]).await;
        for pass in &before[..5] {
            revoke(&server, &pass.number).await;
        }
        server.until_metric("freightpass_manifest_log_seq", 5.0).await;
        let backup = back_up(&server).await;

        let after = approve(&server, &ids[BEFORE..]).await;
        let revoked = vec![before[5].clone(), before[6].clone(), after[0].clone()];
        for pass in &revoked {
            revoke(&server, &pass.number).await;
        }
        server.until_metric("freightpass_manifest_log_seq", 8.0).await;
        let provision = std::fs::read(server.data().join("provision.fp")).unwrap();
        let mut held = Held::provisioned(&Provision::decode(&provision).unwrap());
        held.adopt_bundle(&bundle(&server).await).unwrap().all_adopted().unwrap();
        held.confirm_start().unwrap();
        let city = Self { server, backup, before, after, revoked, held, waiting };
        city.everything_is_as_published(&city.held);
        city
    }

    /// What a scanner says of every pass that was ever issued.
    fn everything_is_as_published(&self, held: &Held) {
        let stopped: HashSet<&str> =
            self.before[..5].iter().chain(&self.revoked).map(|pass| pass.number.as_str()).collect();
        for pass in self.before.iter().chain(&self.after) {
            let wanted = match stopped.contains(pass.number.as_str()) {
                true => (Outcome::Refuse, "revoked"),
                false => (Outcome::Admit, "admit"),
            };
            let county = Some(Division::Code(Code::new(KUNSHAN).unwrap()));
            let seen = Observation { county, ..Observation::default() };
            let verdict = scan(&pass.text, held, &Policy::default(), &seen, now().try_into().unwrap());
            assert_eq!((verdict.outcome(), verdict.code()), wanted, "{}", pass.number);
        }
    }

    /// What the restored service, which is ready, publishes, answers and gives out.
    async fn is_right(&self, at_least: u32) {
        let seq = self.held.manifest().unwrap().seq;
        let mut held = self.held.clone();
        let newest = loop {
            held.adopt_bundle(&bundle(&self.server).await).unwrap().all_adopted().unwrap();
            let newest = held.manifest().unwrap().seq;
            if newest > seq {
                break newest;
            }
            tokio::task::yield_now().await;
        };
        assert!(newest >= at_least, "{newest}");
        self.everything_is_as_published(&held);
        // A scanner that is set up now learns the same.
        let mut fresh = Held::provisioned(self.held.provision());
        fresh.adopt_bundle(&bundle(&self.server).await).unwrap().all_adopted().unwrap();
        fresh.confirm_start().unwrap();
        self.everything_is_as_published(&fresh);

        let mut client = CheckpointServiceClient::new(self.server.public().await);
        for pass in &self.revoked {
            let asked = Some(proto::check_pass_request::Pass::Text(pass.text.clone()));
            let request = proto::CheckPassRequest { pass: asked, ..Default::default() };
            let answer = client.check_pass(request).await.unwrap().into_inner();
            assert_eq!(answer.state(), proto::PassState::Revoked, "{}", pass.number);
        }
        for pass in &self.revoked[..2] {
            let asked = Some(proto::check_pass_request::Pass::PassNumber(pass.number.clone()));
            let request = proto::CheckPassRequest { pass: asked, ..Default::default() };
            let answer = client.check_pass(request).await.unwrap().into_inner();
            assert_eq!(answer.state(), proto::PassState::Revoked, "{}", pass.number);
        }

        let new = approve_when_there_are_places(&self.server, &self.waiting).await;
        assert_eq!(new.len(), AGAIN);
        let all = || self.before.iter().chain(&self.after).chain(&new);
        let numbers: HashSet<_> = all().map(|pass| &pass.number).collect();
        let places: HashSet<_> = all().map(|pass| (pass.status_list, pass.status_index)).collect();
        assert_eq!((numbers.len(), places.len()), (all().count(), all().count()), "{new:#?}");
        for pass in &new {
            let value = held.state(pass.status_list).and_then(|state| state.value(pass.status_index));
            assert!(value.is_none_or(|value| value == Value::Valid), "{} stands in a place that is taken", pass.number);
        }
        assert_eq!(passes(&self.server.chief(SUZHOU).await).await.len(), BEFORE + AGAIN);
    }

    async fn restore(&self, more: &[&str]) -> Said {
        let (backup, data) = (self.backup.display().to_string(), self.server.data().display().to_string());
        let mut arguments = vec!["restore", &backup, "--data", &data];
        arguments.extend_from_slice(more);
        self.server.verb(&arguments).await
    }
}

/// FP-30.
#[tokio::test]
async fn what_was_revoked_since_the_backup_stays_revoked_and_the_old_log_is_not_replayed() {
    let mut city = City::at_work().await;
    let data = city.server.data();
    let refused = city.restore(&[]).await;
    assert_eq!(refused.code, Some(3), "a service runs on it: {refused:#?}");
    assert!(refused.err.contains("another freightpass works in"), "{refused:#?}");
    city.server.kill().await;
    let log = data.join("registry.sqlite-wal");
    assert!(log.metadata().unwrap().len() > 0, "what was written last lies in the log");

    let said = city.restore(&[]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let aside = said.out.lines().find_map(|line| line.strip_prefix("the old folder is ")).expect("set aside");
    assert!(Path::new(aside).join("registry.sqlite-wal").metadata().unwrap().len() > 0);
    assert!(!log.exists() || log.metadata().unwrap().len() == 0);

    let published = manifests(&Path::new(aside).join("registry.sqlite"), false).await;
    let (_, last) = published.last_key_value().map(|(seq, object)| (*seq, object.clone())).unwrap();
    assert!(!last.is_empty());
    city.server.start_again().await;
    city.is_right(1).await;
    // No manifest has the seq of one that was signed before, and other contents.
    for (seq, object) in manifests(&data.join("registry.sqlite"), true).await {
        assert!(published.get(&seq).is_none_or(|before| *before == object), "manifest {seq}");
    }
    // The reasons came back with what was revoked.
    let chief = city.server.chief(SUZHOU).await;
    let mut client = RevocationServiceClient::new(chief);
    let request = proto::ListRevocationsRequest { page_size: 100, ..Default::default() };
    let changes = client.list_revocations(request).await.unwrap().into_inner().changes;
    let misused = changes.iter().filter(|change| change.reason() == proto::StatusReason::Misuse);
    assert_eq!(misused.count(), 7, "{changes:#?}");
    assert_eq!(city.server.stop().await, Some(0));
}

#[tokio::test]
async fn what_was_answered_and_not_published_before_the_kill_stays_revoked() {
    let mut city = City::at_work().await;
    let last = city.before[7].clone();
    revoke(&city.server, &last.number).await;
    city.server.kill().await;
    city.revoked.push(last);
    // Whether it was published in time is a matter of milliseconds: it was not.
    let file = city.server.data().join("registry.sqlite");
    let mut db = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    sqlx::query("DELETE FROM manifests WHERE log_seq > 8").execute(&mut db).await.unwrap();
    db.close().await.unwrap();

    let said = city.restore(&[]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.out.contains("taken from the status log of the old folder: 1 place(s)"), "{said:#?}");
    city.server.start_again().await;
    city.is_right(1).await;
    assert_eq!(city.server.stop().await, Some(0));
}

#[tokio::test]
async fn machine_that_is_gone_comes_back_by_its_published_bundle_or_not_without_being_asked() {
    let mut city = City::at_work().await;
    let data = city.server.data();
    let bundle = city.server.beside("bundle.fp");
    std::fs::write(&bundle, self::bundle(&city.server).await).unwrap();
    let bundle = bundle.display().to_string();
    let stale = city.server.beside("stale.fp");
    city.server.kill().await;
    let passphrase = city.server.beside("backup-passphrase");
    std::fs::copy(data.join("secrets/backup-passphrase"), &passphrase).unwrap();
    let backup = city.server.beside("copy.fpbackup");
    std::fs::copy(&city.backup, &backup).unwrap();
    city.backup = backup;
    let passphrase = passphrase.display().to_string();
    let with = ["--passphrase-file", &passphrase];

    // The registry is there, and broken, its log too.
    std::fs::write(data.join("registry.sqlite-wal"), vec![7; 10_000]).unwrap();
    std::fs::write(data.join("registry.sqlite"), vec![7; 10_000]).unwrap();
    let before = tree(&data);
    let refused = city.restore(&with).await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(refused.err.contains("--published") && refused.err.contains("--without-published"), "{refused:#?}");
    assert_eq!(tree(&data), before);
    // The folder is gone.
    std::fs::remove_dir_all(&data).unwrap();
    let refused = city.restore(&with).await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(!data.exists());
    // What is no bundle is not taken for one.
    std::fs::write(&stale, "nothing").unwrap();
    let refused = city.restore(&[&with[..], &["--published", &stale.display().to_string()]].concat()).await;
    assert_eq!(refused.code, Some(3), "{refused:#?}");
    assert!(refused.err.contains("no bundle") && !data.exists(), "{refused:#?}");

    let said = city.restore(&[&with[..], &["--published", &bundle]].concat()).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.out.contains("read back: manifest"), "{said:#?}");
    city.server.start_again().await;
    city.is_right(city.held.manifest().unwrap().seq + 1_000).await;
    let first = passes(&city.server.chief(SUZHOU).await).await;
    city.server.kill().await;

    // Once more from the same backup, by an operator who has nothing else and says so: what the first restore gave out
    // is not given out again either.
    std::fs::remove_dir_all(&data).unwrap();
    let said = city.restore(&[&with[..], &["--without-published"]].concat()).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(said.out.contains("WITHOUT what was published"), "{said:#?}");
    city.server.start_again().await;
    let new = approve_when_there_are_places(&city.server, &city.waiting).await;
    for pass in &new {
        assert!(!first.contains_key(&pass.number), "{}", pass.number);
        let place = (pass.status_list, pass.status_index);
        assert!(city.after.iter().all(|old| (old.status_list, old.status_index) != place), "{}", pass.number);
    }
    assert_eq!(city.server.stop().await, Some(0));
}

#[tokio::test]
async fn damaged_backup_and_wrong_passphrase_are_named_and_write_nothing() {
    let mut city = City::at_work().await;
    let data = city.server.data();
    let said = city.server.verb(&["backup", "inspect", &city.backup.display().to_string()]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    for part in ["deployment ", "status log 5,", "12 pass(es)", "whole: "] {
        assert!(said.out.contains(part), "{part} in {said:#?}");
    }
    assert_eq!(city.server.stop().await, Some(0));
    let whole = std::fs::read(&city.backup).unwrap();
    for secret in ["BEGIN ENCRYPTED PRIVATE KEY", "SQLite format 3", "freightpass ready", "contents.json"] {
        assert!(!whole.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in plaintext");
    }
    let before = (tree(&data), names(data.parent().unwrap()));
    // A clock that is behind the backup.
    let order = freightpass::restore::Order {
        backup: city.backup.clone(),
        passphrase: freightpass::trust::Passphrase::read(&data.join("secrets/backup-passphrase")).unwrap(),
        data: data.clone(),
        published: None,
        without: freightpass::restore::Without::Refuse,
    };
    let past = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    let refused = freightpass::restore::restore(order, past, &|_| ()).await.unwrap_err().to_string();
    assert!(refused.contains("2023-11-14T22:13:20Z") && refused.contains("set the clock"), "{refused}");
    let wrong = city.server.beside("wrong");
    std::fs::write(&wrong, "\u{feff}another one\r\n").unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let bad = city.server.beside("bad.fpbackup");
    let right = data.join("secrets/backup-passphrase");
    let passphrase = std::fs::read_to_string(&right).unwrap();
    for (bytes, passphrase_file, word) in [
        (whole.clone(), &wrong, "passphrase"),
        (changed, &right, "damaged"),
        (whole[..whole.len() - 1].to_vec(), &right, "cut off"),
        (whole[..whole.len() / 3].to_vec(), &right, "cut off"),
        (Vec::new(), &right, "no freightpass backup"),
        (b"freightpass backup 2, of the year 2030".to_vec(), &right, "format"),
    ] {
        std::fs::write(&bad, bytes).unwrap();
        let (file, passphrase) = (bad.display().to_string(), passphrase_file.display().to_string());
        let with = ["--passphrase-file", &passphrase];
        let inspected = city.server.verb(&[&["backup", "inspect", &file][..], &with].concat()).await;
        let restored =
            city.server.verb(&[&["restore", &file, "--data", &data.display().to_string()][..], &with].concat()).await;
        for said in [inspected, restored] {
            assert_eq!(said.code, Some(3), "{said:#?}");
            assert!(said.err.contains(word) && said.err.contains("bad.fpbackup"), "{word}: {said:#?}");
        }
    }
    std::fs::remove_file(&bad).unwrap();
    std::fs::remove_file(&wrong).unwrap();
    assert_eq!((tree(&data), names(data.parent().unwrap())), before);
    // The passphrase opens it whatever ends its line.
    let again = city.server.beside("passphrase");
    for ending in ["", "\n", "\r\n", "\r"] {
        std::fs::write(&again, format!("\u{feff}{}{ending}", passphrase.trim_end())).unwrap();
        let (file, passphrase) = (city.backup.display().to_string(), again.display().to_string());
        let said = city.server.verb(&["backup", "inspect", &file, "--passphrase-file", &passphrase]).await;
        assert_eq!(said.code, Some(0), "{ending:?}: {said:#?}");
    }
}

#[tokio::test]
async fn second_service_on_a_folder_and_one_of_a_newer_version_are_refused_in_words() {
    let mut server = Server::start().await;
    let output = command(&server.data(), &[]).output();
    let said = Said::of(tokio::time::timeout(AT_LAST, output).await.unwrap().unwrap());
    assert_eq!(said.code, Some(3), "{said:#?}");
    assert!(said.err.contains("another freightpass works in"), "{said:#?}");
    assert_eq!(server.stop().await, Some(0));

    let file = server.data().join("registry.sqlite");
    let mut db = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99, 'later', 1, x'00', 0)";
    sqlx::query(newer).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let before = std::fs::read(&file).unwrap();
    let output = command(&server.data(), &[]).output();
    let said = Said::of(tokio::time::timeout(AT_LAST, output).await.unwrap().unwrap());
    assert_eq!(said.code, Some(3), "{said:#?}");
    for part in ["schema version 99", "start the newer freightpass again"] {
        assert!(said.err.contains(part), "{part} in {said:#?}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before, "nothing was changed in it");
}

/// Has the service back itself up; the path.
async fn back_up(server: &Server) -> PathBuf {
    let said = server.verb(&["backup"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    said.out.lines().find_map(|line| line.strip_prefix("backup ")).expect("a path").into()
}

async fn revoke(server: &Server, number: &str) {
    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: number.to_owned(),
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    RevocationServiceClient::new(server.chief(SUZHOU).await).revoke_pass(request).await.unwrap();
}

async fn bundle(server: &Server) -> Vec<u8> {
    let mut client = CheckpointServiceClient::new(server.public().await).max_decoding_message_size(64 << 20);
    client.get_bundle(proto::GetBundleRequest { held: None }).await.unwrap().into_inner().bundle.to_vec()
}

/// Approves them one by one, once the first manifest has published places beyond those that are closed.
async fn approve_when_there_are_places(server: &Server, ids: &[String]) -> Vec<proto::Pass> {
    use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;

    let mut client = ApprovalServiceClient::new(server.chief(SUZHOU).await);
    let mut passes = Vec::new();
    for id in ids {
        let request = proto::ApproveApplicationRequest {
            request_id: request_id(),
            application_id: id.clone(),
            ..Default::default()
        };
        let answered = async {
            loop {
                match client.approve_application(request.clone()).await {
                    Ok(answer) => break answer.into_inner().pass.expect("a pass"),
                    Err(status) if crate::city::reason(&status) == "STATUS_LIST_FULL" => tokio::task::yield_now().await,
                    Err(status) => panic!("{status}"),
                }
            }
        };
        passes.push(tokio::time::timeout(AT_LAST, answered).await.expect("places in time"));
    }
    passes
}

/// Every manifest of a registry. Of a folder that was set aside, a copy is read: what lies there is evidence.
async fn manifests(registry: &Path, live: bool) -> BTreeMap<i64, Vec<u8>> {
    let copy = tempfile::tempdir().unwrap();
    let mut file = registry.to_owned();
    if !live {
        for name in ["registry.sqlite", "registry.sqlite-wal"] {
            std::fs::copy(registry.with_file_name(name), copy.path().join(name)).unwrap();
        }
        file = copy.path().join("registry.sqlite");
    }
    let mut db = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    let rows = sqlx::query("SELECT seq, object FROM manifests").fetch_all(&mut db).await.unwrap();
    db.close().await.unwrap();
    rows.iter().map(|row| (row.get("seq"), row.get("object"))).collect()
}

/// Every file below a folder with its contents.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

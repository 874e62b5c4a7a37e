//! A full disk, a folder that may not be written to, a clock that was set back: said in words, nothing lost, and over by
//! itself when the cause is.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use freightpass::checkpoint::{Publisher, Schedule};
use freightpass::clock::{Clock, FixedClock, SystemClock};
use freightpass::rpc::proto;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::storage::Store;
use freightpass::trust::Keyring;
use freightpass::trust::bootstrap::{self, FirstStart};
use tokio::process::Command;
use tonic::Code;

use crate::city::{SUZHOU, apply, approve, form, issue, list, passes, reason, request_id};
use crate::server::{Said, Server};

/// Room for a deployment and some journeys.
const DISK_BYTES: usize = 24 << 20;
/// Decisions that are tried on a full disk: SQLite's log has room left over from before.
const TRIES: usize = 60;
/// A user who owns nothing.
const NOBODY: &str = "65534";
/// How far the clock is behind: time enough to be seen, and soon over.
const BEHIND_S: u64 = 25;

/// A file system of its own, as long as it is held.
struct Mounted(PathBuf);

impl Mounted {
    /// None where mounting is not permitted: the test says so aloud, and tests nothing.
    async fn at(folder: &Path) -> Option<Self> {
        let size = format!("size={DISK_BYTES}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder);
        match mount.output().await {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            other => {
                skipped(&format!("no tmpfs can be mounted here ({other:?})"));
                None
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Says that a test did not test: past the harness, which would keep it to itself.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr().lock(), "\n*** SKIPPED, NOTHING WAS TESTED: {why} ***\n");
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_acknowledged_and_lost_and_it_goes_on_when_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mounted) = Mounted::at(folder.path()).await else { return };
    let mut server = Server::start_in(folder, &[("FREIGHTPASS__PUBLISH__COALESCE_MS", "0".to_owned())]).await;
    list(&server, TRIES.try_into().unwrap()).await;
    let ids = apply(&server, (1..).take(TRIES).map(|truck| form(1, truck, 7)).collect()).await;

    let filler = server.beside("filler");
    fill(&filler);
    let mut client = ApprovalServiceClient::new(server.chief(SUZHOU).await);
    let request = |id: &str| proto::ApproveApplicationRequest {
        request_id: request_id(),
        application_id: id.to_owned(),
        ..Default::default()
    };
    let (mut acknowledged, mut refused) = (BTreeSet::new(), None);
    for id in &ids {
        let request = request(id);
        match client.approve_application(request.clone()).await {
            Ok(answer) => {
                acknowledged.insert(answer.into_inner().pass.unwrap().number);
            }
            Err(status) => {
                assert_eq!(
                    (status.code(), reason(&status).as_str()),
                    (Code::ResourceExhausted, "DISK_FULL"),
                    "{status}"
                );
                refused = Some(request);
                break;
            }
        }
    }
    let refused = refused.expect("the disk is full");
    // It goes on answering from what it has, and says what is wrong.
    let held: BTreeSet<String> = passes(&server.chief(SUZHOU).await).await.into_keys().collect();
    assert_eq!(held, acknowledged);
    let mut checkpoint = CheckpointServiceClient::new(server.public().await).max_decoding_message_size(64 << 20);
    let bundle = checkpoint.get_bundle(proto::GetBundleRequest { held: None }).await.unwrap().into_inner();
    assert!(bundle.manifest_seq > 0);
    let said = server.verb(&["doctor", "--quiet"]).await;
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(said.out.lines().any(|line| line.starts_with("error disk") && line.contains("make space")), "{said:#?}");
    let said = server.verb(&["backup"]).await;
    assert_eq!(said.code, Some(3), "{said:#?}");
    assert!(said.err.contains("DISK_FULL"), "{said:#?}");
    let unfinished = fs::read_dir(server.data().join("backups")).map_or(0, Iterator::count);
    assert_eq!(unfinished, 0, "a backup that failed leaves nothing");

    fs::remove_file(&filler).unwrap();
    let again = client.approve_application(refused.clone()).await.unwrap().into_inner().pass.unwrap();
    assert!(acknowledged.insert(again.number.clone()));
    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: again.number,
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    let mut revocations = RevocationServiceClient::new(server.chief(SUZHOU).await);
    revocations.revoke_pass(request).await.unwrap();
    server.until_metric("freightpass_manifest_log_seq", 1.0).await;
    server.kill().await;
    server.start_again().await;
    let held: BTreeSet<String> = passes(&server.chief(SUZHOU).await).await.into_keys().collect();
    assert_eq!(held, acknowledged);
    assert_eq!(server.stop().await, Some(0));

    // A start on a full disk says so as well.
    let data = server.beside("another");
    fill(&filler);
    let said = Said::of(crate::server::command(&data, &[]).output().await.unwrap());
    assert_eq!(said.code, Some(3), "{said:#?}");
    assert!(said.err.contains("No space left") || said.err.contains("is full"), "{said:#?}");
    drop(server);
    drop(mounted);
}

#[tokio::test]
async fn folder_that_may_not_be_written_to_is_named_and_stays_as_it_is() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        skipped("only root can be somebody else");
        return;
    }
    let mut server = Server::start().await;
    issue(&server, &[7]).await;
    assert_eq!(server.stop().await, Some(0));
    let data = server.data();
    // The program, where anybody may read it.
    let program = server.beside("freightpass");
    fs::copy(env!("CARGO_BIN_EXE_freightpass"), &program).unwrap();
    open_to_all(server.beside("x").parent().unwrap());
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(&program).args(arguments);
        command.arg("--data").arg(&data).kill_on_drop(true);
        command
    };
    let before = contents(&data);
    let said =
        Said::of(as_nobody(&["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0"]).output().await.unwrap());
    assert_eq!(said.code, Some(3), "{said:#?}");
    for part in ["registry.lock", "Permission denied", "belongs to the user who runs freightpass"] {
        assert!(said.err.contains(part), "{part} in {said:#?}");
    }
    let said = Said::of(as_nobody(&["doctor", "--quiet"]).output().await.unwrap());
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(said.out.contains("may not be written to by this user"), "{said:#?}");
    assert_eq!(contents(&data), before);
    // Its owner goes on as if nothing had been.
    server.start_again().await;
    assert_eq!(passes(&server.chief(SUZHOU).await).await.len(), 1);
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn clock_behind_the_last_manifest_is_said_and_what_is_revoked_goes_out_until_it_is_right() {
    let tick = ("FREIGHTPASS__PUBLISH__TICK_S", "1".to_owned());
    let mut server = Server::start_with(&[tick]).await;
    list(&server, 2).await;
    let ids = apply(&server, (1..3).map(|truck| form(1, truck, 7)).collect()).await;
    let pass = approve(&server, &ids[..1]).await.remove(0);
    assert_eq!(server.stop().await, Some(0));
    let ahead = SystemClock.now_s() + BEHIND_S;
    let seq = sign_at(&server.data(), ahead).await;
    let said = server.verb(&["doctor", "--quiet"]).await;
    assert_eq!(said.code, Some(2), "{said:#?}");
    assert!(said.out.lines().any(|line| line.starts_with("error clock")), "{said:#?}");

    server.start_again().await;
    server.logged("the clock is behind the last manifest that was signed here").await;
    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: pass.number,
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    RevocationServiceClient::new(server.chief(SUZHOU).await).revoke_pass(request).await.unwrap();
    server.until_metric("freightpass_manifest_log_seq", 1.0).await;
    assert!(server.metric("freightpass_manifest_seq").await.unwrap() > f64::from(seq));
    let issued = server.metric("freightpass_manifest_issued_timestamp_seconds").await.unwrap();
    assert!(issued >= ahead as f64, "no manifest is older than the one before it");
    assert_eq!(approve(&server, &ids[1..]).await.len(), 1);
    // Time goes on, and it is over.
    server.logged("the clock is not behind any more").await;
    assert_eq!(server.metric("freightpass_clock_behind_seconds").await, Some(0.0));
    assert_eq!(server.stop().await, Some(0));
}

/// Signs a manifest of that moment in the folder of a server that is stopped, as a server with that clock would.
async fn sign_at(data: &Path, at: u64) -> u32 {
    let store = Store::open(data).await.unwrap();
    let passphrase = data.join("secrets/passphrase");
    let clock = Arc::new(FixedClock::at(at.try_into().unwrap()));
    let trust =
        bootstrap::open(data, &passphrase, Arc::new(store.clone()), FirstStart::Found, clock.now()).await.unwrap();
    let keyring = Keyring::new(Arc::clone(&trust.lists), trust.keys);
    let schedule = Schedule { tick: Duration::from_secs(60), coalesce: Duration::ZERO };
    let (log, kept) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let publisher = Publisher::open(log, kept, trust.lists, keyring, clock, schedule).await.unwrap();
    let published = publisher.publish_own().await.unwrap();
    assert_eq!(u64::from(published.issued), at);
    drop(publisher);
    store.close().await;
    published.manifest_seq
}

/// Writes until nothing fits any more.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 4_096, 1] {
        let piece = vec![7; size];
        loop {
            match file.write_all(&piece) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Lets everybody read what is below the folder, and nobody but its owner write.
fn open_to_all(folder: &Path) {
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(folder, 0o755);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            open_to_all(&path)
        } else {
            mode(&path, if path.ends_with("freightpass") { 0o755 } else { 0o644 })
        }
    }
}

fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

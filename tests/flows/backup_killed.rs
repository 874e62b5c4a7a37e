//! `kill -9` while a backup is made and while one is restored: the backup is whole or absent, the folder old or new.
//!
//! A few points in CI; `FREIGHTPASS_KILLS=30 cargo test --test flows killed` tries as many of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use freightpass::rpc::proto;
use freightpass::rpc::proto::operation_service_client::OperationServiceClient;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::city::{SUZHOU, issue, passes, request_id};
use crate::server::Server;

/// Kills of each test where nothing else is asked for.
const KILLS: usize = 5;
/// Turns of the scheduler between two points of one stage.
const TURNS: usize = 150;
/// What the service logs as a backup goes on; before the first of them it has only been asked.
const BACKUP_STAGES: [&str; 4] =
    ["backup: the registry is copied", "backup: it is sealed", "backup: it is read back", "backup: it is made"];
/// Lines of a restore; the first is waited for by its start.
const RESTORE_STAGES: usize = 3;

fn kills() -> usize {
    std::env::var("FREIGHTPASS_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Lets others run for a while, more in each round.
async fn turns(round: usize, stages: usize) {
    for _ in 0..(round / stages) * TURNS {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn service_killed_while_it_backs_itself_up_leaves_whole_backups_and_nothing_else_of_that_name() {
    let mut server = Server::start().await;
    issue(&server, &[7; 3]).await;
    let mut told = 0;
    for round in 0..kills() {
        server.forget_log();
        let mut client = OperationServiceClient::new(server.officer("CN-32", "ops", "operator").await);
        let request = proto::CreateBackupRequest { request_id: request_id() };
        let asked = tokio::spawn(async move { client.create_backup(request).await });
        let stage = round % (BACKUP_STAGES.len() + 1);
        if let Some(stage) = stage.checked_sub(1) {
            server.logged(BACKUP_STAGES[stage]).await;
        }
        turns(round, BACKUP_STAGES.len() + 1).await;
        server.kill().await;
        told += usize::from(asked.await.unwrap().is_ok());
        let whole = backups(&server).await;
        assert!(whole.len() >= told, "round {round}: {told} were acknowledged, {whole:?} are there");
        server.start_again().await;
    }
    let before = backups(&server).await;
    let said = server.verb(&["backup"]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert_eq!(backups(&server).await.len(), before.len() + 1);
    let left = names(&server.data().join("backups"));
    assert!(left.iter().all(|name| name.ends_with(".fpbackup")), "what was unfinished is gone: {left:?}");
    assert_eq!(passes(&server.chief(SUZHOU).await).await.len(), 3);
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn restore_that_is_killed_leaves_the_old_folder_or_the_new_one() {
    let mut server = Server::start().await;
    issue(&server, &[7; 3]).await;
    let said = server.verb(&["backup"]).await;
    let made = said.out.lines().find_map(|line| line.strip_prefix("backup ")).expect("a path");
    let backup = server.beside("copy.fpbackup");
    std::fs::copy(made, &backup).unwrap();
    server.kill().await;
    let data = server.data();
    // It is in the old folder alone.
    std::fs::write(data.join("secrets/mark"), "old").unwrap();
    let old = tree(&data);
    let (mut stayed, mut came) = (0, 0);
    for round in 0..kills() {
        let mut child = Command::new(env!("CARGO_BIN_EXE_freightpass"))
            .args(["restore", &backup.display().to_string(), "--data", &data.display().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        for _ in 0..round % (RESTORE_STAGES + 1) {
            assert!(lines.next_line().await.unwrap().is_some());
        }
        turns(round, RESTORE_STAGES + 1).await;
        child.kill().await.unwrap();

        if data.join("secrets/mark").exists() {
            stayed += 1;
            assert_eq!(tree(&data), old, "round {round}: the old folder is as it was");
            continue;
        }
        came += 1;
        // The new folder is there, whole: the service starts on it. The old one is beside it, whole.
        let aside = names(data.parent().unwrap()).into_iter().map(|name| data.with_file_name(name));
        let mut aside: Vec<PathBuf> = aside.filter(|path| path.join("secrets/mark").exists()).collect();
        assert_eq!(aside.len(), 1, "round {round}: {aside:?}");
        let aside = aside.remove(0);
        assert_eq!(relative(&aside), relative_of(&old, &data), "round {round}");
        server.start_again().await;
        assert_eq!(passes(&server.chief(SUZHOU).await).await.len(), 3);
        server.kill().await;
        std::fs::remove_dir_all(&data).unwrap();
        std::fs::rename(&aside, &data).unwrap();
    }
    assert!(stayed > 0 && came > 0, "both were seen: {stayed} {came}");
    let said = server.verb(&["restore", &backup.display().to_string(), "--data", &data.display().to_string()]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    let left: Vec<_> = names(data.parent().unwrap()).into_iter().filter(|name| name.contains("restoring")).collect();
    assert_eq!(left, [""; 0], "what was cut off is cleared away");
    server.start_again().await;
    assert_eq!(passes(&server.chief(SUZHOU).await).await.len(), 3);
    assert_eq!(server.stop().await, Some(0));
}

/// The backups that are there; each is whole.
async fn backups(server: &Server) -> Vec<String> {
    let folder = server.data().join("backups");
    let mut found = names(&folder);
    found.retain(|name| !name.starts_with('.'));
    for name in &found {
        let said = server.verb(&["backup", "inspect", &folder.join(name).display().to_string()]).await;
        assert_eq!(said.code, Some(0), "{name}: {said:#?}");
    }
    found
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

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

fn relative(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    relative_of(&tree(folder), folder)
}

fn relative_of(files: &BTreeMap<PathBuf, Vec<u8>>, folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files.iter().map(|(path, bytes)| (path.strip_prefix(folder).unwrap().to_owned(), bytes.clone())).collect()
}

//! A scanner that dies while it brings its data up to date: its folder is the old one or the new one.

use std::path::Path;
use std::process::Stdio;

use freightpass::rpc::proto;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass::scanner::Folder;
use notify::{RecursiveMode, Watcher};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::kills;
use crate::city::{SUZHOU, issue, request_id};
use crate::server::{AT_LAST, Server};

#[tokio::test]
async fn scanner_killed_in_a_sync_holds_the_old_data_or_the_new() {
    let server = Server::start().await;
    let rounds = kills();
    let passes = issue(&server, &vec![7; rounds]).await;
    let folder = server.beside("scanner");
    let provision = server.data().join("provision.fp").display().to_string();
    let begun = server.verb(&["sync", "--provision", &provision, "--confirm"]).await;
    assert_eq!(begun.code, Some(0), "{begun:?}");

    let (mut old, mut new) = (0, 0);
    for (round, pass) in passes.iter().enumerate() {
        let before = manifest(&folder);
        let request = proto::RevokePassRequest {
            request_id: request_id(),
            pass_number: pass.number.clone(),
            reason: proto::StatusReason::Misuse.into(),
            reason_text: String::new(),
        };
        let mut chief = RevocationServiceClient::new(server.chief(SUZHOU).await);
        chief.revoke_pass(request).await.unwrap();
        // A sync touches its folder some six times: making, writing, renaming. Each round stops it at another touch.
        kill_at_touch(&server, &folder, 1 + round % 8).await;
        match manifest(&folder) {
            seq if seq == before => old += 1,
            seq => {
                assert!(seq > before, "round {round}: from manifest {before} back to {seq}");
                new += 1;
            }
        }
        let after = server.verb(&["sync"]).await;
        assert_eq!(after.code, Some(0), "round {round}: {after:?}");
        let said = server.verb(&["scan", "--at", "320583", "--json", &pass.text]).await;
        assert_eq!(said.json()[0]["code"], "revoked", "round {round}: {said:?}");
    }
    assert_eq!(old + new, rounds);
}

/// The manifest that the folder holds: it can always be read.
fn manifest(folder: &Path) -> u32 {
    Folder::at(folder).read().unwrap().manifest().map_or(0, |manifest| manifest.seq)
}

/// Starts a sync, and kills it when it touches its folder the `touch`th time; one that touches it less often ends.
async fn kill_at_touch(server: &Server, folder: &Path, touch: usize) {
    let (say, mut touched) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = say.send(());
        }
    })
    .unwrap();
    watcher.watch(folder, RecursiveMode::NonRecursive).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_freightpass"))
        .args(["sync", "--server", &server.public_url()])
        .env("FREIGHTPASS_SCANNER", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    for _ in 0..touch {
        tokio::select! {
            _ = touched.recv() => {}
            ended = timeout(AT_LAST, child.wait()) => {
                ended.expect("an end in time").unwrap();
                return;
            }
        }
    }
    child.kill().await.unwrap();
}

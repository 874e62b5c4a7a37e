//! `freightpass doctor` on an installation that is well, and on what goes wrong with one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::server::{Said, Server};

/// The findings of one area: how bad each is, and all of it in one line.
fn of(said: &Said, area: &str) -> Vec<(String, String)> {
    let findings = said.json().into_iter().filter(|finding| finding["area"] == area);
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    findings
        .map(|finding| {
            (text(&finding, "severity"), format!("{}; {}", text(&finding, "found"), text(&finding, "advice")))
        })
        .collect()
}

fn has(said: &Said, area: &str, severity: &str, words: &str) {
    let found = of(said, area);
    assert!(
        found.iter().any(|(how, line)| how == severity && line.contains(words)),
        "{area} {severity} {words}: {said:#?}"
    );
}

async fn doctor(server: &Server) -> Said {
    let said = server.verb(&["doctor", "--json"]).await;
    let findings = said.json();
    let worst = findings.iter().map(|finding| match finding["severity"].as_str() {
        Some("ok" | "info") => 0,
        Some("warn") => 1,
        Some("error" | "fatal") => 2,
        other => panic!("{other:?}"),
    });
    assert_eq!(said.code, worst.max(), "{said:#?}");
    said
}

#[tokio::test]
async fn doctor_says_what_is_wrong_and_what_to_do_and_changes_nothing() {
    let mut server = Server::start().await;
    let data = server.data();
    let said = doctor(&server).await;
    has(&said, "service", "ok", "it runs and is ready");
    has(&said, "clock", "ok", "");
    has(&said, "publication", "ok", "everything is published");
    has(&said, "keys", "ok", "4 key(s) open");
    has(&said, "secrets", "ok", "");
    has(&said, "certificate", "ok", "pki/server.pem");
    has(&said, "backup", "warn", "freightpass backup");
    assert_eq!(server.verb(&["backup"]).await.code, Some(0));
    has(&doctor(&server).await, "backup", "ok", "0 hour(s) old");

    server.kill().await;
    let before = tree(&data);
    let said = doctor(&server).await;
    has(&said, "service", "warn", "ended without saying so");
    has(&said, "registry", "ok", "whole, schema version 1");
    has(&said, "trust", "ok", "trust list 1 until");
    has(&said, "trust", "ok", "programme 1 until");
    assert_eq!(tree(&data), before, "it only looks");

    let passphrase = data.join("secrets/passphrase");
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(data.join("keys/status-0.part"), "half").unwrap();
    let said = doctor(&server).await;
    has(&said, "secrets", "error", "secrets/passphrase is open to everybody on this machine (mode 644); chmod 600 it");
    has(&said, "leftovers", "info", "keys/status-0.part");
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();

    fs::write(&passphrase, "another one\n").unwrap();
    has(&doctor(&server).await, "keys", "fatal", "under this passphrase");
    fs::remove_file(&passphrase).unwrap();
    has(&doctor(&server).await, "secrets", "fatal", "the passphrase of the keys is missing");

    for name in ["registry.sqlite", "registry.sqlite-wal"] {
        fs::write(data.join(name), vec![7; 8_192]).unwrap();
    }
    has(&doctor(&server).await, "registry", "fatal", "registry.sqlite does not read as a registry");

    // A production server that is not ready to be one, with a Redis that is not there.
    let config = server.beside("freightpass.toml");
    let text = format!(
        "mode = \"production\"\ndata_folder = \"{}\"\n[redis]\nurl = \"redis://127.0.0.1:1/\"\n",
        data.display()
    );
    fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let said = server.verb(&["doctor", "--json", "--config", &config]).await;
    assert_eq!(said.code, Some(2), "{said:#?}");
    has(&said, "config", "fatal", "admin.certificate");
    has(&said, "redis", "error", "nothing is lost");
    has(&said, "backup", "error", "backup.passphrase_file");
    has(&said, "keys", "fatal", "a root key lies on the server");

    fs::write(&config, "nonsense = 1\n").unwrap();
    let said = server.verb(&["doctor", "--config", &config]).await;
    assert_eq!(said.code, Some(3), "{said:#?}");
    fs::remove_dir_all(&data).unwrap();
    has(&doctor(&server).await, "folder", "error", "there is no ");
}

/// A listener that speaks TLS is asked as well, and must show the certificate that the configuration names.
#[tokio::test]
async fn doctor_asks_a_service_by_tls_and_notices_a_certificate_that_it_has_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("public.pem"), folder.path().join("public.key"));
    let make = || {
        let made = rcgen::generate_simple_self_signed(vec!["passes.example.cn".to_owned()]).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        fs::write(&certificate, made.cert.pem()).unwrap();
    };
    make();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut server = Server::start_with(&[
        ("FREIGHTPASS__PUBLIC__CERTIFICATE", text(&certificate)),
        ("FREIGHTPASS__PUBLIC__KEY", text(&key)),
    ])
    .await;
    let config = server.beside("freightpass.toml");
    let (public, data) = (format!("certificate = {certificate:?}\nkey = {key:?}"), server.data());
    fs::write(&config, format!("data_folder = {data:?}\n[public]\n{public}\n")).unwrap();
    let config = text(&config);
    let arguments = ["doctor", "--json", "--config", &config];
    let said = server.verb(&arguments).await;
    has(&said, "service", "ok", "it runs and is ready");
    has(&said, "publication", "ok", "everything is published");

    make();
    let said = server.verb(&arguments).await;
    has(&said, "certificate", "error", "it shows another certificate than");
    server.signal("HUP").await;
    server.logged("certificates were read anew").await;
    has(&server.verb(&arguments).await, "service", "ok", "it runs and is ready");
}

/// Every file below a folder with its contents.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

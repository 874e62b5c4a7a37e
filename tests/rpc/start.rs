//! A start that cannot be: the message says what to do, and nothing is left behind.

use std::path::Path;
use std::process::Output;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::server::{AT_LAST, Server, command};

async fn refused(folder: &Path, more: &[&str]) -> String {
    let output: Output = timeout(AT_LAST, command(folder, more).output()).await.unwrap().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(output.stdout.is_empty());
    words
}

#[tokio::test]
async fn a_port_in_use_is_said_before_anything_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = folder.path().join("freightpass.toml");
    std::fs::write(&config, format!("[public]\naddress = \"{}\"\n", taken.local_addr().unwrap())).unwrap();
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_freightpass"))
        .args(["serve", "--admin", "127.0.0.1:0", "--config"])
        .arg(&config)
        .arg("--data")
        .arg(&data)
        .output();
    let output = timeout(AT_LAST, output).await.unwrap().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains("choose another port with --public"), "{words}");
    assert!(!data.exists());
}

#[tokio::test]
async fn an_expired_certificate_is_named_with_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("admin.pem"), folder.path().join("admin.key"));
    let pair = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(2021, 1, 1);
    parameters.not_after = date_time_ymd(2022, 1, 1);
    std::fs::write(&certificate, parameters.self_signed(&pair).unwrap().pem()).unwrap();
    std::fs::write(&key, pair.serialize_pem()).unwrap();
    let config = folder.path().join("freightpass.toml");
    let path = |path: &Path| path.display().to_string();
    let text =
        format!("[admin]\ncertificate = \"{0}\"\nkey = \"{1}\"\nclient_ca = \"{0}\"\n", path(&certificate), path(&key));
    std::fs::write(&config, text).unwrap();
    let words = refused(&folder.path().join("data"), &["--config", &path(&config)]).await;
    assert!(words.contains("admin.pem expired at 2022-01-01"), "{words}");
    assert!(words.contains("put a renewed one"), "{words}");
}

#[tokio::test]
async fn a_second_server_on_one_folder_is_refused() {
    let server = Server::start().await;
    let words = refused(&server.data(), &[]).await;
    assert!(words.contains("stop it"), "{words}");
}

#[tokio::test]
async fn production_without_its_files_names_each() {
    let folder = tempfile::tempdir().unwrap();
    let words = refused(&folder.path().join("data"), &["--mode", "production"]).await;
    for key in ["admin.certificate", "secrets.passphrase_file", "secrets.fields_key_file"] {
        assert!(words.contains(key), "{key} is missing in: {words}");
    }
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn an_office_that_is_no_county_or_is_an_authority_is_named() {
    for (code, division, words) in [
        ("CN-32C", "32", "offices: division of CN-32C"),
        ("CN-3205C", "3205", "offices: division of CN-3205C"),
        ("CN-3205", "320583", "CN-3205 is an authority of the trust list"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("freightpass.toml");
        let text = format!("[[offices]]\ncode = \"{code}\"\ndivision = \"{division}\"\n");
        std::fs::write(&config, text).unwrap();
        let said = refused(&folder.path().join("data"), &["--config", config.to_str().unwrap()]).await;
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn systemd_is_told_when_it_is_ready_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
    let mut server = Server::start_with(&[("NOTIFY_SOCKET", path.display().to_string())]).await;
    let mut heard = [0; 64];
    let length = timeout(AT_LAST, socket.recv(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard[..length], b"READY=1");
    server.ask_to_stop().await;
    let length = timeout(AT_LAST, socket.recv(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard[..length], b"STOPPING=1");
    assert_eq!(server.ended().await, Some(0));
}

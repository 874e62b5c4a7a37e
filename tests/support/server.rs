//! `freightpass serve` as a child process on free ports in a folder of its own, and clients with officers'
//! certificates. Every binary uses a part of it.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// A test that hangs must fail one day; nothing is measured by it.
pub const AT_LAST: Duration = Duration::from_secs(120);

/// A running server; it is killed when dropped.
pub struct Server {
    child: Child,
    folder: PathBuf,
    owned: Option<tempfile::TempDir>,
    /// Address of the public listener, `127.0.0.1:PORT`.
    pub public: String,
    /// Address of the admin listener, `127.0.0.1:PORT`.
    pub admin: String,
}

impl Server {
    /// Starts one in a new folder.
    pub async fn start() -> Self {
        let owned = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(owned.path(), &[]).await;
        server.owned = Some(owned);
        server
    }

    /// Starts one in `folder`, with more arguments, and waits for its ready line.
    pub async fn start_in(folder: &Path, more: &[&str]) -> Self {
        let mut child = command(folder, more).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(AT_LAST, lines.next_line()).await.unwrap().unwrap();
        let line = line.expect("serve ended before it was ready");
        let field = |key: &str| {
            let start = line.find(key).unwrap_or_else(|| panic!("no {key} in {line}")) + key.len();
            line[start..].split_whitespace().next().unwrap().to_owned()
        };
        let public = field("public=http://");
        let admin = field("admin=https://");
        // Whoever closes the pipe must not end the server.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, folder: folder.to_owned(), owned: None, public, admin }
    }

    /// Its data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A channel to the public listener.
    pub async fn public(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.public)).unwrap().connect().await.unwrap()
    }

    /// A channel to the admin listener as that officer; the certificate is made where it is missing.
    pub async fn officer(&self, body: &str, name: &str, roles: &str) -> Channel {
        self.officer_endpoint(body, name, roles).await.connect().await.unwrap()
    }

    /// The same, not connected yet.
    pub async fn officer_endpoint(&self, body: &str, name: &str, roles: &str) -> Endpoint {
        let made = Command::new(env!("CARGO_BIN_EXE_freightpass"))
            .args(["pki", "officer", "--body", body, "--name", name, "--roles", roles, "--data"])
            .arg(&self.folder)
            .output()
            .await
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pki = self.folder.join("pki");
        let read = |path: PathBuf| std::fs::read(path).unwrap();
        let officer = pki.join("officers").join(format!("{body}.{name}"));
        let with = |ending: &str| read(PathBuf::from(format!("{}{ending}", officer.display())));
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(pki.join("ca.pem"))))
            .identity(Identity::from_pem(with(".pem"), with(".key")))
            .domain_name("localhost");
        Endpoint::from_shared(format!("https://{}", self.admin)).unwrap().tls_config(tls).unwrap()
    }

    /// Asks it to stop.
    pub async fn terminate(&self) {
        self.signal("-TERM").await;
    }

    /// Ends it without asking.
    pub async fn kill(mut self) -> Option<tempfile::TempDir> {
        self.child.kill().await.unwrap();
        self.owned.take()
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        timeout(AT_LAST, self.child.wait()).await.unwrap().unwrap()
    }

    async fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().await.unwrap();
        assert!(sent.success());
    }
}

/// The command that starts a server in `folder` on free ports.
pub fn command(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
    command
        .args(["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
        .arg(folder)
        .args(more)
        .kill_on_drop(true);
    command
}

//! `freightpass serve` as a child process on free ports in a folder of its own, and clients of it: channels with
//! officers' certificates, verbs of the command line, plain HTTP. Every binary uses a part of it.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use freightpass::clock::{Clock, SystemClock};
use freightpass::identity::{DevelopmentPki, Officer, Role};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// A test that hangs must fail one day; nothing is measured by it.
pub const AT_LAST: Duration = Duration::from_secs(120);

/// How often a metric is asked for that is not yet what it will be.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// What `chief` of an authority may do.
const CHIEF: &str = "whitelist,approver,revoker,auditor";

/// A running server, or the folder of one that has ended. The child ends with the test.
pub struct Server {
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    running: Option<Running>,
    /// Address of the public listener, `127.0.0.1:PORT`.
    pub public: String,
    /// Address of the admin listener, `127.0.0.1:PORT`.
    pub admin: String,
}

struct Running {
    child: Child,
    log: mpsc::UnboundedReceiver<String>,
}

impl Server {
    /// A new deployment that signs changes as they come.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A new deployment with more settings, as variables of the environment.
    pub async fn start_with(settings: &[(&'static str, String)]) -> Self {
        let mut all = vec![("FREIGHTPASS__PUBLISH__COALESCE_MS", "0".to_owned())];
        all.extend_from_slice(settings);
        Self::start_in(tempfile::tempdir().unwrap(), &all).await
    }

    /// A new deployment in that folder, with no settings but those.
    pub async fn start_in(folder: tempfile::TempDir, settings: &[(&'static str, String)]) -> Self {
        let all = settings.to_vec();
        let mut server = Self { folder, settings: all, running: None, public: String::new(), admin: String::new() };
        server.start_again().await;
        server
    }

    /// Starts on the same folder, and waits for the line that says that it is ready.
    pub async fn start_again(&mut self) {
        let mut command = command(&self.data(), &[]);
        command.envs(self.settings.iter().map(|(key, value)| (key, value)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, mut log) = mpsc::unbounded_channel();
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = errors.next_line().await {
                let _ = say.send(line);
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(AT_LAST, lines.next_line()).await.expect("a line in time").unwrap();
        let Some(line) = line else {
            let mut said = Vec::new();
            while let Some(line) = log.recv().await {
                said.push(line);
            }
            panic!("the server ended before it was ready: {said:#?}");
        };
        let field = |name: &str| {
            let field = line.split(' ').find_map(|field| field.strip_prefix(name));
            field.unwrap_or_else(|| panic!("no {name} in {line:?}")).to_owned()
        };
        let address = |name: &str| field(name).rsplit('/').next().unwrap_or_default().to_owned();
        (self.public, self.admin) = (address("public="), address("admin="));
        self.running = Some(Running { child, log });
    }

    /// Ends it as a failing machine does: SIGKILL, at once.
    pub async fn kill(&mut self) {
        self.running.take().expect("it runs").child.kill().await.unwrap();
    }

    /// Asks it to stop, and gives its exit code.
    pub async fn stop(&mut self) -> Option<i32> {
        self.ask_to_stop().await;
        self.ended().await
    }

    /// Sends SIGTERM.
    pub async fn ask_to_stop(&self) {
        self.signal("TERM").await;
    }

    /// Sends a signal by its name.
    pub async fn signal(&self, name: &str) {
        let id = self.running.as_ref().and_then(|running| running.child.id()).expect("it runs").to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().await.unwrap().success());
    }

    /// Waits for its end, and gives its exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        self.ended_saying().await.0
    }

    /// Waits for its end; its exit code, and the lines of its log that nobody has read.
    pub async fn ended_saying(&mut self) -> (Option<i32>, Vec<String>) {
        let mut running = self.running.take().expect("it runs");
        let code = timeout(AT_LAST, running.child.wait()).await.expect("an end in time").unwrap().code();
        let mut lines = Vec::new();
        while let Some(line) = running.log.recv().await {
            lines.push(line);
        }
        (code, lines)
    }

    /// Waits for a line of its log that holds `text`.
    pub async fn logged(&mut self, text: &str) -> String {
        let log = &mut self.running.as_mut().expect("it runs").log;
        let found = async {
            while let Some(line) = log.recv().await {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("the log ended without {text:?}");
        };
        timeout(AT_LAST, found).await.unwrap_or_else(|_| panic!("no {text:?} in the log"))
    }

    /// Forgets the lines of its log so far.
    pub fn forget_log(&mut self) {
        while self.running.as_mut().expect("it runs").log.try_recv().is_ok() {}
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A place beside its data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL of its public listener.
    pub fn public_url(&self) -> String {
        format!("http://{}", self.public)
    }

    /// A channel to the public listener.
    pub async fn public(&self) -> Channel {
        Endpoint::from_shared(self.public_url()).unwrap().connect().await.unwrap()
    }

    /// The chief of an authority, who may do everything there.
    pub async fn chief(&self, body: &str) -> Channel {
        self.officer(body, "chief", CHIEF).await
    }

    /// The applicant of an enterprise.
    pub async fn applicant(&self, code: &str) -> Channel {
        self.officer(code, "desk", "applicant").await
    }

    /// A channel to the admin listener as that officer, with a certificate of the development PKI. Roles as in a
    /// certificate: `approver,auditor`.
    pub async fn officer(&self, body: &str, name: &str, roles: &str) -> Channel {
        self.officer_endpoint(body, name, roles).await.connect().await.unwrap()
    }

    /// The same, not connected yet.
    pub async fn officer_endpoint(&self, body: &str, name: &str, roles: &str) -> Endpoint {
        let pki = DevelopmentPki::open(&self.data().join("pki"), SystemClock.now()).unwrap();
        let roles = roles.split(',').map(|name| Role::by_name(name).expect("a role")).collect();
        let officer = Officer { body: body.to_owned(), name: name.to_owned(), roles };
        let identity = pki.officer(&officer, SystemClock.now()).unwrap();
        let read = |path: &Path| std::fs::read(path).unwrap();
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(&pki.ca())))
            .identity(Identity::from_pem(read(&identity.certificate), read(&identity.key)));
        Endpoint::from_shared(format!("https://{}", self.admin)).unwrap().tls_config(tls).unwrap()
    }

    /// What the public listener answers to a plain GET, with its head.
    pub async fn get(&self, path: &str) -> String {
        let mut connection = TcpStream::connect(&self.public).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        timeout(AT_LAST, connection.read_to_string(&mut text)).await.expect("an answer in time").unwrap();
        text
    }

    /// A metric without labels; none where it was never set.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").await;
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// Asks for a metric until it has that value.
    pub async fn until_metric(&self, name: &str, value: f64) {
        let mut again = interval(ASK_AGAIN);
        let reached = async {
            while self.metric(name).await != Some(value) {
                again.tick().await;
            }
        };
        let late = timeout(AT_LAST, reached).await.is_err();
        assert!(!late, "{name} is {:?}, not {value}", self.metric(name).await);
    }

    /// Runs a verb of the command line against it.
    pub async fn verb(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.args(arguments).env("FREIGHTPASS_DATA", self.data());
        command.env("FREIGHTPASS_SCANNER", self.beside("scanner")).kill_on_drop(true);
        Said::of(timeout(AT_LAST, command.output()).await.expect("an end in time").unwrap())
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

/// What a program said, and how it ended.
#[derive(Debug, Clone)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Of what was caught.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The lines, each as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:#?}"));
        self.out.lines().map(read).collect()
    }
}

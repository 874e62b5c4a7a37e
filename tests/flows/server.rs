//! `freightpass serve` as a child on a folder of its own, and clients of it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use freightpass::clock::{Clock, SystemClock};
use freightpass::identity::{DevelopmentPki, Officer, Role};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// Longer than anything here takes on a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server, or the folder of one that has ended. The child ends with the test.
pub struct Server {
    folder: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
    running: Option<Running>,
}

struct Running {
    child: Child,
    log: mpsc::UnboundedReceiver<String>,
    public: String,
    admin: String,
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
        let mut server = Self { folder: tempfile::tempdir().unwrap(), settings: all, running: None };
        server.start_again().await;
        server
    }

    /// Starts on the same folder, and waits for the line that says that it is ready.
    pub async fn start_again(&mut self) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_freightpass"))
            .args(["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
            .arg(self.data())
            .envs(self.settings.iter().map(|(key, value)| (key, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (say, log) = mpsc::unbounded_channel();
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = errors.next_line().await {
                let _ = say.send(line);
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line in time").unwrap();
        let Some(line) = line else {
            let mut log = log;
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
        self.running = Some(Running { child, log, public: field("public="), admin: field("admin=") });
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
        let id = self.running().child.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    /// Waits for its end, and gives its exit code.
    pub async fn ended(&mut self) -> Option<i32> {
        let mut running = self.running.take().expect("it runs");
        tokio::time::timeout(PATIENCE, running.child.wait()).await.expect("an end in time").unwrap().code()
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
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no {text:?} in the log"))
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

    /// Its public address.
    pub fn public_url(&self) -> &str {
        &self.running().public
    }

    /// A client of the public listener.
    pub async fn public(&self) -> Channel {
        Endpoint::from_shared(self.public_url().to_owned()).unwrap().connect().await.unwrap()
    }

    /// An officer of the deployment: `chief` of an authority may do everything there.
    pub async fn chief(&self, body: &str) -> Channel {
        self.officer(body, "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]).await
    }

    /// The applicant of an enterprise.
    pub async fn applicant(&self, code: &str) -> Channel {
        self.officer(code, "desk", &[Role::Applicant]).await
    }

    /// An officer with a certificate of the development PKI.
    pub async fn officer(&self, body: &str, name: &str, roles: &[Role]) -> Channel {
        let pki = DevelopmentPki::open(&self.data().join("pki"), SystemClock.now()).unwrap();
        let officer = Officer { body: body.to_owned(), name: name.to_owned(), roles: roles.to_vec() };
        let identity = pki.officer(&officer, SystemClock.now()).unwrap();
        let read = |path: &Path| std::fs::read(path).unwrap();
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(&pki.ca())))
            .identity(Identity::from_pem(read(&identity.certificate), read(&identity.key)));
        let endpoint = Endpoint::from_shared(self.running().admin.clone()).unwrap();
        endpoint.tls_config(tls).unwrap().connect().await.unwrap()
    }

    /// A metric without labels, as the public listener shows it; none where it was never set.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let address = self.public_url().strip_prefix("http://").unwrap();
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut text = String::new();
        connection.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    /// Asks for a metric until it has that value.
    pub async fn until_metric(&self, name: &str, value: f64) {
        let reached = async { while self.metric(name).await != Some(value) {} };
        let late = tokio::time::timeout(PATIENCE, reached).await.is_err();
        assert!(!late, "{name} is {:?}, not {value}", self.metric(name).await);
    }

    /// Runs a verb of the command line against it.
    pub async fn verb(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.args(arguments).env("FREIGHTPASS_DATA", self.data());
        command.env("FREIGHTPASS_SCANNER", self.beside("scanner")).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("an end in time").unwrap();
        Said::of(output)
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }
}

/// What a verb said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(output: Output) -> Self {
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

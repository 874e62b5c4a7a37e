//! Where the story plays: a folder, a server as a child, and the program's own verbs as everybody would type them.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use tokio::signal::unix::{SignalKind, signal};

use super::super::Exit;
use super::super::connect::runtime;
use crate::clock::{Clock, SystemClock};

/// For the server to end after SIGTERM, a little more than its drain deadline in the demo.
const END_WITHIN: Duration = Duration::from_secs(8);
const DRAIN_S: &str = "5";

/// How often it is seen whether the server still runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The folder of one demo.
pub struct Stage {
    /// Its path.
    pub folder: PathBuf,
    keep: bool,
}

/// What a verb said and how it ended.
pub struct Said {
    /// Lines of standard output.
    pub lines: Vec<String>,
    /// Standard error.
    pub errors: String,
    /// The exit code.
    pub code: Option<i32>,
    /// How long it took.
    pub took: Duration,
}

/// A running server.
pub struct Server {
    child: Child,
    /// Public address, as a URL.
    pub public: String,
    /// Admin address, as a URL.
    pub admin: String,
}

impl Stage {
    /// A new folder below the system's folder for temporary files.
    pub fn set(keep: bool) -> anyhow::Result<Self> {
        let name = format!("freightpass-demo-{}-{}", SystemClock.now_s(), std::process::id());
        let folder = std::env::temp_dir().join(name);
        // Keys are in it: nobody else may look.
        DirBuilder::new().mode(0o700).create(&folder).with_context(|| folder.display().to_string())?;
        Ok(Self { folder, keep })
    }

    /// A path below the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// The server's data folder.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Starts the server on free ports.
    pub fn serve(&self, redis: Option<&str>) -> anyhow::Result<Server> {
        let log = self.path("serve.log");
        let file = File::create(&log).with_context(|| log.display().to_string())?;
        let mut command = self.program()?;
        command.args(["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--drain-deadline-s", DRAIN_S]);
        command.arg("--data").arg(self.data());
        if let Some(url) = redis {
            // A URL may hold a password, and arguments can be read by everybody on the machine.
            command.env("FREIGHTPASS_REDIS_URL", url);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().context("the server does not start")?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let mut server = Server { child, public: String::new(), admin: String::new() };
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let word = |name: &str| line.split(' ').find_map(|word| word.strip_prefix(name)).map(str::to_owned);
            if let (true, Some(public), Some(admin)) =
                (line.starts_with("freightpass ready"), word("public="), word("admin="))
            {
                (server.public, server.admin) = (public, admin);
                return Ok(server);
            }
        }
        bail!("the server ended before it was ready:\n{}", fs::read_to_string(&log).unwrap_or_default())
    }

    /// Runs a verb; how it ends is for the caller to judge.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> anyhow::Result<Said> {
        let began = Instant::now();
        let output = self.program()?.args(arguments).stdin(Stdio::null()).output()?;
        Ok(Said {
            lines: String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect(),
            errors: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
            code: output.status.code(),
            took: began.elapsed(),
        })
    }

    /// Runs a verb that must do what it was asked.
    pub fn done<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> anyhow::Result<Said> {
        let arguments: Vec<S> = arguments.into_iter().collect();
        let shown: Vec<_> = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect();
        let shown = shown.join(" ");
        let said = self.run(&arguments)?;
        if said.code != Some(i32::from(Exit::Admit.number())) {
            bail!("freightpass {shown}: exit {:?}\n{}\n{}", said.code, said.lines.join("\n"), said.errors);
        }
        Ok(said)
    }

    /// This program, without what its user has set in the environment for other servers.
    fn program(&self) -> anyhow::Result<Command> {
        let mut command = Command::new(own_program()?);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("FREIGHTPASS_")) {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1").env("FREIGHTPASS_DATA", self.data()).current_dir(&self.folder);
        Ok(command)
    }

    /// Leaves the folder where it is.
    pub fn keep(&mut self) {
        self.keep = true;
    }
}

/// The file of this program: what the system says, or, where it says nothing (an empty container has no /proc), what it was
/// started as.
fn own_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe()
        .or_else(|error| {
            let name = std::env::args_os().next().ok_or(error)?;
            std::path::absolute(name)
        })
        .context("the file of this program is not known")
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !self.keep {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Said {
    /// Its last line.
    pub fn last(&self) -> &str {
        self.lines.last().map_or("", String::as_str)
    }
}

impl Server {
    /// Waits until somebody ends it, or this program, which then ends it.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        runtime()?.block_on(async {
            let mut stop = signal(SignalKind::terminate())?;
            let mut look = tokio::time::interval(LOOK_EVERY);
            loop {
                tokio::select! {
                    _ = stop.recv() => break,
                    _ = tokio::signal::ctrl_c() => break,
                    _ = look.tick() => if self.child.try_wait()?.is_some() { break },
                }
            }
            anyhow::Ok(())
        })?;
        self.end();
        Ok(())
    }

    /// Asks it to end, as an operator does, and makes sure that it has.
    pub fn end(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let began = Instant::now();
        while asked.is_ok() && began.elapsed() < END_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

//! A service of its own for one test, with passes already issued.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::post::freightpass;

pub struct Service {
    pub folder: TempDir,
    pub public: String,
    child: Child,
}

impl Service {
    /// A development service on free ports.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.args(["serve", "--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--drain-deadline-s", "5"]);
        command.arg("--data").arg(folder.path().join("data"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let public = line.split(' ').find_map(|word| word.strip_prefix("public=")).unwrap_or_default().to_owned();
        assert!(!public.is_empty(), "the server is not ready: {line:?}");
        Self { folder, public, child }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs a verb on the data folder of this service.
    pub fn run(&self, arguments: &[&str]) -> (String, i32) {
        let output = freightpass()
            .env("FREIGHTPASS_DATA", self.data())
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (said, output.status.code().unwrap())
    }

    /// Runs a verb that must do what it was asked; its lines.
    pub fn done(&self, arguments: &[&str]) -> Vec<String> {
        let (said, code) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said.lines().map(str::to_owned).collect()
    }

    /// The first rows of the sample list as a file.
    pub fn list(&self, rows: u32) -> String {
        let path = self.folder.path().join("list.csv");
        let sample = freightpass().args(["sample", "--rows", &rows.to_string()]).output().unwrap().stdout;
        std::fs::write(&path, sample).unwrap();
        path.display().to_string()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The example scanners of other teams, each out of the proto files: Rust, Python, Go say the same.

use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::time::timeout;

use crate::city::issue;
use crate::server::{AT_LAST, Said, Server};

/// Making stubs, and fetching what compiles them, takes a while on a new machine.
const SETUP: std::time::Duration = std::time::Duration::from_secs(900);

/// Where the setup of the examples leaves what it makes.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/examples")
}

/// Makes the stubs, and fetches grpcurl where it is missing.
pub async fn set_up() {
    let setup = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/setup.sh")).output();
    let setup = Said::of(timeout(SETUP, setup).await.expect("an end in time").unwrap());
    assert_eq!(setup.code, Some(0), "{setup:?}");
}

async fn said(mut command: Command, arguments: &[&str]) -> Said {
    let output = command.args(arguments).kill_on_drop(true).output();
    Said::of(timeout(AT_LAST, output).await.expect("an end in time").unwrap())
}

#[tokio::test]
async fn scanners_in_three_languages_say_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    set_up().await;
    let server = Server::start().await;
    let pass = issue(&server, &[2]).await.remove(0);
    let wanted = format!(
        "admit admit {} {}\nrefer not_a_pass\nwatching: a manifest, a bundle\nreported 2, known 0\nreported 0, known 2\n\
         refused INVALID_ARGUMENT FIELDS_INVALID: pass_number\n",
        pass.number, pass.tractor
    );
    let home = home();
    let rust = PathBuf::from(env!("CARGO_BIN_EXE_freightpass")).with_file_name("examples").join("scanner");
    assert!(rust.exists(), "`cargo test` builds it, `cargo test --test flows` does not: cargo build --example scanner");
    let mut python = Command::new(home.join("venv/bin/python"));
    python.env("PYTHONPATH", home.join("python")).arg(root.join("examples/python/scanner.py"));
    let programs = [("Rust", Command::new(rust)), ("Python", python), ("Go", Command::new(home.join("scanner-go")))];
    for (language, program) in programs {
        let said = said(program, &[&server.public, "320583", &pass.text, "https://example.org/"]).await;
        assert_eq!(said.code, Some(0), "{language}: {said:?}");
        assert_eq!(said.out, wanted, "{language}");
    }
}

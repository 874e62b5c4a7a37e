//! `deploy/ghz/run` in its short form: what it says when all is well, and that it fails when it must (FP-40).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::server::Said;

/// Longer than the script takes anywhere, with `go install` of ghz in it.
const AT_LAST: Duration = Duration::from_secs(900);

/// Calls of each method: enough for every connection, and over in a moment.
const CALLS: &str = "24";

/// Stands where the script looks for ghz, spoils what it is given, and calls the real one.
const SPOILT_GHZ: &str = r#"#!/usr/bin/env python3
import json, os, pathlib, sys
ghz, fault, arguments = os.environ["REAL_GHZ"], os.environ["FAULT"], sys.argv[1:]
config, data, output = (arguments[arguments.index(name) + 1] for name in ("--config", "--data-file", "--output"))
if fault == "no calls":
    pathlib.Path(output).write_text(json.dumps({"count": 0, "total": 0}))
    sys.exit(0)
if fault == "dies":
    sys.exit(3)
if "issue_pass" in config:
    requests = json.loads(pathlib.Path(data).read_text())
    for request in requests:
        if fault == "unknown applications":
            request["application_id"] = request["request_id"]
        if fault == "one request":
            request.update(requests[0])
    pathlib.Path(data).write_text(json.dumps(requests))
os.execv(ghz, [ghz, *arguments])
"#;

#[tokio::test]
async fn load_counts_its_calls_and_finds_as_many_passes_and_request_ids_in_the_registry() {
    let said = run(&[]).await;
    assert_eq!(said.code, Some(0), "{said:#?}");
    for line in [
        "issue_pass   24 calls, 24 OK",
        "24 new passes and 24 new request ids in the registry",
        "check_pass   24 calls, 24 OK",
        "24 different texts",
        "get_bundle   24 calls, 24 OK",
    ] {
        assert!(said.out.contains(line), "{line:?} is missing: {said:#?}");
    }
    // Each load and its baseline.
    assert_eq!(said.out.matches("errors none").count(), 6, "{said:#?}");
    let table = said.out.lines().skip_while(|line| !line.contains("of echo")).skip(1);
    let names: Vec<&str> = table.filter_map(|row| row.split_whitespace().next()).collect();
    assert_eq!(names, ["issue_pass", "check_pass", "get_bundle"], "{said:#?}");
}

#[tokio::test]
async fn load_fails_when_there_were_no_calls() {
    for fault in ["no calls", "dies"] {
        let said = spoilt(fault).await;
        assert_eq!(said.code, Some(1), "{said:#?}");
        for name in ["issue_pass", "check_pass", "get_bundle"] {
            assert!(said.err.contains(&format!("FAILED: {name} made no calls")), "{fault}: {said:#?}");
        }
    }
}

#[tokio::test]
async fn load_fails_when_calls_failed() {
    let said = spoilt("unknown applications").await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.err.contains("FAILED: issue_pass: 24 of 24 calls failed: {'NotFound': 24}"), "{said:#?}");
    assert!(said.err.contains("FAILED: issue_pass: 0 new passes"), "{said:#?}");
    assert!(!said.err.contains("FAILED: check_pass"), "{said:#?}");
}

/// The same request in every call is answered 24 times, and makes one pass.
#[tokio::test]
async fn load_fails_when_there_are_fewer_passes_than_calls() {
    let said = spoilt("one request").await;
    assert_eq!(said.code, Some(1), "{said:#?}");
    assert!(said.out.contains("issue_pass   24 calls, 24 OK"), "{said:#?}");
    let failed = "FAILED: issue_pass: 1 new passes of 1 request ids, of 24 calls";
    assert!(said.err.contains(failed), "{said:#?}");
}

/// Runs the script with a ghz that spoils what it is given.
async fn spoilt(fault: &str) -> Said {
    let real = script(&["--install"], &[]).await;
    assert_eq!(real.code, Some(0), "{real:#?}");
    let folder = tempfile::tempdir().unwrap();
    let ghz = folder.path().join("ghz");
    std::fs::write(&ghz, SPOILT_GHZ).unwrap();
    std::fs::set_permissions(&ghz, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    run(&[("PATH", &path), ("REAL_GHZ", real.out.trim()), ("FAULT", fault)]).await
}

async fn run(variables: &[(&str, &str)]) -> Said {
    let binary = Path::new(env!("CARGO_BIN_EXE_freightpass"));
    let echo = binary.with_file_name("examples").join("ghz-echo");
    assert!(
        echo.exists(),
        "`cargo test` builds it, `cargo test --test flows` does not: cargo build --example ghz-echo"
    );
    script(
        &["--calls", CALLS, "--binary", &binary.display().to_string(), "--echo", &echo.display().to_string()],
        variables,
    )
    .await
}

async fn script(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/ghz/run");
    let mut command = Command::new(script);
    command.args(arguments).envs(variables.iter().copied()).kill_on_drop(true);
    Said::of(timeout(AT_LAST, command.output()).await.expect("an end in time").unwrap())
}

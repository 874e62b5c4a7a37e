//! The unit of deploy/systemd: what it says fits the program, and systemd takes it, where systemd is.

use std::path::Path;
use std::process::Command;

/// The worst exposure, of 10, that `systemd-analyze security` may find.
const MOST_EXPOSURE: f64 = 2.0;

const UNIT: &str = include_str!("../../deploy/systemd/freightpass.service");

fn value(key: &str) -> &'static str {
    UNIT.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_else(|| panic!("{key}"))
}

#[test]
fn the_unit_starts_reloads_and_stops_the_program_as_it_wants_to_be() {
    assert_eq!(value("ExecStart"), "/usr/local/bin/freightpass serve --config /etc/freightpass/freightpass.toml");
    assert_eq!((value("Type"), value("Restart")), ("notify", "on-failure"));
    assert!(value("ExecReload").ends_with("kill -HUP $MAINPID"));
    let production = include_str!("../../deploy/production.toml");
    let number = |text: &str, key: &str| -> u64 {
        text.lines().find_map(|line| line.strip_prefix(key)?.parse().ok()).unwrap_or_else(|| panic!("{key}"))
    };
    assert!(number(UNIT, "TimeoutStopSec=") > number(production, "drain_deadline_s = "));
    let folder = format!("/var/lib/{}", value("StateDirectory"));
    assert!(production.contains(&format!("data_folder = \"{folder}\"")));
}

#[test]
fn systemd_takes_the_unit_and_finds_it_hardened() {
    if !Path::new("/usr/bin/systemd-analyze").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("freightpass.service");
    // It wants the program to be there.
    std::fs::write(&unit, UNIT.replace("/usr/local/bin/freightpass", env!("CARGO_BIN_EXE_freightpass"))).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && !said.contains("freightpass.service"), "{said}");
    let judged = Command::new("systemd-analyze").args(["security", "--offline=true"]).arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let exposure = said.split("Overall exposure level for freightpass.service: ").nth(1);
    let exposure: f64 =
        exposure.and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(exposure <= MOST_EXPOSURE, "{said}");
}

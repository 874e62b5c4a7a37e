//! How much memory a verb takes at most. Its own record is gone with the process, and the kernel keeps it for a parent
//! that asks (getrusage): here Python's, which every machine of these tests has.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::server::Said;

/// Longer than an import of 100,000 rows takes anywhere.
const AT_LAST: Duration = Duration::from_secs(1_800);

const ASK: &str = r#"
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"#;

/// What the verb said, and its peak resident memory in KiB (the kernel's VmHWM).
pub async fn peak_kib(data: &Path, arguments: &[&str]) -> (Said, u64) {
    let mut command = Command::new("python3");
    command.args(["-c", ASK, env!("CARGO_BIN_EXE_freightpass")]).args(arguments);
    command.env("FREIGHTPASS_DATA", data).kill_on_drop(true);
    let said = Said::of(timeout(AT_LAST, command.output()).await.expect("an end in time").unwrap());
    let peak = said.err.lines().last().and_then(|line| line.parse().ok());
    (said.clone(), peak.unwrap_or_else(|| panic!("no peak in {said:#?}")))
}

//! The scanner without a standard library: built for a Cortex-M4, it says in QEMU what scanners say everywhere.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::server::Said;

/// Fetching and building take a while on a new machine; QEMU takes a second.
const BUILT_AND_RUN: Duration = Duration::from_secs(900);

#[tokio::test]
async fn a_cortex_m4_holds_a_deployment_and_judges_its_passes() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/microcontroller/run.sh");
    // The flags of this build are those of another machine.
    let ran =
        Command::new(run).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").kill_on_drop(true).output();
    let said = Said::of(timeout(BUILT_AND_RUN, ran).await.expect("an end in time").unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    let (verdicts, figures) = said.out.split_at(said.out.find("flash ").expect("figures"));
    let fingerprint = "15732 05686 40616 43954 01760 15628 30754 38492";
    let data = "(data 600 s old (manifest 100, trust list 5))";
    let lines: Vec<&str> = verdicts.lines().filter(|line| !line.starts_with("holding ")).collect();
    assert_eq!(
        lines,
        [
            format!("fingerprint {fingerprint}"),
            format!("admit {data}"),
            format!("refuse revoked: revoked (list 2970, index 3, manifest 100, data 600 s old) {data}"),
            format!("refuse suspended: suspended (list 2970, index 4, manifest 100, data 600 s old) {data}"),
            format!("refuse bad_signature: bad signature of the key Kid(a707fb709d530684) {data}"),
        ]
    );
    println!("{figures}");
}

//! The registry of a service that is stopped: read from a copy, so that nothing of it is touched.

use std::fs;
use std::path::PathBuf;

use super::Look;
use super::finding::Severity::{Error, Fatal, Info, Warn};
use crate::storage::{newest_schema, read_former};

/// A folder for a copy, which goes with it.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Look<'_> {
    pub(super) async fn registry(&mut self) {
        use std::os::unix::fs::DirBuilderExt as _;

        self.findings.add(Info, "service", "it is stopped", "");
        let data = &self.config.data_folder;
        if data.join("run/addresses.json").exists() {
            let advice = "it was killed or the machine failed: nothing is to be done, its log may say more";
            self.findings.add(Warn, "service", "it ended without saying so", advice);
        }
        let scratch = Scratch(std::env::temp_dir().join(format!("freightpass-doctor-{}", std::process::id())));
        if let Err(error) = fs::DirBuilder::new().mode(0o700).create(&scratch.0) {
            let found = format!("{}: {error}", scratch.0.display());
            self.findings.add(
                Error,
                "registry",
                found,
                "the registry is read from a copy there: make space, or set TMPDIR",
            );
            return;
        }
        let former = match read_former(data, &scratch.0).await {
            Ok(former) => former,
            Err(error) => {
                let advice = "keep the folder, and restore a backup into it: `freightpass restore --help`";
                self.findings.add(Fatal, "registry", error, advice);
                return;
            }
        };
        let figures = &former.figures;
        if figures.schema > newest_schema() {
            let found = format!("schema version {}, this freightpass knows {}", figures.schema, newest_schema());
            self.findings.add(Fatal, "registry", found, "start the newer freightpass again");
        } else {
            let (passes, schema) = (figures.rows_of("passes"), figures.schema);
            self.findings.ok("registry", format_args!("whole, schema version {schema}, {passes} pass(es)"));
        }
        if figures.manifest_seq > 0 {
            self.clock(figures.manifest_issued.into(), figures.manifest_seq);
            self.published(figures.log_seq, figures.manifest_log_seq, false);
        }
        self.trust(&former.trust);
    }
}

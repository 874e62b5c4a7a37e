//! Backups: whether there are any, how old the newest is, whether it would open.

use super::Look;
use super::finding::Severity::{Error, Info, Warn};
use crate::backup::newest;
use crate::trust::Passphrase;

/// A backup that is older is warned of: one a day, and one may fail.
const OLD_S: u64 = 2 * 86_400;

impl Look<'_> {
    pub(super) fn backups(&mut self) {
        let (folder, passphrase) = (self.config.backup_folder(), self.config.backup_passphrase_file());
        match &passphrase {
            None => {
                let advice = "set backup.passphrase_file, or nothing can be backed up";
                self.findings.add(Error, "backup", "there is no passphrase for backups", advice);
            }
            Some(path) if path.exists() => {
                if let Err(error) = Passphrase::read(path) {
                    self.findings.add(Error, "backup", error, "put the passphrase back in its first line");
                } else if path.starts_with(&self.config.data_folder) {
                    let found = format!("the passphrase of backups lies in the data folder: {}", path.display());
                    self.findings.add(Info, "backup", found, "keep a copy elsewhere: without it no backup opens");
                }
            }
            // Development makes it with the first backup.
            Some(_) => {}
        }
        match newest(&folder) {
            None => {
                let found = format!("there is no backup in {}", folder.display());
                self.findings.add(Warn, "backup", found, "run `freightpass backup`, every day, and copy it elsewhere");
            }
            Some((at, path)) => {
                let at = u64::try_from(at.as_second()).unwrap_or(0);
                let hours = self.now.saturating_sub(at) / 3_600;
                let found = format!("the newest is {hours} hour(s) old: {}", path.display());
                if self.now.saturating_sub(at) > OLD_S {
                    self.findings.add(
                        Warn,
                        "backup",
                        found,
                        "run `freightpass backup`, every day, and copy it elsewhere",
                    );
                } else {
                    self.findings.ok("backup", found);
                }
            }
        }
    }
}

//! Backups.

use std::path::PathBuf;

use super::section::section;

section! {
    /// Into which folder `freightpass backup` has the service write its sealed backups, and under which passphrase.
    Backup {
        /// `backups` in the data folder where it is not set. Another disk is better: what can be restored is what that
        /// disk still holds.
        folder: Option<PathBuf> = None, example "\"/var/backups/freightpass\"";
        /// Without it no backup opens: keep a copy away from this machine. In development it is made where it is not set;
        /// in production there are no backups until it is.
        passphrase_file: Option<PathBuf> = None, example "\"/etc/freightpass/secrets/backup-passphrase\"";
    }
}

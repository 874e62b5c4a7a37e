//! The passphrase under which backups are sealed.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::error::BackupError;
use crate::trust::{KeyFileError, Passphrase, write_private};

/// Where development keeps it, below the data folder. It is no part of a backup: it would be no use there.
pub const PASSPHRASE_FILE: &str = "secrets/backup-passphrase";

/// The passphrase in `path`; in development one is made where there is none.
pub(super) fn open(path: Option<&Path>, may_make: bool) -> Result<Passphrase, BackupError> {
    let path = path.ok_or(BackupError::NoPassphrase)?;
    if may_make && !path.exists() {
        let mut secret = Zeroizing::new([0; 32]);
        getrandom::fill(secret.as_mut()).map_err(|_| KeyFileError::NoRandomness)?;
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_ref()) + "\n");
        write_private(path, text.as_bytes()).map_err(|source| BackupError::File { path: path.to_owned(), source })?;
    }
    Ok(Passphrase::read(path)?)
}

//! What a backup of this configuration holds, and where it goes.

use std::path::Path;

use crate::backup::{Outside, Places};
use crate::config::{Config, Mode};

/// The places of backups; `file` is the configuration's own.
pub fn backup_places(config: &Config, file: Option<&Path>) -> Places {
    let (public, admin) = (&config.public, &config.admin);
    let named = [
        ("secrets.passphrase_file", Some(config.passphrase_file())),
        ("secrets.fields_key_file", Some(config.fields_key_file())),
        ("redis.url_file", config.redis.url_file.clone()),
        ("public.certificate", public.certificate.clone()),
        ("public.key", public.key.clone()),
        ("admin.certificate", admin.certificate.clone()),
        ("admin.key", admin.key.clone()),
        ("admin.client_ca", admin.client_ca.clone()),
        ("the configuration", file.map(Path::to_owned)),
    ];
    Places {
        data: config.data_folder.clone(),
        folder: config.backup_folder(),
        passphrase_file: config.backup_passphrase_file(),
        may_make_passphrase: config.mode == Mode::Development && config.backup.passphrase_file.is_none(),
        outside: named.into_iter().filter_map(|(key, path)| Some(Outside { key, path: path? })).collect(),
    }
}

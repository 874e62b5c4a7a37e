//! The configuration of `serve`: a TOML file, then the environment (`FREIGHTPASS__PUBLIC__ADDRESS=...`), then flags; the
//! later wins. Unknown keys are refused by name, units stand in the names, secrets come from files.
//!
//! [`Config::load`] reads ([`sources`]), [`Config::check`] says everything that is wrong at once ([`check`]), [`print`]
//! writes the documented file; `freightpass config` and `serve` call the same. A table of the file is a section here
//! ([`section`]): its keys, their defaults and their words stand in one place.

mod backup;
mod check;
mod keys;
mod limits;
mod listeners;
mod log;
pub mod print;
mod secret;
mod section;
mod sources;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use backup::Backup;
pub use keys::{effective, nearest};
pub use limits::{Limits, Rates};
pub use listeners::{AdminListener, PublicListener};
pub use log::{Log, LogFormat, Telemetry};
pub use secret::Secret;
use section::section;
pub use section::{Documented, Key, Section};
pub use sources::{Flags, Origin, Origins};

/// Where backups lie in a data folder unless the configuration says otherwise.
pub const BACKUPS_FOLDER: &str = "backups";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file, the environment or a flag does not read.
    #[error("configuration: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A key that nobody knows.
    #[error(
        "configuration: {origin}: there is no key {key}; the nearest is {nearest} (`freightpass config default` lists all)"
    )]
    Unknown {
        /// The key as it was found.
        key: String,
        /// Where.
        origin: Origin,
        /// The known key that is most like it.
        nearest: String,
    },
    /// It reads, and must not be used.
    #[error("configuration: {}", .0.join("; "))]
    Refused(Vec<String>),
    /// A file that a key names does not read.
    #[error("configuration: {key}: {path}: {source}", path = path.display())]
    File {
        /// The key.
        key: &'static str,
        /// The file that it names.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

section! {
    /// Everything that `serve` can be told.
    Config {
        /// development makes its own keys and PKI on first start; production refuses whatever is only good enough to try.
        mode: Mode = Mode::Development;
        /// The data folder: the registry, signing keys in keys/ (of this server's authorities and its status key alone,
        /// never a root key), and in development the PKI and the secrets.
        data_folder: PathBuf = "data".into();
        /// Divisions, plates, codes and papers of a country, as they are built in.
        profile: String = "cn".into();
        /// gRPC reflection; on in development unless it is false here, refused in production.
        reflection: Option<bool> = None, example "false";
        /// From SIGTERM to the end, at most. Give the process a little more before it is killed.
        drain_deadline_s: u64 = 20;
        /// The public listener.
        public: PublicListener = PublicListener::default();
        /// The admin listener.
        admin: AdminListener = AdminListener::default();
        /// Secrets, by the files that hold them.
        secrets: Secrets = Secrets::default();
        /// Where backups go.
        backup: Backup = Backup::default();
        /// When manifests are signed.
        publish: Publish = Publish::default();
        /// The bus between replicas.
        redis: Redis = Redis::default();
        /// What a stranger may ask for.
        rates: Rates = Rates::default();
        /// What anybody may ask for.
        limits: Limits = Limits::default();
        /// Lines to stderr.
        log: Log = Log::default();
        /// Traces by OTLP.
        telemetry: Telemetry = Telemetry::default();
        /// County offices.
        offices: Vec<Office> = Vec::new();
    }
}

/// What the service is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// To try it: keys, PKI and secrets are made on first start.
    Development,
    /// For an emergency.
    Production,
}

section! {
    /// When manifests are signed.
    Publish {
        /// At least so often, also when nothing changed, in seconds.
        tick_s: u64 = 60;
        /// Changes that come within this time go into one manifest, in milliseconds.
        coalesce_ms: u64 = 200;
    }
}

section! {
    /// Carries changes between replicas. Without a URL the bus in this process serves, which is enough for one. Redis is
    /// a cache: whatever happens to it un-revokes nothing; `freightpass.bus` in gRPC health and /readyz tell when it lags.
    Redis {
        /// redis://[user@]host:port/db. One that holds a password belongs into url_file.
        url: Option<Secret> = None, example "\"redis://127.0.0.1:6379/0\"";
        /// A file that holds the URL, password and all; url and url_file exclude each other.
        url_file: Option<PathBuf> = None, example "\"/etc/freightpass/secrets/redis-url\"";
    }
}

section! {
    /// Files that hold secrets. In development they are made below the data folder where they are not set; production
    /// wants them there, and readable by nobody else.
    Secrets {
        /// Opens the signing keys.
        passphrase_file: Option<PathBuf> = None, example "\"/etc/freightpass/secrets/passphrase\"";
        /// 32 bytes, from which the keys of ID and phone numbers are derived. Lost, they are lost; stolen with the
        /// registry, they are read.
        fields_key_file: Option<PathBuf> = None, example "\"/etc/freightpass/secrets/fields.key\"";
    }
}

section! {
    /// A county office recommends, and signs nothing: a block for each. Not to be set by the environment.
    Office {
        /// The body in its officers' certificates.
        code: String = String::new(), example "\"CN-320583\"";
        /// The division for which it speaks.
        division: String = String::new(), example "\"320583\"";
    }
}

impl Config {
    /// The Redis URL, with whatever password it holds.
    pub fn redis_url(&self) -> Result<Option<Secret>, ConfigError> {
        let Some(path) = &self.redis.url_file else { return Ok(self.redis.url.clone()) };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File {
            key: "redis.url_file",
            path: path.clone(),
            source,
        })?;
        Ok(Some(text.trim().to_owned().into()))
    }

    /// Every file that holds a secret, with the key that names it.
    pub fn secret_files(&self) -> Vec<(&'static str, PathBuf)> {
        [
            ("public.key", &self.public.key),
            ("admin.key", &self.admin.key),
            ("secrets.passphrase_file", &self.secrets.passphrase_file),
            ("secrets.fields_key_file", &self.secrets.fields_key_file),
            ("backup.passphrase_file", &self.backup.passphrase_file),
            ("redis.url_file", &self.redis.url_file),
        ]
        .into_iter()
        .filter_map(|(key, file)| Some((key, file.clone()?)))
        .collect()
    }

    /// Whether the listeners describe themselves.
    pub fn reflection(&self) -> bool {
        self.reflection.unwrap_or(self.mode == Mode::Development)
    }

    /// The file from which the keys of the protected fields are derived.
    pub fn fields_key_file(&self) -> PathBuf {
        self.secrets.fields_key_file.clone().unwrap_or_else(|| self.data_folder.join("secrets/fields.key"))
    }

    /// The folder of backups.
    pub fn backup_folder(&self) -> PathBuf {
        self.backup.folder.clone().unwrap_or_else(|| self.data_folder.join(BACKUPS_FOLDER))
    }

    /// The passphrase of backups; in production there is none unless it is set.
    pub fn backup_passphrase_file(&self) -> Option<PathBuf> {
        let made = || self.data_folder.join(crate::backup::PASSPHRASE_FILE);
        self.backup.passphrase_file.clone().or_else(|| (self.mode == Mode::Development).then(made))
    }

    /// The file of the passphrase of the signing keys.
    pub fn passphrase_file(&self) -> PathBuf {
        self.secrets.passphrase_file.clone().unwrap_or_else(|| self.data_folder.join("secrets/passphrase"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::sources::load;

    #[test]
    fn the_defaults_are_usable_and_closed() {
        let config = load("", &[], Flags::default()).unwrap();
        config.check().unwrap();
        assert_eq!(config.public.address, "127.0.0.1:8440".parse().unwrap());
        assert_eq!(config.admin.address, "127.0.0.1:8441".parse().unwrap());
        assert!(config.reflection());
    }

    #[test]
    fn a_password_does_not_show_in_debug() {
        let text = "[redis]\nurl = \"redis://:hunter2@127.0.0.1/\"";
        let config = load(text, &[], Flags::default()).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(!effective(&config).into_iter().any(|(_, value)| value.contains("hunter2")));
        assert!(config.redis_url().unwrap().unwrap().expose().contains("hunter2"));
    }

    #[test]
    fn the_url_of_redis_is_read_from_its_file_without_the_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("redis-url");
        let text = format!("[redis]\nurl_file = {:?}", path.to_str().unwrap());
        let config = load(&text, &[], Flags::default()).unwrap();
        assert!(matches!(config.redis_url(), Err(ConfigError::File { key: "redis.url_file", .. })));
        std::fs::write(&path, "redis://:hunter2@127.0.0.1/\r\n").unwrap();
        assert_eq!(config.redis_url().unwrap().unwrap().expose(), "redis://:hunter2@127.0.0.1/");
    }
}

//! The configuration of `serve`: a TOML file, then the environment (`FREIGHTPASS__PUBLIC__ADDRESS=...`), then flags; the
//! later wins. Unknown keys are refused, units stand in the names, secrets come from files.
//!
//! [`Config::load`] reads ([`sources`]), [`Config::check`] says everything that is wrong at once ([`check`]);
//! `freightpass config check` and `serve` call the same two. A section of the file is a struct here.

mod check;
mod limits;
mod listeners;
mod log;
mod sources;

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub use limits::{Limits, Rates};
pub use listeners::{AdminListener, PublicListener};
pub use log::{Log, LogFormat};
pub use sources::Flags;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file, the environment or a flag does not read.
    #[error("configuration: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// It reads, and must not be used.
    #[error("configuration: {}", .0.join("; "))]
    Refused(Vec<String>),
}

/// Everything that `serve` can be told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Development makes its own keys and PKI; production refuses everything that is only good enough to try.
    pub mode: Mode,
    /// The data folder: registry, keys, and in development the PKI and the secrets.
    pub data_folder: PathBuf,
    /// The profile of divisions, plates, codes and papers: `cn`, or another that is built in.
    pub profile: String,
    /// Where scanners and holders come in.
    pub public: PublicListener,
    /// Where officers come in.
    pub admin: AdminListener,
    /// How much anybody may ask for.
    pub limits: Limits,
    /// How much a stranger may ask for.
    pub rates: Rates,
    /// When manifests are signed.
    pub publish: Publish,
    /// The bus between replicas; without a URL the one in this process serves.
    pub redis: Redis,
    /// Secrets, by the files that hold them.
    pub secrets: Secrets,
    /// What is logged, and how.
    pub log: Log,
    /// County offices: they recommend, and sign nothing.
    pub offices: Vec<Office>,
    /// gRPC reflection; refused in production, on in development unless it is set to false.
    pub reflection: Option<bool>,
    /// From the signal to the end, at most, in seconds.
    pub drain_deadline_s: u64,
}

/// What the service is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// To try it: keys, PKI and secrets are made on first start.
    Development,
    /// For an emergency.
    Production,
}

/// The publisher.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publish {
    /// A manifest is signed at least so often, also when nothing changed, in seconds.
    pub tick_s: u64,
    /// Changes that come within this time go into one manifest, in milliseconds.
    pub coalesce_ms: u64,
}

/// Redis as the bus.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redis {
    /// `redis://[user:password@]host:port/db`.
    pub url: Option<SecretString>,
}

/// Files that hold secrets. In development they are made below the data folder where they are not set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Secrets {
    /// The passphrase of the signing keys at rest.
    pub passphrase_file: Option<PathBuf>,
    /// 32 bytes from which the keys of the protected fields are derived.
    pub fields_key_file: Option<PathBuf>,
}

/// A county office.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// The body in its officers' certificates.
    pub code: String,
    /// The division for which it speaks.
    pub division: String,
}

impl Config {
    /// The Redis URL, with whatever password it holds.
    pub fn redis_url(&self) -> Option<&str> {
        self.redis.url.as_ref().map(|url| url.expose_secret())
    }

    /// Whether the listeners describe themselves.
    pub fn reflection(&self) -> bool {
        self.reflection.unwrap_or(self.mode == Mode::Development)
    }

    /// The file from which the keys of the protected fields are derived.
    pub fn fields_key_file(&self) -> PathBuf {
        self.secrets.fields_key_file.clone().unwrap_or_else(|| self.data_folder.join("secrets/fields.key"))
    }

    /// The file of the passphrase of the signing keys.
    pub fn passphrase_file(&self) -> PathBuf {
        self.secrets.passphrase_file.clone().unwrap_or_else(|| self.data_folder.join("secrets/passphrase"))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Development,
            data_folder: "data".into(),
            profile: "cn".into(),
            public: PublicListener::default(),
            admin: AdminListener::default(),
            limits: Limits::default(),
            rates: Rates::default(),
            publish: Publish::default(),
            redis: Redis::default(),
            secrets: Secrets::default(),
            log: Log::default(),
            offices: Vec::new(),
            reflection: None,
            drain_deadline_s: 20,
        }
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self { tick_s: 60, coalesce_ms: 200 }
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
        assert!(config.redis_url().unwrap().contains("hunter2"));
    }
}

//! The configuration of `serve`: a TOML file, then the environment (`FREIGHTPASS__PUBLIC__ADDRESS=...`), then flags; the
//! later wins. Unknown keys are refused, units stand in the names, secrets come from files.
//!
//! [`Config::load`] reads, [`Config::check`] says everything that is wrong at once; `freightpass config check` and
//! `serve` call the same two.

use std::net::SocketAddr;
use std::path::PathBuf;

use config::{Environment, File, FileFormat};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

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

/// The public listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicListener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain, PEM. Without it the listener speaks plaintext, which only a loopback address may.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
}

/// The admin listener: mutual TLS always.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminListener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain, PEM; in development the PKI's own where it is not set.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
    /// CA certificates, PEM, that sign officers' certificates.
    pub client_ca: Option<PathBuf>,
}

/// Bounds on connections and calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections of one listener at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Streams of one connection at a time.
    pub concurrent_streams: u32,
    /// Header list of a request, in bytes as HTTP/2 counts them.
    pub header_list_bytes: u32,
    /// A request message on the public listener.
    pub public_request_bytes: usize,
    /// A request message on the admin listener: an import of 500 rows, or a trust list of 1 MiB.
    pub admin_request_bytes: usize,
    /// Streams that a peer may reset before they were accepted (CVE-2023-44487).
    pub pending_reset_streams: usize,
    /// Streams that our own errors may reset before the connection is closed.
    pub error_reset_streams: usize,
    /// From the accepted connection to the end of the TLS handshake.
    pub handshake_timeout_ms: u64,
    /// From the first byte of an HTTP/1 request to the end of its headers, and for a connection to say which HTTP it
    /// speaks.
    pub header_timeout_ms: u64,
    /// Pause after which an idle peer is asked whether it is there.
    pub keepalive_interval_ms: u64,
    /// For its answer.
    pub keepalive_timeout_ms: u64,
    /// Age at which a connection is closed gracefully, so that load spreads and certificates are read anew.
    pub connection_age_s: u64,
    /// The longest call, and the deadline of one that brings none; streams that watch are not bound by it.
    pub call_deadline_ms: u64,
    /// Streams of WatchStatus at a time.
    pub watchers: usize,
    /// And of one address (IPv4) or network of 64 bits (IPv6): a province's checkpoints may stand behind one.
    pub watchers_per_network: usize,
}

/// Rates on the public listener, for one replica.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Look-ups by number, per peer address and minute: numbers can be guessed.
    pub check_by_number_per_minute: u32,
    /// Scan reports, per peer address and minute.
    pub scan_reports_per_minute: u32,
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

/// What is logged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Text for people, JSON for machines.
    pub format: LogFormat,
    /// Directives such as `info,freightpass=debug`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

/// A county office.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// The body in its officers' certificates.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The division for which it speaks.
    pub division: String,
}

/// What the command line says: set values win over file and environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// Configuration file, TOML
    #[arg(long, value_name = "FILE", env = "FREIGHTPASS_CONFIG")]
    pub config: Option<PathBuf>,
    /// Data folder
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA")]
    pub data: Option<PathBuf>,
    /// development or production
    #[arg(long, value_enum)]
    pub mode: Option<Mode>,
    /// Address of the public listener; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub public: Option<SocketAddr>,
    /// Address of the admin listener; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub admin: Option<SocketAddr>,
    /// Redis as the bus between replicas
    #[arg(long, value_name = "URL", env = "FREIGHTPASS_REDIS_URL", hide_env_values = true)]
    pub redis: Option<String>,
    /// text or json
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// From the signal to the end, at most, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub drain_deadline_s: Option<u64>,
}

impl Config {
    /// Reads file, environment and flags. What it gives is not checked yet.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let environment =
            Environment::with_prefix("FREIGHTPASS").prefix_separator("__").separator("__").try_parsing(true);
        Self::load_from(flags, environment)
    }

    fn load_from(flags: &Flags, environment: Environment) -> Result<Self, ConfigError> {
        let mut sources = config::Config::builder();
        if let Some(path) = &flags.config {
            sources = sources.add_source(File::from(path.as_path()).format(FileFormat::Toml));
        }
        let text = |path: &PathBuf| path.display().to_string();
        let read = sources
            .add_source(environment)
            .set_override_option("data_folder", flags.data.as_ref().map(text))?
            .set_override_option("mode", flags.mode.map(|mode| name(&mode)))?
            .set_override_option("public.address", flags.public.map(|a| a.to_string()))?
            .set_override_option("admin.address", flags.admin.map(|a| a.to_string()))?
            .set_override_option("redis.url", flags.redis.clone())?
            .set_override_option("log.format", flags.log_format.map(|format| name(&format)))?
            .set_override_option("drain_deadline_s", flags.drain_deadline_s)?
            .build()?;
        Ok(read.try_deserialize()?)
    }

    /// Everything for which this configuration must not be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        self.check_listeners(&mut problems);
        self.check_bounds(&mut problems);
        if self.mode == Mode::Production {
            self.check_production(&mut problems);
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Refused(problems)) }
    }

    fn check_listeners(&self, problems: &mut Vec<String>) {
        let public = &self.public;
        if public.certificate.is_some() != public.key.is_some() {
            problems.push("public.certificate and public.key go together".into());
        }
        if public.certificate.is_none() && !public.address.ip().is_loopback() {
            problems.push(format!(
                "public.address {} is not loopback: set public.certificate and public.key, \
                 or listen on 127.0.0.1",
                public.address
            ));
        }
        let admin = &self.admin;
        let set = [&admin.certificate, &admin.key, &admin.client_ca];
        if set.iter().any(|path| path.is_some()) && set.iter().any(|path| path.is_none()) {
            problems.push("admin.certificate, admin.key and admin.client_ca go together".into());
        }
        for (at, office) in self.offices.iter().enumerate() {
            if office.code.is_empty() || office.division.is_empty() {
                problems.push(format!("offices[{at}]: code and division must not be empty"));
            }
            if self.offices[..at].iter().any(|o| o.code == office.code) {
                problems.push(format!("offices[{at}]: the code {} twice", office.code));
            }
        }
    }

    fn check_bounds(&self, problems: &mut Vec<String>) {
        let limits = &self.limits;
        let positive = [
            ("limits.connections", limits.connections as u64),
            ("limits.concurrent_streams", limits.concurrent_streams.into()),
            ("limits.header_list_bytes", limits.header_list_bytes.into()),
            ("limits.handshake_timeout_ms", limits.handshake_timeout_ms),
            ("limits.header_timeout_ms", limits.header_timeout_ms),
            ("limits.keepalive_interval_ms", limits.keepalive_interval_ms),
            ("limits.keepalive_timeout_ms", limits.keepalive_timeout_ms),
            ("limits.connection_age_s", limits.connection_age_s),
            ("limits.call_deadline_ms", limits.call_deadline_ms),
            ("limits.watchers", limits.watchers as u64),
            ("limits.watchers_per_network", limits.watchers_per_network as u64),
            ("rates.check_by_number_per_minute", self.rates.check_by_number_per_minute.into()),
            ("publish.tick_s", self.publish.tick_s),
            ("drain_deadline_s", self.drain_deadline_s),
        ];
        for (key, value) in positive {
            if value == 0 {
                problems.push(format!("{key} must not be 0"));
            }
        }
        if self.rates.scan_reports_per_minute < LEAST_SCAN_REPORTS {
            problems.push(format!(
                "rates.scan_reports_per_minute must be at least {LEAST_SCAN_REPORTS}, or a full ReportScans call is \
                 never taken"
            ));
        }
        if limits.admin_request_bytes < LEAST_ADMIN_REQUEST_BYTES {
            problems.push(format!(
                "limits.admin_request_bytes must be at least {LEAST_ADMIN_REQUEST_BYTES}, \
                 or a trust list of 1 MiB cannot be installed"
            ));
        }
    }

    fn check_production(&self, problems: &mut Vec<String>) {
        if self.admin.certificate.is_none() {
            problems.push(
                "production has no development PKI: set admin.certificate, admin.key and \
                 admin.client_ca"
                    .into(),
            );
        }
        for (key, file) in [
            ("secrets.passphrase_file", &self.secrets.passphrase_file),
            ("secrets.fields_key_file", &self.secrets.fields_key_file),
        ] {
            match file {
                None => problems.push(format!("production needs {key}")),
                Some(path) if !path.exists() => problems
                    .push(format!("{key}: {} does not exist; make it, readable by the service alone", path.display())),
                Some(_) => {}
            }
        }
        if self.reflection == Some(true) {
            problems.push("production has no reflection: set reflection = false".into());
        }
    }

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

/// A trust list of 1 MiB in its message.
const LEAST_ADMIN_REQUEST_BYTES: usize = (1 << 20) + 4096;

/// The most reports of one call (checkpoint::MAX_REPORTS): a rate below it would refuse such a call for ever.
const LEAST_SCAN_REPORTS: u32 = 500;

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

impl Default for PublicListener {
    fn default() -> Self {
        Self { address: ([127, 0, 0, 1], 8440).into(), certificate: None, key: None }
    }
}

impl Default for AdminListener {
    fn default() -> Self {
        Self { address: ([127, 0, 0, 1], 8441).into(), certificate: None, key: None, client_ca: None }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            concurrent_streams: 200,
            header_list_bytes: 16 * 1024,
            public_request_bytes: 256 * 1024,
            admin_request_bytes: 4 << 20,
            pending_reset_streams: 20,
            error_reset_streams: 1_024,
            handshake_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            keepalive_interval_ms: 30_000,
            keepalive_timeout_ms: 20_000,
            connection_age_s: 3_600,
            call_deadline_ms: 60_000,
            watchers: 5_000,
            watchers_per_network: 1_000,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self { check_by_number_per_minute: 600, scan_reports_per_minute: 6_000 }
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self { tick_s: 60, coalesce_ms: 200 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

fn name(value: &impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn load(text: &str, environment: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("freightpass.toml");
        std::fs::write(&path, text).unwrap();
        let variables: HashMap<String, String> =
            environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let environment = Environment::with_prefix("FREIGHTPASS")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .source(Some(variables));
        let flags = Flags { config: Some(path), ..flags };
        Config::load_from(&flags, environment)
    }

    fn problems(config: &Config) -> Vec<String> {
        match config.check() {
            Err(ConfigError::Refused(problems)) => problems,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_defaults_are_usable_and_closed() {
        let config = load("", &[], Flags::default()).unwrap();
        config.check().unwrap();
        assert_eq!(config.public.address, "127.0.0.1:8440".parse().unwrap());
        assert_eq!(config.admin.address, "127.0.0.1:8441".parse().unwrap());
        assert!(config.reflection());
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let text = "[public]\naddress = \"127.0.0.1:1\"\n[admin]\naddress = \"127.0.0.1:1\"\n";
        let config = load(
            text,
            &[
                ("FREIGHTPASS__PUBLIC__ADDRESS", "127.0.0.1:2"),
                ("FREIGHTPASS__ADMIN__ADDRESS", "127.0.0.1:2"),
                ("FREIGHTPASS__PUBLISH__TICK_S", "7"),
            ],
            Flags { public: Some("127.0.0.1:3".parse().unwrap()), mode: Some(Mode::Production), ..Flags::default() },
        )
        .unwrap();
        assert_eq!(config.public.address.port(), 3);
        assert_eq!(config.admin.address.port(), 2);
        assert_eq!(config.publish.tick_s, 7);
        assert_eq!(config.mode, Mode::Production);
    }

    #[test]
    fn an_unknown_key_is_refused_wherever_it_stands() {
        for (text, environment) in [
            ("colour = 1", vec![]),
            ("[public]\nadress = \"127.0.0.1:1\"", vec![]),
            ("[limits]\nhandshake_timeout_s = 1", vec![]),
            ("", vec![("FREIGHTPASS__PUBLIC__ADRESS", "127.0.0.1:2")]),
        ] {
            assert!(matches!(load(text, &environment, Flags::default()), Err(ConfigError::Unreadable(_))));
        }
    }

    #[test]
    fn plaintext_off_loopback_is_refused_in_every_mode() {
        let config = load("[public]\naddress = \"0.0.0.0:8440\"", &[], Flags::default()).unwrap();
        assert!(problems(&config)[0].contains("not loopback"));
    }

    #[test]
    fn production_names_everything_that_is_missing() {
        let text = "mode = \"production\"\nreflection = true\n";
        let found = problems(&load(text, &[], Flags::default()).unwrap()).join("\n");
        for word in ["admin.certificate", "secrets.passphrase_file", "secrets.fields_key_file", "reflection"] {
            assert!(found.contains(word), "{word} is missing in: {found}");
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug() {
        let text = "[redis]\nurl = \"redis://:hunter2@127.0.0.1/\"";
        let config = load(text, &[], Flags::default()).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(config.redis_url().unwrap().contains("hunter2"));
    }

    #[test]
    fn the_sample_files_read() {
        let development = load(include_str!("../deploy/development.toml"), &[], Flags::default()).unwrap();
        development.check().unwrap();
        assert_eq!(development.mode, Mode::Development);

        let production = load(include_str!("../deploy/production.toml"), &[], Flags::default()).unwrap();
        assert_eq!(production.mode, Mode::Production);
        // Its secrets do not exist on this machine; nothing else may be wrong with it.
        for problem in problems(&production) {
            assert!(problem.contains("does not exist"), "{problem}");
        }
    }
}

//! Where the values come from: the file, the environment, the command line; and which of them each came from.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use config::{Environment, File, FileFormat, Source, Value, ValueKind};

use super::keys::{self, is_section};
use super::{Config, ConfigError, LogFormat, Mode};

/// What stands before every key in the environment.
const PREFIX: &str = "FREIGHTPASS";

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

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A flag, or the variable that stands for it.
    Flag(&'static str),
}

/// The origin of each key that somebody set, by its full name.
pub type Origins = BTreeMap<String, Origin>;

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path) => write!(f, "file {}", path.display()),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

impl Config {
    /// Reads file, environment and flags. What it gives is not checked yet.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Ok(Self::load_with_origins(flags)?.0)
    }

    /// The same, and where each value came from; a key that does not stand there has its default.
    pub fn load_with_origins(flags: &Flags) -> Result<(Self, Origins), ConfigError> {
        Self::load_from(flags, environment())
    }

    fn load_from(flags: &Flags, environment: Environment) -> Result<(Self, Origins), ConfigError> {
        let mut sources = config::Config::builder();
        let mut origins = Origins::new();
        if let Some(path) = &flags.config {
            let file = File::from(path.as_path()).format(FileFormat::Toml);
            note(&file, &mut origins, |_| Origin::File(path.clone()))?;
            sources = sources.add_source(file);
        }
        note(&environment, &mut origins, |key| Origin::Environment(variable(key)))?;
        sources = sources.add_source(environment);
        for (key, name, value) in flags.values() {
            origins.insert(key.to_owned(), Origin::Flag(name));
            sources = sources.set_override(key, value)?;
        }
        Ok((sources.build()?.try_deserialize()?, origins))
    }
}

impl Flags {
    /// The keys that they set, each with the flag and its value.
    fn values(&self) -> Vec<(&'static str, &'static str, Value)> {
        let text = |path: &PathBuf| path.display().to_string();
        let mut values = Vec::new();
        let mut set = |key, flag, value: Option<ValueKind>| {
            values.extend(value.map(|value| (key, flag, Value::new(None, value))));
        };
        set("data_folder", "--data (or FREIGHTPASS_DATA)", self.data.as_ref().map(|path| text(path).into()));
        set("mode", "--mode", self.mode.map(|mode| name(&mode).into()));
        set("public.address", "--public", self.public.map(|address| address.to_string().into()));
        set("admin.address", "--admin", self.admin.map(|address| address.to_string().into()));
        set("redis.url", "--redis (or FREIGHTPASS_REDIS_URL)", self.redis.clone().map(Into::into));
        set("log.format", "--log-format", self.log_format.map(|format| name(&format).into()));
        set("drain_deadline_s", "--drain-deadline-s", self.drain_deadline_s.map(Into::into));
        values
    }
}

fn environment() -> Environment {
    Environment::with_prefix(PREFIX).prefix_separator("__").separator("__").try_parsing(true)
}

/// The variable that sets a key.
fn variable(key: &str) -> String {
    format!("{PREFIX}__{}", key.to_uppercase().replace('.', "__"))
}

/// Notes the keys of one source, and refuses those that nobody knows.
fn note(source: &impl Source, origins: &mut Origins, origin: impl Fn(&str) -> Origin) -> Result<(), ConfigError> {
    let known = keys::all();
    let mut found = Vec::new();
    for (name, value) in source.collect()? {
        names(&name, &value, &mut found);
    }
    for key in found {
        let origin = origin(&key);
        if !known.contains(&key) && !is_section(&key) {
            let nearest = keys::nearest(&key);
            return Err(ConfigError::Unknown { key, origin, nearest });
        }
        origins.insert(key, origin);
    }
    Ok(())
}

/// The full names below `name`; every block of a list is the same.
fn names(name: &str, value: &Value, found: &mut Vec<String>) {
    match &value.kind {
        ValueKind::Table(table) => table.iter().for_each(|(key, value)| names(&format!("{name}.{key}"), value, found)),
        ValueKind::Array(values) if is_section(name) => values.iter().for_each(|value| names(name, value, found)),
        _ => found.push(name.to_owned()),
    }
}

fn name(value: &impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Reads a configuration as from a file, an environment and flags.
#[cfg(test)]
pub(super) fn load(text: &str, variables: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
    Ok(load_all(text, variables, flags)?.0)
}

#[cfg(test)]
fn load_all(text: &str, variables: &[(&str, &str)], flags: Flags) -> Result<(Config, Origins), ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("freightpass.toml");
    std::fs::write(&path, text).unwrap();
    let variables: std::collections::HashMap<String, String> =
        variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let flags = Flags { config: Some(path), ..flags };
    Config::load_from(&flags, environment().source(Some(variables)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file_and_each_is_named() {
        let text = "profile = \"cn\"\n[public]\naddress = \"127.0.0.1:1\"\n[admin]\naddress = \"127.0.0.1:1\"\n";
        let (config, origins) = load_all(
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
        let origin = |key: &str| origins.get(key).cloned().unwrap_or(Origin::Default);
        assert_eq!(origin("public.address"), Origin::Flag("--public"));
        assert_eq!(origin("mode"), Origin::Flag("--mode"));
        assert_eq!(origin("admin.address"), Origin::Environment("FREIGHTPASS__ADMIN__ADDRESS".into()));
        assert_eq!(origin("publish.tick_s"), Origin::Environment("FREIGHTPASS__PUBLISH__TICK_S".into()));
        assert!(matches!(origin("profile"), Origin::File(path) if path.ends_with("freightpass.toml")));
        assert_eq!(origin("publish.coalesce_ms"), Origin::Default);
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_with_its_place_and_the_nearest_wherever_it_stands() {
        for (text, variables, words) in [
            ("colour = 1", vec![], "freightpass.toml: there is no key colour;"),
            ("[public]\nadress = \"127.0.0.1:1\"", vec![], "no key public.adress; the nearest is public.address "),
            ("[limits]\nhandshake_timeout_s = 1", vec![], "the nearest is limits.handshake_timeout_ms "),
            ("[log.more]\nformat = \"text\"", vec![], "no key log.more.format;"),
            ("[[offices]]\ncode = \"A\"\nplace = \"B\"", vec![], "no key offices.place;"),
            (
                "",
                vec![("FREIGHTPASS__PUBLIC__ADRESS", "127.0.0.1:2")],
                "environment FREIGHTPASS__PUBLIC__ADRESS: there is no key public.adress; the nearest is public.address ",
            ),
        ] {
            let error = load(text, &variables, Flags::default()).unwrap_err();
            assert!(matches!(error, ConfigError::Unknown { .. }), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_table_that_is_none_and_a_value_of_another_kind_are_refused() {
        for text in
            ["public = 3", "drain_deadline_s = \"soon\"", "[[public]]\naddress = \"127.0.0.1:1\"", "offices = 1"]
        {
            assert!(matches!(load(text, &[], Flags::default()), Err(ConfigError::Unreadable(_))), "{text}");
        }
    }
}

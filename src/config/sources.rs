//! Where the values come from: the file, the environment, the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use config::{Environment, File, FileFormat};

use super::{Config, ConfigError, LogFormat, Mode};

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
}

fn name(value: &impl clap::ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Reads a configuration as from a file, an environment and flags.
#[cfg(test)]
pub(super) fn load(text: &str, environment: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("freightpass.toml");
    std::fs::write(&path, text).unwrap();
    let variables: std::collections::HashMap<String, String> =
        environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let environment = Environment::with_prefix("FREIGHTPASS")
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true)
        .source(Some(variables));
    let flags = Flags { config: Some(path), ..flags };
    Config::load_from(&flags, environment)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! `freightpass config`: what a server would run with, looked at without one.

use anyhow::Context;

use super::Exit;
use super::output;
use super::serve::{check_certificates, offices, refuse_open_secrets};
use crate::bus::RedisBus;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags, Mode, Origin, Origins, effective, print};
use crate::profile;
use crate::telemetry;

/// Prints the documented configuration of a server, or checks one
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Prints every key with its words and its default
    Default(DefaultArgs),
    /// Says what each key is worth and where that comes from, and what is wrong
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: freightpass config default --mode production > freightpass.toml")]
struct DefaultArgs {
    /// development: the defaults; production: with whatever a production server must set
    #[arg(long, value_enum, default_value = "development")]
    mode: Mode,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
It takes what `serve` takes, opens the files that are named, and touches nothing. Each key stands on a line of its own
with its value and its origin: default, file, environment or flag. Exit code 3 where something is wrong.

Example: freightpass config check --config deploy/production.toml")]
struct CheckArgs {
    #[command(flatten)]
    flags: Flags,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let args = match &args.verb {
        Verb::Default(args) => {
            output::line(print::documented(args.mode).trim_end())?;
            return Ok(Exit::Admit);
        }
        Verb::Check(args) => args,
    };
    let (config, origins) = Config::load_with_origins(&args.flags)?;
    output::line(told(&config, &origins).trim_end())?;
    check(&config, &SystemClock)?;
    output::line(format_args!("nothing is wrong with it, as far as can be told without starting"))?;
    Ok(Exit::Admit)
}

/// A line for each key: its value, and where it comes from.
fn told(config: &Config, origins: &Origins) -> String {
    effective(config).into_iter().fold(String::new(), |text, (key, value)| {
        let place = key.split('[').next().unwrap_or_default();
        let origin = match origins.get(place) {
            // The keys of a list have the origin of its first.
            None => origins.get(&format!("{place}.code")).unwrap_or(&Origin::Default),
            Some(origin) => origin,
        };
        format!("{text}{:<50} {origin}\n", format!("{key} = {value}"))
    })
}

/// What [`Config::check`] asks, and what only the rooms know.
fn check(config: &Config, clock: &dyn Clock) -> anyhow::Result<()> {
    config.check()?;
    refuse_open_secrets(config)?;
    telemetry::check_filter(&config.log)?;
    let profile = profile::by_id(&config.profile)
        .with_context(|| format!("profile = {:?}: no such profile is built in; cn is", config.profile))?;
    offices(config, profile.as_ref())?;
    if let Some(url) = config.redis_url()? {
        RedisBus::new(url.expose(), &[0; 8], &[0; 32])?;
    }
    check_certificates(config, clock)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clock::FixedClock;

    fn load(folder: &Path, text: &str) -> Result<Config, String> {
        let path = folder.join("freightpass.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&Flags { config: Some(path), ..Flags::default() }).map_err(|error| error.to_string())
    }

    #[test]
    fn each_key_is_told_with_its_value_and_its_origin_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("freightpass.toml");
        let text = "[redis]\nurl = \"redis://:hunter2@127.0.0.1/\"\n[[offices]]\ncode = \"A\"\ndivision = \"320583\"\n";
        std::fs::write(&path, text).unwrap();
        let flags = Flags { config: Some(path), drain_deadline_s: Some(7), ..Flags::default() };
        let (config, origins) = Config::load_with_origins(&flags).unwrap();
        let told = told(&config, &origins);
        let line = |key: &str| told.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        assert!(line("drain_deadline_s = 7 ").ends_with(" flag --drain-deadline-s"), "{told}");
        assert!(line("redis.url = \"(hidden)\" ").contains(" file "), "{told}");
        assert!(line("offices[0] = code \"A\", division \"320583\" ").contains(" file "), "{told}");
        assert!(line("public.certificate = (none) ").ends_with(" default"), "{told}");
        assert!(!told.contains("hunter2"));
    }

    #[test]
    fn what_only_the_rooms_know_is_said_too() {
        let folder = tempfile::tempdir().unwrap();
        let clock = FixedClock::at(1_796_054_400);
        let check = |text: &str| check(&load(folder.path(), text).unwrap(), &clock);
        check("").unwrap();
        for (text, words) in [
            ("profile = \"atlantis\"", "no such profile"),
            ("[log]\nfilter = \"freightpass=loud\"", "log.filter"),
            ("[redis]\nurl = \"http://127.0.0.1\"", "redis.url"),
            ("[[offices]]\ncode = \"CN-99\"\ndivision = \"999999\"", "CN-99"),
            ("[public]\ncertificate = \"no.pem\"\nkey = \"no.key\"", "public.certificate"),
        ] {
            let refused = format!("{:#}", check(text).unwrap_err());
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }
}

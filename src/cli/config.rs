//! `freightpass config`: what a server would run with, looked at without one.

use anyhow::Context;

use super::Exit;
use super::output;
use super::serve::{offices, refuse_open_secrets};
use crate::bus::RedisBus;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Flags};
use crate::identity::not_after;
use crate::profile;
use crate::rpc::tls;
use crate::telemetry;

/// Checks the configuration of a server
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Says what is wrong with a configuration, or that nothing is
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
It takes what `serve` takes, opens the files that are named, and touches nothing. Exit code 3 where something is wrong.

Example: freightpass config check --config deploy/production.toml")]
struct CheckArgs {
    #[command(flatten)]
    flags: Flags,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let Verb::Check(args) = &args.verb;
    let config = Config::load(&args.flags)?;
    check(&config, &SystemClock)?;
    output::line(format_args!("nothing is wrong with it, as far as can be told without starting"))?;
    Ok(Exit::Admit)
}

/// What [`Config::check`] asks, and what only the rooms know.
fn check(config: &Config, clock: &dyn Clock) -> anyhow::Result<()> {
    config.check()?;
    refuse_open_secrets(config)?;
    telemetry::check_filter(&config.log)?;
    let profile = profile::by_id(&config.profile)
        .with_context(|| format!("profile = {:?}: no such profile is built in; cn is", config.profile))?;
    offices(config, profile.as_ref())?;
    if let Some(url) = config.redis_url() {
        RedisBus::new(url, &[0; 8], &[0; 32])?;
    }
    let (public, admin) = (&config.public, &config.admin);
    if let (Some(certificate), Some(key)) = (&public.certificate, &public.key) {
        tls::public(certificate, key).context("public.certificate, public.key")?;
    }
    if let (Some(certificate), Some(key), Some(client_ca)) = (&admin.certificate, &admin.key, &admin.client_ca) {
        tls::mutual(certificate, key, client_ca).context("admin.certificate, admin.key, admin.client_ca")?;
    }
    for file in [&public.certificate, &admin.certificate].into_iter().flatten() {
        let end = not_after(file).with_context(|| format!("the certificate {} does not read", file.display()))?;
        anyhow::ensure!(end > clock.now(), "the certificate {} expired at {end}", file.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::clock::FixedClock;

    const PRODUCTION: &str = include_str!("../../deploy/production.toml");

    fn load(folder: &Path, text: &str) -> Result<Config, String> {
        let path = folder.join("freightpass.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&Flags { config: Some(path), ..Flags::default() }).map_err(|error| error.to_string())
    }

    /// The sample with every commented key set, as an operator would uncomment it.
    fn uncommented() -> String {
        let is_key = |line: &str| {
            let name = line.split(" = ").next().unwrap_or_default();
            line.contains(" = ") && !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        };
        let line = |line: &str| match line.strip_prefix("# ") {
            Some(behind) if is_key(behind) || behind.starts_with('[') => format!("{behind}\n"),
            _ => format!("{line}\n"),
        };
        PRODUCTION.lines().map(line).collect()
    }

    /// The keys of a table, as the refusal of a key that nobody knows lists them.
    fn known_keys(folder: &Path, table: &str) -> BTreeSet<String> {
        let refusal = load(folder, &format!("{table}\nno_such_key = 1\n")).unwrap_err();
        let listed = refusal.split("expected").nth(1).unwrap_or_else(|| panic!("{refusal}"));
        let listed = listed.split(" for key ").next().unwrap_or_default();
        listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_production_sample_documents_every_key_and_every_default_reads() {
        let folder = tempfile::tempdir().unwrap();
        let text = uncommented();
        load(folder.path(), &text).unwrap();
        let mut documented = BTreeSet::new();
        let mut table = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with('[') {
                table = line.to_owned();
                documented.insert((String::new(), line.trim_matches(['[', ']']).to_owned()));
            } else if let Some((key, _)) = line.split_once(" = ") {
                documented.insert((table.clone(), key.to_owned()));
            }
        }
        let mut known = BTreeSet::new();
        for table in ["", "[public]", "[admin]", "[secrets]", "[publish]", "[redis]", "[rates]", "[limits]", "[log]"] {
            known.extend(known_keys(folder.path(), table).into_iter().map(|key| (table.to_owned(), key)));
        }
        let offices = "[[offices]]".to_owned();
        known.extend(["code", "division"].map(|key| (offices.clone(), key.to_owned())));
        assert_eq!(documented, known);
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

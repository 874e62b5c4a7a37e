//! `freightpass doctor`: what is wrong with an installation, whether its service runs or not. It changes nothing.

mod ask;
mod backups;
mod files;
mod finding;
mod registry;
mod running;
mod trust;

use std::path::PathBuf;

use self::finding::{Findings, Severity};
use super::Exit;
use super::connect::runtime;
use super::output;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError, Flags};
use crate::trust::WARN_BEFORE_S;

/// Says what is wrong with an installation, and what to do about it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One line a finding: how bad it is, what was looked at, what was found, what to do. It looks at the configuration, folders,
secrets, keys, certificates, trust list, registry, disk, clock, leftovers, backups, Redis and the running service, and
changes nothing. The registry is opened only where no service runs on the folder; a running one is asked.

Exit codes: 0 nothing (ok and info), 1 warnings, 2 errors (error and fatal), 3 it could not be looked at.

Examples:
  freightpass doctor --data data
  freightpass doctor --config /etc/freightpass/freightpass.toml --json")]
pub struct Args {
    /// Configuration file of the service, TOML
    #[arg(long, value_name = "FILE", env = "FREIGHTPASS_CONFIG")]
    config: Option<PathBuf>,
    /// Data folder
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA")]
    data: Option<PathBuf>,
    /// A line of JSON a finding: severity, area, found, advice
    #[arg(long)]
    json: bool,
    /// What is wrong only, without ok and info
    #[arg(long)]
    quiet: bool,
}

/// What is looked at.
struct Look<'c> {
    config: &'c Config,
    /// The present, seconds since 1970.
    now: u64,
    findings: Findings,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let flags = Flags { config: args.config.clone(), data: args.data.clone(), ..Flags::default() };
    let config = Config::load(&flags)?;
    let findings = runtime()?.block_on(look(&config, SystemClock.now_s()));
    for finding in &findings.0 {
        if args.quiet && finding.severity <= Severity::Info {
            continue;
        }
        match args.json {
            true => output::line(serde_json::to_string(finding)?)?,
            false => output::line(finding)?,
        }
    }
    Ok(findings.worst().exit())
}

async fn look(config: &Config, now: u64) -> Findings {
    let mut look = Look { config, now, findings: Findings::default() };
    look.configuration();
    if !look.folder() {
        return look.findings;
    }
    look.secrets();
    look.disk();
    look.leftovers();
    look.certificates();
    match running::lock(&config.data_folder) {
        running::State::Runs => look.service().await,
        running::State::Stopped(_lock) => look.registry().await,
        running::State::New => look.findings.add(
            Severity::Info,
            "registry",
            "no service was started on this folder yet",
            "the first start makes what is missing",
        ),
    }
    look.keys().await;
    look.backups();
    look.redis().await;
    look.findings
}

impl Look<'_> {
    fn configuration(&mut self) {
        match self.config.check() {
            Ok(()) => self.findings.ok("config", format_args!("mode {:?}", self.config.mode)),
            Err(ConfigError::Refused(problems)) => {
                for problem in problems {
                    self.findings.add(Severity::Fatal, "config", problem, "the service does not start with it");
                }
            }
            Err(error) => self.findings.add(Severity::Fatal, "config", error, "the service does not start with it"),
        }
    }

    /// Notes an end, seconds since 1970, that is near or past; `advice` says what to do in time.
    fn ends(&mut self, area: &'static str, what: &str, at: u64, advice: &str) {
        let day = jiff::Timestamp::from_second(i64::try_from(at).unwrap_or(i64::MAX))
            .map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
        if at <= self.now {
            self.findings.add(Severity::Error, area, format_args!("{what} ended {day}"), advice);
        } else if at <= self.now.saturating_add(WARN_BEFORE_S) {
            let days = (at - self.now) / 86_400;
            self.findings.add(Severity::Warn, area, format_args!("{what} ends {day}, in {days} day(s)"), advice);
        } else {
            self.findings.ok(area, format_args!("{what} until {day}"));
        }
    }
}

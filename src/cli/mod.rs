//! The command line: a verb a file. Verbs of authorities and enterprises are gRPC to the admin listener; those of the
//! checkpoint, of the trust ceremony and the demo need no running server.

mod apply;
mod approve;
mod audit;
mod card_face;
mod config;
mod connect;
mod demo;
mod exit;
mod help;
mod items;
mod keys;
mod output;
mod pass;
pub mod pki;
mod revoke;
mod sample;
mod scan;
pub mod serve;
mod sync;
mod table;
mod trust;
mod typed;
mod whitelist;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use exit::Exit;
use output::{READER_GONE, ReaderGone};

/// Signed freight passes that any checkpoint verifies offline
#[derive(Debug, Parser)]
#[command(name = "freightpass", disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Demo(demo::Args),
    Serve(serve::Args),
    Sample(sample::Args),
    Config(config::Args),
    Pki(pki::Args),
    Keys(keys::Args),
    Publish(keys::PublishArgs),
    Apply(apply::Args),
    Whitelist(whitelist::Args),
    Approve(approve::Args),
    Pass(pass::Args),
    Revoke(revoke::RevokeArgs),
    Suspend(revoke::SuspendArgs),
    Resume(revoke::ResumeArgs),
    RevokeEnterprise(revoke::EnterpriseArgs),
    Audit(audit::Args),
    Sync(sync::Args),
    Scan(scan::Args),
    Trust(trust::Args),
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

/// Runs the program: 0 admit or done, 1 refused, 2 referred, 3 error, 141 when the reader of the output went away.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let asked = !error.use_stderr();
            // Help into a closed pipe is no reason to complain either.
            let _ = error.print();
            return if asked { Exit::Admit } else { Exit::Error }.into();
        }
    };
    match dispatch(cli.verb) {
        Ok(exit) => exit.into(),
        Err(error) if error.is::<ReaderGone>() => ExitCode::from(READER_GONE),
        Err(error) => {
            output::aside(format_args!("freightpass: {error:#}"));
            Exit::Error.into()
        }
    }
}

/// The whole command with its grouped help; the documentation and the tests walk it.
pub fn command() -> clap::Command {
    help::grouped(Cli::command())
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn dispatch(verb: Verb) -> anyhow::Result<Exit> {
    match verb {
        Verb::Serve(args) => serve::run(args).map(|()| Exit::Admit),
        Verb::Config(args) => config::run(&args),
        Verb::Pki(args) => pki::run(args).map(|()| Exit::Admit),
        Verb::Sample(args) => sample::run(&args),
        Verb::Keys(args) => keys::run(&args),
        Verb::Publish(args) => keys::publish(&args),
        Verb::Apply(args) => apply::run(&args),
        Verb::Whitelist(args) => whitelist::run(&args),
        Verb::Approve(args) => approve::run(&args),
        Verb::Pass(args) => pass::run(&args),
        Verb::Revoke(args) => revoke::revoke(&args),
        Verb::Suspend(args) => revoke::suspend(&args),
        Verb::Resume(args) => revoke::resume(&args),
        Verb::RevokeEnterprise(args) => revoke::revoke_enterprise(&args),
        Verb::Audit(args) => audit::run(&args),
        Verb::Sync(args) => sync::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Trust(args) => trust::run(&args),
        Verb::Scan(args) => scan::run(&args),
    }
}

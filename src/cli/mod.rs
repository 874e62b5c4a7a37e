//! The command line: a verb a file. Verbs of authorities and enterprises are gRPC to the admin listener; those of the
//! checkpoint, of the trust ceremony and the demo need no running server.

mod amend;
mod application;
mod apply;
mod approve;
mod arrival;
mod audit;
mod backup;
mod caller;
mod card_face;
mod completions;
mod config;
mod connect;
mod crew;
mod decide;
mod demo;
mod doctor;
mod each;
mod enterprises;
mod evidence;
mod exit;
mod export;
mod file;
mod form;
mod handed_in;
mod help;
mod intake;
mod issue;
mod items;
mod keys;
mod output;
mod paged;
mod pass;
pub mod pki;
mod plan;
mod programme;
mod refusals;
mod report;
mod restore;
mod revocation;
mod revoke;
mod sample;
mod scan;
mod selection;
pub mod serve;
mod sync;
mod terms;
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
    Completions(completions::Args),
    Pki(pki::Args),
    Keys(keys::Args),
    Publish(keys::PublishArgs),
    Backup(backup::Args),
    Restore(restore::Args),
    Doctor(doctor::Args),
    Apply(apply::Args),
    Withdraw(decide::WithdrawArgs),
    Application(application::Args),
    Recommend(decide::RecommendArgs),
    Whitelist(whitelist::Args),
    Approve(approve::Args),
    Reject(decide::RejectArgs),
    Pass(pass::Args),
    Arrive(arrival::ArriveArgs),
    Arrival(arrival::Args),
    Programme(programme::Args),
    Report(report::Args),
    Amend(amend::Args),
    Revoke(revoke::RevokeArgs),
    Suspend(revoke::SuspendArgs),
    Resume(revoke::ResumeArgs),
    RevokeEnterprise(revoke::EnterpriseArgs),
    Revocation(revocation::Args),
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
        Verb::Completions(args) => completions::run(&args).map(|()| Exit::Admit),
        Verb::Pki(args) => pki::run(args).map(|()| Exit::Admit),
        Verb::Sample(args) => sample::run(&args),
        Verb::Keys(args) => keys::run(&args),
        Verb::Publish(args) => keys::publish(&args),
        Verb::Backup(args) => backup::run(&args),
        Verb::Restore(args) => restore::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Apply(args) => apply::run(&args),
        Verb::Withdraw(args) => decide::withdraw(&args),
        Verb::Application(args) => application::run(&args),
        Verb::Recommend(args) => decide::recommend(&args),
        Verb::Whitelist(args) => whitelist::run(&args),
        Verb::Approve(args) => approve::run(&args),
        Verb::Reject(args) => decide::reject(&args),
        Verb::Arrive(args) => arrival::arrive(&args),
        Verb::Arrival(args) => arrival::run(&args),
        Verb::Programme(args) => programme::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Amend(args) => amend::run(&args),
        Verb::Pass(args) => pass::run(&args),
        Verb::Revoke(args) => revoke::revoke(&args),
        Verb::Suspend(args) => revoke::suspend(&args),
        Verb::Resume(args) => revoke::resume(&args),
        Verb::RevokeEnterprise(args) => revoke::revoke_enterprise(&args),
        Verb::Revocation(args) => revocation::run(&args),
        Verb::Audit(args) => audit::run(&args),
        Verb::Sync(args) => sync::run(&args),
        Verb::Demo(args) => demo::run(&args),
        Verb::Trust(args) => trust::run(&args),
        Verb::Scan(args) => scan::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::identity::roles::TABLE;

    /// Methods without a verb, each with its reason.
    const WITHOUT: [(&str, &str); 4] = [
        ("SubmitApplication", "`apply` hands in rows by the batch"),
        ("WatchStatus", "`sync` asks for what is missing when somebody runs it"),
        ("CheckPass", "`scan` needs no network"),
        ("ReportScans", "`scan` needs no network"),
    ];

    #[test]
    fn every_method_is_called_by_some_verb() {
        let mut source = String::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli"), &mut source);
        for (_, method, _) in TABLE {
            let mut call = String::from(".");
            for (at, letter) in method.char_indices() {
                if letter.is_uppercase() && at > 0 {
                    call.push('_');
                }
                call.push(letter.to_ascii_lowercase());
            }
            call.push('(');
            let without = WITHOUT.iter().any(|(name, _)| name == method);
            assert_eq!(source.contains(&call), !without, "{method}");
        }
    }

    fn read(folder: &Path, source: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, source);
            } else {
                source.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
}

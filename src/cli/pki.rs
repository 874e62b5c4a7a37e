//! `freightpass pki`: certificates of the development PKI. Production brings its own PKI, and this verb has no part in
//! it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;

use super::output;
use crate::clock::{Clock, SystemClock};
use crate::identity::{DevelopmentPki, Officer, Role, officer_of_uri, uri_of};

/// Makes certificates of the development PKI
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Makes (or finds) the client certificate of an officer or of an enterprise's applicant
    #[command(after_help = "Example: freightpass pki officer --data data --body CN-3205 --name chief \
                            --roles approver,revoker")]
    Officer(OfficerArgs),
}

#[derive(Debug, clap::Args)]
struct OfficerArgs {
    /// Data folder of a development server
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA", default_value = "data")]
    data: PathBuf,
    /// Code of the authority, the county office or the enterprise
    #[arg(long)]
    body: String,
    /// Name of the officer: lower-case letters, digits, `-`, `_`, `.`
    #[arg(long)]
    name: String,
    /// Roles, separated by commas: applicant, whitelist, recommender, approver, revoker, auditor, operator
    #[arg(long, value_delimiter = ',', required = true)]
    roles: Vec<String>,
}

/// Runs the verb.
pub fn run(args: Args) -> anyhow::Result<()> {
    let Verb::Officer(args) = args.verb;
    let roles: BTreeSet<Role> = args
        .roles
        .iter()
        .map(|name| Role::by_name(name).with_context(|| format!("no such role: {name}")))
        .collect::<Result<_, _>>()?;
    let officer = Officer { body: args.body.clone(), name: args.name.clone(), roles: roles.into_iter().collect() };
    // What the server would not read is not made.
    let deployment = [0; 8];
    officer_of_uri(&uri_of(&officer, &deployment), &deployment)?;

    let now = SystemClock.now();
    let folder = args.data.join("pki");
    let pki = DevelopmentPki::open(&folder, now)
        .with_context(|| format!("no development PKI in {}; start `freightpass serve` once", folder.display()))?;
    let identity = pki.officer(&officer, now)?;
    output::line(format_args!("certificate {}", identity.certificate.display()))?;
    output::line(format_args!("key         {}", identity.key.display()))?;
    output::line(format_args!("ca          {}", pki.ca().display()))
}

//! `freightpass revocation`: what was stopped and let go on, by whom and why.

use super::Exit;
use super::connect::{AdminArgs, answered, runtime};
use super::output;
use super::paged::{self, PAGE};
use super::terms::{self, Term};
use super::typed::{self, ProfileArgs, told_time};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::revocation_service_client::RevocationServiceClient;

/// Lists revocations, suspensions and resumptions
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Lists changes of status in the order of the log
    #[command(after_help = "\
Examples:
  freightpass revocation list --pass 320500-220418-00042-0 --as CN-3205/chief
  freightpass revocation list --action revoked --reason misuse --from '2026-12-01 00:00' --as CN-3205/chief")]
    List(ListArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only changes of this pass
    #[arg(long, value_name = "NUMBER", default_value = "")]
    pass: String,
    /// Only of passes of the enterprise with this number
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    enterprise: u32,
    /// Only changes of this kind
    #[arg(long, value_parser = Term::StatusAction.parser())]
    action: Option<i32>,
    /// Only changes for this reason
    #[arg(long, value_parser = Term::StatusReason.parser())]
    reason: Option<i32>,
    /// Only changes at this time or later
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only changes before this time
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let Verb::List(args) = &args.verb;
    let profile = args.profile.profile()?;
    let filter = proto::RevocationFilter {
        pass_number: args.pass.clone(),
        enterprise_number: args.enterprise,
        action: args.action.unwrap_or_default(),
        reason: args.reason.unwrap_or_default(),
        from: typed::timestamp(&*profile, args.from.as_deref())?,
        before: typed::timestamp(&*profile, args.before.as_deref())?,
    };
    runtime()?.block_on(async {
        let mut client = RevocationServiceClient::new(args.admin.connect(None).await?);
        let fetch = async |page_token| {
            let request = proto::ListRevocationsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_revocations(request).await)?;
            Ok((page.changes, page.next_page_token))
        };
        paged::every(fetch, |change| output::line(line(&*profile, &change))).await?;
        Ok(Exit::Admit)
    })
}

fn line(profile: &dyn Profile, change: &proto::StatusChange) -> String {
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}/{}\t{}",
        change.log_seq,
        told_time(profile, change.time),
        change.pass_number,
        terms::told(change.action().as_str_name()),
        terms::told(change.reason().as_str_name()),
        change.body,
        change.officer,
        change.reason_text
    )
}

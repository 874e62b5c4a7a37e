//! `freightpass revoke`, `suspend`, `resume`, `revoke-enterprise`: stopping passes, and letting them go on.

use std::io::{self, IsTerminal};

use anyhow::bail;
use clap::ValueEnum;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::output::{self, asked_yes};
use crate::rpc::proto;
use crate::rpc::proto::revocation_service_client::RevocationServiceClient;

/// Revokes a pass: final
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: freightpass revoke 320500-220418-00042-0 --reason misuse --as CN-3205/chief")]
pub struct RevokeArgs {
    #[command(flatten)]
    stop: StopArgs,
}

/// Suspends a pass: refused at checkpoints until it is resumed
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: freightpass suspend 320500-220418-00042-0 --reason investigation --as CN-3205/chief")]
pub struct SuspendArgs {
    #[command(flatten)]
    stop: StopArgs,
}

/// Lets a suspended pass go on
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: freightpass resume 320500-220418-00042-0 --as CN-3205/chief")]
pub struct ResumeArgs {
    /// Number of the pass
    number: String,
    /// Why
    #[arg(long, value_enum, default_value = "cleared")]
    reason: Reason,
    /// Why, in words; required for `other`
    #[arg(long, default_value = "")]
    text: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Takes an enterprise off the white list and revokes all its passes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  freightpass revoke-enterprise 17 --text 'false papers' --dry-run --as CN-3205/chief    how many trucks would stop
  freightpass revoke-enterprise 17 --text 'false papers' --as CN-3205/chief              shows that, and asks")]
pub struct EnterpriseArgs {
    /// Number of the enterprise on the white list
    number: u32,
    /// Why, in words
    #[arg(long)]
    text: String,
    /// Say how many trucks it stops, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    #[command(flatten)]
    admin: AdminArgs,
}

#[derive(Debug, clap::Args)]
struct StopArgs {
    /// Number of the pass
    number: String,
    /// Why
    #[arg(long, value_enum)]
    reason: Reason,
    /// Why, in words; required for `other`
    #[arg(long, default_value = "")]
    text: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Why; the service knows which reason fits which change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the comments of StatusReason in types.proto say it")]
pub enum Reason {
    FalseStatement,
    Misuse,
    CopiedOrLost,
    CrewUnfit,
    VehicleUnfit,
    IssuedInError,
    HolderRequest,
    Investigation,
    Cleared,
    ProgrammeEnded,
    Other,
}

impl From<Reason> for proto::StatusReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::FalseStatement => proto::StatusReason::FalseStatement,
            Reason::Misuse => proto::StatusReason::Misuse,
            Reason::CopiedOrLost => proto::StatusReason::CopiedOrLost,
            Reason::CrewUnfit => proto::StatusReason::CrewUnfit,
            Reason::VehicleUnfit => proto::StatusReason::VehicleUnfit,
            Reason::IssuedInError => proto::StatusReason::IssuedInError,
            Reason::HolderRequest => proto::StatusReason::HolderRequest,
            Reason::Investigation => proto::StatusReason::Investigation,
            Reason::Cleared => proto::StatusReason::Cleared,
            Reason::ProgrammeEnded => proto::StatusReason::ProgrammeEnded,
            Reason::Other => proto::StatusReason::Other,
        }
    }
}

/// Runs `revoke`.
pub fn revoke(args: &RevokeArgs) -> anyhow::Result<Exit> {
    let stop = &args.stop;
    runtime()?.block_on(async {
        let request = proto::RevokePassRequest {
            request_id: request_id(),
            pass_number: stop.number.clone(),
            reason: proto::StatusReason::from(stop.reason).into(),
            reason_text: stop.text.clone(),
        };
        let mut client = RevocationServiceClient::new(stop.admin.connect(None).await?);
        let answer = answered(repeated(async || client.revoke_pass(request.clone()).await).await)?;
        let before = if answer.already_revoked { " before 此前已" } else { "" };
        tell(&format!("revoked{before} 吊销"), answer.change)
    })
}

/// Runs `suspend`.
pub fn suspend(args: &SuspendArgs) -> anyhow::Result<Exit> {
    let stop = &args.stop;
    runtime()?.block_on(async {
        let request = proto::SuspendPassRequest {
            request_id: request_id(),
            pass_number: stop.number.clone(),
            reason: proto::StatusReason::from(stop.reason).into(),
            reason_text: stop.text.clone(),
        };
        let mut client = RevocationServiceClient::new(stop.admin.connect(None).await?);
        tell("suspended 暂停", answered(repeated(async || client.suspend_pass(request.clone()).await).await)?.change)
    })
}

/// Runs `resume`.
pub fn resume(args: &ResumeArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let request = proto::ResumePassRequest {
            request_id: request_id(),
            pass_number: args.number.clone(),
            reason: proto::StatusReason::from(args.reason).into(),
            reason_text: args.text.clone(),
        };
        let mut client = RevocationServiceClient::new(args.admin.connect(None).await?);
        tell("resumed 恢复", answered(repeated(async || client.resume_pass(request.clone()).await).await)?.change)
    })
}

/// Runs `revoke-enterprise`.
pub fn revoke_enterprise(args: &EnterpriseArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = RevocationServiceClient::new(args.admin.connect(None).await?);
        let request = |dry_run| proto::RevokeEnterpriseRequest {
            request_id: request_id(),
            enterprise_number: args.number,
            reason_text: args.text.clone(),
            dry_run,
        };
        if !args.yes {
            let rehearsal = request(true);
            let would = answered(repeated(async || client.revoke_enterprise(rehearsal.clone()).await).await)?;
            let (trucks, passes) = (would.truck_count, would.pass_count);
            output::line(format_args!("would stop 将停驶 {trucks} truck(s) 辆, {passes} pass(es) 份"))?;
            if args.dry_run || !confirmed(trucks)? {
                return Ok(Exit::Admit);
            }
        }
        let order = request(false);
        let answer = answered(repeated(async || client.revoke_enterprise(order.clone()).await).await)?;
        output::line(format_args!(
            "stopped 已停驶 {} truck(s) 辆, {} pass(es) 份, status log {} to {}",
            answer.truck_count, answer.pass_count, answer.first_log_seq, answer.last_log_seq
        ))?;
        Ok(Exit::Admit)
    })
}

/// Whether the person at the terminal says yes; where nobody sits it must have been said on the command line.
fn confirmed(trucks: u32) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("{trucks} truck(s) would be stopped for good: say --yes, or --dry-run");
    }
    asked_yes(format_args!("stop these {trucks} truck(s) for good 永久停驶? [y/N] "))
}

fn tell(what: &str, change: Option<proto::StatusChange>) -> anyhow::Result<Exit> {
    let change = change.unwrap_or_default();
    output::line(format_args!("{what} {} (status log {})", change.pass_number, change.log_seq))?;
    Ok(Exit::Admit)
}

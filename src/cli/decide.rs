//! `freightpass recommend`, `reject`, `withdraw`: what becomes of applications that are not decided yet, besides
//! `approve`.

use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::each::Each;
use super::items::{Bar, error_text};
use super::output;
use super::plan::{BATCH, Chosen, Decision, PlanArgs, Planned, Selected, versions};
use super::selection::FilterArgs;
use super::terms::{self, Term};
use super::typed::ProfileArgs;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;
use crate::rpc::proto::approval_service_client::ApprovalServiceClient;

/// Speaks for applications, as a county office: it binds nobody
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1 when some application was not recommended.

Example: freightpass recommend 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --comment 'the town needs it' --as CN-320583/clerk")]
pub struct RecommendArgs {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION", required = true)]
    applications: Vec<String>,
    /// The office's words
    #[arg(long, default_value = "")]
    comment: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Rejects applications: final
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The enterprise reads reason and text. By a filter, what would be rejected is shown first, and exactly that is rejected \
then, as `approve` does it. Exit code 1 when some application was, or would be, not rejected.

Examples:
  freightpass application list --state submitted --as CN-3205/chief
  freightpass reject 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --reason evidence --text 'the test is four days old' \
--as CN-3205/chief
  freightpass reject --enterprise 17 --reason not-essential --dry-run --plan plan.json --as CN-3205/chief
  freightpass reject --plan plan.json --reason not-essential --as CN-3205/chief")]
pub struct RejectArgs {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION")]
    applications: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    plan: PlanArgs,
    /// Why
    #[arg(long, value_parser = Term::RejectionReason.parser())]
    reason: i32,
    /// Why, in words that the enterprise reads; required for `other`
    #[arg(long, default_value = "")]
    text: String,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Takes back applications that are not decided yet
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Only the enterprise's own. Exit code 1 when some application was not withdrawn.

Example: freightpass withdraw 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --cert enterprise.pem --key enterprise.key")]
pub struct WithdrawArgs {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION", required = true)]
    applications: Vec<String>,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs `recommend`.
pub fn recommend(args: &RecommendArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = ApprovalServiceClient::new(args.admin.connect(None).await?);
        let mut each = Each::default();
        for id in &args.applications {
            let request = proto::RecommendApplicationRequest {
                request_id: request_id(),
                application_id: id.clone(),
                comment: args.comment.clone(),
            };
            let answer = repeated(async || client.recommend_application(request.clone()).await).await;
            each.answered(id, answer, |answer| state(answer.application))?;
        }
        each.end("recommended 推荐")
    })
}

/// Runs `reject`.
pub fn reject(args: &RejectArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    runtime()?.block_on(async {
        let channel = args.admin.connect(None).await?;
        let mut client = ApprovalServiceClient::new(channel.clone());
        let selected = Selected {
            decision: Decision::Reject,
            named: &args.applications,
            all: false,
            filter: &args.filter,
            plan: &args.plan,
            replaces: false,
        };
        let rehearse = async |batch: &[Planned]| {
            let answer = reject_batch(args, batch, true, &mut client).await?;
            Ok(answer.into_iter().map(|result| rejected(result).err()).collect())
        };
        let chosen = match selected.choose(&args.admin, &*profile, channel, rehearse).await? {
            Chosen::Shown(exit) => return Ok(exit),
            Chosen::Decide(chosen) => chosen,
        };
        if !args.applications.is_empty() {
            return reject_each(args, &chosen, &mut client).await;
        }
        let bar = Bar::of(chosen.len());
        let (mut done, mut refused) = (0, 0);
        for batch in chosen.chunks(BATCH) {
            let results = reject_batch(args, batch, false, &mut client).await?;
            for (one, result) in batch.iter().zip(results) {
                match rejected(result) {
                    Ok(words) => {
                        done += 1;
                        output::line(format_args!("{}\t{words}", one.id))?;
                    }
                    Err(why) => {
                        refused += 1;
                        output::line(format_args!("{}\trefused 未成: {why}", one.id))?;
                    }
                }
            }
            bar.forward(batch.len());
        }
        output::line(format_args!("rejected 驳回 {done}, refused 未成 {refused}"))?;
        Ok(Exit::refuse_if(refused > 0))
    })
}

/// Those that were typed, each by itself: an identifier that is none stops no other.
async fn reject_each(
    args: &RejectArgs,
    chosen: &[Planned],
    client: &mut ApprovalServiceClient<Channel>,
) -> anyhow::Result<Exit> {
    let mut each = Each::default();
    for one in chosen {
        let request = proto::RejectApplicationRequest {
            request_id: request_id(),
            application_id: one.id.clone(),
            reason: args.reason,
            reason_text: args.text.clone(),
        };
        let answer = repeated(async || client.reject_application(request.clone()).await).await;
        each.answered(&one.id, answer, |answer| state(answer.application))?;
    }
    each.end("rejected 驳回")
}

async fn reject_batch(
    args: &RejectArgs,
    batch: &[Planned],
    dry_run: bool,
    client: &mut ApprovalServiceClient<Channel>,
) -> anyhow::Result<Vec<proto::RejectResult>> {
    let request = proto::BatchRejectApplicationsRequest {
        request_id: request_id(),
        application_ids: batch.iter().map(|one| one.id.clone()).collect(),
        versions: versions(batch),
        reason: args.reason,
        reason_text: args.text.clone(),
        dry_run,
    };
    let answer = repeated(async || client.batch_reject_applications(request.clone()).await).await;
    Ok(answered(answer)?.results)
}

/// What became of it, or why it was not rejected.
fn rejected(result: proto::RejectResult) -> Result<String, String> {
    match result.result {
        Some(proto::reject_result::Result::Application(application)) => Ok(state(Some(application))),
        Some(proto::reject_result::Result::Error(error)) => Err(error_text(&error)),
        None => Err("an empty answer".to_owned()),
    }
}

/// Runs `withdraw`.
pub fn withdraw(args: &WithdrawArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = ApplicationServiceClient::new(args.admin.connect(None).await?);
        let mut each = Each::default();
        for id in &args.applications {
            let request = proto::WithdrawApplicationRequest { request_id: request_id(), application_id: id.clone() };
            let answer = repeated(async || client.withdraw_application(request.clone()).await).await;
            each.answered(id, answer, |answer| state(answer.application))?;
        }
        each.end("withdrawn 撤回")
    })
}

/// Where the application stands now, and whose it is.
fn state(application: Option<proto::Application>) -> String {
    let application = application.unwrap_or_default();
    let tractor = application.form.as_ref().map_or("", |form| form.tractor.as_str());
    format!("{}\t{tractor}\t{}", terms::told(application.state().as_str_name()), application.enterprise_name)
}

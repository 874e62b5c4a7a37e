//! `freightpass approve`: decisions of an authority, and the passes that follow from them.

use prost_types::Timestamp;
use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::each::refused;
use super::issue::issued;
use super::items::{Bar, error_text};
use super::output;
use super::plan::{BATCH, Chosen, Decision, PlanArgs, Planned, Selected, versions};
use super::selection::FilterArgs;
use super::typed::{self, ProfileArgs};
use crate::rpc::proto;
use crate::rpc::proto::approval_service_client::ApprovalServiceClient;

/// Approves applications and issues their passes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
By a filter, what would be approved, and what would be refused and why, is shown first; what is approved then is exactly \
that: not what came in after, and not what was changed meanwhile.
Exit code 1 when some application was, or would be, not approved.

Examples:
  freightpass application list --state submitted --as CN-3205/chief
  freightpass approve 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --as CN-3205/chief
  freightpass approve 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --end '2026-12-02 20:00' --as CN-3205/chief    less than planned
  freightpass approve --cargo medical-supplies --dry-run --plan plan.json --as CN-3205/chief
  freightpass approve --plan plan.json --as CN-3205/chief
  freightpass approve --all-submitted --as CN-3205/chief")]
pub struct Args {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION")]
    applications: Vec<String>,
    /// Every application that was handed in to the caller's authority and is not decided yet
    #[arg(long, conflicts_with = "applications")]
    all_submitted: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    plan: PlanArgs,
    /// Allow it from this time on only, later than planned
    #[arg(long, value_name = "TIME", requires = "applications")]
    start: Option<String>,
    /// Allow it until this time only, earlier than planned
    #[arg(long, value_name = "TIME", requires = "applications")]
    end: Option<String>,
    /// Decide, and issue no pass yet: `pass issue` does that later
    #[arg(long)]
    decide_only: bool,
    /// Revoke passes of the same tractor whose time overlaps, instead of failing because of them; asks first, unless
    /// applications are named one by one
    #[arg(long)]
    replace_overlapping: bool,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// What came of the applications.
#[derive(Debug, Default)]
struct Sum {
    approved: usize,
    issued: usize,
    failed: usize,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let start = typed::timestamp(&*profile, args.start.as_deref())?;
    let end = typed::timestamp(&*profile, args.end.as_deref())?;
    let mut sum = Sum::default();
    runtime()?.block_on(async {
        let channel = args.admin.connect(None).await?;
        let mut client = ApprovalServiceClient::new(channel.clone());
        let selected = Selected {
            decision: Decision::Approve,
            named: &args.applications,
            all: args.all_submitted,
            filter: &args.filter,
            plan: &args.plan,
            replaces: args.replace_overlapping,
        };
        let rehearse = async |batch: &[Planned]| {
            let answer = approve_batch(args, batch, true, &mut client).await?;
            Ok(answer.into_iter().map(refusal).collect())
        };
        let chosen = match selected.choose(&args.admin, &*profile, channel, rehearse).await? {
            Chosen::Shown(exit) => return Ok(exit),
            Chosen::Decide(chosen) => chosen,
        };
        let decided = if start.is_some() || end.is_some() {
            let ids: Vec<_> = chosen.iter().map(|one| one.id.clone()).collect();
            one_by_one(args, &ids, (start, end), &mut client, &mut sum).await
        } else {
            in_batches(args, &chosen, &mut client, &mut sum).await
        };
        // Also where something stopped it: what was approved before stays approved.
        let Sum { approved, issued, failed } = sum;
        output::line(format_args!("approved 批准 {approved}, issued 签发 {issued}, failed 未成 {failed}"))?;
        decided?;
        Ok(Exit::refuse_if(failed > 0))
    })
}

async fn in_batches(
    args: &Args,
    chosen: &[Planned],
    client: &mut ApprovalServiceClient<Channel>,
    sum: &mut Sum,
) -> anyhow::Result<()> {
    let bar = Bar::of(chosen.len());
    for batch in chosen.chunks(BATCH) {
        let results = approve_batch(args, batch, false, client).await?;
        for (one, result) in batch.iter().zip(results) {
            let id = &one.id;
            match result.result {
                Some(proto::approve_result::Result::Approval(approval)) => sum.approval(id, approval)?,
                Some(proto::approve_result::Result::Error(error)) => {
                    sum.failed += 1;
                    output::line(format_args!("{id}\tnot approved: {}", error_text(&error)))?;
                }
                None => sum.failed += 1,
            }
        }
        bar.forward(batch.len());
    }
    Ok(())
}

async fn approve_batch(
    args: &Args,
    batch: &[Planned],
    dry_run: bool,
    client: &mut ApprovalServiceClient<Channel>,
) -> anyhow::Result<Vec<proto::ApproveResult>> {
    let request = proto::BatchApproveApplicationsRequest {
        request_id: request_id(),
        application_ids: batch.iter().map(|one| one.id.clone()).collect(),
        decide_only: args.decide_only,
        replace_overlapping: args.replace_overlapping,
        versions: versions(batch),
        dry_run,
    };
    let answer = repeated(async || client.batch_approve_applications(request.clone()).await).await;
    Ok(answered(answer)?.results)
}

/// Why it would not be approved; none where it would.
fn refusal(result: proto::ApproveResult) -> Option<String> {
    match result.result {
        Some(proto::approve_result::Result::Approval(_)) => None,
        Some(proto::approve_result::Result::Error(error)) => Some(error_text(&error)),
        None => Some("an empty answer".to_owned()),
    }
}

/// Another window than the planned one is decided for each by itself.
async fn one_by_one(
    args: &Args,
    ids: &[String],
    (start_time, end_time): (Option<Timestamp>, Option<Timestamp>),
    client: &mut ApprovalServiceClient<Channel>,
    sum: &mut Sum,
) -> anyhow::Result<()> {
    for id in ids {
        let request = proto::ApproveApplicationRequest {
            request_id: request_id(),
            application_id: id.clone(),
            start_time,
            end_time,
            decide_only: args.decide_only,
            replace_overlapping: args.replace_overlapping,
        };
        let answer = repeated(async || client.approve_application(request.clone()).await).await;
        match refused(&answer) {
            Some(why) => {
                sum.failed += 1;
                output::line(format_args!("{id}\tnot approved: {why}"))?;
            }
            None => sum.approval(id, answered(answer)?)?,
        }
    }
    Ok(())
}

impl Sum {
    fn approval(&mut self, id: &str, approval: proto::ApproveApplicationResponse) -> anyhow::Result<()> {
        self.approved += 1;
        match approval.pass {
            Some(pass) => {
                self.issued += 1;
                output::line(format_args!("{id}\t{}", issued(Some(pass), &approval.replaced_pass_numbers)))
            }
            None => output::line(format_args!("{id}\tapproved 已批准")),
        }
    }
}

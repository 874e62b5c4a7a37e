//! `freightpass approve`: decisions of an authority, and the passes that follow from them.

use std::collections::HashSet;

use anyhow::bail;
use prost_types::Timestamp;
use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::each::refused;
use super::issue::issued;
use super::items::{Bar, error_text};
use super::output;
use super::paged::{self, PAGE};
use super::typed::{self, ProfileArgs};
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;
use crate::rpc::proto::approval_service_client::ApprovalServiceClient;

/// Applications of a request: the most that the service takes.
const BATCH: usize = 200;

/// Approves applications and issues their passes
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1 when some application was not approved.

Examples:
  freightpass application list --state submitted --as CN-3205/chief
  freightpass approve 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --as CN-3205/chief
  freightpass approve 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --end '2026-12-02 20:00' --as CN-3205/chief    less than planned
  freightpass approve --all-submitted --as CN-3205/chief")]
pub struct Args {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION", required_unless_present = "all_submitted")]
    applications: Vec<String>,
    /// Every application that was handed in to the caller's authority and is not decided yet
    #[arg(long, conflicts_with = "applications")]
    all_submitted: bool,
    /// With --all-submitted: another authority than the caller's certificate names
    #[arg(long, value_name = "CODE", requires = "all_submitted")]
    authority: Option<String>,
    /// Allow it from this time on only, later than planned
    #[arg(long, value_name = "TIME", conflicts_with = "all_submitted")]
    start: Option<String>,
    /// Allow it until this time only, earlier than planned
    #[arg(long, value_name = "TIME", conflicts_with = "all_submitted")]
    end: Option<String>,
    /// Decide, and issue no pass yet: `pass issue` does that later
    #[arg(long)]
    decide_only: bool,
    /// Revoke passes of the same tractor whose time overlaps, instead of failing because of them
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
    let decided = runtime()?.block_on(async {
        let channel = args.admin.connect(None).await?;
        let ids = if args.all_submitted { undecided(args, channel.clone()).await? } else { distinct(args) };
        let mut client = ApprovalServiceClient::new(channel);
        if start.is_some() || end.is_some() {
            one_by_one(args, &ids, (start, end), &mut client, &mut sum).await
        } else {
            in_batches(args, &ids, &mut client, &mut sum).await
        }
    });
    // Also where something stopped it: what was approved before stays approved.
    let Sum { approved, issued, failed } = sum;
    output::line(format_args!("approved 批准 {approved}, issued 签发 {issued}, failed 未成 {failed}"))?;
    decided?;
    Ok(Exit::refuse_if(failed > 0))
}

/// The identifiers that were typed, each once: the service refuses a batch that names one twice.
fn distinct(args: &Args) -> Vec<String> {
    let mut seen = HashSet::new();
    args.applications.iter().filter(|id| seen.insert(*id)).cloned().collect()
}

async fn in_batches(
    args: &Args,
    ids: &[String],
    client: &mut ApprovalServiceClient<Channel>,
    sum: &mut Sum,
) -> anyhow::Result<()> {
    let bar = Bar::of(ids.len());
    for batch in ids.chunks(BATCH) {
        let request = proto::BatchApproveApplicationsRequest {
            request_id: request_id(),
            application_ids: batch.to_vec(),
            decide_only: args.decide_only,
            replace_overlapping: args.replace_overlapping,
        };
        let answer = repeated(async || client.batch_approve_applications(request.clone()).await).await;
        for (id, result) in batch.iter().zip(answered(answer)?.results) {
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

async fn undecided(args: &Args, channel: Channel) -> anyhow::Result<Vec<String>> {
    let Some(authority) = args.authority.clone().or(args.admin.body()?) else {
        bail!("whose applications? Give --authority CODE, the authority of the certificate");
    };
    let mut client = ApplicationServiceClient::new(channel);
    let mut ids = Vec::new();
    for state in [proto::ApplicationState::Submitted, proto::ApplicationState::Recommended] {
        let filter = proto::ApplicationFilter {
            authority: authority.clone(),
            state: state.into(),
            ..proto::ApplicationFilter::default()
        };
        let fetch = async |page_token| {
            let request = proto::ListApplicationsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_applications(request).await)?;
            Ok((page.applications, page.next_page_token))
        };
        let note = |application: proto::Application| {
            ids.push(application.application_id);
            Ok(())
        };
        paged::every(fetch, note).await?;
    }
    Ok(ids)
}

//! `freightpass approve`: decisions of an authority, and the passes that follow from them.

use anyhow::bail;

use super::Exit;
use super::connect::{AdminArgs, answered, request_id, runtime};
use super::items::{Bar, error_text};
use super::output;
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
  freightpass approve 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --as CN-3205/chief
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
    /// Decide, and issue no pass yet
    #[arg(long)]
    decide_only: bool,
    /// Revoke passes of the same tractor whose time overlaps, instead of failing because of them
    #[arg(long)]
    replace_overlapping: bool,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let channel = args.admin.connect(None).await?;
        let ids = if args.all_submitted {
            let body = args.admin.officer.as_deref().and_then(|officer| officer.split_once('/')).map(|(body, _)| body);
            let Some(authority) = args.authority.as_deref().or(body) else {
                bail!("whose applications? Give --authority CODE, the authority of the certificate");
            };
            let mut client = ApplicationServiceClient::new(channel.clone());
            let mut ids = Vec::new();
            for state in [proto::ApplicationState::Submitted, proto::ApplicationState::Recommended] {
                ids.extend(undecided(&mut client, authority, state).await?);
            }
            ids
        } else {
            args.applications.clone()
        };
        let mut client = ApprovalServiceClient::new(channel);
        let bar = Bar::of(ids.len());
        let (mut approved, mut issued, mut failed) = (0, 0, 0);
        for batch in ids.chunks(BATCH) {
            let request = proto::BatchApproveApplicationsRequest {
                request_id: request_id(),
                application_ids: batch.to_vec(),
                decide_only: args.decide_only,
                replace_overlapping: args.replace_overlapping,
            };
            let answer = answered(client.batch_approve_applications(request).await)?;
            for (id, result) in batch.iter().zip(answer.results) {
                match result.result {
                    Some(proto::approve_result::Result::Approval(approval)) => {
                        approved += 1;
                        if let Some(pass) = approval.pass {
                            issued += 1;
                            output::line(format_args!("{id}\t{}\t{}", pass.number, pass.tractor))?;
                        } else {
                            output::line(format_args!("{id}\tapproved"))?;
                        }
                    }
                    Some(proto::approve_result::Result::Error(error)) => {
                        failed += 1;
                        output::line(format_args!("{id}\tnot approved: {}", error_text(&error)))?;
                    }
                    None => failed += 1,
                }
            }
            bar.forward(batch.len());
        }
        drop(bar);
        output::line(format_args!("approved 批准 {approved}, issued 签发 {issued}, failed 未成 {failed}"))?;
        Ok(Exit::refuse_if(failed > 0))
    })
}

async fn undecided(
    client: &mut ApplicationServiceClient<tonic::transport::Channel>,
    authority: &str,
    state: proto::ApplicationState,
) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut token = String::new();
    loop {
        let filter = proto::ApplicationFilter {
            authority: authority.to_owned(),
            state: state.into(),
            ..proto::ApplicationFilter::default()
        };
        let request = proto::ListApplicationsRequest { filter: Some(filter), page_size: 1_000, page_token: token };
        let page = answered(client.list_applications(request).await)?;
        ids.extend(page.applications.into_iter().map(|application| application.application_id));
        token = page.next_page_token;
        if token.is_empty() {
            return Ok(ids);
        }
    }
}

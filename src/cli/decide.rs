//! `freightpass recommend`, `reject`, `withdraw`: what becomes of applications that are not decided yet, besides
//! `approve`.

use super::Exit;
use super::connect::{AdminArgs, repeated, request_id, runtime};
use super::each::Each;
use super::terms::{self, Term};
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
The enterprise reads reason and text. Exit code 1 when some application was not rejected.

Examples:
  freightpass application list --state submitted --as CN-3205/chief
  freightpass reject 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --reason evidence --text 'the test is four days old' \
--as CN-3205/chief")]
pub struct RejectArgs {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION", required = true)]
    applications: Vec<String>,
    /// Why
    #[arg(long, value_parser = Term::RejectionReason.parser())]
    reason: i32,
    /// Why, in words that the enterprise reads; required for `other`
    #[arg(long, default_value = "")]
    text: String,
    #[command(flatten)]
    admin: AdminArgs,
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
    runtime()?.block_on(async {
        let mut client = ApprovalServiceClient::new(args.admin.connect(None).await?);
        let mut each = Each::default();
        for id in &args.applications {
            let request = proto::RejectApplicationRequest {
                request_id: request_id(),
                application_id: id.clone(),
                reason: args.reason,
                reason_text: args.text.clone(),
            };
            let answer = repeated(async || client.reject_application(request.clone()).await).await;
            each.answered(id, answer, |answer| state(answer.application))?;
        }
        each.end("rejected 驳回")
    })
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

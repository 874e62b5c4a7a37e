//! `freightpass pass issue`: the passes of applications that were approved without one (`approve --decide-only`), or whose
//! pass was revoked.

use super::Exit;
use super::connect::{AdminArgs, repeated, request_id};
use super::each::Each;
use crate::rpc::proto;
use crate::rpc::proto::pass_service_client::PassServiceClient;

/// Which applications.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
`approve` issues in the same step; this is for what it only decided, or for another pass after a revocation.
Exit code 1 when some pass was not issued.

Examples:
  freightpass application list --state approved --as CN-3205/chief
  freightpass pass issue 019d1c5e-7f3a-7c2e-9d55-0b8f3f6f2d11 --as CN-3205/chief")]
pub struct Args {
    /// Identifiers of applications
    #[arg(value_name = "APPLICATION", required = true)]
    applications: Vec<String>,
    /// Revoke passes of the same tractor whose time overlaps, instead of failing because of them
    #[arg(long)]
    replace_overlapping: bool,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the verb.
pub async fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut client = PassServiceClient::new(args.admin.connect(None).await?);
    let mut each = Each::default();
    for id in &args.applications {
        let request = proto::IssuePassRequest {
            request_id: request_id(),
            application_id: id.clone(),
            replace_overlapping: args.replace_overlapping,
        };
        let answer = repeated(async || client.issue_pass(request.clone()).await).await;
        each.answered(id, answer, |answer| issued(answer.pass, &answer.replaced_pass_numbers))?;
    }
    each.end("issued 签发")
}

/// A new pass, and those that it replaced.
pub fn issued(pass: Option<proto::Pass>, replaced: &[String]) -> String {
    let pass = pass.unwrap_or_default();
    let replaced =
        if replaced.is_empty() { String::new() } else { format!("\treplaces 替换 {}", replaced.join(", ")) };
    format!("{}\t{}{replaced}", pass.number, pass.tractor)
}

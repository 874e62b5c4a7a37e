//! `freightpass audit`: who did what, when.

use std::fmt::Display;

use super::Exit;
use super::connect::{AdminArgs, answered, runtime};
use super::output;
use super::paged::{self, PAGE};
use crate::rpc::proto;
use crate::rpc::proto::audit_service_client::AuditServiceClient;

/// Lists the audit log: who did what, when
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  freightpass audit --as CN-3205/chief
  freightpass audit --subject 320500-220418-00042-0 --as CN-3205/chief")]
pub struct Args {
    /// Only entries about this: number of a pass or enterprise, identifier of an application
    #[arg(long, default_value = "")]
    subject: String,
    /// Only entries of this method, such as RevokePass
    #[arg(long, default_value = "")]
    method: String,
    /// Only entries of officers of this body
    #[arg(long, default_value = "")]
    body: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = AuditServiceClient::new(args.admin.connect(None).await?);
        let filter = proto::AuditFilter {
            subject: args.subject.clone(),
            method: args.method.clone(),
            body: args.body.clone(),
            ..proto::AuditFilter::default()
        };
        let fetch = async |page_token| {
            let request = proto::ListAuditEntriesRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
            let page = answered(client.list_audit_entries(request).await)?;
            Ok((page.entries, page.next_page_token))
        };
        let line = |entry: proto::AuditEntry| {
            output::line(format_args!(
                "{}\t{}\t{}/{}\t{}\t{} {}\t{}\t{}",
                entry.audit_seq,
                moment(entry.time),
                entry.body,
                entry.officer,
                entry.method,
                entry.subject_kind,
                entry.subject,
                entry.request_id,
                entry.detail
            ))
        };
        paged::every(fetch, line).await?;
        Ok(Exit::Admit)
    })
}

/// A moment of the service, UTC.
pub fn moment(time: Option<prost_types::Timestamp>) -> impl Display {
    let time = time.unwrap_or_default();
    jiff::Timestamp::new(time.seconds, time.nanos).map_or_else(|_| "-".to_owned(), |moment| moment.to_string())
}

//! How a call was refused: as a whole, or, where a method answers by item, its first item.

use freightpass::rpc::proto;
use prost::Message;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why nothing was done, and which fields are at fault.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// The stable reason.
    pub reason: String,
    /// Paths of the fields, from the request on.
    pub fields: Vec<String>,
}

/// The refusal of a call of the method; the answer's bytes where it was none.
pub fn refusal(method: &str, result: Result<Vec<u8>, Status>) -> Result<Refusal, Vec<u8>> {
    match result {
        Err(status) => Ok(Refusal { code: status.code(), reason: reason(&status), fields: fields(&status) }),
        Ok(answer) => first_item(method, &answer).ok_or(answer),
    }
}

/// The stable reason of a status.
pub fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The fields that a status names.
pub fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let Some(bad) = details.bad_request() else { return Vec::new() };
    bad.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

fn first_item(method: &str, answer: &[u8]) -> Option<Refusal> {
    match method {
        "ImportEntries" => {
            let answer = proto::ImportEntriesResponse::decode(answer).unwrap();
            let row = answer.results.into_iter().next()?;
            let refused = row.outcome() == proto::ImportOutcome::Refused;
            let reason = row.problems.first().map(|problem| problem.rule.clone()).unwrap_or_default();
            let fields = placed("rows[0]", &row.problems);
            refused.then_some(Refusal { code: Code::InvalidArgument, reason, fields })
        }
        "BatchSubmitApplications" => {
            let answer = proto::BatchSubmitApplicationsResponse::decode(answer).unwrap();
            match answer.results.into_iter().next()?.result? {
                proto::submit_result::Result::Error(error) => Some(item(&error, "forms[0]")),
                proto::submit_result::Result::Application(_) => None,
            }
        }
        "BatchApproveApplications" => {
            let answer = proto::BatchApproveApplicationsResponse::decode(answer).unwrap();
            match answer.results.into_iter().next()?.result? {
                proto::approve_result::Result::Error(error) => Some(item(&error, "application_ids[0]")),
                proto::approve_result::Result::Approval(_) => None,
            }
        }
        "BatchRejectApplications" => {
            let answer = proto::BatchRejectApplicationsResponse::decode(answer).unwrap();
            match answer.results.into_iter().next()?.result? {
                proto::reject_result::Result::Error(error) => Some(item(&error, "application_ids[0]")),
                proto::reject_result::Result::Application(_) => None,
            }
        }
        _ => None,
    }
}

fn item(error: &proto::ItemError, under: &str) -> Refusal {
    Refusal { code: Code::from_i32(error.code), reason: error.reason.clone(), fields: placed(under, &error.problems) }
}

fn placed(under: &str, problems: &[proto::FieldProblem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{under}.{}", problem.field)).collect()
}

//! Every answer that is not OK: the one place where errors become gRPC statuses, with google.rpc details.
//!
//! Nothing internal reaches a client: what is a fault of ours is logged here and answered with INTERNAL and no words.

use std::collections::HashMap;
use std::time::Duration;

use freightpass_core::pass::PassNumber;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::proto;
use crate::application::{ApplicationError, Refusal, State as ApplicationState};
use crate::approval::ApprovalError;
use crate::checkpoint::{CheckError, PublishError, ScansError};
use crate::pass::{PassError, Refusal as PassRefusal};
use crate::problem::FieldProblem;
use crate::revocation::RevocationError;
use crate::storage::StorageError;
use crate::trust::TrustError;
use crate::whitelist::WhitelistError;

/// The domain of every ErrorInfo.
pub const DOMAIN: &str = "freightpass";

/// Details as bytes: in base64 they are a third larger, and trailers as a whole must stay below the 8 KiB that proxies
/// and clients allow.
const MAX_DETAIL_BYTES: usize = 4_500;

/// The message, in bytes: percent-encoding makes three of each byte that is not ASCII.
const MAX_MESSAGE_BYTES: usize = 480;

/// One description of a field problem.
const MAX_DESCRIPTION_BYTES: usize = 240;

/// When to come back after UNAVAILABLE.
const RETRY_UNAVAILABLE: Duration = Duration::from_secs(2);

/// A scanner that may not watch fetches bundles for a while.
pub const RETRY_WATCHERS: Duration = Duration::from_secs(60);

/// A status list grows with the next manifest.
const RETRY_LIST_FULL: Duration = Duration::from_secs(60);

/// Numbers begin anew every day; a client asks hourly.
const RETRY_NEXT_DAY: Duration = Duration::from_secs(3_600);

/// A status with a stable reason and what was found.
pub fn fault(code: Code, reason: &'static str, message: impl Into<String>, metadata: &[(&str, String)]) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, metadata);
    build(code, message.into(), details)
}

/// INVALID_ARGUMENT that names each field at fault; at least one.
pub fn invalid(problems: &[FieldProblem]) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, "FIELDS_INVALID", &[]);
    let violations: Vec<_> = problems
        .iter()
        .map(|problem| FieldViolation {
            field: cut(&problem.field, MAX_DESCRIPTION_BYTES).to_owned(),
            description: cut(&format!("{} ({})", problem.message, problem.rule), MAX_DESCRIPTION_BYTES).to_owned(),
            reason: String::new(),
            localized_message: None,
        })
        .collect();
    details.set_bad_request(violations);
    let message = match problems {
        [only] => only.to_string(),
        [first, ..] => format!("{} problems, the first: {first}", problems.len()),
        [] => "invalid".to_owned(),
    };
    build(Code::InvalidArgument, message, details)
}

/// UNAVAILABLE: not ready, or draining.
pub fn unavailable(reason: &'static str, message: &str) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, &[]);
    details.set_retry_info(Some(RETRY_UNAVAILABLE));
    build(Code::Unavailable, message.to_owned(), details)
}

/// DEADLINE_EXCEEDED: a change may have been made all the same.
pub fn deadline_exceeded() -> Status {
    fault(Code::DeadlineExceeded, "DEADLINE", "the deadline passed; retry with the same request_id", &[])
}

/// RESOURCE_EXHAUSTED: come back after `wait`.
pub fn exhausted(reason: &'static str, message: &str, wait: Duration) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, &[]);
    details.set_retry_info(Some(wait));
    build(Code::ResourceExhausted, message.to_owned(), details)
}

/// NOT_FOUND: it does not exist, or not for this caller; the two look the same.
pub fn not_found(what: &'static str) -> Status {
    fault(Code::NotFound, "NOT_FOUND", format!("no such {what}"), &[("what", what.to_owned())])
}

/// INTERNAL: `error` goes to the log, and nothing of it to the client.
pub fn internal(error: &dyn std::error::Error) -> Status {
    let mut chain = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        next = cause.source();
    }
    tracing::error!(error = %chain, "a call failed by a fault of the service");
    metrics::counter!("freightpass_internal_errors_total").increment(1);
    fault(Code::Internal, "INTERNAL", "a fault of the service; its log has the details", &[])
}

/// A failure of the registry.
pub fn storage(error: &StorageError) -> Status {
    match error {
        StorageError::RequestReused => fault(
            Code::InvalidArgument,
            "REQUEST_ID_REUSED",
            "request_id: was used before with other contents",
            &[("field", "request_id".to_owned())],
        ),
        StorageError::PageToken => {
            invalid(&[FieldProblem::new("page_token", "page_token", "does not belong to this filter")])
        }
        other => internal(other),
    }
}

/// A refusal of the white list.
pub fn whitelist(error: WhitelistError) -> Status {
    match error {
        WhitelistError::Invalid(problems) => invalid(&problems),
        WhitelistError::NotAnAuthority { ref body } => {
            fault(Code::PermissionDenied, "NOT_AN_AUTHORITY", error.to_string(), &[("body", body.clone())])
        }
        WhitelistError::NotFound => not_found("enterprise"),
        WhitelistError::Storage(error) => storage(&error),
    }
}

/// A refusal of an application; `under` is the path of the form in the request.
pub fn application(error: ApplicationError, under: Option<&str>) -> Status {
    match error {
        ApplicationError::Refused(refusal) => self::refusal(&refusal, under),
        ApplicationError::NotFound => not_found("application"),
        ApplicationError::State(transition) => application_state(transition.found),
        error @ ApplicationError::BatchSize { .. } => {
            invalid(&[FieldProblem::new("forms", "batch_size", error.to_string())])
        }
        ApplicationError::Storage(error) => storage(&error),
    }
}

/// Why a form was not taken; `under` is its path in the request.
pub fn refusal(refusal: &Refusal, under: Option<&str>) -> Status {
    let placed = |problem: FieldProblem| match under {
        Some(path) => problem.under(path),
        None => problem,
    };
    match refusal {
        Refusal::Invalid(problems) => {
            let problems: Vec<_> = problems.iter().cloned().map(placed).collect();
            invalid(&problems)
        }
        Refusal::UnknownAuthority { .. } => {
            invalid(&[placed(FieldProblem::new("authority", "unknown_authority", refusal.to_string()))])
        }
        Refusal::UnknownEnterprise => not_found("enterprise"),
        Refusal::EnterpriseDelisted { number } => delisted(*number),
    }
}

/// A refusal to decide.
pub fn approval(error: ApprovalError) -> Status {
    match error {
        ApprovalError::NotFound => not_found("application"),
        ApprovalError::Invalid(problems) => invalid(&problems),
        ApprovalError::State(transition) => application_state(transition.found),
        ApprovalError::NotApproved { found } => application_state(found),
        ApprovalError::EnterpriseDelisted { number } => delisted(number),
        ApprovalError::Storage(error) => storage(&error),
    }
}

/// A failure to issue or to show a pass.
pub fn pass(error: PassError) -> Status {
    match error {
        PassError::Refused(refusal) => pass_refusal(&refusal),
        PassError::NotFound => not_found("pass"),
        error @ PassError::BatchSize { .. } => {
            invalid(&[FieldProblem::new("application_ids", "batch_size", error.to_string())])
        }
        PassError::Storage(error) => storage(&error),
        error @ (PassError::ClockOutOfRange { .. } | PassError::Signer(_) | PassError::Claims(_)) => internal(&error),
    }
}

/// Why a pass was not issued.
pub fn pass_refusal(refusal: &PassRefusal) -> Status {
    let (code, reason, metadata) = match refusal {
        PassRefusal::NoApplication => return not_found("application"),
        PassRefusal::Invalid(problems) => return invalid(problems),
        PassRefusal::State { found, .. } => return application_state(*found),
        PassRefusal::EnterpriseDelisted { number } => return delisted(*number),
        PassRefusal::AlreadyIssued { number } => {
            (Code::FailedPrecondition, "PASS_ALREADY_ISSUED", vec![("pass_number", number.to_string())])
        }
        PassRefusal::Overlap { number } => {
            (Code::AlreadyExists, "PASS_OVERLAP", vec![("pass_number", number.to_string())])
        }
        PassRefusal::OutOfScope { authority } => {
            (Code::FailedPrecondition, "OUT_OF_SCOPE", vec![("authority", authority.clone())])
        }
        PassRefusal::ProgrammeClosed { programme, .. } => {
            (Code::FailedPrecondition, "PROGRAMME_CLOSED", vec![("programme", programme.to_string())])
        }
        PassRefusal::LifeTooLong { longest_s, .. } => {
            (Code::FailedPrecondition, "LIFE_TOO_LONG", vec![("longest_s", longest_s.to_string())])
        }
        PassRefusal::TimeOver { end } => (Code::FailedPrecondition, "TIME_OVER", vec![("end", end.to_string())]),
        PassRefusal::TooEarly { from, .. } => (Code::FailedPrecondition, "TOO_EARLY", vec![("from", from.to_string())]),
        PassRefusal::KeyUnavailable { authority, .. } => {
            (Code::FailedPrecondition, "KEY_UNAVAILABLE", vec![("authority", authority.clone())])
        }
        PassRefusal::ListFull { .. } => {
            return exhausted("STATUS_LIST_FULL", &refusal.to_string(), RETRY_LIST_FULL);
        }
        PassRefusal::NumbersExhausted { .. } => {
            return exhausted("NUMBERS_EXHAUSTED", &refusal.to_string(), RETRY_NEXT_DAY);
        }
    };
    fault(code, reason, refusal.to_string(), &metadata)
}

/// A refusal to change a status.
pub fn revocation(error: RevocationError) -> Status {
    let precondition = |reason, message: String, number: PassNumber, key, value: String| {
        fault(Code::FailedPrecondition, reason, message, &[("pass_number", number.to_string()), (key, value)])
    };
    let message = error.to_string();
    match error {
        RevocationError::NotFound => not_found("pass or enterprise"),
        RevocationError::Invalid(problems) => invalid(&problems),
        RevocationError::State { number, step } => {
            precondition("PASS_STATE", message, number, "state", step.from.to_string())
        }
        RevocationError::Expired { number, exp } => {
            precondition("PASS_EXPIRED", message, number, "end", exp.to_string())
        }
        RevocationError::ListEnded { number, ended } => {
            precondition("STATUS_LIST_ENDED", message, number, "ended", ended.to_string())
        }
        RevocationError::EnterpriseDelisted { number } => delisted(number),
        RevocationError::Pass(error) => pass(error),
        RevocationError::Storage(error) => storage(&error),
    }
}

fn application_state(found: ApplicationState) -> Status {
    fault(
        Code::FailedPrecondition,
        "APPLICATION_STATE",
        format!("the application is {found}"),
        &[("state", found.to_string())],
    )
}

fn delisted(number: u32) -> Status {
    fault(
        Code::FailedPrecondition,
        "ENTERPRISE_DELISTED",
        format!("enterprise {number} was taken off the white list"),
        &[("enterprise_number", number.to_string())],
    )
}

/// A refusal of a trust list, or of what follows from one.
pub fn trust(error: TrustError) -> Status {
    let precondition = |reason, error: &TrustError, metadata: &[(&str, String)]| {
        fault(Code::FailedPrecondition, reason, error.to_string(), metadata)
    };
    match &error {
        TrustError::NoTrust => precondition("NO_TRUST", &error, &[]),
        TrustError::Unreadable(_) => invalid(&[FieldProblem::new("object", "not_a_trust_list", error.to_string())]),
        TrustError::NotAdopted(rule) => precondition("TRUST_NOT_ADOPTED", &error, &[("rule", rule.code().to_owned())]),
        TrustError::KeyUnknown { .. } => not_found("key"),
        TrustError::SurvivorsTooLarge { size_bytes, .. } => {
            precondition("SURVIVORS_TOO_LARGE", &error, &[("size_bytes", size_bytes.to_string())])
        }
        TrustError::Registry { .. } => internal(&error),
        TrustError::Storage(error) => storage(error),
    }
}

/// A refusal to sign a manifest.
pub fn publish(error: PublishError) -> Status {
    let precondition = |reason, error: &PublishError, metadata: &[(&str, String)]| {
        fault(Code::FailedPrecondition, reason, error.to_string(), metadata)
    };
    match error {
        PublishError::Refused(ref refusal) => {
            precondition("PUBLISH_REFUSED", &error, &[("rule", refusal.code().to_owned())])
        }
        PublishError::NoTrust => precondition("NO_TRUST", &error, &[]),
        PublishError::KeyUnavailable { at } => precondition("KEY_UNAVAILABLE", &error, &[("at", at.to_string())]),
        PublishError::Unreadable { .. } => internal(&error),
        PublishError::Trust(error) => trust(error),
        PublishError::Storage(error) => storage(&error),
    }
}

/// A look-up without an answer.
pub fn check(error: CheckError) -> Status {
    match error {
        CheckError::NotFound => not_found("pass"),
        CheckError::NotReady => unavailable("NOT_READY", "the look-up is not ready yet"),
        CheckError::Storage(error) => storage(&error),
    }
}

/// A refusal of scan reports.
pub fn scans(error: ScansError) -> Status {
    match error {
        ScansError::Invalid(problems) => invalid(&problems),
        ScansError::Storage(error) => storage(&error),
    }
}

/// The same answer for one item of a batch.
pub fn item_error(status: &Status) -> proto::ItemError {
    let details = status.get_error_details();
    let info = details.error_info();
    let problems = details
        .bad_request()
        .map(|bad| bad.field_violations.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|violation| {
            let (message, rule) = violation
                .description
                .strip_suffix(')')
                .and_then(|text| text.rsplit_once(" ("))
                .unwrap_or((violation.description.as_str(), ""));
            proto::FieldProblem { field: violation.field.clone(), rule: rule.to_owned(), message: message.to_owned() }
        })
        .collect();
    proto::ItemError {
        code: status.code().into(),
        reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
        message: status.message().to_owned(),
        problems,
        metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
    }
}

fn set_info(details: &mut ErrorDetails, reason: &str, metadata: &[(&str, String)]) {
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|(key, value)| {
            let value = cut(value, MAX_DESCRIPTION_BYTES).to_owned();
            ((*key).to_owned(), value)
        })
        .collect();
    details.set_error_info(reason, DOMAIN, metadata);
}

/// Drops field violations from the end until the details fit; how many there were stands in the message.
fn build(code: Code, message: String, mut details: ErrorDetails) -> Status {
    let message = cut(&message, MAX_MESSAGE_BYTES).to_owned();
    loop {
        let status = Status::with_error_details(code, message.clone(), details.clone());
        if status.details().len() <= MAX_DETAIL_BYTES {
            return status;
        }
        let Some(bad) = details.bad_request() else {
            return Status::new(code, message);
        };
        let mut violations = bad.field_violations.clone();
        if violations.pop().is_none() {
            return Status::new(code, message);
        }
        let half = violations.len() - violations.len() / 4;
        violations.truncate(half);
        details.set_bad_request(violations);
    }
}

/// The longest beginning of `text` of at most `most` bytes that ends between two characters.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_problems_still_fit_into_the_trailers() {
        let problems: Vec<_> = (0..1_000)
            .map(|at| {
                FieldProblem::new(format!("forms[{at}].crew[0].paper_number"), "check_digit", "校验码不符".repeat(100))
            })
            .collect();
        let status = invalid(&problems);
        assert_eq!(status.code(), Code::InvalidArgument);
        let mut trailers = http::HeaderMap::new();
        status.add_header(&mut trailers).unwrap();
        let size: usize = trailers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        assert!(size < 8 * 1024, "{size}");
        let details = status.get_error_details();
        let named = &details.bad_request().unwrap().field_violations;
        assert_eq!(named[0].field, "forms[0].crew[0].paper_number");
        assert!(named.len() > 5);
        assert!(status.message().starts_with("1000 problems"));
    }

    #[test]
    fn an_item_of_a_batch_says_what_the_status_says() {
        let status = invalid(&[FieldProblem::new("tractor", "plate", "not a plate (GA 36)")]);
        let item = item_error(&status);
        assert_eq!(item.code, Code::InvalidArgument as i32);
        assert_eq!(item.reason, "FIELDS_INVALID");
        assert_eq!(
            item.problems,
            [proto::FieldProblem {
                field: "tractor".into(),
                rule: "plate".into(),
                message: "not a plate (GA 36)".into(),
            }]
        );
    }

    #[test]
    fn nothing_internal_reaches_a_client() {
        let status = internal(&std::io::Error::other("/srv/secret: no space"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("secret"));
        assert!(!String::from_utf8_lossy(status.details()).contains("secret"));
    }
}

//! How a status is built: its code, a stable reason, what was found, the fields at fault, when to come back; all of it
//! within the size of trailers.
//!
//! Nothing internal reaches a client: what is a fault of ours is logged here and answered with INTERNAL and no words.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, LocalizedMessage, StatusExt};

use super::reason::Reason;
use crate::problem::FieldProblem;
use crate::telemetry::traces;

/// The domain of every ErrorInfo.
const DOMAIN: &str = "freightpass";

/// Details as bytes: in base64 they are a third larger, and trailers as a whole must stay below the 8 KiB that proxies
/// and clients allow.
const MAX_DETAIL_BYTES: usize = 4_500;

/// The message, in bytes: percent-encoding makes three of each byte that is not ASCII.
const MAX_MESSAGE_BYTES: usize = 480;

/// One description of a field problem.
const MAX_DESCRIPTION_BYTES: usize = 240;

/// When to come back after UNAVAILABLE.
const RETRY_UNAVAILABLE: Duration = Duration::from_secs(2);

/// A status with a stable reason and what was found.
pub fn fault(reason: Reason, message: impl Into<String>, metadata: &[(&str, String)]) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, metadata);
    build(reason.code(), message.into(), details)
}

/// INVALID_ARGUMENT that names each field at fault; at least one.
pub fn invalid(problems: &[FieldProblem]) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, Reason::FieldsInvalid, &[]);
    let violations: Vec<_> = problems
        .iter()
        .map(|problem| FieldViolation {
            field: cut(&problem.field, MAX_DESCRIPTION_BYTES).to_owned(),
            description: cut(&format!("{} ({})", problem.message, problem.rule), MAX_DESCRIPTION_BYTES).to_owned(),
            reason: problem.rule.to_ascii_uppercase(),
            localized_message: (!problem.message_zh.is_empty()).then(|| LocalizedMessage {
                locale: "zh-CN".to_owned(),
                message: cut(&problem.message_zh, MAX_DESCRIPTION_BYTES).to_owned(),
            }),
        })
        .collect();
    details.set_bad_request(violations);
    let message = match problems {
        [only] => only.to_string(),
        [first, ..] => format!("{} problems, the first: {first}", problems.len()),
        [] => "invalid".to_owned(),
    };
    build(Reason::FieldsInvalid.code(), message, details)
}

/// UNAVAILABLE: not ready, or draining.
pub fn unavailable(reason: Reason, message: &str) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, &[]);
    details.set_retry_info(Some(RETRY_UNAVAILABLE));
    build(reason.code(), message.to_owned(), details)
}

/// DEADLINE_EXCEEDED: a change may have been made all the same.
pub fn deadline_exceeded() -> Status {
    fault(Reason::Deadline, "the deadline passed; retry with the same request_id", &[])
}

/// RESOURCE_EXHAUSTED: come back after `wait`.
pub fn exhausted(reason: Reason, message: &str, wait: Duration) -> Status {
    let mut details = ErrorDetails::new();
    set_info(&mut details, reason, &[]);
    details.set_retry_info(Some(wait));
    build(reason.code(), message.to_owned(), details)
}

/// NOT_FOUND: it does not exist, or not for this caller; the two look the same.
pub fn not_found(what: &'static str) -> Status {
    fault(Reason::NotFound, format!("no such {what}"), &[("what", what.to_owned())])
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
    tracing::error!(error = %chain, trace_id = traces::current_id(), "a call failed by a fault of the service");
    metrics::counter!("freightpass_internal_errors_total").increment(1);
    fault(Reason::Internal, "a fault of the service; its log has the details", &[])
}

fn set_info(details: &mut ErrorDetails, reason: Reason, metadata: &[(&str, String)]) {
    let metadata: HashMap<String, String> = metadata
        .iter()
        .map(|(key, value)| {
            let value = cut(value, MAX_DESCRIPTION_BYTES).to_owned();
            ((*key).to_owned(), value)
        })
        .collect();
    details.set_error_info(reason.name(), DOMAIN, metadata);
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
    fn nothing_internal_reaches_a_client() {
        let status = internal(&std::io::Error::other("/srv/secret: no space"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("secret"));
        assert!(!String::from_utf8_lossy(status.details()).contains("secret"));
    }
}

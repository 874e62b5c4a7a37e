//! Bounds that hold for every request before a handler looks at it: how long a text or a list may be, no U+0000, times
//! that passes can carry, enumerations that exist. They are checked on the descriptors, so that a new method has them
//! from its first day. What a value means is the rooms' to check.

use std::collections::HashMap;
use std::sync::LazyLock;

use prost_reflect::{Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use tonic::Status;

use super::proto::DESCRIPTORS;
use super::status::{internal, invalid};
use crate::problem::FieldProblem;
use crate::profile::instant_in_bounds;

/// Every text that the table below does not name: names, plates, codes, cells of an import.
const MAX_TEXT_BYTES: usize = 400;

/// Texts that may be longer, or must be shorter, by message and field.
const TEXTS: &[(&str, &str, usize)] = &[
    // What an officer explains.
    ("RecommendApplicationRequest", "comment", 500),
    ("RejectApplicationRequest", "reason_text", 500),
    ("BatchRejectApplicationsRequest", "reason_text", 500),
    ("RevokePassRequest", "reason_text", 500),
    ("SuspendPassRequest", "reason_text", 500),
    ("ResumePassRequest", "reason_text", 500),
    ("RevokeEnterpriseRequest", "reason_text", 500),
    ("AmendPassRequest", "reason_text", 500),
    // A text of 512 bytes of pass has 776 characters.
    ("CheckPassRequest", "text", 800),
    ("ScanReport", "checkpoint", 64),
    ("ScanReport", "code", 40),
];

/// Page tokens: a key and a hash in base64url.
const MAX_PAGE_TOKEN_BYTES: usize = 1_024;

/// Every list that the table below does not name.
const MAX_LIST: usize = 16;

/// Lists that may be longer.
const LISTS: &[(&str, &str, usize)] = &[
    ("ImportEntriesRequest", "rows", 500),
    ("BatchSubmitApplicationsRequest", "forms", 200),
    ("BatchApproveApplicationsRequest", "application_ids", 200),
    ("BatchApproveApplicationsRequest", "versions", 200),
    ("BatchRejectApplicationsRequest", "application_ids", 200),
    ("BatchRejectApplicationsRequest", "versions", 200),
    ("ReportScansRequest", "reports", 500),
    ("Held", "states", 64),
    ("Held", "survivors", 64),
];

/// Byte strings: the signed objects that are presented or installed, hashes and kids.
const BYTES: &[(&str, &str, usize)] =
    &[("CheckPassRequest", "object", 512), ("InstallTrustListRequest", "object", 1 << 20)];

/// A hash is the longest of the others.
const MAX_BYTES: usize = 32;

/// More problems than these help nobody.
const MAX_PROBLEMS: usize = 50;

/// Checks the request of `method` (its short name), given as its protobuf bytes: INVALID_ARGUMENT names each field that
/// is out of bounds.
pub fn check(method: &str, request: &[u8]) -> Result<(), Status> {
    let descriptor = REQUESTS
        .get(method)
        .cloned()
        .ok_or_else(|| internal(&std::io::Error::other(format!("no request message of {method}"))))?;
    let message = DynamicMessage::decode(descriptor, request).map_err(|error| internal(&error))?;
    let mut problems = Vec::new();
    walk(&message, "", &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(invalid(&problems)) }
}

/// The request message of every method, by the method's short name; short names are unique.
static REQUESTS: LazyLock<HashMap<String, MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap_or_default();
    pool.services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| (method.name().to_owned(), method.input()))
        .collect()
});

fn walk(message: &DynamicMessage, at: &str, problems: &mut Vec<FieldProblem>) {
    for (field, value) in message.fields() {
        let path = if at.is_empty() { field.name().to_owned() } else { format!("{at}.{}", field.name()) };
        match value {
            Value::List(items) => {
                let most = bound(LISTS, &field).unwrap_or(MAX_LIST);
                if items.len() > most {
                    let message = format!("{} items; at most {most} are allowed", items.len());
                    problems.push(FieldProblem::new(&path, "too_many", message));
                    continue;
                }
                for (index, item) in items.iter().enumerate() {
                    if problems.len() >= MAX_PROBLEMS {
                        return;
                    }
                    one(&field, item, &format!("{path}[{index}]"), problems);
                }
            }
            value if field.cardinality() != Cardinality::Repeated => {
                one(&field, value, &path, problems);
            }
            _ => {}
        }
    }
}

fn one(field: &FieldDescriptor, value: &Value, path: &str, problems: &mut Vec<FieldProblem>) {
    match (value, field.kind()) {
        (Value::String(text), _) => {
            let most = match field.name() {
                "page_token" => MAX_PAGE_TOKEN_BYTES,
                _ => bound(TEXTS, field).unwrap_or(MAX_TEXT_BYTES),
            };
            if text.len() > most {
                let message = format!("{} bytes; at most {most} are allowed", text.len());
                problems.push(FieldProblem::new(path, "too_long", message));
            } else if let Some(at) = text.find('\0') {
                let message = format!("U+0000 at byte {at}");
                problems.push(FieldProblem::new(path, "character", message));
            }
        }
        (Value::Bytes(bytes), _) => {
            let most = bound(BYTES, field).unwrap_or(MAX_BYTES);
            if bytes.len() > most {
                let message = format!("{} bytes; at most {most} are allowed", bytes.len());
                problems.push(FieldProblem::new(path, "too_long", message));
            }
        }
        (Value::EnumNumber(number), Kind::Enum(descriptor)) if descriptor.get_value(*number).is_none() => {
            let message = format!("{number} is no value of {}", descriptor.name());
            problems.push(FieldProblem::new(path, "unknown_value", message));
        }
        (Value::Message(message), Kind::Message(descriptor))
            if descriptor.full_name() == "google.protobuf.Timestamp" =>
        {
            time(message, path, problems);
        }
        (Value::Message(message), _) => walk(message, path, problems),
        _ => {}
    }
}

fn time(message: &DynamicMessage, path: &str, problems: &mut Vec<FieldProblem>) {
    let seconds = message.get_field_by_name("seconds").and_then(|value| value.as_i64()).unwrap_or(0);
    let nanos = message.get_field_by_name("nanos").and_then(|value| value.as_i32()).unwrap_or(0);
    if let Err(error) = instant_in_bounds(seconds) {
        problems.push(error.of(path));
    } else if !(0..1_000_000_000).contains(&nanos) {
        let message = format!("{nanos} ns are no part of a second");
        problems.push(FieldProblem::new(path, "time_out_of_bounds", message));
    }
}

fn bound(table: &[(&str, &str, usize)], field: &FieldDescriptor) -> Option<usize> {
    table
        .iter()
        .find(|(message, name, _)| *name == field.name() && *message == field.parent_message().name())
        .map(|(_, _, most)| *most)
}

#[cfg(test)]
mod tests {
    use prost::Message;
    use prost_types::Timestamp;
    use tonic::Code;
    use tonic_types::StatusExt;

    use super::super::proto;
    use super::*;
    use crate::identity::roles::TABLE;

    fn fields(method: &str, message: &impl Message) -> Vec<String> {
        let status = check(method, &message.encode_to_vec()).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let bad = details.bad_request().unwrap();
        bad.field_violations.iter().map(|v| v.field.clone()).collect()
    }

    #[test]
    fn every_method_has_its_request() {
        for (_, method, _) in TABLE {
            check(method, &[]).unwrap();
        }
    }

    #[test]
    fn the_tables_name_fields_that_exist() {
        let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
        for (message, field, _) in TEXTS.iter().chain(LISTS).chain(BYTES) {
            let name = format!("freightpass.v1.{message}");
            let found = pool.get_message_by_name(&name).unwrap();
            assert!(found.get_field_by_name(field).is_some(), "{message}.{field}");
        }
    }

    #[test]
    fn a_deep_text_with_nul_is_named_by_its_path() {
        let request = proto::SubmitApplicationRequest {
            form: Some(proto::ApplicationForm {
                crew: vec![
                    proto::CrewMember::default(),
                    proto::CrewMember { name: "a\0b".into(), ..Default::default() },
                ],
                ..Default::default()
            }),
            ..Default::default()
        };
        assert_eq!(fields("SubmitApplication", &request), ["form.crew[1].name"]);
    }

    #[test]
    fn texts_lists_bytes_and_unknown_values_out_of_bounds_are_named() {
        let request = proto::RevokePassRequest {
            pass_number: "1".repeat(401),
            reason: 77,
            reason_text: "x".repeat(501),
            ..Default::default()
        };
        assert_eq!(fields("RevokePass", &request), ["pass_number", "reason", "reason_text"]);
        let request = proto::ReportScansRequest { reports: vec![proto::ScanReport::default(); 501] };
        assert_eq!(fields("ReportScans", &request), ["reports"]);
        let request = proto::CheckPassRequest {
            pass: Some(proto::check_pass_request::Pass::Object(vec![0; 513].into())),
            ..Default::default()
        };
        assert_eq!(fields("CheckPass", &request), ["object"]);
    }

    #[test]
    fn milliseconds_in_a_planned_time_are_refused_by_the_name_of_the_field() {
        // FP-03 (b): the values of a start and an end in milliseconds.
        let ms = |milliseconds| Some(Timestamp { seconds: milliseconds, nanos: 0 });
        let request = proto::SubmitApplicationRequest {
            form: Some(proto::ApplicationForm {
                planned_start_time: ms(1_796_054_400_000),
                planned_end_time: ms(1_796_659_200_000),
                ..Default::default()
            }),
            ..Default::default()
        };
        assert_eq!(fields("SubmitApplication", &request), ["form.planned_start_time", "form.planned_end_time"]);
    }
}

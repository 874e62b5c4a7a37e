//! What every handler needs of its request: the officer, the circumstances of a change, pages, identifiers, times.

use std::sync::Arc;

use freightpass_core::pass::{NumberError, PassNumber};
use jiff::Timestamp;
use prost::Message;
use sha2::{Digest, Sha256};
use tonic::{Request, Status};
use uuid::Uuid;

use super::bounds;
use super::listener::Peer;
use super::proto;
use super::status::{Reason, fault, internal, invalid};
use crate::audit::Call;
use crate::clock::Clock;
use crate::identity::Officer;
use crate::identity::roles::REPLACES;
use crate::problem::FieldProblem;
use crate::storage::PageRequest;

/// A request that changes something.
pub trait Changing: Message + Clone {
    /// Its request id.
    fn request_id(&mut self) -> &mut String;
}

macro_rules! changing {
    ($($request:ident),+ $(,)?) => {
        $(impl Changing for proto::$request {
            fn request_id(&mut self) -> &mut String {
                &mut self.request_id
            }
        })+
    };
}

changing!(
    ImportEntriesRequest,
    SubmitApplicationRequest,
    BatchSubmitApplicationsRequest,
    WithdrawApplicationRequest,
    RecommendApplicationRequest,
    ApproveApplicationRequest,
    BatchApproveApplicationsRequest,
    RejectApplicationRequest,
    BatchRejectApplicationsRequest,
    SetProgrammeRulesRequest,
    AnnounceArrivalRequest,
    ReportArrivalRequest,
    IssuePassRequest,
    RevokePassRequest,
    SuspendPassRequest,
    ResumePassRequest,
    RevokeEnterpriseRequest,
    AmendPassRequest,
    InstallTrustListRequest,
    PrepareSurvivorsRequest,
    PublishStatusRequest,
    CreateBackupRequest,
);

/// The officer that the gate let through, and the request within its bounds.
pub fn read<M: Message>(method: &str, request: Request<M>) -> Result<(Arc<Officer>, M), Status> {
    let (_, extensions, message) = request.into_parts();
    let officer =
        extensions.get::<Arc<Officer>>().cloned().ok_or_else(|| fault(Reason::NoOfficer, "no officer", &[]))?;
    bounds::check(method, &message.encode_to_vec())?;
    Ok((officer, message))
}

/// The peer of a public call, and the request within its bounds.
pub fn read_public<M: Message>(method: &str, request: Request<M>) -> Result<(Arc<Peer>, M), Status> {
    let (_, extensions, message) = request.into_parts();
    let peer = extensions
        .get::<Arc<Peer>>()
        .cloned()
        .ok_or_else(|| internal(&std::io::Error::other("a request came by no listener")))?;
    bounds::check(method, &message.encode_to_vec())?;
    Ok((peer, message))
}

/// The circumstances of a changing call, and the request within its bounds.
pub fn change<M: Changing>(method: &'static str, request: Request<M>, clock: &dyn Clock) -> Result<(Call, M), Status> {
    let (officer, mut message) = read(method, request)?;
    let id = std::mem::take(message.request_id());
    let request_id = uuid("request_id", &id)?;
    let call = Call {
        officer: Officer::clone(&officer),
        method,
        request_id,
        // The contents without the id; our messages hold no maps, so that equal contents have equal bytes.
        fingerprint: Sha256::digest(message.encode_to_vec()).into(),
        at: clock.now(),
    };
    Ok((call, message))
}

/// Whether the officer may ask for passes to be replaced, where `asked` says so: that revokes them, and a method that
/// only issues is open to officers who may not.
pub fn may_replace(call: &Call, asked: bool) -> Result<(), Status> {
    if !asked || REPLACES.admits(&call.officer) {
        return Ok(());
    }
    let message = "replace_overlapping revokes passes: the officer needs the roles approver and revoker";
    Err(fault(Reason::RoleMissing, message, &[("field", "replace_overlapping".to_owned())]))
}

/// A UUID in its text form with hyphens, not nil; `field` names it where it is not one.
pub fn uuid(field: &str, text: &str) -> Result<Uuid, Status> {
    if text.is_empty() {
        return Err(missing(field));
    }
    Uuid::try_parse(text).ok().filter(|id| text.len() == 36 && !id.is_nil()).ok_or_else(|| {
        let message = "not a UUID such as 0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a70";
        invalid(&[FieldProblem::new(field, "uuid", message)])
    })
}

/// The number of a pass as it is spoken; grouping may be left out.
pub fn pass_number(field: &str, text: &str) -> Result<PassNumber, Status> {
    if text.is_empty() {
        return Err(missing(field));
    }
    text.parse().map_err(|error: NumberError| invalid(&[FieldProblem::new(field, "pass_number", error.to_string())]))
}

/// A page: its size must not be negative.
pub fn page(size: i32, token: String) -> Result<PageRequest, Status> {
    let size = u32::try_from(size).map_err(|_| {
        let message = "must not be negative";
        invalid(&[FieldProblem::new("page_size", "out_of_range", message)])
    })?;
    Ok(PageRequest { size, token })
}

/// A text of a filter: empty filters nothing.
pub fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A moment; bounds were checked before.
pub fn moment(time: Option<prost_types::Timestamp>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.seconds, time.nanos).ok()
}

/// A bound of a window in seconds: a fraction is refused, not rounded.
pub fn seconds(field: &str, time: Option<prost_types::Timestamp>) -> Result<Option<i64>, FieldProblem> {
    match time {
        None => Ok(None),
        Some(time) if time.nanos == 0 => Ok(Some(time.seconds)),
        Some(_) => {
            let message = "windows are whole seconds";
            Err(FieldProblem::new(field, "fraction_of_a_second", message))
        }
    }
}

/// INVALID_ARGUMENT for a field that must be there.
pub fn missing(field: &str) -> Status {
    invalid(&[FieldProblem::new(field, "missing", "is required")])
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;
    use crate::clock::FixedClock;
    use crate::identity::Role;

    fn request(id: &str, text: &str) -> Request<proto::RevokePassRequest> {
        let mut request = Request::new(proto::RevokePassRequest {
            request_id: id.into(),
            reason_text: text.into(),
            ..Default::default()
        });
        request.extensions_mut().insert(Arc::new(Officer {
            body: "CN-32".into(),
            name: "chief".into(),
            roles: vec![Role::Revoker],
        }));
        request
    }

    #[test]
    fn the_fingerprint_covers_the_contents_and_not_the_id() {
        let clock = FixedClock::at(1_796_054_400);
        let one = "0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a70";
        let two = "0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a71";
        let print = |id, text| change("RevokePass", request(id, text), &clock).unwrap().0.fingerprint;
        assert_eq!(print(one, "a"), print(two, "a"));
        assert_ne!(print(one, "a"), print(one, "b"));
    }

    #[test]
    fn a_request_id_that_is_no_uuid_is_refused_by_name() {
        let clock = FixedClock::at(1_796_054_400);
        for id in [
            "",
            "1",
            "00000000-0000-0000-0000-000000000000",
            "0197f0e27c1e7d3ab5a42f6d1c9e8a70",
            "{0197f0e2-7c1e-7d3a-b5a4-2f6d1c9e8a70}",
        ] {
            let status = change("RevokePass", request(id, ""), &clock).unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument);
            assert!(status.message().starts_with("request_id"), "{status:?}");
        }
    }

    #[test]
    fn a_call_that_passed_no_gate_is_nobodys() {
        let status = read("GetPass", Request::new(proto::GetPassRequest::default())).unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
}

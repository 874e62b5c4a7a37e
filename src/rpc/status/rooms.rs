//! Which status each error of a room is.

use std::time::Duration;

use freightpass_core::pass::PassNumber;
use tonic::Status;

use super::details::{exhausted, fault, internal, invalid, not_found, unavailable};
use super::reason::Reason;
use crate::application::rules::{ProgrammeError, Unmet};
use crate::application::{ApplicationError, Refusal, State as ApplicationState};
use crate::approval::{ApprovalError, Refusal as NotDecided};
use crate::arrival::ArrivalError;
use crate::backup::BackupError;
use crate::checkpoint::{CheckError, PublishError, ScansError};
use crate::pass::{PassError, Refusal as PassRefusal};
use crate::problem::FieldProblem;
use crate::report::ReportError;
use crate::revocation::RevocationError;
use crate::storage::StorageError;
use crate::trust::TrustError;
use crate::whitelist::WhitelistError;

/// A scanner that may not watch fetches bundles for a while.
pub const RETRY_WATCHERS: Duration = Duration::from_secs(60);

/// Space is made by people.
const RETRY_DISK_FULL: Duration = Duration::from_secs(60);

/// A status list grows with the next manifest.
const RETRY_LIST_FULL: Duration = Duration::from_secs(60);

/// Numbers begin anew every day; a client asks hourly.
const RETRY_NEXT_DAY: Duration = Duration::from_secs(3_600);

/// A failure of the registry.
pub fn storage(error: &StorageError) -> Status {
    match error {
        StorageError::RequestReused => fault(
            Reason::RequestIdReused,
            "request_id: was used before with other contents",
            &[("field", "request_id".to_owned())],
        ),
        StorageError::PageToken => {
            invalid(&[FieldProblem::new("page_token", "page_token", "does not belong to this filter")])
        }
        StorageError::Full => {
            tracing::error!("the disk of the registry is full: nothing was changed; make space");
            exhausted(Reason::DiskFull, "the disk of the service is full; nothing was changed", RETRY_DISK_FULL)
        }
        StorageError::ReadOnly => {
            tracing::error!("the registry may not be written to: nothing was changed");
            unavailable(Reason::RegistryReadOnly, "the registry may not be written to at present; nothing was changed")
        }
        StorageError::Busy => unavailable(Reason::Busy, "too many changes at once; make the same call again"),
        StorageError::Stopped => unavailable(Reason::Draining, "the service is stopping; make the same call again"),
        StorageError::Overtaken { .. } => {
            fault(Reason::Overtaken, "another change came between; read again and decide again", &[])
        }
        other => internal(other),
    }
}

/// A refusal of the white list.
pub fn whitelist(error: WhitelistError) -> Status {
    match error {
        WhitelistError::Invalid(problems) => invalid(&problems),
        WhitelistError::NotAnAuthority { ref body } => {
            fault(Reason::NotAnAuthority, error.to_string(), &[("body", body.clone())])
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
        Refusal::UnknownEnterprise => not_found("enterprise"),
        Refusal::EnterpriseDelisted { number } => delisted(*number),
    }
}

/// A refusal to decide.
pub fn approval(error: ApprovalError) -> Status {
    match error {
        ApprovalError::Refused(refusal) => approval_refusal(&refusal),
        error @ ApprovalError::BatchSize { .. } => {
            invalid(&[FieldProblem::new("application_ids", "batch_size", error.to_string())])
        }
        ApprovalError::Storage(error) => storage(&error),
    }
}

/// Why an application was not decided.
pub fn approval_refusal(refusal: &NotDecided) -> Status {
    match refusal {
        NotDecided::NotFound => not_found("application"),
        NotDecided::Invalid(problems) => invalid(problems),
        NotDecided::State(transition) => application_state(transition.found),
        NotDecided::NotApproved { found } => application_state(*found),
        NotDecided::EnterpriseDelisted { number } => delisted(*number),
        NotDecided::Changed { found, seen } => fault(
            Reason::ApplicationChanged,
            refusal.to_string(),
            &[("version", found.to_string()), ("seen_version", seen.to_string())],
        ),
        NotDecided::NotRecommended => fault(Reason::NotRecommended, refusal.to_string(), &[]),
        NotDecided::Evidence(unmet) => evidence_rules(unmet, refusal.to_string()),
    }
}

/// Evidence that the rules ask for; the first that is missing stands in the metadata, all of it in the message.
fn evidence_rules(unmet: &[Unmet], message: String) -> Status {
    let mut metadata = Vec::new();
    if let Some(first) = unmet.first() {
        metadata.push(("item", first.field()));
        metadata.push(("rule", first.shortfall.code().to_owned()));
        if let Some((limit, found)) = first.shortfall.limit_and_found() {
            metadata.push(("limit", limit.to_string()));
            metadata.push(("found", found.to_string()));
        }
    }
    fault(Reason::EvidenceRules, message, &metadata)
}

/// A failure to set or show rules.
pub fn programme(error: ProgrammeError) -> Status {
    match error {
        ProgrammeError::Invalid(problems) => invalid(&problems),
        ProgrammeError::NotFound => not_found("authority"),
        ProgrammeError::Storage(error) => storage(&error),
    }
}

/// A failure to announce, report or show an arrival.
pub fn arrival(error: ArrivalError) -> Status {
    let message = error.to_string();
    let precondition = |reason, number: PassNumber, key, value: String| {
        let metadata = [("pass_number", number.to_string()), (key, value)];
        fault(reason, message, &metadata)
    };
    match error {
        ArrivalError::Invalid(problems) => invalid(&problems),
        ArrivalError::NotFound => not_found("pass"),
        ArrivalError::State { number, found } => precondition(Reason::PassState, number, "state", found.to_string()),
        ArrivalError::Arrived { number, at } => precondition(Reason::ArrivedAlready, number, "arrived", at.to_string()),
        ArrivalError::Storage(error) => storage(&error),
    }
}

/// A failure to report.
pub fn report(error: ReportError) -> Status {
    match error {
        ReportError::Invalid(problems) => invalid(&problems),
        ReportError::Storage(error) => storage(&error),
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
    let (reason, metadata) = match refusal {
        PassRefusal::NoApplication => return not_found("application"),
        PassRefusal::Invalid(problems) => return invalid(problems),
        PassRefusal::State { found, .. } => return application_state(*found),
        PassRefusal::EnterpriseDelisted { number } => return delisted(*number),
        PassRefusal::NotApproved(refusal) => return approval_refusal(refusal),
        PassRefusal::AlreadyIssued { number } => (Reason::PassAlreadyIssued, vec![("pass_number", number.to_string())]),
        PassRefusal::RevokedBefore { number, reason } => (
            Reason::PassRevokedBefore,
            vec![("pass_number", number.to_string()), ("status_reason", reason.number().to_string())],
        ),
        PassRefusal::Overlap { number } => (Reason::PassOverlap, vec![("pass_number", number.to_string())]),
        PassRefusal::OutOfScope { authority } => (Reason::OutOfScope, vec![("authority", authority.clone())]),
        PassRefusal::ProgrammeClosed { programme, .. } => {
            (Reason::ProgrammeClosed, vec![("programme", programme.to_string())])
        }
        PassRefusal::LifeTooLong { longest_s, .. } => (Reason::LifeTooLong, vec![("longest_s", longest_s.to_string())]),
        PassRefusal::TimeOver { end } => (Reason::TimeOver, vec![("end", end.to_string())]),
        PassRefusal::TooEarly { from, .. } => (Reason::TooEarly, vec![("from", from.to_string())]),
        PassRefusal::KeyUnavailable { authority, .. } => {
            (Reason::KeyUnavailable, vec![("authority", authority.clone())])
        }
        PassRefusal::ListFull { .. } => {
            return exhausted(Reason::StatusListFull, &refusal.to_string(), RETRY_LIST_FULL);
        }
        PassRefusal::NumbersExhausted { .. } => {
            return exhausted(Reason::NumbersExhausted, &refusal.to_string(), RETRY_NEXT_DAY);
        }
    };
    fault(reason, refusal.to_string(), &metadata)
}

/// A refusal to change a status.
pub fn revocation(error: RevocationError) -> Status {
    let precondition = |reason, message: String, number: PassNumber, key, value: String| {
        fault(reason, message, &[("pass_number", number.to_string()), (key, value)])
    };
    let message = error.to_string();
    match error {
        RevocationError::NotFound => not_found("pass or enterprise"),
        RevocationError::Invalid(problems) => invalid(&problems),
        RevocationError::State { number, step } => {
            precondition(Reason::PassState, message, number, "state", step.from.to_string())
        }
        RevocationError::Expired { number, exp } => {
            precondition(Reason::PassExpired, message, number, "end", exp.to_string())
        }
        RevocationError::ListEnded { number, ended } => {
            precondition(Reason::StatusListEnded, message, number, "ended", ended.to_string())
        }
        RevocationError::EnterpriseDelisted { number } => delisted(number),
        RevocationError::Pass(error) => pass(error),
        RevocationError::Storage(error) => storage(&error),
    }
}

fn application_state(found: ApplicationState) -> Status {
    fault(Reason::ApplicationState, format!("the application is {found}"), &[("state", found.to_string())])
}

fn delisted(number: u32) -> Status {
    fault(
        Reason::EnterpriseDelisted,
        format!("enterprise {number} was taken off the white list"),
        &[("enterprise_number", number.to_string())],
    )
}

/// A refusal of a trust list, or of what follows from one.
pub fn trust(error: TrustError) -> Status {
    let precondition =
        |reason, error: &TrustError, metadata: &[(&str, String)]| fault(reason, error.to_string(), metadata);
    match &error {
        TrustError::NoTrust => precondition(Reason::NoTrust, &error, &[]),
        TrustError::Unreadable(_) => invalid(&[FieldProblem::new("object", "not_a_trust_list", error.to_string())]),
        TrustError::NotAdopted(rule) => {
            precondition(Reason::TrustNotAdopted, &error, &[("rule", rule.code().to_owned())])
        }
        TrustError::MadeLater { .. } => {
            precondition(Reason::TrustNotAdopted, &error, &[("rule", "made_later".to_owned())])
        }
        TrustError::NoStatusKey => {
            precondition(Reason::TrustNotAdopted, &error, &[("rule", "no_status_key".to_owned())])
        }
        TrustError::KeyUnknown { .. } => not_found("key"),
        TrustError::SurvivorsTooLarge { size_bytes, .. } => {
            precondition(Reason::SurvivorsTooLarge, &error, &[("size_bytes", size_bytes.to_string())])
        }
        TrustError::Registry { .. } => internal(&error),
        TrustError::Storage(error) => storage(error),
    }
}

/// A refusal to sign a manifest.
pub fn publish(error: PublishError) -> Status {
    let precondition =
        |reason, error: &PublishError, metadata: &[(&str, String)]| fault(reason, error.to_string(), metadata);
    match error {
        PublishError::Refused(ref refusal) => {
            precondition(Reason::PublishRefused, &error, &[("rule", refusal.code().to_owned())])
        }
        PublishError::NoTrust => precondition(Reason::NoTrust, &error, &[]),
        PublishError::KeyUnavailable { at } => precondition(Reason::KeyUnavailable, &error, &[("at", at.to_string())]),
        PublishError::Unreadable { .. } => internal(&error),
        PublishError::Trust(error) => trust(error),
        PublishError::Storage(error) => storage(&error),
    }
}

/// A backup that was not made.
pub fn backup(error: BackupError) -> Status {
    let message = error.to_string();
    if error.is_full() {
        return exhausted(Reason::DiskFull, &message, RETRY_DISK_FULL);
    }
    match error {
        BackupError::UnderWay => unavailable(Reason::BackupUnderWay, &message),
        BackupError::NoPassphrase | BackupError::Passphrase(_) => fault(Reason::BackupPassphrase, message, &[]),
        // The operator owns these files, and nobody else may call.
        BackupError::File { .. } | BackupError::Seal { .. } => fault(Reason::BackupFile, message, &[]),
        BackupError::Registry(_) | BackupError::ReadBack { .. } | BackupError::Contents { .. } => {
            fault(Reason::BackupNotWhole, message, &[])
        }
        BackupError::Storage(error) => storage(&error),
    }
}

/// A look-up without an answer.
pub fn check(error: CheckError) -> Status {
    match error {
        CheckError::NotFound => not_found("pass"),
        CheckError::NotReady => unavailable(Reason::NotReady, "the look-up is not ready yet"),
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

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt;

    use tonic::Code;

    use super::*;

    #[test]
    fn what_passes_by_itself_is_not_a_fault_of_the_service() {
        for (error, code, reason) in [
            (StorageError::Busy, Code::Unavailable, "BUSY"),
            (StorageError::Stopped, Code::Unavailable, "DRAINING"),
            (StorageError::Overtaken { table: "passes" }, Code::Aborted, "OVERTAKEN"),
            (StorageError::Full, Code::ResourceExhausted, "DISK_FULL"),
            (StorageError::ReadOnly, Code::Unavailable, "REGISTRY_READ_ONLY"),
            (StorageError::RequestReused, Code::InvalidArgument, "REQUEST_ID_REUSED"),
            (StorageError::Panicked, Code::Internal, "INTERNAL"),
            (StorageError::NoRandomness, Code::Internal, "INTERNAL"),
        ] {
            let status = storage(&error);
            let details = status.get_error_details();
            assert_eq!((status.code(), details.error_info().unwrap().reason.as_str()), (code, reason), "{error}");
            assert_eq!(
                details.retry_info().is_some(),
                matches!(code, Code::Unavailable | Code::ResourceExhausted),
                "{error}"
            );
        }
    }
}

//! Every stable reason of a refusal, with the code it goes with, what it means and what the caller does about it.
//! docs/INTEGRATORS.md is made of this table.

use tonic::Code;

macro_rules! reasons {
    ($($name:ident = $text:literal, $code:ident, $means:literal;)*) => {
        /// Why a call was refused: `reason` of google.rpc.ErrorInfo, domain `freightpass`. A name never changes its
        /// meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $means] $name,)*
        }

        impl Reason {
            /// Each of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The code of its status.
            pub const fn code(self) -> Code {
                match self { $(Self::$name => Code::$code,)* }
            }

            /// What it means, and what to do.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $means,)* }
            }
        }
    };
}

reasons! {
    FieldsInvalid = "FIELDS_INVALID", InvalidArgument,
        "Fields break rules. BadRequest names each field, its rule (`reason`) and, in Chinese too, what is wrong. Mend them.";
    RequestIdReused = "REQUEST_ID_REUSED", InvalidArgument,
        "The request id came before with other contents. A new intention has a new id.";
    MessageMalformed = "MESSAGE_MALFORMED", InvalidArgument,
        "The bytes are no message of this method.";
    MessageTooLarge = "MESSAGE_TOO_LARGE", ResourceExhausted,
        "The request is larger than this listener takes. Send fewer items.";
    MethodUnknown = "METHOD_UNKNOWN", Unimplemented,
        "This listener has no such method: scanners' are on the public one, officers' on the admin one.";
    NoOfficer = "NO_OFFICER", Unauthenticated,
        "The client certificate is missing, is not of this deployment, or names no officer.";
    RoleMissing = "ROLE_MISSING", PermissionDenied,
        "The officer has none of the roles that may call the method.";
    NotAnAuthority = "NOT_AN_AUTHORITY", PermissionDenied,
        "The officer's body is no authority of the trust list in force.";
    NotFound = "NOT_FOUND", NotFound,
        "It does not exist, or not for this officer: the two look the same. `what` says what was looked for.";
    ApplicationState = "APPLICATION_STATE", FailedPrecondition,
        "The application is in a state (`state`) in which this cannot be done.";
    ApplicationChanged = "APPLICATION_CHANGED", Aborted,
        "The application changed since it was shown. Show the plan again and decide again.";
    NotRecommended = "NOT_RECOMMENDED", FailedPrecondition,
        "The programme asks for the recommendation of a county first.";
    EvidenceRules = "EVIDENCE_RULES", FailedPrecondition,
        "Evidence that the programme asks for is missing, too old or of another issuer: `item`, `rule`, `limit`, `found`.";
    EnterpriseDelisted = "ENTERPRISE_DELISTED", FailedPrecondition,
        "The enterprise (`enterprise_number`) was taken off the white list.";
    PassAlreadyIssued = "PASS_ALREADY_ISSUED", FailedPrecondition,
        "The application has its pass: `pass_number`.";
    PassRevokedBefore = "PASS_REVOKED_BEFORE", FailedPrecondition,
        "The application's pass (`pass_number`) was revoked. A new journey takes a new application.";
    PassOverlap = "PASS_OVERLAP", AlreadyExists,
        "The tractor has a pass (`pass_number`) at that time. Revoke it, or ask for it to be replaced.";
    PassState = "PASS_STATE", FailedPrecondition,
        "The pass is in a state (`state`) in which this cannot be done.";
    PassExpired = "PASS_EXPIRED", FailedPrecondition,
        "The pass is over since `end`.";
    ArrivedAlready = "ARRIVED_ALREADY", FailedPrecondition,
        "The truck's arrival was reported already, at `arrived`.";
    OutOfScope = "OUT_OF_SCOPE", FailedPrecondition,
        "Neither origin nor destination lies in the division of the authority, or the programme is not one of its own.";
    ProgrammeClosed = "PROGRAMME_CLOSED", FailedPrecondition,
        "The programme is not open at the start of the pass.";
    LifeTooLong = "LIFE_TOO_LONG", FailedPrecondition,
        "The pass would live longer than the trust list allows (`longest_s`). Shorten it.";
    TimeOver = "TIME_OVER", FailedPrecondition,
        "The pass would be over before it begins to count: its end is `end`.";
    TooEarly = "TOO_EARLY", FailedPrecondition,
        "The pass begins too far ahead: it can be issued from `from` on.";
    KeyUnavailable = "KEY_UNAVAILABLE", FailedPrecondition,
        "No key that is held here may sign it. The operator installs one.";
    NumbersExhausted = "NUMBERS_EXHAUSTED", ResourceExhausted,
        "The authority's numbers of today are used up. They begin anew tomorrow.";
    StatusListFull = "STATUS_LIST_FULL", ResourceExhausted,
        "The status list of that week is full until the next manifest. RetryInfo says when to come back.";
    StatusListEnded = "STATUS_LIST_ENDED", FailedPrecondition,
        "The week of the pass's status list is over, since `ended`: the pass admits nowhere any more.";
    NoTrust = "NO_TRUST", FailedPrecondition,
        "No trust list is installed.";
    TrustNotAdopted = "TRUST_NOT_ADOPTED", FailedPrecondition,
        "The trust list breaks a rule of adoption: `rule`.";
    SurvivorsTooLarge = "SURVIVORS_TOO_LARGE", FailedPrecondition,
        "The passes of the key make a survivors set beyond 8 MiB: `size_bytes`.";
    PublishRefused = "PUBLISH_REFUSED", FailedPrecondition,
        "The manifest would break a rule (`rule`), so that the old one stays. The operator looks at the log.";
    Overtaken = "OVERTAKEN", Aborted,
        "Another change came between. Read again and decide again.";
    CheckRate = "CHECK_RATE", ResourceExhausted,
        "Too many look-ups by number from this address. RetryInfo says when to come back.";
    ReportRate = "REPORT_RATE", ResourceExhausted,
        "Too many scan reports from this address. RetryInfo says when to come back.";
    Watchers = "WATCHERS", ResourceExhausted,
        "Too many streams are open. Fetch bundles meanwhile; RetryInfo says when to try again.";
    NotPublished = "NOT_PUBLISHED", Unavailable,
        "No manifest is signed yet. RetryInfo says when to come back.";
    NotReady = "NOT_READY", Unavailable,
        "The look-up is not built yet. RetryInfo says when to come back.";
    Busy = "BUSY", Unavailable,
        "Too many changes at once. Make the same call again, with the same request id.";
    DiskFull = "DISK_FULL", ResourceExhausted,
        "The disk of the service is full: nothing was changed. The operator makes space; RetryInfo says when to come back.";
    RegistryReadOnly = "REGISTRY_READ_ONLY", Unavailable,
        "The registry may not be written to at present: nothing was changed. The operator looks at its folder.";
    BackupUnderWay = "BACKUP_UNDER_WAY", Unavailable,
        "Another backup is being made.";
    BackupPassphrase = "BACKUP_PASSPHRASE", FailedPrecondition,
        "No passphrase for backups is set, or it does not read.";
    BackupFile = "BACKUP_FILE", FailedPrecondition,
        "The file of the backup could not be written.";
    BackupNotWhole = "BACKUP_NOT_WHOLE", DataLoss,
        "The registry is damaged, or what was read back of the backup. The operator looks at the disk.";
    Draining = "DRAINING", Unavailable,
        "The service is stopping. Make the same call again: another instance, or the next one, answers.";
    Deadline = "DEADLINE", DeadlineExceeded,
        "The deadline passed; the change may have been made. Make the same call again, with the same request id.";
    Internal = "INTERNAL", Internal,
        "A fault of the service. Its log has the details.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_in_capitals() {
        let names: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')));
    }
}

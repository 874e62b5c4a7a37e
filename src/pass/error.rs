//! Why a pass is not issued, or not shown.

use freightpass_core::pass::{ClaimsFault, PassNumber};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::reason::StatusReason;
use super::signer::SignerError;
use super::spoken;
use crate::application::State;
use crate::approval::{ApprovalError, Refusal as NotDecided};
use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A command on passes failed; nothing was changed, nothing was signed that anybody can get.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// A rule forbids the pass.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such pass, or not for this caller.
    #[error("no such pass")]
    NotFound,
    /// More items in one call than it may have, or none.
    #[error("a call takes 1 to {max} applications, not {given}")]
    BatchSize {
        /// How many came.
        given: usize,
        /// How many may come.
        max: usize,
    },
    /// The service's clock shows a date that no pass number can carry.
    #[error("the clock shows {now}: no pass number carries that date")]
    ClockOutOfRange {
        /// What it shows.
        now: Timestamp,
    },
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// Claims that were checked do not encode: a fault of ours.
    #[error("checked claims do not encode")]
    Claims(#[from] ClaimsFault),
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why one application gets no pass. It stands in stored answers, and so holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// There is no such application, or not one of the caller's authority.
    #[error("no such application")]
    NoApplication,
    /// The application is not in the state for it.
    #[error("an application that is {found} cannot be {wanted}")]
    State {
        /// The state it is in.
        found: State,
        /// The state that was wanted.
        wanted: State,
    },
    /// Fields of the decision, or of the pass that it would make, are out of bounds.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The enterprise was taken off the white list.
    #[error("enterprise {number} was taken off the white list")]
    EnterpriseDelisted {
        /// Its number.
        number: u32,
    },
    /// The application is not approved, for a reason that only the room of approval knows.
    #[error(transparent)]
    NotApproved(NotDecided),
    /// The application has a pass that is not revoked.
    #[error("the application has the pass {number}")]
    AlreadyIssued {
        /// The number of that pass.
        #[serde(with = "spoken")]
        number: PassNumber,
    },
    /// The application's last pass was revoked for a reason that forbids another: the journey needs a new application.
    #[error("the pass {number} of this application was revoked for reason {}", .reason.number())]
    RevokedBefore {
        /// The number of that pass.
        #[serde(with = "spoken")]
        number: PassNumber,
        /// Why it was revoked.
        reason: StatusReason,
    },
    /// An unrevoked pass of the same tractor overlaps in time.
    #[error("the pass {number} of the same tractor overlaps")]
    Overlap {
        /// The number of that pass.
        #[serde(with = "spoken")]
        number: PassNumber,
    },
    /// The trust list in force does not know the authority, or neither end of the route lies in its division.
    #[error("neither end of the route lies in the division of {authority}")]
    OutOfScope {
        /// Code of the authority.
        authority: String,
    },
    /// The programme is not listed for the authority, or not open when the pass begins.
    #[error("programme {programme} is not open to {authority} at {nbf}")]
    ProgrammeClosed {
        /// Number of the programme.
        programme: u16,
        /// Code of the authority.
        authority: String,
        /// When the pass would begin, seconds since 1970.
        nbf: u32,
    },
    /// The time is longer than a pass may live.
    #[error("{life_s} s are longer than a pass may live: {longest_s} s")]
    LifeTooLong {
        /// From its beginning to its end, in seconds.
        life_s: u32,
        /// The longest life, in seconds.
        longest_s: u32,
    },
    /// The time that was approved is over.
    #[error("the approved time ended at {end}")]
    TimeOver {
        /// Its end, seconds since 1970.
        end: u64,
    },
    /// The pass would begin later than passes can be booked.
    #[error("a pass that begins at {start} can be issued from {from} on")]
    TooEarly {
        /// Its beginning, seconds since 1970.
        start: u64,
        /// When it can be issued first, seconds since 1970.
        from: u64,
    },
    /// No key of the authority at hand may sign a pass that begins then.
    #[error("no key of {authority} can sign a pass that begins at {nbf}")]
    KeyUnavailable {
        /// Code of the authority.
        authority: String,
        /// When the pass would begin, seconds since 1970.
        nbf: u32,
    },
    /// All the places that the newest manifest publishes for the status list are leased: the next manifest has more.
    #[error("status list {list} has no free place among the {published} that are published")]
    ListFull {
        /// The status list.
        list: u32,
        /// Its published capacity; 0 when no manifest names it yet.
        published: u32,
    },
    /// The authority has given out all its numbers of the day, or the day is too far for a number.
    #[error("authority {authority} has no pass number left on day {day} since 2020-01-01")]
    NumbersExhausted {
        /// Number of the authority.
        authority: u32,
        /// The day.
        day: u16,
    },
}

/// The approval room's answers, as refusals of the pass that was to follow.
impl From<ApprovalError> for PassError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Refused(refusal) => Refusal::from(refusal).into(),
            ApprovalError::BatchSize { given, max } => PassError::BatchSize { given, max },
            ApprovalError::Storage(error) => error.into(),
        }
    }
}

impl From<NotDecided> for Refusal {
    fn from(refusal: NotDecided) -> Self {
        match refusal {
            NotDecided::NotFound => Refusal::NoApplication,
            NotDecided::State(step) => Refusal::State { found: step.found, wanted: step.wanted },
            NotDecided::NotApproved { found } => Refusal::State { found, wanted: State::Approved },
            NotDecided::Invalid(problems) => Refusal::Invalid(problems),
            NotDecided::EnterpriseDelisted { number } => Refusal::EnterpriseDelisted { number },
            other @ (NotDecided::Changed { .. } | NotDecided::NotRecommended | NotDecided::Evidence(_)) => {
                Refusal::NotApproved(other)
            }
        }
    }
}

//! Why an application is not decided.

use serde::{Deserialize, Serialize};

use crate::application::rules::Unmet;
use crate::application::{InvalidTransition, State};
use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A decision failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// A rule forbids the decision.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More applications in one call than it may have, or none.
    #[error("a call takes 1 to {max} applications, not {given}")]
    BatchSize {
        /// How many came.
        given: usize,
        /// How many may come.
        max: usize,
    },
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why one application is not decided. It stands in stored answers, and so holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// There is no such application, or not for this caller.
    #[error("no such application")]
    NotFound,
    /// A field of the decision is wrong.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The state forbids it, or another call was faster.
    #[error(transparent)]
    State(#[from] InvalidTransition),
    /// A pass was asked for an application that is not approved.
    #[error("the application is {found}, not approved")]
    NotApproved {
        /// The state it is in.
        found: State,
    },
    /// The enterprise was taken off the white list.
    #[error("enterprise {number} was taken off the white list")]
    EnterpriseDelisted {
        /// Its number.
        number: u32,
    },
    /// It is not any more what the officer has seen.
    #[error("the application was changed since: it has version {found}, {seen} was seen")]
    Changed {
        /// The version that it has.
        found: u64,
        /// The version that the officer has seen.
        seen: u64,
    },
    /// The rules of the programme ask for a county's word, and there is none.
    #[error("the rules of the programme ask for the recommendation of a county office, and there is none")]
    NotRecommended,
    /// Evidence that the rules of the programme ask for is missing, or does not count when the pass begins.
    #[error("{}", unmet(.0))]
    Evidence(Vec<Unmet>),
}

fn unmet(unmet: &[Unmet]) -> String {
    unmet.iter().map(|one| one.problem().to_string()).collect::<Vec<_>>().join("; ")
}

//! Why an application is not taken, or not shown.

use serde::{Deserialize, Serialize};

use super::state::InvalidTransition;
use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A command on applications failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// The application was refused before it was stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such application, or not for this caller.
    #[error("no such application")]
    NotFound,
    /// The state forbids it.
    #[error(transparent)]
    State(#[from] InvalidTransition),
    /// More items in one call than its answer holds, or none.
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

/// Why one application is refused. It stands in stored answers, and so holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Fields are malformed, out of bounds, or contradict each other or the white list.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The enterprise is not on the white list, or not one for which the caller may apply.
    #[error("no such enterprise on the white list")]
    UnknownEnterprise,
    /// The enterprise was taken off the white list.
    #[error("enterprise {number} was taken off the white list")]
    EnterpriseDelisted {
        /// Its number.
        number: u32,
    },
}

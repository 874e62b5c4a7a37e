//! Why the status of a pass is not changed.

use freightpass_core::pass::PassNumber;

use crate::pass::{InvalidTransition, PassError};
use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A change of status failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// There is no such pass or enterprise, or not for this caller.
    #[error("no such pass or enterprise")]
    NotFound,
    /// Fields of the request are wrong.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The state of the pass forbids it.
    #[error("pass {number}: {step}")]
    State {
        /// The pass.
        number: PassNumber,
        /// What was wanted, and from where.
        step: InvalidTransition,
    },
    /// The pass is amended too late: its end has passed.
    #[error("pass {number} ended at {exp}")]
    Expired {
        /// The pass.
        number: PassNumber,
        /// Its end, seconds since 1970.
        exp: u64,
    },
    /// The pass ended so long ago that its status list is published no more: there is nothing to change.
    #[error("pass {number} has expired, and its status list ended at {ended}: no scanner admits it or asks for it")]
    ListEnded {
        /// The pass.
        number: PassNumber,
        /// The end of its list, seconds since 1970.
        ended: u64,
    },
    /// The enterprise was taken off the white list before.
    #[error("enterprise {number} was taken off the white list before")]
    EnterpriseDelisted {
        /// Its number.
        number: u32,
    },
    /// The pass that was to take the place of another is not issued.
    #[error(transparent)]
    Pass(PassError),
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A failing database is the same wherever it fails.
impl From<PassError> for RevocationError {
    fn from(error: PassError) -> Self {
        match error {
            PassError::Storage(error) => RevocationError::Storage(error),
            error => RevocationError::Pass(error),
        }
    }
}

//! Why an arrival is not announced, not reported, or not shown.

use freightpass_core::pass::PassNumber;

use crate::pass::PassState;
use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A command on arrivals failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    /// Fields are malformed or out of bounds.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// There is no such pass, or not for this caller.
    #[error("no such pass")]
    NotFound,
    /// The pass is stopped: its truck does not travel.
    #[error("pass {number} is {found}, not issued")]
    State {
        /// Its number.
        number: PassNumber,
        /// The state it is in.
        found: PassState,
    },
    /// The truck has arrived: there is nothing to announce.
    #[error("the truck of pass {number} arrived at {at}")]
    Arrived {
        /// The number of the pass.
        number: PassNumber,
        /// When, seconds since 1970.
        at: u64,
    },
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

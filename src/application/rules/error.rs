//! Why rules are not set, or not shown.

use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// A command on the rules failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ProgrammeError {
    /// Fields are malformed or out of bounds.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The authority is not the caller's to rule.
    #[error("no such authority")]
    NotFound,
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

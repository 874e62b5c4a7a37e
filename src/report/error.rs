//! Why there is no report.

use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// There is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The day is none, or has not begun.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

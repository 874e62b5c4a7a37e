//! What checkpoints scanned. A report names the pass and the place, and nobody on board.

use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::pass::PassNumber;
use freightpass_core::scan::Outcome;
use jiff::Timestamp;
use uuid::Uuid;

use crate::problem::{FieldProblem, join};
use crate::storage::StorageError;

/// Reports in one call: a busy checkpoint's hour.
pub const MAX_REPORTS: usize = 500;

/// The checkpoint's name.
const MAX_CHECKPOINT_BYTES: usize = 64;

/// A code of docs/FORMAT.md; a newer scanner may know one that this service does not.
const MAX_CODE_BYTES: usize = 40;

/// One scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanReport {
    /// Given by the scanner; the same id is the same scan.
    pub id: Uuid,
    /// Name of the checkpoint.
    pub checkpoint: String,
    /// The pass, where one was read.
    pub number: Option<PassNumber>,
    /// What was decided.
    pub outcome: Outcome,
    /// The stable code.
    pub code: String,
    /// When, by the scanner's clock.
    pub scanned_at: Timestamp,
}

/// What became of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// New ones.
    pub stored: u32,
    /// Known already.
    pub known: u32,
}

/// The registry, as far as reports need it.
#[async_trait]
pub trait ScanStore: Send + Sync {
    /// Stores the reports that are not known yet, all or none; how many were new. A known id changes nothing, whatever
    /// the report says.
    async fn record(&self, reports: Vec<ScanReport>, at: Timestamp) -> Result<Stored, StorageError>;
}

/// The reports of checkpoints.
#[derive(Clone)]
pub struct Scans {
    store: Arc<dyn ScanStore>,
}

/// Why reports are not taken.
#[derive(Debug, thiserror::Error)]
pub enum ScansError {
    /// A report breaks a rule; none was stored.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Scans {
    /// Reports in that store.
    pub fn new(store: Arc<dyn ScanStore>) -> Self {
        Self { store }
    }

    /// Takes 1 to [`MAX_REPORTS`] reports, received at `at`.
    pub async fn record(&self, reports: Vec<ScanReport>, at: Timestamp) -> Result<Stored, ScansError> {
        let problems = problems(&reports);
        if !problems.is_empty() {
            return Err(ScansError::Invalid(problems));
        }
        Ok(self.store.record(reports, at).await?)
    }
}

fn problems(reports: &[ScanReport]) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if reports.is_empty() || reports.len() > MAX_REPORTS {
        let message = format!("{} reports; a call takes 1 to {MAX_REPORTS}", reports.len());
        problems.push(FieldProblem::new("reports", "batch_size", message));
    }
    for (at, report) in reports.iter().enumerate() {
        let checkpoint = &report.checkpoint;
        let plain = !checkpoint.chars().any(char::is_control) && !checkpoint.trim().is_empty();
        if !plain || checkpoint.len() > MAX_CHECKPOINT_BYTES {
            let message = format!("1 to {MAX_CHECKPOINT_BYTES} bytes without control characters");
            problems.push(FieldProblem::new(format!("reports[{at}].checkpoint"), "name", message));
        }
        let code = report.code.as_bytes();
        let spelled = code.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
        if code.is_empty() || code.len() > MAX_CODE_BYTES || !spelled {
            let message = format!("1 to {MAX_CODE_BYTES} lower-case letters, digits and _");
            problems.push(FieldProblem::new(format!("reports[{at}].code"), "code", message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> ScanReport {
        ScanReport {
            id: Uuid::from_u128(1),
            checkpoint: "G2-K1103".into(),
            number: None,
            outcome: Outcome::Refer,
            code: "not_a_pass".into(),
            scanned_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn fields(reports: &[ScanReport]) -> Vec<String> {
        problems(reports).into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_good_report_has_no_problem() {
        assert_eq!(fields(&[report()]), [""; 0]);
    }

    #[test]
    fn each_bad_field_is_named() {
        for checkpoint in ["", " ", "a\nb", &"x".repeat(65)] {
            let bad = ScanReport { checkpoint: checkpoint.into(), ..report() };
            assert_eq!(fields(&[report(), bad]), ["reports[1].checkpoint"], "{checkpoint:?}");
        }
        for code in ["", "Admit", "a b", "';--", &"x".repeat(41)] {
            let bad = ScanReport { code: code.into(), ..report() };
            assert_eq!(fields(&[bad]), ["reports[0].code"], "{code:?}");
        }
        assert_eq!(fields(&[]), ["reports"]);
        assert_eq!(fields(&vec![report(); MAX_REPORTS + 1]), ["reports"]);
    }
}

//! The commands that decide: a county recommends, an authority approves or rejects.

use std::sync::Arc;

use freightpass_core::division::Division;
use uuid::Uuid;

use super::decision::{Decision, Picked};
use super::error::{ApprovalError, Refusal};
use super::store::ApprovalStore;
use crate::application::{Application, RejectionReason};
use crate::audit::Call;
use crate::problem::FieldProblem;
use crate::words;

/// Applications in one batch: its answer stays below gRPC's message limit, its transaction below a second.
pub const MAX_BATCH: usize = 200;

/// Bytes of an officer's words about one application.
const MAX_WORDS_BYTES: usize = 500;

/// Decisions: the third step of the flow.
#[derive(Clone)]
pub struct Approvals {
    store: Arc<dyn ApprovalStore>,
}

impl Approvals {
    /// Decisions in that store.
    pub fn new(store: Arc<dyn ApprovalStore>) -> Self {
        Self { store }
    }

    /// Says that the county office speaks for a submitted application. It binds nobody.
    pub async fn recommend(
        &self,
        call: &Call,
        county: &Division,
        id: Uuid,
        comment: &str,
    ) -> Result<Application, ApprovalError> {
        let comment = words::optional("comment", comment, MAX_WORDS_BYTES).map_err(invalid)?;
        self.store.recommend(call, county, id, comment).await
    }

    /// Rejects an application, for good. The reason "other" needs words.
    pub async fn reject(
        &self,
        call: &Call,
        id: Uuid,
        reason: RejectionReason,
        text: &str,
    ) -> Result<Application, ApprovalError> {
        self.store.reject(call, id, reason, rejection_words(reason, text)?).await
    }

    /// Rejects 1 to [`MAX_BATCH`] applications for one reason, each decided by itself. One result an application, in
    /// their order. A dry run gives the same results and changes nothing.
    pub async fn reject_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        reason: RejectionReason,
        text: &str,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError> {
        sized(&picked)?;
        self.store.reject_batch(call, picked, reason, rejection_words(reason, text)?, dry_run).await
    }

    /// Approves an application, and issues nothing yet.
    pub async fn decide(&self, call: &Call, id: Uuid, decision: Decision) -> Result<Application, ApprovalError> {
        self.store.decide(call, id, decision).await
    }

    /// Approves 1 to [`MAX_BATCH`] applications for the time that they planned, each decided by itself, and issues
    /// nothing yet. One result an application, in their order. A dry run gives the same results and changes nothing.
    pub async fn decide_batch(
        &self,
        call: &Call,
        picked: Vec<Picked>,
        dry_run: bool,
    ) -> Result<Vec<Result<Application, Refusal>>, ApprovalError> {
        sized(&picked)?;
        self.store.decide_batch(call, picked, dry_run).await
    }
}

fn sized(picked: &[Picked]) -> Result<(), ApprovalError> {
    let given = picked.len();
    if (1..=MAX_BATCH).contains(&given) { Ok(()) } else { Err(ApprovalError::BatchSize { given, max: MAX_BATCH }) }
}

/// The words of a rejection; the reason "other" needs some.
fn rejection_words(reason: RejectionReason, text: &str) -> Result<String, Refusal> {
    let text = match reason {
        RejectionReason::Other => words::required("reason_text", text, MAX_WORDS_BYTES),
        _ => words::optional("reason_text", text, MAX_WORDS_BYTES),
    };
    text.map_err(invalid)
}

fn invalid(problem: FieldProblem) -> Refusal {
    Refusal::Invalid(vec![problem])
}

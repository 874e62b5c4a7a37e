//! One change of the status of a pass, wanted or made.

use freightpass_core::pass::PassNumber;
use jiff::Timestamp;
use serde::Serialize;

use crate::pass::{InvalidTransition, PassState, StatusReason};
use crate::problem::FieldProblem;
use crate::words;

/// Bytes of an officer's words about one change.
const MAX_WORDS_BYTES: usize = 500;

/// What an officer does to a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Stops it for good.
    Revoke,
    /// Stops it until it is resumed.
    Suspend,
    /// Lets it go on.
    Resume,
}

/// Why, checked: a reason that fits the step, and the officer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    reason: StatusReason,
    text: String,
}

/// What happened to a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Action {
    /// Suspended.
    Suspended,
    /// Revoked.
    Revoked,
    /// Resumed.
    Resumed,
}

/// A committed change, as the status log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number in the status log.
    pub seq: u64,
    /// The pass.
    pub number: PassNumber,
    /// What happened.
    pub action: Action,
    /// Why.
    pub reason: StatusReason,
    /// Why, in the officer's words; may be empty.
    pub reason_text: String,
    /// Body of the officer.
    pub body: String,
    /// The officer.
    pub officer: String,
    /// When.
    pub at: Timestamp,
}

/// Which changes are asked for; what is none filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangeFilter {
    /// Of this pass, by its `cti`.
    pub pass: Option<[u8; 8]>,
    /// Of passes of the enterprise with this number.
    pub enterprise: Option<u32>,
    /// Of this kind.
    pub action: Option<Action>,
    /// For this reason.
    pub reason: Option<StatusReason>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub before: Option<Timestamp>,
}

impl Step {
    /// The state after the step.
    ///
    /// # Errors
    /// [`InvalidTransition`] where the state does not allow it.
    pub fn from(self, state: PassState) -> Result<PassState, InvalidTransition> {
        match self {
            Step::Revoke => state.revoke(),
            Step::Suspend => state.suspend(),
            Step::Resume => state.resume(),
        }
    }

    /// Whether an officer may give the reason for this step. Some reasons are the service's own: an enterprise that
    /// is taken off the list, a pass that another one replaces.
    pub fn takes(self, reason: StatusReason) -> bool {
        use StatusReason as Reason;

        match reason {
            Reason::FalseStatement
            | Reason::Misuse
            | Reason::CopiedOrLost
            | Reason::CrewUnfit
            | Reason::VehicleUnfit
            | Reason::IssuedInError
            | Reason::HolderRequest => self != Step::Resume,
            Reason::Investigation => self == Step::Suspend,
            Reason::Cleared => self == Step::Resume,
            Reason::ProgrammeEnded => self == Step::Revoke,
            Reason::Other => true,
            Reason::EnterpriseDelisted | Reason::Replaced => false,
        }
    }
}

impl Why {
    /// An officer's reason for a step; the reason "other" needs words. None: the sender named no reason that there is.
    ///
    /// # Errors
    /// What is wrong with `reason` or `reason_text`.
    pub fn of(step: Step, reason: Option<StatusReason>, text: &str) -> Result<Self, Vec<FieldProblem>> {
        let reason = reason.ok_or_else(|| FieldProblem::new("reason", "missing", "name the reason")).and_then(
            |reason| match step.takes(reason) {
                true => Ok(reason),
                false => Err(FieldProblem::new("reason", "does_not_fit", "this reason is not one for this change")),
            },
        );
        let text = match reason {
            Ok(StatusReason::Other) => words::required("reason_text", text, MAX_WORDS_BYTES),
            _ => words::optional("reason_text", text, MAX_WORDS_BYTES),
        };
        match (reason, text) {
            (Ok(reason), Ok(text)) => Ok(Self { reason, text }),
            (reason, text) => Err(reason.err().into_iter().chain(text.err()).collect()),
        }
    }

    /// The service's own reason, in the officer's words, which must be there.
    ///
    /// # Errors
    /// What is wrong with `reason_text`.
    pub fn told(reason: StatusReason, text: &str) -> Result<Self, Vec<FieldProblem>> {
        match words::required("reason_text", text, MAX_WORDS_BYTES) {
            Ok(text) => Ok(Self { reason, text }),
            Err(problem) => Err(vec![problem]),
        }
    }

    /// A pass makes way for another one.
    pub fn replaced_by(number: PassNumber) -> Self {
        Self { reason: StatusReason::Replaced, text: format!("replaced by {number}") }
    }

    /// The reason.
    pub fn reason(&self) -> StatusReason {
        self.reason
    }

    /// The words.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Action {
    /// The value in the status list that the action leads to; the registry holds it by this number.
    pub const fn value(self) -> u8 {
        self.state().value()
    }

    /// The action that leads to that value.
    pub const fn by_value(value: u8) -> Option<Action> {
        match PassState::by_value(value) {
            Some(PassState::Issued) => Some(Action::Resumed),
            Some(PassState::Revoked) => Some(Action::Revoked),
            Some(PassState::Suspended) => Some(Action::Suspended),
            None => None,
        }
    }

    const fn state(self) -> PassState {
        match self {
            Action::Suspended => PassState::Suspended,
            Action::Revoked => PassState::Revoked,
            Action::Resumed => PassState::Issued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(step: Step, reason: Option<StatusReason>, text: &str) -> Vec<String> {
        let problems = Why::of(step, reason, text).err().unwrap_or_default();
        problems.into_iter().map(|problem| format!("{} {}", problem.field, problem.rule)).collect()
    }

    #[test]
    fn reason_that_does_not_fit_the_step_is_refused_by_name() {
        use StatusReason as Reason;

        let fit = |step: Step| Reason::ALL.into_iter().filter(move |reason| step.takes(*reason)).map(Reason::number);
        assert!(fit(Step::Revoke).eq([1, 2, 3, 4, 5, 6, 7, 12, 255]));
        assert!(fit(Step::Suspend).eq([1, 2, 3, 4, 5, 6, 7, 8, 255]));
        assert!(fit(Step::Resume).eq([11, 255]));
        assert_eq!(rules(Step::Revoke, Some(Reason::Replaced), ""), ["reason does_not_fit"]);
        assert_eq!(rules(Step::Revoke, None, ""), ["reason missing"]);
        assert_eq!(rules(Step::Revoke, Some(Reason::Misuse), ""), [""; 0]);
    }

    #[test]
    fn other_needs_words_and_words_have_a_bound() {
        let other = Some(StatusReason::Other);
        assert_eq!(rules(Step::Resume, other, "  "), ["reason_text missing"]);
        assert_eq!(rules(Step::Resume, other, "found"), [""; 0]);
        assert_eq!(rules(Step::Resume, other, &"x".repeat(501)), ["reason_text too_long"]);
        assert_eq!(rules(Step::Resume, None, "a\0b"), ["reason missing", "reason_text forbidden_character"]);
    }

    #[test]
    fn actions_lead_back_from_the_value_they_lead_to() {
        for action in [Action::Suspended, Action::Revoked, Action::Resumed] {
            assert_eq!(Action::by_value(action.value()), Some(action));
        }
        assert_eq!(Action::by_value(3), None);
    }
}

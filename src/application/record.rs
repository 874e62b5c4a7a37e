//! An application as the registry keeps it, and the steps that led it to where it stands.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::{Form, Window};
use super::state::State;
use crate::whitelist::Person;

/// An application and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Identifier: a UUID of version 7, so that identifiers ascend with the time of submission.
    pub id: Uuid,
    /// What it says.
    pub form: Form,
    /// The enterprise that applies.
    pub enterprise: EnterpriseRef,
    /// Where it stands.
    pub state: State,
    /// Rises with each step.
    pub version: u64,
    /// The time that the authority allows; only when approved.
    pub approved: Option<Window>,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// The county office that speaks for it.
    pub recommended: Option<Recommended>,
}

/// A county office that speaks for an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommended {
    /// Body of the officer.
    pub body: String,
    /// The officer.
    pub officer: String,
    /// When.
    pub at: Timestamp,
    /// The office's words; may be empty.
    pub text: String,
}

/// The enterprise of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseRef {
    /// Number on the white list.
    pub number: u32,
    /// Code.
    pub code: String,
    /// Whether the code was let in with a wrong check digit; a pass then carries the number.
    pub code_waived: bool,
    /// Name, as it was when the application was handed in.
    pub name: String,
}

/// An application with its history.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationDetail {
    /// The application.
    pub application: Application,
    /// Person to call at the enterprise, as it was when the application was handed in.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// The people on board since the last amendment; empty while they are those of the form.
    pub amended_crew: Vec<Person>,
    /// Every step, the first first.
    pub steps: Vec<Step>,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for ApplicationDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationDetail")
            .field("application", &self.application)
            .field("amended_crew", &self.amended_crew)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// One step of an application: who took it, when, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state that it led to.
    pub state: State,
    /// Body of the officer.
    pub body: String,
    /// The officer.
    pub officer: String,
    /// When.
    pub at: Timestamp,
    /// Why it was rejected.
    pub reason: Option<RejectionReason>,
    /// The officer's words; may be empty.
    pub text: String,
}

/// Why an application was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionReason {
    /// Something is missing or cannot be read.
    Incomplete,
    /// Statements are false.
    FalseStatement,
    /// The freight is not essential under the programme.
    NotEssential,
    /// Evidence is missing, too old or does not count.
    Evidence,
    /// The route, or a place on it, is not allowed at present.
    Route,
    /// The vehicle is not allowed.
    Vehicle,
    /// A person on board is not allowed.
    Crew,
    /// It was handed in twice.
    Duplicate,
    /// It belongs to another authority.
    NotCompetent,
    /// Another reason, which the text must tell.
    Other,
}

impl RejectionReason {
    /// Every reason, by number.
    pub const ALL: [RejectionReason; 10] = [
        RejectionReason::Incomplete,
        RejectionReason::FalseStatement,
        RejectionReason::NotEssential,
        RejectionReason::Evidence,
        RejectionReason::Route,
        RejectionReason::Vehicle,
        RejectionReason::Crew,
        RejectionReason::Duplicate,
        RejectionReason::NotCompetent,
        RejectionReason::Other,
    ];

    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            RejectionReason::Incomplete => 1,
            RejectionReason::FalseStatement => 2,
            RejectionReason::NotEssential => 3,
            RejectionReason::Evidence => 4,
            RejectionReason::Route => 5,
            RejectionReason::Vehicle => 6,
            RejectionReason::Crew => 7,
            RejectionReason::Duplicate => 8,
            RejectionReason::NotCompetent => 9,
            RejectionReason::Other => 255,
        }
    }

    /// The reason of that number.
    pub fn by_number(number: i64) -> Option<RejectionReason> {
        RejectionReason::ALL.into_iter().find(|reason| i64::from(reason.number()) == number)
    }

    /// Its name in messages and in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            RejectionReason::Incomplete => "incomplete",
            RejectionReason::FalseStatement => "false_statement",
            RejectionReason::NotEssential => "not_essential",
            RejectionReason::Evidence => "evidence",
            RejectionReason::Route => "route",
            RejectionReason::Vehicle => "vehicle",
            RejectionReason::Crew => "crew",
            RejectionReason::Duplicate => "duplicate",
            RejectionReason::NotCompetent => "not_competent",
            RejectionReason::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_lead_back_from_their_numbers() {
        for reason in RejectionReason::ALL {
            assert_eq!(RejectionReason::by_number(reason.number().into()), Some(reason));
        }
        for number in [0, 10, 254, 256] {
            assert_eq!(RejectionReason::by_number(number), None);
        }
    }
}

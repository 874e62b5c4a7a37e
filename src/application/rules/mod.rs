//! What an authority asks of applications under a programme: which evidence must come with one, how old it may be, and
//! whether a county must speak for it. It is the authority's policy, not part of the signed trust list: it changes from
//! day to day, and no scanner reads it.

mod draft;
mod error;
mod evidence;
mod programmes;
mod store;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use draft::{DraftAsked, DraftRule};
pub use error::ProgrammeError;
pub use evidence::{Shortfall, Unmet};
pub use programmes::Programmes;
pub use store::{ProgrammeStore, RulesFilter};

use super::form::EvidenceKind;

/// The rules of an authority for a programme, and who set them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeRules {
    /// Code of the authority that applications go to.
    pub authority: String,
    /// Number of the programme.
    pub programme: u16,
    /// What is asked for.
    pub asked: Asked,
    /// Rises each time they are set.
    pub version: u64,
    /// Body of the officer who set them.
    pub body: String,
    /// The officer.
    pub officer: String,
    /// When.
    pub changed_at: Timestamp,
}

/// What is asked of an application; the default asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Evidence that must come with it.
    pub evidence: Vec<EvidenceRule>,
    /// Whether only what a county office recommends can be approved.
    pub recommendation_required: bool,
}

/// One kind of evidence that must be there, and count when the journey begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRule {
    /// The kind of paper.
    pub kind: EvidenceKind,
    /// About whom or what.
    pub subject: Subject,
    /// How long before the start it may have been taken at the most, in seconds; none: however old.
    pub max_age_s: Option<u32>,
    /// Who may have made it; empty: anybody.
    pub issuers: Vec<String>,
}

/// About whom or what evidence must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Each person on board.
    Person,
    /// The vehicle.
    Vehicle,
    /// The cargo.
    Cargo,
}

impl Subject {
    /// Every subject, by number.
    pub const ALL: [Subject; 3] = [Subject::Person, Subject::Vehicle, Subject::Cargo];

    /// Its number in proto.
    pub const fn number(self) -> u8 {
        match self {
            Subject::Person => 1,
            Subject::Vehicle => 2,
            Subject::Cargo => 3,
        }
    }

    /// The subject of that number.
    pub fn by_number(number: i64) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| i64::from(subject.number()) == number)
    }
}

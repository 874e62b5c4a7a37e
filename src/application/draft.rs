//! An application as it was sent: every field as the protocol's `ApplicationForm` has it, nothing checked yet.

use std::fmt;

use super::form::{EvidenceKind, Leg};
use crate::profile::PaperKind;
use crate::whitelist::{Category, CrewRole};

/// An application as it was sent. What the sender left out, or chose outside the enumeration, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Code of the authority that it goes to.
    pub authority: String,
    /// Number of the programme.
    pub programme: u32,
    /// Code of the enterprise.
    pub enterprise_code: String,
    /// Plate of the tractor.
    pub tractor: String,
    /// Plate of the trailer; empty where there is none.
    pub trailer: String,
    /// Mass of the whole combination, in kilograms.
    pub gross_mass_kg: u32,
    /// The people on board; the first is the driver.
    pub crew: Vec<DraftPerson>,
    /// Category of the cargo.
    pub cargo_category: Option<Category>,
    /// What the cargo is, in words.
    pub cargo_description: String,
    /// Mass of the cargo, in kilograms.
    pub cargo_mass_kg: u32,
    /// Where the journey begins.
    pub origin: String,
    /// Where it ends.
    pub destination: String,
    /// What lies between.
    pub via: Vec<String>,
    /// Start of the planned time, in seconds since 1970.
    pub planned_start: Option<i64>,
    /// Its end.
    pub planned_end: Option<i64>,
    /// Loaded, empty or return.
    pub leg: Option<Leg>,
    /// Papers that come with it.
    pub evidence: Vec<DraftEvidence>,
}

/// A person on board as sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DraftPerson {
    /// Name as the paper spells it.
    pub name: String,
    /// Kind of the paper.
    pub paper_kind: Option<PaperKind>,
    /// Number of the paper.
    pub paper_number: String,
    /// Mobile number; may be empty for a passenger.
    pub mobile: String,
    /// What the person is on board for.
    pub role: Option<CrewRole>,
}

/// A piece of evidence as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftEvidence {
    /// What it is.
    pub kind: Option<EvidenceKind>,
    /// When it was taken, in seconds since 1970.
    pub taken: Option<i64>,
    /// For how long it counts, in seconds.
    pub valid_for_s: Option<i64>,
    /// Who made it.
    pub issuer: String,
    /// Whom it is about, the driver is 1; 0: nobody in particular.
    pub person: u32,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for DraftPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DraftPerson")
            .field("paper_kind", &self.paper_kind)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

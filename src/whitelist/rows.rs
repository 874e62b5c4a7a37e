//! The rows of an import: as people typed them, as they are when every rule holds, and what became of each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::enterprise::Vehicle;
use super::person::Person;
use crate::problem::FieldProblem;

/// One row of a table: an enterprise, one truck of it, and the people on it; every cell as it was typed. The fields
/// are those of `ImportRow` in the protocol.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawRow {
    /// Line in the table, for the answer.
    pub line: u32,
    /// Enterprise code.
    pub enterprise_code: String,
    /// Name of the enterprise.
    pub enterprise_name: String,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// Key industry: number or name.
    pub industry: String,
    /// Plate of the tractor.
    pub tractor: String,
    /// Plate of the trailer; may be empty.
    pub trailer: String,
    /// The people on board; may be empty.
    pub crew: Vec<RawPerson>,
    /// Why a code whose check digit is wrong is let in all the same.
    pub code_waiver_reason: String,
}

/// Debug goes to logs, and the people do not; of what was typed nobody knows what it is.
impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRow").field("line", &self.line).finish_non_exhaustive()
    }
}

/// One person of a row, as typed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawPerson {
    /// Name as the paper spells it.
    pub name: String,
    /// Kind of the paper: number or name; empty means identity card.
    pub paper_kind: String,
    /// Number of the paper.
    pub paper_number: String,
    /// Mobile number; may be empty for a passenger.
    pub mobile: String,
    /// Role: number or name; empty means driver for the first, relief driver for the others.
    pub role: String,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for RawPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPerson").finish_non_exhaustive()
    }
}

/// A row in which every rule of the profile holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Listing {
    /// Enterprise code, normalised.
    pub code: String,
    /// Whether the code's check digit is right; if not, it needs a waiver.
    pub code_checks: bool,
    /// Why a wrong check digit is let in, if the row gives a reason.
    pub waiver: Option<String>,
    /// Name of the enterprise.
    pub name: String,
    /// Key industry.
    pub industry: Category,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// The tractor, and the trailer if there is one.
    pub vehicles: Vec<Vehicle>,
    /// The people.
    pub people: Vec<Person>,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("code", &self.code)
            .field("vehicles", &self.vehicles)
            .field("people", &self.people)
            .finish_non_exhaustive()
    }
}

/// A row after the profile has looked at it: what it says, or everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedRow {
    /// Line in the table.
    pub line: u32,
    /// The listing, or the problems.
    pub listing: Result<Listing, Vec<FieldProblem>>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    /// Line in the table.
    pub line: u32,
    /// What was done.
    pub outcome: Outcome,
    /// White-list number of the enterprise; none for a refused row, and for a new enterprise in a dry run.
    pub enterprise: Option<u32>,
    /// What is wrong with a refused row; empty otherwise.
    pub problems: Vec<FieldProblem>,
}

/// What an import does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The enterprise, a vehicle or a person of it was not on the list before.
    New,
    /// Something that was on the list has other details now.
    Changed,
    /// Everything was on the list already.
    Same,
    /// The row breaks a rule; nothing of it is stored.
    Refused,
}

impl Outcome {
    /// The outcome of a row from the outcomes of its parts: one new part makes it new, else one changed part changed.
    pub(super) fn with(self, part: Outcome) -> Outcome {
        match (self, part) {
            (Outcome::New, _) | (_, Outcome::New) => Outcome::New,
            (Outcome::Changed, _) | (_, Outcome::Changed) => Outcome::Changed,
            (whole, _) => whole,
        }
    }
}

/// What became of a batch: one result a row, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// One for each row.
    pub results: Vec<RowResult>,
}

impl ImportReport {
    /// How many rows had that outcome.
    pub fn count(&self, outcome: Outcome) -> u32 {
        let rows = self.results.iter().filter(|result| result.outcome == outcome);
        u32::try_from(rows.count()).unwrap_or(u32::MAX)
    }
}

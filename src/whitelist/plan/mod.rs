//! What an import does, decided before anything is written. The dry run and the import take the same plan, so that
//! they cannot differ.
//!
//! Rows are looked at in their order, each against the list as the rows before it have left it ([`planner`]). A row that
//! contradicts an earlier row of its batch is refused and not written over it ([`refusals`]): otherwise two such rows
//! would change the list at every import for ever.

mod planner;
mod refusals;

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::enterprise::Enterprise;
use super::person::Person;
use super::rows::{CheckedRow, RowResult};
use crate::profile::{Paper, VehicleKind};
use planner::Planner;

/// What the registry holds about the codes of a batch.
#[derive(Debug, Default)]
pub struct Listed {
    /// Enterprises by code.
    pub enterprises: HashMap<String, Enterprise>,
    /// Kinds of the vehicles that the batch names, by enterprise code and plate.
    pub vehicles: HashMap<(String, String), VehicleKind>,
    /// The people whom the batch names, by enterprise code and paper.
    pub people: HashMap<(String, Paper), Person>,
}

/// What an import of a batch does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The result of each row; a new enterprise has no number yet.
    pub results: Vec<PlannedRow>,
    /// Enterprises to write, by code.
    pub enterprises: BTreeMap<String, EnterpriseWrite>,
    /// Vehicles to add.
    pub vehicles: Vec<(String, String, VehicleKind)>,
    /// People to add or to change, with the code of their enterprise.
    pub people: Vec<(String, Person)>,
}

/// The result of one row, and the code by which the number of its enterprise is found after the writing.
#[derive(Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The result.
    pub result: RowResult,
    /// The enterprise's code; none for a refused row.
    pub code: Option<String>,
}

/// How an enterprise is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseWrite {
    /// Whether it is new; otherwise its version rises.
    pub new: bool,
    /// Its details as the batch leaves them; none if only its vehicles or people change.
    pub details: Option<Details>,
    /// Vehicles that the batch adds.
    pub new_vehicles: u32,
    /// People whom the batch adds.
    pub new_people: u32,
    /// People of whom the batch changes something.
    pub changed_people: u32,
}

/// What an import says about an enterprise itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Details {
    /// Name.
    pub name: String,
    /// Number of the key industry.
    pub industry: u8,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// Why a wrong check digit is let in.
    pub waiver: Option<String>,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details").field("name", &self.name).field("industry", &self.industry).finish_non_exhaustive()
    }
}

impl Plan {
    /// The plan for `rows`, imported by an officer of `authority` into the list that `listed` tells of.
    pub fn make(listed: Listed, authority: &str, rows: Vec<CheckedRow>) -> Plan {
        let mut planner = Planner::new(listed, authority, &rows);
        for row in rows {
            planner.take(row);
        }
        planner.finish()
    }
}

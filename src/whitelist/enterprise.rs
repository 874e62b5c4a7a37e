//! What stands on the white list: enterprises, their vehicles, their people.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::category::Category;
use super::person::Person;
use crate::profile::VehicleKind;

/// An enterprise on the white list.
#[derive(Clone, PartialEq, Eq)]
pub struct Enterprise {
    /// White-list number, unique in the deployment.
    pub number: u32,
    /// Code, normalised; cn: GB 32100, upper case.
    pub code: String,
    /// The reason for which a code with a wrong check digit was let in.
    pub code_waiver: Option<String>,
    /// Name.
    pub name: String,
    /// Code of the one authority that owns the entry.
    pub authority: String,
    /// Key industry.
    pub industry: Category,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person, normalised.
    pub contact_phone: String,
    /// Whether it may apply.
    pub state: EnterpriseState,
    /// Rises with each change of the entry.
    pub version: u64,
    /// When it was listed first.
    pub listed_at: Timestamp,
    /// When it, or a vehicle or person of it, was changed last.
    pub changed_at: Timestamp,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for Enterprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enterprise")
            .field("number", &self.number)
            .field("code", &self.code)
            .field("authority", &self.authority)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Whether an enterprise may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum EnterpriseState {
    /// On the list.
    Listed,
    /// Taken off it, with its passes, by RevokeEnterprise. An import does not put it back.
    Delisted,
}

impl EnterpriseState {
    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            EnterpriseState::Listed => 1,
            EnterpriseState::Delisted => 2,
        }
    }

    /// The state of that number.
    pub fn by_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(EnterpriseState::Listed),
            2 => Some(EnterpriseState::Delisted),
            _ => None,
        }
    }
}

/// A vehicle of an enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vehicle {
    /// Plate, normalised.
    pub plate: String,
    /// Kind.
    pub kind: VehicleKind,
}

/// An enterprise with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseDetail {
    /// The enterprise.
    pub enterprise: Enterprise,
    /// Its vehicles, ascending by plate; at most [`MAX_MEMBERS`].
    pub vehicles: Vec<Vehicle>,
    /// Its people, ascending by name; at most [`MAX_MEMBERS`].
    pub people: Vec<Person>,
}

/// Vehicles, or people, that one answer names: it stays below gRPC's message limit of 4 MiB.
pub const MAX_MEMBERS: u32 = 1_000;

//! A person who may be on board, as a paper names one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::profile::Paper;

/// A person on the white list or in a crew. Two persons are one when their papers are equal, however the number was
/// typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Name, normalised.
    pub name: String,
    /// The paper.
    pub paper: Paper,
    /// Mobile number, normalised; a passenger may have none.
    pub mobile: Option<String>,
    /// What the person is on board for.
    pub role: CrewRole,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("paper", &self.paper).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What a person on board is there for; the order is that of the registry's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrewRole {
    /// Drives; the first of a crew is the driver, and there is exactly one.
    Driver,
    /// Drives in turn.
    ReliefDriver,
    /// Rides along: escort, loader.
    Passenger,
}

impl CrewRole {
    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            CrewRole::Driver => 1,
            CrewRole::ReliefDriver => 2,
            CrewRole::Passenger => 3,
        }
    }

    /// The role of that number.
    pub fn by_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(CrewRole::Driver),
            2 => Some(CrewRole::ReliefDriver),
            3 => Some(CrewRole::Passenger),
            _ => None,
        }
    }

    /// Its name in tables and messages.
    pub const fn name(self) -> &'static str {
        match self {
            CrewRole::Driver => "driver",
            CrewRole::ReliefDriver => "relief_driver",
            CrewRole::Passenger => "passenger",
        }
    }

    /// The role that a cell of a table means: its number, or its name in English or Chinese.
    pub fn by_text(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "1" | "driver" | "驾驶员" | "司机" | "主驾" => Some(CrewRole::Driver),
            "2" | "relief_driver" | "relief" | "副驾驶员" | "副驾" => Some(CrewRole::ReliefDriver),
            "3" | "passenger" | "随车人员" | "押运员" => Some(CrewRole::Passenger),
            _ => None,
        }
    }

    /// The role on the white list of a person who is listed with both: who once drives is a driver. So the same rows
    /// imported in any order, and again, end at the same entry.
    pub fn joined(self, other: Self) -> Self {
        self.min(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_lead_back_from_number_and_name() {
        for role in [CrewRole::Driver, CrewRole::ReliefDriver, CrewRole::Passenger] {
            assert_eq!(CrewRole::by_number(role.number().into()), Some(role));
            assert_eq!(CrewRole::by_text(role.name()), Some(role));
            assert_eq!(CrewRole::by_text(&role.number().to_string()), Some(role));
        }
        assert_eq!(CrewRole::by_number(0), None);
        assert_eq!(CrewRole::by_text("pilot"), None);
    }

    #[test]
    fn joined_role_does_not_depend_on_the_order() {
        assert_eq!(CrewRole::Passenger.joined(CrewRole::Driver), CrewRole::Driver);
        assert_eq!(CrewRole::Driver.joined(CrewRole::Passenger), CrewRole::Driver);
        assert_eq!(CrewRole::Passenger.joined(CrewRole::Passenger), CrewRole::Passenger);
    }
}

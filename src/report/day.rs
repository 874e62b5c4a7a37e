//! The report of a day.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::waits::{Wait, Waited};
use crate::application::RejectionReason;
use crate::pass::StatusReason;
use crate::whitelist::Category;

/// What some bodies did in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayReport {
    /// The day, in the profile's zone.
    pub day: Date,
    /// Its first moment.
    pub from: Timestamp,
    /// Up to when it tells: the first moment of the next day, or now where the day is not over.
    pub until: Timestamp,
    /// What was counted.
    pub figures: Figures,
}

/// What was counted between two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Applications handed in.
    pub received: u64,
    /// Applications recommended.
    pub recommended: u64,
    /// Applications approved.
    pub approved: u64,
    /// Applications rejected.
    pub rejected: u64,
    /// Applications taken back.
    pub withdrawn: u64,
    /// Passes issued, those that replaced others included.
    pub issued: u64,
    /// Passes revoked, those that were replaced included.
    pub revoked: u64,
    /// How long was waited for each step that was taken; steps that were not are left out.
    pub waits: Vec<(Waited, Wait)>,
    /// Rejected applications by reason, in the order of the reasons' numbers; those without any are left out.
    pub rejected_by: Vec<(RejectionReason, u64)>,
    /// Revoked passes by reason, likewise.
    pub revoked_by: Vec<(StatusReason, u64)>,
    /// Supplies by category of the cargo, in the order of their numbers; those without any are left out.
    pub cargo: Vec<(Category, Supply)>,
    /// Supplies by the key industry of the enterprise, likewise.
    pub industries: Vec<(Category, Supply)>,
    /// What was not decided at the end.
    pub waiting: Waiting,
}

/// Supplies of one category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Supply {
    /// Applications handed in.
    pub received: u64,
    /// Passes issued.
    pub issued: u64,
    /// Mass of the cargo that was applied for, in kilograms.
    pub cargo_mass_kg: u64,
}

/// Applications that nobody has decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// The one that was handed in first, and when.
    pub oldest: Option<(Uuid, Timestamp)>,
}

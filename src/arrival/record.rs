//! What is known of the arrival of a truck.

use std::fmt;

use freightpass_core::division::Division;
use jiff::Timestamp;
use serde::Serialize;

use crate::identity::Sight;
use crate::pass::{Arriving, Pass};

/// A truck that is expected at its destination, or has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its pass.
    pub pass: Pass,
    /// Name of the enterprise, as it was when it applied.
    pub enterprise_name: String,
    /// What is known.
    pub known: Known,
}

/// What is known of an arrival: one of both at least.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The last announcement.
    pub expected: Option<Expected>,
    /// The first report.
    pub arrived: Option<Arrived>,
}

/// An announcement.
#[derive(Clone, PartialEq, Eq)]
pub struct Expected {
    /// When the truck will be there, seconds since 1970.
    pub at: u64,
    /// Who receives it; may be empty.
    pub consignee: String,
    /// When it was announced.
    pub announced_at: Timestamp,
    /// By whom: `body/officer`.
    pub by: String,
}

/// Debug goes to logs, and who receives a truck may be a person.
impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected").field("at", &self.at).field("by", &self.by).finish_non_exhaustive()
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// When the truck arrived, seconds since 1970.
    pub at: u64,
    /// Where, as the division's Display spells it.
    pub place: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// By whom: `body/officer`.
    pub by: String,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The arrival as it stands.
    pub arrival: Arrival,
    /// Whether it had been reported before.
    pub already: bool,
}

/// Whose arrivals a caller sees: those of the passes within `own`, and those to a place inside `destination`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArrivalSight {
    /// The passes that the caller sees anyway.
    pub own: Sight,
    /// The division of the caller's office; none: no destination is the caller's.
    #[serde(serialize_with = "spelled")]
    pub destination: Option<Division>,
}

/// Which arrivals are asked for; what is none filters nothing. Values are normalised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ArrivalFilter {
    /// Expected or arrived.
    pub state: Option<Arriving>,
    /// To this division, or to one inside it.
    #[serde(serialize_with = "spelled")]
    pub destination: Option<Division>,
    /// For this tractor.
    pub tractor: Option<String>,
    /// Expected, or arrived without an announcement, at this second or later.
    pub from: Option<i64>,
    /// Expected or arrived before this second.
    pub before: Option<i64>,
}

fn spelled<S: serde::Serializer>(division: &Option<Division>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&division.as_ref().map(ToString::to_string).unwrap_or_default())
}

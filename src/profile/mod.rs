//! What plates, papers, codes and divisions look like, and where: one trait, one implementation a country.
//!
//! Everything that people type is normalised and checked behind [`Profile`], once, at intake (docs/FORMAT.md, plates
//! and names); what comes out of it is compared and hashed as it is. An error names the rule that was broken and the
//! place in the value; the field's name is added by whoever knows it.

mod field_error;
mod paper;

use freightpass_core::division::Division;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use field_error::FieldError;
pub use paper::{Paper, PaperKind};

/// The rules of one country.
pub trait Profile: Send + Sync {
    /// Its name in the configuration, such as `cn`.
    fn name(&self) -> &'static str;

    /// The zone in which dates without one are meant, and whose calendar day stands in pass numbers.
    fn zone(&self) -> &TimeZone;

    /// A plate: normalised, and of a form that this kind of vehicle may have.
    fn plate(&self, kind: VehicleKind, text: &str) -> Result<String, FieldError>;

    /// An enterprise's code. A wrong check digit is no error here: some genuine codes have one, and the white list
    /// decides.
    fn enterprise_code(&self, text: &str) -> Result<EnterpriseCode, FieldError>;

    /// A person's paper, as it can be on the day `today`. Every spelling of one number gives the same paper.
    fn paper(&self, kind: PaperKind, number: &str, today: Date) -> Result<Paper, FieldError>;

    /// The kind of paper that a cell of a table means: its number, or its name in the languages of the profile; an
    /// empty cell means the identity card.
    fn paper_kind(&self, text: &str) -> Result<PaperKind, FieldError>;

    /// A person's name: NFC, single spaces, the dot U+00B7; 1 to 60 bytes.
    fn person_name(&self, text: &str) -> Result<String, FieldError>;

    /// A mobile number.
    fn mobile(&self, text: &str) -> Result<String, FieldError>;

    /// A phone number on which an enterprise is reached: mobile or land line.
    fn phone(&self, text: &str) -> Result<String, FieldError>;

    /// A place where a journey begins or ends: a county, or a division that has none below it, that exists now.
    fn route_end(&self, text: &str) -> Result<Division, FieldError>;

    /// A place on the way: also a whole prefecture or province.
    fn route_via(&self, text: &str) -> Result<Division, FieldError>;

    /// A division in which an authority or a county office can be competent: any that exists now.
    fn division(&self, text: &str) -> Result<Division, FieldError>;

    /// The division's name as people say it, with those around it, the largest first; none if the profile knows no
    /// such division now.
    fn division_name(&self, division: &Division) -> Option<Vec<String>>;

    /// The calendar day of that moment in the profile's zone.
    fn day(&self, at: Timestamp) -> Date {
        self.zone().to_datetime(at).date()
    }
}

/// An enterprise's code, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseCode {
    /// The code; cn: 18 characters, upper case.
    pub text: String,
    /// Whether its check digit is right.
    pub checks: bool,
}

/// What kind of vehicle a plate belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VehicleKind {
    /// Tractor or rigid truck: the vehicle that a pass is for.
    Tractor,
    /// Trailer.
    Trailer,
}

impl VehicleKind {
    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            VehicleKind::Tractor => 1,
            VehicleKind::Trailer => 2,
        }
    }

    /// The kind of that number.
    pub fn by_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(VehicleKind::Tractor),
            2 => Some(VehicleKind::Trailer),
            _ => None,
        }
    }
}

//! What plates, papers, codes and divisions look like, and where: one trait, one implementation a country.
//!
//! Everything that people type is normalised and checked behind [`Profile`], once, at intake (docs/FORMAT.md, plates
//! and names); what comes out of it is compared and hashed as it is. An error names the rule that was broken and the
//! place in the value; the field's name is added by whoever knows it.

pub mod cn;
pub mod generic;

mod field_error;
mod instant;
mod paper;
mod passport;
mod person_name;
mod rule;
mod typed;

pub(crate) use typed::is_invisible;

use std::sync::Arc;

use freightpass_core::division::Division;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use field_error::FieldError;
pub use instant::instant_in_bounds;
pub use paper::{Paper, PaperKind};
pub use person_name::{MAX_NAME_BYTES, masked};
pub use rule::Rule;

/// The profile of that name, such as `cn`; none if no such profile is built in.
pub fn by_id(name: &str) -> Option<Arc<dyn Profile>> {
    match name {
        cn::NAME => Some(Arc::new(cn::Cn)),
        generic::NAME => Some(Arc::new(generic::Generic)),
        _ => None,
    }
}

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

    /// An enterprise's code as a pass carries it (docs/FORMAT.md, body key 7); none where the profile's codes have no
    /// such form, or the check digit is wrong: a pass then carries the enterprise's number.
    fn pack_enterprise_code(&self, code: &str) -> Option<[u8; 11]>;

    /// The code behind a packed one, with its check digit; none if there is no such code.
    fn unpack_enterprise_code(&self, packed: &[u8; 11]) -> Option<String>;

    /// A person's paper, as it can be on the day `today`. Every spelling of one number gives the same paper.
    fn paper(&self, kind: PaperKind, number: &str, today: Date) -> Result<Paper, FieldError>;

    /// The kind of paper that a cell of a table means: its number, or its name in the languages of the profile; an
    /// empty cell means the identity card.
    fn paper_kind(&self, text: &str) -> Result<PaperKind, FieldError>;

    /// A person's name: NFC, single spaces, the dot U+00B7; 1 to 60 bytes.
    fn person_name(&self, text: &str) -> Result<String, FieldError> {
        person_name::normalised(text)
    }

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

    /// The division of an authority: `0` is everywhere (none); otherwise one that may sign passes, cn: a province or a
    /// prefecture that exists now.
    fn authority_division(&self, text: &str) -> Result<Option<Division>, FieldError>;

    /// The number of the authority of that division, where the profile has a rule for it (cn: the division's code of six
    /// digits); none where the ceremony chooses it.
    fn authority_number(&self, division: &Division) -> Option<u32>;

    /// The division's name as people say it, with those around it, the largest first: as it is now, or as it was last
    /// for one abolished; none if the profile knows no such division.
    fn division_name(&self, division: &Division) -> Option<Vec<String>>;

    /// A typed time as Unix seconds within the bounds of a pass: `2026-12-01 08:00`, meant in the profile's zone, or
    /// RFC 3339 with its own offset.
    fn instant(&self, text: &str) -> Result<u32, FieldError> {
        instant::typed_instant(text, self.zone())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_known_by_name() {
        for name in ["cn", "generic"] {
            assert_eq!(by_id(name).map(|profile| profile.name()), Some(name));
        }
        assert!(by_id("").is_none() && by_id("CN").is_none());
    }

    #[test]
    fn one_and_the_same_moment_is_another_day_elsewhere() {
        let at = Timestamp::from_second(1_796_054_400).unwrap();
        assert_eq!(cn::Cn.day(at), jiff::civil::date(2026, 12, 1));
        assert_eq!(generic::Generic.day(at), jiff::civil::date(2026, 11, 30));
        assert_eq!(cn::Cn.instant("2026-12-01 00:00"), Ok(1_796_054_400));
        assert_eq!(generic::Generic.instant("2026-11-30 16:00"), Ok(1_796_054_400));
    }

    #[test]
    fn authorities_take_their_number_from_their_division() {
        for (typed, number) in [("320500", 320_500), ("32", 320_000), ("441900", 441_900)] {
            let division = cn::Cn.authority_division(typed).unwrap().unwrap();
            assert_eq!(cn::Cn.authority_number(&division), Some(number));
        }
        let division = generic::Generic.authority_division("DE-BY").unwrap().unwrap();
        assert_eq!(generic::Generic.authority_number(&division), None);
        assert_eq!(cn::Cn.authority_number(&division), None);
    }
}

//! The profile `cn`: GB/T 2260 divisions, GA 36 plates, GB 32100 enterprise codes, GB 11643 ID numbers.

mod divisions;
mod enterprise_code;
mod id_number;
mod papers;
mod phone;
mod places;
mod plate;

use freightpass_core::division::Division;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{EnterpriseCode, FieldError, Paper, PaperKind, Profile, VehicleKind};

pub use divisions::{Kind, Row, current_counties, current_prefectures, current_provinces, path, wire};
pub use enterprise_code::gb32100_check_digit;
pub use id_number::gb11643_check_digit;

/// Its name in the configuration.
pub const NAME: &str = "cn";

/// Asia/Shanghai. Its offset is fixed since 1991, so no time-zone data is needed on the machine.
static BEIJING: TimeZone = TimeZone::fixed(jiff::tz::offset(8));

/// The rules of mainland China.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cn;

impl Profile for Cn {
    fn name(&self) -> &'static str {
        NAME
    }

    fn zone(&self) -> &TimeZone {
        &BEIJING
    }

    fn plate(&self, kind: VehicleKind, text: &str) -> Result<String, FieldError> {
        plate::plate(kind, text)
    }

    fn enterprise_code(&self, text: &str) -> Result<EnterpriseCode, FieldError> {
        enterprise_code::enterprise_code(text)
    }

    fn pack_enterprise_code(&self, code: &str) -> Option<[u8; 11]> {
        enterprise_code::pack(code)
    }

    fn unpack_enterprise_code(&self, packed: &[u8; 11]) -> Option<String> {
        enterprise_code::unpack(packed)
    }

    fn paper(&self, kind: PaperKind, number: &str, today: Date) -> Result<Paper, FieldError> {
        papers::paper(kind, number, today)
    }

    fn paper_kind(&self, text: &str) -> Result<PaperKind, FieldError> {
        papers::kind(text)
    }

    fn mobile(&self, text: &str) -> Result<String, FieldError> {
        phone::mobile(text)
    }

    fn phone(&self, text: &str) -> Result<String, FieldError> {
        phone::phone(text)
    }

    fn route_end(&self, text: &str) -> Result<Division, FieldError> {
        places::route_end(text)
    }

    fn route_via(&self, text: &str) -> Result<Division, FieldError> {
        places::any(text)
    }

    fn division(&self, text: &str) -> Result<Division, FieldError> {
        places::any(text)
    }

    fn authority_division(&self, text: &str) -> Result<Option<Division>, FieldError> {
        places::authority(text)
    }

    fn authority_number(&self, division: &Division) -> Option<u32> {
        match division {
            Division::Code(code) => Some(divisions::padded(*code)),
            Division::Text(_) => None,
        }
    }

    fn division_name(&self, division: &Division) -> Option<Vec<String>> {
        let Division::Code(code) = division else { return None };
        let names = divisions::path(divisions::padded(*code))?;
        Some(names.into_iter().map(str::to_owned).collect())
    }
}

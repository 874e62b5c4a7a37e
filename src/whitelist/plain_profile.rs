//! A profile of few rules for the tests of the rooms: what is refused here contains a question mark.

use freightpass_core::division::{Code, Division};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::profile::{EnterpriseCode, FieldError, Paper, PaperKind, Profile, VehicleKind};

/// Upper-cases plates, codes and papers; a code that ends in `-` fails its check digit.
pub(crate) struct PlainProfile;

impl Profile for PlainProfile {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn zone(&self) -> &TimeZone {
        static ZONE: TimeZone = TimeZone::UTC;
        &ZONE
    }

    fn plate(&self, kind: VehicleKind, text: &str) -> Result<String, FieldError> {
        match kind {
            VehicleKind::Tractor => plain("tractor_form", text),
            VehicleKind::Trailer => plain("trailer_form", text),
        }
    }

    fn enterprise_code(&self, text: &str) -> Result<EnterpriseCode, FieldError> {
        let text = plain("code_form", text)?;
        let checks = !text.ends_with('-');
        Ok(EnterpriseCode { text, checks })
    }

    fn paper(&self, kind: PaperKind, number: &str, _today: Date) -> Result<Paper, FieldError> {
        let number = plain("paper_form", number)?;
        Ok(Paper { kind, number })
    }

    fn paper_kind(&self, text: &str) -> Result<PaperKind, FieldError> {
        match text.trim() {
            "" | "1" => Ok(PaperKind::IdentityCard),
            "2" => Ok(PaperKind::Passport),
            _ => Err(FieldError::whole("unknown_paper_kind", "no such kind of paper")),
        }
    }

    fn person_name(&self, text: &str) -> Result<String, FieldError> {
        plain("name_form", text)
    }

    fn mobile(&self, text: &str) -> Result<String, FieldError> {
        plain("mobile_form", text)
    }

    fn phone(&self, text: &str) -> Result<String, FieldError> {
        plain("phone_form", text)
    }

    fn route_end(&self, text: &str) -> Result<Division, FieldError> {
        self.route_via(text)
    }

    fn route_via(&self, text: &str) -> Result<Division, FieldError> {
        let code = text.parse().ok().and_then(Code::new);
        code.map(Division::Code).ok_or_else(|| FieldError::whole("unknown_division", "no such division"))
    }

    fn division(&self, text: &str) -> Result<Division, FieldError> {
        self.route_via(text)
    }

    fn division_name(&self, _division: &Division) -> Option<Vec<String>> {
        None
    }
}

fn plain(rule: &'static str, text: &str) -> Result<String, FieldError> {
    match text.chars().position(|c| c == '?') {
        Some(at) => Err(FieldError::at(rule, at + 1, "a question mark")),
        None if text.is_empty() => Err(FieldError::whole(rule, "nothing")),
        None => Ok(text.trim().to_uppercase()),
    }
}

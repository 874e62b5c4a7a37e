//! The profile `generic`: ISO 3166-2 divisions, free plates, codes and papers. It knows the form of things and no
//! lists, so it serves where no profile of the country exists yet.

use std::sync::LazyLock;

use freightpass_core::division::Division;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::typed::compact;
use super::{EnterpriseCode, FieldError, Paper, PaperKind, Profile, Rule, VehicleKind, passport};

/// Its name in the configuration.
pub const NAME: &str = "generic";

/// Bytes of a plate in a pass (docs/FORMAT.md, plate).
const LEAST_PLATE_BYTES: usize = 4;
const MOST_PLATE_BYTES: usize = 16;

/// Characters of an enterprise's number in a national register, from the shortest in use to an LEI and more.
const LEAST_CODE: usize = 4;
const MOST_CODE: usize = 24;

/// Characters of an identity card's number.
const LEAST_CARD: usize = 4;
const MOST_CARD: usize = 20;

/// Digits of a phone number with its country code (E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Characters of a subdivision's own part (ISO 3166-2).
const SUBDIVISION: std::ops::RangeInclusive<usize> = 1..=3;

static UTC: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::UTC);

/// The rules that hold in most countries.
#[derive(Debug, Clone, Copy, Default)]
pub struct Generic;

impl Profile for Generic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn zone(&self) -> &TimeZone {
        &UTC
    }

    fn plate(&self, _kind: VehicleKind, text: &str) -> Result<String, FieldError> {
        let plate = compact(text)?;
        if let Some(at) = plate.chars().position(|c| !c.is_alphanumeric()) {
            return Err(FieldError::at(Rule::CharacterNotAllowed, at + 1));
        }
        match plate.len() {
            ..LEAST_PLATE_BYTES => Err(FieldError::whole(Rule::TooShort { least: LEAST_PLATE_BYTES })),
            LEAST_PLATE_BYTES..=MOST_PLATE_BYTES => Ok(plate),
            _ => Err(FieldError::whole(Rule::TooManyBytes { most: MOST_PLATE_BYTES })),
        }
    }

    fn enterprise_code(&self, text: &str) -> Result<EnterpriseCode, FieldError> {
        Ok(EnterpriseCode { text: letters_and_digits(text, LEAST_CODE, MOST_CODE)?, checks: true })
    }

    fn pack_enterprise_code(&self, _code: &str) -> Option<[u8; 11]> {
        None
    }

    fn unpack_enterprise_code(&self, _packed: &[u8; 11]) -> Option<String> {
        None
    }

    fn paper(&self, kind: PaperKind, number: &str, _today: Date) -> Result<Paper, FieldError> {
        let number = match kind {
            PaperKind::IdentityCard => letters_and_digits(number, LEAST_CARD, MOST_CARD)?,
            PaperKind::Passport => passport::number(number)?,
            _ => return Err(FieldError::whole(Rule::PaperKind)),
        };
        Ok(Paper { kind, number })
    }

    fn paper_kind(&self, text: &str) -> Result<PaperKind, FieldError> {
        match text.trim() {
            "" => Ok(PaperKind::IdentityCard),
            text => PaperKind::by_text(&text.to_lowercase())
                .filter(|kind| matches!(kind, PaperKind::IdentityCard | PaperKind::Passport))
                .ok_or(FieldError::whole(Rule::PaperKind)),
        }
    }

    fn mobile(&self, text: &str) -> Result<String, FieldError> {
        let number: String = compact(text)?.chars().filter(|c| !matches!(c, '(' | ')')).collect();
        let digits = number.strip_prefix('+').ok_or(FieldError::whole(Rule::PhoneNumber))?;
        let known = digits.bytes().all(|c| c.is_ascii_digit()) && PHONE_DIGITS.contains(&digits.len());
        if known && !digits.starts_with('0') { Ok(number) } else { Err(FieldError::whole(Rule::PhoneNumber)) }
    }

    fn phone(&self, text: &str) -> Result<String, FieldError> {
        self.mobile(text)
    }

    fn route_end(&self, text: &str) -> Result<Division, FieldError> {
        self.division(text)
    }

    fn route_via(&self, text: &str) -> Result<Division, FieldError> {
        self.division(text)
    }

    fn division(&self, text: &str) -> Result<Division, FieldError> {
        let text = text.trim().to_ascii_uppercase();
        if is_iso_3166_2(&text) { Ok(Division::Text(text)) } else { Err(FieldError::whole(Rule::DivisionForm)) }
    }

    fn authority_division(&self, text: &str) -> Result<Option<Division>, FieldError> {
        if text.trim() == "0" { Ok(None) } else { self.division(text).map(Some) }
    }

    fn authority_number(&self, _division: &Division) -> Option<u32> {
        None
    }

    fn division_name(&self, division: &Division) -> Option<Vec<String>> {
        match division {
            Division::Text(text) if is_iso_3166_2(text) => Some(vec![text.clone()]),
            _ => None,
        }
    }
}

/// `DE`, `DE-BY`, `FR-75C`.
fn is_iso_3166_2(text: &str) -> bool {
    let (country, part) = text.split_once('-').unwrap_or((text, "0"));
    let is_country = country.len() == 2 && country.bytes().all(|c| c.is_ascii_uppercase());
    let is_part = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    is_country && SUBDIVISION.contains(&part.len()) && part.bytes().all(is_part)
}

fn letters_and_digits(text: &str, least: usize, most: usize) -> Result<String, FieldError> {
    let code = compact(text)?;
    if let Some(at) = code.chars().position(|c| !c.is_ascii_alphanumeric()) {
        return Err(FieldError::at(Rule::CharacterNotAllowed, at + 1));
    }
    match code.len() {
        length if length < least => Err(FieldError::whole(Rule::TooShort { least })),
        length if length > most => Err(FieldError::at(Rule::TooLong { most }, most + 1)),
        _ => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn divisions_are_countries_and_their_parts() {
        for (typed, text) in [("de", "DE"), ("DE-BY", "DE-BY"), (" fr-75c ", "FR-75C"), ("US-CA", "US-CA")] {
            assert_eq!(Generic.route_end(typed), Ok(Division::Text(text.into())));
        }
        for bad in ["", "D", "DEU", "DE-", "DE-ABCD", "DE-B Y", "32", "320583", "DE_BY", "中国"] {
            assert_eq!(Generic.division(bad), Err(FieldError::whole(Rule::DivisionForm)), "{bad}");
        }
        assert_eq!(Generic.authority_division("0"), Ok(None));
    }

    #[test]
    fn plates_are_free_within_the_room_of_a_pass() {
        let plate = |text| Generic.plate(VehicleKind::Trailer, text);
        assert_eq!(plate("m-ab 1234").as_deref(), Ok("MAB1234"));
        assert_eq!(plate("а123вс77").as_deref(), Ok("А123ВС77"));
        assert_eq!(plate("AB1"), Err(FieldError::whole(Rule::TooShort { least: 4 })));
        assert!(plate("ABCDEFGH12345678").is_ok());
        assert_eq!(plate("ABCDEFGH123456789"), Err(FieldError::whole(Rule::TooManyBytes { most: 16 })));
        assert_eq!(plate("AB*123"), Err(FieldError::at(Rule::CharacterNotAllowed, 3)));
    }

    #[test]
    fn papers_are_cards_and_passports() {
        let paper = |kind, number| Generic.paper(kind, number, date(2026, 12, 1)).map(|paper| paper.number);
        assert_eq!(paper(PaperKind::IdentityCard, "l 01x00t47").as_deref(), Ok("L01X00T47"));
        assert_eq!(paper(PaperKind::IdentityCard, "123"), Err(FieldError::whole(Rule::TooShort { least: 4 })));
        assert_eq!(paper(PaperKind::TaiwanPermit, "12345678"), Err(FieldError::whole(Rule::PaperKind)));
        assert_eq!(Generic.paper_kind("taiwan_permit"), Err(FieldError::whole(Rule::PaperKind)));
        assert_eq!(Generic.paper_kind("Passport"), Ok(PaperKind::Passport));
    }

    #[test]
    fn phone_numbers_name_their_country() {
        assert_eq!(Generic.mobile("+49 (151) 2345-6789").as_deref(), Ok("+4915123456789"));
        for bad in ["015123456789", "+0491512345678", "+1234567", "+1234567890123456", "+49x"] {
            assert_eq!(Generic.mobile(bad), Err(FieldError::whole(Rule::PhoneNumber)), "{bad}");
        }
    }
}

//! Passport numbers: the same everywhere (ICAO Doc 9303 leaves the form to the issuer).

use super::typed::compact;
use super::{FieldError, Rule};

/// Nine characters stand in the machine-readable zone; some states print up to three more.
const LEAST: usize = 5;
const MOST: usize = 12;

/// Letters A to Z and digits.
pub(super) fn number(text: &str) -> Result<String, FieldError> {
    let number = compact(text)?;
    if let Some(at) = number.chars().position(|c| !c.is_ascii_alphanumeric()) {
        return Err(FieldError::at(Rule::CharacterNotAllowed, at + 1));
    }
    match number.len() {
        ..LEAST => Err(FieldError::whole(Rule::TooShort { least: LEAST })),
        LEAST..=MOST => Ok(number),
        _ => Err(FieldError::at(Rule::TooLong { most: MOST }, MOST + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passports_have_5_to_12_letters_and_digits() {
        assert_eq!(number(" e 12345678").as_deref(), Ok("E12345678"));
        assert!(number("12345").is_ok() && number("ABCDEF123456").is_ok());
        assert_eq!(number("1234"), Err(FieldError::whole(Rule::TooShort { least: 5 })));
        assert_eq!(number("ABCDEF1234567"), Err(FieldError::at(Rule::TooLong { most: 12 }, 13)));
        assert_eq!(number("E12é456"), Err(FieldError::at(Rule::CharacterNotAllowed, 4)));
    }
}

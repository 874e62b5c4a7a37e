//! Phone numbers of the mainland.

use crate::profile::typed::compact;
use crate::profile::{FieldError, Rule};

const MOBILE_DIGITS: usize = 11;

/// Digits of a land line: the 0, the rest of the area code and 7 or 8 digits; and of a service line (400, 800).
const LAND_LINE_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;
const SERVICE_LINE_DIGITS: usize = 10;

/// A mobile number: 11 digits from 13 to 19, with or without the country's code; the answer is without.
pub(super) fn mobile(text: &str) -> Result<String, FieldError> {
    mobile_digits(national(text)?)
}

/// A mobile number, a land line with its area code, or a service line.
pub(super) fn phone(text: &str) -> Result<String, FieldError> {
    let digits = national(text)?;
    if digits.starts_with('1') {
        return mobile_digits(digits);
    }
    let land_line = digits.starts_with('0') && !digits.starts_with("00") && LAND_LINE_DIGITS.contains(&digits.len());
    let service = (digits.starts_with("400") || digits.starts_with("800")) && digits.len() == SERVICE_LINE_DIGITS;
    if land_line || service { Ok(digits) } else { Err(FieldError::whole(Rule::PhoneNumber)) }
}

fn mobile_digits(digits: String) -> Result<String, FieldError> {
    if digits.len() != MOBILE_DIGITS {
        return Err(FieldError::whole(Rule::MobileLength));
    }
    match digits.as_bytes() {
        [b'1', b'3'..=b'9', ..] => Ok(digits),
        [b'1', ..] => Err(FieldError::at(Rule::MobilePrefix, 2)),
        _ => Err(FieldError::at(Rule::MobilePrefix, 1)),
    }
}

/// The digits as they are dialled inside the country: without brackets and without +86, 0086, or the 86 of a number of
/// 13 digits. Behind the country's code a land line has lost the 0 of its area code (+86 512 5730 0000): it is put back.
fn national(text: &str) -> Result<String, FieldError> {
    let number: String = compact(text)?.chars().filter(|c| !matches!(c, '(' | ')')).collect();
    let (digits, from_abroad) = match number.strip_prefix("+86").or_else(|| number.strip_prefix("0086")) {
        Some(rest) => (rest, true),
        None if number.len() == MOBILE_DIGITS + 2 => (number.strip_prefix("86").unwrap_or(&number), false),
        None => (number.as_str(), false),
    };
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_digit()) {
        return Err(FieldError::at(Rule::DigitExpected, number.len() - digits.len() + at + 1));
    }
    // Beijing's area code is 10: only there is a land line's first digit that of a mobile number.
    let land_line = digits.starts_with("10") || matches!(digits.as_bytes(), [b'2'..=b'9', ..]);
    let service = digits.len() == SERVICE_LINE_DIGITS && (digits.starts_with("400") || digits.starts_with("800"));
    if from_abroad && land_line && !service { Ok(format!("0{digits}")) } else { Ok(digits.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_mobile_number_is_one() {
        for spelling in
            ["13800138000", "+86 138-0013-8000", "0086 13800138000", "8613800138000", "１３８００１３８０００"]
        {
            assert_eq!(mobile(spelling).as_deref(), Ok("13800138000"), "{spelling}");
        }
    }

    #[test]
    fn mobile_numbers_keep_to_their_form() {
        assert!(mobile("19900000000").is_ok());
        assert_eq!(mobile("12800138000"), Err(FieldError::at(Rule::MobilePrefix, 2)));
        assert_eq!(mobile("23800138000"), Err(FieldError::at(Rule::MobilePrefix, 1)));
        assert_eq!(mobile("1380013800"), Err(FieldError::whole(Rule::MobileLength)));
        assert_eq!(mobile("138001380000"), Err(FieldError::whole(Rule::MobileLength)));
        assert_eq!(mobile("138001380O0"), Err(FieldError::at(Rule::DigitExpected, 10)));
        assert_eq!(mobile("+86138x"), Err(FieldError::at(Rule::DigitExpected, 7)));
        assert_eq!(mobile("+8526123456"), Err(FieldError::at(Rule::DigitExpected, 1)));
    }

    #[test]
    fn an_enterprise_is_reached_by_land_line_too() {
        for (typed, stored) in [
            ("0512-57300000", "051257300000"),
            ("(021) 5888 0000", "02158880000"),
            ("+86 21 5888 0000", "02158880000"),
            ("+86 (0)21 5888 0000", "02158880000"),
            ("0086-10-6234-5678", "01062345678"),
            ("+86 512 5730 0000", "051257300000"),
            ("+86 400 820 8820", "4008208820"),
            ("+86 138 0013 8000", "13800138000"),
            ("400-820-8820", "4008208820"),
            ("13800138000", "13800138000"),
        ] {
            assert_eq!(phone(typed).as_deref(), Ok(stored), "{typed}");
        }
        for bad in ["57300000", "0512573", "0051257300000", "110000", "+86 110"] {
            assert!(phone(bad).is_err(), "{bad}");
        }
    }
}

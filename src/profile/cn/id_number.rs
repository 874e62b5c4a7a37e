//! ID numbers by GB 11643: citizens, residents from Hong Kong, Macao and Taiwan (81, 82, 83), and foreign permanent
//! residents (9, since 2023).

use jiff::civil::Date;

use super::divisions::{Kind, latest, rows};
use crate::profile::typed::compact;
use crate::profile::{FieldError, Rule};

/// Characters of a number; of those of the first generation, no longer valid since 2013.
const CHARS: usize = 18;
const OLD_CHARS: usize = 15;

/// Places of the check digit and of the date of birth, from 1.
const CHECK_PLACE: usize = 18;
const BIRTH_PLACE: usize = 7;

/// Nobody alive was born earlier: the first year of birth that is taken.
const FIRST_BIRTH_YEAR: i16 = 1850;

/// First six digits of the numbers of residents from Hong Kong, Macao and Taiwan.
const RESIDENTS: [u32; 3] = [810_000, 820_000, 830_000];

/// Weights of the first 17 digits: 2^(18 - place) mod 11.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check digits by weighted sum mod 11.
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Normalises a number (x becomes X) and checks it as of `today`.
pub(super) fn id_number(text: &str, today: Date) -> Result<String, FieldError> {
    let number = compact(text)?;
    let length = number.chars().count();
    let fits = |at: usize, c: char| c.is_ascii_digit() || c == 'X' && at + 1 == CHECK_PLACE;
    if let Some((at, _)) = number.chars().enumerate().find(|(at, c)| !fits(*at, *c)) {
        return Err(FieldError::at(Rule::DigitExpected, at + 1));
    }
    match length {
        CHARS => {}
        OLD_CHARS => return Err(FieldError::whole(Rule::OldIdNumber)),
        _ => return Err(FieldError::whole(Rule::IdLength)),
    }
    origin(&number)?;
    born(&number, today)?;
    if gb11643_check_digit(&number[..CHARS - 1]) != number.chars().last() {
        return Err(FieldError::at(Rule::CheckDigit, CHECK_PLACE));
    }
    Ok(number)
}

/// The check digit of the first 17 digits (ISO 7064 MOD 11-2); none if they are not 17 digits.
pub fn gb11643_check_digit(body: &str) -> Option<char> {
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in body.chars().zip(WEIGHTS) {
        sum += character.to_digit(10)? * weight;
    }
    CHECKS.get(sum as usize % CHECKS.len()).copied()
}

/// The first six digits: a division that was ever in force, or one of the residents' codes. In the number of a foreign
/// resident a 9, the province that issued it, and the number of the nationality (ISO 3166-1).
fn origin(number: &str) -> Result<(), FieldError> {
    if let Some(foreign) = number.strip_prefix('9') {
        let province = digits(foreign, 0..2).map(|province| province * 10_000).and_then(latest);
        return match province {
            Some(row) if row.kind == Kind::Place => Ok(()),
            _ => Err(FieldError::at(Rule::IdProvince, 2)),
        };
    }
    let code = digits(number, 0..6);
    let known =
        code.is_some_and(|code| RESIDENTS.contains(&code) || rows(code).iter().any(|row| row.kind != Kind::Zone));
    if known { Ok(()) } else { Err(FieldError::at(Rule::IdDivision, 1)) }
}

fn born(number: &str, today: Date) -> Result<(), FieldError> {
    let part = |range| digits(number, range).and_then(|value| i16::try_from(value).ok());
    let small = |range| digits(number, range).and_then(|value| i8::try_from(value).ok());
    let date = match (part(6..10), small(10..12), small(12..14)) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    match date.ok_or(FieldError::at(Rule::BirthDate, BIRTH_PLACE))? {
        date if date > today => Err(FieldError::at(Rule::BirthInFuture, BIRTH_PLACE)),
        date if date.year() < FIRST_BIRTH_YEAR => Err(FieldError::at(Rule::BirthTooEarly, BIRTH_PLACE)),
        _ => Ok(()),
    }
}

fn digits(number: &str, range: std::ops::Range<usize>) -> Option<u32> {
    number.get(range)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) -> Result<String, FieldError> {
        id_number(text, date(2026, 12, 1))
    }

    /// A number with its check digit.
    fn with_check(body: &str) -> String {
        format!("{body}{}", gb11643_check_digit(body).unwrap())
    }

    #[test]
    fn small_and_large_x_are_one_number() {
        for spelling in ["33010619880229997X", "33010619880229997x", " 330106 19880229 997ｘ"] {
            assert_eq!(check(spelling).as_deref(), Ok("33010619880229997X"));
        }
    }

    #[test]
    fn residents_of_hong_kong_macao_taiwan_and_foreigners_have_numbers() {
        assert_eq!(check("830000197810109996").as_deref(), Ok("830000197810109996"));
        assert_eq!(check("931840198506159992").as_deref(), Ok("931840198506159992"));
        for wrong in ["830000197810109997", "931840198506159997"] {
            assert_eq!(check(wrong), Err(FieldError::at(Rule::CheckDigit, 18)));
        }
        for body in ["81000019900101001", "82000019900101001"] {
            assert!(check(&with_check(body)).is_ok(), "{body}");
        }
        assert_eq!(check(&with_check("83000119781010999")), Err(FieldError::at(Rule::IdDivision, 1)));
        assert_eq!(check(&with_check("90084019850615999")), Err(FieldError::at(Rule::IdProvince, 2)));
    }

    #[test]
    fn a_number_begins_with_any_division_ever_in_force() {
        for body in ["310103", "132201", "429004", "441900", "320501", "232761", "110101"] {
            assert!(check(&with_check(&format!("{body}19900101001"))).is_ok(), "{body}");
        }
        for body in ["000000", "999999", "320599", "320576", "840000"] {
            let result = check(&with_check(&format!("{body}19900101001"))).map_err(|error| error.rule);
            assert!(matches!(result, Err(Rule::IdDivision | Rule::IdProvince)), "{body}");
        }
    }

    #[test]
    fn the_date_of_birth_is_a_day_that_was() {
        let born = |day: &str| check(&with_check(&format!("320583{day}001")));
        for good in ["19880229", "20261201", "18500101"] {
            assert!(born(good).is_ok(), "{good}");
        }
        for bad in ["19890229", "19900431", "19901301", "19900100", "19900001"] {
            assert_eq!(born(bad), Err(FieldError::at(Rule::BirthDate, 7)), "{bad}");
        }
        assert_eq!(born("20261202"), Err(FieldError::at(Rule::BirthInFuture, 7)));
        for early in ["18491231", "00000101"] {
            assert_eq!(born(early), Err(FieldError::at(Rule::BirthTooEarly, 7)), "{early}");
        }
    }

    #[test]
    fn length_and_characters_have_their_own_rules() {
        assert_eq!(check("320583900101001"), Err(FieldError::whole(Rule::OldIdNumber)));
        for length in ["3", "33010619880229997", "3301061988022999711"] {
            assert_eq!(check(length), Err(FieldError::whole(Rule::IdLength)), "{length}");
        }
        assert_eq!(check("3301061988022X9971"), Err(FieldError::at(Rule::DigitExpected, 14)));
        assert_eq!(check("X3010619880229997X"), Err(FieldError::at(Rule::DigitExpected, 1)));
        assert_eq!(check("身份证号"), Err(FieldError::at(Rule::DigitExpected, 1)));
        assert_eq!(check(""), Err(FieldError::whole(Rule::Missing)));
    }

    #[test]
    fn no_message_shows_a_piece_of_the_number() {
        let error = check("330106198802299971").unwrap_err();
        for text in [format!("{error}"), format!("{error:?}"), error.message_zh()] {
            assert!(!text.contains("9971") && !text.contains("3301"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_seen(serial in 0u32..1000, place in 0usize..17, other in 0u8..10) {
            let body = format!("32058319900101{serial:03}");
            let mut wrong = body.clone().into_bytes();
            wrong[place] = b'0' + other;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(gb11643_check_digit(&wrong) == gb11643_check_digit(&body), wrong == body);
        }
    }
}

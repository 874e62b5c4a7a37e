//! Unified social credit codes by GB 32100: 17 characters and a check digit.

use crate::profile::typed::compact;
use crate::profile::{EnterpriseCode, FieldError, Rule};

/// The characters by value: digits and letters without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const BASE: u32 = 31;

/// Characters of a code, and those before the check digit.
const CHARS: usize = 18;
const BODY: usize = CHARS - 1;

/// Normalises a code and says whether its check digit fits: some genuine codes have a wrong one, and an officer may
/// let them in.
pub(super) fn enterprise_code(text: &str) -> Result<EnterpriseCode, FieldError> {
    let text = compact(text)?;
    if let Some(at) = text.chars().position(|c| !c.is_ascii() || value(c as u8).is_none()) {
        return Err(FieldError::at(Rule::CharacterNotAllowed, at + 1));
    }
    match text.len() {
        ..CHARS => Err(FieldError::whole(Rule::TooShort { least: CHARS })),
        CHARS => {
            let checks = gb32100_check_digit(&text[..BODY]) == text[BODY..].chars().next();
            Ok(EnterpriseCode { text, checks })
        }
        _ => Err(FieldError::at(Rule::TooLong { most: CHARS }, CHARS + 1)),
    }
}

/// The check digit of the first 17 characters (GB 32100, weights 3^i mod 31); none if they are not 17 such characters.
pub fn gb32100_check_digit(body: &str) -> Option<char> {
    if body.len() != BODY {
        return None;
    }
    let mut weight = 1;
    let mut sum = 0;
    for byte in body.bytes() {
        sum += value(byte)? * weight;
        weight = weight * 3 % BASE;
    }
    character((BASE - sum % BASE) % BASE)
}

/// The 17 characters before the check digit as one number, base 31, big-endian (docs/FORMAT.md, body key 7); none for
/// a code whose check digit does not fit, since a reader computes the digit and would name another code.
pub fn pack(code: &str) -> Option<[u8; 11]> {
    let body = code.get(..BODY)?;
    if code.get(BODY..)?.chars().next() != gb32100_check_digit(body) || code.len() != CHARS {
        return None;
    }
    let number =
        body.bytes().try_fold(0u128, |number, byte| Some(number * u128::from(BASE) + u128::from(value(byte)?)))?;
    // 31^17 is below 2^85, so the first five bytes are zero.
    let [_, _, _, _, _, packed @ ..] = number.to_be_bytes();
    Some(packed)
}

/// The code of 18 characters behind a packed one; none for a number of 31^17 and more.
pub fn unpack(packed: &[u8; 11]) -> Option<String> {
    let mut number = packed.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    let mut body = ['0'; BODY];
    for place in body.iter_mut().rev() {
        *place = character((number % u128::from(BASE)) as u32)?;
        number /= u128::from(BASE);
    }
    let mut code: String = body.iter().collect();
    code.push(gb32100_check_digit(&code)?);
    (number == 0).then_some(code)
}

fn value(byte: u8) -> Option<u32> {
    ALPHABET.iter().position(|known| *known == byte).and_then(|at| u32::try_from(at).ok())
}

fn character(value: u32) -> Option<char> {
    ALPHABET.get(value as usize).copied().map(char::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BODY_PATTERN: &str = "[0-9A-HJ-NP-RTUWXY]{17}";

    #[test]
    fn codes_are_normalised_and_checked() {
        let code = enterprise_code(" 91350100m000100y43 ").unwrap();
        assert_eq!((code.text.as_str(), code.checks), ("91350100M000100Y43", true));
        let code = enterprise_code("91350100M000100Y44").unwrap();
        assert!(!code.checks);
    }

    #[test]
    fn letters_that_codes_do_not_use_are_named_by_place() {
        for (bad, place) in [("9I350100M000100Y43", 2), ("91350100M000100Y4Z", 18), ("91350100中000100Y43", 9)] {
            assert_eq!(enterprise_code(bad), Err(FieldError::at(Rule::CharacterNotAllowed, place)), "{bad}");
        }
    }

    #[test]
    fn a_code_has_18_characters() {
        assert_eq!(enterprise_code("91350100M000100Y4"), Err(FieldError::whole(Rule::TooShort { least: 18 })));
        assert_eq!(enterprise_code("91350100M000100Y430"), Err(FieldError::at(Rule::TooLong { most: 18 }, 19)));
        assert_eq!(enterprise_code(""), Err(FieldError::whole(Rule::Missing)));
    }

    #[test]
    fn packed_codes_keep_to_their_bounds() {
        assert_eq!(unpack(&[0; 11]).as_deref(), Some("000000000000000000"));
        let [_, _, _, _, _, last @ ..] = (31u128.pow(17) - 1).to_be_bytes();
        assert_eq!(unpack(&last).and_then(|code| pack(&code)), Some(last));
        let [_, _, _, _, _, beyond @ ..] = 31u128.pow(17).to_be_bytes();
        assert_eq!(unpack(&beyond), None);
        assert_eq!(unpack(&[0xff; 11]), None);
        for wrong in ["", "91350100M000100Y44", "91350100M000100Y4", "91350100M000100Y433", "企业企业企业"] {
            assert_eq!(pack(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(body in BODY_PATTERN) {
            let code = format!("{body}{}", gb32100_check_digit(&body).unwrap());
            prop_assert_eq!(unpack(&pack(&code).unwrap()), Some(code));
        }

        #[test]
        fn one_wrong_character_is_seen(body in BODY_PATTERN, place in 0usize..18, other in 0usize..31) {
            let code = format!("{body}{}", gb32100_check_digit(&body).unwrap());
            let mut wrong = code.clone().into_bytes();
            wrong[place] = ALPHABET[other];
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(enterprise_code(&wrong).unwrap().checks, wrong == code);
        }
    }
}

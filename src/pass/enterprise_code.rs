//! The enterprise in a pass (docs/FORMAT.md, body key 7): the first 17 characters of its unified social credit code
//! (GB 32100) as one number, or its number on the white list.

use freightpass_core::pass::Enterprise;

use crate::application::EnterpriseRef;

/// The characters of GB 32100 by value: digits and letters without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Characters of a code: 17 and the check digit.
const CODE_CHARS: usize = 18;

/// How a pass names the enterprise: by its code where that has the form of GB 32100; by its number where the code was
/// let in with a wrong check digit (a reader computes the digit, and would name another code) or is of another form.
pub fn in_pass(enterprise: &EnterpriseRef) -> Enterprise {
    match packed(&enterprise.code) {
        Some(code) if !enterprise.code_waived => Enterprise::Code(code),
        _ => Enterprise::Number(enterprise.number),
    }
}

/// The 17 characters before the check digit, base 31, big-endian in 11 bytes: 31^17 is below 2^85.
fn packed(code: &str) -> Option<[u8; 11]> {
    if code.len() != CODE_CHARS {
        return None;
    }
    let mut number = 0u128;
    for character in code.bytes().take(CODE_CHARS - 1) {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        number = number * 31 + value as u128;
    }
    let [_, _, _, _, _, packed @ ..] = number.to_be_bytes();
    Some(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enterprise(code: &str, code_waived: bool) -> EnterpriseRef {
        EnterpriseRef { number: 42, code: code.to_owned(), code_waived, name: String::new() }
    }

    #[test]
    fn code_is_packed_as_one_number_without_its_check_digit() {
        let of = |code: &str| in_pass(&enterprise(code, false));
        assert_eq!(of("000000000000000000"), Enterprise::Code([0; 11]));
        let mut one = [0; 11];
        one[10] = 1;
        assert_eq!(of("00000000000000001Y"), Enterprise::Code(one));
        let mut thirty_one = [0; 11];
        thirty_one[10] = 31;
        assert_eq!(of("000000000000000100"), Enterprise::Code(thirty_one));
        let highest = (31u128.pow(17) - 1).to_be_bytes();
        assert_eq!(of("YYYYYYYYYYYYYYYYY0"), Enterprise::Code(highest[5..].try_into().unwrap()));
    }

    #[test]
    fn waived_or_foreign_code_is_named_by_its_number() {
        assert_eq!(in_pass(&enterprise("91320500MA1MXXXX0A", true)), Enterprise::Number(42));
        for foreign in ["", "DE123456789", "91320500MA1MIOSV0A", "91320500ma1mxxxx0a", "913205000000000000苏"] {
            assert_eq!(in_pass(&enterprise(foreign, false)), Enterprise::Number(42), "{foreign}");
        }
    }
}

//! Enterprises: a name, a code by GB 32100, somebody to call, and the authority that lists them.

use std::collections::BTreeSet;

use super::draw::Draw;
use super::words::{BRANDS, ELSEWHERE_IN_JIANGSU, HANGZHOU, INDUSTRIES, SUZHOU};
use super::{new_one, person};
use crate::profile::cn::gb32100_check_digit;

/// An enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enterprise {
    /// Its code, 18 characters.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// Number of its key industry.
    pub industry: u8,
    /// Code of the authority that lists it.
    pub authority: &'static str,
    /// County in which it sits.
    pub county: &'static str,
    /// City in which it sits, as its name begins.
    pub(super) city: &'static str,
    /// Letter of its trucks' plates, with the sign of the province.
    pub(super) plates: &'static str,
}

impl Enterprise {
    /// An enterprise listed by `authority`, or by any.
    pub(super) fn draw(draw: &mut Draw, taken: &mut BTreeSet<String>, authority: Option<&'static str>) -> Self {
        let authority = authority.unwrap_or(match draw.below(100) {
            0..45 => "CN-3205",
            45..75 => "CN-3301",
            _ => "CN-32",
        });
        let home = draw.one(match authority {
            "CN-3205" => SUZHOU,
            "CN-3301" => HANGZHOU,
            _ => ELSEWHERE_IN_JIANGSU,
        });
        let industry = draw.one(INDUSTRIES);
        let name = format!("{}{}{}有限公司", home.city, draw.one(BRANDS), draw.one(industry.words));
        let area = home.dialling;
        Self {
            code: new_one(taken, || code(draw, home.county)),
            name,
            contact_name: person::han_name(draw),
            contact_phone: if draw.chance(50) {
                format!("{area}-{}{}", draw.one(&[5_u8, 6, 8]), draw.digits(if area.len() == 4 { 7 } else { 6 }))
            } else {
                person::mobile(draw)
            },
            industry: industry.number,
            authority,
            county: home.county,
            city: home.city,
            plates: home.plates,
        }
    }
}

/// A code by GB 32100: registered by the market regulator (9), an enterprise (1), the county, the organisation's code by
/// GB 11714, the check digit.
fn code(draw: &mut Draw, county: &str) -> String {
    const LETTERS: &[char] =
        &['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'T', 'U', 'W', 'X', 'Y'];
    let organisation =
        if draw.chance(80) { format!("MA{}{}", draw.one(LETTERS), draw.digits(5)) } else { draw.digits(8) };
    let body = format!("91{county}{organisation}{}", organisation_check_digit(&organisation));
    let check = gb32100_check_digit(&body).unwrap_or('0');
    format!("{body}{check}")
}

/// GB 11714: weighted sum of the values (digits, then A = 10), modulo 11; 10 is written X.
fn organisation_check_digit(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        11 => '0',
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organisations_check_digit_is_that_of_the_standards_example() {
        // GB 11714-1997, annex: D2143569-X.
        assert_eq!(organisation_check_digit("D2143569"), 'X');
    }
}

//! Administrative divisions as passes and trust lists carry them.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::cbor::Items;
use crate::characters::{Refused, first_refused};
use crate::malformed::{Fault, Malformed};

/// A division: in the profile cn a code of GB/T 2260 without trailing 00, elsewhere a text that is compared whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Division {
    /// Exactly 2, 4 or 6 digits: province, prefecture, county.
    Code(Code),
    /// 2 to 8 bytes of UTF-8, such as an ISO 3166-2 code.
    Text(String),
}

/// A code of GB/T 2260 of 2, 4 or 6 digits without trailing 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u32);

/// Municipalities: province and prefecture at once (Beijing, Tianjin, Shanghai, Chongqing).
const MUNICIPALITIES: [u32; 4] = [11, 12, 31, 50];

impl Code {
    /// The code, when it has 2, 4 or 6 digits and no trailing 00.
    pub const fn new(code: u32) -> Option<Self> {
        match code {
            10..=99 => Some(Self(code)),
            1000..=9999 | 100_000..=999_999 if !code.is_multiple_of(100) => Some(Self(code)),
            _ => None,
        }
    }

    /// The code as a number.
    pub const fn value(self) -> u32 {
        self.0
    }

    const fn digits(self) -> u32 {
        match self.0 {
            0..=99 => 2,
            100..=9999 => 4,
            _ => 6,
        }
    }

    /// The first `digits` digits (2, 4 or 6); the whole code where it has no more.
    const fn head(self, digits: u32) -> u32 {
        self.0 / 10u32.pow(self.digits().saturating_sub(digits))
    }

    /// Whether `inner` lies in this division or is it: whether the code is a prefix.
    pub const fn contains(self, inner: Code) -> bool {
        self.digits() <= inner.digits() && self.0 == inner.head(self.digits())
    }

    /// The prefecture around it, as the route of a pass is widened at its ends: the first four digits; for
    /// municipalities the first two; counties that a province runs (xx90xx) stay themselves.
    pub fn widened(self) -> Code {
        let province = self.head(2);
        if MUNICIPALITIES.contains(&province) {
            return Code(province);
        }
        let prefecture = self.head(4);
        if prefecture % 100 == 90 { self } else { Code(prefecture) }
    }
}

impl Division {
    /// Whether `inner` lies in this division: a prefix for codes, equality for texts.
    pub fn contains(&self, inner: &Division) -> bool {
        match (self, inner) {
            (Division::Code(outer), Division::Code(inner)) => outer.contains(*inner),
            (Division::Text(outer), Division::Text(inner)) => outer == inner,
            _ => false,
        }
    }

    /// The division with which an end of a route is compared.
    pub fn widened(&self) -> Division {
        match self {
            Division::Code(code) => Division::Code(code.widened()),
            Division::Text(text) => Division::Text(text.clone()),
        }
    }

    /// The first character that no text division may carry.
    pub fn refused(&self) -> Option<Refused> {
        match self {
            Division::Code(_) => None,
            Division::Text(text) => first_refused(text),
        }
    }

    pub(crate) fn read(items: &mut Items<'_>, field: &'static str) -> Result<Self, Malformed> {
        if items.is_text() {
            return items.text(field, 2..=8).map(|text| Division::Text(text.into()));
        }
        let at = items.offset();
        let code = items.u32(field, 10..=999_999)?;
        Code::new(code).map(Division::Code).ok_or(Malformed::cddl(Fault::Range { field }, at))
    }

    pub(crate) fn write(&self, encoder: &mut minicbor::Encoder<alloc::vec::Vec<u8>>) {
        let _ = match self {
            Division::Code(code) => encoder.u32(code.0),
            Division::Text(text) => encoder.str(text),
        };
    }
}

/// A text that names no division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no division: wanted a code of 2, 4 or 6 digits without trailing 00, or a text of 2 to 8 bytes")]
pub struct NotADivision;

impl FromStr for Division {
    type Err = NotADivision;

    /// Digits alone are a [`Code`], in its short form (`3205`, not `320500`); anything else is a text.
    fn from_str(text: &str) -> Result<Self, NotADivision> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            let code = text.parse().ok().filter(|_| !text.starts_with('0')).and_then(Code::new);
            return code.map(Division::Code).ok_or(NotADivision);
        }
        let fits = (2..=8).contains(&text.len()) && first_refused(text).is_none();
        fits.then(|| Division::Text(text.into())).ok_or(NotADivision)
    }
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Division::Code(code) => write!(f, "{}", code.0),
            Division::Text(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(value: u32) -> Code {
        Code::new(value).unwrap()
    }

    #[test]
    fn codes_have_two_four_or_six_digits_without_trailing_zeros() {
        for good in [10, 99, 1001, 3205, 9999, 100_001, 320_583, 999_999] {
            assert_eq!(Code::new(good).map(Code::value), Some(good));
        }
        for bad in [0, 9, 100, 999, 1000, 3200, 10_000, 99_999, 320_500, 100_000, 1_000_000, u32::MAX] {
            assert_eq!(Code::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_division_is_read_as_it_is_shown() {
        use alloc::string::ToString;
        for text in ["32", "3205", "320583", "DE-BY", "DE", "苏州", "32A"] {
            assert_eq!(text.parse::<Division>().map(|division| division.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("3205".parse(), Ok(Division::Code(code(3205))));
        for text in ["", "9", "320500", "0032", "D", "DE-BY-123", "D\u{200b}", "99999999999", "-3205-3205"] {
            assert_eq!(text.parse::<Division>(), Err(NotADivision), "{text}");
        }
    }

    #[test]
    fn a_prefix_contains() {
        assert!(code(32).contains(code(320_583)));
        assert!(code(3205).contains(code(320_583)));
        assert!(code(320_583).contains(code(320_583)));
        assert!(!code(3205).contains(code(320_683)));
        assert!(!code(320_583).contains(code(3205)));
    }

    #[test]
    fn ends_widen_to_their_prefecture() {
        for (from, to) in [
            (320_583, 3205),
            (3205, 3205),
            (32, 32),
            (310_115, 31),
            (3101, 31),
            (500_240, 50),
            (110_101, 11),
            (120_101, 12),
            (429_004, 429_004),
            (659_009, 659_009),
            (4419, 4419),
        ] {
            assert_eq!(code(from).widened(), code(to), "{from}");
        }
    }

    #[test]
    fn texts_are_compared_whole() {
        let text = |t: &str| Division::Text(t.into());
        assert!(text("DE-BY").contains(&text("DE-BY")));
        assert!(!text("DE").contains(&text("DE-BY")));
        assert!(!text("32").contains(&Division::Code(code(3205))));
    }
}

//! The number of a pass: 8 bytes in the claim `cti`, `320500-220418-00042-0` as it is spoken.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// The number of a pass, unique in its deployment (docs/FORMAT.md, 7.1): authority, local date of issue, serial.
///
/// Shown and read as it is spoken: `320500-220418-00042-0`, the last digit being the check digit of ISO 7064 MOD 11,10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PassNumber {
    authority: u32,
    day: u16,
    serial: u32,
}

/// Largest value of the three-byte members.
const U24: u32 = 0x00ff_ffff;

/// Days from 2000-03-01, the start of the count below, to 2020-01-01.
const DAYS_TO_2020: u32 = 7245;

/// The last day whose year is spoken with two digits without doubt: 2099-12-31.
const LAST_SPOKEN_DAY: u16 = 29_219;

/// Why a text is no number of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NumberError {
    /// Not four groups of digits with hyphens between.
    #[error("pass number: wanted AUTHORITY-YYMMDD-SERIAL-CHECK, such as 320500-220418-00042-0")]
    Shape,
    /// A date that does not exist, or lies before 2020.
    #[error("pass number: no date from 2020 on")]
    Date,
    /// Authority or serial out of 1 to 16777215.
    #[error("pass number: authority and serial are 1 to 16777215")]
    Range,
    /// The last digit is not the check digit of the others.
    #[error("pass number: the check digit does not fit; a digit was misread")]
    CheckDigit,
}

impl PassNumber {
    /// A number of these parts: the authority's number and the serial 1 to 16,777,215, and days since 2020-01-01.
    pub const fn new(authority: u32, day: u16, serial: u32) -> Option<Self> {
        if authority == 0 || authority > U24 || serial == 0 || serial > U24 {
            return None;
        }
        Some(Self { authority, day, serial })
    }

    /// The authority's number.
    pub const fn authority(self) -> u32 {
        self.authority
    }

    /// Local date of issue, days since 2020-01-01.
    pub const fn day(self) -> u16 {
        self.day
    }

    /// The serial within authority and day.
    pub const fn serial(self) -> u32 {
        self.serial
    }

    /// The claim `cti`: authority (3 bytes), day (2), serial (3), each big-endian.
    pub const fn to_bytes(self) -> [u8; 8] {
        let [_, a, b, c] = self.authority.to_be_bytes();
        let [d, e] = self.day.to_be_bytes();
        let [_, f, g, h] = self.serial.to_be_bytes();
        [a, b, c, d, e, f, g, h]
    }

    /// Reads the claim `cti`; none when authority or serial is 0.
    pub const fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = bytes;
        Self::new(u32::from_be_bytes([0, a, b, c]), u16::from_be_bytes([d, e]), u32::from_be_bytes([0, f, g, h]))
    }
}

impl fmt::Display for PassNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.day);
        let mut check = CheckDigit::new();
        let mut spoken = Checked { out: f, check: &mut check };
        fmt::Write::write_fmt(
            &mut spoken,
            format_args!("{:06}-{:02}{month:02}{day:02}-{:05}", self.authority, year % 100, self.serial),
        )?;
        write!(f, "-{}", check.digit())
    }
}

impl FromStr for PassNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let mut groups = text.split('-');
        let mut group = |least: usize, most: usize| {
            let digits = groups.next().ok_or(NumberError::Shape)?;
            let fits = (least..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            let padded = digits.len() > least && digits.starts_with('0');
            if fits && !padded { Ok(digits) } else { Err(NumberError::Shape) }
        };
        let (authority, date, serial, check) = (group(6, 8)?, group(6, 6)?, group(5, 8)?, group(1, 1)?);
        if groups.next().is_some() {
            return Err(NumberError::Shape);
        }
        let mut expected = CheckDigit::new();
        [authority, date, serial].iter().flat_map(|group| group.bytes()).for_each(|digit| expected.feed(digit));
        let value = |digits: &str| digits.parse::<u32>().map_err(|_| NumberError::Range);
        if value(check)? != u32::from(expected.digit()) {
            return Err(NumberError::CheckDigit);
        }
        let date = value(date)?;
        let day = day_of(2000 + date / 10_000, date / 100 % 100, date % 100).ok_or(NumberError::Date)?;
        Self::new(value(authority)?, day, value(serial)?).ok_or(NumberError::Range)
    }
}

/// Year, month and day of the day number `day` since 2020-01-01 (Gregorian).
fn civil(day: u16) -> (u32, u32, u32) {
    // Count from 1 March 2000, so that a leap day ends its year and its four and four hundred years.
    let days = u32::from(day) + DAYS_TO_2020;
    // Before 2200 only 2100 is a common year among the fourth ones.
    let past_2100 = u32::from(days > 36_523);
    let days = days + past_2100;
    let year = (4 * days + 3) / 1461;
    let of_year = days - 1461 * year / 4;
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (2000 + year, month, date)
}

/// The day number of a date from 2020-01-01 to 2099-12-31.
fn day_of(year: u32, month: u32, date: u32) -> Option<u16> {
    // At most 29,220 days: a search over a monotone function needs no second calendar.
    let (mut low, mut high) = (0, LAST_SPOKEN_DAY);
    while low < high {
        let middle = low.midpoint(high);
        if civil(middle) < (year, month, date) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    (civil(low) == (year, month, date)).then_some(low)
}

/// ISO 7064 MOD 11,10 over decimal digits.
struct CheckDigit {
    product: u8,
}

impl CheckDigit {
    const fn new() -> Self {
        Self { product: 10 }
    }

    fn feed(&mut self, ascii_digit: u8) {
        let sum = (ascii_digit.wrapping_sub(b'0') + self.product) % 10;
        self.product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }

    const fn digit(&self) -> u8 {
        (11 - self.product) % 10
    }
}

/// Writes through, and feeds the digits that pass to the check digit.
struct Checked<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    check: &'a mut CheckDigit,
}

impl fmt::Write for Checked<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().filter(u8::is_ascii_digit).for_each(|digit| self.check.feed(digit));
        self.out.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn days_are_dates() {
        for (day, date) in [
            (0, (2020, 1, 1)),
            (58, (2020, 2, 28)),
            (59, (2020, 2, 29)),
            (60, (2020, 3, 1)),
            (365, (2020, 12, 31)),
            (366, (2021, 1, 1)),
            (838, (2022, 4, 18)),
            (29_219, (2099, 12, 31)),
            (29_278, (2100, 2, 28)),
            (29_279, (2100, 3, 1)),
            (65_535, (2199, 6, 6)),
        ] {
            assert_eq!(civil(day), date, "{day}");
        }
        let mut last = civil(0);
        for day in 1..=u16::MAX {
            let date = civil(day);
            assert!(date > last && (1..=31).contains(&date.2) && (1..=12).contains(&date.1));
            last = date;
        }
    }

    #[test]
    fn a_number_is_spoken_with_a_check_digit_and_read_back() {
        let number = PassNumber::new(320_500, 838, 42).unwrap();
        assert_eq!(number.to_string(), "320500-220418-00042-0");
        assert_eq!("320500-220418-00042-0".parse(), Ok(number));
        assert_eq!(PassNumber::from_bytes(number.to_bytes()), Some(number));
        for day in [0, 59, LAST_SPOKEN_DAY] {
            let number = PassNumber::new(U24, day, U24).unwrap();
            assert_eq!(number.to_string().parse(), Ok(number));
        }
    }

    #[test]
    fn each_misreading_is_named() {
        let read = |text: &str| text.parse::<PassNumber>();
        assert_eq!(read("320500-220418-00042"), Err(NumberError::Shape));
        assert_eq!(read("320500-220418-00042-0-1"), Err(NumberError::Shape));
        assert_eq!(read("32050-220418-00042-0"), Err(NumberError::Shape));
        assert_eq!(read("0320500-220418-00042-0"), Err(NumberError::Shape));
        assert_eq!(read("320500-220418-00043-0"), Err(NumberError::CheckDigit));
        assert!(PassNumber::new(0, 0, 1).is_none());
        assert!(PassNumber::new(1, 0, 0).is_none());
        assert!(PassNumber::new(U24 + 1, 0, 1).is_none());
    }

    proptest::proptest! {
        #[test]
        fn every_single_wrong_digit_is_found(authority in 1..=U24, day in 0..=LAST_SPOKEN_DAY, serial in 1..=U24, at in 0usize..30, by in 1u8..10) {
            let spoken = PassNumber::new(authority, day, serial).unwrap().to_string();
            let at = at % spoken.len();
            let digit = spoken.as_bytes()[at];
            proptest::prop_assume!(digit.is_ascii_digit());
            let wrong = char::from(b'0' + (digit - b'0' + by) % 10);
            let misread: alloc::string::String =
                spoken.char_indices().map(|(i, c)| if i == at { wrong } else { c }).collect();
            proptest::prop_assert!(misread.parse::<PassNumber>().is_err());
        }
    }
}

//! Moments as people and programs give them, within the bounds of a pass.

use freightpass_core::limits::TIMES;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{FieldError, Rule};

/// Forms of a time without a zone; it is meant in the profile's. Those with strokes are what a spreadsheet in Chinese
/// makes of the others.
const LOCAL_FORMS: [&str; 6] = [
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
];

/// Unix seconds within the bounds of a pass (docs/FORMAT.md, t32). A system that counts milliseconds is told so.
pub fn instant_in_bounds(seconds: i64) -> Result<u32, FieldError> {
    let inside = |value: i64| u64::try_from(value).is_ok_and(|value| TIMES.contains(&value));
    match u32::try_from(seconds) {
        Ok(instant) if inside(seconds) => Ok(instant),
        _ if inside(seconds / 1000) => Err(FieldError::whole(Rule::Milliseconds)),
        _ => Err(FieldError::whole(Rule::TimeOutOfBounds)),
    }
}

/// A typed time as Unix seconds: `2026-12-01 08:00`, meant in `zone`, or RFC 3339 with its own offset.
pub fn typed_instant(text: &str, zone: &TimeZone) -> Result<u32, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldError::whole(Rule::Missing));
    }
    let local = || {
        let civil = LOCAL_FORMS.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
        zone.to_timestamp(civil).ok()
    };
    let instant = local().or_else(|| text.parse::<Timestamp>().ok());
    instant_in_bounds(instant.ok_or(FieldError::whole(Rule::TimeForm))?.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEIJING: TimeZone = TimeZone::fixed(jiff::tz::offset(8));

    #[test]
    fn bounds_are_those_of_a_pass() {
        for good in [1_577_836_800, 1_796_054_400, 4_294_967_295] {
            assert_eq!(instant_in_bounds(good), Ok(u32::try_from(good).unwrap()));
        }
        for bad in [i64::MIN, -1, 0, 1_577_836_799, 4_294_967_296, 1_577_836_799_999, 4_294_967_296_000, i64::MAX] {
            assert_eq!(instant_in_bounds(bad), Err(FieldError::whole(Rule::TimeOutOfBounds)), "{bad}");
        }
    }

    #[test]
    fn milliseconds_are_named() {
        for bad in [1_577_836_800_000, 1_796_054_400_000, 1_796_659_200_000, 4_294_967_295_999] {
            assert_eq!(instant_in_bounds(bad), Err(FieldError::whole(Rule::Milliseconds)), "{bad}");
        }
    }

    #[test]
    fn typed_times_are_local_unless_they_say_otherwise() {
        for text in [
            "2026-12-01 00:00",
            " 2026-12-01 00:00:00 ",
            "2026-12-01T00:00",
            "2026/12/1 0:00",
            "2026-12-01T00:00:00+08:00",
            "2026-11-30T16:00:00Z",
            "2026-11-30 16:00:00Z",
        ] {
            assert_eq!(typed_instant(text, &BEIJING), Ok(1_796_054_400), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["tomorrow", "2026-12-01", "2026-02-30 08:00", "2026-12-01 25:00", "1796054400", "2026-12-01 08:00 x"]
        {
            assert_eq!(typed_instant(text, &BEIJING), Err(FieldError::whole(Rule::TimeForm)), "{text}");
        }
        assert_eq!(typed_instant("", &BEIJING), Err(FieldError::whole(Rule::Missing)));
        assert_eq!(typed_instant("2019-12-31 23:59", &BEIJING), Err(FieldError::whole(Rule::TimeOutOfBounds)));
    }
}

//! The command on reports.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::day::DayReport;
use super::error::ReportError;
use super::store::ReportStore;
use crate::clock::Clock;
use crate::identity::Sight;
use crate::problem::FieldProblem;
use crate::profile::Profile;

/// Characters of a day as it is asked for: `2026-11-25`.
const DAY_CHARS: usize = 10;

/// Reports of what was done.
#[derive(Clone)]
pub struct Reports {
    store: Arc<dyn ReportStore>,
    profile: Arc<dyn Profile>,
    clock: Arc<dyn Clock>,
}

impl Reports {
    /// Reports on that store, in days of that profile's zone.
    pub fn new(store: Arc<dyn ReportStore>, profile: Arc<dyn Profile>, clock: Arc<dyn Clock>) -> Self {
        Self { store, profile, clock }
    }

    /// What the bodies within the sight did on a day such as `2026-11-25`; of a day that is not over, until now.
    ///
    /// # Errors
    /// [`ReportError::Invalid`] for a day that is none or has not begun.
    pub async fn day(&self, sight: &Sight, day: &str) -> Result<DayReport, ReportError> {
        let invalid = |rule: &'static str, message: &'static str| {
            ReportError::Invalid(vec![FieldProblem::new("day", rule, message)])
        };
        if day.is_empty() {
            return Err(invalid("missing", "name the day, such as 2026-11-25"));
        }
        let date = calendar_day(day).ok_or_else(|| invalid("form", "not a day such as 2026-11-25"))?;
        let next = date.tomorrow().ok();
        let (Some(from), Some(end)) = (self.midnight(date), next.and_then(|next| self.midnight(next))) else {
            return Err(invalid("out_of_range", "no calendar of ours goes so far"));
        };
        let now = self.clock.now();
        if from > now {
            return Err(invalid("in_the_future", "this day has not begun"));
        }
        let until = end.min(now);
        let figures = self.store.figures(sight, from, until).await?;
        Ok(DayReport { day: date, from, until, figures })
    }

    /// The first moment of a day: where clocks are put forward at midnight, that is later than 0:00.
    fn midnight(&self, date: Date) -> Option<Timestamp> {
        self.profile.zone().to_zoned_datetime(date.at(0, 0, 0, 0)).ok().map(|zoned| zoned.timestamp())
    }
}

/// The day of exactly that form: the parser of dates takes others too.
fn calendar_day(text: &str) -> Option<Date> {
    let digit_or_dash =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    (text.len() == DAY_CHARS && text.bytes().enumerate().all(digit_or_dash)).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_form() {
        assert_eq!(calendar_day("2026-11-25"), Some(jiff::civil::date(2026, 11, 25)));
        assert_eq!(calendar_day("2028-02-29"), Some(jiff::civil::date(2028, 2, 29)));
        for wrong in ["2026-02-29", "2026-13-01", "20261125", "2026-11-5", "2026-11-25T00", "26-11-2025", "", "今天"]
        {
            assert_eq!(calendar_day(wrong), None, "{wrong}");
        }
    }
}

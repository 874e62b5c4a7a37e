//! What an authority decides: to let a journey be made, in the planned time or in a shorter one.

use uuid::Uuid;

use crate::application::Window;
use crate::problem::FieldProblem;

/// A decision for an application; what is none is as planned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decision {
    /// Start that is allowed, in seconds since 1970: not before the planned one.
    pub start: Option<i64>,
    /// End that is allowed: not after the planned one.
    pub end: Option<i64>,
    /// The version of the application that the officer has seen; none: whichever it is.
    pub version: Option<u64>,
}

/// An application of a batch, and the version of it that the officer has seen; none: whichever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picked {
    /// The application.
    pub id: Uuid,
    /// The version.
    pub version: Option<u64>,
}

impl Picked {
    /// The application as it stands, whichever version that is.
    pub fn any(id: Uuid) -> Self {
        Self { id, version: None }
    }

    /// Approved for the time that it planned.
    pub fn as_planned(self) -> Decision {
        Decision { version: self.version, ..Decision::default() }
    }
}

impl Decision {
    /// The time that is allowed: within the planned one, not empty, and not over at the second `now`.
    pub fn window(&self, planned: Window, now: i64) -> Result<Window, Vec<FieldProblem>> {
        let seconds = |value: Option<i64>, planned: u64| match value {
            None => Some(planned),
            Some(value) => u64::try_from(value).ok(),
        };
        let start = seconds(self.start, planned.start).filter(|start| *start >= planned.start);
        let end = seconds(self.end, planned.end).filter(|end| *end <= planned.end);
        let mut problems = Vec::new();
        if start.is_none() {
            problems.push(FieldProblem::new(
                "start_time",
                "before_planned",
                "the authority may shorten the planned time, not lengthen it",
            ));
        }
        if end.is_none() {
            problems.push(FieldProblem::new(
                "end_time",
                "after_planned",
                "the authority may shorten the planned time, not lengthen it",
            ));
        }
        let (Some(start), Some(end)) = (start, end) else {
            return Err(problems);
        };
        if end <= start {
            problems.push(FieldProblem::new("end_time", "end_before_start", "the end must be after the start"));
        } else if u64::try_from(now).is_ok_and(|now| end <= now) {
            problems.push(FieldProblem::new("end_time", "in_the_past", "the journey would be over already"));
        }
        if problems.is_empty() { Ok(Window { start, end }) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PLANNED: Window = Window { start: 1_000, end: 2_000 };

    #[rstest]
    #[case::as_planned(None, None, 1_000, 2_000)]
    #[case::later_start(Some(1_001), None, 1_001, 2_000)]
    #[case::earlier_end(None, Some(1_999), 1_000, 1_999)]
    #[case::one_second(Some(1_998), Some(1_999), 1_998, 1_999)]
    fn shorter_window_is_taken(
        #[case] start: Option<i64>,
        #[case] end: Option<i64>,
        #[case] from: u64,
        #[case] until: u64,
    ) {
        let window = Decision { start, end, version: None }.window(PLANNED, 1_500).unwrap();
        assert_eq!(window, Window { start: from, end: until });
    }

    #[rstest]
    #[case::start_before_planned(Some(999), None, "before_planned")]
    #[case::end_after_planned(None, Some(2_001), "after_planned")]
    #[case::negative(Some(-1), None, "before_planned")]
    #[case::milliseconds(None, Some(2_000_000), "after_planned")]
    #[case::empty(Some(1_600), Some(1_600), "end_before_start")]
    #[case::over(None, Some(1_500), "in_the_past")]
    fn wider_empty_or_past_window_is_refused(#[case] start: Option<i64>, #[case] end: Option<i64>, #[case] rule: &str) {
        let problems = Decision { start, end, version: None }.window(PLANNED, 1_500).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].rule, rule);
    }
}

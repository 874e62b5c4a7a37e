//! From where to where, and when.

use super::moment;
use crate::application::{Draft, Route, Window};
use crate::identity::Competence;
use crate::problem::Problems;
use crate::profile::Profile;

/// How far ahead a journey can be booked, in seconds: the status lists are published so far ahead.
const BOOKING_AHEAD_S: i64 = 14 * 86_400;
/// Divisions between origin and destination (formats.md, claims key 4: at most ten with both ends).
const MAX_VIA: usize = 8;
/// A form is filled in before it is sent, and clocks differ: a start is "in the past" only beyond this, in seconds.
const START_GRACE_S: i64 = 3_600;

/// The route from county to county.
pub(super) fn route(draft: &Draft, profile: &dyn Profile, found: &mut Problems) -> Option<Route> {
    let origin = found.field("route.origin", profile.route_end(&draft.origin));
    let destination = found.field("route.destination", profile.route_end(&draft.destination));
    if draft.via.len() > MAX_VIA {
        found.add("route.via", "too_many", format!("{} divisions; at most {MAX_VIA} are allowed", draft.via.len()));
        return None;
    }
    let via: Vec<_> = draft
        .via
        .iter()
        .enumerate()
        .filter_map(|(at, text)| found.field(format!("route.via[{at}]"), profile.route_via(text)))
        .collect();
    Some(Route { origin: origin?, destination: destination?, via })
}

/// The planned time: neither over nor too far ahead at the second `now`, and no longer than a pass lives.
pub(super) fn planned(draft: &Draft, competence: &Competence, now: i64, found: &mut Problems) -> Option<Window> {
    let start = moment(found, "planned_start_time", draft.planned_start);
    let end = moment(found, "planned_end_time", draft.planned_end);
    let window = Window { start: start?.into(), end: end?.into() };
    let (start, end) = (i64::from(start?), i64::from(end?));
    if start < now.saturating_sub(START_GRACE_S) {
        found.add("planned_start_time", "in_the_past", "the journey would have begun already");
    }
    if start > now.saturating_add(BOOKING_AHEAD_S) {
        let days = BOOKING_AHEAD_S / 86_400;
        found.add("planned_start_time", "too_far_ahead", format!("journeys are booked at most {days} days ahead"));
    }
    if end <= start {
        found.add("planned_end_time", "end_before_start", "the end must be after the start");
    } else if end <= now {
        found.add("planned_end_time", "in_the_past", "the journey would be over already");
    } else if end - start > i64::from(competence.longest_life_s) {
        let longest = competence.longest_life_s;
        found.add("planned_end_time", "too_long", format!("a pass lives at most {longest} seconds"));
    }
    Some(window)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::application::check::example::{DAY, NOW, assert_refused, assert_taken, checked, draft};

    #[test]
    fn times_in_milliseconds_are_refused_by_name() {
        // FP-03 (b).
        let mut draft = draft();
        draft.planned_start = Some(1_796_054_400_000);
        draft.planned_end = Some(1_796_659_200_000);
        let problem = |field: &str| (field.to_owned(), "milliseconds".to_owned());
        assert_eq!(checked(&draft), Err(vec![problem("planned_start_time"), problem("planned_end_time")]));
    }

    #[rstest]
    #[case::just_before_2020(1_577_836_799)]
    #[case::negative(-1)]
    #[case::after_2106(4_294_967_296)]
    fn times_that_no_pass_carries_are_refused(#[case] start: i64) {
        assert_refused(|it| it.planned_start = Some(start), "planned_start_time", "time_out_of_bounds");
    }

    #[test]
    fn planned_time_holds_at_its_bounds() {
        assert_taken(|it| it.planned_start = Some(NOW - START_GRACE_S));
        assert_refused(|it| it.planned_start = Some(NOW - START_GRACE_S - 1), "planned_start_time", "in_the_past");
        let ahead = |seconds: i64| {
            move |it: &mut Draft| {
                it.planned_start = Some(NOW + BOOKING_AHEAD_S + seconds);
                it.planned_end = Some(NOW + BOOKING_AHEAD_S + seconds + 1);
            }
        };
        assert_taken(ahead(0));
        assert_refused(ahead(1), "planned_start_time", "too_far_ahead");
        assert_taken(|it| it.planned_end = Some(NOW + 61));
        assert_refused(|it| it.planned_end = Some(NOW + 60), "planned_end_time", "end_before_start");
        let past = |it: &mut Draft| (it.planned_start, it.planned_end) = (Some(NOW - 10), Some(NOW));
        assert_refused(past, "planned_end_time", "in_the_past");
        assert_taken(|it| it.planned_end = Some(NOW + 60 + 30 * DAY));
        assert_refused(|it| it.planned_end = Some(NOW + 61 + 30 * DAY), "planned_end_time", "too_long");
    }

    #[test]
    fn route_names_at_most_eight_between_its_ends() {
        assert_taken(|it| it.via = vec!["33".to_owned(); MAX_VIA]);
        assert_refused(|it| it.via = vec!["33".to_owned(); MAX_VIA + 1], "route.via", "too_many");
        assert_refused(|it| it.via.push("x".to_owned()), "route.via[1]", "digit_expected");
        assert_refused(|it| it.destination.clear(), "route.destination", "missing");
    }
}

//! The papers that come with an application.

use super::moment;
use crate::application::{DraftEvidence, Evidence};
use crate::problem::Problems;
use crate::words;

/// Pieces of evidence: three people with three tests each, and the waybill.
const MAX_EVIDENCE: usize = 10;
/// Evidence counts for a year at most, in seconds.
const MAX_EVIDENCE_S: u32 = 366 * 86_400;
/// Bytes of an issuer's name.
const MAX_ISSUER_BYTES: usize = 120;
/// Clocks differ: evidence is "of the future" only beyond this, in seconds.
const CLOCK_GRACE_S: i64 = 3_600;

/// The evidence: each piece named, about somebody of the `people` people on board or nobody, taken before the second
/// `now`, and of a span for which it can count.
pub(super) fn evidence(sent: &[DraftEvidence], people: usize, now: i64, found: &mut Problems) -> Option<Vec<Evidence>> {
    if sent.len() > MAX_EVIDENCE {
        found.add("evidence", "too_many", format!("{} pieces; at most {MAX_EVIDENCE} are allowed", sent.len()));
        return None;
    }
    let mut evidence = Vec::with_capacity(sent.len());
    for (at, sent) in sent.iter().enumerate() {
        let path = |field: &str| format!("evidence[{at}].{field}");
        let kind = found.chosen(path("kind"), sent.kind, "name the kind of the evidence");
        let taken = moment(found, &path("taken_time"), sent.taken);
        if taken.is_some_and(|taken| i64::from(taken) > now.saturating_add(CLOCK_GRACE_S)) {
            found.add(path("taken_time"), "in_the_future", "evidence cannot be later than the application");
        }
        let valid_for = sent.valid_for_s.and_then(|seconds| u32::try_from(seconds).ok());
        let valid_for = valid_for.filter(|seconds| (1..=MAX_EVIDENCE_S).contains(seconds));
        if valid_for.is_none() {
            found.add(path("valid_for"), "out_of_range", format!("1 to {MAX_EVIDENCE_S} seconds are allowed"));
        }
        let issuer = found.keep(words::required(&path("issuer"), &sent.issuer, MAX_ISSUER_BYTES));
        let person = u8::try_from(sent.person).ok().filter(|person| usize::from(*person) <= people);
        if person.is_none() {
            found.add(path("person"), "out_of_range", format!("0 to {people}: the crew has {people} people"));
        }
        if let (Some(kind), Some(taken), Some(valid_for_s), Some(issuer), Some(person)) =
            (kind, taken, valid_for, issuer, person)
        {
            evidence.push(Evidence { kind, taken: taken.into(), valid_for_s, issuer, person });
        }
    }
    Some(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::check::example::{NOW, assert_refused, assert_taken};

    #[test]
    fn evidence_holds_at_its_bounds() {
        assert_taken(|it| it.evidence.clear());
        assert_taken(|it| it.evidence = vec![it.evidence[0].clone(); MAX_EVIDENCE]);
        assert_refused(|it| it.evidence = vec![it.evidence[0].clone(); MAX_EVIDENCE + 1], "evidence", "too_many");
        assert_taken(|it| it.evidence[0].person = 2);
        assert_refused(|it| it.evidence[0].person = 3, "evidence[0].person", "out_of_range");
        assert_refused(|it| it.evidence[0].kind = None, "evidence[0].kind", "missing");
        assert_refused(|it| it.evidence[0].issuer.clear(), "evidence[0].issuer", "missing");
        for seconds in [None, Some(0), Some(-1), Some(i64::from(MAX_EVIDENCE_S) + 1)] {
            assert_refused(|it| it.evidence[0].valid_for_s = seconds, "evidence[0].valid_for", "out_of_range");
        }
        assert_taken(|it| it.evidence[0].valid_for_s = Some(i64::from(MAX_EVIDENCE_S)));
        let future = Some(NOW + CLOCK_GRACE_S + 1);
        assert_refused(|it| it.evidence[0].taken = future, "evidence[0].taken_time", "in_the_future");
    }
}

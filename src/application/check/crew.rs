//! The people on board: of a form, or of an amendment.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::application::DraftPerson;
use crate::problem::Problems;
use crate::profile::Profile;
use crate::whitelist::{CrewRole, Person};

/// People in a pass (formats.md, claims key 3).
const MAX_CREW: usize = 3;

/// The people whom a pass can name: one to three, the driver first and no other, nobody twice, and who drives can be
/// reached.
pub fn checked_crew(
    sent: &[DraftPerson],
    profile: &dyn Profile,
    today: Date,
    found: &mut Problems,
) -> Option<Vec<Person>> {
    if sent.is_empty() || sent.len() > MAX_CREW {
        found.add("crew", "crew_size", format!("{} people; 1 to {MAX_CREW} are allowed", sent.len()));
        return None;
    }
    let mut papers = BTreeSet::new();
    let mut crew = Vec::with_capacity(sent.len());
    for (at, sent) in sent.iter().enumerate() {
        let path = |field: &str| format!("crew[{at}].{field}");
        let name = found.field(path("name"), profile.person_name(&sent.name));
        let kind = found.chosen(path("paper_kind"), sent.paper_kind, "name the kind of the paper");
        let paper =
            kind.and_then(|kind| found.field(path("paper_number"), profile.paper(kind, &sent.paper_number, today)));
        let role = found.chosen(path("role"), sent.role, "say what this person is on board for");
        let mobile = match (sent.mobile.trim(), role) {
            ("", Some(CrewRole::Driver | CrewRole::ReliefDriver)) => {
                found.add(path("mobile"), "missing", "who drives must be reachable");
                None
            }
            ("", _) => None,
            (mobile, _) => found.field(path("mobile"), profile.mobile(mobile)),
        };
        match (at, role) {
            (0, Some(role)) if role != CrewRole::Driver => {
                found.add(path("role"), "first_is_driver", "the first of the crew is the driver");
            }
            (1.., Some(CrewRole::Driver)) => {
                found.add(path("role"), "one_driver", "only the first is the driver; others drive in relief");
            }
            _ => {}
        }
        if let Some(paper) = &paper
            && !papers.insert(paper.clone())
        {
            found.add(path("paper_number"), "person_twice", "this person stands in the crew already");
        }
        if let (Some(name), Some(paper), Some(role)) = (name, paper, role) {
            crew.push(Person { name, paper, mobile, role });
        }
    }
    Some(crew)
}

#[cfg(test)]
mod tests {
    use crate::application::Draft;
    use crate::application::check::example::{assert_refused, assert_taken, person};
    use crate::whitelist::CrewRole;

    #[test]
    fn crew_is_one_to_three_with_exactly_one_driver_first() {
        assert_refused(|it| it.crew.clear(), "crew", "crew_size");
        let relief = |n| person(n, CrewRole::ReliefDriver);
        assert_taken(|it| it.crew.push(relief(3)));
        assert_refused(|it| it.crew.extend([relief(3), relief(4)]), "crew", "crew_size");
        assert_refused(|it| it.crew[0].role = Some(CrewRole::Passenger), "crew[0].role", "first_is_driver");
        assert_refused(|it| it.crew[1].role = Some(CrewRole::Driver), "crew[1].role", "one_driver");
        assert_refused(|it| it.crew[1].role = None, "crew[1].role", "missing");
        assert_refused(|it| it.crew[0].mobile.clear(), "crew[0].mobile", "missing");
        assert_taken(|it| it.crew[1].mobile.clear());
        let same = |it: &mut Draft| it.crew[1].paper_number = it.crew[0].paper_number.to_lowercase();
        assert_refused(same, "crew[1].paper_number", "person_twice");
        assert_refused(|it| it.crew[1].paper_number = "1".to_owned(), "crew[1].paper_number", "id_length");
        assert_refused(|it| it.crew[1].paper_kind = None, "crew[1].paper_kind", "missing");
    }
}

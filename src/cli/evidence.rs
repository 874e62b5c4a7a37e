//! Evidence in a row of the table: up to three papers with kind, time, hours for which they count, issuer, and whose
//! they are.

use prost_types::{Duration, Timestamp};

use super::terms::Term;
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::rpc::proto;
use crate::table::{Column, EvidenceColumn, Row};

const HOUR_S: i64 = 3_600;

/// The piece of evidence at that place of a row; none where nothing is said there. What no value can be made of is
/// added to `problems`; everything else is for the service to judge.
pub fn evidence(
    row: &Row,
    at: usize,
    profile: &dyn Profile,
    problems: &mut Vec<FieldProblem>,
) -> Option<proto::Evidence> {
    let cell = |of| row.get(Column::Evidence(at, of));
    if EvidenceColumn::ALL.iter().all(|of| cell(*of).is_empty()) {
        return None;
    }
    let field = |name: &str| format!("evidence[{at}].{name}");
    let mut refuse = |name: &str, rule: &'static str, message: String| {
        problems.push(FieldProblem::new(field(name), rule, message));
    };
    let kind = Term::EvidenceKind.number(&cell(EvidenceColumn::Kind));
    if kind.is_none() {
        let known = Term::EvidenceKind.typed().join(", ");
        let message = format!("{:?} is none of the values known here: {known}", cell(EvidenceColumn::Kind));
        refuse("kind", "unknown_value", message);
    }
    let hours = cell(EvidenceColumn::ValidHours).parse::<u32>();
    if hours.is_err() {
        let message = format!("{:?} is no whole number of hours", cell(EvidenceColumn::ValidHours));
        refuse("valid_for", "number", message);
    }
    let taken = profile.instant(&cell(EvidenceColumn::Taken));
    if let Err(error) = &taken {
        problems.push(error.of(field("taken_time")));
    }
    // The table counts its places, and what is sent counts the people.
    let place = cell(EvidenceColumn::Person);
    let person = match place.as_ref() {
        "" | "0" => Some(0),
        place => place
            .parse()
            .ok()
            .and_then(|place: usize| row.people().iter().position(|at| at + 1 == place))
            .map(|at| at + 1),
    };
    if person.is_none() {
        let message = format!(
            "{place:?} is none of the people of this row: 1 for the first, or empty for the vehicle and the cargo"
        );
        problems.push(FieldProblem::new(field("person"), "unknown_value", message));
    }
    Some(proto::Evidence {
        kind: kind.unwrap_or_default(),
        taken_time: taken.ok().map(|seconds| Timestamp { seconds: seconds.into(), nanos: 0 }),
        valid_for: hours.ok().map(|hours| Duration { seconds: i64::from(hours) * HOUR_S, nanos: 0 }),
        issuer: cell(EvidenceColumn::Issuer).into_owned(),
        person: person.and_then(|person| u32::try_from(person).ok()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::cn::Cn;
    use crate::table::Table;

    fn read(cells: &str) -> (Option<proto::Evidence>, Vec<String>) {
        let header =
            "tractor,crew 1 name,crew 3 name,证明1类型,证明1出具时间,evidence 1 valid hours,证明1出具单位,证明1人员";
        let table = Table::of_bytes(format!("{header}\n苏E12345,张三,李四,{cells}\n").into_bytes(), &[]).unwrap();
        assert!(table.about.unknown.is_empty());
        let rows = table.rows(usize::MAX).unwrap().0;
        let mut problems = Vec::new();
        let found = evidence(&rows[0], 0, &Cn, &mut problems);
        (found, problems.iter().map(|problem| format!("{} {}", problem.field, problem.rule)).collect())
    }

    #[test]
    fn a_paper_is_read_from_its_cells_in_either_language() {
        for kind in ["核酸检测", "nucleic acid test", "1"] {
            let (found, problems) = read(&format!("{kind},2026-11-30 20:00,48,苏州医学检验所,"));
            let wanted = proto::Evidence {
                kind: proto::EvidenceKind::NucleicAcidTest as i32,
                taken_time: Some(Timestamp { seconds: 1_796_040_000, nanos: 0 }),
                valid_for: Some(Duration { seconds: 172_800, nanos: 0 }),
                issuer: "苏州医学检验所".to_owned(),
                person: 0,
            };
            assert_eq!((found, problems), (Some(wanted), vec![]), "{kind}");
        }
    }

    #[test]
    fn empty_cells_are_no_paper_and_half_a_paper_is_refused_by_the_names_of_its_fields() {
        assert_eq!(read(",,,,"), (None, vec![]));
        let (_, problems) = read("horoscope,yesterday,1.5,somebody,");
        assert_eq!(
            problems,
            ["evidence[0].kind unknown_value", "evidence[0].valid_for number", "evidence[0].taken_time time_form"]
        );
        let (_, problems) = read("运单,,,,");
        assert_eq!(problems, ["evidence[0].valid_for number", "evidence[0].taken_time missing"]);
    }

    #[test]
    fn a_paper_is_of_the_person_at_that_place_of_the_row() {
        let of = |place: &str| {
            let (found, problems) = read(&format!("1,2026-11-30 20:00,48,苏州医学检验所,{place}"));
            (found.map(|found| found.person), problems)
        };
        for (place, person) in [("", 0), ("0", 0), ("1", 1), ("３", 2)] {
            assert_eq!(of(place), (Some(person), vec![]), "{place}");
        }
        for place in ["2", "4", "张三", "-1"] {
            assert_eq!(of(place), (Some(0), vec!["evidence[0].person unknown_value".to_owned()]), "{place}");
        }
    }
}

//! From a row as people typed it to a listing in which every rule of the profile holds; or everything that is wrong
//! with it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::category::Category;
use super::enterprise::Vehicle;
use super::person::{CrewRole, Person};
use super::rows::{CheckedRow, Listing, RawPerson, RawRow};
use crate::problem::Problems;
use crate::profile::{Profile, VehicleKind};
use crate::words;

/// People in one row: as many as a pass holds (formats.md, claims key 3).
const MAX_CREW: usize = 3;
/// Bytes of an enterprise's name.
const MAX_NAME_BYTES: usize = 200;
/// Bytes of a waiver's reason.
const MAX_WAIVER_BYTES: usize = 200;

/// Checks a row by itself; the white list is not asked yet.
pub(super) fn check(profile: &dyn Profile, row: &RawRow, today: Date) -> CheckedRow {
    let mut found = Problems::default();
    let listing = listing(profile, row, today, &mut found);
    CheckedRow {
        line: row.line,
        listing: match listing {
            Some(listing) if found.is_empty() => Ok(listing),
            _ => Err(found.into_vec()),
        },
    }
}

fn listing(profile: &dyn Profile, row: &RawRow, today: Date, found: &mut Problems) -> Option<Listing> {
    let code = found.filled("enterprise_code", &row.enterprise_code, |text| profile.enterprise_code(text));
    let name = found.keep(words::required("enterprise_name", &row.enterprise_name, MAX_NAME_BYTES));
    let contact_name = found.filled("contact_name", &row.contact_name, |text| profile.person_name(text));
    let contact_phone = found.filled("contact_phone", &row.contact_phone, |text| profile.phone(text));
    let industry = Category::by_text(&row.industry);
    if industry.is_none() {
        found.add("industry", "unknown_industry", "neither the number nor the name of a key industry");
    }
    let tractor = found.filled("tractor", &row.tractor, |text| profile.plate(VehicleKind::Tractor, text));
    let trailer = match row.trailer.trim() {
        "" => None,
        text => found.field("trailer", profile.plate(VehicleKind::Trailer, text)),
    };
    let waiver = found.keep(words::optional("code_waiver_reason", &row.code_waiver_reason, MAX_WAIVER_BYTES));
    let people = people(profile, &row.crew, today, found);
    let code = code?;
    let vehicle = |plate, kind| Vehicle { plate, kind };
    let vehicles =
        [Some(vehicle(tractor?, VehicleKind::Tractor)), trailer.map(|plate| vehicle(plate, VehicleKind::Trailer))];
    Some(Listing {
        code: code.text,
        code_checks: code.checks,
        waiver: waiver.filter(|reason| !reason.is_empty()),
        name: name?,
        industry: industry?,
        contact_name: contact_name?,
        contact_phone: contact_phone?,
        vehicles: vehicles.into_iter().flatten().collect(),
        people,
    })
}

fn people(profile: &dyn Profile, crew: &[RawPerson], today: Date, found: &mut Problems) -> Vec<Person> {
    if crew.len() > MAX_CREW {
        found.add("crew", "crew_size", format!("{} people; at most {MAX_CREW} are allowed", crew.len()));
        return Vec::new();
    }
    let mut papers = BTreeSet::new();
    let mut people = Vec::with_capacity(crew.len());
    for (at, raw) in crew.iter().enumerate() {
        let path = |field: &str| format!("crew[{at}].{field}");
        let name = found.filled(path("name"), &raw.name, |text| profile.person_name(text));
        let kind = found.field(path("paper_kind"), profile.paper_kind(&raw.paper_kind));
        let paper = kind.and_then(|kind| {
            found.filled(path("paper_number"), &raw.paper_number, |text| profile.paper(kind, text, today))
        });
        let role = match raw.role.trim() {
            "" if at == 0 => Some(CrewRole::Driver),
            "" => Some(CrewRole::ReliefDriver),
            text => CrewRole::by_text(text),
        };
        if role.is_none() {
            found.add(path("role"), "unknown_role", "neither the number nor the name of a role on board");
        }
        let mobile = match (raw.mobile.trim(), role) {
            ("", Some(CrewRole::Driver | CrewRole::ReliefDriver)) => {
                found.add(path("mobile"), "missing", "who drives must be reachable");
                None
            }
            ("", _) => None,
            (mobile, _) => found.field(path("mobile"), profile.mobile(mobile)),
        };
        if let Some(paper) = &paper
            && !papers.insert(paper.clone())
        {
            found.add(path("paper_number"), "person_twice", "this person stands in the row already");
        }
        if let (Some(name), Some(paper), Some(role)) = (name, paper, role) {
            people.push(Person { name, paper, mobile, role });
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::PaperKind;
    use crate::profile::cn::{Cn, gb11643_check_digit};

    fn good() -> RawRow {
        RawRow {
            line: 7,
            enterprise_code: " 91350100m000100y43 ".to_owned(),
            enterprise_name: "苏州第一物流有限公司".to_owned(),
            contact_name: "李四".to_owned(),
            contact_phone: "0512-57000000".to_owned(),
            industry: "食品".to_owned(),
            tractor: "苏e·12345".to_owned(),
            trailer: String::new(),
            crew: vec![person("33010619880229997x"), person(&id(2))],
            code_waiver_reason: String::new(),
        }
    }

    /// ID number `n` of somebody from Kunshan, with its check digit.
    fn id(n: u32) -> String {
        let body = format!("32058319880101{n:03}");
        format!("{body}{}", gb11643_check_digit(&body).unwrap())
    }

    fn person(number: &str) -> RawPerson {
        RawPerson {
            name: "张三".to_owned(),
            paper_number: number.to_owned(),
            mobile: "138 0013 8000".to_owned(),
            ..RawPerson::default()
        }
    }

    fn checked(row: &RawRow) -> Result<Listing, Vec<(String, String)>> {
        let checked = check(&Cn, row, jiff::civil::date(2026, 12, 1));
        assert_eq!(checked.line, row.line);
        checked.listing.map_err(|problems| problems.into_iter().map(|it| (it.field, it.rule.into_owned())).collect())
    }

    #[test]
    fn good_row_is_normalised_and_empty_cells_have_their_meaning() {
        let listing = checked(&good()).unwrap();
        assert_eq!(listing.code, "91350100M000100Y43");
        assert!(listing.code_checks);
        assert_eq!(listing.waiver, None);
        assert_eq!(listing.industry, Category::Food);
        let plates: Vec<_> = listing.vehicles.iter().map(|vehicle| vehicle.plate.as_str()).collect();
        assert_eq!(plates, ["苏E12345"], "no trailer");
        let roles: Vec<_> = listing.people.iter().map(|person| person.role).collect();
        assert_eq!(roles, [CrewRole::Driver, CrewRole::ReliefDriver]);
        // FP-10: stored with X.
        assert_eq!(listing.people[0].paper.number, "33010619880229997X");
        assert_eq!(listing.people[0].mobile.as_deref(), Some("13800138000"));
        assert_eq!(listing.people[0].paper.kind, PaperKind::IdentityCard);
    }

    #[test]
    fn every_problem_of_a_row_is_told_at_once() {
        let row = RawRow {
            line: 3,
            enterprise_code: "9I350100M000100Y43".to_owned(),
            enterprise_name: "\u{202e}".to_owned(),
            contact_name: String::new(),
            contact_phone: "57".to_owned(),
            industry: "0".to_owned(),
            tractor: String::new(),
            trailer: "苏E12345".to_owned(),
            crew: vec![RawPerson {
                name: "12".to_owned(),
                paper_kind: "library card".to_owned(),
                paper_number: "330106198802299979".to_owned(),
                mobile: String::new(),
                role: "pilot".to_owned(),
            }],
            code_waiver_reason: "x".repeat(MAX_WAIVER_BYTES + 1),
        };
        let mut problems = checked(&row).unwrap_err();
        problems.sort();
        let expected = [
            ("code_waiver_reason", "too_long"),
            ("contact_name", "missing"),
            ("contact_phone", "phone_number"),
            ("crew[0].name", "no_letter"),
            ("crew[0].paper_kind", "paper_kind"),
            ("crew[0].role", "unknown_role"),
            ("enterprise_code", "character_not_allowed"),
            ("enterprise_name", "forbidden_character"),
            ("industry", "unknown_industry"),
            ("tractor", "missing"),
            ("trailer", "not_a_trailer_plate"),
        ];
        assert_eq!(problems, expected.map(|(field, rule)| (field.to_owned(), rule.to_owned())));
    }

    #[test]
    fn missing_enterprise_is_refused_and_not_filled_down() {
        // FP-14, row 6: nothing is taken from the row above.
        let row = RawRow { enterprise_code: " ".to_owned(), enterprise_name: String::new(), ..good() };
        let problems = checked(&row).unwrap_err();
        let missing = |field: &str| (field.to_owned(), "missing".to_owned());
        assert_eq!(problems, [missing("enterprise_code"), missing("enterprise_name")]);
    }

    #[test]
    fn one_person_twice_in_a_row_by_two_spellings_is_refused() {
        let row = RawRow { crew: vec![person("33010619880229997x"), person("33010619880229997X")], ..good() };
        assert_eq!(checked(&row).unwrap_err(), [("crew[1].paper_number".to_owned(), "person_twice".to_owned())]);
    }

    #[test]
    fn passenger_may_have_no_mobile_and_a_driver_must() {
        let mut row = good();
        row.crew[1].mobile.clear();
        assert_eq!(checked(&row).unwrap_err(), [("crew[1].mobile".to_owned(), "missing".to_owned())]);
        row.crew[1].role = "passenger".to_owned();
        assert_eq!(checked(&row).unwrap().people[1].mobile, None);
    }

    #[test]
    fn wrong_check_digits_are_refused_in_papers_and_left_to_the_list_in_codes() {
        let mut row = good();
        row.enterprise_code = "91350100M000100Y44".to_owned();
        row.code_waiver_reason = " seen on the licence ".to_owned();
        let listing = checked(&row).unwrap();
        assert!(!listing.code_checks);
        assert_eq!(listing.waiver.as_deref(), Some("seen on the licence"));
        row.crew[1].paper_number = "330106198802299979".to_owned();
        assert_eq!(checked(&row).unwrap_err(), [("crew[1].paper_number".to_owned(), "check_digit".to_owned())]);
    }

    #[test]
    fn four_people_are_one_too_many() {
        let row = RawRow { crew: (0..4).map(|n| person(&id(n))).collect(), ..good() };
        assert_eq!(checked(&row).unwrap_err(), [("crew".to_owned(), "crew_size".to_owned())]);
        let row = RawRow { crew: (0..3).map(|n| person(&id(n))).collect(), ..good() };
        assert_eq!(checked(&row).unwrap().people.len(), 3);
    }
}

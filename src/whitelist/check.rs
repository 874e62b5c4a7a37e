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
        let name = found.filled(&path("name"), &raw.name, |text| profile.person_name(text));
        let kind = found.field(path("paper_kind"), profile.paper_kind(&raw.paper_kind));
        let paper = kind.and_then(|kind| {
            found.filled(&path("paper_number"), &raw.paper_number, |text| profile.paper(kind, text, today))
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

//! The application that a row of a table asks for. What no enumeration or number can be made of is told with the cell's
//! text; everything else is for the service to judge.

use prost_types::Timestamp;

use super::evidence::evidence;
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::rpc::proto;
use crate::table::{Column, CrewColumn, EVIDENCE, Row};
use crate::whitelist::{Category, CrewRole};

/// The form of a row; what is wrong with its cells is added to `problems`.
pub fn form(row: &Row, profile: &dyn Profile, problems: &mut Vec<FieldProblem>) -> proto::ApplicationForm {
    let mut cells = Cells { row, problems };
    let code = row.get(Column::EnterpriseCode);
    // The certificate of the enterprise names it as the white list does; none is made for what names no enterprise.
    let enterprise_code = match profile.enterprise_code(&code) {
        Ok(code) => code.text,
        Err(error) => {
            if cells.problems.iter().all(|known| known.field != "enterprise_code") {
                cells.problems.push(error.of("enterprise_code"));
            }
            String::new()
        }
    };
    proto::ApplicationForm {
        authority: row.get(Column::Authority).into_owned(),
        programme: cells.number(Column::Programme, "programme", 1),
        enterprise_code,
        tractor: row.get(Column::Tractor).into_owned(),
        trailer: row.get(Column::Trailer).into_owned(),
        gross_mass_kg: cells.number(Column::GrossMass, "gross_mass_kg", 0),
        crew: row.people().into_iter().enumerate().map(|(nth, at)| person(&mut cells, nth, at, profile)).collect(),
        cargo_category: cells.chosen(Column::CargoCategory, "cargo_category", |text| {
            Category::by_text(text).map(|category| i32::from(category.number()))
        }),
        cargo_description: row.get(Column::CargoDescription).into_owned(),
        cargo_mass_kg: cells.number(Column::CargoMass, "cargo_mass_kg", 0),
        route: Some(proto::Route {
            origin: row.get(Column::Origin).into_owned(),
            destination: row.get(Column::Destination).into_owned(),
            via: row
                .get(Column::Via)
                .split([' ', ',', ';', '、', '，', '；'])
                .filter(|place| !place.is_empty())
                .map(str::to_owned)
                .collect(),
        }),
        planned_start_time: cells.time(Column::PlannedStart, "planned_start_time", profile),
        planned_end_time: cells.time(Column::PlannedEnd, "planned_end_time", profile),
        leg: match row.get(Column::Leg).as_ref() {
            "" => proto::Leg::Loaded as i32,
            _ => cells.chosen(Column::Leg, "leg", leg),
        },
        evidence: (0..EVIDENCE).filter_map(|at| evidence(row, at, profile, cells.problems)).collect(),
    }
}

/// The `nth` person of the crew, who stands at place `at` of the row: whoever comes first drives, if nothing else is said.
fn person(cells: &mut Cells<'_>, nth: usize, at: usize, profile: &dyn Profile) -> proto::CrewMember {
    let column = |column| Column::Crew(at, column);
    let field = |name: &str| format!("crew[{at}].{name}");
    let role = match cells.row.get(column(CrewColumn::Role)).as_ref() {
        "" if nth == 0 => i32::from(CrewRole::Driver.number()),
        "" => i32::from(CrewRole::ReliefDriver.number()),
        _ => cells.chosen(column(CrewColumn::Role), &field("role"), |text| {
            CrewRole::by_text(text).map(|role| i32::from(role.number()))
        }),
    };
    let paper_kind = match profile.paper_kind(&cells.row.get(column(CrewColumn::PaperKind))) {
        Ok(kind) => i32::from(kind.number()),
        Err(error) => {
            cells.problems.push(error.of(field("paper_kind")));
            0
        }
    };
    let cell = |of| cells.row.get(column(of)).into_owned();
    proto::CrewMember {
        name: cell(CrewColumn::Name),
        paper_kind,
        paper_number: cell(CrewColumn::PaperNumber),
        mobile: cell(CrewColumn::Mobile),
        role,
    }
}

fn leg(text: &str) -> Option<i32> {
    let leg = match text.trim().to_lowercase().as_str() {
        "1" | "empty" | "空驶" | "空车" => proto::Leg::Empty,
        "2" | "return" | "返程" => proto::Leg::Return,
        "3" | "loaded" | "载货" | "重车" => proto::Leg::Loaded,
        _ => return None,
    };
    Some(leg as i32)
}

/// Cells of one row, and what is wrong with them.
struct Cells<'a> {
    row: &'a Row,
    problems: &'a mut Vec<FieldProblem>,
}

impl Cells<'_> {
    fn number(&mut self, column: Column, field: &str, empty: u32) -> u32 {
        let text = self.row.get(column);
        match text.parse() {
            Ok(number) => number,
            Err(_) if text.is_empty() => empty,
            Err(_) => self.refuse(field, "number", format!("{text:?} is no whole number")),
        }
    }

    fn chosen(&mut self, column: Column, field: &str, choose: impl Fn(&str) -> Option<i32>) -> i32 {
        let text = self.row.get(column);
        match choose(&text) {
            Some(number) => number,
            None => self.refuse(field, "unknown_value", format!("{text:?} is none of the values known here")),
        }
    }

    fn time(&mut self, column: Column, field: &str, profile: &dyn Profile) -> Option<Timestamp> {
        match profile.instant(&self.row.get(column)) {
            Ok(seconds) => Some(Timestamp { seconds: seconds.into(), nanos: 0 }),
            Err(error) => {
                self.problems.push(error.of(field));
                None
            }
        }
    }

    fn refuse<T: Default>(&mut self, field: &str, rule: &'static str, message: String) -> T {
        self.problems.push(FieldProblem::new(field, rule, message));
        T::default()
    }
}

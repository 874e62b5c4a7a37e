//! The white list.

use super::{Numbers, time};
use crate::problem::FieldProblem;
use crate::rpc::proto;
use crate::whitelist::{
    Enterprise, EnterpriseDetail, ImportReport, Outcome, Person, RawPerson, RawRow, RowResult, Vehicle,
};

/// A row as it was sent.
pub fn raw_row(row: proto::ImportRow) -> RawRow {
    RawRow {
        line: row.line,
        enterprise_code: row.enterprise_code,
        enterprise_name: row.enterprise_name,
        contact_name: row.contact_name,
        contact_phone: row.contact_phone,
        industry: row.industry,
        tractor: row.tractor,
        trailer: row.trailer,
        crew: row.crew.into_iter().map(raw_person).collect(),
        code_waiver_reason: row.code_waiver_reason,
    }
}

fn raw_person(person: proto::ImportPerson) -> RawPerson {
    RawPerson {
        name: person.name,
        paper_kind: person.paper_kind,
        paper_number: person.paper_number,
        mobile: person.mobile,
        role: person.role,
    }
}

/// What became of the rows.
pub fn import_response(report: ImportReport) -> proto::ImportEntriesResponse {
    proto::ImportEntriesResponse {
        new_count: report.count(Outcome::New),
        changed_count: report.count(Outcome::Changed),
        same_count: report.count(Outcome::Same),
        refused_count: report.count(Outcome::Refused),
        results: report.results.into_iter().map(import_result).collect(),
    }
}

fn import_result(result: RowResult) -> proto::ImportResult {
    let outcome = match result.outcome {
        Outcome::New => proto::ImportOutcome::New,
        Outcome::Changed => proto::ImportOutcome::Changed,
        Outcome::Same => proto::ImportOutcome::Same,
        Outcome::Refused => proto::ImportOutcome::Refused,
    };
    proto::ImportResult {
        line: result.line,
        outcome: outcome.into(),
        enterprise_number: result.enterprise.unwrap_or(0),
        problems: result.problems.into_iter().map(problem).collect(),
    }
}

fn problem(problem: FieldProblem) -> proto::FieldProblem {
    proto::FieldProblem {
        field: problem.field,
        rule: problem.rule.into_owned(),
        message: problem.message,
        message_zh: problem.message_zh,
    }
}

/// An enterprise as a list shows it.
pub fn enterprise(enterprise: Enterprise, numbers: Numbers) -> proto::Enterprise {
    proto::Enterprise {
        number: enterprise.number,
        code: enterprise.code,
        code_waiver_reason: enterprise.code_waiver.unwrap_or_default(),
        name: enterprise.name,
        authority: enterprise.authority,
        industry: enterprise.industry.number().into(),
        contact_name: enterprise.contact_name,
        contact_phone: numbers.show(&enterprise.contact_phone),
        state: enterprise.state.number().into(),
        version: enterprise.version,
        list_time: Some(time(enterprise.listed_at)),
        change_time: Some(time(enterprise.changed_at)),
        vehicles: Vec::new(),
        people: Vec::new(),
    }
}

/// An enterprise with its vehicles and people; their numbers are masked.
pub fn enterprise_detail(detail: EnterpriseDetail) -> proto::Enterprise {
    proto::Enterprise {
        vehicles: detail.vehicles.into_iter().map(vehicle).collect(),
        people: detail.people.into_iter().map(|someone| person(someone, Numbers::Masked)).collect(),
        ..enterprise(detail.enterprise, Numbers::Full)
    }
}

fn vehicle(vehicle: Vehicle) -> proto::Vehicle {
    proto::Vehicle { plate: vehicle.plate, kind: vehicle.kind.number().into() }
}

/// A person on board.
pub fn person(person: Person, numbers: Numbers) -> proto::CrewMember {
    proto::CrewMember {
        name: person.name,
        paper_kind: person.paper.kind.number().into(),
        paper_number: numbers.show(&person.paper.number),
        mobile: numbers.show(&person.mobile.unwrap_or_default()),
        role: person.role.number().into(),
    }
}

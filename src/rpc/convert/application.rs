//! Applications.

use super::{Numbers, person, time, time_s};
use crate::application::{
    Application, ApplicationDetail, Draft, DraftEvidence, DraftPerson, Evidence, EvidenceKind, Leg, Recommended,
    RejectionReason, Route, Step,
};
use crate::problem::FieldProblem;
use crate::profile::PaperKind;
use crate::rpc::proto;
use crate::rpc::request::seconds;
use crate::whitelist::{Category, CrewRole};

/// The longest duration that evidence may name, far above what counts, so that seconds do not overflow.
const MAX_DURATION_S: i64 = 1 << 40;

/// A form as it was sent; what is wrong with it here is a fraction of a second.
pub fn draft(form: proto::ApplicationForm) -> Result<Draft, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut second = |field: &str, time| match seconds(field, time) {
        Ok(seconds) => seconds,
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let planned_start = second("planned_start_time", form.planned_start_time);
    let planned_end = second("planned_end_time", form.planned_end_time);
    let route = form.route.unwrap_or_default();
    let draft = Draft {
        authority: form.authority,
        programme: form.programme,
        enterprise_code: form.enterprise_code,
        tractor: form.tractor,
        trailer: form.trailer,
        gross_mass_kg: form.gross_mass_kg,
        crew: form.crew.into_iter().map(draft_person).collect(),
        cargo_category: category(form.cargo_category),
        cargo_description: form.cargo_description,
        cargo_mass_kg: form.cargo_mass_kg,
        origin: route.origin,
        destination: route.destination,
        via: route.via,
        planned_start,
        planned_end,
        leg: match proto::Leg::try_from(form.leg) {
            Ok(proto::Leg::Loaded) => Some(Leg::Loaded),
            Ok(proto::Leg::Empty) => Some(Leg::Empty),
            Ok(proto::Leg::Return) => Some(Leg::Return),
            Ok(proto::Leg::Unspecified) | Err(_) => None,
        },
        evidence: form.evidence.into_iter().map(draft_evidence).collect(),
    };
    if problems.is_empty() { Ok(draft) } else { Err(problems) }
}

/// A person as one was sent.
pub fn draft_person(member: proto::CrewMember) -> DraftPerson {
    DraftPerson {
        name: member.name,
        paper_kind: PaperKind::by_number(member.paper_kind.into()),
        paper_number: member.paper_number,
        mobile: member.mobile,
        role: CrewRole::by_number(member.role.into()),
    }
}

fn draft_evidence(evidence: proto::Evidence) -> DraftEvidence {
    DraftEvidence {
        kind: EvidenceKind::by_number(evidence.kind.into()),
        taken: evidence.taken_time.map(|time| time.seconds),
        valid_for_s: evidence
            .valid_for
            .filter(|span| span.nanos == 0 && span.seconds < MAX_DURATION_S)
            .map(|span| span.seconds),
        issuer: evidence.issuer,
        person: evidence.person,
    }
}

/// An application as a list shows it.
pub fn application(application: Application, numbers: Numbers) -> proto::Application {
    let form = application.form;
    proto::Application {
        application_id: application.id.to_string(),
        form: Some(proto::ApplicationForm {
            authority: form.authority,
            programme: form.programme.into(),
            enterprise_code: form.enterprise_code,
            tractor: form.tractor,
            trailer: form.trailer.unwrap_or_default(),
            gross_mass_kg: form.gross_mass_kg,
            crew: form.crew.into_iter().map(|someone| person(someone, numbers)).collect(),
            cargo_category: form.cargo.category.number().into(),
            cargo_description: form.cargo.description,
            cargo_mass_kg: form.cargo.mass_kg,
            route: Some(route(&form.route)),
            planned_start_time: Some(time_s(form.planned.start)),
            planned_end_time: Some(time_s(form.planned.end)),
            leg: leg(form.leg).into(),
            evidence: form.evidence.into_iter().map(evidence).collect(),
        }),
        enterprise_number: application.enterprise.number,
        enterprise_name: application.enterprise.name,
        contact_name: String::new(),
        contact_phone: String::new(),
        state: application.state.number().into(),
        version: application.version,
        approved_start_time: application.approved.map(|window| time_s(window.start)),
        approved_end_time: application.approved.map(|window| time_s(window.end)),
        submit_time: Some(time(application.submitted_at)),
        change_time: Some(time(application.changed_at)),
        steps: Vec::new(),
        pass_numbers: Vec::new(),
        amended_crew: Vec::new(),
        recommendation: application.recommended.map(recommendation),
    }
}

/// An application with its history.
pub fn application_detail(detail: ApplicationDetail) -> proto::Application {
    proto::Application {
        contact_name: detail.contact_name,
        contact_phone: detail.contact_phone,
        steps: detail.steps.into_iter().map(step).collect(),
        amended_crew: detail.amended_crew.into_iter().map(|someone| person(someone, Numbers::Full)).collect(),
        ..application(detail.application, Numbers::Full)
    }
}

fn recommendation(recommended: Recommended) -> proto::Recommendation {
    proto::Recommendation {
        body: recommended.body,
        officer: recommended.officer,
        time: Some(time(recommended.at)),
        comment: recommended.text,
    }
}

fn step(step: Step) -> proto::ApplicationStep {
    proto::ApplicationStep {
        state: step.state.number().into(),
        body: step.body,
        officer: step.officer,
        time: Some(time(step.at)),
        reason: step.reason.map_or(0, |reason| reason.number().into()),
        reason_text: step.text,
    }
}

fn route(route: &Route) -> proto::Route {
    proto::Route {
        origin: route.origin.to_string(),
        destination: route.destination.to_string(),
        via: route.via.iter().map(ToString::to_string).collect(),
    }
}

fn evidence(evidence: Evidence) -> proto::Evidence {
    proto::Evidence {
        kind: evidence.kind.number().into(),
        taken_time: Some(time_s(evidence.taken)),
        valid_for: Some(prost_types::Duration { seconds: evidence.valid_for_s.into(), nanos: 0 }),
        issuer: evidence.issuer,
        person: evidence.person.into(),
    }
}

/// A leg; a pass numbers the loaded one by absence, protobuf by 3.
fn leg(leg: Leg) -> proto::Leg {
    match leg {
        Leg::Loaded => proto::Leg::Loaded,
        Leg::Empty => proto::Leg::Empty,
        Leg::Return => proto::Leg::Return,
    }
}

/// A category of cargo or industry; `None` for unspecified and unknown numbers.
pub fn category(number: i32) -> Option<Category> {
    Category::by_number(number)
}

/// Why an application is rejected; `None` for unspecified and unknown numbers.
pub fn rejection_reason(number: i32) -> Option<RejectionReason> {
    RejectionReason::by_number(number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations_have_one_numbering() {
        for number in (0..=13).chain(254..=256) {
            assert_eq!(
                proto::Category::try_from(number).is_ok() && number != 0,
                category(number).is_some(),
                "{number}"
            );
            assert_eq!(
                proto::RejectionReason::try_from(number).is_ok() && number != 0,
                rejection_reason(number).is_some(),
                "{number}"
            );
            assert_eq!(
                proto::EvidenceKind::try_from(number).is_ok() && number != 0,
                EvidenceKind::by_number(number.into()).is_some(),
                "{number}"
            );
            assert_eq!(
                proto::PaperKind::try_from(number).is_ok() && number != 0,
                PaperKind::by_number(number.into()).is_some(),
                "{number}"
            );
            assert_eq!(
                proto::CrewRole::try_from(number).is_ok() && number != 0,
                CrewRole::by_number(number.into()).is_some(),
                "{number}"
            );
        }
    }

    #[test]
    fn a_fraction_of_a_second_is_refused_by_the_name_of_the_field() {
        let form = proto::ApplicationForm {
            planned_start_time: Some(prost_types::Timestamp { seconds: 1_796_054_400, nanos: 1 }),
            ..Default::default()
        };
        let problems = draft(form).unwrap_err();
        assert_eq!(problems[0].field, "planned_start_time");
    }
}

//! Passes.

use freightpass_core::division::Division;
use freightpass_core::pass::{Crew, CrewRole, Leg, PassNumber};

use super::{Numbers, application, time, time_s};
use crate::pass::{Issued, Pass, PassState};
use crate::rpc::proto;

/// A pass as a list shows it: without its text. `now` in seconds, to say whether it has expired.
pub fn pass(pass: &Pass, now: u64) -> proto::Pass {
    let subject = &pass.claims.subject;
    proto::Pass {
        number: pass.number().to_string(),
        application_id: pass.application.to_string(),
        authority: pass.authority().to_owned(),
        enterprise_number: pass.enterprise,
        programme: subject.programme.into(),
        state: pass_state(pass.state).into(),
        expired: pass.expired(now),
        reason: pass.reason.map_or(0, |reason| reason.number().into()),
        start_time: Some(time_s(pass.claims.nbf.into())),
        end_time: Some(time_s(pass.claims.exp.into())),
        tractor: subject.tractor.clone(),
        trailer: subject.trailer.clone().unwrap_or_default(),
        crew: subject.crew.iter().map(crew).collect(),
        route: Some(route(&subject.route)),
        leg: signed_leg(subject.leg).into(),
        cargo_category: subject.cargo.0.into(),
        kid: pass.kid.0.to_vec().into(),
        status_list: pass.list,
        status_index: pass.claims.status.idx,
        version: pass.version,
        issue_time: Some(time(pass.issued_at)),
        change_time: Some(time(pass.changed_at)),
        replaced_by: pass.replaced_by.map(|number| number.to_string()).unwrap_or_default(),
        text: String::new(),
        arrival: None,
    }
}

/// A pass with the text of its QR code.
pub fn pass_with_text(one: &Pass, now: u64) -> proto::Pass {
    proto::Pass { text: one.text(), ..pass(one, now) }
}

/// An application with the pass that was issued for it.
pub fn issued(issued: Issued, now: u64) -> proto::ApproveApplicationResponse {
    proto::ApproveApplicationResponse {
        pass: Some(pass_with_text(&issued.pass, now)),
        replaced_pass_numbers: numbers(&issued.replaced),
        application: Some(application(issued.application, Numbers::Masked)),
    }
}

/// Numbers of passes as they are spoken.
pub fn numbers(numbers: &[PassNumber]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

/// A stored state: the registry numbers them as the status list does, protobuf has 0 for unspecified.
pub fn pass_state(state: PassState) -> proto::PassState {
    match state {
        PassState::Issued => proto::PassState::Issued,
        PassState::Suspended => proto::PassState::Suspended,
        PassState::Revoked => proto::PassState::Revoked,
    }
}

/// The state that a filter asks for; `None` for any.
pub fn asked_state(number: i32) -> Option<PassState> {
    match proto::PassState::try_from(number) {
        Ok(proto::PassState::Issued) => Some(PassState::Issued),
        Ok(proto::PassState::Suspended) => Some(PassState::Suspended),
        Ok(proto::PassState::Revoked) => Some(PassState::Revoked),
        Ok(proto::PassState::Unspecified) | Err(_) => None,
    }
}

/// A person as a pass names one.
pub fn crew(crew: &Crew) -> proto::PassCrew {
    proto::PassCrew { name: crew.name.clone(), paper_tail: crew.tail.clone(), role: signed_role(crew.role).into() }
}

/// A role as a pass carries it.
pub fn signed_role(role: CrewRole) -> proto::CrewRole {
    match role {
        CrewRole::Driver => proto::CrewRole::Driver,
        CrewRole::Relief => proto::CrewRole::ReliefDriver,
        CrewRole::Passenger => proto::CrewRole::Passenger,
    }
}

/// A leg as a pass carries it.
pub fn signed_leg(leg: Leg) -> proto::Leg {
    match leg {
        Leg::Loaded => proto::Leg::Loaded,
        Leg::Empty => proto::Leg::Empty,
        Leg::Return => proto::Leg::Return,
    }
}

/// A route as a pass carries it.
pub fn route(divisions: &[Division]) -> proto::Route {
    let mut divisions = divisions.iter().map(ToString::to_string);
    proto::Route {
        origin: divisions.next().unwrap_or_default(),
        destination: divisions.next().unwrap_or_default(),
        via: divisions.collect(),
    }
}

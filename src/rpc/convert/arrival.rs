//! Arrivals.

use super::pass::{crew, pass_state, route};
use super::{time, time_s};
use crate::arrival::{Arrival, Known};
use crate::pass::Arriving;
use crate::rpc::proto;

/// An arrival with what its pass says of the truck.
pub fn arrival(arrival: &Arrival) -> proto::Arrival {
    let pass = &arrival.pass;
    let subject = &pass.claims.subject;
    proto::Arrival {
        pass_number: pass.number().to_string(),
        application_id: pass.application.to_string(),
        authority: pass.authority().to_owned(),
        enterprise_number: pass.enterprise,
        enterprise_name: arrival.enterprise_name.clone(),
        pass_state: pass_state(pass.state).into(),
        tractor: subject.tractor.clone(),
        trailer: subject.trailer.clone().unwrap_or_default(),
        crew: subject.crew.iter().map(crew).collect(),
        route: Some(route(&subject.route)),
        cargo_category: subject.cargo.0.into(),
        arrival: Some(known(&arrival.known)),
    }
}

/// What is known of an arrival.
pub fn known(known: &Known) -> proto::PassArrival {
    let state = match known.arrived {
        None => proto::ArrivalState::Expected,
        Some(_) => proto::ArrivalState::Arrived,
    };
    let (expected, arrived) = (known.expected.as_ref(), known.arrived.as_ref());
    proto::PassArrival {
        state: state.into(),
        expected_time: expected.map(|expected| time_s(expected.at)),
        announce_time: expected.map(|expected| time(expected.announced_at)),
        announced_by: expected.map(|expected| expected.by.clone()).unwrap_or_default(),
        consignee: expected.map(|expected| expected.consignee.clone()).unwrap_or_default(),
        arrival_time: arrived.map(|arrived| time_s(arrived.at)),
        place: arrived.map(|arrived| arrived.place.clone()).unwrap_or_default(),
        report_time: arrived.map(|arrived| time(arrived.reported_at)),
        reported_by: arrived.map(|arrived| arrived.by.clone()).unwrap_or_default(),
    }
}

/// The state that a filter asks for; `None` for any.
pub fn asked_arrival(number: i32) -> Option<Arriving> {
    match proto::ArrivalState::try_from(number) {
        Ok(proto::ArrivalState::Expected) => Some(Arriving::Expected),
        Ok(proto::ArrivalState::Arrived) => Some(Arriving::Arrived),
        Ok(proto::ArrivalState::Unspecified) | Err(_) => None,
    }
}

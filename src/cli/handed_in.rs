//! What an enterprise has handed in already: giving the same command again, after an answer was lost or a table was
//! mended, applies for no journey twice.

use std::collections::HashSet;

use prost_types::Timestamp;
use tonic::transport::Channel;

use super::connect::answered;
use super::paged::{self, PAGE};
use crate::profile::{Profile, VehicleKind};
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;

/// How long before its start a journey may have been applied for, in seconds: what the service allows, and a day.
const AHEAD_S: i64 = 15 * 86_400;

/// A journey, as far as one truck can only make it once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Journey {
    authority: String,
    tractor: String,
    start: i64,
    end: i64,
}

impl Journey {
    /// The journey of a form.
    pub fn of(form: &proto::ApplicationForm, profile: &dyn Profile) -> Self {
        let tractor = profile.plate(VehicleKind::Tractor, &form.tractor);
        Self {
            authority: form.authority.clone(),
            tractor: tractor.unwrap_or_else(|_| form.tractor.clone()),
            start: form.planned_start_time.unwrap_or_default().seconds,
            end: form.planned_end_time.unwrap_or_default().seconds,
        }
    }
}

/// The journeys that the caller's enterprise has applied for, from `earliest` on, and was not refused.
pub async fn journeys(
    client: &mut ApplicationServiceClient<Channel>,
    earliest: i64,
    profile: &dyn Profile,
) -> anyhow::Result<HashSet<Journey>> {
    let from = Timestamp { seconds: earliest.saturating_sub(AHEAD_S).max(0), nanos: 0 };
    let filter = proto::ApplicationFilter { submitted_from: Some(from), ..proto::ApplicationFilter::default() };
    let fetch = async |page_token| {
        let request = proto::ListApplicationsRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
        let page = answered(client.list_applications(request).await)?;
        Ok((page.applications, page.next_page_token))
    };
    let mut journeys = HashSet::new();
    let note = |application: proto::Application| {
        let over =
            matches!(application.state(), proto::ApplicationState::Rejected | proto::ApplicationState::Withdrawn);
        if let (false, Some(form)) = (over, &application.form) {
            journeys.insert(Journey::of(form, profile));
        }
        Ok(())
    };
    paged::every(fetch, note).await?;
    Ok(journeys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::cn::Cn;

    #[test]
    fn a_journey_is_the_same_however_its_plate_is_spelled_and_another_at_another_time() {
        let form = |tractor: &str, start| proto::ApplicationForm {
            authority: "CN-3205".to_owned(),
            tractor: tractor.to_owned(),
            planned_start_time: Some(Timestamp { seconds: start, nanos: 0 }),
            planned_end_time: Some(Timestamp { seconds: start + 9, nanos: 0 }),
            ..proto::ApplicationForm::default()
        };
        let of = |tractor, start| Journey::of(&form(tractor, start), &Cn);
        assert_eq!(of("苏E·12345", 7), of("苏e12345", 7));
        assert_ne!(of("苏E12345", 7), of("苏E12345", 8));
        assert_ne!(of("苏E12345", 7), of("苏E12346", 7));
    }
}

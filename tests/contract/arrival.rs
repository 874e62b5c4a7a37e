//! The port of arrivals.

use freightpass::arrival::{Arrival, ArrivalError, ArrivalFilter, ArrivalSight, ArrivalStore};
use freightpass::audit::{Call, EntryFilter};
use freightpass::identity::{Officer, Role, Sight};
use freightpass::pass::{Arriving, Pass, PassFilter, PassState, PassStore, StatusReason};
use freightpass::revocation::{RevocationStore, Step, Why};
use freightpass::storage::{Backend, PageRequest, StorageError};
use freightpass_core::division::Division;

use crate::issuing::{Office, call_now, later};
use crate::support::{
    HANGZHOU, SUZHOU, TestBackend, applicant, chief, code, division, everybody, form, officer, tractor,
};

const HOUR: u64 = 3_600;

fn enterprise(n: u32) -> Sight {
    Sight::Enterprise { code: code(n) }
}

fn own(sight: Sight) -> ArrivalSight {
    ArrivalSight { own: sight, destination: None }
}

/// What the county office of that division sees.
fn county(code: u32) -> ArrivalSight {
    ArrivalSight { own: Sight::County { division: code.to_string() }, destination: Some(division(code)) }
}

/// What an authority of that division sees.
fn authority(body: &str, code: u32) -> ArrivalSight {
    ArrivalSight { own: Sight::Bodies(vec![body.to_owned()]), destination: Some(division(code)) }
}

fn clerk() -> Officer {
    officer("CN-330102", "clerk", &[Role::Recommender])
}

async fn announce<DB: Backend>(office: &Office<DB>, pass: &Pass, at: u64) -> Result<Arrival, ArrivalError> {
    let call = call_now(office, &applicant(1), "AnnounceArrival");
    office.registry.store.announce(&call, &enterprise(1), pass.number(), at, "杭州仓".to_owned()).await
}

async fn report<DB: Backend>(
    office: &Office<DB>,
    pass: &Pass,
    at: u64,
    place: Option<Division>,
) -> Result<(Arrival, bool), ArrivalError> {
    let call = call_now(office, &clerk(), "ReportArrival");
    let reported = office.registry.store.report(&call, &county(330_102), pass.number(), at, place).await?;
    Ok((reported.arrival, reported.already))
}

fn rule<T: std::fmt::Debug>(result: Result<T, ArrivalError>) -> String {
    match result.unwrap_err() {
        ArrivalError::Invalid(problems) => format!("{} {}", problems[0].field, problems[0].rule),
        ArrivalError::NotFound => "not found".to_owned(),
        ArrivalError::State { found, .. } => found.to_string(),
        ArrivalError::Arrived { at, .. } => format!("arrived {at}"),
        other => panic!("{other}"),
    }
}

pub async fn arrival_is_announced_within_the_pass_and_the_last_word_stands<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    let (nbf, exp) = (u64::from(pass.claims.nbf), u64::from(pass.claims.exp));
    assert_eq!(rule(announce(&office, &pass, nbf - 1).await), "expected_time outside_the_pass");
    assert_eq!(rule(announce(&office, &pass, exp).await), "expected_time outside_the_pass");
    for at in [nbf, exp - 1] {
        let known = announce(&office, &pass, at).await.unwrap().known;
        let expected = known.expected.unwrap();
        assert_eq!((expected.at, expected.consignee.as_str()), (at, "杭州仓"));
        assert_eq!((expected.announced_at, expected.by), (office.issuer.now(), format!("{}/applicant", code(1))));
        assert_eq!(known.arrived, None);
    }
    // Over by a second; at this very second; what the enterprise may not see.
    office.clock.set(i64::try_from(nbf + HOUR).unwrap());
    assert_eq!(rule(announce(&office, &pass, nbf + HOUR - 1).await), "expected_time in_the_past");
    announce(&office, &pass, nbf + HOUR).await.unwrap();
    let call = call_now(&office, &applicant(2), "AnnounceArrival");
    let strange = office.registry.store.announce(&call, &enterprise(2), pass.number(), exp - 1, String::new()).await;
    assert_eq!(rule(strange), "not found");
    let filter = EntryFilter { subject: Some(pass.number().to_string()), ..EntryFilter::default() };
    let told = |entry: &freightpass::audit::Entry| entry.detail.contains("\"arrival\":\"expected\"");
    assert_eq!(office.registry.entries(&filter).await.iter().filter(|entry| told(entry)).count(), 3);
}

pub async fn first_report_stands_and_a_second_one_is_told_of_it<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    let (nbf, exp) = (u64::from(pass.claims.nbf), u64::from(pass.claims.exp));
    let at_hours = |hours: u64| i64::try_from(nbf + hours * HOUR).unwrap();
    assert_eq!(rule(report(&office, &pass, nbf - 1, None).await), "arrival_time outside_the_pass");
    assert_eq!(rule(report(&office, &pass, nbf, None).await), "arrival_time in_the_future");
    office.clock.set(at_hours(5));
    assert_eq!(rule(report(&office, &pass, nbf + 5 * HOUR + 1, None).await), "arrival_time in_the_future");
    assert_eq!(rule(report(&office, &pass, exp, None).await), "arrival_time outside_the_pass");
    let elsewhere = Some(division(320_583));
    assert_eq!(rule(report(&office, &pass, nbf + HOUR, elsewhere).await), "place not_the_destination");
    announce(&office, &pass, nbf + 6 * HOUR).await.unwrap();
    // Another district of the same city is as good.
    let (arrival, already) = report(&office, &pass, nbf + 5 * HOUR, Some(division(330_105))).await.unwrap();
    let arrived = arrival.known.arrived.clone().unwrap();
    assert_eq!((already, arrived.at, arrived.place.as_str()), (false, nbf + 5 * HOUR, "330105"));
    assert_eq!((arrived.by.as_str(), arrived.reported_at), ("CN-330102/clerk", office.issuer.now()));
    assert!(arrival.known.expected.is_some());
    office.clock.set(at_hours(6));
    let call = call_now(&office, &applicant(1), "ReportArrival");
    let again =
        office.registry.store.report(&call, &own(enterprise(1)), pass.number(), nbf + HOUR, None).await.unwrap();
    assert_eq!((again.arrival, again.already), (arrival, true));
    assert_eq!(rule(announce(&office, &pass, nbf + 7 * HOUR).await), format!("arrived {}", nbf + 5 * HOUR));
}

pub async fn retry_of_a_report_is_told_that_it_was_the_first<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    let at = u64::from(pass.claims.nbf);
    office.clock.set(i64::from(pass.claims.nbf));
    let call = call_now(&office, &clerk(), "ReportArrival");
    for _ in 0..2 {
        let reported = office.registry.store.report(&call, &county(330_102), pass.number(), at, None).await.unwrap();
        assert!(!reported.already);
        assert_eq!(reported.arrival.known.arrived.unwrap().place, "330102");
    }
    let other = Call { fingerprint: [1; 32], ..call };
    let refused = office.registry.store.report(&other, &county(330_102), pass.number(), at, None).await;
    assert!(matches!(refused, Err(ArrivalError::Storage(StorageError::RequestReused))));
}

pub async fn stopped_pass_brings_no_truck<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    let at = u64::from(pass.claims.nbf);
    office.clock.set(i64::from(pass.claims.nbf));
    for (step, reason, found) in [
        (Step::Suspend, StatusReason::Investigation, PassState::Suspended),
        (Step::Revoke, StatusReason::Misuse, PassState::Revoked),
    ] {
        let call = call_now(&office, &chief(SUZHOU), "RevokePass");
        let why = Why::of(step, Some(reason), "").unwrap();
        office.registry.store.take(&call, &everybody(), pass.number(), step, why).await.unwrap();
        assert_eq!(rule(announce(&office, &pass, at).await), found.to_string());
        assert_eq!(rule(report(&office, &pass, at, None).await), found.to_string());
    }
}

pub async fn arrivals_are_seen_and_reported_where_the_truck_goes_and_where_its_pass_is_from<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    announce(&office, &pass, u64::from(pass.claims.nbf) + HOUR).await.unwrap();
    office.clock.set(i64::from(pass.claims.nbf));
    let sees = async |sight: &ArrivalSight| {
        let page = PageRequest::first(10);
        office.registry.store.arrivals(sight, &ArrivalFilter::default(), &page).await.unwrap().items.len() == 1
    };
    let strangers = [
        county(330_105),
        county(320_583),
        authority("CN-3302", 3302),
        own(enterprise(2)),
        own(Sight::Bodies(Vec::new())),
    ];
    for sight in &strangers {
        assert!(!sees(sight).await, "{sight:?}");
        let call = call_now(&office, &clerk(), "ReportArrival");
        let at = u64::from(pass.claims.nbf);
        let refused = office.registry.store.report(&call, sight, pass.number(), at, None).await;
        assert_eq!(rule(refused), "not found", "{sight:?}");
    }
    for sight in [
        county(330_102),
        authority(HANGZHOU, 3301),
        authority("CN-33", 33),
        authority(SUZHOU, 3205),
        own(enterprise(1)),
        own(Sight::All),
    ] {
        assert!(sees(&sight).await, "{sight:?}");
    }
    let call = call_now(&office, &chief(HANGZHOU), "ReportArrival");
    let at = u64::from(pass.claims.nbf);
    office.registry.store.report(&call, &authority(HANGZHOU, 3301), pass.number(), at, None).await.unwrap();
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut passes = Vec::new();
    for n in 1..=5 {
        office.registry.listed(n).await;
        let application = office.submitted(later(form(n, n), 0)).await;
        passes.push(office.issue(application).await.unwrap().pass);
    }
    let nbf = u64::from(passes[0].claims.nbf);
    // Announced in the other order; the third and the fourth for the same time; the fifth not at all.
    for (n, hours) in [(1_u32, 9), (2, 7), (3, 5), (4, 5)] {
        let call = call_now(&office, &applicant(n), "AnnounceArrival");
        let number = passes[n as usize - 1].number();
        office.registry.store.announce(&call, &enterprise(n), number, nbf + hours * HOUR, String::new()).await.unwrap();
    }
    office.clock.set(i64::try_from(nbf + 6 * HOUR).unwrap());
    for at in [1, 4] {
        report(&office, &passes[at], nbf + 6 * HOUR, None).await.unwrap();
    }
    let none = ArrivalFilter::default;
    let second = |hours: u64| Some(i64::try_from(nbf + hours * HOUR).unwrap());
    for (filter, wanted) in [
        (none(), vec![2, 3, 4, 1, 0]),
        (ArrivalFilter { state: Some(Arriving::Expected), ..none() }, vec![2, 3, 0]),
        (ArrivalFilter { state: Some(Arriving::Arrived), ..none() }, vec![4, 1]),
        (ArrivalFilter { destination: Some(division(330_102)), ..none() }, vec![2, 3, 4, 1, 0]),
        (ArrivalFilter { destination: Some(division(33)), ..none() }, vec![2, 3, 4, 1, 0]),
        (ArrivalFilter { destination: Some(division(3302)), ..none() }, vec![]),
        (ArrivalFilter { tractor: Some(tractor(3)), ..none() }, vec![2]),
        (ArrivalFilter { from: second(6), before: second(9), ..none() }, vec![4, 1]),
        (ArrivalFilter { before: second(5), ..none() }, vec![]),
    ] {
        let mut page = PageRequest::first(2);
        let mut found = Vec::new();
        loop {
            let part = office.registry.store.arrivals(&own(everybody()), &filter, &page).await.unwrap();
            assert!(part.items.len() <= 2);
            let place = |arrival: &Arrival| passes.iter().position(|pass| pass.number() == arrival.pass.number());
            found.extend(part.items.iter().map(|arrival| place(arrival).unwrap()));
            if part.next.is_empty() {
                break;
            }
            page.token = part.next;
        }
        assert_eq!(found, wanted, "{filter:?}");
    }
    let token = office.registry.store.arrivals(&own(everybody()), &none(), &PageRequest::first(2)).await.unwrap().next;
    let refused = office.registry.store.arrivals(&own(Sight::All), &none(), &PageRequest { size: 2, token }).await;
    assert!(matches!(refused, Err(StorageError::PageToken)));
    // Passes by what is known of their trucks, and what is known by passes.
    for (arrival, wanted) in [(Arriving::Expected, vec![0, 2, 3]), (Arriving::Arrived, vec![1, 4])] {
        let filter = PassFilter { arrival: Some(arrival), ..PassFilter::default() };
        let found = office.registry.store.passes(&everybody(), &filter, &PageRequest::first(10)).await.unwrap().items;
        let numbers: Vec<_> = wanted.into_iter().map(|at: usize| passes[at].number()).collect();
        assert_eq!(found.iter().map(Pass::number).collect::<Vec<_>>(), numbers);
    }
    let sixth = office.passed(6).await.number();
    let numbers: Vec<_> = passes.iter().map(Pass::number).chain([sixth]).collect();
    let known = office.registry.store.known(&numbers).await.unwrap();
    assert_eq!((known.len(), known.get(&sixth)), (5, None));
}

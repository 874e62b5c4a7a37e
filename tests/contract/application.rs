//! The port of applications.

use freightpass::application::{
    Application, ApplicationError, ApplicationFilter, ApplicationStore, Form, InvalidTransition, Refusal, State,
};
use freightpass::audit::{Call, EntryFilter};
use freightpass::identity::{Officer, Role, Sight};
use freightpass::problem::FieldProblem;
use freightpass::storage::{Backend, PageRequest, StorageError};
use freightpass::whitelist::CrewRole;
use uuid::Uuid;

use crate::support::{
    HANGZHOU, NOW, Registry, SUZHOU, TestBackend, applicant, call, chief, code, division, everybody, form, listing,
    officer, person, row, sight_of, tractor,
};
use crate::whitelist::delist;

pub async fn application_comes_back_as_it_was_handed_in<B: TestBackend>() {
    let registry = B::registry().await;
    let number = registry.listed(1).await;
    let mut form = form(1, 1);
    form.leg = freightpass::application::Leg::Return;
    let made = submit(&registry, &applicant(1), form.clone()).await.unwrap();
    assert_eq!(made.form, form);
    assert_eq!(made.enterprise.number, number);
    assert_eq!((made.state, made.version, made.approved), (State::Submitted, 1, None));
    let detail = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap();
    assert_eq!(detail.application, made);
    assert_eq!(detail.contact_phone, "0512-57000000");
    assert_eq!(detail.steps.len(), 1);
    let step = &detail.steps[0];
    assert_eq!(
        (step.state, step.body.as_str(), step.officer.as_str()),
        (State::Submitted, code(1).as_str(), "applicant")
    );
    assert_eq!(step.at.as_second(), NOW);
}

pub async fn good_items_of_a_batch_go_in_and_a_retry_gets_the_same_ones<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let call = call(&applicant(1), "BatchSubmitApplications");
    let refusal = Refusal::Invalid(vec![FieldProblem::new("authority", "unknown_authority", "no such authority")]);
    let forms = || vec![Ok(form(1, 1)), Err(refusal.clone()), Ok(form(1, 77)), Ok(form(1, 1))];
    let first = registry.store.submit_batch(&call, forms()).await.unwrap();
    assert!(first[0].is_ok() && first[3].is_ok());
    assert_eq!(first[1], Err(refusal.clone()));
    assert!(matches!(&first[2], Err(Refusal::Invalid(problems)) if problems[0].rule == "not_listed"));
    let again = registry.store.submit_batch(&call, forms()).await.unwrap();
    assert_eq!(again, first);
    let page = list(&registry, &everybody(), &ApplicationFilter::default()).await;
    assert_eq!(page.len(), 2);
}

pub async fn enterprise_unknown_foreign_or_delisted_is_refused<B: TestBackend>() {
    let registry = B::registry().await;
    let number = registry.listed(1).await;
    let unknown = submit(&registry, &applicant(9), form(9, 9)).await;
    assert_eq!(unknown, Err(Refusal::UnknownEnterprise));
    for stranger in [applicant(2), chief(HANGZHOU), officer(&code(1), "applicant", &[])] {
        let foreign = submit(&registry, &stranger, form(1, 1)).await;
        assert_eq!(foreign, Err(Refusal::UnknownEnterprise), "{stranger}");
    }
    delist(&registry, number).await;
    let delisted = submit(&registry, &applicant(1), form(1, 1)).await;
    assert_eq!(delisted, Err(Refusal::EnterpriseDelisted { number }));
    assert_eq!(list(&registry, &everybody(), &ApplicationFilter::default()).await, []);
}

pub async fn tractor_that_is_not_listed_is_refused<B: TestBackend>() {
    let registry = B::registry().await;
    registry.import(SUZHOU, vec![row(1, listing(1, 1)), row(2, listing(2, 2))]).await;
    let refused = submit(&registry, &applicant(1), form(1, 2)).await.unwrap_err();
    let Refusal::Invalid(problems) = refused else { panic!("{refused}") };
    assert_eq!((problems[0].field.as_str(), problems[0].rule.as_ref()), ("tractor", "not_listed"));
}

pub async fn nobody_but_its_applicant_applies_for_an_enterprise<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    for role in Role::ALL {
        for body in [SUZHOU.to_owned(), code(1), code(2)] {
            let made = submit(&registry, &officer(&body, "counter", &[role]), form(1, 1)).await;
            assert_eq!(made.is_ok(), role == Role::Applicant && body == code(1), "{} of {body}", role.name());
        }
    }
}

pub async fn refused_form_goes_in_under_the_same_id_once_it_is_put_right<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let call = call(&applicant(1), "SubmitApplication");
    let unlisted = submit_by(&registry, &call, form(1, 2)).await;
    assert!(matches!(&unlisted, Err(Refusal::Invalid(problems)) if problems[0].rule == "not_listed"), "{unlisted:?}");
    let unchecked = registry.store.submit(&call, Err(Refusal::UnknownEnterprise)).await;
    assert!(matches!(unchecked, Err(ApplicationError::Refused(Refusal::UnknownEnterprise))));
    registry.import(SUZHOU, vec![row(1, listing(1, 2))]).await;
    let made = submit_by(&registry, &call, form(1, 2)).await.unwrap();
    // The clock went on, and the form would be refused now: the call was answered, and its answer stands.
    let again = registry.store.submit(&call, Err(Refusal::UnknownEnterprise)).await.unwrap();
    assert_eq!(again, made);
}

pub async fn identifiers_ascend_in_the_order_of_the_commits<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let mut ids = Vec::new();
    for seconds_before in [0, 10, 5, 20] {
        let mut call = call(&applicant(1), "SubmitApplication");
        call.at = jiff::Timestamp::from_second(NOW - seconds_before).unwrap();
        ids.push(submit_by(&registry, &call, form(1, 1)).await.unwrap().id);
    }
    assert!(ids.is_sorted_by(|earlier, later| earlier < later), "{ids:?}");
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
}

pub async fn application_keeps_the_contact_that_it_was_handed_in_with<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let made = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let mut changed = listing(1, 1);
    changed.name = "苏州新名物流有限公司".to_owned();
    changed.contact_phone = "0512-58000000".to_owned();
    registry.import(SUZHOU, vec![row(1, changed)]).await;
    let detail = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap();
    assert_eq!((detail.application, detail.contact_phone.as_str()), (made, "0512-57000000"));
}

pub async fn enterprise_takes_back_its_own_application_once<B: TestBackend>() {
    let registry = B::registry().await;
    registry.import(SUZHOU, vec![row(1, listing(1, 1)), row(2, listing(2, 2))]).await;
    let made = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    for stranger in [applicant(2), chief(SUZHOU)] {
        let refused = registry.store.withdraw(&call(&stranger, "WithdrawApplication"), made.id).await;
        assert!(matches!(refused, Err(ApplicationError::NotFound)), "{stranger}");
    }
    let first = call(&applicant(1), "WithdrawApplication");
    for _ in 0..2 {
        let withdrawn = registry.store.withdraw(&first, made.id).await.unwrap();
        assert_eq!((withdrawn.state, withdrawn.version), (State::Withdrawn, 2));
    }
    let again = registry.store.withdraw(&call(&applicant(1), "WithdrawApplication"), made.id).await;
    let Err(ApplicationError::State(InvalidTransition { found, wanted })) = again else { panic!("{again:?}") };
    assert_eq!((found, wanted), (State::Withdrawn, State::Withdrawn));
    let unknown = registry.store.withdraw(&call(&applicant(1), "WithdrawApplication"), Uuid::nil()).await;
    assert!(matches!(unknown, Err(ApplicationError::NotFound)));
    let of_it = EntryFilter { subject: Some(made.id.to_string()), ..EntryFilter::default() };
    assert_eq!(registry.entries(&of_it).await.len(), 2);
}

pub async fn sight_ends_at_authority_county_and_enterprise<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let made = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let county = |code: u32| Sight::County { division: division(code).to_string() };
    let enterprise = |n| Sight::Enterprise { code: code(n) };
    for (sight, sees) in [
        (sight_of(SUZHOU), true),
        (sight_of(HANGZHOU), false),
        (enterprise(1), true),
        (enterprise(2), false),
        (county(320_583), true),
        (county(330_102), true),
        // On the way only.
        (county(3205), false),
        (county(320_505), false),
    ] {
        let found = registry.store.application(&sight, made.id).await.unwrap();
        assert_eq!(found.is_some(), sees, "{sight:?}");
        let listed = list(&registry, &sight, &ApplicationFilter::default()).await;
        assert_eq!(listed.len(), usize::from(sees), "{sight:?}");
    }
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let registry = B::registry().await;
    let rows = (0..9).map(|truck| row(truck, listing(truck / 3, truck))).collect();
    let numbers = registry.import(SUZHOU, rows).await;
    let mut ids = Vec::new();
    for truck in 0..9 {
        let mut at = call(&applicant(truck / 3), "SubmitApplication");
        at.at = jiff::Timestamp::from_second(NOW + i64::from(truck)).unwrap();
        let result = submit_by(&registry, &at, form(truck / 3, truck)).await;
        ids.push(result.unwrap().id);
    }
    registry.store.withdraw(&call(&applicant(0), "WithdrawApplication"), ids[0]).await.unwrap();
    let none = ApplicationFilter::default;
    for (filter, expected) in [
        (none(), (0..9).collect::<Vec<usize>>()),
        (ApplicationFilter { state: Some(State::Withdrawn), ..none() }, vec![0]),
        (ApplicationFilter { authority: Some(HANGZHOU.to_owned()), ..none() }, vec![]),
        (ApplicationFilter { enterprise: numbers.results[3].enterprise, ..none() }, vec![3, 4, 5]),
        (ApplicationFilter { tractor: Some(tractor(7)), ..none() }, vec![7]),
        (ApplicationFilter { paper: Some(person(8, CrewRole::Driver).paper), ..none() }, vec![8]),
        (
            ApplicationFilter {
                submitted_from_ms: Some((NOW + 2) * 1_000),
                submitted_before_ms: Some((NOW + 4) * 1_000),
                ..none()
            },
            vec![2, 3],
        ),
        (ApplicationFilter { tractor: Some(tractor(7)), state: Some(State::Withdrawn), ..none() }, vec![]),
    ] {
        let mut request = PageRequest::first(2);
        let mut found = Vec::new();
        loop {
            let page = registry.store.applications(&everybody(), &filter, &request).await.unwrap();
            assert!(page.items.len() <= 2);
            found.extend(page.items.into_iter().map(|application| application.id));
            if page.next.is_empty() {
                break;
            }
            request.token = page.next;
        }
        let expected: Vec<_> = expected.into_iter().map(|at| ids[at]).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    let token = registry.store.applications(&everybody(), &none(), &PageRequest::first(2)).await.unwrap().next;
    let other = ApplicationFilter { state: Some(State::Submitted), ..none() };
    let refused = registry.store.applications(&everybody(), &other, &PageRequest { size: 2, token }).await;
    assert!(matches!(refused, Err(StorageError::PageToken)));
}

/// Hands in one form.
pub async fn submit<DB: Backend>(
    registry: &Registry<DB>,
    officer: &Officer,
    form: Form,
) -> Result<Application, Refusal> {
    submit_by(registry, &call(officer, "SubmitApplication"), form).await
}

async fn submit_by<DB: Backend>(registry: &Registry<DB>, call: &Call, form: Form) -> Result<Application, Refusal> {
    match registry.store.submit(call, Ok(form)).await {
        Ok(made) => Ok(made),
        Err(ApplicationError::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

async fn list<DB: Backend>(registry: &Registry<DB>, sight: &Sight, filter: &ApplicationFilter) -> Vec<Application> {
    registry.store.applications(sight, filter, &PageRequest::default()).await.unwrap().items
}

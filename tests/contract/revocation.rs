//! The port of changes of status.

use freightpass::application::{ApplicationFilter, ApplicationStore};
use freightpass::audit::EntryFilter;
use freightpass::identity::Sight;
use freightpass::pass::{PassError, PassFilter, PassState, PassStore, Refusal, StatusReason};
use freightpass::profile::Paper;
use freightpass::revocation::{
    Action, Amendment, Change, ChangeFilter, RevocationError, RevocationStore, Step, Taken, Why,
};
use freightpass::storage::{Backend, PageRequest};
use freightpass::whitelist::{CrewRole, Person};
use freightpass_core::pass::PassNumber;
use freightpass_core::status::WEEK_S;

use crate::issuing::{Office, call_now, later, planned};
use crate::support::{HANGZHOU, SUZHOU, TestBackend, chief, everybody, form, person, sight_of};

pub async fn fifty_revocations_at_once_make_one_change_and_get_its_seq<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let before = office.passed(1).await.number();
    revoke(&office, before).await.unwrap();
    let number = office.passed(2).await.number();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let store = office.registry.store.clone();
            let call = call_now(&office, &chief(SUZHOU), "RevokePass");
            tokio::spawn(
                async move { store.take(&call, &sight_of(SUZHOU), number, Step::Revoke, why(Step::Revoke)).await },
            )
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        let taken = task.await.unwrap().unwrap();
        assert_eq!((taken.change.seq, taken.change.action), (2, Action::Revoked));
        made.push(taken.already);
    }
    assert_eq!(made.iter().filter(|already| !**already).count(), 1);
    assert_eq!(changes(&office, &ChangeFilter::default()).await.len(), 2);
    assert_eq!(entries(&office, number).await, ["ApproveApplication", "RevokePass"]);
    assert_eq!(office.pass(number).await.version, 2);
    // A hole would show in the next change.
    let after = office.passed(3).await.number();
    assert_eq!(revoke(&office, after).await.unwrap().change.seq, 3);
}

pub async fn retry_of_a_revocation_is_told_that_it_was_the_first<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let number = office.passed(1).await.number();
    let call = call_now(&office, &chief(SUZHOU), "RevokePass");
    let sight = everybody();
    let once = || office.registry.store.take(&call, &sight, number, Step::Revoke, why(Step::Revoke));
    let first = once().await.unwrap();
    assert_eq!(once().await.unwrap(), first);
    assert!(!first.already);
    let second = revoke(&office, number).await.unwrap();
    assert_eq!(second, Taken { already: true, ..first });
}

pub async fn suspended_pass_goes_on_and_revoked_is_final<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let number = office.passed(1).await.number();
    assert_eq!(wrong_state(take(&office, number, Step::Resume).await), (PassState::Issued, PassState::Issued));
    let suspended = take(&office, number, Step::Suspend).await.unwrap().change;
    assert_eq!((suspended.seq, suspended.action, suspended.reason), (1, Action::Suspended, StatusReason::Other));
    assert_eq!(suspended.officer, "chief");
    assert_eq!(office.pass(number).await.state, PassState::Suspended);
    assert_eq!(wrong_state(take(&office, number, Step::Suspend).await), (PassState::Suspended, PassState::Suspended));
    assert_eq!(take(&office, number, Step::Resume).await.unwrap().change.action, Action::Resumed);
    let pass = office.pass(number).await;
    assert_eq!((pass.state, pass.version, pass.reason), (PassState::Issued, 3, Some(StatusReason::Other)));
    take(&office, number, Step::Suspend).await.unwrap();
    assert_eq!(take(&office, number, Step::Revoke).await.unwrap().change.seq, 4);
    for step in [Step::Suspend, Step::Resume] {
        assert_eq!(wrong_state(take(&office, number, step).await).0, PassState::Revoked);
    }
    let log = changes(&office, &ChangeFilter::default()).await;
    let actions: Vec<_> = log.iter().map(|change| (change.seq, change.action)).collect();
    let wanted = [(1, Action::Suspended), (2, Action::Resumed), (3, Action::Suspended), (4, Action::Revoked)];
    assert_eq!(actions, wanted);
    assert_eq!(*office.registry.store.committed_status().borrow(), 4);
}

pub async fn what_the_caller_may_not_see_is_not_changed<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let number = office.passed(1).await.number();
    let unknown = PassNumber::new(320_500, 1, 1).unwrap();
    let county = Sight::County { division: "320583".to_owned() };
    for (sight, number) in [(sight_of(HANGZHOU), number), (county, number), (everybody(), unknown)] {
        let call = call_now(&office, &chief(HANGZHOU), "RevokePass");
        let refused = office.registry.store.take(&call, &sight, number, Step::Revoke, why(Step::Revoke)).await;
        assert!(matches!(refused, Err(RevocationError::NotFound)), "{sight:?}");
    }
    assert_eq!(changes(&office, &ChangeFilter::default()).await, []);
    // The province above both may.
    let call = call_now(&office, &chief("CN-32"), "RevokePass");
    office.registry.store.take(&call, &everybody(), number, Step::Revoke, why(Step::Revoke)).await.unwrap();
}

pub async fn expired_pass_is_revoked_while_its_list_is_live<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let (one, two) = (office.passed(1).await, office.passed(2).await);
    let end = ((u64::from(one.list) + 1) * WEEK_S) as i64;
    assert!(i64::from(one.claims.exp) < end);
    office.clock.set(end - 1);
    let first = revoke(&office, one.number()).await.unwrap();
    office.clock.set(end);
    match revoke(&office, two.number()).await {
        Err(RevocationError::ListEnded { number, ended }) => assert_eq!((number, ended), (two.number(), end as u64)),
        other => panic!("{other:?}"),
    }
    assert_eq!(revoke(&office, one.number()).await.unwrap(), Taken { already: true, ..first });
}

pub async fn enterprise_is_stopped_as_the_dry_run_said<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let enterprise = office.passed(1).await.enterprise;
    // A return leg of the same truck, a pass of another authority, a suspended one, a revoked one; and a stranger's.
    let back = office.submitted(later(form(1, 1), 7)).await;
    office.issue(back).await.unwrap();
    office
        .registry
        .import(SUZHOU, (2..=4).map(|n| crate::support::row(n, crate::support::listing(1, n))).collect())
        .await;
    let mut at_hangzhou = form(1, 2);
    at_hangzhou.authority = HANGZHOU.to_owned();
    let at_hangzhou = office.submitted(at_hangzhou).await;
    office.issue_as(HANGZHOU, at_hangzhou).await.unwrap();
    let mut numbers = Vec::new();
    for truck in 3..=4 {
        let application = office.submitted(form(1, truck)).await;
        numbers.push(office.issue(application).await.unwrap().pass.number());
    }
    take(&office, numbers[0], Step::Suspend).await.unwrap();
    revoke(&office, numbers[1]).await.unwrap();
    let stranger = office.passed(9).await.number();

    let store = &office.registry.store;
    let dry = store.enterprise_stop(&sight_of(SUZHOU), enterprise, office.issuer.now()).await.unwrap();
    assert_eq!((dry.trucks, dry.passes, dry.seqs), (3, 4, None));
    let call = call_now(&office, &chief(SUZHOU), "RevokeEnterprise");
    let told = Why::told(StatusReason::EnterpriseDelisted, "货运单造假").unwrap();
    for sight in [sight_of(HANGZHOU), Sight::Enterprise { code: crate::support::code(1) }] {
        let refused = store.revoke_enterprise(&call, &sight, enterprise, told.clone()).await;
        assert!(matches!(refused, Err(RevocationError::NotFound)));
    }
    let done = store.revoke_enterprise(&call, &sight_of(SUZHOU), enterprise, told.clone()).await.unwrap();
    assert_eq!((done.trucks, done.passes, done.seqs.clone()), (3, 4, Some(3..=6)));
    let again = store.revoke_enterprise(&call, &sight_of(SUZHOU), enterprise, told.clone()).await.unwrap();
    assert_eq!(again, done);
    let other = call_now(&office, &chief(SUZHOU), "RevokeEnterprise");
    let second = store.revoke_enterprise(&other, &sight_of(SUZHOU), enterprise, told).await;
    assert!(matches!(second, Err(RevocationError::EnterpriseDelisted { number }) if number == enterprise));
    let of = ChangeFilter { reason: Some(StatusReason::EnterpriseDelisted), ..ChangeFilter::default() };
    let stopped = changes(&office, &of).await;
    assert!(stopped.iter().all(|change| change.reason_text == "货运单造假"));
    assert_eq!(stopped.len(), 4);
    assert_eq!(office.pass(stranger).await.state, PassState::Issued);
    let about = EntryFilter {
        subject_kind: Some("enterprise".to_owned()),
        method: Some("RevokeEnterprise".to_owned()),
        ..EntryFilter::default()
    };
    assert_eq!(office.registry.entries(&about).await.len(), 1);
}

pub async fn amended_pass_takes_the_place_of_the_old_one<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let old = office.passed(1).await;
    office.clock.advance(2 * 86_400);
    let relief = Person { name: "王五".to_owned(), ..person(77, CrewRole::Driver) };
    let crew = Amendment { trailer: None, crew: Some(vec![relief]), why: replaced("driver fell ill") };
    let call = call_now(&office, &chief(SUZHOU), "AmendPass");
    let amend = |call: freightpass::audit::Call, number, amendment: Amendment| {
        let (store, issuer) = (office.registry.store.clone(), office.issuer.clone());
        async move { store.amend(&call, issuer, number, amendment).await }
    };
    let amended = amend(call.clone(), old.number(), crew.clone()).await.unwrap();
    let new = &amended.pass;
    assert_eq!((new.application, new.claims.exp), (old.application, old.claims.exp));
    assert_eq!(i64::from(new.claims.nbf), office.issuer.now().as_second());
    assert_eq!(new.claims.subject.trailer, old.claims.subject.trailer);
    assert_eq!((new.claims.subject.crew.len(), new.claims.subject.crew[0].name.as_str()), (1, "王五"));
    assert_eq!((amended.change.number, amended.change.reason), (old.number(), StatusReason::Replaced));
    let stopped = office.pass(old.number()).await;
    assert_eq!((stopped.state, stopped.replaced_by), (PassState::Revoked, Some(new.number())));
    assert_eq!(amend(call, old.number(), crew.clone()).await.unwrap(), amended, "a retry gets the same");

    // The next amendment starts from what the pass says now; what it says already is no amendment.
    let again = |number, amendment| amend(call_now(&office, &chief(SUZHOU), "AmendPass"), number, amendment);
    let nothing = again(new.number(), crew.clone()).await;
    assert!(matches!(nothing, Err(RevocationError::Invalid(found)) if found[0].rule == "nothing_to_change"));
    let no_trailer = Amendment { trailer: Some(None), crew: None, why: replaced("trailer left in Jiaxing") };
    let third = again(new.number(), no_trailer.clone()).await.unwrap().pass;
    assert_eq!((third.claims.subject.trailer.as_deref(), third.claims.subject.crew[0].name.as_str()), (None, "王五"));

    let refused = again(old.number(), no_trailer.clone()).await;
    assert!(matches!(refused, Err(RevocationError::State { step, .. }) if step.from == PassState::Revoked));
    take(&office, third.number(), Step::Suspend).await.unwrap();
    let refused = again(third.number(), crew.clone()).await;
    assert!(matches!(refused, Err(RevocationError::State { step, .. }) if step.from == PassState::Suspended));
    take(&office, third.number(), Step::Resume).await.unwrap();
    let stranger = amend(call_now(&office, &chief(HANGZHOU), "AmendPass"), third.number(), crew.clone()).await;
    assert!(matches!(stranger, Err(RevocationError::NotFound)));
    office.clock.set(old.claims.exp.into());
    let late = again(third.number(), Amendment { trailer: Some(Some("苏E9999挂".to_owned())), ..crew }).await;
    assert!(matches!(late, Err(RevocationError::Expired { exp, .. }) if exp == u64::from(old.claims.exp)));
}

pub async fn amended_crew_is_kept_and_found_by_its_papers<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let store = &office.registry.store;
    let first = office.passed(1).await;
    let bystander = office.passed(2).await;
    let (old_driver, new_driver) = (person(1, CrewRole::Driver), person(77, CrewRole::Driver));
    let amend = |number, trailer, crew| {
        let call = call_now(&office, &chief(SUZHOU), "AmendPass");
        let amendment = Amendment { trailer, crew, why: replaced("on the way") };
        let (store, issuer) = (store.clone(), office.issuer.clone());
        async move { store.amend(&call, issuer, number, amendment).await }
    };
    let found = |person: &Person| {
        let (store, paper) = (store.clone(), Some(person.paper.clone()));
        async move {
            let page = PageRequest::first(10);
            let asked = ApplicationFilter { paper: paper.clone(), ..ApplicationFilter::default() };
            let applications = store.applications(&everybody(), &asked, &page).await.unwrap().items;
            let asked = PassFilter { paper, ..PassFilter::default() };
            let passes = store.passes(&everybody(), &asked, &page).await.unwrap().items;
            let applications: Vec<_> = applications.iter().map(|application| application.id).collect();
            let passes: Vec<_> = passes.iter().map(|pass| pass.number()).collect();
            (applications, passes)
        }
    };
    assert_eq!(found(&new_driver).await, (vec![], vec![]));
    let second = amend(first.number(), None, Some(vec![new_driver.clone()])).await.unwrap().pass;
    assert_eq!(found(&new_driver).await, (vec![first.application], vec![second.number()]));
    // Whom the application names is found by it still, and by the pass that names this person.
    assert_eq!(found(&old_driver).await, (vec![first.application], vec![first.number()]));
    let detail = store.application(&everybody(), first.application).await.unwrap().unwrap();
    assert_eq!(detail.amended_crew, std::slice::from_ref(&new_driver));

    // Another trailer leaves the crew as it is, and another person of the same name and last characters does not.
    let third = amend(second.number(), Some(None), None).await.unwrap().pass;
    assert_eq!(found(&new_driver).await.1, [second.number(), third.number()]);
    let paper = Paper { number: format!("9{}", &new_driver.paper.number[1..]), ..new_driver.paper.clone() };
    let namesake = Person { paper, ..new_driver };
    let fourth = amend(third.number(), None, Some(vec![namesake.clone()])).await.unwrap().pass;
    assert_eq!(found(&namesake).await, (vec![first.application], vec![fourth.number()]));
    let nothing = amend(fourth.number(), None, Some(vec![namesake])).await;
    assert!(matches!(nothing, Err(RevocationError::Invalid(found)) if found[0].rule == "nothing_to_change"));

    let own = store.application(&everybody(), bystander.application).await.unwrap().unwrap();
    assert_eq!(own.amended_crew, []);
}

pub async fn overlapping_pass_is_replaced_when_asked_to<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let old = office.passed(1).await;
    let mut longer = later(form(1, 1), 1);
    longer.trailer = None;
    let longer = office.submitted(longer).await;
    let store = &office.registry.store;
    let replace = |body: &str, sight: Sight, application| {
        let call = call_now(&office, &chief(body), "ApproveApplication");
        let (store, issuer) = (store.clone(), office.issuer.clone());
        async move { store.issue_replacing(&call, &sight, issuer, planned(application)).await }
    };
    // What the caller may not revoke stays in the way.
    let refused = replace(SUZHOU, sight_of(HANGZHOU), longer).await;
    assert!(matches!(refused, Err(PassError::Refused(Refusal::Overlap { number })) if number == old.number()));
    // A refusal after the overlap was found leaves the old pass as it was.
    office.keys.set_signs(false);
    assert!(replace(SUZHOU, sight_of(SUZHOU), longer).await.is_err());
    assert_eq!(office.pass(old.number()).await, old);
    assert_eq!(changes(&office, &ChangeFilter::default()).await, []);
    office.keys.set_signs(true);
    let issued = replace(SUZHOU, sight_of(SUZHOU), longer).await.unwrap();
    assert_eq!(issued.replaced, [old.number()]);
    let stopped = office.pass(old.number()).await;
    assert_eq!((stopped.state, stopped.replaced_by), (PassState::Revoked, Some(issued.pass.number())));
    assert_eq!(stopped.reason, Some(StatusReason::Replaced));
}

pub async fn batch_replaces_what_stands_and_never_its_own_items<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let old = office.passed(1).await.number();
    let (new, twin) = (office.submitted(form(1, 1)).await, office.submitted(form(1, 1)).await);
    let other = office.applied(2).await;
    let call = call_now(&office, &chief(SUZHOU), "BatchApproveApplications");
    let orders: Vec<_> = [new, twin, other].map(planned).into();
    let store = &office.registry.store;
    let sight = sight_of(SUZHOU);
    let batch = || store.issue_batch_replacing(&call, &sight, office.issuer.clone(), orders.clone());
    let results = batch().await.unwrap();
    let first = results[0].as_ref().unwrap();
    assert_eq!(first.replaced, [old]);
    assert_eq!(results[1], Err(Refusal::Overlap { number: first.pass.number() }));
    assert_eq!(results[2].as_ref().unwrap().replaced, []);
    assert_eq!(batch().await.unwrap(), results);
    assert_eq!(changes(&office, &ChangeFilter::default()).await.len(), 1);
}

pub async fn rest_of_a_replaced_keys_lease_is_published_as_revoked<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let one = office.passed(1).await;
    let store = &office.registry.store;
    let close = |keys: Vec<_>| store.close_leases(keys, office.issuer.now());
    assert_eq!(close(vec![one.kid]).await.unwrap(), 0);
    let seq = || *store.committed_status().borrow();
    assert_eq!(seq(), 0);
    assert_eq!(close(vec![]).await.unwrap(), 1);
    assert_eq!(seq(), 255);
    assert_eq!(close(vec![]).await.unwrap(), 0);
    assert_eq!(seq(), 255);
    // No pass is shown for it, and the key's next pass stands in a new block.
    assert_eq!(changes(&office, &ChangeFilter::default()).await, []);
    assert_eq!(office.passed(2).await.claims.status.idx, 256);
    assert_eq!(office.pass(one.number()).await.state, PassState::Issued);
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let mut passes = Vec::new();
    for n in 1..=3 {
        let pass = office.passed(n).await;
        take(&office, pass.number(), Step::Suspend).await.unwrap();
        passes.push(pass);
        office.clock.advance(60);
    }
    take(&office, passes[0].number(), Step::Resume).await.unwrap();
    revoke(&office, passes[1].number()).await.unwrap();
    let seqs = |filter: ChangeFilter| {
        let office = &office;
        async move { changes(office, &filter).await.iter().map(|change| change.seq).collect::<Vec<_>>() }
    };
    let any = ChangeFilter::default;
    assert_eq!(seqs(any()).await, [1, 2, 3, 4, 5]);
    assert_eq!(seqs(ChangeFilter { pass: Some(passes[0].number().to_bytes()), ..any() }).await, [1, 4]);
    assert_eq!(seqs(ChangeFilter { enterprise: Some(passes[1].enterprise), ..any() }).await, [2, 5]);
    assert_eq!(seqs(ChangeFilter { action: Some(Action::Suspended), ..any() }).await, [1, 2, 3]);
    assert_eq!(seqs(ChangeFilter { action: Some(Action::Resumed), ..any() }).await, [4]);
    assert_eq!(seqs(ChangeFilter { reason: Some(StatusReason::Misuse), ..any() }).await, [0; 0]);
    let from = Some(passes[1].issued_at);
    assert_eq!(seqs(ChangeFilter { from, before: Some(passes[2].issued_at), ..any() }).await, [2]);

    let store = &office.registry.store;
    let page = PageRequest::first(3);
    let first = store.changes(&everybody(), &any(), &page).await.unwrap();
    let second = PageRequest { size: 3, token: first.next };
    let rest = store.changes(&everybody(), &any(), &second).await.unwrap();
    assert_eq!(rest.items.iter().map(|change| change.seq).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(rest.next, "");
    assert!(store.changes(&sight_of(SUZHOU), &any(), &second).await.is_err());
    assert_eq!(store.changes(&sight_of(HANGZHOU), &any(), &page).await.unwrap().items, []);
}

fn why(step: Step) -> Why {
    Why::of(step, Some(StatusReason::Other), "an example").unwrap()
}

fn replaced(text: &str) -> Why {
    Why::told(StatusReason::Replaced, text).unwrap()
}

fn wrong_state(taken: Result<Taken, RevocationError>) -> (PassState, PassState) {
    match taken {
        Err(RevocationError::State { step, .. }) => (step.from, step.to),
        other => panic!("{other:?}"),
    }
}

async fn take<DB: Backend>(office: &Office<DB>, number: PassNumber, step: Step) -> Result<Taken, RevocationError> {
    let call = call_now(office, &chief(SUZHOU), "TakeStep");
    office.registry.store.take(&call, &sight_of(SUZHOU), number, step, why(step)).await
}

async fn revoke<DB: Backend>(office: &Office<DB>, number: PassNumber) -> Result<Taken, RevocationError> {
    take(office, number, Step::Revoke).await
}

async fn changes<DB: Backend>(office: &Office<DB>, filter: &ChangeFilter) -> Vec<Change> {
    let page = PageRequest::first(1_000);
    office.registry.store.changes(&everybody(), filter, &page).await.unwrap().items
}

async fn entries<DB: Backend>(office: &Office<DB>, number: PassNumber) -> Vec<String> {
    let about = EntryFilter { subject: Some(number.to_string()), ..EntryFilter::default() };
    office.registry.entries(&about).await.into_iter().map(|entry| entry.method).collect()
}

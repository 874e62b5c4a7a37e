//! The port of decisions, and what of it the room `pass` uses inside its own transaction.

use freightpass::application::{Application, ApplicationError, ApplicationStore, RejectionReason, State, Window};
use freightpass::approval::{ApprovalError, ApprovalStore, Decision, Picked, Refusal};
use freightpass::audit::EntryFilter;
use freightpass::identity::Role;
use freightpass::storage::{Backend, StorageError, Store};
use uuid::Uuid;

use crate::application::submit;
use crate::support::{
    HANGZHOU, NOW, Registry, SUZHOU, TestBackend, applicant, call, chief, division, form, officer, sight_of,
};
use crate::whitelist::delist;

pub async fn county_recommends_what_touches_it_and_nothing_else<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let clerk = officer("CN-320583", "clerk", &[Role::Recommender]);
    let recommend = |county| {
        let (store, clerk) = (registry.store.clone(), clerk.clone());
        async move {
            let call = call(&clerk, "RecommendApplication");
            store.recommend(&call, &division(county), made.id, "urgent".to_owned()).await
        }
    };
    for county in [320_505, 3205, 32] {
        assert!(matches!(recommend(county).await, Err(ApprovalError::Refused(Refusal::NotFound))), "{county}");
    }
    let recommended = recommend(320_583).await.unwrap();
    assert_eq!(recommended.state, State::Recommended);
    assert!(matches!(recommend(330_102).await, Err(ApprovalError::Refused(Refusal::State(_)))));
    let approved = registry.store.decide(&approve_call(), made.id, Decision::default()).await.unwrap();
    assert_eq!(approved.state, State::Approved);
    let steps = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap().steps;
    let told: Vec<_> = steps.iter().map(|step| (step.state, step.body.as_str(), step.text.as_str())).collect();
    assert_eq!(told[1..], [(State::Recommended, "CN-320583", "urgent"), (State::Approved, SUZHOU, "")]);
}

pub async fn of_twenty_decisions_at_once_exactly_one_is_made<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let tasks: Vec<_> = (0..20)
        .map(|at| {
            let store = registry.store.clone();
            tokio::spawn(async move { decide_somehow(&store, at, made.id).await })
        })
        .collect();
    let mut made_by = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(state) => made_by.push(state),
            Err(ApprovalError::Refused(Refusal::State(transition))) => assert_ne!(transition.found, State::Submitted),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(made_by.len(), 1);
    let detail = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap();
    assert_eq!(detail.application.state, made_by[0]);
    assert_eq!(detail.application.version, 2);
    assert_eq!(detail.steps.len(), 2);
    assert_eq!(entries_of(&registry, made.id).await, 2);
}

pub async fn shorter_window_is_kept_and_a_wider_one_changes_nothing<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let planned = made.form.planned;
    let wide = Decision { end: Some(i64::try_from(planned.end).unwrap() + 1), ..Decision::default() };
    let refused = registry.store.decide(&approve_call(), made.id, wide).await.unwrap_err();
    let ApprovalError::Refused(Refusal::Invalid(problems)) = refused else { panic!("{refused}") };
    assert_eq!((problems[0].field.as_str(), problems[0].rule.as_ref()), ("end_time", "after_planned"));
    let unchanged = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap();
    assert_eq!(unchanged.application, made);
    let short = Decision {
        start: Some(i64::try_from(planned.start).unwrap() + 60),
        end: Some(i64::try_from(planned.end).unwrap() - 60),
        version: None,
    };
    let approved = registry.store.decide(&approve_call(), made.id, short).await.unwrap();
    assert_eq!(approved.approved, Some(Window { start: planned.start + 60, end: planned.end - 60 }));
    assert_eq!(approved.form.planned, planned);
}

pub async fn another_authority_decides_nothing<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let stranger = chief(HANGZHOU);
    let approve = registry.store.decide(&call(&stranger, "ApproveApplication"), made.id, Decision::default()).await;
    assert!(matches!(approve, Err(ApprovalError::Refused(Refusal::NotFound))));
    let reject = registry
        .store
        .reject(&call(&stranger, "RejectApplication"), made.id, RejectionReason::Route, String::new())
        .await;
    assert!(matches!(reject, Err(ApprovalError::Refused(Refusal::NotFound))));
    let unknown = registry.store.decide(&approve_call(), Uuid::nil(), Decision::default()).await;
    assert!(matches!(unknown, Err(ApprovalError::Refused(Refusal::NotFound))));
    assert_eq!(entries_of(&registry, made.id).await, 1);
}

pub async fn rejection_keeps_its_reason_and_is_final<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let call = call(&chief(SUZHOU), "RejectApplication");
    for _ in 0..2 {
        let rejected =
            registry.store.reject(&call, made.id, RejectionReason::Evidence, "test too old".to_owned()).await.unwrap();
        assert_eq!(rejected.state, State::Rejected);
    }
    let detail = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap();
    assert_eq!(detail.steps.len(), 2);
    assert_eq!(detail.steps[1].reason, Some(RejectionReason::Evidence));
    assert_eq!(detail.steps[1].text, "test too old");
    let late = registry.store.decide(&approve_call(), made.id, Decision::default()).await;
    assert!(
        matches!(late, Err(ApprovalError::Refused(Refusal::State(transition))) if transition.found == State::Rejected)
    );
}

pub async fn delisted_enterprise_is_not_approved<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    delist(&registry, made.enterprise.number).await;
    let refused = registry.store.decide(&approve_call(), made.id, Decision::default()).await;
    assert!(
        matches!(refused, Err(ApprovalError::Refused(Refusal::EnterpriseDelisted { number })) if number == made.enterprise.number)
    );
}

pub async fn batch_is_decided_by_item_in_one_transaction<B: TestBackend>() {
    let registry = B::registry().await;
    let first = submitted(&registry).await;
    let second = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let call = call(&chief(SUZHOU), "BatchApproveApplications");
    let ids: Vec<_> = [first.id, Uuid::nil(), second.id].into_iter().map(Picked::any).collect();
    let decided = registry.store.decide_batch(&call, ids.clone(), false).await.unwrap();
    assert_eq!(decided[1], Err(Refusal::NotFound));
    for (at, id) in [(0, first.id), (2, second.id)] {
        let approved = decided[at].as_ref().unwrap();
        assert_eq!((approved.id, approved.state), (id, State::Approved));
        assert_eq!(entries_of(&registry, id).await, 2);
    }
    assert_eq!(registry.store.decide_batch(&call, ids, false).await.unwrap(), decided, "a retry decides nothing twice");
    assert_eq!(entries_of(&registry, first.id).await, 2);
}

pub async fn batch_under_a_used_request_id_decides_nothing<B: TestBackend>() {
    let registry = B::registry().await;
    let first = submitted(&registry).await;
    let second = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let call = call(&chief(SUZHOU), "BatchApproveApplications");
    registry.store.decide_batch(&call, vec![Picked::any(first.id)], false).await.unwrap();
    let other = freightpass::audit::Call { fingerprint: [1; 32], ..call };
    let refused = registry.store.decide_batch(&other, vec![Picked::any(second.id)], false).await.unwrap_err();
    assert!(matches!(refused, ApprovalError::Storage(StorageError::RequestReused)), "{refused}");
    let unchanged = registry.store.application(&sight_of(SUZHOU), second.id).await.unwrap().unwrap();
    assert_eq!(unchanged.application, second);
}

pub async fn approval_is_undone_with_the_transaction_it_stands_in<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let id = made.id;
    let minting_fails: Result<(), ApprovalError> = registry
        .store
        .change(&approve_call(), move |work| {
            Box::pin(async move {
                let proof = work.approve(id, &Decision::default()).await?;
                let found = work.application(proof.application()).await?.unwrap().state;
                Err(Refusal::NotApproved { found }.into())
            })
        })
        .await;
    let found = minting_fails.unwrap_err();
    assert!(matches!(found, ApprovalError::Refused(Refusal::NotApproved { found: State::Approved })), "{found}");
    let after = registry.store.application(&sight_of(SUZHOU), id).await.unwrap().unwrap();
    assert_eq!(after.application, made);
    assert_eq!(entries_of(&registry, id).await, 1);
}

pub async fn proof_is_given_for_what_is_approved_only<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry).await;
    let refused = proof(&registry.store, made.id).await;
    assert!(matches!(refused, Err(ApprovalError::Refused(Refusal::NotApproved { found: State::Submitted }))));
    let shorter = Decision { start: Some(NOW + 7_200), ..Decision::default() };
    registry.store.decide(&approve_call(), made.id, shorter).await.unwrap();
    let (tractor, tails, window) = proof(&registry.store, made.id).await.unwrap();
    assert_eq!(tractor, made.form.tractor);
    assert_eq!(tails, ["001X", "001X"]);
    assert_eq!(window.start, u64::try_from(NOW).unwrap() + 7_200);
    assert_eq!(window.end, made.form.planned.end);
    delist(&registry, made.enterprise.number).await;
    let delisted = proof(&registry.store, made.id).await;
    assert!(matches!(delisted, Err(ApprovalError::Refused(Refusal::EnterpriseDelisted { .. }))));
}

type Proof = (String, Vec<String>, Window);

/// What the room `pass` sees of an approved application.
async fn proof<DB: Backend>(store: &Store<DB>, id: Uuid) -> Result<Proof, ApprovalError> {
    store
        .change(&call(&chief(SUZHOU), "IssuePass"), move |work| {
            Box::pin(async move {
                let proof = work.approved(id).await?;
                let tails = proof.crew().iter().map(|person| person.tail.clone()).collect();
                Ok((proof.tractor().to_owned(), tails, proof.window()))
            })
        })
        .await
}

/// One of three decisions.
async fn decide_somehow<DB: Backend>(store: &Store<DB>, at: u32, id: Uuid) -> Result<State, ApprovalError> {
    let made = match at % 3 {
        0 => store.decide(&approve_call(), id, Decision::default()).await?,
        1 => {
            let call = call(&chief(SUZHOU), "RejectApplication");
            store.reject(&call, id, RejectionReason::Crew, String::new()).await?
        }
        _ => match store.withdraw(&call(&applicant(1), "WithdrawApplication"), id).await {
            Ok(made) => made,
            Err(ApplicationError::State(transition)) => return Err(Refusal::State(transition).into()),
            Err(other) => panic!("{other}"),
        },
    };
    Ok(made.state)
}

async fn submitted<DB: Backend>(registry: &Registry<DB>) -> Application {
    registry.listed(1).await;
    submit(registry, &applicant(1), form(1, 1)).await.unwrap()
}

fn approve_call() -> freightpass::audit::Call {
    call(&chief(SUZHOU), "ApproveApplication")
}

async fn entries_of<DB: Backend>(registry: &Registry<DB>, id: Uuid) -> usize {
    let filter = EntryFilter {
        subject_kind: Some("application".to_owned()),
        subject: Some(id.to_string()),
        ..EntryFilter::default()
    };
    registry.entries(&filter).await.len()
}

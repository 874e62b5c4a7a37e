//! The port of the rules of programmes, and what they do to decisions.

use freightpass::application::rules::{Asked, EvidenceRule, ProgrammeStore, RulesFilter, Shortfall, Subject};
use freightpass::application::{Application, ApplicationStore, Evidence, EvidenceKind, Form, State};
use freightpass::approval::{ApprovalError, ApprovalStore, Decision, Picked, Refusal};
use freightpass::audit::EntryFilter;
use freightpass::identity::Role;
use freightpass::storage::{Backend, PageRequest, StorageError};

use crate::application::submit;
use crate::support::{
    HANGZHOU, NOW, Registry, SUZHOU, TestBackend, applicant, call, chief, division, form, officer, sight_of,
};

const LIMIT_S: u32 = 48 * 3_600;

/// A test of each person on board, of at most 48 hours.
fn tests_of_each() -> Asked {
    let rule = EvidenceRule {
        kind: EvidenceKind::NucleicAcidTest,
        subject: Subject::Person,
        max_age_s: Some(LIMIT_S),
        issuers: Vec::new(),
    };
    Asked { evidence: vec![rule], recommendation_required: false }
}

/// The form with a test of each of its two people, that is as old as the limit at the planned start.
fn tested() -> Form {
    let form = form(1, 1);
    let test = |person| Evidence {
        kind: EvidenceKind::NucleicAcidTest,
        taken: form.planned.start - u64::from(LIMIT_S),
        valid_for_s: 72 * 3_600,
        issuer: "昆山市第一人民医院".to_owned(),
        person,
    };
    Form { evidence: vec![test(1), test(2)], ..form.clone() }
}

async fn submitted<DB: Backend>(registry: &Registry<DB>, form: Form) -> Application {
    registry.listed(1).await;
    submit(registry, &applicant(1), form).await.unwrap()
}

async fn set<DB: Backend>(registry: &Registry<DB>, asked: Asked) {
    let call = call(&chief(SUZHOU), "SetProgrammeRules");
    registry.store.set_rules(&call, SUZHOU, 1, asked).await.unwrap();
}

async fn decide<DB: Backend>(
    registry: &Registry<DB>,
    made: &Application,
    decision: Decision,
) -> Result<State, Refusal> {
    let call = call(&chief(SUZHOU), "ApproveApplication");
    match registry.store.decide(&call, made.id, decision).await {
        Ok(made) => Ok(made.state),
        Err(ApprovalError::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other}"),
    }
}

pub async fn rules_take_the_place_of_those_before_and_are_audited_whole<B: TestBackend>() {
    let registry = B::registry().await;
    assert_eq!(registry.store.rules_of(SUZHOU, 1).await.unwrap(), None);
    let first = call(&chief(SUZHOU), "SetProgrammeRules");
    let rules = registry.store.set_rules(&first, SUZHOU, 1, tests_of_each()).await.unwrap();
    assert_eq!((rules.asked.clone(), rules.version, rules.body.as_str()), (tests_of_each(), 1, SUZHOU));
    let nothing = Asked::default();
    let second = call(&chief(SUZHOU), "SetProgrammeRules");
    let rules = registry.store.set_rules(&second, SUZHOU, 1, nothing.clone()).await.unwrap();
    assert_eq!((rules.asked.clone(), rules.version), (nothing, 2));
    // A retry of the first changes nothing back.
    assert_eq!(registry.store.set_rules(&first, SUZHOU, 1, tests_of_each()).await.unwrap(), rules);
    let reused = freightpass::audit::Call { fingerprint: [1; 32], ..first };
    let refused = registry.store.set_rules(&reused, SUZHOU, 1, tests_of_each()).await;
    assert!(matches!(refused, Err(StorageError::RequestReused)));
    let filter = EntryFilter { subject: Some(format!("{SUZHOU}/1")), ..EntryFilter::default() };
    let entries = registry.entries(&filter).await;
    assert_eq!(entries.len(), 2);
    assert!(entries[0].detail.contains("\"max_age_s\":172800"), "{}", entries[0].detail);
}

pub async fn rules_are_listed_by_authority_and_programme<B: TestBackend>() {
    let registry = B::registry().await;
    for (authority, programme) in [(SUZHOU, 2), (HANGZHOU, 1), (SUZHOU, 1)] {
        let call = call(&chief(authority), "SetProgrammeRules");
        registry.store.set_rules(&call, authority, programme, tests_of_each()).await.unwrap();
    }
    let of = |authority: Option<&str>, programme| RulesFilter { authority: authority.map(str::to_owned), programme };
    for (filter, wanted) in [
        (of(None, None), vec![(SUZHOU, 1), (SUZHOU, 2), (HANGZHOU, 1)]),
        (of(Some(SUZHOU), None), vec![(SUZHOU, 1), (SUZHOU, 2)]),
        (of(None, Some(1)), vec![(SUZHOU, 1), (HANGZHOU, 1)]),
        (of(Some(HANGZHOU), Some(2)), vec![]),
        (of(None, Some(u32::MAX)), vec![]),
    ] {
        let mut page = PageRequest::first(1);
        let mut found = Vec::new();
        loop {
            let part = registry.store.rules(&filter, &page).await.unwrap();
            found.extend(part.items.into_iter().map(|rules| (rules.authority, rules.programme)));
            if part.next.is_empty() {
                break;
            }
            page.token = part.next;
        }
        assert_eq!(found, wanted.into_iter().map(|(code, n)| (code.to_owned(), n)).collect::<Vec<_>>(), "{filter:?}");
    }
    let token = registry.store.rules(&of(None, None), &PageRequest::first(1)).await.unwrap().next;
    let refused = registry.store.rules(&of(Some(SUZHOU), None), &PageRequest { size: 1, token }).await;
    assert!(matches!(refused, Err(StorageError::PageToken)));
}

pub async fn evidence_is_weighed_at_the_start_that_is_allowed<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry, tested()).await;
    set(&registry, tests_of_each()).await;
    // A second later than planned the tests are a second too old.
    let later = Decision { start: Some(i64::try_from(made.form.planned.start).unwrap() + 1), ..Decision::default() };
    let refused = decide(&registry, &made, later).await.unwrap_err();
    let Refusal::Evidence(unmet) = &refused else { panic!("{refused}") };
    let told: Vec<_> = unmet.iter().map(|unmet| (unmet.field(), unmet.person, unmet.shortfall)).collect();
    let too_old = Shortfall::TooOld { age_s: u64::from(LIMIT_S) + 1, limit_s: LIMIT_S };
    let wanted = [(1, "evidence[0].taken_time"), (2, "evidence[1].taken_time")];
    assert_eq!(told, wanted.map(|(person, field)| (field.to_owned(), Some(person), too_old)));
    assert_eq!(decide(&registry, &made, Decision::default()).await, Ok(State::Approved));
}

pub async fn window_that_has_begun_is_weighed_at_the_moment_of_the_decision<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry, tested()).await;
    set(&registry, tests_of_each()).await;
    let at = |seconds| freightpass::audit::Call {
        at: jiff::Timestamp::from_second(i64::try_from(made.form.planned.start).unwrap() + seconds).unwrap(),
        ..call(&chief(SUZHOU), "ApproveApplication")
    };
    let late = registry.store.decide(&at(1), made.id, Decision::default()).await.unwrap_err();
    assert!(matches!(late, ApprovalError::Refused(Refusal::Evidence(_))), "{late}");
    registry.store.decide(&at(0), made.id, Decision::default()).await.unwrap();
}

pub async fn recommendation_is_waited_for_where_the_rules_ask_for_it<B: TestBackend>() {
    let registry = B::registry().await;
    let made = submitted(&registry, form(1, 1)).await;
    assert_eq!(made.recommended, None);
    set(&registry, Asked { evidence: Vec::new(), recommendation_required: true }).await;
    assert_eq!(decide(&registry, &made, Decision::default()).await, Err(Refusal::NotRecommended));
    let clerk = officer("CN-320583", "clerk", &[Role::Recommender]);
    let recommend = call(&clerk, "RecommendApplication");
    registry.store.recommend(&recommend, &division(320_583), made.id, "急".to_owned()).await.unwrap();
    let seen = registry.store.application(&sight_of(SUZHOU), made.id).await.unwrap().unwrap().application;
    let office = seen.recommended.unwrap();
    assert_eq!((office.body.as_str(), office.officer.as_str(), office.text.as_str()), ("CN-320583", "clerk", "急"));
    assert_eq!(office.at.as_second(), NOW);
    assert_eq!(decide(&registry, &made, Decision::default()).await, Ok(State::Approved));
}

pub async fn batch_decides_what_was_seen_and_refuses_by_item_what_was_changed_since<B: TestBackend>() {
    let registry = B::registry().await;
    let first = submitted(&registry, form(1, 1)).await;
    let changed = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let withdrawn = submit(&registry, &applicant(1), form(1, 1)).await.unwrap();
    let plan: Vec<_> =
        [&first, &changed, &withdrawn].map(|made| Picked { id: made.id, version: Some(made.version) }).to_vec();
    let clerk = call(&officer("CN-320583", "clerk", &[Role::Recommender]), "RecommendApplication");
    registry.store.recommend(&clerk, &division(320_583), changed.id, String::new()).await.unwrap();
    registry.store.withdraw(&call(&applicant(1), "WithdrawApplication"), withdrawn.id).await.unwrap();

    let approve = call(&chief(SUZHOU), "BatchApproveApplications");
    let reject = call(&chief(SUZHOU), "BatchRejectApplications");
    let reason = freightpass::application::RejectionReason::Route;
    for dry_run in [true, false] {
        // The same request id: what was rehearsed under it is made under it.
        let results = match dry_run {
            true => registry.store.reject_batch(&reject, plan.clone(), reason, "绕行".to_owned(), true).await.unwrap(),
            false => registry.store.decide_batch(&approve, plan.clone(), false).await.unwrap(),
        };
        let rehearsed = registry.store.decide_batch(&approve, plan.clone(), true).await.unwrap();
        assert_eq!(results[0].as_ref().map(|made| made.id), Ok(first.id));
        assert_eq!(results[1], Err(Refusal::Changed { found: 2, seen: 1 }));
        assert!(matches!(results[2], Err(Refusal::State(step)) if step.found == State::Withdrawn), "{results:?}");
        let now = registry.store.application(&sight_of(SUZHOU), first.id).await.unwrap().unwrap();
        let state = if dry_run { State::Submitted } else { State::Approved };
        assert_eq!((now.application.state, now.steps.len()), (state, if dry_run { 1 } else { 2 }));
        assert_eq!(rehearsed[0].is_ok(), dry_run, "{rehearsed:?}");
    }
    // Rejected in a batch, for one reason and in the same words.
    let seen = Picked { id: changed.id, version: Some(2) };
    let results = registry.store.reject_batch(&reject, vec![seen], reason, "绕行".to_owned(), false).await.unwrap();
    assert_eq!(results[0].as_ref().map(|made| made.state), Ok(State::Rejected));
    let step = registry.store.application(&sight_of(SUZHOU), changed.id).await.unwrap().unwrap().steps.pop().unwrap();
    assert_eq!((step.reason, step.text.as_str()), (Some(reason), "绕行"));
}

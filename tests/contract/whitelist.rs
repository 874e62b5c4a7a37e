//! The white list's port.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use freightpass::audit::EntryFilter;
use freightpass::identity::{AuthorityScope, Competence, Competences, Role, Sight};
use freightpass::problem::FieldProblem;
use freightpass::profile::cn::Cn;
use freightpass::storage::{Backend, PageRequest, StorageError};
use freightpass::whitelist::{
    Category, CheckedRow, CrewRole, EnterpriseFilter, EnterpriseKey, EnterpriseState, Outcome, RawPerson, RawRow,
    Whitelist, WhitelistError, WhitelistStore,
};

use crate::support::{
    HANGZHOU, NOW, Registry, SUZHOU, TestBackend, call, chief, code, everybody, listing, officer, person, row,
    sight_of, tractor,
};

/// A thousand rows: two hundred enterprises with five trucks each.
fn thousand() -> Vec<CheckedRow> {
    (0..1_000).map(|at| row(at + 2, listing(at / 5, at))).collect()
}

pub async fn thousand_rows_imported_twice_change_nothing_the_second_time<B: TestBackend>() {
    let registry = B::registry().await;
    for (time, expected) in [Outcome::New, Outcome::Same].into_iter().enumerate() {
        for batch in thousand().chunks(500) {
            let report = registry.import(SUZHOU, batch.to_vec()).await;
            assert_eq!(report.count(expected), 500, "import {time}");
        }
        // One entry an enterprise, at the first import alone.
        assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 200);
    }
    let detail = found(&registry, 7).await;
    assert_eq!(detail.enterprise.version, 1);
    assert_eq!(detail.vehicles.len(), 10);
    assert_eq!(detail.people.len(), 5);
    assert!(detail.people.contains(&person(37, CrewRole::Driver)));
}

pub async fn good_rows_go_in_beside_refused_ones<B: TestBackend>() {
    let registry = B::registry().await;
    let problems = vec![
        FieldProblem::new("tractor", "plate_form", "no such plate"),
        FieldProblem::new("crew[0].paper_number", "check_digit", "place 18: wrong"),
    ];
    let refused = CheckedRow { line: 3, listing: Err(problems.clone()) };
    let mut contradiction = listing(1, 4);
    contradiction.name = "another name".to_owned();
    contradiction.people[0] = person(1, CrewRole::Driver);
    contradiction.people[0].name = "another".to_owned();
    let rows = vec![row(2, listing(1, 1)), refused, row(4, contradiction), row(5, listing(2, 2))];
    let report = registry.import(SUZHOU, rows).await;
    let outcomes: Vec<_> = report.results.iter().map(|result| (result.line, result.outcome)).collect();
    assert_eq!(outcomes, [(2, Outcome::New), (3, Outcome::Refused), (4, Outcome::Refused), (5, Outcome::New)]);
    assert_eq!(report.results[1].problems, problems);
    let broken: Vec<_> = report.results[2].problems.iter().map(|it| (it.field.as_str(), it.rule.as_ref())).collect();
    assert_eq!(broken, [("enterprise_name", "contradicts_earlier_row"), ("crew[0].name", "contradicts_earlier_row")]);
    let detail = found(&registry, 1).await;
    assert_eq!(detail.vehicles.len(), 2, "nothing of the refused row is stored");
}

pub async fn dry_run_says_what_the_import_does_and_stores_nothing<B: TestBackend>() {
    let registry = B::registry().await;
    registry.import(HANGZHOU, vec![row(1, listing(3, 3))]).await;
    registry.import(SUZHOU, vec![row(1, listing(1, 1))]).await;
    let rows = vec![row(1, listing(1, 1)), row(2, listing(1, 2)), row(3, listing(2, 2)), row(4, listing(3, 3))];
    let dry = registry.store.preview(SUZHOU, rows.clone()).await.unwrap();
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 2);
    let mut real = registry.import(SUZHOU, rows).await;
    assert_eq!(real.results[2].outcome, Outcome::New);
    assert_eq!(dry.results[2].enterprise, None, "a new enterprise has no number yet");
    real.results[2].enterprise = None;
    assert_eq!(dry, real);
}

pub async fn enterprise_of_another_authority_is_refused<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let report = registry.import(HANGZHOU, vec![row(1, listing(1, 1))]).await;
    assert_eq!(report.results[0].outcome, Outcome::Refused);
    assert_eq!(report.results[0].enterprise, None);
    let problems = &report.results[0].problems;
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].field.as_str(), problems[0].rule.as_ref()), ("enterprise_code", "owned_elsewhere"));
    assert!(!problems[0].message.contains(SUZHOU));
    assert_eq!(found(&registry, 1).await.enterprise.authority, SUZHOU);
}

pub async fn body_that_is_no_authority_takes_no_enterprise_for_its_own<B: TestBackend>() {
    let registry = B::registry().await;
    let in_force = Arc::new(InForce(Mutex::new(vec![SUZHOU, HANGZHOU])));
    let list = Whitelist::new(Arc::new(registry.store.clone()), Arc::new(Cn), in_force.clone());
    let typed = [RawRow {
        enterprise_code: "91350100M000100Y43".to_owned(),
        enterprise_name: "昆山测试物流有限公司".to_owned(),
        contact_name: "王测试".to_owned(),
        contact_phone: "0512-57000000".to_owned(),
        industry: "6".to_owned(),
        tractor: "苏AC50731".to_owned(),
        crew: vec![RawPerson {
            name: "李测试".to_owned(),
            paper_number: "33010619880229997X".to_owned(),
            mobile: "13800138000".to_owned(),
            ..RawPerson::default()
        }],
        ..RawRow::default()
    }];
    let import = |body: &'static str, dry_run| {
        let (list, typed) = (list.clone(), typed.clone());
        async move { list.import(&call(&officer(body, "a", &[Role::Whitelist]), "ImportEntries"), &typed, dry_run).await }
    };
    // Suzhou was an authority until a moment ago.
    *in_force.0.lock().unwrap() = vec![HANGZHOU];
    for body in ["CN-99", "CN-320583", SUZHOU] {
        for dry_run in [true, false] {
            let refused = import(body, dry_run).await.unwrap_err();
            assert!(matches!(&refused, WhitelistError::NotAnAuthority { body: of } if of == body), "{refused}");
        }
    }
    let everything = EnterpriseFilter::default();
    for body in ["CN-99", "CN-320583", SUZHOU] {
        let page = registry.store.enterprises(&sight_of(body), &everything, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items, []);
    }
    let listed = import(HANGZHOU, false).await.unwrap();
    assert_eq!(listed.count(Outcome::New), 1, "{:?}", listed.results);
}

pub async fn wrong_check_digit_needs_a_waiver_that_is_kept_and_audited<B: TestBackend>() {
    let registry = B::registry().await;
    let mut wrong = listing(1, 1);
    wrong.code_checks = false;
    let report = registry.import(SUZHOU, vec![row(1, wrong.clone())]).await;
    assert_eq!(report.results[0].problems[0].rule, "check_digit");
    let mut waived = wrong.clone();
    waived.vehicles.pop();
    waived.waiver = Some("seen on the licence".to_owned());
    // The reason stands in the second row and lets the first in too: a second import would.
    let report = registry.import(SUZHOU, vec![row(1, wrong.clone()), row(2, waived)]).await;
    assert_eq!(report.count(Outcome::New), 1);
    assert_eq!(report.count(Outcome::Refused), 0);
    let report = registry.import(SUZHOU, vec![row(1, wrong)]).await;
    assert_eq!(report.results[0].outcome, Outcome::Same);
    assert_eq!(found(&registry, 1).await.enterprise.code_waiver.as_deref(), Some("seen on the licence"));
    let entries = registry.entries(&EntryFilter::default()).await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].detail.contains("seen on the licence"), "{}", entries[0].detail);
}

pub async fn changed_details_are_written_once_and_raise_the_version<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    let mut changed = listing(1, 1);
    changed.contact_phone = "0512-57111111".to_owned();
    changed.industry = Category::Food;
    changed.people[0].mobile = Some("13900000000".to_owned());
    let mut without_mobile = changed.clone();
    without_mobile.people[0].mobile = None;
    for (rows, expected, version) in [
        (vec![row(1, changed.clone())], vec![Outcome::Changed], 2),
        (vec![row(1, changed.clone())], vec![Outcome::Same], 2),
        // An empty cell takes nothing away.
        (vec![row(1, without_mobile)], vec![Outcome::Same], 2),
    ] {
        let report = registry.import(SUZHOU, rows).await;
        let outcomes: Vec<_> = report.results.iter().map(|result| result.outcome).collect();
        assert_eq!(outcomes, expected);
        assert_eq!(found(&registry, 1).await.enterprise.version, version);
    }
    let detail = found(&registry, 1).await;
    assert_eq!(detail.enterprise.contact_phone, "0512-57111111");
    assert_eq!(detail.enterprise.industry, Category::Food);
    assert_eq!(detail.people, changed.people);
    assert_eq!(registry.entries(&EntryFilter::default()).await.len(), 2);
}

pub async fn delisted_enterprise_is_not_put_back_by_an_import<B: TestBackend>() {
    let registry = B::registry().await;
    let number = registry.listed(1).await;
    delist(&registry, number).await;
    let report = registry.import(SUZHOU, vec![row(1, listing(1, 9))]).await;
    assert_eq!(report.results[0].problems[0].rule, "delisted");
    let detail = found(&registry, 1).await;
    assert_eq!(detail.enterprise.state, EnterpriseState::Delisted);
    assert_eq!(detail.vehicles.len(), 2);
}

pub async fn one_person_of_two_enterprises_is_found_in_both<B: TestBackend>() {
    let registry = B::registry().await;
    let mut second = listing(2, 2);
    second.people = vec![person(1, CrewRole::Passenger)];
    registry.import(SUZHOU, vec![row(1, listing(1, 1)), row(2, second), row(3, listing(3, 3))]).await;
    let filter = EnterpriseFilter { paper: Some(person(1, CrewRole::Driver).paper), ..EnterpriseFilter::default() };
    let page = registry.store.enterprises(&everybody(), &filter, &PageRequest::default()).await.unwrap();
    let codes: Vec<_> = page.items.into_iter().map(|enterprise| enterprise.code).collect();
    assert_eq!(codes, [code(1), code(2)]);
}

pub async fn filters_hold_together_and_pages_follow_each_other<B: TestBackend>() {
    let registry = B::registry().await;
    let mut rows: Vec<_> = (0..25).map(|n| row(n, listing(n, n))).collect();
    if let Ok(food) = &mut rows[3].listing {
        food.industry = Category::Food;
        food.name = "100%_食品".to_owned();
    }
    registry.import(SUZHOU, rows).await;
    registry.import(HANGZHOU, vec![row(1, listing(100, 100))]).await;
    let none = EnterpriseFilter::default();
    for (filter, expected) in [
        (none.clone(), 26),
        (EnterpriseFilter { authority: Some(HANGZHOU.to_owned()), ..none.clone() }, 1),
        (EnterpriseFilter { industry: Some(Category::Food.number()), ..none.clone() }, 1),
        (EnterpriseFilter { state: Some(EnterpriseState::Delisted), ..none.clone() }, 0),
        (EnterpriseFilter { plate: Some(tractor(4)), ..none.clone() }, 1),
        (EnterpriseFilter { plate: Some(tractor(4)), industry: Some(Category::Food.number()), ..none.clone() }, 0),
        (EnterpriseFilter { name_prefix: Some("苏州第1".to_owned()), ..none.clone() }, 12),
        (EnterpriseFilter { name_prefix: Some("100%_".to_owned()), ..none.clone() }, 1),
        (EnterpriseFilter { name_prefix: Some("%".to_owned()), ..none.clone() }, 0),
    ] {
        let mut request = PageRequest::first(4);
        let mut numbers = Vec::new();
        loop {
            let page = registry.store.enterprises(&everybody(), &filter, &request).await.unwrap();
            assert!(page.items.len() <= 4);
            numbers.extend(page.items.iter().map(|enterprise| enterprise.number));
            if page.next.is_empty() {
                break;
            }
            request.token = page.next;
        }
        assert_eq!(numbers.len(), expected, "{filter:?}");
        assert!(numbers.is_sorted());
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), expected, "no entry twice");
    }
    let first = registry.store.enterprises(&everybody(), &none, &PageRequest::first(4)).await.unwrap();
    let request = PageRequest { size: 4, token: first.next };
    let other = EnterpriseFilter { authority: Some(SUZHOU.to_owned()), ..none.clone() };
    for (sight, filter) in [(everybody(), &other), (sight_of(SUZHOU), &none)] {
        let refused = registry.store.enterprises(&sight, filter, &request).await.unwrap_err();
        assert!(matches!(refused, StorageError::PageToken), "{refused}");
    }
}

pub async fn sight_ends_at_the_authority_and_at_the_enterprise<B: TestBackend>() {
    let registry = B::registry().await;
    registry.listed(1).await;
    registry.listed(2).await;
    let county = Sight::County { division: "320583".to_owned() };
    let enterprise = |n| Sight::Enterprise { code: code(n) };
    for (sight, sees_one, all) in [
        (Sight::All, true, 2),
        (everybody(), true, 2),
        (sight_of(SUZHOU), true, 2),
        (sight_of(HANGZHOU), false, 0),
        (Sight::Bodies(Vec::new()), false, 0),
        (enterprise(1), true, 1),
        (enterprise(2), false, 1),
        (county, false, 0),
    ] {
        let key = EnterpriseKey::Code(code(1));
        let detail = registry.store.enterprise(&sight, &key).await.unwrap();
        assert_eq!(detail.is_some(), sees_one, "{sight:?}");
        let filter = EnterpriseFilter::default();
        let page = registry.store.enterprises(&sight, &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.len(), all, "{sight:?}");
    }
    let unknown = EnterpriseKey::Number(u32::MAX);
    assert_eq!(registry.store.enterprise(&everybody(), &unknown).await.unwrap(), None);
}

/// The authorities of the trust list in force.
struct InForce(Mutex<Vec<&'static str>>);

impl Competences for InForce {
    fn current(&self) -> Arc<Competence> {
        let codes = self.0.lock().unwrap().clone();
        let authorities = codes.into_iter().map(|code| AuthorityScope {
            code: code.to_owned(),
            number: 1,
            level: 3,
            division: None,
            programmes: Vec::new(),
        });
        Arc::new(Competence { authorities: authorities.collect(), ..Competence::default() })
    }
}

/// Enterprise `n`, by its number, which must be that of its code.
async fn found<DB: Backend>(registry: &Registry<DB>, n: u32) -> freightpass::whitelist::EnterpriseDetail {
    let by_code = registry.store.enterprise(&everybody(), &EnterpriseKey::Code(code(n))).await.unwrap().unwrap();
    let key = EnterpriseKey::Number(by_code.enterprise.number);
    assert_eq!(registry.store.enterprise(&everybody(), &key).await.unwrap().as_ref(), Some(&by_code));
    assert_eq!(by_code.enterprise.listed_at.as_second(), NOW);
    by_code
}

/// Takes an enterprise off the list, as RevokeEnterprise does within its own transaction.
pub async fn delist<DB: Backend>(registry: &Registry<DB>, number: u32) {
    let delisted: Result<bool, StorageError> = registry
        .store
        .change(&call(&chief(SUZHOU), "RevokeEnterprise"), move |work| {
            Box::pin(async move { work.delist(number).await })
        })
        .await;
    assert!(delisted.unwrap());
}

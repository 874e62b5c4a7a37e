//! The port of reports: what the registry counts against what a naive clerk writes down while it happens.

use freightpass::application::{ApplicationStore, RejectionReason, Window};
use freightpass::approval::{ApprovalStore, Decision};
use freightpass::audit::Call;
use freightpass::identity::{Officer, Role, Sight};
use freightpass::pass::{Order, PassStore, StatusReason};
use freightpass::report::{Figures, ReportStore, Supply, Wait, Waited, Waiting};
use freightpass::revocation::{RevocationStore, Step, Why};
use freightpass::storage::Backend;
use freightpass::whitelist::Category;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::issuing::{Office, call_now, planned};
use crate::support::{
    HANGZHOU, NOW, SUZHOU, TestBackend, applicant, chief, division, everybody, form, officer, sight_of,
};

/// What becomes of an application, and after how many milliseconds each.
#[derive(Debug, Clone)]
struct Life {
    authority: &'static str,
    cargo: Category,
    submitted: i64,
    recommended: Option<i64>,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    Waiting,
    Withdrawn(i64),
    Rejected(i64, RejectionReason),
    /// Approved, the pass issued so much later, and revoked after that.
    Approved(i64, Option<(i64, Option<(i64, StatusReason)>)>),
}

fn life() -> impl Strategy<Value = Life> {
    // Few values, so that some are equal; the day is an hour long, and lives begin before and end after it.
    let span = || (0_i64..40).prop_map(|tens| tens * 97_531);
    let reason = prop::sample::select(vec![RejectionReason::Evidence, RejectionReason::Route, RejectionReason::Other]);
    let stop =
        prop::sample::select(vec![StatusReason::Misuse, StatusReason::CopiedOrLost, StatusReason::HolderRequest]);
    let end = prop_oneof![
        2 => Just(End::Waiting),
        1 => span().prop_map(End::Withdrawn),
        2 => (span(), reason).prop_map(|(after, reason)| End::Rejected(after, reason)),
        5 => (span(), prop::option::weighted(0.8, (span(), prop::option::weighted(0.4, (span(), stop)))))
            .prop_map(|(after, issued)| End::Approved(after, issued)),
    ];
    let cargo = prop::sample::select(vec![Category::Food, Category::Medicine]);
    let authority = prop::sample::select(vec![SUZHOU, SUZHOU, HANGZHOU]);
    (authority, cargo, span(), prop::option::of(span()), end).prop_map(
        |(authority, cargo, submitted, recommended, end)| Life { authority, cargo, submitted, recommended, end },
    )
}

/// What a clerk has written down: one line for each thing that happened.
#[derive(Debug, Clone, Copy)]
enum Line {
    Received(Category),
    Recommended(i64),
    Approved(i64),
    Rejected(i64, RejectionReason),
    Withdrawn,
    Issued(i64, Category),
    Revoked(StatusReason),
}

#[derive(Default)]
struct Book {
    lines: Vec<(i64, &'static str, Line)>,
    /// Identifier, authority, submission, decision.
    cases: Vec<(Uuid, &'static str, i64, Option<i64>)>,
}

const BEGIN: i64 = NOW * 1_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

async fn live<DB: Backend>(office: &Office<DB>, n: u32, life: &Life, book: &mut Book) {
    office.registry.listed(n).await;
    let call = |officer: &Officer, method, ms| Call { at: at(ms), ..call_now(office, officer, method) };
    let note = |book: &mut Book, ms, line| book.lines.push((ms, life.authority, line));
    let mut form = form(n, n);
    form.authority = life.authority.to_owned();
    form.cargo.category = life.cargo;
    form.planned = Window { start: u64::try_from(NOW).unwrap() - 60, end: u64::try_from(NOW).unwrap() + 20 * 86_400 };
    let store = &office.registry.store;
    let submitted = BEGIN + life.submitted;
    let id = store.submit(&call(&applicant(n), "SubmitApplication", submitted), Ok(form)).await.unwrap().id;
    note(book, submitted, Line::Received(life.cargo));
    let mut now = submitted;
    if let Some(after) = life.recommended {
        now += after;
        let clerk = officer("CN-320583", "clerk", &[Role::Recommender]);
        let recommend = call(&clerk, "RecommendApplication", now);
        store.recommend(&recommend, &division(320_583), id, String::new()).await.unwrap();
        note(book, now, Line::Recommended(now - submitted));
    }
    let officer = chief(life.authority);
    let decided = match &life.end {
        End::Waiting => None,
        End::Withdrawn(after) => {
            now += after;
            store.withdraw(&call(&applicant(n), "WithdrawApplication", now), id).await.unwrap();
            note(book, now, Line::Withdrawn);
            Some(now)
        }
        End::Rejected(after, reason) => {
            now += after;
            let reject = call(&officer, "RejectApplication", now);
            store.reject(&reject, id, *reason, "why".to_owned()).await.unwrap();
            note(book, now, Line::Rejected(now - submitted, *reason));
            Some(now)
        }
        End::Approved(after, issued) => {
            now += after;
            let approved = now;
            store.decide(&call(&officer, "ApproveApplication", now), id, Decision::default()).await.unwrap();
            note(book, now, Line::Approved(now - submitted));
            if let Some((after, revoked)) = issued {
                // The clock of the issuer has whole seconds.
                now = (now + after) / 1_000 * 1_000 + 1_000;
                office.clock.set(now / 1_000);
                let order = Order { decision: None, ..planned(id) };
                let issue = call(&officer, "IssuePass", now);
                let pass = store.issue(&issue, office.issuer.clone(), order).await.unwrap().pass;
                note(book, now, Line::Issued(now - approved, life.cargo));
                if let Some((after, reason)) = revoked {
                    now += after;
                    let revoke = call(&officer, "RevokePass", now);
                    let why = Why::of(Step::Revoke, Some(*reason), "").unwrap();
                    store.take(&revoke, &everybody(), pass.number(), Step::Revoke, why).await.unwrap();
                    note(book, now, Line::Revoked(*reason));
                }
            }
            Some(approved)
        }
    };
    book.cases.push((id, life.authority, submitted, decided));
}

impl Book {
    /// The report as a clerk makes it, line by line.
    fn report(&self, authorities: &[&str], from: i64, until: i64) -> Figures {
        let of = |authority: &str| authorities.contains(&authority);
        let mut figures = Figures::default();
        let mut waits: [Vec<i64>; 3] = Default::default();
        let add = |list: &mut Vec<(Category, Supply)>, category: Category, change: &dyn Fn(&mut Supply)| match list
            .iter_mut()
            .find(|(there, _)| *there == category)
        {
            Some((_, supply)) => change(supply),
            None => {
                let mut supply = Supply::default();
                change(&mut supply);
                list.push((category, supply));
            }
        };
        for (_, _, line) in self.lines.iter().filter(|(ms, who, _)| of(who) && (from..until).contains(ms)) {
            match *line {
                Line::Received(cargo) => {
                    figures.received += 1;
                    let received = |supply: &mut Supply| {
                        supply.received += 1;
                        supply.cargo_mass_kg += 12_000;
                    };
                    add(&mut figures.cargo, cargo, &received);
                    add(&mut figures.industries, Category::IntegratedCircuits, &received);
                }
                Line::Recommended(waited) => {
                    figures.recommended += 1;
                    waits[0].push(waited);
                }
                Line::Approved(waited) => {
                    figures.approved += 1;
                    waits[1].push(waited);
                }
                Line::Rejected(waited, reason) => {
                    figures.rejected += 1;
                    waits[1].push(waited);
                    match figures.rejected_by.iter_mut().find(|(there, _)| *there == reason) {
                        Some((_, count)) => *count += 1,
                        None => figures.rejected_by.push((reason, 1)),
                    }
                }
                Line::Withdrawn => figures.withdrawn += 1,
                Line::Issued(waited, cargo) => {
                    figures.issued += 1;
                    waits[2].push(waited);
                    let issued = |supply: &mut Supply| supply.issued += 1;
                    add(&mut figures.cargo, cargo, &issued);
                    add(&mut figures.industries, Category::IntegratedCircuits, &issued);
                }
                Line::Revoked(reason) => {
                    figures.revoked += 1;
                    match figures.revoked_by.iter_mut().find(|(there, _)| *there == reason) {
                        Some((_, count)) => *count += 1,
                        None => figures.revoked_by.push((reason, 1)),
                    }
                }
            }
        }
        figures.rejected_by.sort_by_key(|(reason, _)| reason.number());
        figures.revoked_by.sort_by_key(|(reason, _)| reason.number());
        figures.cargo.sort_by_key(|(category, _)| category.number());
        for (step, mut waited) in Waited::ALL.into_iter().zip(waits) {
            waited.sort_unstable();
            let Some(longest) = waited.last() else { continue };
            let rank = |percent: usize| waited[(waited.len() * percent).div_ceil(100) - 1] as u64;
            let wait =
                Wait { count: waited.len() as u64, p50_ms: rank(50), p95_ms: rank(95), longest_ms: *longest as u64 };
            figures.waits.push((step, wait));
        }
        let mut waiting: Vec<_> = self
            .cases
            .iter()
            .filter(|(_, who, submitted, decided)| {
                of(who) && *submitted < until && decided.is_none_or(|decided| decided >= until)
            })
            .map(|(id, _, submitted, _)| (*submitted, *id))
            .collect();
        waiting.sort_unstable();
        let oldest = waiting.first().map(|(submitted, id)| (*id, at(*submitted)));
        figures.waiting = Waiting { count: waiting.len() as u64, oldest };
        figures
    }
}

pub async fn figures_are_those_of_a_clerk_who_writes_everything_down<B: TestBackend>() {
    // The generator has a fixed seed; what it makes is told where it fails.
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let lives = prop::collection::vec(life(), 60).new_tree(&mut runner).unwrap().current();
    let office = Office::open::<B>().await;
    let mut book = Book::default();
    for (n, life) in (1..).zip(&lives) {
        live(&office, n, life, &mut book).await;
    }
    let span = SignedDuration::from_hours(1).as_millis() as i64;
    let mut counted = 0;
    for (sight, authorities) in [
        (sight_of(SUZHOU), vec![SUZHOU]),
        (sight_of(HANGZHOU), vec![HANGZHOU]),
        (everybody(), vec![SUZHOU, HANGZHOU]),
        (Sight::All, vec![SUZHOU, HANGZHOU]),
        (Sight::Bodies(Vec::new()), vec![]),
        (Sight::Enterprise { code: "91".to_owned() }, vec![]),
        (Sight::County { division: "320583".to_owned() }, vec![]),
    ] {
        // Hours that touch, one that is empty, one that holds everything, and bounds at which something happened.
        let moment = book.lines[7].0;
        for (from, until) in [
            (BEGIN, BEGIN + span),
            (BEGIN + span, BEGIN + 2 * span),
            (BEGIN - span, BEGIN),
            (BEGIN, BEGIN + 100 * span),
            (moment, moment + 1),
            (moment - 1, moment),
        ] {
            let figures = office.registry.store.figures(&sight, at(from), at(until)).await.unwrap();
            assert_eq!(figures, book.report(&authorities, from, until), "{sight:?} {from}..{until} {lives:?}");
            counted += figures.received + figures.issued + figures.waiting.count;
        }
    }
    assert!(counted > 300, "{counted}");
}

pub async fn only_the_first_pass_of_an_application_was_waited_for<B: TestBackend>() {
    let office = Office::open::<B>().await;
    let pass = office.passed(1).await;
    let revoke = call_now(&office, &chief(SUZHOU), "RevokePass");
    let why = Why::of(Step::Revoke, Some(StatusReason::CopiedOrLost), "").unwrap();
    office.registry.store.take(&revoke, &everybody(), pass.number(), Step::Revoke, why).await.unwrap();
    office.clock.advance(600);
    let order = Order { decision: None, ..planned(pass.application) };
    let again = call_now(&office, &chief(SUZHOU), "IssuePass");
    office.registry.store.issue(&again, office.issuer.clone(), order).await.unwrap();
    let figures = office.registry.store.figures(&sight_of(SUZHOU), at(BEGIN), at(BEGIN + 3_600_000)).await.unwrap();
    assert_eq!((figures.issued, figures.revoked), (2, 1));
    let issued = figures.waits.iter().find(|(step, _)| *step == Waited::Issued).unwrap().1;
    assert_eq!(issued, Wait { count: 1, p50_ms: 0, p95_ms: 0, longest_ms: 0 });
}

//! The core's answers are the judge's, on every scan of many random cases, and every reason is met.
//!
//! The short form runs in CI. The long form is `tools/model/long`, or this test with FREIGHTPASS_MODEL_SCANS set; its
//! last figures stand in docs/MODEL.md. FREIGHTPASS_MODEL_CASE set to an index tells that one case.

mod tables;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use freightpass_model::case::{Case, random};
use freightpass_model::compare::{Answered, compare};
use freightpass_model::judge::{Answer, Outcome};

use tables::{ANSWERS, REASONS};

/// Scans of the short form.
const SHORT: u64 = 20_000;
/// How often each reason is met at least, in the short and the long form.
const LEAST: (u64, u64) = (1, 100);
/// The same for each answer to an object, of which there are fewer.
const LEAST_OF_ANSWERS: (u64, u64) = (1, 20);
/// The seed of both forms: a case is repeated by seed and index.
const SEED: u64 = 1;
/// Cases are shared out among so many threads, on any machine, so that the tables are the same on each.
const THREADS: u64 = 2;
/// A thread tells of its progress after so many cases: never in the short form.
const TOLD: u64 = 5_000;
/// Disagreements of different kinds after which it is not worth while to go on.
const DISAGREEMENTS: usize = 20;

#[test]
fn the_core_answers_as_the_judge_on_every_scan_and_every_reason_is_met() {
    if let Ok(index) = std::env::var("FREIGHTPASS_MODEL_CASE") {
        return tell(index.parse().expect("an index"));
    }
    let long = std::env::var("FREIGHTPASS_MODEL_SCANS").ok().map(|scans| scans.parse().expect("a number of scans"));
    let scans = long.unwrap_or(SHORT);
    let least = |(short, full): (u64, u64)| if long.is_some() { full } else { short };
    let tally = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || run(first, scans / THREADS))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a tally")).reduce(Tally::and).expect("a thread")
    });
    println!("{tally}");
    let told: Vec<&str> = tally.disagreements.values().map(String::as_str).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    for (reason, count) in &tally.reasons {
        assert!(REASONS.contains(reason), "{reason:?} is not in the table");
        assert!(*count >= least(LEAST), "{reason:?} was met {count} times");
    }
    for (answer, count) in &tally.answers {
        assert!(ANSWERS.contains(answer), "{answer} is not in the table");
        assert!(*count >= least(LEAST_OF_ANSWERS), "{answer} was met {count} times");
    }
}

/// Compares the cases `first`, `first` + [`THREADS`] and so on, until there were so many scans.
fn run(first: u64, scans: u64) -> Tally {
    let mut tally = Tally::new();
    let mut index = first;
    while tally.scans < scans && tally.disagreements.len() < DISAGREEMENTS {
        let compared = catch_unwind(AssertUnwindSafe(|| compare(&Case::from_bytes(&random(SEED, index)))));
        match compared {
            Ok(Ok(answered)) => answered.into_iter().for_each(|answered| tally.count(answered)),
            Ok(Err(error)) => {
                let repeat = format!("seed {SEED}, index {index}: {error}");
                tally.disagreements.entry((error.core, error.judge)).or_insert(repeat);
            }
            Err(_) => {
                let repeat = format!("seed {SEED}, index {index}: a panic");
                tally.disagreements.entry((String::new(), String::new())).or_insert(repeat);
            }
        }
        tally.cases += 1;
        index += THREADS;
        if tally.cases.is_multiple_of(TOLD) {
            eprintln!("{} scans in {} cases from {first} on", tally.scans, tally.cases);
        }
    }
    tally
}

/// Tells one case, step by step.
fn tell(index: u64) {
    let case = Case::from_bytes(&random(SEED, index));
    let compared = compare(&case);
    for (at, step) in case.steps.iter().enumerate() {
        let answered = compared.as_ref().ok().map(|answered| &answered[at]);
        println!("{at} {step:02x?}\n  {answered:02x?}");
    }
    if let Err(error) = compared {
        panic!("{error}");
    }
}

struct Tally {
    scans: u64,
    cases: u64,
    reasons: BTreeMap<(u8, &'static str, &'static str), u64>,
    answers: BTreeMap<&'static str, u64>,
    /// The first of each kind.
    disagreements: BTreeMap<(String, String), String>,
}

impl Tally {
    fn new() -> Self {
        Tally {
            scans: 0,
            cases: 0,
            reasons: REASONS.iter().map(|reason| (*reason, 0)).collect(),
            answers: ANSWERS.iter().map(|answer| (*answer, 0)).collect(),
            disagreements: BTreeMap::new(),
        }
    }

    fn count(&mut self, answered: Answered) {
        match answered {
            Answered::Offer(answer) => self.offered(answer),
            Answered::Bundle(Ok(parts)) => parts.into_iter().for_each(|part| self.offered(part)),
            Answered::Bundle(Err(code)) => self.offered(Err(code)),
            Answered::Confirm(_) | Answered::Restart => {}
            Answered::Scan(verdict) => {
                self.scans += 1;
                let outcome = match verdict.outcome {
                    Outcome::Admit => "admit",
                    Outcome::Refuse => "refuse",
                    Outcome::Refer => "refer",
                };
                *self.reasons.entry((verdict.row, outcome, verdict.code)).or_default() += 1;
            }
        }
    }

    fn offered(&mut self, answer: Answer) {
        let name = answer.map_or_else(|code| code, |new| if new { "adopted" } else { "unchanged" });
        *self.answers.entry(name).or_default() += 1;
    }

    fn and(mut self, other: Self) -> Self {
        self.scans += other.scans;
        self.cases += other.cases;
        other.reasons.into_iter().for_each(|(reason, count)| *self.reasons.entry(reason).or_default() += count);
        other.answers.into_iter().for_each(|(answer, count)| *self.answers.entry(answer).or_default() += count);
        self.disagreements.extend(other.disagreements);
        self
    }
}

/// The tables of docs/MODEL.md.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} scans in {} cases, seed {SEED}.\n", self.scans, self.cases)?;
        writeln!(f, "| row | outcome | code | scans |\n|---|---|---|---|")?;
        for ((row, outcome, code), count) in &self.reasons {
            writeln!(f, "| {row} | {outcome} | {code} | {count} |")?;
        }
        writeln!(f, "\n| answer to an object | times |\n|---|---|")?;
        self.answers.iter().try_for_each(|(answer, count)| writeln!(f, "| {answer} | {count} |"))
    }
}

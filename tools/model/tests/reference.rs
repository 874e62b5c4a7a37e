//! The core's answers are the judge's, on every scan of many random cases, and every reason is met.
//!
//! The short form runs in CI. The long form is `tools/model/long`, or this test with FREIGHTPASS_MODEL_SCANS set;
//! its last figures stand in docs/MODEL.md.

use std::collections::BTreeMap;

use freightpass_model::case::{Case, random};
use freightpass_model::compare::{Answered, compare};
use freightpass_model::judge::{Answer, Outcome};

/// Scans of the short form.
const SHORT: u64 = 20_000;
/// Disagreements of different kinds after which it is not worth while to go on.
const DISAGREEMENTS: usize = 20;
/// The seed of both forms: a disagreement is repeated by seed and index.
const SEED: u64 = 1;

/// Every row, outcome and code that the table of section 5 can give (`unreadable` belongs to pictures).
const REASONS: &[(u8, &str, &str)] = &[
    (0, "admit", "admit"),
    (1, "refer", "not_a_pass"),
    (2, "refer", "format_newer"),
    (3, "refuse", "malformed text"),
    (3, "refuse", "malformed envelope"),
    (3, "refuse", "malformed determinism"),
    (3, "refuse", "malformed cddl"),
    (4, "refer", "no_trust"),
    (5, "refuse", "wrong_type"),
    (5, "refuse", "wrong_alg"),
    (6, "refuse", "key_unknown"),
    (6, "refer", "key_unknown"),
    (7, "refuse", "issuer_mismatch"),
    (7, "refer", "issuer_mismatch"),
    (8, "refuse", "bad_signature"),
    (9, "refer", "format_newer"),
    (10, "refuse", "claims_invalid"),
    (10, "refuse", "list_mismatch"),
    (11, "refuse", "revoked"),
    (12, "refuse", "expired"),
    (13, "refer", "trust_behind"),
    (13, "refer", "trust_expired"),
    (13, "refer", "equivocation"),
    (14, "refuse", "life_too_long"),
    (14, "refer", "life_too_long"),
    (14, "refuse", "out_of_scope"),
    (14, "refer", "out_of_scope"),
    (14, "refuse", "programme_not_allowed"),
    (14, "refer", "programme_not_allowed"),
    (14, "refuse", "key_window"),
    (14, "refer", "key_window"),
    (15, "refuse", "not_a_survivor"),
    (15, "refer", "not_a_survivor"),
    (15, "refer", "survivors_missing"),
    (16, "refer", "clock_behind"),
    (16, "refer", "unconfirmed_start"),
    (17, "refer", "status_missing"),
    (17, "refer", "status_stale"),
    (17, "refer", "list_unknown"),
    (18, "refer", "index_beyond"),
    (19, "refuse", "suspended"),
    (20, "refuse", "not_yet_valid"),
    (20, "refuse", "expired"),
    (21, "refuse", "plate_mismatch"),
    (22, "refuse", "off_route"),
    (22, "refer", "off_route"),
    (22, "refer", "no_place"),
];

#[test]
fn the_core_answers_as_the_judge_on_every_scan_and_every_reason_is_met() {
    let long = std::env::var("FREIGHTPASS_MODEL_SCANS").ok().map(|scans| scans.parse().expect("a number of scans"));
    let (scans, least) = long.map_or((SHORT, 1), |scans: u64| (scans, 100));
    let mut reasons: BTreeMap<(u8, &str, &str), u64> = REASONS.iter().map(|reason| (*reason, 0)).collect();
    let mut answers: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut done, mut index) = (0, 0);
    let mut disagreements: BTreeMap<(String, String), String> = BTreeMap::new();
    while done < scans && disagreements.len() < DISAGREEMENTS {
        let compared = compare(&Case::from_bytes(&random(SEED, index)));
        index += 1;
        let answered = match compared {
            Ok(answered) => answered,
            Err(error) => {
                let repeat = format!("seed {SEED}, index {}: {error}", index - 1);
                disagreements.entry((error.core, error.judge)).or_insert(repeat);
                continue;
            }
        };
        for answer in answered {
            let mut offered = |answer: Answer| {
                let name = answer.map_or_else(|code| code, |new| if new { "adopted" } else { "unchanged" });
                *answers.entry(name).or_default() += 1;
            };
            match answer {
                Answered::Offer(answer) => offered(answer),
                Answered::Bundle(Ok(parts)) => parts.into_iter().for_each(offered),
                Answered::Bundle(Err(code)) => offered(Err(code)),
                Answered::Confirm(_) | Answered::Restart => {}
                Answered::Scan(verdict) => {
                    done += 1;
                    let outcome = match verdict.outcome {
                        Outcome::Admit => "admit",
                        Outcome::Refuse => "refuse",
                        Outcome::Refer => "refer",
                    };
                    *reasons.entry((verdict.row, outcome, verdict.code)).or_default() += 1;
                }
            }
        }
    }
    let told: Vec<String> = disagreements.into_values().collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    println!("{done} scans in {index} cases, seed {SEED}\n\n| row | outcome | code | scans |\n|---|---|---|---|");
    for ((row, outcome, code), count) in &reasons {
        println!("| {row} | {outcome} | {code} | {count} |");
    }
    println!("\n| answer to an object | times |\n|---|---|");
    for (code, count) in &answers {
        println!("| {code} | {count} |");
    }
    for (reason, count) in &reasons {
        assert!(REASONS.contains(reason), "{reason:?} is not in the table");
        assert!(*count >= least, "{reason:?} was met {count} times, not {least}");
    }
}

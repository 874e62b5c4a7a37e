//! Verdicts a second on one core: what comes to a checkpoint in a day, and each reason by itself, beside the bare
//! signature check.
//!
//! `cargo bench -p freightpass-core --bench verdicts`: the passes are the typical one of docs/FORMAT.md with one thing
//! wrong, each scanned from its text by a scanner that holds everything. A good pass ends at the last step and costs its
//! signature and little else; what is refused before the signature must cost a small part of it, or whoever waves
//! rubbish at a scanner holds the queue up.

#[allow(dead_code)] // Every bench uses a part of it.
mod deployment;
#[path = "../../../benches/report/mod.rs"]
mod report;

use std::hint::black_box;

use deployment::{DAY, NOW, issuer, place, scanner, status_at, typical};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use freightpass_core::hold::Held;
use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, Unsigned};
use freightpass_core::scan::{Observation, Policy, Verdict, scan};
use report::{Report, interleaved};

/// The most that a verdict may cost that needs the signature, in bare signature checks: the issuer is met all day.
const SIGNED_GOAL: f64 = 0.70;
/// The most that a verdict may cost that is reached before the signature.
const UNSIGNED_GOAL: f64 = 0.10;

/// Something that is shown to a scanner.
struct Case {
    /// The code of its verdict.
    code: &'static str,
    /// How many of a hundred scans of a day are of this kind (made up: no checkpoint has told).
    of_100: usize,
    text: String,
    seen: Observation,
    now: u64,
    goal: f64,
}

impl Case {
    fn scan(&self, held: &Held) -> Verdict {
        scan(black_box(&self.text), held, &Policy::default(), &self.seen, self.now)
    }
}

fn main() -> std::io::Result<()> {
    let held = scanner();
    let cases = cases();
    for case in &cases {
        let verdict = case.scan(&held);
        assert_eq!(verdict.code(), case.code, "{verdict:?}");
    }
    let (key, message, signature) = bare();
    let check = || key.verify_strict(black_box(&message), &signature);
    let mut report = Report::new("verdicts");

    let day: Vec<&Case> = cases.iter().flat_map(|case| std::iter::repeat_n(case, case.of_100)).collect();
    assert_eq!(day.len(), 100);
    // Each place of the queue by itself: a hundred scans in a row are never left alone on a shared machine.
    let least = |case: &&Case| interleaved(1_000, || case.scan(&held), check);
    let (ours, bare) = day.iter().map(least).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let a_second = |ns: f64| day.len() as f64 * 1e9 / ns;
    let name = "verdicts a second, a day's mix / bare verify_strict a second";
    report.add_least(name, a_second(ours), a_second(bare), 1.4);
    for case in &cases {
        let (ours, bare) = interleaved(5_000, || case.scan(&held), check);
        report.add(&format!("scan: {} / bare verify_strict, ns", case.code), ours, bare, Some(case.goal));
    }
    report.write()
}

/// The bare check of the typical pass: its key, its message, its signature.
fn bare() -> (VerifyingKey, Vec<u8>, Signature) {
    let key = issuer();
    let unsigned = Unsigned::new(&typical(), kid(&key)).expect("the typical pass can be signed");
    let message = unsigned.message();
    (VerifyingKey::from_bytes(key.verifying_key().as_bytes()).expect("a key"), message.clone(), key.sign(&message))
}

fn kid(key: &SigningKey) -> Kid {
    Kid::of(key.verifying_key().as_bytes())
}

/// The text of a pass with these claims, said to be signed by `named` and signed by `key`.
fn text(claims: &Claims, named: &SigningKey, key: &SigningKey) -> String {
    Unsigned::new(claims, kid(named))
        .expect("claims that can be signed")
        .sign(|message| key.sign(message).to_bytes())
        .text()
}

fn cases() -> Vec<Case> {
    let (key, other, good) = (issuer(), SigningKey::from_bytes(&[9; 32]), typical());
    let at = |county| Observation { county: Some(place(county)), ..Observation::default() };
    let signed = |code, of_100, claims: &Claims| Case {
        code,
        of_100,
        text: text(claims, &key, &key),
        seen: at(320_583),
        now: NOW.into(),
        goal: SIGNED_GOAL,
    };
    let unsigned = |code, of_100, text: String| Case { text, goal: UNSIGNED_GOAL, ..signed(code, of_100, &good) };
    let mut cut = text(&good, &key, &key);
    cut.truncate(300);
    let revoked = Claims { status: status_at(54_300, good.exp), ..good.clone() };
    let suspended = Claims { status: status_at(54_350, good.exp), ..good.clone() };
    let over = NOW - DAY;
    let expired = Claims { nbf: over - 7 * DAY, exp: over, status: status_at(54_321, over), ..good.clone() };
    let early = Claims { nbf: NOW + 2 * DAY, ..good.clone() };
    let other_truck = Observation { plate: Some("苏E99999".into()), ..at(320_583) };
    vec![
        signed("admit", 80, &good),
        signed("expired", 4, &expired),
        Case { seen: at(110_101), ..signed("off_route", 3, &good) },
        Case { seen: other_truck, ..signed("plate_mismatch", 3, &good) },
        signed("not_yet_valid", 2, &early),
        signed("revoked", 1, &revoked),
        signed("suspended", 1, &suspended),
        Case { text: text(&good, &key, &other), ..signed("bad_signature", 1, &good) },
        // All of a scanner's passes, or none: no part of a day's mix.
        Case { now: u64::from(NOW + 3 * DAY), ..signed("status_stale", 0, &good) },
        unsigned("key_unknown", 1, text(&good, &other, &other)),
        unsigned("malformed", 1, cut),
        unsigned("not_a_pass", 3, "https://example.org/health?code=320583&id=54321".to_owned()),
    ]
}

//! A scan beside the bare signature check, and issuing beside the bare signature.
//!
//! `cargo bench -p freightpass-core --bench scan`: the pass is the typical one of docs/FORMAT.md (two crew, Chinese
//! names, both plates, four regions); the scanner holds a trust list of seventeen authorities and a state of 65,536
//! indexes at 1% revoked and as many suspended. A key is cold where its signatures are verified without a table (feature
//! `warm`): where there are no tables all are, here the one that comes when every table is taken.

#[allow(dead_code)] // Every bench uses a part of it.
mod deployment;
#[path = "../../../benches/report/mod.rs"]
mod report;

use std::hint::black_box;

use deployment::{NOW, issuer, neighbours, place, scanner, typical};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use freightpass_core::hold::Held;
use freightpass_core::key::{Kid, PublicKey};
use freightpass_core::pass::{Claims, Unsigned};
use freightpass_core::scan::{Observation, Outcome, Policy, scan};
use freightpass_core::warm::WarmKey;
use report::{Report, interleaved};

fn main() -> std::io::Result<()> {
    let issuer = issuer();
    let claims = typical();
    let kid = Kid::of(issuer.verifying_key().as_bytes());
    let unsigned = Unsigned::new(&claims, kid).expect("the typical pass can be signed");
    let message = unsigned.message();
    let pass = unsigned.sign(|message| issuer.sign(message).to_bytes());
    let text = pass.text();
    let (held, cold) = (scanner(), scanner());
    meet(&held, &claims, &issuer);
    for (iss, key) in neighbours() {
        meet(&cold, &Claims { iss, ..claims.clone() }, &key);
    }
    let seen = Observation { county: Some(place(320_583)), ..Observation::default() };
    let verdict = scan(&text, &held, &Policy::default(), &seen, NOW.into());
    assert_eq!(verdict.outcome(), Outcome::Admit, "{verdict:?}");

    let mut report = Report::new("scan");
    let key = VerifyingKey::from_bytes(issuer.verifying_key().as_bytes()).expect("a key");
    let signature = Signature::from_bytes(&issuer.sign(&message).to_bytes());
    let (ours, bare) = interleaved(
        20_000,
        || scan(black_box(&text), &cold, &Policy::default(), &seen, NOW.into()),
        || key.verify_strict(black_box(&message), &signature),
    );
    report.add("scan of the typical pass / bare verify_strict, ns", ours, bare, Some(1.05));
    let (ours, bare) = interleaved(
        20_000,
        || scan(black_box(&text), &held, &Policy::default(), &seen, NOW.into()),
        || key.verify_strict(black_box(&message), &signature),
    );
    report.add("scan with a warm key / bare verify_strict, ns", ours, bare, Some(0.70));

    let public = PublicKey::from_bytes(issuer.verifying_key().as_bytes()).expect("a key");
    let warm = WarmKey::of(&public);
    let (ours, bare) = interleaved(
        20_000,
        || warm.verifies(black_box(&message), black_box(&signature.to_bytes())),
        || key.verify_strict(black_box(&message), &signature),
    );
    report.add("verify with a warm key / bare verify_strict, ns", ours, bare, None);
    let (ours, bare) =
        interleaved(500, || WarmKey::of(black_box(&public)), || key.verify_strict(black_box(&message), &signature));
    report.add("table of a key / bare verify_strict, ns", ours, bare, None);

    let (ours, bare) = interleaved(
        20_000,
        || {
            Unsigned::new(black_box(&claims), kid)
                .map(|unsigned| unsigned.sign(|message| issuer.sign(message).to_bytes()).text())
        },
        || issuer.sign(black_box(&message)),
    );
    report.add("encode + sign + base45 / bare sign, ns", ours, bare, Some(1.10));
    report.add("characters of the typical pass / 426", text.len() as f64, 426.0, Some(1.0));
    report.write()
}

/// Scans a pass so often that its issuer has a table, if there is one left.
fn meet(held: &Held, claims: &Claims, issuer: &SigningKey) {
    let kid = Kid::of(issuer.verifying_key().as_bytes());
    let text = Unsigned::new(claims, kid).expect("a pass").sign(|message| issuer.sign(message).to_bytes()).text();
    for _ in 0..100 {
        let verdict = scan(&text, held, &Policy::default(), &Observation::default(), NOW.into());
        assert!(verdict.pass().is_some(), "{verdict:?}");
    }
}

//! The signatures that the tokens are made of, by themselves: over the bytes that the typical pass signs.

use std::hint::black_box;

use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::key::PublicKey;
use freightpass_core::warm::WarmKey;

use super::freightpass;
use super::keys::ISSUER;
use crate::race::{Lane, lane};

/// A library's name, its signing where it signs, its verifying.
pub type BareLane = (&'static str, Option<Lane<'static>>, Lane<'static>);

/// Every library's.
pub fn lanes() -> Vec<BareLane> {
    let message: &'static [u8] = freightpass::message().leak();
    let key = SigningKey::from_bytes(&ISSUER);
    let public = key.verifying_key();
    let signature = key.sign(message);
    let bytes = signature.to_bytes();
    let ours = PublicKey::from_bytes(public.as_bytes()).expect("a key");
    let table = WarmKey::of(&ours);
    assert!(ours.verifies(message, &bytes) && table.verifies(message, &bytes), "the signature holds");
    vec![
        (
            "ed25519-dalek 3, `verify_strict`",
            Some(lane(move || key.sign(black_box(message)))),
            lane(move || public.verify_strict(black_box(message), &signature)),
        ),
        ("freightpass-core, an issuer's first passes", None, lane(move || ours.verifies(black_box(message), &bytes))),
        ("freightpass-core, an issuer with a table", None, lane(move || table.verifies(black_box(message), &bytes))),
        #[cfg(feature = "aws-lc")]
        aws_lc(message, bytes, *public.as_bytes()),
    ]
}

#[cfg(feature = "aws-lc")]
fn aws_lc(message: &'static [u8], signature: [u8; 64], public: [u8; 32]) -> BareLane {
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, VerificationAlgorithm};
    let pair = Ed25519KeyPair::from_seed_and_public_key(&ISSUER, &public).expect("a pair");
    let verify = move || ED25519.verify_sig(&public, black_box(message), &signature).expect("it holds");
    ("aws-lc", Some(lane(move || pair.sign(black_box(message)))), lane(verify))
}

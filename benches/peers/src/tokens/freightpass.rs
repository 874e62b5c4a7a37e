//! Our pass: the whole verdict of a checkpoint, from the text of the QR code to Admit.

use ed25519_dalek::{Signer as _, SigningKey};
use freightpass_core::hold::Held;
use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, Unsigned};
use freightpass_core::scan::{Observation, Outcome, Policy, scan};

use super::Token;
use super::keys::ISSUER;
use crate::deployment::{NOW, place, scanner, typical};

pub struct Pass {
    issuer: SigningKey,
    kid: Kid,
    held: Held,
    policy: Policy,
    seen: Observation,
}

impl Pass {
    pub fn new() -> Self {
        let issuer = SigningKey::from_bytes(&ISSUER);
        let kid = Kid::of(issuer.verifying_key().as_bytes());
        let seen = Observation { county: Some(place(320_583)), ..Observation::default() };
        Self { issuer, kid, held: scanner(), policy: Policy::default(), seen }
    }
}

impl Token for Pass {
    fn sign(&self, claims: &Claims) -> String {
        let unsigned = Unsigned::new(claims, self.kid).expect("claims that can be signed");
        unsigned.sign(|message| self.issuer.sign(message).to_bytes()).text()
    }

    fn verify(&self, text: &str) -> Option<Claims> {
        let verdict = scan(text, &self.held, &self.policy, &self.seen, NOW.into());
        let admitted = verdict.outcome() == Outcome::Admit;
        verdict.pass().filter(|_| admitted).map(|pass| pass.claims().clone())
    }
}

/// The bytes that the signature of the typical pass covers.
pub fn message() -> Vec<u8> {
    let pass = Pass::new();
    Unsigned::new(&typical(), pass.kid).expect("claims that can be signed").message()
}

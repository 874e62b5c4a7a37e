//! The typical pass as freightpass signs it, and the same claims in other tokens.

mod biscuit;
mod cwt;
mod enterprise;
mod freightpass;
mod json;
mod jwt;
mod keys;
mod paseto;
mod qr;

use std::hint::black_box;

use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::pass::Claims;

use crate::deployment::typical;
use crate::race::{Lane, lane, race};
use keys::ISSUER;
pub use qr::Code;
use qr::Mode;

/// A way to sign the claims of a pass, and to read them back.
trait Token {
    /// The text that is handed to the driver. Keys and headers stand ready; the claims are encoded and signed.
    fn sign(&self, claims: &Claims) -> String;

    /// The claims behind a text whose signature holds under the key that it names (by its kid, out of three), that
    /// name this key's authority, and that are in force at [`crate::deployment::NOW`].
    fn verify(&self, text: &str) -> Option<Claims>;
}

/// What was found for one token.
pub struct Row {
    pub name: &'static str,
    /// Of the token itself; those of its text where the token is a text.
    pub bytes: usize,
    pub characters: usize,
    /// As it is usually carried, at levels M and Q.
    pub usual: [Code; 2],
    /// In the alphabet that costs fewest modules for it, at level Q.
    pub packed: Code,
    /// Nanoseconds to sign and to verify; none for a row that is a size only.
    pub times: Option<(f64, f64)>,
}

/// Nanoseconds of a library's bare signature, over the bytes that our pass signs.
pub struct Bare {
    pub name: &'static str,
    pub sign: f64,
    pub verify: f64,
}

/// All tokens, ours first, and the bare signatures.
pub fn run(rounds: u32) -> (Vec<Row>, Vec<Bare>) {
    let claims = &typical();
    let peers: Vec<(&'static str, Mode, Box<dyn Token>)> = vec![
        ("freightpass", Mode::Alphanumeric, Box::new(freightpass::Pass::new())),
        ("CWT, our claims by coset", Mode::Alphanumeric, Box::new(cwt::Cwt::new(cwt::Names::Numbers))),
        ("CWT, claims named in text", Mode::Alphanumeric, Box::new(cwt::Cwt::new(cwt::Names::Texts))),
        ("JWT", Mode::Byte, Box::new(jwt::Jwt::new())),
        ("PASETO v4.public", Mode::Byte, Box::new(paseto::Paseto4::new())),
        ("Biscuit", Mode::Byte, Box::new(biscuit::BiscuitToken::new())),
    ];
    let texts: Vec<String> = peers.iter().map(|(_, _, token)| token.sign(claims)).collect();
    for ((name, _, token), text) in peers.iter().zip(&texts) {
        holds(name, token.as_ref(), text, claims);
    }
    // Ours is written by coset too, to the byte.
    assert_eq!(texts[0], texts[1], "coset writes our pass");

    let bare = BareSignatures::new();
    let mut signing: Vec<Lane<'_>> = Vec::new();
    let mut verifying: Vec<Lane<'_>> = Vec::new();
    for ((_, _, token), text) in peers.iter().zip(&texts) {
        signing.push(lane(move || token.sign(black_box(claims))));
        verifying.push(lane(move || token.verify(black_box(text))));
    }
    let bare_names = bare.add(&mut signing, &mut verifying);
    let (signed, verified) = (race(rounds, signing), race(rounds, verifying));

    let mut rows: Vec<Row> = Vec::new();
    for (((name, mode, _), text), (sign, verify)) in peers.iter().zip(&texts).zip(signed.iter().zip(&verified)) {
        let raw = match *name {
            "JWT" | "PASETO v4.public" => None,
            "Biscuit" => Some(biscuit::raw(text)),
            _ => Some(cwt::raw(text)),
        };
        rows.push(row(name, *mode, text, raw.as_deref(), Some((*sign, *verify))));
        if *name == "JWT" {
            rows.push(row("JWT, payload deflated", Mode::Byte, &jwt::deflated(text), None, None));
        }
    }
    let bare = bare_names.into_iter().zip(signed.iter().zip(&verified).skip(peers.len()));
    (rows, bare.map(|(name, (&sign, &verify))| Bare { name, sign, verify }).collect())
}

/// The claims come back out of the text, and not out of any text that differs from it in one character.
fn holds(name: &str, token: &dyn Token, text: &str, claims: &Claims) {
    assert_eq!(token.verify(text).as_ref(), Some(claims), "{name}: the claims come back");
    for at in (0..text.len()).step_by(7) {
        let mut other = text.as_bytes().to_vec();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).expect("ASCII");
        // The last character of base64url may carry bits that belong to no byte.
        assert!(token.verify(&other).is_none_or(|_| at + 1 == text.len()), "{name}: refused when changed at {at}");
    }
}

fn row(name: &'static str, mode: Mode, text: &str, raw: Option<&[u8]>, times: Option<(f64, f64)>) -> Row {
    let usual = [qr::LEVEL_M, qr::LEVEL_Q].map(|level| qr::code(text.as_bytes(), mode, level));
    let packed = match (mode, raw) {
        (Mode::Alphanumeric, _) => usual[1],
        (_, Some(raw)) => {
            let base45 = freightpass_core::pass::encode_text(raw);
            qr::code(base45.as_bytes(), Mode::Alphanumeric, qr::LEVEL_Q)
        }
        (_, None) => qr::code(qr::digits(text).as_bytes(), Mode::Numeric, qr::LEVEL_Q),
    };
    Row { name, bytes: raw.map_or(text.len(), <[u8]>::len), characters: text.len(), usual, packed, times }
}

/// The signatures that the tokens are made of, by themselves.
struct BareSignatures {
    message: Vec<u8>,
    key: SigningKey,
}

impl BareSignatures {
    fn new() -> Self {
        Self { message: freightpass::message(), key: SigningKey::from_bytes(&ISSUER) }
    }

    fn add<'a>(&'a self, signing: &mut Vec<Lane<'a>>, verifying: &mut Vec<Lane<'a>>) -> Vec<&'static str> {
        let (message, key) = (&self.message, &self.key);
        let public = key.verifying_key();
        let signature = key.sign(message);
        signing.push(lane(move || key.sign(black_box(message))));
        verifying.push(lane(move || public.verify_strict(black_box(message), &signature)));
        let mut names = vec!["ed25519-dalek 3, verify_strict"];
        #[cfg(feature = "aws-lc")]
        {
            use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, VerificationAlgorithm};
            let pair = Ed25519KeyPair::from_seed_and_public_key(&ISSUER, public.as_bytes()).expect("a pair");
            signing.push(lane(move || pair.sign(black_box(message))));
            verifying.push(lane(move || {
                ED25519.verify_sig(public.as_bytes(), black_box(message), &signature.to_bytes()).expect("it holds")
            }));
            names.push("aws-lc");
        }
        names
    }
}

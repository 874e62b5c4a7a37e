//! The typical pass as freightpass signs it, and the same claims in other tokens.

mod bare;
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

use freightpass_core::pass::Claims;

use crate::deployment::typical;
use crate::race::{Lane, lane, race};
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
    /// None where it only verifies.
    pub sign: Option<f64>,
    pub verify: f64,
}

/// All tokens, ours first, and the bare signatures; one character in `step` of each text is changed and seen to count.
pub fn run(rounds: u32, step: usize) -> (Vec<Row>, Vec<Bare>) {
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
        holds(name, token.as_ref(), text, claims, step);
    }
    // Ours is written by coset too, to the byte.
    assert_eq!(texts[0], texts[1], "coset writes our pass");

    let mut signing: Vec<Lane<'_>> = Vec::new();
    let mut verifying: Vec<Lane<'_>> = Vec::new();
    for ((_, _, token), text) in peers.iter().zip(&texts) {
        signing.push(lane(move || token.sign(black_box(claims))));
        verifying.push(lane(move || token.verify(black_box(text))));
    }
    let mut bare_names = Vec::new();
    for (name, sign, verify) in bare::lanes() {
        bare_names.push((name, sign.is_some()));
        signing.extend(sign);
        verifying.push(verify);
    }
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
    let mut signs = signed.into_iter().skip(peers.len());
    let bare = bare_names.into_iter().zip(verified.into_iter().skip(peers.len()));
    let bare = bare.map(|((name, signing), verify)| {
        let sign = if signing { signs.next() } else { None };
        Bare { name, sign, verify }
    });
    (rows, bare.collect())
}

/// The claims come back out of the text, and not out of any text that differs from it in one character.
fn holds(name: &str, token: &dyn Token, text: &str, claims: &Claims, step: usize) {
    assert_eq!(token.verify(text).as_ref(), Some(claims), "{name}: the claims come back");
    for at in (0..text.len()).step_by(step) {
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

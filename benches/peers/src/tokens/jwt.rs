//! JWT (RFC 7519) with EdDSA (RFC 8037), by jsonwebtoken.

use std::collections::HashMap;
use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use freightpass_core::key::Kid;
use freightpass_core::pass::Claims;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};

use super::Token;
use super::json::JsonClaims;
use super::keys::{AUTHORITIES, ISSUER, public};
use crate::deployment::NOW;

/// PKCS#8 of an Ed25519 seed (RFC 8410, section 7), up to the seed.
const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

pub struct Jwt {
    header: Header,
    key: EncodingKey,
    keys: HashMap<String, (DecodingKey, &'static str)>,
    validation: Validation,
}

impl Jwt {
    pub fn new() -> Self {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(name(public(&ISSUER).1));
        let keys = AUTHORITIES.map(|(seed, authority)| {
            let (key, kid) = public(&seed);
            (name(kid), (DecodingKey::from_ed_der(&key), authority))
        });
        let mut validation = Validation::new(Algorithm::EdDSA);
        // The library would ask the machine's clock; the bench has its own.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = EncodingKey::from_ed_der(&[&PKCS8[..], &ISSUER].concat());
        Self { header, key, keys: keys.into(), validation }
    }
}

impl Token for Jwt {
    fn sign(&self, claims: &Claims) -> String {
        encode(&self.header, &JsonClaims::of(claims, |time| time), &self.key).expect("claims that can be signed")
    }

    fn verify(&self, text: &str) -> Option<Claims> {
        let (key, authority) = self.keys.get(&decode_header(text).ok()?.kid?)?;
        let claims = decode::<JsonClaims<'static, u32>>(text, key, &self.validation).ok()?.claims;
        let holds = claims.iss == *authority && claims.nbf <= NOW && NOW < claims.exp;
        claims.into_claims(|time| time).filter(|_| holds)
    }
}

/// The same token with its payload deflated and `zip` in its header, as SMART Health Cards have it: for its size. (Its
/// signature, which is of the other payload, has the right size.)
pub fn deflated(text: &str) -> String {
    let [header, payload, signature] = text.split('.').collect::<Vec<_>>()[..] else { unreachable!("a JWT") };
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url");
    let header = String::from_utf8(header).expect("JSON").replacen('{', r#"{"zip":"DEF","#, 1);
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("a Vec takes all");
    let payload = deflate.finish().expect("a Vec takes all");
    [BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload), signature.into()].join(".")
}

fn name(kid: Kid) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(kid.0)
}

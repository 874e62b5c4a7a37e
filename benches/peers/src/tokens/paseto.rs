//! PASETO v4.public by rusty_paseto, the kid in the footer, times as the specification wants them: RFC 3339 text.

use std::collections::HashMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use freightpass_core::pass::Claims;
use rusty_paseto::core::{
    Footer, Key, Paseto, PasetoAsymmetricPrivateKey, PasetoAsymmetricPublicKey, Payload, Public, UntrustedToken, V4,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Token;
use super::json::JsonClaims;
use super::keys::{AUTHORITIES, ISSUER, public};
use crate::deployment::NOW;

pub struct Paseto4 {
    footer: String,
    key: Key<64>,
    keys: HashMap<String, (Key<32>, &'static str)>,
}

#[derive(Serialize, Deserialize)]
struct KeyName {
    kid: String,
}

#[derive(Serialize, Deserialize)]
struct Rfc3339(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl Paseto4 {
    pub fn new() -> Self {
        let kid = |seed: &[u8; 32]| BASE64_URL_SAFE_NO_PAD.encode(public(seed).1.0);
        let keys = AUTHORITIES.map(|(seed, authority)| (kid(&seed), (Key::from(public(&seed).0), authority)));
        Self {
            footer: serde_json::to_string(&KeyName { kid: kid(&ISSUER) }).expect("a text"),
            key: Key::from(SigningKey::from_bytes(&ISSUER).to_keypair_bytes()),
            keys: keys.into(),
        }
    }

    fn read(&self, text: &str) -> Option<(Claims, &'static str)> {
        let footer = UntrustedToken::try_parse(text).ok()?.footer_str().ok()??;
        let KeyName { kid } = serde_json::from_str(&footer).ok()?;
        let (key, authority) = self.keys.get(&kid)?;
        let key = PasetoAsymmetricPublicKey::<V4, Public>::from(key);
        let json = Paseto::<V4, Public>::try_verify(text, &key, Footer::from(footer.as_str()), None).ok()?;
        let claims: JsonClaims<'static, Rfc3339> = serde_json::from_str(&json).ok()?;
        let claims = claims.into_claims(|time| time.0.unix_timestamp().try_into().unwrap_or(u32::MAX))?;
        Some((claims, authority))
    }
}

impl Token for Paseto4 {
    fn sign(&self, claims: &Claims) -> String {
        let time = |time: u32| Rfc3339(OffsetDateTime::from_unix_timestamp(time.into()).expect("before 2107"));
        let json = serde_json::to_string(&JsonClaims::of(claims, time)).expect("claims that can be written");
        Paseto::<V4, Public>::builder()
            .set_payload(Payload::from(json.as_str()))
            .set_footer(Footer::from(self.footer.as_str()))
            .try_sign(&PasetoAsymmetricPrivateKey::from(&self.key))
            .expect("claims that can be signed")
    }

    fn verify(&self, text: &str) -> Option<Claims> {
        let (claims, authority) = self.read(text)?;
        (claims.iss == authority && claims.nbf <= NOW && NOW < claims.exp).then_some(claims)
    }
}

//! Tokens of other issuers, and our own, read within bounds.

use freightpass_core::cose::{ALG_EDDSA, sign1_message};
use freightpass_core::key::PublicKey;
use minicbor::Decoder;
use minicbor::data::Type;

use super::error::StatusTokenError;
use super::fields::{
    CLAIM_EXP, CLAIM_IAT, CLAIM_STATUS_LIST, CLAIM_SUB, CLAIM_TTL, HEADER_ALG, HEADER_TYP, MAX_ENTRIES, key, once,
};
use super::list::{MAX_LIST_BYTES, StatusList, read_list};
use super::{STATUS_TOKEN_TYPE, TokenClaims};

/// Bytes of a token that are read at the most: what a state of 2^26 places takes when it does not compress.
pub(super) const MAX_TOKEN_BYTES: usize = MAX_LIST_BYTES + (1 << 16);
/// COSE_Sign1 (RFC 9052, section 2).
const TAG_SIGN1: u64 = 18;

/// A token that was taken apart. Nothing has been verified.
#[derive(Clone)]
pub struct UnverifiedStatusToken<'b> {
    protected: &'b [u8],
    payload: &'b [u8],
    signature: &'b [u8],
    alg: i64,
    claims: TokenClaims,
    list: StatusList,
}

impl<'b> UnverifiedStatusToken<'b> {
    /// Takes a token apart: COSE_Sign1, type, claims, the list inflated within its bound. Claims and headers that are
    /// not named here are stepped over.
    pub fn read(bytes: &'b [u8]) -> Result<Self, StatusTokenError> {
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(StatusTokenError::TooLarge { size: bytes.len() });
        }
        let Envelope { protected, payload, signature } =
            envelope(bytes).map_err(|what| StatusTokenError::Envelope { what })?;
        let alg = header(protected)?;
        let (claims, list) = read_claims(payload)?;
        Ok(Self { protected, payload, signature, alg, claims, list })
    }

    /// The list, if `key` signed it by EdDSA, it is about `uri` and counts at `now`.
    pub fn verify(self, key: &PublicKey, uri: &str, now: u64) -> Result<(TokenClaims, StatusList), StatusTokenError> {
        let message = sign1_message(self.protected, self.payload);
        let signature = self.signature.try_into().map_err(|_| StatusTokenError::BadSignature)?;
        if self.alg != ALG_EDDSA || !key.verifies(&message, signature) {
            return Err(StatusTokenError::BadSignature);
        }
        if self.claims.uri != uri {
            return Err(StatusTokenError::OtherList);
        }
        let TokenClaims { issued, expires, .. } = self.claims;
        if issued > now || expires.is_some_and(|expires| expires <= now) {
            return Err(StatusTokenError::Time { issued, expires, now });
        }
        Ok((self.claims, self.list))
    }

    /// What it says, unverified.
    pub fn unverified_claims(&self) -> &TokenClaims {
        &self.claims
    }

    /// Its list, unverified.
    pub fn unverified_list(&self) -> &StatusList {
        &self.list
    }
}

/// The parts of a COSE_Sign1 message that count here.
struct Envelope<'b> {
    protected: &'b [u8],
    payload: &'b [u8],
    signature: &'b [u8],
}

fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, &'static str> {
    let mut decoder = Decoder::new(bytes);
    match decoder.tag() {
        Ok(tag) if tag.as_u64() == TAG_SIGN1 => {}
        _ => return Err("the tag 18 is missing"),
    }
    if decoder.array().ok() != Some(Some(4)) {
        return Err("not an array of four");
    }
    let protected = decoder.bytes().map_err(|_| "the protected header is no byte string")?;
    if decoder.datatype().ok() != Some(Type::Map) || decoder.skip().is_err() {
        return Err("the unprotected header is no map");
    }
    let payload = decoder.bytes().map_err(|_| "the payload is no byte string")?;
    let signature = decoder.bytes().map_err(|_| "the signature is no byte string")?;
    if decoder.position() != bytes.len() {
        return Err("bytes after the end");
    }
    Ok(Envelope { protected, payload, signature })
}

/// The algorithm of a protected header whose type is that of a status list.
fn header(protected: &[u8]) -> Result<i64, StatusTokenError> {
    let mut decoder = Decoder::new(protected);
    let (mut alg, mut typ) = (None, None);
    let broken = StatusTokenError::Envelope { what: "the protected header is no map of its own" };
    let count = decoder.map().ok().flatten().filter(|count| *count <= MAX_ENTRIES).ok_or(broken.clone())?;
    for _ in 0..count {
        match key(&mut decoder) {
            Some(Some(HEADER_ALG)) if alg.is_none() => alg = Some(decoder.i64().map_err(|_| broken.clone())?),
            Some(Some(HEADER_TYP)) if typ.is_none() => typ = Some(decoder.str().map_err(|_| StatusTokenError::Type)?),
            Some(Some(HEADER_ALG | HEADER_TYP)) | None => return Err(broken),
            Some(_) => decoder.skip().map_err(|_| broken.clone())?,
        }
    }
    if typ != Some(STATUS_TOKEN_TYPE) {
        return Err(StatusTokenError::Type);
    }
    if decoder.position() != protected.len() {
        return Err(broken);
    }
    alg.ok_or(broken)
}

fn read_claims(payload: &[u8]) -> Result<(TokenClaims, StatusList), StatusTokenError> {
    let mut decoder = Decoder::new(payload);
    let (mut uri, mut expires, mut issued, mut list, mut ttl) = (None, None, None, None, None);
    let broken = StatusTokenError::Envelope { what: "the payload is no map of its own" };
    let count = decoder.map().ok().flatten().filter(|count| *count <= MAX_ENTRIES).ok_or(broken.clone())?;
    for _ in 0..count {
        let claim = key(&mut decoder).ok_or(broken.clone())?;
        let wrong = |claim| StatusTokenError::Claim { claim };
        match claim {
            Some(claim @ CLAIM_SUB) => once(&mut uri, decoder.str().ok().map(str::to_owned)).ok_or(wrong(claim))?,
            Some(claim @ CLAIM_EXP) => once(&mut expires, decoder.u64().ok()).ok_or(wrong(claim))?,
            Some(claim @ CLAIM_IAT) => once(&mut issued, decoder.u64().ok()).ok_or(wrong(claim))?,
            Some(claim @ CLAIM_TTL) => once(&mut ttl, decoder.u64().ok()).ok_or(wrong(claim))?,
            Some(claim @ CLAIM_STATUS_LIST) => {
                let read = read_list(&mut decoder)?;
                once(&mut list, Some(read)).ok_or(wrong(claim))?;
            }
            _ => decoder.skip().map_err(|_| broken.clone())?,
        }
    }
    if decoder.position() != payload.len() {
        return Err(broken);
    }
    let missing = |claim| StatusTokenError::Claim { claim };
    let claims =
        TokenClaims { uri: uri.ok_or(missing(CLAIM_SUB))?, issued: issued.ok_or(missing(CLAIM_IAT))?, expires, ttl };
    Ok((claims, list.ok_or(missing(CLAIM_STATUS_LIST))?))
}

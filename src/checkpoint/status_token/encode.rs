//! Our own tokens.

use freightpass_core::cose::{ALG_EDDSA, sign1, sign1_message};
use freightpass_core::key::Kid;
use freightpass_core::status::State;
use minicbor::Encoder;

use super::fields::{
    CLAIM_EXP, CLAIM_IAT, CLAIM_STATUS_LIST, CLAIM_SUB, CLAIM_TTL, HEADER_ALG, HEADER_KID, HEADER_TYP,
};
use super::list::compress;
use super::{STATUS_TOKEN_TYPE, TokenClaims};

/// The token of `state`, signed through `sign` by the status key `kid`.
pub fn encode<E>(
    state: &State,
    claims: &TokenClaims,
    kid: Kid,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<Vec<u8>, E> {
    let compressed = compress(state.array());
    let mut payload = Encoder::new(Vec::with_capacity(compressed.len() + 128));
    let ends = u64::from(claims.expires.is_some()) + u64::from(claims.ttl.is_some());
    // Writing into a Vec cannot fail.
    let _ = payload.map(3 + ends).and_then(|e| {
        e.i64(CLAIM_SUB)?.str(&claims.uri)?;
        if let Some(expires) = claims.expires {
            e.i64(CLAIM_EXP)?.u64(expires)?;
        }
        e.i64(CLAIM_IAT)?.u64(claims.issued)?;
        e.i64(CLAIM_STATUS_LIST)?.map(2)?.str("lst")?.bytes(&compressed)?.str("bits")?.u8(2)?;
        if let Some(ttl) = claims.ttl {
            e.i64(CLAIM_TTL)?.u64(ttl)?;
        }
        Ok(e)
    });
    let payload = payload.into_writer();
    let mut protected = Encoder::new(Vec::new());
    let _ = protected.map(3).and_then(|e| {
        e.i64(HEADER_ALG)?.i64(ALG_EDDSA)?.i64(HEADER_KID)?.bytes(&kid.0)?.i64(HEADER_TYP)?.str(STATUS_TOKEN_TYPE)
    });
    let protected = protected.into_writer();
    let signature = sign(&sign1_message(&protected, &payload))?;
    Ok(sign1(&protected, &payload, &signature))
}

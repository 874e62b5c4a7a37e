//! COSE messages of docs/FORMAT.md, sections 1.1 and 1.3, read a second time, by ciborium: no code of the core, no
//! order of faults, only whether bytes are such a message and what they say.

use ciborium::Value;
use freightpass_core::limits::{CHAIN, MANIFEST_BYTES, TRUST_BYTES};

use crate::deterministic;

/// A COSE_Sign1 message: a pass or a manifest.
pub struct Sign1 {
    /// Bytes of the protected header.
    pub protected: Vec<u8>,
    /// Whether the algorithm is EdDSA; coset reads only those that are registered.
    pub is_eddsa: bool,
    /// The key that it names.
    pub kid: [u8; 8],
    /// Bytes of the payload.
    pub payload: Vec<u8>,
    /// The signature.
    pub signature: [u8; 64],
}

/// A COSE_Sign message: a trust list.
pub struct Sign {
    /// Bytes of the payload.
    pub payload: Vec<u8>,
    /// Whether each algorithm is EdDSA.
    pub is_eddsa: bool,
    /// Names of keys and signatures.
    pub cosignatures: Vec<([u8; 8], [u8; 64])>,
}

/// Reads a COSE_Sign1 message of at most [`MANIFEST_BYTES`].
pub fn sign1(bytes: &[u8]) -> Option<Sign1> {
    let [protected, unprotected, payload, signature] = message(bytes, MANIFEST_BYTES, &[0xd2])?;
    let (protected, payload) = (protected.into_bytes().ok()?, payload.into_bytes().ok()?);
    let header = header(&protected, &[1, 4, 16])?;
    let [alg, kid, typ] = <[Value; 3]>::try_from(header).ok()?;
    let typ = typ.into_integer().ok()?;
    let good = alg.is_integer() && u64::try_from(typ).is_ok() && is_empty(&unprotected);
    deterministic::item(&payload)?;
    let (kid, signature) = (sized(kid)?, sized(signature)?);
    good.then_some(Sign1 { protected, is_eddsa: alg == Value::from(-8), kid, payload, signature })
}

/// Reads a COSE_Sign message of at most [`TRUST_BYTES`].
pub fn sign(bytes: &[u8]) -> Option<Sign> {
    let [protected, unprotected, payload, signatures] = message(bytes, TRUST_BYTES, &[0xd8, 98])?;
    let payload = payload.into_bytes().ok()?;
    deterministic::item(&payload)?;
    let [typ] = <[Value; 1]>::try_from(header(&protected.into_bytes().ok()?, &[16])?).ok()?;
    u64::try_from(typ.into_integer().ok()?).ok()?;
    let signatures = signatures.into_array().ok()?;
    let good = is_empty(&unprotected) && (1..=CHAIN).contains(&signatures.len());
    let cosignatures = signatures.into_iter().map(cosignature).collect::<Option<Vec<_>>>()?;
    let is_eddsa = cosignatures.iter().all(|(is_eddsa, ..)| *is_eddsa);
    let cosignatures = cosignatures.into_iter().map(|(_, kid, signature)| (kid, signature)).collect();
    good.then_some(Sign { payload, is_eddsa, cosignatures })
}

fn cosignature(value: Value) -> Option<(bool, [u8; 8], [u8; 64])> {
    let [protected, unprotected, signature] = <[Value; 3]>::try_from(value.into_array().ok()?).ok()?;
    let [alg, kid] = <[Value; 2]>::try_from(header(&protected.into_bytes().ok()?, &[1, 4])?).ok()?;
    (alg.is_integer() && is_empty(&unprotected)).then_some((alg == Value::from(-8), sized(kid)?, sized(signature)?))
}

/// The members of the array of four behind this tag.
fn message(bytes: &[u8], cap: usize, tag: &[u8]) -> Option<[Value; 4]> {
    let rest = bytes.strip_prefix(tag).filter(|_| bytes.len() <= cap)?;
    deterministic::item(rest)?.into_array().ok()?.try_into().ok()
}

/// The values of a header with exactly these keys, in their order.
fn header(bytes: &[u8], keys: &[i64]) -> Option<Vec<Value>> {
    let entries = deterministic::item(bytes)?.into_map().ok()?;
    let same = entries.iter().map(|(key, _)| key.clone()).eq(keys.iter().map(|key| Value::from(*key)));
    same.then(|| entries.into_iter().map(|(_, value)| value).collect())
}

fn is_empty(map: &Value) -> bool {
    map.as_map().is_some_and(Vec::is_empty)
}

fn sized<const N: usize>(value: Value) -> Option<[u8; N]> {
    value.into_bytes().ok()?.try_into().ok()
}

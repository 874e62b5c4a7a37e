//! COSE messages, in the order of section 1.3.

use super::cbor::{self, Value};
use super::{CDDL, DETERMINISM, ENVELOPE, Refusal};

/// A COSE_Sign1 message that is readable; nothing in it is verified.
pub struct Sign1 {
    pub typ: u64,
    pub alg: i128,
    pub kid: [u8; 8],
    pub payload_bytes: Vec<u8>,
    pub payload: Value,
    pub signature: [u8; 64],
    protected: Vec<u8>,
}

/// A COSE_Sign message that is readable.
pub struct Sign {
    pub typ: u64,
    pub payload_bytes: Vec<u8>,
    pub payload: Value,
    pub cosignatures: Vec<Cosignature>,
    protected: Vec<u8>,
}

pub struct Cosignature {
    pub alg: i128,
    pub kid: [u8; 8],
    pub signature: [u8; 64],
    protected: Vec<u8>,
}

impl Sign1 {
    /// Reads a message of at most `cap` bytes.
    pub fn read(bytes: &[u8], cap: usize) -> Result<Self, Refusal> {
        let members = members(bytes, 18, cap)?;
        let [protected, unprotected, payload, signature] = &members[..] else { return Err(ENVELOPE) };
        let protected = protected.bytes().ok_or(ENVELOPE)?;
        is_empty_map(unprotected)?;
        let payload = payload.bytes().ok_or(ENVELOPE)?;
        let signature = signature.exactly().ok_or(ENVELOPE)?;
        let header = header(protected, &[1, 4, 16])?;
        Ok(Sign1 {
            typ: typ(&header)?,
            alg: alg(&header)?,
            kid: kid(&header)?,
            payload_bytes: payload.to_vec(),
            payload: cbor::read(payload).ok_or(DETERMINISM)?,
            signature,
            protected: protected.to_vec(),
        })
    }

    pub fn is_signed_by(&self, key: &[u8; 32]) -> bool {
        let message = to_be_signed("Signature1", &[&self.protected, &[], &self.payload_bytes]);
        super::is_signed(key, &message, &self.signature)
    }
}

impl Sign {
    /// Reads a message of at most `cap` bytes.
    pub fn read(bytes: &[u8], cap: usize) -> Result<Self, Refusal> {
        let members = members(bytes, 98, cap)?;
        let [protected, unprotected, payload, signatures] = &members[..] else { return Err(ENVELOPE) };
        let protected = protected.bytes().ok_or(ENVELOPE)?;
        is_empty_map(unprotected)?;
        let payload = payload.bytes().ok_or(ENVELOPE)?;
        let mut split = Vec::new();
        for cosignature in signatures.array(1, 16).ok_or(ENVELOPE)? {
            let [own, unprotected, signature] = cosignature.array(3, 3).ok_or(ENVELOPE)? else { return Err(ENVELOPE) };
            let own = own.bytes().ok_or(ENVELOPE)?;
            is_empty_map(unprotected)?;
            split.push((own.to_vec(), signature.exactly().ok_or(ENVELOPE)?));
        }
        let mut cosignatures = Vec::new();
        for (own, signature) in split {
            let header = header(&own, &[1, 4])?;
            cosignatures.push(Cosignature { alg: alg(&header)?, kid: kid(&header)?, signature, protected: own });
        }
        let header = header(protected, &[16])?;
        Ok(Sign {
            typ: typ(&header)?,
            payload_bytes: payload.to_vec(),
            payload: cbor::read(payload).ok_or(DETERMINISM)?,
            cosignatures,
            protected: protected.to_vec(),
        })
    }

    /// How many of these root keys have a valid cosignature of alg -8.
    pub fn valid(&self, roots: &[[u8; 32]]) -> usize {
        let signed = |root: &&[u8; 32]| {
            self.cosignatures.iter().any(|one| {
                let message = to_be_signed("Signature", &[&self.protected, &one.protected, &[], &self.payload_bytes]);
                one.alg == -8 && one.kid == super::kid(root) && super::is_signed(root, &message, &one.signature)
            })
        };
        roots.iter().filter(signed).count()
    }
}

/// The four members of the array in the right tag.
fn members(bytes: &[u8], tag: u64, cap: usize) -> Result<Vec<Value>, Refusal> {
    if bytes.len() > cap {
        return Err(ENVELOPE);
    }
    let mut rest = bytes;
    match bytes.first().ok_or(DETERMINISM)? >> 5 {
        6 => {}
        _ => return Err(ENVELOPE),
    }
    let (_, found) = cbor::head(&mut rest).ok_or(DETERMINISM)?;
    if found != tag {
        return Err(ENVELOPE);
    }
    // 18 and 98 both take one byte and no more where they are in their shortest form: d2, d8 62.
    if bytes.len() - rest.len() != if tag < 24 { 1 } else { 2 } {
        return Err(DETERMINISM);
    }
    let message = cbor::read(rest).ok_or(DETERMINISM)?;
    message.array(4, 4).map(<[Value]>::to_vec).ok_or(ENVELOPE)
}

fn is_empty_map(value: &Value) -> Result<(), Refusal> {
    if value.entries().is_some_and(<[_]>::is_empty) { Ok(()) } else { Err(ENVELOPE) }
}

/// A protected header with exactly these keys.
fn header(bytes: &[u8], keys: &[i128]) -> Result<Value, Refusal> {
    let header = cbor::read(bytes).ok_or(DETERMINISM)?;
    let entries = header.entries().ok_or(ENVELOPE)?;
    let exact = entries.len() == keys.len() && keys.iter().all(|key| header.get(*key).is_some());
    if exact { Ok(header) } else { Err(ENVELOPE) }
}

fn typ(header: &Value) -> Result<u64, Refusal> {
    header.get(16).and_then(|typ| typ.int(0, u64::MAX.into())).map(|typ| typ as u64).ok_or(ENVELOPE)
}

fn alg(header: &Value) -> Result<i128, Refusal> {
    header.get(1).and_then(|alg| alg.int(i128::MIN, i128::MAX)).ok_or(ENVELOPE)
}

fn kid(header: &Value) -> Result<[u8; 8], Refusal> {
    header.get(4).and_then(Value::exactly).ok_or(ENVELOPE)
}

/// RFC 9052, section 4.4.
fn to_be_signed(context: &str, parts: &[&[u8]]) -> Vec<u8> {
    let parts = parts.iter().map(|part| Value::Bytes(part.to_vec()));
    let all = [Value::Text(context.into())].into_iter().chain(parts).collect();
    cbor::write(&Value::Array(all)).unwrap_or_default()
}

/// What the CDDL refuses.
pub fn cddl<T>(read: Option<T>) -> Result<T, Refusal> {
    read.ok_or(CDDL)
}

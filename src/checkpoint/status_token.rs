//! Token Status List (draft-ietf-oauth-status-list) of a published state, for verifiers of other systems; and our own
//! reader of such tokens. No scanner of ours reads one: it holds the state itself.
//!
//! A token is a CWT (RFC 8392): COSE_Sign1 with `typ` `application/statuslist+cwt`, claims 2 (sub: the list's URI),
//! 4 (exp), 6 (iat), 65533 (the status list: bits and the zlib-compressed array), 65534 (ttl). The array is the state's
//! own: index i in the bits from the least significant one of byte i / (8 / bits) up.

use std::io::Read as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use freightpass_core::cose::{ALG_EDDSA, sign1, sign1_message};
use freightpass_core::key::{Kid, PublicKey};
use freightpass_core::status::{MAX_N, State};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};

/// The type in the protected header (section 5.2; RFC 9596).
pub const STATUS_TOKEN_TYPE: &str = "application/statuslist+cwt";
/// Bytes of a token that are read at the most: what a state of 2^26 places takes when it does not compress.
const MAX_TOKEN_BYTES: usize = MAX_LIST_BYTES + (1 << 16);
/// Bytes of an inflated list at the most: 2^26 places of two bits. A list of another issuer with eight bits has a
/// quarter of the places.
const MAX_LIST_BYTES: usize = (MAX_N / 4) as usize;
/// Claims and headers of other issuers that we step over, at the most.
const MAX_ENTRIES: u64 = 64;
/// COSE_Sign1 (RFC 9052, section 2).
const TAG_SIGN1: u64 = 18;

const HEADER_ALG: i64 = 1;
const HEADER_KID: i64 = 4;
const HEADER_TYP: i64 = 16;
const CLAIM_SUB: i64 = 2;
const CLAIM_EXP: i64 = 4;
const CLAIM_IAT: i64 = 6;
const CLAIM_STATUS_LIST: i64 = 65_533;
const CLAIM_TTL: i64 = 65_534;

/// What a token says besides the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// The URI at which the list is published: the one in the passes.
    pub uri: String,
    /// When it was signed, seconds since 1970.
    pub issued: u64,
    /// From when on it does not count any more; none: the issuer sets no end.
    pub expires: Option<u64>,
    /// After how many seconds to fetch the next one; none: the issuer gives no advice.
    pub ttl: Option<u64>,
}

/// A status list as another issuer may make it.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    array: Vec<u8>,
}

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

/// Why a token is not read. None of it ever means "not revoked".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusTokenError {
    /// Larger than any list of ours.
    #[error("the token has {size} bytes, at most {MAX_TOKEN_BYTES} are read")]
    TooLarge {
        /// Bytes.
        size: usize,
    },
    /// No COSE_Sign1 message with a protected header and a payload.
    #[error("not a COSE_Sign1 message: {what}")]
    Envelope {
        /// What is wrong.
        what: &'static str,
    },
    /// The header's type is none or another.
    #[error("the header does not say {STATUS_TOKEN_TYPE}")]
    Type,
    /// A claim is missing, stands twice or is of another type.
    #[error("claim {claim} is missing, double or of another type")]
    Claim {
        /// Its number.
        claim: i64,
    },
    /// Another number of bits than 1, 2, 4 or 8.
    #[error("{bits} bits a place")]
    Bits {
        /// The number.
        bits: u64,
    },
    /// The list is not zlib (RFC 1950), or goes on behind its end.
    #[error("the list is not zlib")]
    Compression,
    /// The list inflates to more than any list of ours.
    #[error("the list inflates to more than {MAX_LIST_BYTES} bytes")]
    ListTooLarge,
    /// The signature is none of that key by EdDSA.
    #[error("the signature is not that of the key")]
    BadSignature,
    /// It is about another list than the one that was asked for.
    #[error("the token is about another list")]
    OtherList,
    /// It does not count any more, or not yet.
    #[error("the token counts from {issued} to {expires:?}, it is {now}")]
    Time {
        /// When it was signed.
        issued: u64,
        /// When it ends.
        expires: Option<u64>,
        /// The time.
        now: u64,
    },
}

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

impl StatusList {
    /// Reads the CBOR map `{"bits": ..., "lst": ...}` (section 4.3).
    pub fn read(bytes: &[u8]) -> Result<Self, StatusTokenError> {
        let mut decoder = Decoder::new(bytes);
        let list = read_list(&mut decoder)?;
        if decoder.position() != bytes.len() {
            return Err(StatusTokenError::Claim { claim: CLAIM_STATUS_LIST });
        }
        Ok(list)
    }

    /// Bits of one place.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The inflated array.
    pub fn array(&self) -> &[u8] {
        &self.array
    }

    /// The value at `idx`; none behind the end, which is never "valid".
    pub fn value(&self, idx: u64) -> Option<u8> {
        let places = u64::from(8 / self.bits);
        let byte = *self.array.get(usize::try_from(idx / places).ok()?)?;
        let shift = u32::try_from(idx % places).ok()? * u32::from(self.bits);
        let mask = u8::MAX >> (8 - self.bits);
        Some(byte >> shift & mask)
    }
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatusList").field("bits", &self.bits).field("bytes", &self.array.len()).finish()
    }
}

fn compress(array: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into a Vec cannot fail.
    let _ = encoder.write_all(array);
    encoder.finish().unwrap_or_default()
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, StatusTokenError> {
    let mut array = Vec::new();
    // One byte more than allowed tells a list that is too large from one that fits.
    let mut decoder = ZlibDecoder::new(compressed).take(MAX_LIST_BYTES as u64 + 1);
    decoder.read_to_end(&mut array).map_err(|_| StatusTokenError::Compression)?;
    if array.len() > MAX_LIST_BYTES {
        return Err(StatusTokenError::ListTooLarge);
    }
    if decoder.into_inner().total_in() != compressed.len() as u64 {
        return Err(StatusTokenError::Compression);
    }
    Ok(array)
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

fn read_list(decoder: &mut Decoder<'_>) -> Result<StatusList, StatusTokenError> {
    let wrong = StatusTokenError::Claim { claim: CLAIM_STATUS_LIST };
    let (mut bits, mut compressed) = (None, None);
    let count = decoder.map().ok().flatten().filter(|count| *count <= MAX_ENTRIES).ok_or(wrong.clone())?;
    for _ in 0..count {
        match decoder.str() {
            Ok("bits") => once(&mut bits, decoder.u64().ok()).ok_or(wrong.clone())?,
            Ok("lst") => once(&mut compressed, decoder.bytes().ok()).ok_or(wrong.clone())?,
            // aggregation_uri and what may come.
            Ok(_) => decoder.skip().map_err(|_| wrong.clone())?,
            Err(_) => return Err(wrong),
        }
    }
    let bits = bits.ok_or(wrong.clone())?;
    let number = u8::try_from(bits).ok().filter(|bits| [1, 2, 4, 8].contains(bits));
    let number = number.ok_or(StatusTokenError::Bits { bits })?;
    Ok(StatusList { bits: number, array: inflate(compressed.ok_or(wrong)?)? })
}

/// Puts a value that was read where none was before.
fn once<T>(place: &mut Option<T>, value: Option<T>) -> Option<()> {
    if place.is_some() {
        return None;
    }
    *place = Some(value?);
    Some(())
}

/// A key of a map: an integer, or something else that was stepped over (inner none); none for what is unreadable.
fn key(decoder: &mut Decoder<'_>) -> Option<Option<i64>> {
    match decoder.datatype().ok()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            Some(Some(decoder.i64().ok()?))
        }
        _ => decoder.skip().ok().map(|()| None),
    }
}

#[cfg(test)]
mod tests {
    use coset::TaggedCborSerializable as _;
    use ed25519_dalek::{Signer as _, SigningKey};
    use freightpass_core::status::Value;

    use super::*;

    const NOW: u64 = 1_796_054_400;
    const URI: &str = "HTTPS://PASS.TEST/S/2969";

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[4; 32])
    }

    fn public() -> PublicKey {
        PublicKey::from_bytes(&key().verifying_key().to_bytes()).unwrap()
    }

    fn token(state: &State) -> Vec<u8> {
        let claims = TokenClaims { uri: URI.to_owned(), issued: NOW, expires: Some(NOW + 600), ttl: Some(60) };
        let sign = |message: &[u8]| Ok::<_, std::convert::Infallible>(key().sign(message).to_bytes());
        encode(state, &claims, public().kid(), sign).unwrap()
    }

    /// FP-04: a list of 16 with 0 and 9 revoked.
    fn state() -> State {
        State::from_sets(2969, 16, &[0, 9], &[]).unwrap()
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    /// A token by the right key whose claims are these.
    fn token_of(payload: &[u8]) -> Vec<u8> {
        let mut protected = Encoder::new(Vec::new());
        protected.map(2).unwrap().i64(1).unwrap().i64(-8).unwrap().i64(16).unwrap().str(STATUS_TOKEN_TYPE).unwrap();
        let protected = protected.into_writer();
        let signature = key().sign(&sign1_message(&protected, payload)).to_bytes();
        sign1(&protected, payload, &signature)
    }

    fn payload(list_claim: i64, bits: u64, compressed: &[u8]) -> Vec<u8> {
        let mut e = Encoder::new(Vec::new());
        e.map(3).unwrap().i64(2).unwrap().str(URI).unwrap().i64(6).unwrap().u64(NOW).unwrap();
        e.i64(list_claim).unwrap().map(2).unwrap().str("bits").unwrap().u64(bits).unwrap();
        e.str("lst").unwrap().bytes(compressed).unwrap();
        e.into_writer()
    }

    #[test]
    fn fp_04_list_stands_under_its_claim_in_the_bit_order_of_the_draft() {
        let token = token(&state());
        let (claims, list) = UnverifiedStatusToken::read(&token).unwrap().verify(&public(), URI, NOW).unwrap();
        assert_eq!(claims, TokenClaims { uri: URI.into(), issued: NOW, expires: Some(NOW + 600), ttl: Some(60) });
        assert_eq!((list.bits(), list.array()), (2, &[0x01, 0x00, 0x04, 0x00][..]));
        for idx in 0..16 {
            assert_eq!(list.value(idx), Some(u8::from(idx == 0 || idx == 9)), "{idx}");
        }
        assert_eq!(list.value(16), None);

        // Read by another CBOR library: claim 65533 holds the list, 65534 the ttl.
        let sign1 = coset::CoseSign1::from_tagged_slice(&token).unwrap();
        let claims: coset::cbor::Value = coset::cbor::from_reader(&sign1.payload.unwrap()[..]).unwrap();
        let claims = claims.into_map().unwrap();
        let keys: Vec<_> = claims.iter().map(|(key, _)| i128::from(key.as_integer().unwrap())).collect();
        assert_eq!(keys, [2, 4, 6, 65_533, 65_534]);
        let list = claims[3].1.as_map().unwrap();
        let bits = list.iter().find(|(key, _)| key.as_text() == Some("bits")).unwrap();
        assert_eq!(i128::from(bits.1.as_integer().unwrap()), 2);
    }

    #[test]
    fn fp_04_list_under_another_claim_is_refused_and_never_read_as_valid() {
        let compressed = compress(&[1, 0, 4, 0]);
        for claim in [65_535, 65_532, 65_534, -65_533] {
            let token = token_of(&payload(claim, 2, &compressed));
            let refused = UnverifiedStatusToken::read(&token).err().unwrap();
            let missing = if claim == 65_534 { 65_534 } else { 65_533 };
            assert_eq!(refused, StatusTokenError::Claim { claim: missing });
        }
        assert!(UnverifiedStatusToken::read(&token_of(&payload(65_533, 2, &compressed))).is_ok());
    }

    #[test]
    fn token_of_another_key_list_or_time_is_refused() {
        let token = token(&state());
        let read = || UnverifiedStatusToken::read(&token).unwrap();
        let other = PublicKey::from_bytes(&SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes()).unwrap();
        assert_eq!(read().verify(&other, URI, NOW), Err(StatusTokenError::BadSignature));
        assert_eq!(read().verify(&public(), "HTTPS://PASS.TEST/S/2970", NOW), Err(StatusTokenError::OtherList));
        for (now, good) in [(NOW - 1, false), (NOW, true), (NOW + 599, true), (NOW + 600, false)] {
            assert_eq!(read().verify(&public(), URI, now).is_ok(), good, "{now}");
        }
        let mut altered = token.clone();
        let at = altered.len() - 80;
        altered[at] ^= 1;
        if let Ok(read) = UnverifiedStatusToken::read(&altered) {
            assert_eq!(read.verify(&public(), URI, NOW), Err(StatusTokenError::BadSignature));
        }
    }

    #[test]
    fn inflating_is_bounded_and_rubbish_is_refused() {
        let bomb = compress(&vec![0; MAX_LIST_BYTES + 1]);
        assert!(bomb.len() < 100_000);
        let refused = |compressed: &[u8], bits| {
            UnverifiedStatusToken::read(&token_of(&payload(65_533, bits, compressed))).err().unwrap()
        };
        assert_eq!(refused(&bomb, 2), StatusTokenError::ListTooLarge);
        assert_eq!(refused(b"no zlib", 2), StatusTokenError::Compression);
        let mut trailing = compress(&[1]);
        trailing.push(0);
        assert_eq!(refused(&trailing, 2), StatusTokenError::Compression);
        let good = compress(&[1]);
        assert_eq!(refused(&good[..good.len() - 1], 2), StatusTokenError::Compression);
        for bits in [0, 3, 16, 256 + 2] {
            assert_eq!(refused(&good, bits), StatusTokenError::Bits { bits });
        }
        let whole = token(&state());
        for end in 0..whole.len() {
            assert!(UnverifiedStatusToken::read(&whole[..end]).is_err(), "{end}");
        }
        let too_large = vec![0; MAX_TOKEN_BYTES + 1];
        assert_eq!(
            UnverifiedStatusToken::read(&too_large).err(),
            Some(StatusTokenError::TooLarge { size: MAX_TOKEN_BYTES + 1 })
        );
    }

    #[test]
    fn list_of_the_largest_capacity_is_read() {
        let mut state = State::empty(2969, MAX_N).unwrap();
        state.set(MAX_N - 1, Value::Suspended).unwrap();
        let token = token(&state);
        let (_, list) = UnverifiedStatusToken::read(&token).unwrap().verify(&public(), URI, NOW).unwrap();
        assert_eq!(list.value(u64::from(MAX_N) - 1), Some(2));
        assert_eq!(list.value(u64::from(MAX_N)), None);
    }

    /// draft-ietf-oauth-status-list, section 4.1 (the arrays) and 4.3 (the CBOR of both).
    #[test]
    fn lists_of_section_4_are_read() {
        let one = StatusList::read(&bytes("a2646269747301636c73744a78dadbb918000217015d")).unwrap();
        assert_eq!((one.bits(), one.array()), (1, &[0xb9, 0xa3][..]));
        let values: Vec<_> = (0..17).map(|idx| one.value(idx)).collect();
        let expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].map(Some);
        assert_eq!((&values[..16], values[16]), (&expected[..], None));
        let two = StatusList::read(&bytes("a2646269747302636c73744b78da3be9f2130003df0207")).unwrap();
        assert_eq!((two.bits(), two.array()), (2, &[0xc9, 0x44, 0xf9][..]));
        let values: Vec<_> = (0..12).filter_map(|idx| two.value(idx)).collect();
        assert_eq!(values, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
    }

    /// draft-ietf-oauth-status-list, section 5.2. It is signed by ES256 with a key that the draft does not give, so it
    /// is read and not verified.
    #[test]
    fn token_of_section_5_2_is_read() {
        let token = bytes(
            "d2845820a2012610781a6170706c69636174696f6e2f7374617475736c6973742b63\
             7774a1044231325850a502782168747470733a2f2f6578616d706c652e636f6d2f73\
             74617475736c697374732f31061a648c5bea041a8898dfea19fffe19a8c019fffda2\
             646269747301636c73744a78dadbb918000217015d584027d5535dfe0a33291cc9bf\
             b41053ad2493c49d1ee4635e12548a79bac92916845fee76799c42762f928441c5c3\
             44e3612381e0cf88f2f160b3e1f97728ec8403",
        );
        let read = UnverifiedStatusToken::read(&token).unwrap();
        let expected = TokenClaims {
            uri: "https://example.com/statuslists/1".into(),
            issued: 1_686_920_170,
            expires: Some(2_291_720_170),
            ttl: Some(43_200),
        };
        assert_eq!(read.unverified_claims(), &expected);
        assert_eq!(read.unverified_list().array(), [0xb9, 0xa3]);
        let refused = read.verify(&public(), "https://example.com/statuslists/1", 1_700_000_000);
        assert_eq!(refused, Err(StatusTokenError::BadSignature));
    }

    /// draft-ietf-oauth-status-list, appendix C.1 and C.2: 2^20 places.
    #[test]
    fn vectors_of_appendix_c_are_read() {
        let one = "a2646269747301636c737458bd78daeddc010dc0200c0041a88249400ad2903e0f4b\
                   ba00bd93f002beb7a2a2010000a91e09000000000000000000000000000000807296\
                   04000000000000000000000000000000000000000000000000000000000000000000\
                   000000000000005c6f4800000000000000fc2c240000000000000000000000be1b12\
                   000000000000000000ecaa4b000000000000000000000000000000009b0b09000000\
                   00000000000038de9400000000000000002a30cc010000000080642f0bd8011b";
        let two = "a2646269747302636c737459013d78daeddb310d00211000412ea1a04004fe5520ed\
                   357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000\
                   0000000000000000000000000000000000000040795b020000000000000000000000\
                   00000000000000000000000000000000000000000000000000000000000000000000\
                   00000000000000000000000000000000000000000000000000000000000000000000\
                   0080f4ba0400000000000000000000000000406d764a000000000000000000000000\
                   000000000000000000e0922101000000000000000000000000000000000000fc1312\
                   00000000000000000000000000000000000000000000000000000000000000c0912e\
                   01000000000000000000000000000000000000c07d4b020000000000000000000000\
                   00000000a8614a0000000000000000000000406a1fcd60010c";
        let places: [(u64, u8, u8); 11] = [
            (0, 1, 1),
            (1_993, 1, 2),
            (25_460, 1, 1),
            (159_495, 1, 3),
            (495_669, 1, 1),
            (554_353, 1, 1),
            (645_645, 1, 2),
            (723_232, 1, 1),
            (854_545, 1, 1),
            (934_534, 1, 2),
            (1_000_345, 1, 3),
        ];
        for (hex, bits) in [(one, 1), (two, 2)] {
            let list = StatusList::read(&bytes(hex)).unwrap();
            assert_eq!((list.bits(), list.array().len() * 8), (bits, usize::from(bits) << 20));
            let found =
                (0..1 << 20).filter_map(|idx| list.value(idx).filter(|value| *value > 0).map(|value| (idx, value)));
            let expected = places.map(|(idx, one, two)| (idx, if bits == 1 { one } else { two }));
            assert_eq!(found.collect::<Vec<_>>(), expected);
        }
    }
}

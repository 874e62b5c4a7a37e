//! Our tokens, read again; and tokens that must not be read.

use coset::TaggedCborSerializable as _;
use ed25519_dalek::{Signer as _, SigningKey};
use freightpass_core::cose::{sign1, sign1_message};
use freightpass_core::key::PublicKey;
use freightpass_core::status::{MAX_N, State, Value};
use minicbor::Encoder;

use super::list::{MAX_LIST_BYTES, compress};
use super::read::MAX_TOKEN_BYTES;
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

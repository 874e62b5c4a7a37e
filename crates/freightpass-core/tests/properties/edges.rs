//! Signatures at the edges of the rule, with the answer that follows from how each was made (docs/FORMAT.md, section
//! 1.5): S < L, A and R canonical and not of small order, \[S\]B = R + \[k\]A without cofactor.
//!
//! Below, A = aB + T_i and R = rB + T_j for multiples i and j of one point T_1 of order 8, and S = r + ka, so that the
//! equation holds exactly where T_j + kT_i is neutral: where j + ki is a multiple of 8.

use ed25519_dalek::SigningKey;
use freightpass_vectors::edge::{self, EdgeKey};
use freightpass_vectors::judges::Judges;

/// Has the judges answer for one key.
struct Asked {
    key: EdgeKey,
    judges: Judges,
}

impl Asked {
    fn of(key: EdgeKey) -> Self {
        Self { judges: Judges::of(key.public()), key }
    }

    fn honest() -> Self {
        Self::of(EdgeKey::of(&owner()))
    }

    fn mixed(i: usize) -> Self {
        Self::of(EdgeKey::mixed(&owner(), i))
    }

    /// Asserts that all judges say `valid`.
    #[track_caller]
    fn expect(&self, valid: bool, message: &[u8], signature: &[u8; 64]) {
        assert_eq!(self.judges.valid(message, signature), valid, "{message:02x?} {signature:02x?}");
    }
}

fn owner() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn halves(signature: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature.split_at(32);
    (r.try_into().unwrap(), s.try_into().unwrap())
}

fn joined(r: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    [r, s].concat().try_into().unwrap()
}

/// Messages without end.
fn messages() -> impl Iterator<Item = [u8; 4]> {
    (0u32..).map(u32::to_be_bytes)
}

#[test]
fn points_of_mixed_order_are_valid_where_their_parts_of_small_order_cancel_out() {
    let mut valid = 0;
    for i in 0..8 {
        let asked = Asked::mixed(i);
        for j in 0..8 {
            for k in 0..8 {
                let fits = |signature: &[u8; 64], message: &[u8]| {
                    usize::from(asked.key.challenge(&halves(signature).0, message).reduced_mod_8()) == k
                };
                let signed = messages().map(|message| (message, asked.key.sign_off_by(j, 0, &message)));
                let (message, signature) = { signed }.find(|(m, s)| fits(s, m)).unwrap();
                let cancel = (j + k * i) % 8 == 0;
                asked.expect(cancel, &message, &signature);
                // What the rule with the cofactor would let in, whatever i and j are.
                assert!(asked.key.equation_with_cofactor_holds(&signature, &message));
                valid += usize::from(cancel);
            }
        }
    }
    // For each A and k, one R.
    assert_eq!(valid, 64);
}

#[test]
fn an_r_of_small_order_is_refused_also_where_the_equation_holds() {
    for r in edge::small_order() {
        for i in [1, 3, 5, 7] {
            let asked = Asked::mixed(i);
            // Of every eight messages, one has a k with kT_i = -R.
            let signed = messages().map(|message| (message, asked.key.sign_without_nonce(r, &message)));
            let (message, signature) = { signed }.find(|(m, s)| asked.key.equation_holds(s, m)).unwrap();
            asked.expect(false, &message, &signature);
        }
    }
}

#[test]
fn a_key_of_small_order_is_refused_also_where_the_equation_holds() {
    for public in edge::small_order() {
        let asked = Asked::of(EdgeKey::of_small_order(public));
        let signed = messages().map(|message| (message, asked.key.sign_off_by(0, 0, &message)));
        let (message, signature) = { signed }.find(|(m, s)| asked.key.equation_holds(s, m)).unwrap();
        asked.expect(false, &message, &signature);
    }
}

/// Nobody knows a logarithm of those of large order, so no equation can be made to hold for them: only that the bytes
/// are refused can be shown.
#[test]
fn a_y_of_p_or_more_is_refused_as_r_and_as_a() {
    let honest = Asked::honest();
    let signature = honest.key.sign_off_by(0, 0, b"message");
    let (_, s) = halves(&signature);
    for encoding in edge::beyond_p() {
        honest.expect(false, b"message", &joined(encoding, s));
        honest.expect(false, b"message", &honest.key.sign_without_nonce(encoding, b"message"));
        Asked::of(EdgeKey::of_small_order(encoding)).expect(false, b"message", &signature);
    }
}

#[test]
fn s_has_one_spelling() {
    for i in 0..8 {
        let asked = Asked::mixed(i);
        let signed = messages().map(|message| (message, asked.key.sign_off_by(0, 0, &message)));
        let (message, signature) = { signed }.find(|(m, s)| asked.key.equation_holds(s, m)).unwrap();
        asked.expect(true, &message, &signature);
        let (r, s) = halves(&signature);
        let spelled = std::iter::successors(edge::plus_l(&s), edge::plus_l);
        let mut spellings = 0;
        for again in spelled {
            asked.expect(false, &message, &joined(r, again));
            spellings += 1;
        }
        // 2^256 is a little less than 16 L.
        assert!((14..=15).contains(&spellings), "{spellings}");
        for bit in [5, 6, 7] {
            let mut high = s;
            high[31] |= 1 << bit;
            asked.expect(false, &message, &joined(r, high));
        }
    }
}

#[test]
fn an_s_at_the_ends_of_its_range_is_no_signature_of_another_r() {
    let asked = Asked::honest();
    let (r, _) = halves(&asked.key.sign_off_by(0, 0, b"message"));
    let l = edge::plus_l(&[0; 32]).unwrap();
    let mut greatest = l;
    greatest[0] -= 1;
    let mut above = l;
    above[0] += 1;
    for s in [[0; 32], greatest, l, above, [0xff; 32]] {
        asked.expect(false, b"message", &joined(r, s));
        for r in edge::small_order() {
            asked.expect(false, b"message", &joined(r, s));
        }
    }
}

#[test]
fn the_negative_of_a_point_or_scalar_is_another() {
    let asked = Asked::honest();
    let signature = asked.key.sign_off_by(0, 0, b"message");
    asked.expect(true, b"message", &signature);
    let (r, s) = halves(&signature);
    let mut minus_r = r;
    minus_r[31] ^= 0x80;
    asked.expect(false, b"message", &joined(minus_r, s));
    let mut minus_a = asked.key.public();
    minus_a[31] ^= 0x80;
    assert!(!Judges::of(minus_a).valid(b"message", &signature));
    // L - S: the difference, byte by byte.
    let (mut minus_s, mut borrow) = ([0; 32], 0);
    for ((to, l), s) in minus_s.iter_mut().zip(edge::plus_l(&[0; 32]).unwrap()).zip(s) {
        let digit = i16::from(l) - i16::from(s) - borrow;
        (*to, borrow) = (digit.rem_euclid(256) as u8, i16::from(digit < 0));
    }
    asked.expect(false, b"message", &joined(r, minus_s));
}

#[test]
fn messages_of_every_length_around_the_blocks_of_the_hash_are_signed() {
    let asked = Asked::honest();
    // R and A go before the message into blocks of 128 bytes, of which the last has room for 111.
    for length in [0, 1, 47, 48, 63, 64, 65, 175, 176, 191, 192, 193, 4096] {
        let message = vec![0xa5; length];
        let signature = asked.key.sign_off_by(0, 0, &message);
        asked.expect(true, &message, &signature);
        asked.expect(false, &[&message[..], &[0]].concat(), &signature);
    }
}

#[test]
fn every_bit_of_signature_key_and_message_counts() {
    let asked = Asked::honest();
    let message = *b"message";
    let signature = asked.key.sign_off_by(0, 0, &message);
    for bit in 0..512 {
        let mut damaged = signature;
        damaged[bit / 8] ^= 1 << (bit % 8);
        asked.expect(false, &message, &damaged);
    }
    for bit in 0..256 {
        let mut public = asked.key.public();
        public[bit / 8] ^= 1 << (bit % 8);
        assert!(!Judges::of(public).valid(&message, &signature), "{bit}");
    }
    for bit in 0..8 * message.len() {
        let mut damaged = message;
        damaged[bit / 8] ^= 1 << (bit % 8);
        asked.expect(false, &damaged, &signature);
    }
}

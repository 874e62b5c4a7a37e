//! Ed25519 signatures at the edge of the rule (docs/FORMAT.md, section 1.5), made from scalars: each satisfies the
//! equation of some verifier that is in use and breaks ours, or the other way round.
//!
//! Signatures that anybody can damage are refused by every verifier. These are made by whoever has the key, so only
//! the rule itself refuses them: an honest key that signs this way would let two scanners differ about one pass.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha512};

/// A point of order 8.
pub const ORDER_8: usize = 1;

/// Encodings of points of small order: the eight canonical ones, then those of the same points that are not canonical
/// (y = p, y = p + 1, and x = 0 with its sign bit set).
pub fn small_order() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).collect();
    let spelled = |first: u8, middle: u8, last: u8| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    for sign in [0x00, 0x80] {
        all.push(spelled(0xed, 0xff, 0x7f | sign)); // y = p, which is 0
        all.push(spelled(0xee, 0xff, 0x7f | sign)); // y = p + 1, which is 1
    }
    all.push(spelled(0x01, 0x00, 0x80)); // y = 1, x = -0
    all.push(spelled(0xec, 0xff, 0xff)); // y = -1, x = -0
    all
}

/// The 38 encodings whose y is p or more, of points on the curve or not: 2^255 - 19 up to 2^255 - 1, either sign.
pub fn beyond_p() -> Vec<[u8; 32]> {
    let spelled = |first: u8, last: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    (0xed..=0xff).flat_map(|first| [spelled(first, 0x7f), spelled(first, 0xff)]).collect()
}

/// S + L, another spelling of the same scalar, while it has 32 bytes.
pub fn plus_l(s: &[u8; 32]) -> Option<[u8; 32]> {
    // L is one more than the greatest scalar.
    let greatest = (-Scalar::ONE).to_bytes();
    let (mut sum, mut carry) = ([0; 32], 1);
    for ((to, a), b) in sum.iter_mut().zip(s).zip(greatest) {
        let digit = u16::from(*a) + u16::from(b) + carry;
        (*to, carry) = (digit as u8, digit >> 8);
    }
    (carry == 0).then_some(sum)
}

/// The encoding of the neutral element, y = 1.
pub fn identity() -> [u8; 32] {
    EIGHT_TORSION[0].compress().to_bytes()
}

/// The same point with y = p + 1.
pub fn identity_not_canonical() -> [u8; 32] {
    small_order()[9]
}

/// A key whose owner signs as nobody should.
#[derive(Clone, Debug)]
pub struct EdgeKey {
    secret: Scalar,
    public: [u8; 32],
}

/// k = SHA-512(R || A || M) as an integer, little-endian, in two readings: modulo L, and as it is.
pub struct Challenge {
    /// Modulo L, as every implementation in use takes it.
    pub reduced: Scalar,
    /// Modulo 8, of the 512 bits themselves.
    pub unreduced_mod_8: u8,
}

impl Challenge {
    /// The reduced one, modulo 8.
    pub fn reduced_mod_8(&self) -> u8 {
        self.reduced.as_bytes()[0] & 7
    }
}

impl EdgeKey {
    /// The owner of an ordinary key.
    pub fn of(key: &SigningKey) -> Self {
        Self { secret: key.to_scalar(), public: key.verifying_key().to_bytes() }
    }

    /// The owner of the public key A + T for a point T of small order: canonical, not of small order, and outside the
    /// subgroup of order L where `torsion` (0 to 7) is not 0.
    pub fn mixed(key: &SigningKey, torsion: usize) -> Self {
        let secret = key.to_scalar();
        let point = EdwardsPoint::mul_base(&secret) + EIGHT_TORSION[torsion];
        Self { secret, public: point.compress().to_bytes() }
    }

    /// The owner of a point of small order, in the encoding that is given: the discrete logarithm counts as 0.
    pub fn of_small_order(public: [u8; 32]) -> Self {
        Self { secret: Scalar::ZERO, public }
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// What is hashed of `r`, this key and the message.
    pub fn challenge(&self, r: &[u8; 32], message: &[u8]) -> Challenge {
        let hash: [u8; 64] =
            Sha512::new().chain_update(r).chain_update(self.public).chain_update(message).finalize().into();
        Challenge { reduced: Scalar::from_bytes_mod_order_wide(&hash), unreduced_mod_8: hash[0] & 7 }
    }

    /// The signature of these 32 bytes `r` and S = nonce + k a: whether an equation holds is the caller's business.
    pub fn sign_with(&self, r: [u8; 32], nonce: Scalar, message: &[u8]) -> [u8; 64] {
        let s = nonce + self.challenge(&r, message).reduced * self.secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(s.as_bytes());
        signature
    }

    /// S = k a under an `r` that is given: for the neutral element, \[S\]B = R + \[k\]A holds.
    pub fn sign_without_nonce(&self, r: [u8; 32], message: &[u8]) -> [u8; 64] {
        self.sign_with(r, Scalar::ZERO, message)
    }

    /// R = rB + T and S = r + k a: \[8S\]B = 8R + \[8k\]A holds, and without the cofactor does not where T is not the
    /// neutral element.
    pub fn sign_off_by(&self, torsion: usize, nonce: u64, message: &[u8]) -> [u8; 64] {
        let nonce = nonce_of(nonce, message);
        let r = EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[torsion];
        self.sign_with(r.compress().to_bytes(), nonce, message)
    }

    /// Whether \[S\]B = R + \[k\]A holds as an equation of points, whatever R and A are: all that a verifier asks that
    /// has no rule about orders and encodings.
    pub fn equation_holds(&self, signature: &[u8; 64], message: &[u8]) -> bool {
        self.difference(signature, message).is_some_and(|difference| difference.is_identity())
    }

    /// Whether the signature is valid by docs/FORMAT.md, section 1.5, read point by point: S < L, R canonical and not of
    /// small order, the equation without cofactor; A is the business of whoever parses the key.
    pub fn rule_holds(&self, signature: &[u8; 64], message: &[u8]) -> bool {
        let r: &[u8; 32] = signature.first_chunk().expect("half of a signature");
        let of_large_order = |point: EdwardsPoint| point.compress().as_bytes() == r && !point.is_small_order();
        CompressedEdwardsY(*r).decompress().is_some_and(of_large_order) && self.equation_holds(signature, message)
    }

    /// Whether \[8S\]B = \[8\]R + \[8k\]A holds, the equation of RFC 8032, section 5.1.7, and of batch verification.
    pub fn equation_with_cofactor_holds(&self, signature: &[u8; 64], message: &[u8]) -> bool {
        self.difference(signature, message).is_some_and(|difference| difference.is_small_order())
    }

    /// R + \[k\]A - \[S\]B, for an S below L.
    fn difference(&self, signature: &[u8; 64], message: &[u8]) -> Option<EdwardsPoint> {
        let (r, s): (&[u8; 32], &[u8; 32]) = (signature.first_chunk()?, signature.last_chunk()?);
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(*s))?;
        let point = |bytes: &[u8; 32]| CompressedEdwardsY(*bytes).decompress();
        Some(point(r)? + point(&self.public)? * self.challenge(r, message).reduced - EdwardsPoint::mul_base(&s))
    }

    /// The first signature made as RFC 8032 makes it, counting nonces from 0, whose challenge `fits`.
    pub fn sign_where(&self, message: &[u8], fits: impl Fn(&Challenge) -> bool) -> [u8; 64] {
        let signatures = (0..).map(|nonce| self.sign_off_by(0, nonce, message));
        let fits = |signature: &[u8; 64]| {
            let r = signature.first_chunk().expect("half of a signature");
            fits(&self.challenge(r, message))
        };
        { signatures }.find(fits).expect("one in a few fits")
    }
}

/// A nonce that is the same in every run.
fn nonce_of(number: u64, message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(b"freightpass vectors, nonce").chain_update(number.to_be_bytes());
    Scalar::from_bytes_mod_order_wide(&hash.chain_update(message).finalize().into())
}

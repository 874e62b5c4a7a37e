//! Ed25519 keys (RFC 8032) and their names.

use core::fmt;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The first 8 bytes of the SHA-256 COSE key thumbprint (RFC 9679) of an Ed25519 key: computed, never stored beside it.
///
/// A name and no proof: two keys of one kid can be made with 2^32 work, which is why a trust list with two is not adopted
/// (docs/FORMAT.md, 2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid(pub [u8; 8]);

impl Kid {
    /// The kid of a public key.
    pub fn of(public_key: &[u8; 32]) -> Self {
        // RFC 9679, section 3: the deterministic encoding of kty (1: OKP), crv (-1: Ed25519) and x (-2).
        const PREFIX: [u8; 8] = [0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];
        let mut hash = Sha256::new();
        hash.update(PREFIX);
        hash.update(public_key);
        let digest: [u8; 32] = hash.finalize().into();
        let mut kid = [0; 8];
        kid.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(kid)
    }
}

impl fmt::Display for Kid {
    /// Sixteen lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

/// The canonical encodings of the eight points whose order divides the cofactor, ascending.
pub(crate) const SMALL_ORDER: [[u8; 32]; 8] = [
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80,
    ],
    [
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x85,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0xfa,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

/// Why 32 bytes are no key that this format accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not the encoding of a point.
    #[error("not a point of the curve")]
    NotAPoint,
    /// An encoding that compressing the point would not give.
    #[error("not the canonical encoding of its point")]
    NotCanonical,
    /// A point of small order: signatures under it prove nothing.
    #[error("a point of small order")]
    SmallOrder,
}

/// A public key: a point in its canonical encoding, not of small order, with its kid.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    kid: Kid,
}

impl PublicKey {
    /// Parses the 32 bytes of RFC 8032, section 5.1.5.
    ///
    /// # Errors
    /// [`KeyError`] for bytes that are no canonical encoding of a point of large order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if !is_canonical(bytes) {
            return Err(KeyError::NotCanonical);
        }
        if SMALL_ORDER.contains(bytes) {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self { key, kid: Kid::of(bytes) })
    }

    /// The key's 32 bytes (RFC 8032, 5.1.5).
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The key's name.
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// The point A.
    #[cfg(feature = "warm")]
    pub(crate) fn point(&self) -> curve25519_dalek::edwards::EdwardsPoint {
        self.key.to_edwards()
    }

    /// Whether `signature` over `message` is valid under exactly the rule of ed25519-dalek's `verify_strict`:
    /// S < L, A and R canonical and not of small order, \[S\]B = R + \[k\]A.
    ///
    /// `verify_strict` decompresses R, a tenth of its time, only to learn whether its order is small. `verify` compares
    /// R's bytes with the encoding of \[S\]B - \[k\]A, so an R that it accepts is canonical, and a canonical point of
    /// small order is one of eight strings. A was judged when the key was parsed.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        !SMALL_ORDER.contains(signature.r_bytes()) && self.key.verify(message, &signature).is_ok()
    }
}

/// Whether compressing the point that `bytes` encode gives them again, without the inversion that compressing takes:
/// y is below p, and the sign of x is not set where x is 0 (RFC 8032, section 5.1.3), which is where y is 1 or -1.
fn is_canonical(bytes: &[u8; 32]) -> bool {
    const P: [u8; 32] = {
        let mut p = [0xff; 32];
        p[0] = 0xed;
        p[31] = 0x7f;
        p
    };
    let [mut y, mut minus_one, mut one] = [*bytes, P, [0; 32]];
    y[31] &= 0x7f;
    minus_one[0] -= 1;
    one[0] = 1;
    let x_is_zero = y == one || y == minus_one;
    y.iter().rev().lt(P.iter().rev()) && !(x_is_zero && y != *bytes)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kid_is_the_head_of_the_cose_key_thumbprint() {
        // The thumbprint input of RFC 9679 for an OKP key, spelled out.
        let public = [0x5a; 32];
        let mut input = alloc::vec![0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];
        input.extend(public);
        let digest = Sha256::digest(&input);
        assert_eq!(Kid::of(&public).0, digest[..8]);
    }

    #[test]
    fn the_points_of_small_order_are_all_there() {
        for (at, encoding) in SMALL_ORDER.iter().enumerate() {
            assert_eq!(PublicKey::from_bytes(encoding), Err(KeyError::SmallOrder), "{at}");
            assert!(SMALL_ORDER.iter().skip(at + 1).all(|other| other > encoding), "{at}");
        }
    }

    #[test]
    fn canonical_is_what_compressing_the_point_gives_again() {
        // y from 0 to 255, y from 2^255 - 256 to 2^255 - 1 (p is 2^255 - 19), and what hashes hit upon; each with both
        // signs.
        let low = (0..=255).map(|y| (y, 0x00, 0x00));
        let high = (0..=255).map(|y| (y, 0xff, 0x7f));
        let spelled = low.chain(high).map(|(first, between, last)| {
            let mut bytes = [between; 32];
            bytes[0] = first;
            bytes[31] = last;
            bytes
        });
        let drawn = (0..512_u32).map(|draw| Sha256::digest(draw.to_be_bytes()).into());
        let (mut canonical, mut other) = (0, 0);
        for mut bytes in spelled.chain(drawn) {
            for sign in [0, 0x80] {
                bytes[31] = bytes[31] & 0x7f | sign;
                let Ok(key) = VerifyingKey::from_bytes(&bytes) else { continue };
                let again = key.to_edwards().compress().to_bytes() == bytes;
                assert_eq!(is_canonical(&bytes), again, "{bytes:02x?}");
                let expected = match (again, key.is_weak()) {
                    (false, _) => Err(KeyError::NotCanonical),
                    (true, true) => Err(KeyError::SmallOrder),
                    (true, false) => Ok(()),
                };
                assert_eq!(PublicKey::from_bytes(&bytes).map(drop), expected, "{bytes:02x?}");
                *(if again { &mut canonical } else { &mut other }) += 1;
            }
        }
        assert!(canonical > 500 && other > 10, "{canonical} {other}");
    }

    #[test]
    fn small_order_and_non_canonical_points_are_no_keys() {
        let mut one = [0; 32];
        one[0] = 1; // y = 1: the neutral element
        assert_eq!(PublicKey::from_bytes(&one), Err(KeyError::SmallOrder));
        assert_eq!(PublicKey::from_bytes(&[0; 32]), Err(KeyError::SmallOrder));
        let mut p_plus_one = [0xff; 32]; // y = p + 1, another spelling of 1
        p_plus_one[0] = 0xee;
        p_plus_one[31] = 0x7f;
        assert_eq!(PublicKey::from_bytes(&p_plus_one), Err(KeyError::NotCanonical));
        let mut no_point = [0; 32];
        no_point[0] = 2;
        assert_eq!(PublicKey::from_bytes(&no_point), Err(KeyError::NotAPoint));
    }
}

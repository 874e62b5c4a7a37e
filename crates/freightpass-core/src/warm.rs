//! A public key whose multiples are laid out beforehand, for a scanner that meets the same issuers all day.
//!
//! A signature is judged by the encoding of \[S\]B - \[k\]A. Without tables that takes some 253 doublings and 75
//! additions; with the multiples of A and B at hand it takes 64 additions and 24 doublings, which is about half of the
//! time. The fixed-base tables that curve25519-dalek makes itself are built for secrets: each look-up reads a whole row,
//! and with them no more than a quarter is saved. Here nothing is secret, so an entry is read where it stands. Every
//! operation on points is curve25519-dalek's; this module only chooses which points are added.
//!
//! What is accepted is what [`PublicKey::verifies`] accepts, so exactly what ed25519-dalek's `verify_strict` does:
//! docs/FORMAT.md, section 1.5. \[k\]A is the multiple by the integer k, also where A has a part of small order.

use alloc::vec::Vec;
use core::{array, fmt, iter};
use std::sync::LazyLock;

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use sha2::{Digest, Sha512};

use crate::key::{Kid, PublicKey, SMALL_ORDER};

/// A public key and its table: 160 KiB, and as long to make as eight signatures take to verify.
#[derive(Clone)]
pub struct WarmKey {
    key: PublicKey,
    /// Multiples of -A.
    minus_a: Table,
}

impl WarmKey {
    /// Lays out the multiples of a key.
    pub fn of(key: &PublicKey) -> Self {
        Self { key: key.clone(), minus_a: Table::of(-key.point()) }
    }

    /// The key's name.
    pub fn kid(&self) -> Kid {
        self.key.kid()
    }

    /// Whether `signature` over `message` is valid: the same answer as [`PublicKey::verifies`] gives.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let (Some(r), Some(s)) = (signature.first_chunk::<32>(), signature.last_chunk::<32>()) else {
            return false;
        };
        let Some(s) = Option::<Scalar>::from(Scalar::from_canonical_bytes(*s)) else {
            return false;
        };
        let hash = Sha512::new().chain_update(r).chain_update(self.key.as_bytes()).chain_update(message);
        let k = Scalar::from_hash(hash);
        // The encoding that comes out is canonical, and a canonical R of small order is one of eight strings.
        !SMALL_ORDER.contains(r) && sum([(&self.minus_a, &k), (&BASE, &s)]).compress().as_bytes() == r
    }
}

impl fmt::Debug for WarmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WarmKey({})", self.kid())
    }
}

/// Digits of a scalar: it has 32 bytes.
const DIGITS: usize = 32;
/// Digits that share a row. Fewer take more rows: half of the time that is left to save costs twice the memory.
const SHARED: usize = 4;
/// Entries of a row: a digit is one of -128 to 127, and negating a point is free.
const ENTRIES: usize = 128;

/// Multiples of B, the same for all keys.
static BASE: LazyLock<Table> = LazyLock::new(|| Table::of(ED25519_BASEPOINT_POINT));

/// Row r has \[1\] to \[128\] of the point \[256^(4r)\]P.
#[derive(Clone)]
struct Table(Vec<[EdwardsPoint; ENTRIES]>);

impl Table {
    fn of(point: EdwardsPoint) -> Self {
        let next_row = |base: &EdwardsPoint| Some((0..SHARED).fold(*base, |point, _| times_256(&point)));
        let bases = iter::successors(Some(point), next_row).take(DIGITS / SHARED);
        Self(bases.map(multiples).collect())
    }
}

/// \[1\] to \[128\] of a point.
fn multiples(point: EdwardsPoint) -> [EdwardsPoint; ENTRIES] {
    let mut multiple = EdwardsPoint::identity();
    array::from_fn(|_| {
        multiple += point;
        multiple
    })
}

/// The sum of \[scalar\]P over the tables of points P.
///
/// With the digits d of a scalar, \[scalar\]P is the sum of \[d_i\]\[256^i\]P. Those of the same place in their row are
/// added first, from the highest place down, each time 256 times what there is: the steps between the places are then
/// taken once, for all rows and tables together.
fn sum<const N: usize>(terms: [(&Table, &Scalar); N]) -> EdwardsPoint {
    let terms = terms.map(|(table, scalar)| (table, digits(scalar)));
    let mut sum = EdwardsPoint::identity();
    for place in (0..SHARED).rev() {
        if place != SHARED - 1 {
            sum = times_256(&sum);
        }
        for (table, digits) in &terms {
            let of_place = digits.iter().skip(place).step_by(SHARED);
            for (row, digit) in table.0.iter().zip(of_place) {
                let entry = usize::from(digit.unsigned_abs()).checked_sub(1).and_then(|at| row.get(at));
                match entry {
                    Some(point) if *digit > 0 => sum += point,
                    Some(point) => sum -= point,
                    None => {}
                }
            }
        }
    }
    sum
}

/// A scalar to the base 256 with the digits -128 to 127, the lowest first.
///
/// A scalar is below L < 2^253, so its last byte is at most 16 and nothing is left to carry at the end.
fn digits(scalar: &Scalar) -> [i8; DIGITS] {
    let mut carry = 0;
    scalar.to_bytes().map(|byte| {
        // At most 256, which is 0 and one to carry.
        let digit = u16::from(byte) + carry;
        carry = u16::from(digit >= 128);
        // The byte of a digit from 128 up, read as a signed one, is the digit less 256.
        digit.to_le_bytes()[0].cast_signed()
    })
}

fn times_256(point: &EdwardsPoint) -> EdwardsPoint {
    // Eight times is the multiple that is public; the rest is doubled by adding.
    let times_64 = point.mul_by_cofactor().mul_by_cofactor();
    let times_128 = times_64 + times_64;
    times_128 + times_128
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scalars at the edges of bytes, digits and the range, and some in between.
    fn scalars() -> Vec<Scalar> {
        let filled = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xff].map(|byte| Scalar::from_bytes_mod_order([byte; 32]));
        // The highest byte of a scalar below 2^252 with all the others: the carry runs through to the end.
        let reaching = [0x7f, 0x80, 0xff].map(|byte| {
            let mut bytes = [byte; 32];
            bytes[31] = 0x0f;
            Option::from(Scalar::from_canonical_bytes(bytes)).unwrap()
        });
        let single = (0..32).flat_map(|at| {
            [0x01, 0x7f, 0x80, 0xff].map(|byte| {
                let mut bytes = [0; 32];
                bytes[at] = byte;
                Scalar::from_bytes_mod_order(bytes)
            })
        });
        let hashed = (0..64u8).map(|number| Scalar::from_hash(Sha512::new().chain_update([number])));
        let ends = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, -Scalar::from(2u8)];
        ends.into_iter().chain(filled).chain(reaching).chain(single).chain(hashed).collect()
    }

    #[test]
    fn the_digits_of_a_scalar_add_up_to_it() {
        for scalar in scalars() {
            let value = |sum: Scalar, digit: &i8| {
                let magnitude = Scalar::from(digit.unsigned_abs());
                sum * Scalar::from(256u16) + if *digit < 0 { -magnitude } else { magnitude }
            };
            let digits = digits(&scalar);
            assert_eq!(digits.iter().rev().fold(Scalar::ZERO, value), scalar, "{digits:?}");
            // Not only modulo L: what is carried out of the last digit would be lost.
            assert!((0..=17).contains(&digits[31]), "{digits:?}");
        }
    }

    #[test]
    fn the_sum_is_that_of_curve25519_dalek_also_where_a_point_has_a_part_of_small_order() {
        for torsion in curve25519_dalek::constants::EIGHT_TORSION {
            let point = EdwardsPoint::mul_base(&Scalar::from(7u8)) + torsion;
            let table = Table::of(point);
            let scalars = scalars();
            for (k, s) in scalars.iter().zip(scalars.iter().rev()) {
                let expected = EdwardsPoint::vartime_double_scalar_mul_basepoint(k, &point, s);
                assert_eq!(sum([(&table, k), (&BASE, s)]), expected, "{k:?} {s:?}");
            }
        }
    }

    #[test]
    fn a_row_has_the_multiples_of_its_base() {
        let table = Table::of(ED25519_BASEPOINT_POINT);
        assert_eq!(table.0.len(), 8);
        let mut step = Scalar::ONE;
        for row in &table.0 {
            for (at, point) in row.iter().enumerate() {
                assert_eq!(*point, EdwardsPoint::mul_base(&(step * Scalar::from(at as u64 + 1))));
            }
            step *= Scalar::from(1u64 << 32);
        }
    }
}

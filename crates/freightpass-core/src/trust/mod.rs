//! The trust list: which authorities there are, with which keys and programmes, signed by a threshold of root keys.
//!
//! [`TrustContent`] is what an operator writes; [`TrustList`] is content that has passed every rule a scanner asks,
//! with the look-ups that a scan needs. Whether enough root keys signed it is the business of [`crate::hold`].

mod content;
mod encode;
mod list;
mod read;
#[cfg_attr(not(feature = "warm"), path = "cold.rs")]
mod warm;

pub use content::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent};
pub use list::{KeyHolder, TrustFault, TrustList};
pub use read::UnverifiedTrustList;
pub(crate) use read::read_roots;

use crate::cose;
use crate::key::PublicKey;

/// Counts the distinct keys of `roots` that validly signed `list`; unknown and invalid cosignatures count for nothing.
pub(crate) fn valid_cosignatures(list: &UnverifiedTrustList<'_>, roots: &[PublicKey]) -> usize {
    let signed = |root: &&PublicKey| {
        let mut by_root = list.envelope.signatures.iter().filter(|c| c.kid == root.kid());
        by_root.any(|c| c.alg == i128::from(cose::ALG_EDDSA) && root.verifies(&list.envelope.message(c), &c.signature))
    };
    roots.iter().filter(signed).count()
}

//! Clubcard, the filter that CRLite publishes: exact over its universe, which here is the list; it knows nothing of
//! what lies outside. Hashed by SHA-256 and serialised by bincode, as CRLite does.

use std::collections::HashSet;

use clubcard::builder::{ApproximateRibbon, ClubcardBuilder, ExactRibbon};
use clubcard::{ApproximateSizeOf, AsQuery, Clubcard, Equation, Filterable, Membership, Queryable};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Coding, Loaded};

/// Limbs of an equation, as CRLite has them.
const LIMBS: usize = 4;
/// There is one block: the list.
const BLOCK: [u8; 0] = [];

pub struct Card;

/// The indexes that the card knows: those below it.
#[derive(Serialize, Deserialize)]
struct Universe(u32);

impl ApproximateSizeOf for Universe {}

struct Index {
    bytes: [u8; 4],
    revoked: bool,
}

impl Index {
    fn new(index: u32, revoked: bool) -> Self {
        Index { bytes: index.to_le_bytes(), revoked }
    }
}

impl AsQuery<LIMBS> for Index {
    fn as_query(&self, m: usize) -> Equation<LIMBS> {
        let digest: [u8; 32] = Sha256::digest(self.bytes).into();
        let mut limbs = [0; LIMBS];
        for (limb, bytes) in limbs.iter_mut().zip(digest.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        limbs[0] |= 1;
        Equation::homogeneous(limbs[LIMBS - 1] as usize % m.max(1), limbs)
    }

    fn block(&self) -> &[u8] {
        &BLOCK
    }

    fn discriminant(&self) -> &[u8] {
        &self.bytes
    }
}

impl Filterable<LIMBS> for Index {
    fn included(&self) -> bool {
        self.revoked
    }
}

impl Queryable<LIMBS> for Index {
    type UniverseMetadata = Universe;
    type PartitionMetadata = ();

    fn in_universe(&self, universe: &Universe) -> bool {
        u32::from_le_bytes(self.bytes) < universe.0
    }
}

impl Coding for Card {
    fn encode(&self, revoked: &[u32], n: u32) -> Vec<u8> {
        let mut builder = ClubcardBuilder::new();
        let mut approximate = builder.new_approx_builder(&BLOCK);
        revoked.iter().for_each(|&index| approximate.insert(Index::new(index, true)));
        approximate.set_universe_size(n as usize);
        builder.collect_approx_ribbons(vec![ApproximateRibbon::from(approximate)]);

        let mut exact = builder.new_exact_builder(&BLOCK);
        let known: HashSet<u32> = revoked.iter().copied().collect();
        (0..n).for_each(|index| exact.insert(Index::new(index, known.contains(&index))));
        builder.collect_exact_ribbons(vec![ExactRibbon::from(exact)]);
        let card: Clubcard<LIMBS, Universe, ()> = builder.build::<Index>(Universe(n), ());
        bincode::serialize(&card).expect("a card")
    }

    fn load(&self, bytes: &[u8], n: u32) -> Box<dyn Loaded> {
        let card: Clubcard<LIMBS, Universe, ()> = bincode::deserialize(bytes).expect("a card");
        let outside = card.contains(&Index::new(n, false));
        assert!(matches!(outside, Membership::NotInUniverse), "an index behind the list is unknown");
        Box::new(card)
    }
}

impl Loaded for Clubcard<LIMBS, Universe, ()> {
    fn is_revoked(&self, index: u32) -> bool {
        matches!(self.contains(&Index::new(index, false)), Membership::Member)
    }

    fn held(&self) -> usize {
        self.approximate_size_of()
    }
}

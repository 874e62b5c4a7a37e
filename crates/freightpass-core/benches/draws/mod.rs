//! Sets of indexes as they are drawn for a bench: the same on every machine.

use std::collections::BTreeSet;

/// How the indexes of a batch of 40 lie.
#[derive(Debug, Clone, Copy)]
pub enum Batch {
    /// One after the other.
    Consecutive,
    /// With one between each two.
    EverySecond,
    /// Scattered over a block: steps geometric with p = 0.3.
    LeasedBlock,
}

/// Indexes below `n`, which is over 20,000: 60% of `count` in batches of 40, the rest at random. Where two meet they are
/// fewer than `count`.
pub fn clustered(random: &mut SplitMix64, count: usize, n: u32, kind: Batch) -> Vec<u32> {
    let mut set = BTreeSet::new();
    // No batch is longer than 20,000 but with a chance that is none.
    for first in random.draw(count * 6 / 10 / 40, n - 20_000) {
        let mut index = first;
        for place in 0..40 {
            index = match kind {
                Batch::Consecutive => first + place,
                Batch::EverySecond => first + 2 * place,
                Batch::LeasedBlock => index + random.geometric(0.3),
            };
            set.insert(index);
        }
    }
    set.extend(random.draw(count * 4 / 10, n));
    set.into_iter().collect()
}

/// A small deterministic generator (Steele, Lea, Flood 2014): the same draws on every machine.
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Below `bound`; its bias is below 2^-39.
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u32
    }

    /// `count` different numbers below `bound`, ascending.
    pub fn draw(&mut self, count: usize, bound: u32) -> Vec<u32> {
        let mut drawn = BTreeSet::new();
        while drawn.len() < count {
            drawn.insert(self.below(bound));
        }
        drawn.into_iter().collect()
    }

    /// How many trials of chance `p` until the first success.
    fn geometric(&mut self, p: f64) -> u32 {
        let uniform = ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        1 + (uniform.ln() / (1.0 - p).ln()) as u32
    }
}

//! Chance that is the same everywhere: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
//! 2014). For made-up lists only, never for keys.

/// A stream of draws.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

impl Draw {
    /// The stream of that seed.
    pub fn of(seed: u64) -> Self {
        Draw(seed)
    }

    /// A number below `bound`, 0 where that is 0. The bias of the remainder is below bound / 2^64.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several; the default where there is none.
    pub fn one<T: Copy + Default>(&mut self, of: &[T]) -> T {
        let at = usize::try_from(self.below(of.len() as u64)).unwrap_or(0);
        of.get(at).copied().unwrap_or_default()
    }

    /// So many decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_reference() {
        // The first values for seed 1234567, as the reference implementation gives them.
        let mut draw = Draw::of(1_234_567);
        let found: Vec<u64> = (0..3).map(|_| draw.next()).collect();
        assert_eq!(found, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}

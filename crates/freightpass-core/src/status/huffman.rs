//! Huffman codes of at most 128 symbols: fitting lengths, canonical codes, and decoding by one look-up.
//!
//! Two publishers must write the same bytes, so the tree is fixed to the last tie: the two smallest by (weight, number)
//! are merged, where a leaf's number is its symbol and the j-th merger's is 128 + j.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use super::bits::top;
use super::classes::{RUNS, SYMBOLS, class_base};

/// The code length of each symbol, [`ABSENT`] where it is not used. A lone symbol has length 0.
pub(super) type Lengths = [u8; SYMBOLS];
/// The length of a symbol that is not used; a real one has 6 bits.
pub(super) const ABSENT: u8 = 0xff;

/// Codes up to this length are found in one look-up. Nearly all are shorter, and the table (2 kB) stays in the
/// first-level cache beside the array that is being painted, whoever else uses it.
pub(super) const QUICK_BITS: u32 = 10;
const QUICK_SLOTS: usize = 1 << QUICK_BITS;
/// The longest token, code and low bits, that is read by one look-up.
pub(super) const QUICK_TOKEN: u32 = 26;

/// The lengths for how often each symbol occurs. The weights sum to at most 2^26, so no length is over 37.
pub(super) fn fit(weights: &[u32; SYMBOLS]) -> Lengths {
    let mut lengths = [ABSENT; SYMBOLS];
    let mut leaves: Vec<(u32, usize)> = weights.iter().copied().zip(0..).filter(|&(weight, _)| weight > 0).collect();
    leaves.sort_unstable();

    // Mergers are made in ascending weight and number, so a queue holds them in order; a leaf's number is below every
    // merger's, so it goes first at equal weight.
    let mut mergers: Vec<Merger> = Vec::with_capacity(leaves.len());
    let (mut leaf, mut merger) = (0, 0);
    while leaves.len() - leaf + mergers.len() - merger > 1 {
        let mut weight = 0;
        let mut children = [Child::None; 2];
        for child in &mut children {
            let waiting = mergers.get(merger).map(|merged| merged.weight);
            match leaves.get(leaf) {
                Some(&(light, symbol)) if waiting.is_none_or(|heavy| light <= heavy) => {
                    (*child, weight) = (Child::Leaf(symbol), weight + light);
                    leaf += 1;
                }
                _ => {
                    (*child, weight) = (Child::Merger(merger), weight + waiting.unwrap_or(0));
                    merger += 1;
                }
            }
        }
        mergers.push(Merger { weight, children });
    }

    if let (true, Some(&(_, symbol))) = (mergers.is_empty(), leaves.first()) {
        set(&mut lengths, symbol, 0);
    }
    let mut depths = vec![0u8; mergers.len()];
    for (number, merged) in mergers.iter().enumerate().rev() {
        let depth = depths.get(number).map_or(0, |depth| depth + 1);
        for child in merged.children {
            match child {
                Child::Leaf(symbol) => set(&mut lengths, symbol, depth),
                Child::Merger(below) => set(&mut depths, below, depth),
                Child::None => {}
            }
        }
    }
    lengths
}

struct Merger {
    weight: u32,
    children: [Child; 2],
}

#[derive(Clone, Copy)]
enum Child {
    None,
    Leaf(usize),
    Merger(usize),
}

fn set(values: &mut [u8], at: usize, value: u8) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

/// A symbol's code, its first bit on top of 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    pub symbol: u8,
    pub length: u8,
    pub start: u64,
}

/// The codes in ascending order, which is that of (length, symbol). `None` if they do not fill the code space exactly:
/// too many, too few, or none at all.
pub(super) fn codes(lengths: &Lengths) -> Option<Vec<Code>> {
    let mut used: Vec<(u8, u8)> = lengths.iter().copied().zip(0u8..).filter(|&(length, _)| length != ABSENT).collect();
    used.sort_unstable();
    let mut next = 0u128;
    let mut codes = Vec::with_capacity(used.len());
    for (length, symbol) in used {
        // Past the end of the code space this is an Err: over-subscribed.
        codes.push(Code { symbol, length, start: u64::try_from(next).ok()? });
        next += 1 << (64 - u32::from(length.min(63)));
    }
    (next == 1 << 64).then_some(codes)
}

/// A token that one look-up reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quick {
    /// Bits of the code and low bits together, at most [`QUICK_TOKEN`].
    pub bits: u8,
    /// The symbol, or [`LONG`].
    pub symbol: u8,
}

/// Stands for all symbols whose code is longer than [`QUICK_BITS`] or whose token is longer than [`QUICK_TOKEN`].
pub(super) const LONG: u8 = 0xff;

/// Finds the symbol at the front of a word.
pub(super) struct Decoder {
    quick: Box<[Quick; QUICK_SLOTS]>,
    /// For each symbol what is added to the number in the bits of a quick token, to give v: the smallest v of the
    /// class, less what the code is worth before the low bits; modulo 2^32. As many as a byte can name.
    adjust: Box<[u32; 256]>,
    codes: Vec<Code>,
}

impl Decoder {
    /// `None` if the lengths do not make a code that fills its space exactly.
    pub(super) fn new(lengths: &Lengths) -> Option<Self> {
        let codes = codes(lengths)?;
        let mut quick = Vec::with_capacity(QUICK_SLOTS);
        let mut adjust = Box::new([0u32; 256]);
        for code in &codes {
            let (base, low_bits) = class_base(code.symbol % RUNS);
            let bits = u32::from(code.length) + low_bits;
            let mut found = Quick { bits: 0, symbol: LONG };
            if bits <= QUICK_TOKEN {
                found = Quick { bits: bits as u8, symbol: code.symbol };
                // The code with zeros for low bits: below 2^26.
                let worth = top(code.start, code.length.into()) << low_bits;
                adjust[usize::from(code.symbol)] = base.wrapping_sub(worth as u32);
            }
            // Codes ascend and so do their slots; one that is longer than a slot's number has none to itself.
            let slots = QUICK_SLOTS.checked_shr(code.length.into()).unwrap_or(0);
            quick.resize(quick.len() + slots, found);
        }
        // What is left are the slots that longer codes share.
        quick.resize(QUICK_SLOTS, Quick { bits: 0, symbol: LONG });
        Some(Decoder { quick: quick.into_boxed_slice().try_into().ok()?, adjust, codes })
    }

    /// The token whose code is at the front of a word of at least [`QUICK_BITS`] bits.
    #[inline(always)]
    pub(super) fn find_quick(&self, word: u64) -> Quick {
        // The slots are as many as these bits can name.
        self.quick.get((word >> (64 - QUICK_BITS)) as usize).copied().unwrap_or(Quick { bits: 0, symbol: LONG })
    }

    /// The number v of the token at the front of a word that [`Decoder::find_quick`] found.
    #[inline(always)]
    pub(super) fn v(&self, found: Quick, word: u64) -> u32 {
        (top(word, found.bits.into()) as u32).wrapping_add(self.adjust[usize::from(found.symbol)])
    }

    /// The code at the front of 64 bits. Every word has one, since the code is complete.
    pub(super) fn find(&self, word: u64) -> Option<Code> {
        let after = self.codes.partition_point(|code| code.start <= word);
        self.codes.get(after.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weights(pairs: &[(usize, u32)]) -> [u32; SYMBOLS] {
        let mut weights = [0; SYMBOLS];
        pairs.iter().for_each(|&(symbol, weight)| weights[symbol] = weight);
        weights
    }

    fn lengths(pairs: &[(usize, u32)]) -> Vec<(usize, u8)> {
        fit(&weights(pairs)).into_iter().enumerate().filter(|&(_, length)| length != ABSENT).collect()
    }

    #[test]
    fn a_lone_symbol_has_length_0_and_none_has_no_lengths() {
        assert_eq!(lengths(&[(64, 9)]), [(64, 0)]);
        assert_eq!(lengths(&[]), []);
    }

    #[test]
    fn at_equal_weight_a_leaf_is_merged_before_a_merger() {
        // 1 + 1 makes a merger of 2 beside two leaves of 2, which are merged first. Were the merger to go first, the
        // lengths would be 3, 3, 2, 1.
        assert_eq!(lengths(&[(0, 1), (1, 1), (2, 2), (3, 2)]), [(0, 2), (1, 2), (2, 2), (3, 2)]);
    }

    #[test]
    fn at_equal_weight_the_lower_symbol_goes_down_first() {
        assert_eq!(lengths(&[(5, 1), (9, 1), (64, 1)]), [(5, 2), (9, 2), (64, 1)]);
    }

    #[test]
    fn the_deepest_tree_of_the_largest_set_has_37_bits() {
        let mut fibonacci = Vec::from([(0usize, 1u32), (1, 1)]);
        while fibonacci.iter().map(|&(_, weight)| u64::from(weight)).sum::<u64>() <= 1 << 26 {
            let weight = fibonacci[fibonacci.len() - 1].1 + fibonacci[fibonacci.len() - 2].1;
            fibonacci.push((fibonacci.len(), weight));
        }
        fibonacci.pop();
        assert!(lengths(&fibonacci).iter().all(|&(_, length)| length <= 37));
    }

    #[test]
    fn codes_must_fill_the_space_exactly() {
        let with = |pairs: &[(usize, u8)]| {
            let mut lengths = [ABSENT; SYMBOLS];
            pairs.iter().for_each(|&(symbol, length)| lengths[symbol] = length);
            codes(&lengths).map(|codes| codes.iter().map(|code| code.symbol).collect::<Vec<_>>())
        };
        assert_eq!(with(&[(3, 0)]), Some(vec![3]));
        assert_eq!(with(&[(3, 1), (1, 2), (2, 2)]), Some(vec![3, 1, 2]));
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[(3, 1)]), None);
        assert_eq!(with(&[(3, 0), (4, 1)]), None);
        assert_eq!(with(&[(3, 1), (4, 1), (5, 63)]), None);
        assert_eq!(with(&[(3, 1), (4, 2)]), None);
    }

    proptest! {
        #[test]
        fn lengths_cost_as_little_as_the_textbook_tree_and_codes_decode(
            weights in proptest::collection::vec(prop_oneof![3 => Just(0u32), 1 => 1u32..50, 1 => 1u32..500_000], SYMBOLS)
        ) {
            let weights: [u32; SYMBOLS] = weights.try_into().unwrap();
            let lengths = fit(&weights);
            let cost: u64 = weights.iter().zip(lengths).filter(|(weight, _)| **weight > 0).map(|(&weight, length)| u64::from(weight) * u64::from(length)).sum();
            prop_assert_eq!(cost, textbook_cost(&weights));
            if weights.iter().any(|&weight| weight > 0) {
                let codes = codes(&lengths).unwrap();
                let decoder = Decoder::new(&lengths).unwrap();
                for code in &codes {
                    let last = code.start | u64::MAX.checked_shr(u32::from(code.length)).unwrap_or(0);
                    for window in [code.start, last] {
                        prop_assert_eq!(decoder.find(window), Some(*code));
                        let (base, low_bits) = class_base(code.symbol % RUNS);
                        let bits = u32::from(code.length) + low_bits;
                        let low = top(window << code.length, low_bits) as u32;
                        let quick = decoder.find_quick(window);
                        match u32::from(code.length) <= QUICK_BITS && bits <= QUICK_TOKEN {
                            true => prop_assert_eq!((quick.symbol, u32::from(quick.bits), decoder.v(quick, window)), (code.symbol, bits, base + low)),
                            false => prop_assert_eq!(quick.symbol, LONG),
                        }
                    }
                }
            }
        }
    }

    /// The sum of all merged weights, by sorting anew each time.
    fn textbook_cost(weights: &[u32]) -> u64 {
        let mut heap: Vec<u64> =
            weights.iter().filter(|weight| **weight > 0).map(|&weight| u64::from(weight)).collect();
        let mut cost = 0;
        while heap.len() > 1 {
            heap.sort_unstable_by(|a, b| b.cmp(a));
            let merged = heap.pop().unwrap() + heap.pop().unwrap();
            cost += merged;
            heap.push(merged);
        }
        cost
    }
}

//! What a set is made of: gaps and runs, and the class of a number.
//!
//! A class is half an octave: the place of the top bit and the bit below it. It is what Huffman codes; the bits below
//! are written as they are.

/// Gaps are symbols 0..64 (the class), runs 64..128 (the class + 64).
pub(super) const SYMBOLS: usize = 128;
/// What is added to the class of a run.
pub(super) const RUNS: u8 = 64;
/// The shortest row of zero gaps that is one run token; shorter rows cost less as gaps.
pub(super) const MIN_RUN: u32 = 3;

/// One token: its symbol and its low bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub symbol: u8,
    pub low: u32,
    pub low_bits: u32,
}

/// Calls `emit` with the tokens of strictly ascending indexes, in order.
///
/// A gap is index - previous - 1 (the previous of the first is -1) with v = gap + 1; a maximal row of r >= 3 zero gaps
/// is one run with v = r - 2.
#[inline]
pub(super) fn each_token(indexes: &[u32], mut emit: impl FnMut(Token)) {
    let (mut next, mut row) = (0u32, 0u32);
    for &index in indexes {
        let gap = index - next;
        next = index + 1;
        if gap == 0 {
            row += 1;
            continue;
        }
        if row > 0 {
            emit_row(row, &mut emit);
            row = 0;
        }
        emit(token(gap + 1, 0));
    }
    emit_row(row, &mut emit);
}

fn emit_row(row: u32, emit: &mut impl FnMut(Token)) {
    if row >= MIN_RUN {
        emit(token(row - MIN_RUN + 1, RUNS));
    } else {
        (0..row).for_each(|_| emit(token(1, 0)));
    }
}

/// The smallest v of a class, and how many low bits are added to it. Classes 0..=62.
pub(super) fn class_base(class: u8) -> (u32, u32) {
    match u32::from(class) {
        0 => (1, 0),
        class => {
            let k = class.div_ceil(2);
            ((3 - class % 2) << (k - 1), k - 1)
        }
    }
}

/// The token of `v` >= 1.
#[inline]
fn token(v: u32, offset: u8) -> Token {
    let k = (v | 1).ilog2();
    if k == 0 {
        return Token { symbol: offset, low: 0, low_bits: 0 };
    }
    let below_top = v >> (k - 1) & 1;
    Token { symbol: (2 * k - 1 + below_top) as u8 + offset, low: v & ((1 << (k - 1)) - 1), low_bits: k - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_class_and_its_low_bits_give_the_number_back() {
        let edges = (1..32).flat_map(|k| [(1u32 << k) - 1, 1 << k, (1 << k) + 1, 3 << (k - 1)]);
        for v in (1..5000).chain(edges).chain([u32::MAX]) {
            let token = token(v, 0);
            let (base, low_bits) = class_base(token.symbol);
            assert_eq!((base + token.low, low_bits), (v, token.low_bits), "{v}");
        }
    }

    #[test]
    fn classes_follow_each_other_without_a_hole() {
        let mut next = 1u64;
        for class in 0..=62 {
            let (base, low_bits) = class_base(class);
            assert_eq!(u64::from(base), next, "class {class}");
            next += 1 << low_bits;
        }
        assert_eq!(next, 1 << 32);
    }

    #[test]
    fn rows_of_two_stay_gaps_and_rows_of_three_become_a_run() {
        let symbols = |indexes: &[u32]| {
            let mut found = Vec::new();
            each_token(indexes, |token| found.push(token.symbol));
            found
        };
        assert_eq!(symbols(&[0, 1]), [0, 0]);
        assert_eq!(symbols(&[0, 1, 2]), [64]);
        assert_eq!(symbols(&[5, 6, 7, 9]), [4, 0, 0, 1]);
        assert_eq!(symbols(&[5, 6, 7, 8, 10, 11]), [4, 64, 1, 0]);
        assert_eq!(symbols(&[]), [0u8; 0]);
    }
}

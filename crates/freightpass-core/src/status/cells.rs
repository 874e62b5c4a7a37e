//! An array of two-bit cells: index i is in the bits 2(i mod 4) and up, least significant first, of byte i / 4.

use alloc::vec;
use alloc::vec::Vec;

/// `n` cells, each 0 to 3; the bits after the last one are zero.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cells {
    n: u32,
    bytes: Vec<u8>,
}

impl Cells {
    pub(super) fn zeros(n: u32) -> Self {
        Cells { n, bytes: vec![0; bytes_for(n)] }
    }

    /// `None` unless the bytes are as many as `n` needs.
    pub(super) fn from_bytes(n: u32, bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == bytes_for(n)).then_some(Cells { n, bytes })
    }

    pub(super) fn n(&self) -> u32 {
        self.n
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `None` from `n` up.
    pub(super) fn get(&self, index: u32) -> Option<u8> {
        (index < self.n).then(|| self.bytes.get(index as usize / 4).map(|byte| byte >> shift(index) & 3))?
    }

    /// Writes 0 to 3; false from `n` up.
    pub(super) fn put(&mut self, index: u32, value: u8) -> bool {
        match self.bytes.get_mut(index as usize / 4) {
            Some(byte) if index < self.n => {
                *byte = *byte & !(3 << shift(index)) | (value & 3) << shift(index);
                true
            }
            _ => false,
        }
    }

    /// Writes 1 to 3 into `run` cells below `n`; the error is the first of them that is not 0.
    #[inline(always)]
    pub(super) fn paint(&mut self, first: u32, run: u32, value: u8) -> Result<(), u32> {
        if run == 1 { self.paint_one(first, value) } else { self.paint_run(first, run, value) }
    }

    /// The cells that are not 0, ascending, with their values.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let (words, tail) = self.bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
        let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([u64::from_le_bytes(last)]);
        words.zip((0u32..).step_by(32)).filter(|(word, _)| *word != 0).flat_map(|(word, first)| entries_of(word, first))
    }

    /// The same cells with zeros up to `n`, which is not smaller.
    pub(super) fn extended(&self, n: u32) -> Self {
        let mut bytes = Vec::with_capacity(bytes_for(n));
        bytes.extend_from_slice(&self.bytes);
        bytes.resize(bytes_for(n), 0);
        Cells { n, bytes }
    }

    /// Where cells differ from those of another of the same `n`: not 0 there.
    pub(super) fn differences(&self, other: &Cells) -> Self {
        Cells { n: self.n, bytes: self.bytes.iter().zip(&other.bytes).map(|(a, b)| a ^ b).collect() }
    }

    #[inline(always)]
    fn paint_one(&mut self, index: u32, value: u8) -> Result<(), u32> {
        match self.bytes.get_mut(index as usize / 4) {
            Some(byte) if *byte >> shift(index) & 3 == 0 => {
                *byte |= (value & 3) << shift(index);
                Ok(())
            }
            _ => Err(index),
        }
    }

    fn paint_run(&mut self, first: u32, run: u32, value: u8) -> Result<(), u32> {
        let end = first.saturating_add(run);
        let whole = first.next_multiple_of(4).min(end)..(end - end % 4).max(first);
        for index in first..whole.start {
            self.paint_one(index, value)?;
        }
        if whole.start < whole.end {
            let bytes = self.bytes.get_mut(whole.start as usize / 4..whole.end as usize / 4).ok_or(first)?;
            if bytes.iter().fold(0, |all, byte| all | byte) != 0 {
                return Err(whole.clone().find(|&index| self.get(index) != Some(0)).unwrap_or(first));
            }
            bytes.fill((value & 3) * 0b0101_0101);
        }
        for index in whole.end.max(whole.start)..end {
            self.paint_one(index, value)?;
        }
        Ok(())
    }
}

fn bytes_for(n: u32) -> usize {
    n.div_ceil(4) as usize
}

fn shift(index: u32) -> u32 {
    2 * (index % 4)
}

fn entries_of(mut word: u64, first: u32) -> impl Iterator<Item = (u32, u8)> {
    core::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let cell = word.trailing_zeros() / 2;
        let value = (word >> (2 * cell) & 3) as u8;
        word &= !(3 << (2 * cell));
        Some((first + cell, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_run_is_painted_like_its_single_cells() {
        for n in 0..20 {
            for first in 0..=n {
                for run in 0..=n - first {
                    let (mut whole, mut single) = (Cells::zeros(n), Cells::zeros(n));
                    assert_eq!(whole.paint(first, run, 2), Ok(()));
                    (first..first + run).for_each(|index| assert!(single.put(index, 2)));
                    assert!(whole == single, "{first} {run} {n}");
                }
            }
        }
    }

    #[test]
    fn painting_over_a_cell_names_the_first_that_is_taken() {
        for taken in 0..20 {
            let mut cells = Cells::zeros(20);
            assert!(cells.put(taken, 1));
            assert_eq!(cells.paint(0, 20, 2), Err(taken));
        }
    }

    #[test]
    fn nothing_exists_beyond_n() {
        let mut cells = Cells::zeros(5);
        assert_eq!((cells.get(4), cells.get(5), cells.put(5, 1)), (Some(0), None, false));
        assert_eq!(cells.paint(8, 1, 1), Err(8));
        assert_eq!(cells.paint(8, 9, 1), Err(8));
    }

    proptest! {
        #[test]
        fn entries_are_the_cells_that_are_not_zero(values in proptest::collection::vec(0u8..4, 0..200)) {
            let mut cells = Cells::zeros(values.len() as u32);
            (0..).zip(&values).for_each(|(index, &value)| assert!(cells.put(index, value)));
            let expected: Vec<_> = (0..).zip(values.iter().copied()).filter(|entry| entry.1 != 0).collect();
            prop_assert_eq!(cells.entries().collect::<Vec<_>>(), expected);
        }
    }
}

//! Bits, most significant first: the reader and the writer below the code of a set.

use alloc::vec::Vec;

/// The bits ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfBits;

/// The bits that a refill gives at least, unless the input ends before.
pub(super) const REFILL: u32 = 56;

/// Reads bits out of a word that is filled 8 bytes at a time, so that a short token costs no loop and hardly a branch.
///
/// A refill loads 8 bytes and counts the whole ones that had room. Where the next one loads from is known as soon as
/// this one is done, so loading does not lengthen the chain from one token to the next.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The first byte that is not counted into `held` yet.
    at: usize,
    /// The next bits, the next one on top; after a refill all 64 of them, zeros after the end of the input.
    word: u64,
    /// Bits of the word that were counted and not skipped; at most 63.
    held: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0, word: 0, held: 0 }
    }

    /// Makes sure of the next [`REFILL`] bits, or of all that are left.
    pub(super) fn refill(&mut self) {
        if self.refill_quick() {
            return;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.word |= u64::from_be_bytes(last) >> (self.held & 63);
        let counted = rest.len().min(room(self.held));
        self.at += counted;
        self.held += 8 * counted as u32;
    }

    /// Makes sure of the next [`REFILL`] bits; false, and nothing done, within 8 bytes of the end.
    #[inline(always)]
    pub(super) fn refill_quick(&mut self) -> bool {
        let next = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        if let Some(next) = next {
            // Bits below the counted ones were loaded before, and are the same.
            self.word |= u64::from_be_bytes(*next) >> (self.held & 63);
            self.at += room(self.held);
            self.held |= REFILL;
        }
        next.is_some()
    }

    /// The next bits as they were after the last refill, less what was skipped, the next one on top; zeros after the
    /// end of the input.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.word
    }

    /// Drops `count` bits, at most 63; an error when fewer are held, which after a refill means that the input ends.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) -> Result<(), OutOfBits> {
        self.held = self.held.checked_sub(count).ok_or(OutOfBits)?;
        self.word <<= count & 63;
        Ok(())
    }

    /// Drops `count` bits, at most 63, whether they are held or not: what the reader says after more than that is
    /// nothing to go by.
    #[inline(always)]
    pub(super) fn skip_unchecked(&mut self, count: u32) {
        self.held = self.held.wrapping_sub(count);
        self.word <<= count & 63;
    }

    /// The next `count` bits as a number; at most 32.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, OutOfBits> {
        self.refill();
        let taken = top(self.word, count);
        self.skip(count)?;
        Ok(taken as u32)
    }

    /// The bits not read yet: how many, and the first 8 of them, the first on top, zeros after the end.
    pub(super) fn left(&mut self) -> (u64, u8) {
        self.refill();
        (8 * (self.bytes.len() - self.at) as u64 + u64::from(self.held), (self.word >> 56) as u8)
    }
}

/// Whole bytes that a word has room for beside the bits held, which are at most 63: there is room for 63.
#[inline(always)]
fn room(held: u32) -> usize {
    ((!held & 63) / 8) as usize
}

/// The top `count` bits of a word; at most 63.
#[inline(always)]
pub(super) fn top(word: u64, count: u32) -> u64 {
    // In two steps, since a shift by 64 is not one.
    (word >> 1) >> (!count & 63)
}

/// Writes bits; what is left over in the last byte is zero.
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The last `held` bits put, lowest last; what is above them was written.
    pending: u64,
    /// At most 64.
    held: u32,
}

impl BitWriter {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        BitWriter { bytes: Vec::with_capacity(bytes), pending: 0, held: 0 }
    }

    /// Appends the `count` low bits of `value`, which has no others; at most 63.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, count: u32) {
        self.held += count;
        if self.held <= 64 {
            self.pending = self.pending << (count & 63) | value;
            return;
        }
        // Some of the bits fill the word, at least one is left.
        self.held -= 64;
        let word = self.pending << (count - self.held) | value >> self.held;
        self.bytes.extend_from_slice(&word.to_be_bytes());
        self.pending = value;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let last = self.pending.checked_shl(64 - self.held).unwrap_or(0).to_be_bytes();
        self.bytes.extend_from_slice(last.get(..self.held.div_ceil(8) as usize).unwrap_or_default());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_skip_past_the_end_is_refused_at_the_very_bit() {
        for len in 0..20usize {
            let bytes = alloc::vec![0xa5; len];
            let mut reader = BitReader::new(&bytes);
            for _ in 0..len * 8 {
                assert!(reader.take(1).is_ok());
            }
            assert_eq!(reader.take(1), Err(OutOfBits));
        }
    }

    #[test]
    fn the_last_byte_is_padded_with_zeros() {
        let mut writer = BitWriter::with_capacity(0);
        writer.put(0b101, 3);
        assert_eq!(writer.finish(), [0b1010_0000]);
        assert_eq!(BitWriter::with_capacity(0).finish(), [0u8; 0]);
    }

    #[test]
    fn fields_of_every_width_are_written_at_every_place() {
        for width in 1..=63 {
            for before in 0..64 {
                let mut writer = BitWriter::with_capacity(0);
                (0..before).for_each(|_| writer.put(1, 1));
                writer.put(0, width);
                writer.put((1 << width) - 1, width);
                writer.put(0, 1);
                let ones = |bit: u32| bit < before || (before + width..before + 2 * width).contains(&bit);
                let bytes = (before + 2 * width + 1).div_ceil(8);
                let byte = |at: u32| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(ones(8 * at + bit)));
                assert_eq!(writer.finish(), (0..bytes).map(byte).collect::<Vec<_>>(), "{before} {width}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(fields in proptest::collection::vec((any::<u32>(), 0u32..=32), 0..60)) {
            let mut writer = BitWriter::with_capacity(0);
            for &(value, count) in &fields {
                writer.put(top(u64::from(value) << 32, count), count);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &(value, count) in &fields {
                prop_assert_eq!(reader.take(count), Ok(top(u64::from(value) << 32, count) as u32));
            }
            let (left, next) = reader.left();
            prop_assert!(left < 8 && next == 0);
        }

        #[test]
        fn a_refilled_peek_shows_the_next_64_bits_and_a_skip_ends_where_they_do(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            skips in proptest::collection::vec((0u32..=63, any::<bool>()), 0..40),
        ) {
            let mut reader = BitReader::new(&bytes);
            let (mut at, mut held) = (0usize, 0);
            for (skip, refill) in skips {
                if refill {
                    reader.refill();
                    let left = bytes.len() * 8 - at;
                    prop_assert!(reader.held >= REFILL || reader.held as usize == left);
                    prop_assert_eq!(reader.left().0, left as u64);
                    held = reader.held;
                    let expected = (at..at + 64).fold(0u64, |word, bit| {
                        word << 1 | u64::from(bytes.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1))
                    });
                    prop_assert_eq!(reader.peek(), expected);
                }
                let skipped = reader.skip(skip);
                prop_assert_eq!(skipped.is_ok(), skip <= held);
                if skipped.is_err() {
                    break;
                }
                (at, held) = (at + skip as usize, held - skip);
            }
        }
    }
}

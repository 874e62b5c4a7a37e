//! Bits, most significant first: the reader and the writer below the code of a set.

use alloc::vec::Vec;

/// The bits ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfBits;

/// The most bits that a window always shows and that one skip takes: after it at most 7 + 28 bits of the loaded 64 are
/// used, which leaves 29.
pub(super) const WINDOW: u32 = 28;

/// Reads bits through a window over 8 loaded bytes, so that a short token costs no loop and hardly a branch.
///
/// Each skip loads the bytes for the window after it from where the token before it ended: that is known before the
/// token has been looked up, so the load does not lengthen the chain from one token to the next.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    /// From the first of the loaded bytes on.
    rest: &'a [u8],
    /// The loaded bytes, with zeros after the end of the input.
    word: u64,
    /// Bits of the loaded bytes that were read; at most 7 + [`WINDOW`].
    used: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let word = load(bytes).unwrap_or_else(|| load_tail(bytes));
        BitReader { rest: bytes, word, used: 0 }
    }

    /// The next bits, the next one on top: at least [`WINDOW`] of them, zeros after the end of the input.
    #[inline(always)]
    pub(super) fn peek(&self) -> u64 {
        self.word << (self.used & 63)
    }

    /// Drops `count` bits; at most [`WINDOW`].
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) -> Result<(), OutOfBits> {
        self.rest = self.rest.get((self.used / 8) as usize..).ok_or(OutOfBits)?;
        self.used = self.used % 8 + count;
        match load(self.rest) {
            Some(word) => self.word = word,
            None => {
                self.word = load_tail(self.rest);
                // Only within 8 bytes of the end can fewer bits be left than were skipped.
                if self.used as usize > 8 * self.rest.len() {
                    return Err(OutOfBits);
                }
            }
        }
        Ok(())
    }

    /// The next 64 bits exactly, zeros after the end of the input.
    pub(super) fn peek_long(&self) -> u64 {
        let mut last = [0; 16];
        last.iter_mut().zip(self.rest).for_each(|(to, from)| *to = *from);
        (u128::from_be_bytes(last) << self.used >> 64) as u64
    }

    /// Drops any number of bits.
    pub(super) fn skip_long(&mut self, mut count: u32) -> Result<(), OutOfBits> {
        while count > WINDOW {
            self.skip(WINDOW)?;
            count -= WINDOW;
        }
        self.skip(count)
    }

    /// The next `count` bits as a number; at most 32.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, OutOfBits> {
        let window = self.peek_long();
        self.skip_long(count)?;
        Ok(top(window, count))
    }

    /// The bits not read yet: how many, and the first 8 of them, the first on top, zeros after the end.
    pub(super) fn left(&self) -> (u64, u8) {
        ((8 * self.rest.len() as u64).saturating_sub(self.used.into()), (self.peek() >> 56) as u8)
    }
}

/// The first 8 bytes as a word, if there are so many.
#[inline(always)]
fn load(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.first_chunk()?))
}

/// The last bytes as a word, zeros below.
#[inline(never)]
fn load_tail(bytes: &[u8]) -> u64 {
    let mut last = [0; 8];
    last.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(last)
}

/// The top `count` bits of a window; at most 32.
#[inline(always)]
pub(super) fn top(window: u64, count: u32) -> u32 {
    // In two steps, since a shift by 64 is not one.
    ((window >> 1) >> (63 - count)) as u32
}

/// Writes bits; what is left over in the last byte is zero.
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u128,
    held: u32,
}

impl BitWriter {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        BitWriter { bytes: Vec::with_capacity(bytes), pending: 0, held: 0 }
    }

    /// Appends the `count` low bits of `value`, which has no others; at most 64.
    #[inline]
    pub(super) fn put(&mut self, value: u64, count: u32) {
        self.pending = self.pending << count | u128::from(value);
        self.held += count;
        if self.held >= 64 {
            self.held -= 64;
            self.bytes.extend_from_slice(&((self.pending >> self.held) as u64).to_be_bytes());
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let whole = self.held.div_ceil(8) as usize;
        let last = ((self.pending << (64 - self.held)) as u64).to_be_bytes();
        self.bytes.extend_from_slice(last.get(..whole).unwrap_or_default());
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

    proptest! {
        #[test]
        fn what_was_written_is_read(fields in proptest::collection::vec((any::<u32>(), 0u32..=32), 0..60)) {
            let mut writer = BitWriter::with_capacity(0);
            for &(value, count) in &fields {
                writer.put(u64::from(top(u64::from(value) << 32, count)), count);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &(value, count) in &fields {
                prop_assert_eq!(reader.take(count), Ok(top(u64::from(value) << 32, count)));
            }
            let (left, next) = reader.left();
            prop_assert!(left < 8 && next == 0);
        }

        #[test]
        fn a_peek_shows_the_bits_wherever_it_stands(bytes in proptest::collection::vec(any::<u8>(), 0..40), skips in proptest::collection::vec(0u32..=64, 0..40)) {
            let mut reader = BitReader::new(&bytes);
            let mut at = 0usize;
            for skip in skips {
                let expected = (at..at + 64).fold(0u64, |word, bit| {
                    word << 1 | u64::from(bytes.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1))
                });
                prop_assert_eq!(reader.peek_long(), expected);
                prop_assert_eq!(top(reader.peek(), WINDOW), top(expected, WINDOW));
                let fits = at + skip as usize <= bytes.len() * 8;
                let skipped = if skip <= WINDOW { reader.skip(skip) } else { reader.skip_long(skip) };
                prop_assert_eq!(skipped.is_ok(), fits);
                if !fits { break; }
                at += skip as usize;
            }
        }
    }
}

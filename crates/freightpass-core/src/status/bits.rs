//! Bits, most significant first: the reader and the writer below the code of a set.

use alloc::vec::Vec;

/// The bits ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfBits;

/// Reads bits through a 64-bit window, so that a token costs one load and no loop.
///
/// The top `held` bits of `window` are accounted for; those below are zero or already the bits that follow, so a refill
/// may OR the same bits in again.
pub(super) struct BitReader<'a> {
    rest: &'a [u8],
    window: u64,
    held: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BitReader { rest: bytes, window: 0, held: 0 }
    }

    /// The next 64 bits, the next one on top, with zeros after the end. At least 56 of them may then be skipped, fewer
    /// only where the input has fewer.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> u64 {
        let (word, loaded) = match self.rest.first_chunk::<8>() {
            Some(chunk) => (u64::from_be_bytes(*chunk), (63 - self.held) >> 3),
            None => self.tail(),
        };
        self.window |= word >> (self.held & 63);
        self.held += loaded * 8;
        self.rest = self.rest.get(loaded as usize..).unwrap_or_default();
        self.window
    }

    /// The last bytes as one word, zeros below, and how many of them fit into the window.
    #[cold]
    fn tail(&self) -> (u64, u32) {
        let word = self
            .rest
            .iter()
            .fold((0u64, 56u32), |(word, shift), &byte| (word | u64::from(byte) << shift, shift.saturating_sub(8)));
        (word.0, (self.rest.len() as u32).min((63 - self.held) >> 3))
    }

    /// Drops `count` bits that `peek` has shown; at most 56.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) -> Result<(), OutOfBits> {
        self.held = self.held.checked_sub(count).ok_or(OutOfBits)?;
        self.window <<= count;
        Ok(())
    }

    /// The next `count` bits as a number; at most 32.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, OutOfBits> {
        let window = self.peek();
        self.skip(count)?;
        Ok(top(window, count))
    }

    /// The bits not read yet: how many, and the first up to 8 of them, the first on top.
    pub(super) fn left(&mut self) -> (u64, u8) {
        let window = self.peek();
        (u64::from(self.held) + 8 * self.rest.len() as u64, (window >> 56) as u8)
    }
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
        fn a_peek_shows_64_bits_wherever_it_stands(bytes in proptest::collection::vec(any::<u8>(), 0..40), skips in proptest::collection::vec(0u32..=56, 0..40)) {
            let mut reader = BitReader::new(&bytes);
            let mut at = 0usize;
            for skip in skips {
                let expected = (at..at + 64).fold(0u64, |word, bit| {
                    word << 1 | u64::from(bytes.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1))
                });
                prop_assert_eq!(reader.peek(), expected);
                let fits = at + skip as usize <= bytes.len() * 8;
                prop_assert_eq!(reader.skip(skip).is_ok(), fits);
                if !fits { break; }
                at += skip as usize;
            }
        }
    }
}

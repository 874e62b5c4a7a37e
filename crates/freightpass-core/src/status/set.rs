//! The code of a set of indexes (docs/FORMAT.md, section 4): one coding, no modes, one byte string for each set.
//!
//! The decoder is canonical: it fits the code lengths anew from what it counted and refuses others, so that the bytes
//! of a set are as good a name for it as its hash. A run token makes many indexes of few bits, and a lone symbol makes
//! indexes of no bits at all, so the number of bytes bounds nothing: `n`, which comes from a verified manifest, does.

use alloc::vec::Vec;

use super::bits::{BitReader, BitWriter, top};
use super::classes::{MIN_RUN, RUNS, SYMBOLS, each_token};
use super::huffman::{self, ABSENT, Decoder, Entry, Lengths};
use super::set_error::SetError;
use super::state::MAX_N;

/// The bytes of strictly ascending indexes below [`MAX_N`]; linear in their number.
pub fn encode(indexes: &[u32]) -> Result<Vec<u8>, SetError> {
    let steps = indexes.iter().zip(indexes.iter().skip(1));
    if let Some(position) = steps.into_iter().position(|(before, after)| before >= after) {
        return Err(SetError::NotAscending { position: position + 1 });
    }
    match indexes.last() {
        Some(&last) if last >= MAX_N => {
            Err(SetError::NotAscending { position: indexes.partition_point(|&index| index < MAX_N) })
        }
        _ => Ok(encode_ascending(indexes)),
    }
}

/// The indexes of a set over a list of `n`, ascending.
///
/// Allocates 4 bytes for each announced index, so at most 4 n; [`super::State`] paints into n / 4 bytes instead.
pub fn decode(bytes: &[u8], n: u32) -> Result<Vec<u32>, SetError> {
    let mut indexes = Vec::new();
    read(bytes, n, |first, run| {
        if indexes.capacity() == 0 {
            indexes.reserve_exact(announced(bytes) as usize);
        }
        match run {
            1 => indexes.push(first),
            run => indexes.extend(first..first + run),
        }
        Ok::<(), SetError>(())
    })?;
    Ok(indexes)
}

/// As [`encode`], for indexes that are known to ascend and to be below [`MAX_N`].
pub(super) fn encode_ascending(indexes: &[u32]) -> Vec<u8> {
    if indexes.is_empty() {
        return Vec::new();
    }
    let mut weights = [0u32; SYMBOLS];
    let mut low_bits = 0u64;
    each_token(indexes, |token| {
        low_bits += u64::from(token.low_bits);
        if let Some(weight) = weights.get_mut(usize::from(token.symbol)) {
            *weight += 1;
        }
    });
    let lengths = huffman::fit(&weights);
    let code_bits: u64 =
        weights.iter().zip(lengths).map(|(&weight, length)| u64::from(weight) * u64::from(length)).sum();

    let mut codes = [(0u64, 0u32); SYMBOLS];
    for code in huffman::codes(&lengths).unwrap_or_default() {
        if let Some(slot) = codes.get_mut(usize::from(code.symbol)) {
            let length = u32::from(code.length);
            *slot = (code.start.checked_shr(64 - length).unwrap_or(0), length);
        }
    }
    // Count, G, R and at most 7 bits for each of 126 classes take less than 128 bytes.
    let mut bits = BitWriter::with_capacity(128 + ((code_bits + low_bits) / 8) as usize);
    bits.put(indexes.len() as u64, 32);
    write_lengths(&lengths, &mut bits);
    each_token(indexes, |token| {
        let (code, length) = codes.get(usize::from(token.symbol)).copied().unwrap_or_default();
        // At most 37 and 25 bits.
        bits.put(code << token.low_bits | u64::from(token.low), length + token.low_bits);
    });
    bits.finish()
}

/// Reads a set and calls `emit(first, run)` for each index or run of indexes, ascending and below `n`, stopping at the
/// first error. Only when it returns Ok, with the count, was the set canonical: what was emitted before an error is
/// nobody's data.
pub(super) fn read<E: From<SetError>>(
    bytes: &[u8],
    n: u32,
    emit: impl FnMut(u32, u32) -> Result<(), E>,
) -> Result<u32, E> {
    if n > MAX_N {
        return Err(SetError::NOverCap { n }.into());
    }
    if bytes.is_empty() {
        return Ok(0);
    }
    let mut bits = BitReader::new(bytes);
    let count = bits.take(32).map_err(SetError::from)?;
    if count == 0 {
        return Err(SetError::EmptyCount.into());
    }
    if count > n {
        return Err(SetError::CountOverN { count, n }.into());
    }
    let lengths = read_lengths(&mut bits)?;
    let decoder = Decoder::new(&lengths).ok_or(SetError::LengthsIncomplete)?;
    let (weights, bits) = read_tokens(bits, &decoder, count, n, emit)?;
    finish(bits)?;
    let fitted = huffman::fit(&weights);
    match (0u8..).zip(lengths.iter().zip(&fitted)).find(|(_, (found, fitted))| found != fitted) {
        Some((symbol, _)) => Err(SetError::LengthsNotMinimal { symbol }.into()),
        None => Ok(count),
    }
}

/// The count that a set announces, unchecked.
fn announced(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |count| u32::from_be_bytes(*count))
}

fn write_lengths(lengths: &Lengths, bits: &mut BitWriter) {
    let (gaps, runs) = lengths.split_at(usize::from(RUNS));
    let used = |half: &[u8]| half.iter().rposition(|&length| length != ABSENT).map_or(0, |highest| highest + 1);
    bits.put(used(gaps) as u64, 6);
    bits.put(used(runs) as u64, 6);
    for half in [gaps, runs] {
        for &length in half.iter().take(used(half)) {
            match length {
                ABSENT => bits.put(0, 1),
                length => bits.put(1 << 6 | u64::from(length), 7),
            }
        }
    }
}

fn read_lengths(bits: &mut BitReader<'_>) -> Result<Lengths, SetError> {
    let mut lengths = [ABSENT; SYMBOLS];
    let (gaps, runs) = lengths.split_at_mut(usize::from(RUNS));
    let used = [bits.take(6)? as usize, bits.take(6)? as usize];
    for ((half, used), offset) in [gaps, runs].into_iter().zip(used).zip([0, RUNS]) {
        let half = half.get_mut(..used).unwrap_or_default();
        for length in half.iter_mut() {
            if bits.take(1)? == 1 {
                *length = bits.take(6)? as u8;
            }
        }
        if half.last() == Some(&ABSENT) {
            return Err(SetError::ClassesNotMinimal { symbol: (used - 1) as u8 + offset });
        }
    }
    Ok(lengths)
}

/// Reads the tokens of `count` indexes; returns how often each symbol came, and what is left.
///
/// The reader goes by value, so that the loop keeps it in registers.
#[inline(always)]
fn read_tokens<'a, E: From<SetError>>(
    mut bits: BitReader<'a>,
    decoder: &Decoder,
    count: u32,
    n: u32,
    mut emit: impl FnMut(u32, u32) -> Result<(), E>,
) -> Result<([u32; SYMBOLS], BitReader<'a>), E> {
    let mut weights = [0u32; SYMBOLS];
    let (mut next, mut left) = (0u32, count);
    // The row of zero gaps: how many, and the index that would go on with it. Nothing is done for it at other gaps.
    let (mut row, mut row_next) = (0, 0);
    while left > 0 {
        let window = bits.peek();
        let (entry, low);
        if let Some(found) = decoder.find_quick(window) {
            bits.skip(found.quick_bits.into()).map_err(SetError::from)?;
            (entry, low) = (found, top(window << (found.length & 63), found.low_bits.into()));
        } else {
            (entry, low, bits) = read_long(bits, decoder)?;
        }
        if let Some(weight) = weights.get_mut(usize::from(entry.symbol) % SYMBOLS) {
            *weight += 1;
        }
        // Below 2^32: the classes up to 62 end there.
        let v = entry.base + low;
        if entry.symbol < RUNS {
            let index = u64::from(next) + u64::from(v) - 1;
            if index >= u64::from(n) {
                return Err(SetError::IndexBeyond { index, n }.into());
            }
            let index = index as u32;
            if v == 1 {
                row = if row_next == next { row + 1 } else { 1 };
                row_next = next + 1;
                if row >= MIN_RUN {
                    return Err(SetError::Row { index }.into());
                }
            }
            emit(index, 1)?;
            (next, left) = (index + 1, left - 1);
        } else {
            let run = u64::from(v) + u64::from(MIN_RUN - 1);
            // `next` is also where a row ends that has not begun.
            if row > 0 && row_next == next {
                return Err(SetError::Row { index: next }.into());
            }
            if run > u64::from(left) {
                return Err(SetError::RunOverCount { run, left }.into());
            }
            if run > u64::from(n - next) {
                return Err(SetError::IndexBeyond { index: u64::from(next) + run - 1, n }.into());
            }
            // At most `left`, so it fits.
            let run = run as u32;
            emit(next, run)?;
            (next, left) = (next + run, left - run);
            // A further zero gap would have been part of this run.
            (row, row_next) = (MIN_RUN, next);
        }
    }
    Ok((weights, bits))
}

/// Reads a token that the quick table or one window does not hold.
#[cold]
fn read_long<'a>(mut bits: BitReader<'a>, decoder: &Decoder) -> Result<(Entry, u32, BitReader<'a>), SetError> {
    let entry = decoder.find(bits.peek_long()).ok_or(SetError::LengthsIncomplete)?;
    bits.skip_long(entry.length.into())?;
    let low = bits.take(entry.low_bits.into())?;
    Ok((entry, low, bits))
}

/// Fewer than 8 bits must be left, all of them zero.
fn finish(bits: BitReader<'_>) -> Result<(), SetError> {
    match bits.left() {
        (left, _) if left >= 8 => Err(SetError::Trailing { bytes: left / 8 }),
        (_, 0) => Ok(()),
        _ => Err(SetError::Padding),
    }
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;

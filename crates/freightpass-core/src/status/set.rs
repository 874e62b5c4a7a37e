//! The code of a set of indexes (docs/FORMAT.md, section 4): one coding, no modes, one byte string for each set.
//!
//! The decoder is canonical: it fits the code lengths anew from what it counted and refuses others, so that the bytes
//! of a set are as good a name for it as its hash. A run token makes many indexes of few bits, and a lone symbol makes
//! indexes of no bits at all, so the number of bytes bounds nothing: `n`, which comes from a verified manifest, does.

use alloc::vec::Vec;

use super::bits::{BitReader, BitWriter};
use super::classes::{MIN_RUN, RUNS, SYMBOLS, class_base, each_token};
use super::huffman::{self, ABSENT, Decoder, Lengths, QUICK_BITS, QUICK_TOKEN};
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
    let fitted = huffman::fit(weights.first_chunk().unwrap_or(&[0; SYMBOLS]));
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
) -> Result<(Weights, BitReader<'a>), E> {
    let mut weights = [0; WEIGHTS];
    let mut place = Place { next: 0, left: count, recent: !0, n };
    bits.refill();
    while place.left > 0 {
        // Nearly all tokens go through here, by two: what may be wrong with either is looked at below, one by one.
        // After a refill 64 bits are there, so at least 12 behind two quick tokens: the third is looked up before the
        // next refill, which then has nobody waiting for it.
        let mut after = bits;
        let first = decoder.find_quick(after.peek());
        let v = decoder.v(first, after.peek());
        after.skip_unchecked(first.bits.into());
        let second = decoder.find_quick(after.peek());
        let full = after.refill_quick();
        let w = decoder.v(second, after.peek());
        after.skip_unchecked(second.bits.into());
        if full
            && (first.symbol | second.symbol) < RUNS
            && let Some([index, next]) = place.two_gaps([first.symbol, second.symbol], [v, w])
        {
            weights[usize::from(first.symbol)] += 1;
            weights[usize::from(second.symbol)] += 1;
            bits = after;
            emit(index, 1)?;
            emit(next, 1)?;
            continue;
        }
        let (symbol, v);
        (symbol, v, bits) = take_any(bits, decoder)?;
        weights[usize::from(symbol)] += 1;
        let (first, run) = if symbol < RUNS { (place.gap(symbol, v)?, 1) } else { place.run(v)? };
        emit(first, run)?;
    }
    Ok((weights, bits))
}

/// After a refill and two quick tokens there are still enough bits to look up a third.
const _: () = assert!(2 * QUICK_TOKEN + QUICK_BITS <= u64::BITS);

/// How often each symbol came; as many as a byte can name, so that counting one asks for no bound.
type Weights = [u32; WEIGHTS];
const WEIGHTS: usize = 1 << 8;

/// The symbol and the v of any token, wherever the bytes end; the reader is refilled behind it.
fn take_any<'a>(mut bits: BitReader<'a>, decoder: &Decoder) -> Result<(u8, u32, BitReader<'a>), SetError> {
    bits.refill();
    let quick = decoder.find_quick(bits.peek());
    if quick.symbol != huffman::LONG {
        let v = decoder.v(quick, bits.peek());
        bits.skip(quick.bits.into())?;
        bits.refill();
        return Ok((quick.symbol, v, bits));
    }
    let code = decoder.find(bits.peek()).ok_or(SetError::LengthsIncomplete)?;
    // A code has at most 63 bits, which may be more than a refill gives.
    let (length, half) = (u32::from(code.length), u32::from(code.length / 2));
    bits.skip(half)?;
    bits.refill();
    bits.skip(length - half)?;
    let (base, low_bits) = class_base(code.symbol % RUNS);
    // Below 2^32: the classes up to 62 end there.
    let v = base + bits.take(low_bits)?;
    bits.refill();
    Ok((code.symbol, v, bits))
}

/// Where the tokens have led.
struct Place {
    /// The first index that the next token may mean; at most n.
    next: u32,
    /// Indexes of the count still to come.
    left: u32,
    /// The symbols of the last two gaps, 8 bits each, the last one lowest; behind a run, those of two zero gaps.
    recent: u32,
    n: u32,
}

/// The symbol of the zero gap. [`Place`] is written for rows of [`MIN_RUN`], which is 3.
const ZERO_GAP: u32 = 0;
const LAST: u32 = 0xff;
/// One zero gap more would have been part of the run, and so would a second run.
const AFTER_RUN: u32 = ZERO_GAP << 8 | ZERO_GAP;

impl Place {
    /// The indexes of two gap tokens, when nothing can be wrong with them; `None` changes nothing.
    #[inline(always)]
    fn two_gaps(&mut self, symbols: [u8; 2], v: [u32; 2]) -> Option<[u32; 2]> {
        let [first, second] = symbols.map(u32::from);
        let beyond = u64::from(v[0]) + u64::from(v[1]) > u64::from(self.n - self.next);
        // Three zero gaps in a row have one of these in the middle.
        let may_be_row = self.recent & LAST | first == ZERO_GAP;
        if self.left < 2 || beyond || may_be_row {
            return None;
        }
        let index = self.next + v[0] - 1;
        (self.next, self.left, self.recent) = (index + v[1] + 1, self.left - 2, first << 8 | second);
        Some([index, index + v[1]])
    }

    /// The index of a gap token, which is below n.
    fn gap(&mut self, symbol: u8, v: u32) -> Result<u32, SetError> {
        if v > self.n - self.next {
            return Err(SetError::IndexBeyond { index: u64::from(self.next) + u64::from(v) - 1, n: self.n });
        }
        let index = self.next + v - 1;
        if self.recent | u32::from(symbol) == ZERO_GAP {
            return Err(SetError::Row { index });
        }
        self.recent = (self.recent & LAST) << 8 | u32::from(symbol);
        (self.next, self.left) = (index + 1, self.left - 1);
        Ok(index)
    }

    /// The first index of a run token and how many it is, all below n.
    fn run(&mut self, v: u32) -> Result<(u32, u32), SetError> {
        let (first, run) = (self.next, u64::from(v) + u64::from(MIN_RUN - 1));
        if self.recent & LAST == ZERO_GAP {
            return Err(SetError::Row { index: first });
        }
        if run > u64::from(self.left) {
            return Err(SetError::RunOverCount { run, left: self.left });
        }
        if run > u64::from(self.n - first) {
            return Err(SetError::IndexBeyond { index: u64::from(first) + run - 1, n: self.n });
        }
        // At most `left`, so it fits.
        let run = run as u32;
        (self.next, self.left, self.recent) = (first + run, self.left - run, AFTER_RUN);
        Ok((first, run))
    }
}

/// Fewer than 8 bits must be left, all of them zero.
fn finish(mut bits: BitReader<'_>) -> Result<(), SetError> {
    match bits.left() {
        (left, _) if left >= 8 => Err(SetError::Trailing { bytes: left / 8 }),
        (_, 0) => Ok(()),
        _ => Err(SetError::Padding),
    }
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;

//! The code of a set (section 4): decode what can be decoded, encode it again, and compare.

/// Indexes of a list at most.
pub const MAX_N: u32 = 1 << 26;
/// Runs have these symbols and more.
const RUNS: u32 = 64;

/// The indexes below n of which these bytes are the one code.
pub fn decode(bytes: &[u8], n: u32) -> Option<Vec<u32>> {
    if bytes.is_empty() {
        return Some(vec![]);
    }
    let indexes = loosely(&mut Bits { bytes, at: 0 }, n)?;
    (encode(&indexes) == bytes).then_some(indexes)
}

struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: u32) -> Option<u64> {
        let mut value = 0;
        for _ in 0..width {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u64::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

fn loosely(bits: &mut Bits<'_>, n: u32) -> Option<Vec<u32>> {
    let count = bits.take(32)?;
    let (gaps, runs) = (bits.take(6)? as u32, bits.take(6)? as u32);
    let mut lengths = Vec::new();
    for symbol in (0..gaps).chain(RUNS..RUNS + runs) {
        if bits.take(1)? == 1 {
            lengths.push((bits.take(6)? as u32, symbol));
        }
    }
    if count == 0 || count > n.into() {
        return None;
    }
    let codes = codes(&lengths);
    let mut indexes: Vec<u32> = Vec::new();
    let mut next = 0_u64; // the first index that may come
    while (indexes.len() as u64) < count {
        let symbol = symbol(bits, &codes)?;
        let class = symbol % RUNS;
        let (k, second) = if class == 0 { (0, 0) } else { (class.div_ceil(2), u64::from(1 - class % 2)) };
        // v in binary: 1, for k > 0 the second bit, and k - 1 bits that stand in the code.
        let v = if k == 0 { 1 } else { (2 + second) << (k - 1) | bits.take(k - 1)? };
        if symbol >= RUNS {
            for _ in 0..v + 2 {
                push(&mut indexes, &mut next, count, n)?;
            }
        } else {
            next += v - 1;
            push(&mut indexes, &mut next, count, n)?;
        }
    }
    Some(indexes)
}

fn push(indexes: &mut Vec<u32>, next: &mut u64, count: u64, n: u32) -> Option<()> {
    if *next >= n.into() || indexes.len() as u64 == count {
        return None;
    }
    indexes.push(*next as u32);
    *next += 1;
    Some(())
}

/// A code (its bits as a number), its length and its symbol, for lengths given with their symbols.
fn codes(lengths: &[(u32, u32)]) -> Vec<(u128, u32, u32)> {
    let mut sorted = lengths.to_vec();
    sorted.sort();
    let (mut code, mut before) = (0, 0);
    let mut codes = Vec::new();
    for (length, symbol) in sorted {
        code <<= length - before;
        codes.push((code, length, symbol));
        code += 1;
        before = length;
    }
    codes
}

fn symbol(bits: &mut Bits<'_>, codes: &[(u128, u32, u32)]) -> Option<u32> {
    let (mut read, mut length) = (0_u128, 0);
    loop {
        if let Some((_, _, symbol)) = codes.iter().find(|(code, long, _)| (*code, *long) == (read, length)) {
            return Some(*symbol);
        }
        if length == 63 {
            return None;
        }
        read = read << 1 | u128::from(bits.take(1)?);
        length += 1;
    }
}

/// The code of ascending indexes.
fn encode(indexes: &[u32]) -> Vec<u8> {
    let tokens = tokens(indexes);
    let mut counts: Vec<(u64, u32)> = Vec::new(); // weight, symbol
    for (symbol, _, _) in &tokens {
        match counts.iter_mut().find(|(_, of)| of == symbol) {
            Some((weight, _)) => *weight += 1,
            None => counts.push((1, *symbol)),
        }
    }
    let lengths = fitted(&counts);
    let codes = codes(&lengths);
    let highest = |of: std::ops::Range<u32>| {
        lengths
            .iter()
            .filter(|(_, symbol)| of.contains(symbol))
            .map(|(_, symbol)| symbol - of.start + 1)
            .max()
            .unwrap_or(0)
    };
    let (gaps, runs) = (highest(0..RUNS), highest(RUNS..2 * RUNS));
    let mut bits = Vec::new();
    put(&mut bits, indexes.len() as u128, 32);
    put(&mut bits, gaps.into(), 6);
    put(&mut bits, runs.into(), 6);
    for symbol in (0..gaps).chain(RUNS..RUNS + runs) {
        match lengths.iter().find(|(_, of)| *of == symbol) {
            Some((length, _)) => put(&mut bits, u128::from(64 | *length), 7),
            None => put(&mut bits, 0, 1),
        }
    }
    for (symbol, low, width) in tokens {
        for (code, length, _) in codes.iter().filter(|(_, _, of)| *of == symbol) {
            put(&mut bits, *code, *length);
        }
        put(&mut bits, low.into(), width);
    }
    bits.resize(bits.len().next_multiple_of(8), false);
    bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::from(*bit))).collect()
}

fn put(bits: &mut Vec<bool>, value: u128, width: u32) {
    bits.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
}

/// Symbol, low bits, and how many of them.
fn tokens(indexes: &[u32]) -> Vec<(u32, u64, u32)> {
    let mut gaps = Vec::new();
    let mut next = 0;
    for index in indexes {
        gaps.push(index - next);
        next = index + 1;
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < gaps.len() {
        let row = gaps[at..].iter().take_while(|gap| **gap == 0).count();
        if row >= 3 {
            tokens.push(token(RUNS, row as u64 - 2));
            at += row;
        } else {
            tokens.push(token(0, u64::from(gaps[at]) + 1));
            at += 1;
        }
    }
    tokens
}

fn token(first: u32, v: u64) -> (u32, u64, u32) {
    let k = v.ilog2();
    if k == 0 {
        return (first, 0, 0);
    }
    let second = (v >> (k - 1) & 1) as u32;
    (first + 2 * k - 1 + second, v % (1 << (k - 1)), k - 1)
}

/// Huffman's lengths, with their symbols.
fn fitted(counts: &[(u64, u32)]) -> Vec<(u32, u32)> {
    let mut lengths: Vec<(u32, u32)> = counts.iter().map(|(_, symbol)| (0, *symbol)).collect();
    // Weight, number, the symbols below.
    let mut items: Vec<(u64, u32, Vec<u32>)> =
        counts.iter().map(|(weight, symbol)| (*weight, *symbol, vec![*symbol])).collect();
    let mut number = 128;
    while items.len() > 1 {
        items.sort();
        let (a, b) = (items.remove(0), items.remove(0));
        let below = [a.2, b.2].concat();
        for (length, symbol) in &mut lengths {
            *length += u32::from(below.contains(symbol));
        }
        items.push((a.0 + b.0, number, below));
        number += 1;
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_of_the_text_have_the_codes_of_the_text() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let all: Vec<u32> = (0..1000).collect();
        let some = [0, 3, 6, 13, 24, 25, 26, 27];
        for (set, n, code) in [
            (&[0][..], 1, "00000001040800"),
            (&all, 1000, "000003e8013000020730"),
            (&some, 28, "000000081818684870a160f780"),
        ] {
            assert_eq!(hex(&encode(set)), code);
            assert_eq!(decode(&encode(set), n).as_deref(), Some(set));
            assert_eq!(decode(&encode(set), n - 1), None, "n = {}", n - 1);
        }
    }
}

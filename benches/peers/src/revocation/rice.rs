//! Golomb-Rice codes of the gaps (Golomb 1966, Rice 1979) with the parameter that makes them smallest; or of gaps and
//! runs in turn, each with its own parameter, where that is smaller. A head of six bytes says which.

use super::bitmap::Bitmap;
use super::{Coding, Loaded};

/// Parameters that are tried: the low bits of a code.
const PARAMETERS: std::ops::Range<u32> = 0..25;
/// In the head instead of the parameter of runs: there are none.
const NO_RUNS: u8 = 255;

pub struct Rice;

impl Coding for Rice {
    fn encode(&self, revoked: &[u32], _: u32) -> Vec<u8> {
        // A gap is how many indexes lie between; that of the first run counts from the beginning.
        let plain: Vec<u32> = steps(revoked).map(|(step, _)| step - 1).collect();
        let (mut gaps, mut runs) = (Vec::new(), Vec::<u32>::new());
        for (step, first) in steps(revoked) {
            match runs.last_mut() {
                Some(run) if step == 1 && !first => *run += 1,
                _ => {
                    gaps.push(if first { step - 1 } else { step - 2 });
                    runs.push(0);
                }
            }
        }
        let (k, bits) = fitted(&plain);
        let ((gap_k, gap_bits), (run_k, run_bits)) = (fitted(&gaps), fitted(&runs));
        let with_runs = gap_bits + run_bits < bits;
        let mut writer = Writer { bytes: (revoked.len() as u32).to_be_bytes().to_vec(), word: 0, filled: 0 };
        if with_runs {
            writer.bytes.extend([gap_k as u8, run_k as u8]);
            for (gap, run) in gaps.into_iter().zip(runs) {
                writer.code(gap, gap_k);
                writer.code(run, run_k);
            }
        } else {
            writer.bytes.extend([k as u8, NO_RUNS]);
            plain.into_iter().for_each(|gap| writer.code(gap, k));
        }
        writer.finish()
    }

    fn load(&self, bytes: &[u8], n: u32) -> Box<dyn Loaded> {
        let mut bitmap = Bitmap::of(&[], n, 1);
        let (head, body) = bytes.split_at(6);
        let mut left = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let mut reader = Reader { bytes: body, bit: 0 };
        let mut next = 0;
        if head[5] == NO_RUNS {
            while left > 0 {
                let index = next + reader.code(head[4].into());
                bitmap.set(index);
                (next, left) = (index + 1, left - 1);
            }
        } else {
            while left > 0 {
                let first = next + reader.code(head[4].into());
                let run = reader.code(head[5].into()) + 1;
                (first..first + run).for_each(|index| bitmap.set(index));
                // The index after a run is not revoked.
                (next, left) = (first + run + 1, left - run);
            }
        }
        Box::new(bitmap)
    }
}

/// The distance of each index from the one before, that of the first from -1; and whether it is the first.
fn steps(indexes: &[u32]) -> impl Iterator<Item = (u32, bool)> {
    let before = std::iter::once(None).chain(indexes.iter().map(Some));
    indexes.iter().zip(before).map(|(index, before)| match before {
        Some(before) => (index - before, false),
        None => (index + 1, true),
    })
}

/// The best parameter, and the bits that all the values take with it.
fn fitted(values: &[u32]) -> (u32, u64) {
    let bits = |k: u32| values.iter().map(|value| u64::from((value >> k) + 1 + k)).sum::<u64>();
    PARAMETERS.map(|k| (k, bits(k))).min_by_key(|&(_, bits)| bits).unwrap_or_default()
}

/// Bits, most significant first.
struct Writer {
    bytes: Vec<u8>,
    word: u64,
    filled: u32,
}

impl Writer {
    /// As many zeros as the quotient, a one, and `k` low bits.
    fn code(&mut self, value: u32, k: u32) {
        (0..value >> k).for_each(|_| self.put(0, 1));
        self.put(u64::from(1 << k | value & ((1 << k) - 1)), k + 1);
    }

    fn put(&mut self, bits: u64, count: u32) {
        self.word = self.word << count | bits;
        self.filled += count;
        while self.filled >= 8 {
            self.filled -= 8;
            self.bytes.push((self.word >> self.filled) as u8);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.put(0, 8 - self.filled);
        }
        // So that the reader may take a word wherever it stands.
        self.bytes.extend([0; 8]);
        self.bytes
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    bit: usize,
}

impl Reader<'_> {
    fn code(&mut self, k: u32) -> u32 {
        let mut quotient = 0;
        loop {
            let word = self.word();
            let zeros = word.leading_zeros();
            // A word holds 57 bits at least, a code of few zeros at most 25 bits more than those.
            if zeros + 1 + k <= 57 {
                self.bit += (zeros + 1 + k) as usize;
                let low = if k == 0 { 0 } else { (word << (zeros + 1)) >> (64 - k) };
                return (quotient + zeros) << k | low as u32;
            }
            let passed = zeros.min(32);
            self.bit += passed as usize;
            quotient += passed;
        }
    }

    fn word(&self) -> u64 {
        let at = self.bit / 8;
        let bytes = self.bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).expect("a code that ends");
        u64::from_be_bytes(bytes) << (self.bit % 8)
    }
}

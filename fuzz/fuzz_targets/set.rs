//! The code of a set, both ways: what decodes encodes to the same bytes, and indexes come back from their code.
//!
//! The first four bytes are n, their highest bit which way.
#![no_main]

use freightpass_core::status::{MAX_N, SetError, set};
use freightpass_fuzz::bound::{BESIDE, holding};
use freightpass_fuzz::seeds::Vectors;

/// Lists are larger in use; here a list of all its indexes must cost nothing.
const MOST_N: u32 = 1 << 16;

const INDEXES: u32 = 1 << 31;

freightpass_fuzz::target!(seeds(), |bytes| {
    let Some((head, rest)) = bytes.split_first_chunk::<4>() else { return };
    match u32::from_be_bytes(*head) {
        n if n >= INDEXES => of_indexes(rest),
        n if n > MAX_N => assert_eq!(set::decode(rest, n), Err(SetError::NOverCap { n })),
        n => of_code(rest, n.min(MOST_N)),
    }
});

fn of_code(code: &[u8], n: u32) {
    let decoded = holding(4 * u64::from(n) + BESIDE, || set::decode(code, n));
    if let Ok(indexes) = decoded {
        assert!(indexes.last().is_none_or(|last| *last < n));
        assert_eq!(set::encode(&indexes).as_deref(), Ok(code));
        // Under an n that the last index does not fit, the same code is refused.
        if let Some(last) = indexes.last() {
            assert!(set::decode(code, *last).is_err());
        }
    }
}

/// Two bytes are a gap (their highest bit clear), or how many indexes follow one another.
fn of_indexes(bytes: &[u8]) {
    let mut indexes = Vec::new();
    let mut next = 0;
    for [high, low] in bytes.as_chunks::<2>().0 {
        let value = u32::from(u16::from_be_bytes([high & 0x7f, *low]));
        let run = if high & 0x80 == 0 { 1 } else { value % 100 };
        let first = if high & 0x80 == 0 { next + value } else { next };
        indexes.extend(first..first + run);
        next = first + run;
    }
    let code = set::encode(&indexes).expect("they ascend");
    assert_eq!(set::decode(&code, next), Ok(indexes));
}

fn seeds() -> Vec<Vec<u8>> {
    let cases = Vectors::read().decoded("set");
    let codes = cases.into_iter().map(|(code, n)| [&n.to_be_bytes()[..], &code].concat());
    let indexes = [&[0x80, 0, 0, 0, 0, 3, 0x80, 7, 1, 0, 0, 0, 0, 0, 0x80, 99][..], &[0xff; 12]];
    codes.chain(indexes.map(<[u8]>::to_vec)).collect()
}

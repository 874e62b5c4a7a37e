use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Bytes of (value, bits) fields after a count.
fn bits(count: u32, fields: &[(u64, u32)]) -> Vec<u8> {
    let mut writer = BitWriter::with_capacity(64);
    writer.put(count.into(), 32);
    fields.iter().for_each(|&(value, width)| writer.put(value, width));
    writer.finish()
}

/// Whatever decodes is the encoding of what it decodes to, and nothing is beyond n.
fn total_and_canonical(bytes: &[u8], n: u32) {
    if let Ok(indexes) = decode(bytes, n) {
        assert_eq!(encode(&indexes).as_deref(), Ok(bytes));
        assert!(indexes.iter().all(|&index| index < n));
    }
}

#[test]
fn the_examples_of_the_specification_hold_both_ways() {
    let all: Vec<u32> = (0..1000).collect();
    let examples: [(&[u32], u32, &str); 4] = [
        (&[], 0, ""),
        (&[0], 1, "00000001040800"),
        (&all, 1000, "000003e8013000020730"),
        (&[0, 3, 6, 13, 24, 25, 26, 27], 28, "000000081818684870a160f780"),
    ];
    for (indexes, n, text) in examples {
        assert_eq!(encode(indexes), Ok(hex(text)));
        assert_eq!(decode(&hex(text), n).as_deref(), Ok(indexes));
    }
}

#[test]
fn every_subset_of_twelve_comes_back_and_every_neighbour_of_its_bytes_is_itself_or_refused() {
    for n in 0..=12u32 {
        // Smaller lists are subsets of the largest but for n itself: their neighbours need no second look.
        for subset in 0..1u32 << n {
            let indexes: Vec<u32> = (0..n).filter(|bit| subset >> bit & 1 == 1).collect();
            let bytes = encode(&indexes).unwrap();
            assert_eq!(decode(&bytes, n), Ok(indexes));
            if n < 12 && subset % 16 != 0 {
                continue;
            }
            for end in 0..bytes.len() {
                total_and_canonical(&bytes[..end], n);
            }
            for flip in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[flip / 8] ^= 0x80 >> (flip % 8);
                total_and_canonical(&changed, n);
            }
            let longer = [&bytes[..], &[0]].concat();
            assert!(decode(&longer, n).is_err());
        }
    }
}

#[test]
fn a_set_cut_short_is_truncated_and_nothing_else() {
    let indexes: Vec<u32> = (0..300).map(|step| step * step).collect();
    let bytes = encode(&indexes).unwrap();
    for end in 1..bytes.len() {
        assert_eq!(decode(&bytes[..end], 100_000), Err(SetError::Truncated), "{end}");
    }
}

#[test]
fn a_count_over_n_is_refused_before_anything_else_is_read() {
    assert_eq!(decode(&hex("00000001"), 0), Err(SetError::CountOverN { count: 1, n: 0 }));
    assert_eq!(decode(&hex("000003e8013000020730"), 999), Err(SetError::CountOverN { count: 1000, n: 999 }));
    assert_eq!(decode(&hex("ffffffff"), MAX_N), Err(SetError::CountOverN { count: u32::MAX, n: MAX_N }));
    assert_eq!(decode(&[], MAX_N + 1), Err(SetError::NOverCap { n: MAX_N + 1 }));
}

#[test]
fn a_count_of_zero_is_not_the_empty_set() {
    assert_eq!(decode(&hex("00000000"), 9), Err(SetError::EmptyCount));
    assert_eq!(decode(&hex("000000000000"), 9), Err(SetError::EmptyCount));
}

#[test]
fn bytes_and_bits_after_the_set_are_told_apart() {
    assert_eq!(decode(&hex("0000000104080000"), 9), Err(SetError::Trailing { bytes: 1 }));
    assert_eq!(decode(&hex("00000001040801"), 9), Err(SetError::Padding));
    assert_eq!(decode(&hex("00000001040810"), 9), Err(SetError::Padding));
}

#[test]
fn lengths_that_leave_or_overdraw_the_code_space_are_incomplete() {
    // {0} with a length of 1 for its lone symbol, and the code 0.
    let lone = bits(1, &[(1, 6), (0, 6), (1, 1), (1, 6), (0, 1)]);
    assert_eq!(decode(&lone, 9), Err(SetError::LengthsIncomplete));
    // Classes 0 and 1, both with length 0.
    let both = bits(1, &[(2, 6), (0, 6), (1, 1), (0, 6), (1, 1), (0, 6)]);
    assert_eq!(decode(&both, 9), Err(SetError::LengthsIncomplete));
    // No class at all.
    assert_eq!(decode(&bits(1, &[(0, 6), (0, 6)]), 9), Err(SetError::LengthsIncomplete));
    // Length 63 alone.
    let longest = bits(1, &[(1, 6), (0, 6), (1, 1), (63, 6)]);
    assert_eq!(decode(&longest, 9), Err(SetError::LengthsIncomplete));
}

#[test]
fn lengths_that_are_complete_and_not_those_of_the_counts_are_not_minimal() {
    // {0, 2}: gaps 0 and 1. Classes 0 and 1 have one token each; a third symbol with a longer code is not used.
    let unused = bits(2, &[(3, 6), (0, 6), (0b1_000001, 7), (0b1_000010, 7), (0b1_000010, 7), (0b0, 1), (0b10, 2)]);
    assert_eq!(decode(&unused, 9), Err(SetError::LengthsNotMinimal { symbol: 1 }));
    assert_eq!(encode(&[0, 2]), Ok(bits(2, &[(2, 6), (0, 6), (0b1_000001, 7), (0b1_000001, 7), (0b0, 1), (0b1, 1)])));
    // {0}, and a class that is announced without need.
    let announced = bits(1, &[(2, 6), (0, 6), (0b1_000000, 7), (0, 1)]);
    assert_eq!(decode(&announced, 9), Err(SetError::ClassesNotMinimal { symbol: 1 }));
    let announced = bits(1, &[(1, 6), (3, 6), (0b1_000000, 7), (0, 3)]);
    assert_eq!(decode(&announced, 9), Err(SetError::ClassesNotMinimal { symbol: 66 }));
}

#[test]
fn the_other_tree_of_a_tie_is_refused() {
    // {0, 2, 5}: gaps 0, 1, 2, of classes 0, 1, 2, one each. Class 2 has the short code; the tree that gives it to
    // class 0 costs as little and is refused.
    let head = |lengths: [u64; 3]| [(3, 6), (0, 6), (64 + lengths[0], 7), (64 + lengths[1], 7), (64 + lengths[2], 7)];
    let right = [&head([2, 2, 1])[..], &[(0b10, 2), (0b11, 2), (0, 1)]].concat();
    let wrong = [&head([1, 2, 2])[..], &[(0, 1), (0b10, 2), (0b11, 2)]].concat();
    assert_eq!(decode(&bits(3, &right), 6), Ok(vec![0, 2, 5]));
    assert_eq!(encode(&[0, 2, 5]), Ok(bits(3, &right)));
    assert_eq!(decode(&bits(3, &wrong), 6), Err(SetError::LengthsNotMinimal { symbol: 0 }));
}

#[test]
fn rows_must_be_whole_runs() {
    // Three zero gaps by one symbol of no bits.
    assert_eq!(decode(&bits(3, &[(1, 6), (0, 6), (0b1_000000, 7)]), 9), Err(SetError::Row { index: 2 }));
    // A zero gap and then a run; a run and then a zero gap; two runs. Class 0 of gaps is code 0, of runs code 1.
    let mixed = |count, tokens: &[(u64, u32)]| {
        let head = [(1, 6), (1, 6), (0b1_000001, 7), (0b1_000001, 7)];
        decode(&bits(count, &[&head[..], tokens].concat()), 9)
    };
    assert_eq!(mixed(4, &[(0, 1), (1, 1)]), Err(SetError::Row { index: 1 }));
    assert_eq!(mixed(4, &[(1, 1), (0, 1)]), Err(SetError::Row { index: 3 }));
    assert_eq!(mixed(6, &[(1, 1), (1, 1)]), Err(SetError::Row { index: 3 }));
}

/// A set far longer than what one refill holds, of tokens of one bit: 0 is the first class, 1 the one after it.
fn long(count: u32, first_class: u32, tokens: impl Iterator<Item = u64>) -> Vec<u8> {
    let classes = [(u64::from(first_class) + 2, 6), (0, 6), (0, first_class), (0b1_000001, 7), (0b1_000001, 7)];
    bits(count, &classes.into_iter().chain(tokens.map(|token| (token, 1))).collect::<Vec<_>>())
}

#[test]
fn a_row_is_found_wherever_it_stands_in_a_long_set() {
    // Gaps of 1, with two or three zero gaps from some place on.
    for place in 0..100 {
        let zeros =
            |many| decode(&long(200, 0, (0..200).map(|at| u64::from(!(place..place + many).contains(&at)))), 400);
        assert_eq!(zeros(2).map(|indexes| indexes.len()), Ok(200), "{place}");
        assert_eq!(zeros(3), Err(SetError::Row { index: 2 * place + 2 }), "{place}");
    }
}

#[test]
fn an_index_beyond_n_is_found_wherever_it_stands_in_a_long_set() {
    // Indexes 1, 4, 7, ...: a gap of 1 and then gaps of 2.
    let bytes = long(200, 1, (0..200).map(|at| u64::from(at > 0)));
    for n in 200u32..599 {
        let index = u64::from((n - 1).next_multiple_of(3) + 1);
        assert_eq!(decode(&bytes, n), Err(SetError::IndexBeyond { index, n }));
    }
    assert_eq!(decode(&bytes, 599), Ok((0..200).map(|at| 3 * at + 1).collect()));
}

#[test]
fn a_long_set_ends_with_its_count_and_not_with_its_bytes() {
    for count in 1..100 {
        let bytes = long(count, 1, (0..200).map(|at| u64::from(at > 0)));
        let read = 32 + 12 + 1 + 14 + u64::from(count);
        assert_eq!(decode(&bytes, 599), Err(SetError::Trailing { bytes: (8 * bytes.len() as u64 - read) / 8 }));
    }
}

#[test]
fn indexes_and_runs_stop_at_n_and_at_the_count() {
    assert_eq!(decode(&encode(&[41]).unwrap(), 41), Err(SetError::IndexBeyond { index: 41, n: 41 }));
    assert_eq!(decode(&encode(&[41]).unwrap(), 42), Ok(vec![41]));
    let run = encode(&[40, 41, 42, 43]).unwrap();
    assert_eq!(decode(&run, 43), Err(SetError::IndexBeyond { index: 43, n: 43 }));
    assert_eq!(decode(&run, 44), Ok(vec![40, 41, 42, 43]));
    let short = [&[0, 0, 0, 3][..], &run[4..]].concat();
    assert_eq!(decode(&short, 44), Err(SetError::RunOverCount { run: 3, left: 2 }));
}

#[test]
fn the_largest_class_and_the_longest_code_overflow_nothing() {
    // Class 62 with all its low bits set: v = 2^32 - 1.
    let mut fields = vec![(63, 6), (0, 6), (0, 62), (0b1_000000, 7), ((1 << 30) - 1, 30)];
    let beyond = SetError::IndexBeyond { index: u64::from(u32::MAX) - 1, n: 9 };
    assert_eq!(decode(&bits(1, &fields), 9), Err(beyond));
    fields[0] = (0, 6);
    fields[1] = (63, 6);
    let over = SetError::RunOverCount { run: u64::from(u32::MAX) + 2, left: 1 };
    assert_eq!(decode(&bits(1, &fields), 9), Err(over));

    // Lengths 1, 2, ... 62, 63, 63: complete. The last class's code is 63 ones, then its 30 low bits.
    let mut deep = vec![(63, 6), (1, 6)];
    deep.extend((1..=63).map(|length| (64 + length, 7)));
    deep.push((64 + 63, 7));
    deep.extend([((1 << 62) - 1, 62), (0, 1), (0, 30)]);
    let index = u64::from(3u32 << 30) - 1;
    assert_eq!(decode(&bits(1, &deep), 9), Err(SetError::IndexBeyond { index, n: 9 }));
    assert_eq!(decode(&bits(1, &deep[..deep.len() - 1]), 9), Err(SetError::Truncated));
}

#[test]
fn indexes_that_do_not_ascend_or_pass_the_cap_are_not_encoded() {
    assert_eq!(encode(&[1, 2, 2]), Err(SetError::NotAscending { position: 2 }));
    assert_eq!(encode(&[3, 2]), Err(SetError::NotAscending { position: 1 }));
    assert_eq!(encode(&[3, MAX_N, MAX_N + 1]), Err(SetError::NotAscending { position: 1 }));
    assert_eq!(decode(&encode(&[MAX_N - 1]).unwrap(), MAX_N), Ok(vec![MAX_N - 1]));
}

#[test]
fn a_lone_symbol_makes_indexes_of_no_bits_and_n_bounds_them() {
    let odd: Vec<u32> = (0..MAX_N).filter(|index| index % 2 == 1).collect();
    let bytes = encode(&odd).unwrap();
    assert_eq!(bytes.len(), 7);
    assert_eq!(decode(&bytes, MAX_N).map(|indexes| indexes == odd), Ok(true));
    assert_eq!(
        decode(&bytes, MAX_N / 2 - 1).map(|_| ()),
        Err(SetError::CountOverN { count: MAX_N / 2, n: MAX_N / 2 - 1 })
    );
}

/// Indexes as they come: alone, in rows, in steps.
fn clustered() -> impl Strategy<Value = Vec<u32>> {
    let cluster = (0u32..3000, 1u32..40, 1u32..4).prop_map(|(gap, len, step)| (gap, len, step));
    proptest::collection::vec(cluster, 0..60).prop_map(|clusters| {
        let mut indexes = Vec::new();
        let mut next = 0;
        for (gap, len, step) in clusters {
            next += gap;
            for _ in 0..len {
                indexes.push(next);
                next += step;
            }
        }
        indexes
    })
}

proptest! {
    #[test]
    fn a_random_set_comes_back(set in proptest::collection::btree_set(0u32..MAX_N, 0..400)) {
        let indexes: Vec<u32> = set.into_iter().collect();
        prop_assert_eq!(decode(&encode(&indexes).unwrap(), MAX_N), Ok(indexes));
    }

    #[test]
    fn a_clustered_set_comes_back(indexes in clustered()) {
        prop_assert_eq!(decode(&encode(&indexes).unwrap(), 300_000), Ok(indexes));
    }

    #[test]
    fn mutated_bytes_are_refused_or_canonical(indexes in clustered(), places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = encode(&indexes).unwrap();
        for (place, value) in places {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
        }
        total_and_canonical(&bytes, 300_000);
    }

    #[test]
    fn random_bytes_behind_a_small_count_are_refused_or_canonical(count in 1u8..20, tail in proptest::collection::vec(any::<u8>(), 0..40)) {
        let bytes = [&[0, 0, 0, count][..], &tail].concat();
        total_and_canonical(&bytes, 1 << 20);
    }
}

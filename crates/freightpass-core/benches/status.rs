//! Status: bytes of sets beside their bounds, and the time to decode them beside a copy of what they decode to.
//!
//! Sizes are those of 10 M indexes: random sets beside the entropy bound, clustered sets (60% in batches of 40, as an
//! enterprise's passes lie) beside a model that computes the size of the same coding, and a delta of 100 entries beside
//! log2 C(10 M, 100). Every set that is measured is decoded and compared first.

mod cpu;
mod draws;
#[path = "../../../benches/report/mod.rs"]
#[allow(dead_code)] // The processor time counts here, not the clock.
mod report;

use std::hint::black_box;

use cpu::interleaved;
use draws::{Batch, SplitMix64, clustered};
use freightpass_core::status::{Delta, Snapshot, State, set};
use report::Report;

/// Indexes of the list.
const N: u32 = 10_000_000;
/// Shares of revoked indexes, each with how many draws its mean size is taken over, and what decoding a snapshot may
/// cost beside a copy of its array (about what was reached).
const SHARES: [(f64, u32, f64); 4] = [(0.0001, 100, 1.0), (0.001, 20, 1.5), (0.01, 5, 5.0), (0.05, 2, 12.0)];
/// The same of clustered indexes, 1% of them.
const CLUSTERED: f64 = 5.0;
const DEPLOYMENT: [u8; 8] = *b"bench-01";

fn main() -> std::io::Result<()> {
    let mut report = Report::new("status");
    let mut random = SplitMix64(1);

    for (share, draws, _) in SHARES {
        let count = (f64::from(N) * share) as usize;
        let bytes = mean(draws, || encoded(&random.draw(count, N)).len());
        let name = format!("bytes, {:.2}% random, beside the entropy", share * 100.0);
        report.add(&name, bytes, entropy_bytes(count), Some(1.02));
    }
    for (share, ..) in SHARES {
        for kind in [Batch::Consecutive, Batch::EverySecond, Batch::LeasedBlock] {
            let indexes = clustered(&mut random, (f64::from(N) * share) as usize, N, kind);
            let name = format!("bytes, {:.2}% clustered {kind:?}, beside the model", share * 100.0);
            report.add(&name, encoded(&indexes).len() as f64, model_bytes(&indexes), Some(1.02));
        }
    }
    delta_of_100(&mut report, &mut random);
    for (share, _, goal) in SHARES {
        let indexes = random.draw((f64::from(N) * share) as usize, N);
        let name = format!("{:.2}%", share * 100.0);
        snapshot_times(&mut report, &name, &indexes, Some(goal));
        set_times(&mut report, &name, &indexes);
    }
    for kind in [Batch::Consecutive, Batch::EverySecond, Batch::LeasedBlock] {
        let indexes = clustered(&mut random, N as usize / 100, N, kind);
        snapshot_times(&mut report, &format!("1.00% clustered {kind:?}"), &indexes, Some(CLUSTERED));
    }
    delta_times(&mut report, &mut random);
    report.write()
}

/// A delta that revokes 100 of 10 M: its one set, and the whole object.
fn delta_of_100(report: &mut Report, random: &mut SplitMix64) {
    let draws: Vec<Vec<u32>> = (0..1000).map(|_| random.draw(100, N)).collect();
    let mut sets = draws.iter();
    let set_bytes = mean(1000, || sets.next().map_or(0, |indexes| encoded(indexes).len()));
    let bound = log2_choose(N, 100) / 8.0;
    report.add("bytes, one set of a delta of 100, beside log2 C(10M, 100)", set_bytes, bound, Some(1.10));

    let old = State::from_sets(2969, N, &[], &[]).expect("an empty state");
    let new = State::from_sets(2969, N, &draws[0], &[]).expect("a draw within n");
    let delta = Delta::between(&old, &new, &DEPLOYMENT).expect("a growing state");
    let bytes = delta.encode().expect("a small delta");
    assert_eq!(Delta::decode(&bytes, N).and_then(|delta| delta.apply(&old, &DEPLOYMENT)), Ok(new));
    report.add("bytes, a whole delta of 100, beside log2 C(10M, 100)", bytes.len() as f64, bound, None);
}

/// Nanoseconds to decode and to encode a snapshot, beside copies of the state's array.
fn snapshot_times(report: &mut Report, name: &str, indexes: &[u32], goal: Option<f64>) {
    let state = State::from_sets(2969, N, indexes, &[]).expect("indexes within n");
    let snapshot = Snapshot::new(state.clone());
    let object = snapshot.encode().expect("a snapshot below the cap");
    assert_eq!(Snapshot::decode(&object, N).as_ref(), Ok(&snapshot), "a snapshot comes back");

    let (ours, copy) =
        interleaved(60, || Snapshot::decode(black_box(&object), N), || black_box(state.array()).to_vec());
    report.add(&format!("ns, {name} snapshot, beside a copy of its array"), ours, copy, goal);
    let (ours, copy) = interleaved(30, || black_box(&snapshot).encode(), || black_box(state.array()).to_vec());
    report.add(&format!("ns, {name} snapshot encoded, beside a copy of its array"), ours, copy, None);
}

/// Nanoseconds to decode and to encode a bare set, beside copies of its indexes.
fn set_times(report: &mut Report, name: &str, indexes: &[u32]) {
    let bytes = encoded(indexes);
    let (ours, copy) = interleaved(60, || set::decode(black_box(&bytes), N), || black_box(indexes).to_vec());
    report.add(&format!("ns, {name} set, beside a copy of its indexes"), ours, copy, None);
    let (ours, copy) = interleaved(20, || set::encode(black_box(indexes)), || black_box(indexes).to_vec());
    report.add(&format!("ns, {name} set encoded, beside a copy of its indexes"), ours, copy, None);
}

/// Nanoseconds of a publisher's delta and of a scanner's, 100 revoked beside 1%: hashing the state is most of it, and
/// what a new hash must cost.
fn delta_times(report: &mut Report, random: &mut SplitMix64) {
    let old = random.draw(N as usize / 100, N);
    let mut new = old.clone();
    new.extend(random.draw(100, N).iter().filter(|index| old.binary_search(index).is_err()));
    let [old, new] = [old, new].map(|indexes| State::from_sets(2969, N, &indexes, &[]).expect("a draw within n"));
    let made = || Delta::between(black_box(&old), black_box(&new), &DEPLOYMENT).and_then(|delta| delta.encode());
    let bytes = made().expect("a small delta");
    let (ours, hash) = interleaved(30, made, || black_box(&new).hash(&DEPLOYMENT));
    report.add("ns, a delta of 100 made and encoded, beside the state's hash", ours, hash, Some(1.5));
    let applied = || Delta::decode(black_box(&bytes), N).and_then(|delta| delta.apply(black_box(&old), &DEPLOYMENT));
    let (ours, hash) = interleaved(30, applied, || black_box(&new).hash(&DEPLOYMENT));
    report.add("ns, a delta of 100 decoded and applied, beside the state's hash", ours, hash, Some(1.5));
}

/// The code of a set, seen to decode to the set.
fn encoded(indexes: &[u32]) -> Vec<u8> {
    let bytes = set::encode(indexes).expect("ascending indexes");
    assert!(set::decode(&bytes, N).as_deref() == Ok(indexes), "a set comes back");
    bytes
}

fn mean(draws: u32, mut bytes: impl FnMut() -> usize) -> f64 {
    (0..draws).map(|_| bytes() as f64).sum::<f64>() / f64::from(draws)
}

/// Bytes of the entropy of `count` random indexes of N.
fn entropy_bytes(count: usize) -> f64 {
    let p = count as f64 / f64::from(N);
    f64::from(N) * (-p * p.log2() - (1.0 - p) * (1.0 - p).log2()) / 8.0
}

/// log2 of the number of sets of `k` of `n`.
fn log2_choose(n: u32, k: u32) -> f64 {
    (0..k).map(|taken| (f64::from(n - taken) / f64::from(taken + 1)).log2()).sum()
}

/// The size of the coding, computed from the frequencies of its classes without encoding anything: Huffman over half
/// octaves of gaps and of rows of three zero gaps and more, the low bits, 5 bits for each class used, 12 bytes of head.
fn model_bytes(indexes: &[u32]) -> f64 {
    let mut frequency = [0u64; 400];
    let mut low_bits = 0u64;
    let mut count = |v: u32, offset: usize| {
        let top = v.ilog2();
        let below_top = if top >= 1 { v >> (top - 1) & 1 } else { 0 };
        frequency[offset + (2 * top + below_top) as usize] += 1;
        low_bits += u64::from(top.saturating_sub(1));
    };
    let mut row = 0;
    let mut end_of_row = |row: u32| match row {
        0..3 => (0..row).for_each(|_| count(1, 0)),
        _ => count(row - 2, 200),
    };
    let gaps = indexes.iter().scan(0, |next, &index| {
        let gap = index - *next;
        *next = index + 1;
        Some(gap)
    });
    let mut others = Vec::new();
    for gap in gaps {
        if gap == 0 {
            row += 1;
        } else {
            end_of_row(row);
            row = 0;
            others.push(gap + 1);
        }
    }
    end_of_row(row);
    others.into_iter().for_each(|v| count(v, 0));
    let used = frequency.iter().filter(|&&weight| weight > 0).count();
    (huffman_bits(&frequency) + low_bits) as f64 / 8.0 + used as f64 * 5.0 / 8.0 + 12.0
}

/// Bits of the codes in all: the sum of the weights of all mergers; one bit each for a lone symbol.
fn huffman_bits(frequency: &[u64]) -> u64 {
    let mut weights: Vec<u64> = frequency.iter().copied().filter(|&weight| weight > 0).collect();
    if let [lone] = weights[..] {
        return lone;
    }
    let mut bits = 0;
    while weights.len() > 1 {
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let merged: u64 = weights.split_off(weights.len() - 2).iter().sum();
        bits += merged;
        weights.push(merged);
    }
    bits
}

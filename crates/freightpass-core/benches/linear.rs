//! Linear time: what costs each decoder most for its size, at four sizes, each twice the one before it.
//!
//! A row of the report compares nanoseconds a byte at the largest size with those at the smallest: 1 is linear, 8 would
//! be quadratic. Caches make large inputs dearer than small ones, so the goal leaves room above 1.

mod cpu;
#[path = "../../../benches/report/mod.rs"]
#[allow(dead_code)] // The processor time counts here, not the clock.
mod report;

use std::hint::black_box;

use freightpass_vectors::worst;
use report::Report;

/// What a byte of the largest input may cost beside one of the smallest.
const GOAL: f64 = 1.5;

/// Bytes that one measurement reads at least, so that the clock's own time does not count.
const MEASURED: usize = 64 << 10;

fn main() -> std::io::Result<()> {
    let mut report = Report::new("linear");
    for family in worst::all() {
        let n = family.smallest;
        let [smallest, twice, four, eight] = [1, 2, 4, 8].map(|times| (family.make)(times * n));
        // Nanoseconds a byte of an input of `times` n, and of the smallest, measured in turn.
        let per_byte = |bytes: &[u8], times: usize| {
            let repeats = [(MEASURED / (times * n)).max(1), (MEASURED / n).max(1)];
            let decode = |bytes: &[u8], repeats| (0..repeats).filter(|_| (family.decode)(black_box(bytes))).count();
            let rounds = ((32 << 20) / (times * n * repeats[0])).clamp(5, 100) as u32;
            let (ours, least) =
                cpu::interleaved(rounds, || decode(bytes, repeats[0]), || decode(&smallest, repeats[1]));
            (ours / (repeats[0] * times * n) as f64, least / (repeats[1] * n) as f64)
        };
        let [(twice, _), (four, _), (eight, one)] =
            [(&twice, 2), (&four, 4), (&eight, 8)].map(|(bytes, times)| per_byte(bytes, times));
        println!("n = {n} bytes, ns a byte: {one:.3}, 2n {twice:.3}, 4n {four:.3}, 8n {eight:.3}");
        let name = format!("ns a kB, {}: {}, 8n beside n", family.decoder, family.name);
        report.add(&name, 1000.0 * eight, 1000.0 * one, Some(GOAL));
    }
    report.write()
}

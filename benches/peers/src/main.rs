//! freightpass beside its peers, all in one run: tokens that carry the claims of the typical pass, and codings of which
//! indexes of a list are revoked.
//!
//! `benches/peers/run` writes docs/BENCHMARKS.md and target/report/peers.json. With `--short` everything is run a few
//! times over small lists and nothing is written: that the peers still compile and answer rightly, for CI.

#[allow(dead_code)] // Every bench uses a part of it.
#[path = "../../../crates/freightpass-core/benches/deployment/mod.rs"]
mod deployment;
mod document;
#[allow(dead_code)] // Not every bench draws every kind.
#[path = "../../../crates/freightpass-core/benches/draws/mod.rs"]
mod draws;
mod machine;
mod race;
mod revocation;
mod rows;
mod tokens;

use std::fs;

use draws::Batch;
use revocation::{Rounds, Scene};

/// What the tables are of: a nation's week with one pass in a hundred revoked, as the indexes lie at worst and as they
/// lie where an enterprise's passes are revoked together, and a province's with one in a thousand.
const SCENES: [Scene; 4] = [
    Scene { name: "10 M, 1% at random", n: 10_000_000, revoked: 100_000, batches: None },
    Scene { name: "10 M, 1%, every second", n: 10_000_000, revoked: 100_000, batches: Some(Batch::EverySecond) },
    Scene { name: "10 M, 1%, in blocks", n: 10_000_000, revoked: 100_000, batches: Some(Batch::LeasedBlock) },
    Scene { name: "1 M, 0.1% at random", n: 1_000_000, revoked: 1_000, batches: None },
];
const TOKEN_ROUNDS: u32 = 10_000;
/// Of a text one character in this many is changed, and must be seen.
const STEP: usize = 7;
const ROUNDS: Rounds = Rounds { encode: 30, load: 40, query: 100 };

const SHORT_SCENES: [Scene; 2] = [
    Scene { name: "30 K, 1% at random", n: 30_000, revoked: 300, batches: None },
    Scene { name: "30 K, 1%, in blocks", n: 30_000, revoked: 300, batches: Some(Batch::LeasedBlock) },
];
const SHORT_TOKEN_ROUNDS: u32 = 2;
const SHORT_STEP: usize = 97;
const SHORT_ROUNDS: Rounds = Rounds { encode: 1, load: 1, query: 1 };

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => full(),
        ["--short"] => {
            let (tokens, _) = tokens::run(SHORT_TOKEN_ROUNDS, SHORT_STEP);
            let found = SHORT_SCENES.map(|scene| revocation::run(scene, SHORT_ROUNDS));
            let codings: usize = found.iter().map(|found| found.rows.len()).sum();
            println!("{} tokens and {codings} encoded lists gave back what went in", tokens.len());
            Ok(())
        }
        _ => Err(std::io::Error::other("usage: peers [--short]")),
    }
}

fn full() -> std::io::Result<()> {
    let machine = machine::Machine::found()?;
    let (tokens, bare) = tokens::run(TOKEN_ROUNDS, STEP);
    let scenes = SCENES.map(|scene| revocation::run(scene, ROUNDS));
    rows::write(&tokens, &scenes)?;
    fs::write("docs/BENCHMARKS.md", document::write(&machine, &tokens, &bare, &scenes))
}

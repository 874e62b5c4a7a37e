//! The revoked indexes of one list as freightpass sends them, and in other codings of the same state.

mod bitmap;
mod clubcard;
mod freightpass;
mod hashes;
mod rice;
mod roaring;
mod token_status_list;
mod zstd;

use std::hint::black_box;

use crate::draws::{Batch, SplitMix64, clustered};
use crate::race::{lane, race};

/// A way to send which of `n` indexes are revoked.
trait Coding {
    /// The bytes of ascending indexes below `n`.
    fn encode(&self, revoked: &[u32], n: u32) -> Vec<u8>;

    /// From those bytes to something that answers at once. `n` is known from elsewhere, as from our manifest.
    fn load(&self, bytes: &[u8], n: u32) -> Box<dyn Loaded>;
}

/// What a scanner holds in memory.
trait Loaded {
    fn is_revoked(&self, index: u32) -> bool;

    /// Bytes in memory, without what the allocator adds.
    fn held(&self) -> usize;

    /// How many of these are revoked.
    fn count(&self, indexes: &[u32]) -> usize {
        indexes.iter().filter(|&&index| self.is_revoked(index)).count()
    }
}

/// A state that is sent.
#[derive(Clone, Copy)]
pub struct Scene {
    pub name: &'static str,
    pub n: u32,
    pub revoked: usize,
    /// How the batches lie in which 60% come; none: all at random.
    pub batches: Option<Batch>,
}

/// What was found for one coding in one scene.
pub struct Row {
    pub name: &'static str,
    pub bytes: usize,
    pub held: usize,
    /// Nanoseconds; of a query on average over a mixed sweep.
    pub encode: f64,
    pub load: f64,
    pub query: f64,
}

impl Row {
    /// Whether it is another row of freightpass.
    pub fn is_ours(&self) -> bool {
        self.name.starts_with("freightpass")
    }
}

/// The rows of a scene, ours first, and the bytes of the entropy of as many indexes at random.
pub struct Found {
    pub scene: Scene,
    pub revoked: usize,
    pub entropy: f64,
    pub rows: Vec<Row>,
}

/// How often each is run.
#[derive(Clone, Copy)]
pub struct Rounds {
    pub encode: u32,
    pub load: u32,
    pub query: u32,
}

/// Queries in a sweep, half of them of revoked indexes.
const SWEEP: usize = 8192;
/// Indexes that are not revoked and that every coding is asked for.
const SAMPLE: usize = 200_000;

pub fn run(scene: Scene, rounds: Rounds) -> Found {
    let mut random = SplitMix64(7);
    let revoked = match scene.batches {
        None => random.draw(scene.revoked, scene.n),
        Some(batch) => clustered(&mut random, scene.revoked, scene.n, batch),
    };
    let valid: Vec<u32> = std::iter::repeat_with(|| random.below(scene.n))
        .filter(|index| revoked.binary_search(index).is_err())
        .take(SAMPLE)
        .collect();
    let sweep: Vec<u32> = (0..SWEEP / 2)
        .flat_map(|at| [revoked[random.below(revoked.len() as u32) as usize], valid[at % valid.len()]])
        .collect();

    let codings: Vec<(&'static str, Box<dyn Coding>)> = vec![
        ("freightpass", Box::new(freightpass::Snapshots { hash: false })),
        ("freightpass, with its state hash", Box::new(freightpass::Snapshots { hash: true })),
        ("Token Status List, 1 bit", Box::new(token_status_list::Zlib { bits: 1 })),
        ("Token Status List, 2 bits", Box::new(token_status_list::Zlib { bits: 2 })),
        ("bitmap, zstd level 19", Box::new(zstd::Zstd19)),
        ("roaring", Box::new(roaring::Roaring)),
        ("64-bit hashes", Box::new(hashes::Hashes)),
        ("clubcard", Box::new(clubcard::Card)),
        ("Rice codes, fitted", Box::new(rice::Rice)),
    ];
    let objects: Vec<Vec<u8>> = codings.iter().map(|(_, coding)| coding.encode(&revoked, scene.n)).collect();
    let loaded: Vec<Box<dyn Loaded>> =
        codings.iter().zip(&objects).map(|((_, coding), bytes)| coding.load(bytes, scene.n)).collect();
    for ((name, _), loaded) in codings.iter().zip(&loaded) {
        assert_eq!(loaded.count(&revoked), revoked.len(), "{name}: every revoked index is found");
        assert_eq!(loaded.count(&valid), 0, "{name}: none of {} others is", valid.len());
    }

    let (revoked, sweep) = (&revoked, &sweep);
    let encoding = codings.iter().map(|(_, coding)| lane(move || coding.encode(black_box(revoked), scene.n)));
    let encode = race(rounds.encode, encoding.collect());
    let loading = codings.iter().zip(&objects);
    let loading = loading.map(|((_, coding), bytes)| lane(move || coding.load(black_box(bytes), scene.n)));
    let load = race(rounds.load, loading.collect());
    let querying = loaded.iter().map(|loaded| lane(move || loaded.count(black_box(sweep))));
    let query = race(rounds.query, querying.collect());

    let rows = (0..codings.len()).map(|at| Row {
        name: codings[at].0,
        bytes: objects[at].len(),
        held: loaded[at].held(),
        encode: encode[at],
        load: load[at],
        query: query[at] / sweep.len() as f64,
    });
    Found { scene, revoked: revoked.len(), entropy: entropy_bytes(revoked.len(), scene.n), rows: rows.collect() }
}

fn entropy_bytes(count: usize, n: u32) -> f64 {
    let p = count as f64 / f64::from(n);
    f64::from(n) * (-p * p.log2() - (1.0 - p) * (1.0 - p).log2()) / 8.0
}

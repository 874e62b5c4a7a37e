//! Damage to bytes, drawn by proptest: what a bad camera, a bad disk or a bad person does.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One damage.
#[derive(Debug, Clone)]
pub enum Mutation {
    /// Bits of these bytes are turned over.
    Flip(Vec<(Index, u8)>),
    /// The bytes end here.
    Cut(Index),
    /// Bytes are put in.
    Insert(Index, Vec<u8>),
    /// Bytes are left out.
    Remove(Index, usize),
    /// Bytes are written over.
    Overwrite(Index, Vec<u8>),
    /// A part stands twice.
    Repeat(Index, usize),
}

/// Any damage.
pub fn mutation() -> impl Strategy<Value = Mutation> {
    let bytes = || vec(any::<u8>(), 1..12);
    prop_oneof![
        4 => vec((any::<Index>(), 1u8..), 1..4).prop_map(Mutation::Flip),
        1 => any::<Index>().prop_map(Mutation::Cut),
        1 => (any::<Index>(), bytes()).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        1 => (any::<Index>(), 1usize..12).prop_map(|(at, count)| Mutation::Remove(at, count)),
        2 => (any::<Index>(), bytes()).prop_map(|(at, bytes)| Mutation::Overwrite(at, bytes)),
        1 => (any::<Index>(), 1usize..40).prop_map(|(at, count)| Mutation::Repeat(at, count)),
    ]
}

impl Mutation {
    /// The damaged bytes; now and then they are the same.
    pub fn of(&self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        let size = bytes.len();
        let span = |at: &Index, count: usize| {
            let at = at.index(size);
            at..(at + count).min(size)
        };
        match self {
            Mutation::Flip(flips) => flips.iter().for_each(|(at, bits)| bytes[at.index(size)] ^= bits),
            Mutation::Cut(at) => bytes.truncate(at.index(size)),
            Mutation::Insert(at, new) => {
                drop(bytes.splice(at.index(size + 1)..at.index(size + 1), new.iter().copied()))
            }
            Mutation::Remove(at, count) => drop(bytes.drain(span(at, *count))),
            Mutation::Overwrite(at, new) => {
                let span = span(at, new.len());
                let count = span.len();
                bytes[span].copy_from_slice(&new[..count]);
            }
            Mutation::Repeat(at, count) => {
                let again = bytes[span(at, *count)].to_vec();
                let end = at.index(size);
                drop(bytes.splice(end..end, again));
            }
        }
        bytes
    }
}

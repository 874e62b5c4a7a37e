//! The first 64 bits of the SHA-256 of each revoked identifier, ascending: how lists of hashes are published (the EU
//! health certificates' took 64 to 128 bits). Two passes of one hash would be one: 2^-64 for each pair.

use sha2::{Digest, Sha256};

use super::{Coding, Loaded};

pub struct Hashes;

struct Ascending(Vec<u64>);

impl Coding for Hashes {
    fn encode(&self, revoked: &[u32], _: u32) -> Vec<u8> {
        let mut hashes: Vec<u64> = revoked.iter().map(|index| hash(*index)).collect();
        hashes.sort_unstable();
        hashes.into_iter().flat_map(u64::to_be_bytes).collect()
    }

    fn load(&self, bytes: &[u8], _: u32) -> Box<dyn Loaded> {
        let (hashes, rest) = bytes.as_chunks::<8>();
        let hashes: Vec<u64> = hashes.iter().map(|hash| u64::from_be_bytes(*hash)).collect();
        assert!(rest.is_empty() && hashes.is_sorted_by(|before, after| before < after), "hashes, ascending");
        Box::new(Ascending(hashes))
    }
}

impl Loaded for Ascending {
    fn is_revoked(&self, index: u32) -> bool {
        self.0.binary_search(&hash(index)).is_ok()
    }

    fn held(&self) -> usize {
        self.0.len() * 8
    }
}

/// Of the index: that of a pass's number costs the same block of SHA-256.
fn hash(index: u32) -> u64 {
    let digest: [u8; 32] = Sha256::digest(index.to_be_bytes()).into();
    digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

//! A bit for each index, in zstd, level 19.

use zstd::bulk;

use super::bitmap::Bitmap;
use super::{Coding, Loaded};

pub struct Zstd19;

impl Coding for Zstd19 {
    fn encode(&self, revoked: &[u32], n: u32) -> Vec<u8> {
        bulk::compress(Bitmap::of(revoked, n, 1).array(), 19).expect("memory enough")
    }

    fn load(&self, bytes: &[u8], n: u32) -> Box<dyn Loaded> {
        let array = bulk::decompress(bytes, n.div_ceil(8) as usize).expect("zstd");
        Box::new(Bitmap::from_array(array, n, 1))
    }
}

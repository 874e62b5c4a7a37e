//! The `lst` of a Token Status List (draft-ietf-oauth-status-list, section 4): the array in zlib, level 9.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::bitmap::Bitmap;
use super::{Coding, Loaded};

/// `bits` of a cell: 1 tells revoked from valid; 2 tell suspended too, as ours does.
pub struct Zlib {
    pub bits: u32,
}

impl Coding for Zlib {
    fn encode(&self, revoked: &[u32], n: u32) -> Vec<u8> {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(Bitmap::of(revoked, n, self.bits).array()).expect("a Vec takes all");
        zlib.finish().expect("a Vec takes all")
    }

    fn load(&self, bytes: &[u8], n: u32) -> Box<dyn Loaded> {
        let size = (n * self.bits).div_ceil(8);
        let mut array = Vec::with_capacity(size as usize + 1);
        // One byte more than there may be, so that it would be seen.
        ZlibDecoder::new(bytes).take(u64::from(size) + 1).read_to_end(&mut array).expect("zlib");
        Box::new(Bitmap::from_array(array, n, self.bits))
    }
}

//! A roaring bitmap in its standard serialised form, containers of runs where they are smaller.

use roaring::RoaringBitmap;

use super::{Coding, Loaded};

pub struct Roaring;

impl Coding for Roaring {
    fn encode(&self, revoked: &[u32], _: u32) -> Vec<u8> {
        let mut bitmap = RoaringBitmap::from_sorted_iter(revoked.iter().copied()).expect("ascending");
        bitmap.optimize();
        let mut bytes = Vec::with_capacity(bitmap.serialized_size());
        bitmap.serialize_into(&mut bytes).expect("a Vec takes all");
        bytes
    }

    fn load(&self, bytes: &[u8], _: u32) -> Box<dyn Loaded> {
        Box::new(RoaringBitmap::deserialize_from(bytes).expect("a roaring bitmap"))
    }
}

impl Loaded for RoaringBitmap {
    fn is_revoked(&self, index: u32) -> bool {
        self.contains(index)
    }

    fn held(&self) -> usize {
        self.serialized_size()
    }
}

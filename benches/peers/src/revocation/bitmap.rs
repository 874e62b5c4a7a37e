//! An array of cells of one or two bits, as the Token Status List lays them: least significant first.

use super::Loaded;

pub struct Bitmap {
    bits: u32,
    array: Vec<u8>,
}

impl Bitmap {
    /// The array of `n` cells with 1 at these indexes.
    pub fn of(revoked: &[u32], n: u32, bits: u32) -> Self {
        let mut array = vec![0; (n * bits).div_ceil(8) as usize];
        for index in revoked {
            let bit = index * bits;
            array[(bit / 8) as usize] |= 1 << (bit % 8);
        }
        Bitmap { bits, array }
    }

    /// The array of `n` cells.
    pub fn from_array(array: Vec<u8>, n: u32, bits: u32) -> Self {
        assert_eq!(array.len(), (n * bits).div_ceil(8) as usize, "an array of {n} cells");
        Bitmap { bits, array }
    }

    pub fn array(&self) -> &[u8] {
        &self.array
    }

    /// Writes 1 into a cell.
    pub fn set(&mut self, index: u32) {
        self.array[(index * self.bits / 8) as usize] |= 1 << (index * self.bits % 8);
    }
}

impl Loaded for Bitmap {
    fn is_revoked(&self, index: u32) -> bool {
        let bit = index * self.bits;
        let cell = self.array.get((bit / 8) as usize).map(|byte| byte >> (bit % 8) & ((1 << self.bits) - 1));
        cell == Some(1)
    }

    fn held(&self) -> usize {
        self.array.len()
    }
}

//! The state of a list (section 3): one value an index.

use super::sha256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub list: u32,
    /// 0 valid, 1 revoked, 2 suspended.
    pub values: Vec<u8>,
}

impl State {
    pub fn n(&self) -> u32 {
        self.values.len() as u32
    }

    pub fn value(&self, idx: u32) -> Option<u8> {
        self.values.get(idx as usize).copied()
    }

    pub fn hash(&self, deployment: &[u8; 8]) -> [u8; 32] {
        let byte = |four: &[u8]| four.iter().rev().fold(0, |byte, value| byte << 2 | value);
        let array: Vec<u8> = self.values.chunks(4).map(byte).collect();
        sha256(&[b"FP-STATE-1", deployment, &self.list.to_be_bytes(), &self.n().to_be_bytes(), &array])
    }

    /// Whether an index that was revoked is anything else in `later`.
    pub fn is_cleared_by(&self, later: &State) -> bool {
        (0..self.n()).any(|idx| self.value(idx) == Some(1) && later.value(idx) != Some(1))
    }
}

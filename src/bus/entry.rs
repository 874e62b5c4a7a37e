//! What travels: one committed change of status, and the state of all places at one point of the log.

use std::collections::BTreeMap;

use freightpass_core::status::{MAX_N, Value};
use sha2::{Digest, Sha256};

/// One committed change of a place in a status list, as the log holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Number in the status log; no number is missing there.
    pub seq: u64,
    /// The list: expiry divided by the seconds of a week.
    pub list: u32,
    /// The place in it, below 2^26.
    pub idx: u32,
    /// What it is from now on.
    pub value: Value,
    /// The pass at that place; none for what was left of a closed lease.
    pub cti: Option<[u8; 8]>,
    /// Number of the reason in its enumeration.
    pub reason: u8,
}

/// Everything that the log says up to one seq about the lists from one on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// The newest seq that is in it.
    pub seq: u64,
    /// The first list that is in it; older ones are not.
    pub oldest_list: u32,
    /// The newest entry of every place that ever changed, each place once.
    pub places: Vec<Entry>,
}

impl LogView {
    /// The array of every list that has a place in the view.
    pub fn arrays(&self) -> BTreeMap<u32, Vec<u8>> {
        let mut arrays = BTreeMap::new();
        for entry in &self.places {
            paint(arrays.entry(entry.list).or_insert_with(Vec::new), entry.idx, entry.value);
        }
        arrays
    }
}

/// The value of that number in the status list.
pub const fn value_of(number: u8) -> Option<Value> {
    match number {
        0 => Some(Value::Valid),
        1 => Some(Value::Revoked),
        2 => Some(Value::Suspended),
        _ => None,
    }
}

/// The array of one list: index i in the two bits 2(i mod 4) and down from the top of byte i/4, as Redis counts
/// `BITFIELD u2 #i`. It is as long as its last place that is not valid needs.
pub fn list_array(places: impl IntoIterator<Item = (u32, Value)>) -> Vec<u8> {
    let mut array = Vec::new();
    for (idx, value) in places {
        paint(&mut array, idx, value);
    }
    array
}

/// SHA-256 of a list's array without the zero bytes at its end: equal for two arrays that say the same.
pub fn digest_of(array: &[u8]) -> [u8; 32] {
    let end = array.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    Sha256::digest(&array[..end]).into()
}

/// Puts `value` at `idx`, growing the array where something has to stand; at an idx beyond every list it puts nothing.
pub(super) fn paint(array: &mut Vec<u8>, idx: u32, value: Value) {
    if idx >= MAX_N {
        return;
    }
    let at = (idx / 4) as usize;
    if at >= array.len() {
        if value == Value::Valid {
            return;
        }
        array.resize(at + 1, 0);
    }
    let shift = 6 - 2 * (idx % 4);
    array[at] = array[at] & !(3 << shift) | (value as u8) << shift;
}

/// The value at `idx`; what lies behind the end is valid, 3 is none.
pub(super) fn read(array: &[u8], idx: u32) -> Option<Value> {
    let byte = array.get((idx / 4) as usize).copied().unwrap_or(0);
    value_of(byte >> (6 - 2 * (idx % 4)) & 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_where_redis_puts_them() {
        // BITFIELD k SET u2 #0 1, #3 2, #4 1: 01 00 00 10, 01 00 00 00
        let array = list_array([(0, Value::Revoked), (3, Value::Suspended), (4, Value::Revoked)]);
        assert_eq!(array, [0b0100_0010, 0b0100_0000]);
        assert_eq!(read(&array, 3), Some(Value::Suspended));
        assert_eq!(read(&array, 1), Some(Value::Valid));
        assert_eq!(read(&array, 1_000), Some(Value::Valid));
        assert_eq!(read(&[0xff], 2), None);
    }

    #[test]
    fn what_became_valid_again_leaves_the_same_digest_as_what_never_was() {
        let array = list_array([(9, Value::Suspended), (9, Value::Valid)]);
        assert_eq!(digest_of(&array), digest_of(&[]));
        assert_ne!(digest_of(&list_array([(9, Value::Suspended)])), digest_of(&[]));
        assert_eq!(list_array([(u32::MAX, Value::Revoked)]), Vec::<u8>::new());
    }
}

//! The state of one list: a value for every index, as the array that the Token Status List publishes.
//!
//! docs/FORMAT.md, section 3. A list is a week of expiry times, so whole lists fall into the past and are dropped.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use super::cells::Cells;
use super::error::StatusError;

/// The largest capacity of a list. Its array is 16 MiB, which the smallest phone that scans can hold twice.
pub const MAX_N: u32 = 1 << 26;

/// Seconds of the week of expiry times that makes one list.
pub const WEEK_S: u64 = 604_800;

/// Domain separation of the state hash.
const HASH_PREFIX: &[u8] = b"FP-STATE-1";

/// The value of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing is known against the pass.
    Valid = 0,
    /// Revoked, for good.
    Revoked = 1,
    /// Suspended until it is resumed or revoked.
    Suspended = 2,
}

/// The values of all `n` indexes of a list. Every one of them is a [`Value`], by construction.
#[derive(Clone, PartialEq, Eq)]
pub struct State {
    list: u32,
    cells: Cells,
}

impl State {
    /// A state of `n` valid indexes. Refused: [`StatusError::NOverCap`].
    pub fn empty(list: u32, n: u32) -> Result<Self, StatusError> {
        if n > MAX_N {
            return Err(StatusError::NOverCap { n });
        }
        Ok(State { list, cells: Cells::zeros(n) })
    }

    /// The state with these indexes revoked and suspended, in any order.
    ///
    /// Refused: `n` over the cap, an index at or beyond `n`, one that stands twice.
    pub fn from_sets(list: u32, n: u32, revoked: &[u32], suspended: &[u32]) -> Result<Self, StatusError> {
        let mut state = State::empty(list, n)?;
        for (indexes, value) in [(revoked, Value::Revoked), (suspended, Value::Suspended)] {
            for &index in indexes {
                match state.cells.get(index) {
                    Some(0) => state.cells.put(index, value as u8),
                    Some(_) => return Err(StatusError::NotDisjoint { index }),
                    None => return Err(StatusError::IndexBeyond { index, n }),
                };
            }
        }
        Ok(state)
    }

    /// The state of an array, as [`State::array`] gives it.
    ///
    /// Refused: `n` over the cap, another length than `n` needs, a cell of 3, a bit after the last cell.
    pub fn from_array(list: u32, n: u32, array: Vec<u8>) -> Result<Self, StatusError> {
        if n > MAX_N {
            return Err(StatusError::NOverCap { n });
        }
        let found = array.len();
        let wanted = n.div_ceil(4) as usize;
        let cells = Cells::from_bytes(n, array).ok_or(StatusError::ArrayLength { found, wanted })?;
        let meaningless = cells.entries().find(|&(index, value)| index >= n || value == 3);
        match meaningless {
            Some((index, _)) => Err(StatusError::ArrayValue { index }),
            None => Ok(State { list, cells }),
        }
    }

    /// The list: the week of its passes' expiry, see [`list_of`].
    pub fn list(&self) -> u32 {
        self.list
    }

    /// The capacity: indexes are 0 to n - 1.
    pub fn n(&self) -> u32 {
        self.cells.n()
    }

    /// Index i in the bits 2(i mod 4) and up, least significant first, of byte i / 4, zero padded: the `lst` of the
    /// Token Status List (bits = 2) before compression.
    pub fn array(&self) -> &[u8] {
        self.cells.bytes()
    }

    /// The value of an index; `None` from `n` up.
    pub fn value(&self, index: u32) -> Option<Value> {
        self.cells.get(index).map(Value::of_cell)
    }

    /// Writes the value of an index; for those who build a state. That a 1 is never cleared is checked where a state
    /// follows another: [`State::clears_revoked`], [`super::Delta`].
    pub fn set(&mut self, index: u32, value: Value) -> Result<(), StatusError> {
        let n = self.n();
        self.cells.put(index, value as u8).then_some(()).ok_or(StatusError::IndexBeyond { index, n })
    }

    /// The revoked and the suspended indexes, ascending.
    pub fn sets(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut revoked, mut suspended) = (Vec::new(), Vec::new());
        for (index, cell) in self.cells.entries() {
            match Value::of_cell(cell) {
                Value::Revoked => revoked.push(index),
                Value::Suspended => suspended.push(index),
                Value::Valid => {}
            }
        }
        (revoked, suspended)
    }

    /// The same state with zeros up to a larger (or the same) `n`.
    pub fn extended(&self, n: u32) -> Result<Self, StatusError> {
        if n < self.n() {
            return Err(StatusError::Shrinks { from: self.n(), to: n });
        }
        if n > MAX_N {
            return Err(StatusError::NOverCap { n });
        }
        Ok(State { list: self.list, cells: self.cells.extended(n) })
    }

    /// SHA-256("FP-STATE-1" || deployment || u32 list || u32 n || array), big-endian. No sequence is in it: it changes
    /// only with the state.
    pub fn hash(&self, deployment: &[u8; 8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(HASH_PREFIX);
        hash.update(deployment);
        hash.update(self.list.to_be_bytes());
        hash.update(self.n().to_be_bytes());
        hash.update(self.array());
        hash.finalize().into()
    }

    /// The first index that is revoked here and not in a later state of the same list.
    pub fn clears_revoked(&self, later: &State) -> Option<u32> {
        // Thirty-two cells at a time: the lower bit of each that is 1.
        let revoked = |word: u64| word & !(word >> 1) & 0x5555_5555_5555_5555;
        let later = words(later.array()).chain(core::iter::repeat(0));
        words(self.array()).zip(later).zip((0u32..).step_by(32)).find_map(|((old, new), first)| {
            let lost = revoked(old) & !revoked(new);
            (lost != 0).then(|| first + lost.trailing_zeros() / 2)
        })
    }

    /// Cells whose every value is 0, 1 or 2, of an `n` within the cap.
    pub(super) fn from_cells(list: u32, cells: Cells) -> Self {
        State { list, cells }
    }

    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }
}

impl Value {
    /// A state holds no 3; were there one, it would have to be the strictest value.
    pub(super) fn of_cell(cell: u8) -> Value {
        match cell {
            0 => Value::Valid,
            2 => Value::Suspended,
            _ => Value::Revoked,
        }
    }
}

/// Counts, not the array: it may have millions of bytes.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (revoked, suspended) = self.sets();
        f.debug_struct("State")
            .field("list", &self.list)
            .field("n", &self.n())
            .field("revoked", &revoked.len())
            .field("suspended", &suspended.len())
            .finish()
    }
}

/// The list of a pass that expires at `exp` (Unix seconds): the number of its week. Times past the year 84,000 million
/// all fall into the last one.
pub fn list_of(exp: u64) -> u32 {
    u32::try_from(exp / WEEK_S).unwrap_or(u32::MAX)
}

/// Whether data issued at `issued` (Unix seconds) must still carry the list: some of its passes may not have expired.
pub fn is_live(list: u32, issued: u64) -> bool {
    issued < (u64::from(list) + 1) * WEEK_S
}

/// The bytes as little-endian words, the last one filled up with zeros.
fn words(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    words.iter().copied().chain([last]).map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const DEPLOYMENT: [u8; 8] = *b"deploy-1";

    #[test]
    fn revoked_0_and_9_of_16_are_the_bytes_01_00_04_00() {
        let state = State::from_sets(7, 16, &[9, 0], &[]).unwrap();
        assert_eq!(state.array(), [0x01, 0x00, 0x04, 0x00]);
        let read = |index| state.value(index);
        assert_eq!([read(0), read(9)], [Some(Value::Revoked); 2]);
        assert_eq!([read(7), read(14)], [Some(Value::Valid); 2]);
        assert_eq!(read(16), None);
    }

    #[test]
    fn a_suspended_index_takes_the_upper_bit() {
        let state = State::from_sets(7, 6, &[1], &[0, 5]).unwrap();
        assert_eq!(state.array(), [0b0000_0110, 0b0000_1000]);
        assert_eq!(state.sets(), (vec![1], vec![0, 5]));
        assert_eq!(State::from_array(7, 6, state.array().to_vec()), Ok(state));
    }

    #[test]
    fn an_array_of_another_length_a_3_or_a_bit_after_the_end_is_refused() {
        let of = |bytes: &[u8]| State::from_array(7, 6, bytes.to_vec());
        assert_eq!(of(&[0]), Err(StatusError::ArrayLength { found: 1, wanted: 2 }));
        assert_eq!(of(&[0, 0, 0]), Err(StatusError::ArrayLength { found: 3, wanted: 2 }));
        assert_eq!(of(&[0, 0b0000_1100]), Err(StatusError::ArrayValue { index: 5 }));
        assert_eq!(of(&[0, 0b0001_0000]), Err(StatusError::ArrayValue { index: 6 }));
        assert_eq!(of(&[0, 0b0000_1000]).map(|state| state.value(5)), Ok(Some(Value::Suspended)));
    }

    #[test]
    fn indexes_beyond_n_or_in_both_sets_are_refused() {
        assert_eq!(State::from_sets(7, 9, &[9], &[]), Err(StatusError::IndexBeyond { index: 9, n: 9 }));
        assert_eq!(State::from_sets(7, 9, &[u32::MAX], &[]), Err(StatusError::IndexBeyond { index: u32::MAX, n: 9 }));
        assert_eq!(State::from_sets(7, 9, &[8], &[8]), Err(StatusError::NotDisjoint { index: 8 }));
        assert_eq!(State::from_sets(7, 9, &[8, 8], &[]), Err(StatusError::NotDisjoint { index: 8 }));
        assert_eq!(
            State::empty(7, 9).unwrap().set(9, Value::Revoked),
            Err(StatusError::IndexBeyond { index: 9, n: 9 })
        );
    }

    #[test]
    fn n_may_reach_the_cap_and_not_pass_it() {
        assert_eq!(State::empty(7, MAX_N).map(|state| state.array().len()), Ok(16 << 20));
        assert_eq!(State::empty(7, MAX_N + 1), Err(StatusError::NOverCap { n: MAX_N + 1 }));
        assert_eq!(State::from_array(7, u32::MAX, vec![]), Err(StatusError::NOverCap { n: u32::MAX }));
        assert_eq!(State::empty(7, 4).unwrap().extended(MAX_N + 1), Err(StatusError::NOverCap { n: MAX_N + 1 }));
    }

    #[test]
    fn the_hash_is_over_prefix_deployment_list_n_and_array() {
        let state = State::from_sets(0x0102, 16, &[0, 9], &[]).unwrap();
        let bytes = b"FP-STATE-1deploy-1\x00\x00\x01\x02\x00\x00\x00\x10\x01\x00\x04\x00";
        assert_eq!(state.hash(&DEPLOYMENT), <[u8; 32]>::from(Sha256::digest(bytes)));
    }

    #[test]
    fn a_larger_n_is_another_state_with_the_same_values() {
        let state = State::from_sets(7, 5, &[4], &[1]).unwrap();
        let larger = state.extended(13).unwrap();
        assert_eq!((larger.n(), larger.array().len(), larger.sets()), (13, 4, state.sets()));
        assert_ne!(larger.hash(&DEPLOYMENT), state.hash(&DEPLOYMENT));
        assert_eq!(larger.extended(12), Err(StatusError::Shrinks { from: 13, to: 12 }));
    }

    #[test]
    fn a_revocation_is_missed_wherever_it_stood() {
        for n in [1, 4, 31, 32, 33, 100] {
            let indexes: Vec<u32> = (0..n).collect();
            let all = State::from_sets(7, n, &indexes, &[]).unwrap();
            assert_eq!(all.clears_revoked(&all), None, "{n}");
            assert_eq!(all.clears_revoked(&all.extended(n + 40).unwrap()), None, "{n}");
            for missing in 0..n {
                let mut later = all.clone();
                for value in [Value::Valid, Value::Suspended] {
                    later.set(missing, value).unwrap();
                    assert_eq!(all.clears_revoked(&later), Some(missing), "{n}");
                    assert_eq!(later.clears_revoked(&all), None, "{n}");
                }
                let shorter = State::from_sets(7, missing, indexes.get(..missing as usize).unwrap(), &[]).unwrap();
                assert_eq!(all.clears_revoked(&shorter), Some(missing), "{n}");
            }
        }
    }

    #[test]
    fn a_later_state_that_clears_or_drops_a_revocation_is_found_out() {
        let state = State::from_sets(7, 9, &[3, 8], &[1]).unwrap();
        let later = |n, revoked: &[u32]| State::from_sets(7, n, revoked, &[]).unwrap();
        assert_eq!(state.clears_revoked(&later(9, &[3, 8])), None);
        assert_eq!(state.clears_revoked(&later(9, &[3])), Some(8));
        assert_eq!(state.clears_revoked(&later(8, &[3])), Some(8));
        assert_eq!(state.clears_revoked(&State::from_sets(7, 9, &[8], &[3]).unwrap()), Some(3));
    }

    #[test]
    fn a_list_is_live_until_its_last_pass_has_expired() {
        assert_eq!([list_of(0), list_of(WEEK_S - 1), list_of(WEEK_S), list_of(1_796_054_400)], [0, 0, 1, 2969]);
        assert_eq!(list_of(u64::MAX), u32::MAX);
        assert!(is_live(0, WEEK_S - 1) && !is_live(0, WEEK_S) && is_live(1, WEEK_S));
        assert!(is_live(u32::MAX, (1 << 32) * WEEK_S - 1) && !is_live(u32::MAX, (1 << 32) * WEEK_S));
    }
}

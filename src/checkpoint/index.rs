//! The look-up in memory: every place of the live status lists whose value ever changed. It follows the bus, is built
//! from the status log, and says up to which seq of the log it speaks.
//!
//! A place that is not in it is valid. Its size follows the changes, not the passes: 0.1% of 30 M live passes are some
//! megabytes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use freightpass_core::status::Value;

use crate::bus::{Entry, LogView, StatusSink};

/// The value and the reason of every place that changed.
#[derive(Debug, Default)]
pub struct Index(RwLock<Places>);

#[derive(Debug, Default)]
struct Places {
    seq: Option<u64>,
    oldest_list: u32,
    lists: BTreeMap<u32, HashMap<u32, (Value, u8)>>,
    passes: HashMap<[u8; 8], (u32, u32)>,
}

/// What the index says of one place, and up to which seq it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The seq of the status log.
    pub seq: u64,
    /// The value.
    pub value: Value,
    /// Number of the reason of the last change; 0 if there was none.
    pub reason: u8,
}

impl Index {
    /// An index that knows nothing, not even that nothing changed.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of the place `idx` of `list`; `None` before the index was built, and for lists it has forgotten.
    pub fn place(&self, list: u32, idx: u32) -> Option<Known> {
        let places = self.read();
        let seq = places.seq?;
        if list < places.oldest_list {
            return None;
        }
        Some(places.known(seq, list, idx))
    }

    /// What is known of the pass; `None` if its status never changed, or before the index was built.
    pub fn pass(&self, cti: &[u8; 8]) -> Option<Known> {
        let places = self.read();
        let seq = places.seq?;
        let (list, idx) = *places.passes.get(cti)?;
        Some(places.known(seq, list, idx))
    }

    fn read(&self) -> RwLockReadGuard<'_, Places> {
        // Nothing below panics while it holds the lock; should it ever, each step leaves a consistent map.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Places> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StatusSink for Index {
    fn seq(&self) -> Option<u64> {
        self.read().seq
    }

    fn rebuild(&self, view: &LogView) {
        let mut built = Places { seq: Some(view.seq), oldest_list: view.oldest_list, ..Places::default() };
        for entry in &view.places {
            built.put(entry);
        }
        *self.write() = built;
    }

    fn apply(&self, entries: &[Entry]) -> bool {
        let mut places = self.write();
        for entry in entries {
            let Some(seq) = places.seq else { return false };
            if entry.seq <= seq {
                // Seen already: the bus may repeat itself.
                continue;
            }
            if entry.seq != seq + 1 || places.un_revokes(entry) {
                return false;
            }
            places.put(entry);
            places.seq = Some(entry.seq);
        }
        true
    }

    fn forget_before(&self, list: u32) {
        let mut places = self.write();
        places.lists = places.lists.split_off(&list);
        places.passes.retain(|_, (of, _)| *of >= list);
        places.oldest_list = places.oldest_list.max(list);
    }
}

impl Places {
    fn known(&self, seq: u64, list: u32, idx: u32) -> Known {
        let found = self.lists.get(&list).and_then(|places| places.get(&idx));
        let (value, reason) = found.copied().unwrap_or((Value::Valid, 0));
        Known { seq, value, reason }
    }

    fn put(&mut self, entry: &Entry) {
        if entry.list < self.oldest_list {
            return;
        }
        self.lists.entry(entry.list).or_default().insert(entry.idx, (entry.value, entry.reason));
        if let Some(cti) = entry.cti {
            self.passes.insert(cti, (entry.list, entry.idx));
        }
    }

    /// Revoked is final: an entry that says otherwise was not made by the log.
    fn un_revokes(&self, entry: &Entry) -> bool {
        let held = self.lists.get(&entry.list).and_then(|places| places.get(&entry.idx));
        matches!(held, Some((Value::Revoked, _))) && entry.value != Value::Revoked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, idx: u32, value: Value) -> Entry {
        Entry { seq, list: 2969, idx, value, cti: Some([idx as u8; 8]), reason: 2 }
    }

    fn built(places: Vec<Entry>, seq: u64) -> Index {
        let index = Index::new();
        index.rebuild(&LogView { seq, oldest_list: 2969, places });
        index
    }

    #[test]
    fn before_it_is_built_it_says_nothing() {
        let index = Index::new();
        assert_eq!(index.seq(), None);
        assert_eq!(index.place(2969, 1), None);
        assert!(!index.apply(&[entry(1, 1, Value::Revoked)]));
    }

    #[test]
    fn it_follows_the_log_and_says_how_far() {
        let index = built(vec![entry(3, 7, Value::Suspended)], 3);
        assert_eq!(index.place(2969, 7), Some(Known { seq: 3, value: Value::Suspended, reason: 2 }));
        assert_eq!(index.place(2969, 8), Some(Known { seq: 3, value: Value::Valid, reason: 0 }));
        assert!(index.apply(&[entry(4, 7, Value::Valid), entry(5, 8, Value::Revoked)]));
        assert_eq!(index.place(2969, 7).unwrap().value, Value::Valid);
        assert_eq!(index.pass(&[8; 8]), Some(Known { seq: 5, value: Value::Revoked, reason: 2 }));
        assert_eq!(index.pass(&[9; 8]), None);
    }

    #[test]
    fn a_hole_stops_it_before_the_hole_and_a_repetition_does_nothing() {
        let index = built(Vec::new(), 3);
        assert!(index.apply(&[entry(2, 1, Value::Revoked)]));
        assert_eq!(index.place(2969, 1).unwrap().value, Value::Valid);
        assert!(!index.apply(&[entry(4, 1, Value::Suspended), entry(6, 2, Value::Revoked)]));
        assert_eq!(index.seq(), Some(4));
        assert_eq!(index.place(2969, 2).unwrap().value, Value::Valid);
    }

    #[test]
    fn nothing_un_revokes() {
        let index = built(vec![entry(3, 7, Value::Revoked)], 3);
        for value in [Value::Valid, Value::Suspended] {
            assert!(!index.apply(&[entry(4, 7, value)]));
            assert_eq!(index.place(2969, 7), Some(Known { seq: 3, value: Value::Revoked, reason: 2 }));
        }
    }

    #[test]
    fn lists_of_the_past_are_forgotten_whole() {
        let index = built(vec![entry(3, 7, Value::Revoked)], 3);
        index.forget_before(2970);
        assert_eq!(index.place(2969, 7), None);
        assert_eq!(index.pass(&[7; 8]), None);
        assert_eq!(index.seq(), Some(3));
    }
}

//! Survivors: the honest passes of a compromised key, so that nobody is stranded and no forgery passes.
//!
//! An entry is the first 10 bytes of a salted hash of the whole pass, stored at the pass's list and index: a forger
//! has one target for each try, 2^80 work. The hash of the set stands in the root-signed trust list, so that no online
//! key can add an entry.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};

use crate::cbor::{Items, check};
use crate::key::Kid;
use crate::limits::OBJECT_BYTES;
use crate::malformed::{Fault, Malformed};

/// Bytes of one entry.
pub const ENTRY_BYTES: usize = 10;

/// Bytes of the smallest run: its head, list, first index, one entry.
const RUN_BYTES: usize = 1 + 1 + 1 + 1 + ENTRY_BYTES;

/// The number by which a survivors set is told from the other objects.
pub(crate) const KIND: u64 = 2;

/// The survivors of one key (docs/FORMAT.md, 2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivors {
    kid: Kid,
    salt: [u8; 16],
    runs: Vec<Run>,
}

/// Entries of adjacent indexes of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    list: u32,
    first: u32,
    entries: Vec<u8>,
}

impl Run {
    fn len(&self) -> u64 {
        (self.entries.len() / ENTRY_BYTES) as u64
    }

    /// The index behind the last entry.
    fn end(&self) -> u64 {
        u64::from(self.first) + self.len()
    }
}

impl Survivors {
    /// The set of these passes of the compromised key `kid`: list, index and whole bytes of each, in any order. The salt is drawn
    /// anew for each set, so that nobody could prepare a forgery before it.
    pub fn of<'b>(kid: Kid, salt: [u8; 16], passes: impl IntoIterator<Item = (u32, u32, &'b [u8])>) -> Self {
        let entries = passes.into_iter().map(|(list, idx, bytes)| ((list, idx), entry(&salt, bytes)));
        let entries: BTreeMap<_, _> = entries.collect();
        let mut runs: Vec<Run> = Vec::new();
        for ((list, idx), entry) in entries {
            match runs.last_mut() {
                Some(run) if run.list == list && run.end() == u64::from(idx) => run.entries.extend(entry),
                _ => runs.push(Run { list, first: idx, entries: entry.to_vec() }),
            }
        }
        Self { kid, salt, runs }
    }

    /// The key whose survivors these are.
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// How many passes survive.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.entries.len() / ENTRY_BYTES).sum()
    }

    /// Whether none survives.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether the pass of these whole bytes survives at its list and index.
    pub fn contains(&self, list: u32, idx: u32, pass: &[u8]) -> bool {
        let after = self.runs.partition_point(|run| (run.list, run.first) <= (list, idx));
        let Some(run) = after.checked_sub(1).and_then(|at| self.runs.get(at)).filter(|run| run.list == list) else {
            return false;
        };
        // Beyond the run's end is another run's place, or nobody's; within it the place is one of the bytes held.
        u64::from(idx) < run.end() && {
            let at = (idx - run.first) as usize * ENTRY_BYTES;
            run.entries.get(at..at + ENTRY_BYTES) == Some(&entry(&self.salt, pass))
        }
    }

    /// The object's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = encoder.array(4).and_then(|e| {
            e.u64(KIND)?.bytes(&self.kid.0)?.bytes(&self.salt)?.array(self.runs.len() as u64)?;
            for run in &self.runs {
                e.array(3)?.u32(run.list)?.u32(run.first)?.bytes(&run.entries)?;
            }
            Ok(e)
        });
        encoder.into_writer()
    }

    /// SHA-256 of the object: its name, and what the trust list carries.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// Reads an object.
    ///
    /// # Errors
    /// [`Malformed`] when it is not deterministic, has another shape, or when its runs do not ascend, overlap, or
    /// touch without being one.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > OBJECT_BYTES {
            return Err(Malformed::cddl(Fault::TooLarge { size: bytes.len(), cap: OBJECT_BYTES }, 0));
        }
        check(bytes, 0)?;
        let mut items = Items::new(bytes, 0);
        items.list("survivors", 4..=4)?;
        items.uint("survivors.kind", KIND..=KIND)?;
        let kid = Kid(items.array_of("survivors.kid")?);
        let salt = items.array_of("survivors.salt")?;
        let count = items.list("survivors.runs", 0..=usize::MAX)?;
        let mut runs: Vec<Run> = Vec::with_capacity(items.room_for(count, RUN_BYTES));
        for _ in 0..count {
            let at = items.offset();
            let run = read_run(&mut items)?;
            let apart =
                |last: &Run| last.list < run.list || (last.list == run.list && last.end() < u64::from(run.first));
            if !runs.last().is_none_or(apart) {
                let rule = "runs ascend, are disjoint, and adjacent ones are merged";
                return Err(Malformed::cddl(Fault::Rule { field: "survivors.runs", rule }, at));
            }
            runs.push(run);
        }
        Ok(Self { kid, salt, runs })
    }
}

/// Whether an object says that it is a survivors set, by its kind alone: whatever else is wrong with it is for
/// [`Survivors::decode`] to say.
pub(crate) fn is_survivors(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(bytes);
    matches!(decoder.array(), Ok(Some(_))) && decoder.u64().is_ok_and(|kind| kind == KIND)
}

fn read_run(items: &mut Items<'_>) -> Result<Run, Malformed> {
    items.list("survivors.run", 3..=3)?;
    let list = items.u32("survivors.list", 0..=u32::MAX)?;
    let first = items.u32("survivors.first", 0..=u32::MAX)?;
    let at = items.offset();
    let entries = items.bytes("survivors.entries", ENTRY_BYTES..=OBJECT_BYTES)?;
    let run = Run { list, first, entries: entries.to_vec() };
    if !entries.len().is_multiple_of(ENTRY_BYTES) || run.end() > u64::from(u32::MAX) + 1 {
        return Err(Malformed::cddl(Fault::Size { field: "survivors.entries" }, at));
    }
    Ok(run)
}

fn entry(salt: &[u8; 16], pass: &[u8]) -> [u8; ENTRY_BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"FP-SURV-1");
    hash.update(salt);
    hash.update(pass);
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> Survivors {
        let passes: [(u32, u32, &[u8]); 5] =
            [(2, 9, b"e"), (1, 5, b"b"), (1, 4, b"a"), (1, 7, b"c"), (2, u32::MAX, b"last")];
        Survivors::of(Kid([1; 8]), [2; 16], passes)
    }

    #[test]
    fn only_the_same_bytes_at_the_same_place_survive() {
        let set = set();
        assert_eq!((set.len(), set.runs.len()), (5, 4));
        assert!(set.contains(1, 4, b"a") && set.contains(1, 5, b"b") && set.contains(2, 9, b"e"));
        assert!(set.contains(2, u32::MAX, b"last"));
        // 10 (idx - first) is over 2^32 here, where 32-bit machines wrap.
        let first = Survivors::of(Kid([1; 8]), [2; 16], [(1, 0, &b"a"[..])]);
        assert!(!first.contains(1, u32::MAX, b"a") && !first.contains(1, 1 << 31, b"a"));
        assert!(!set.contains(1, 5, b"a"), "another index");
        assert!(!set.contains(2, 4, b"a"), "another list");
        assert!(!set.contains(1, 6, b"a"), "a hole");
        assert!(!set.contains(1, 3, b"a") && !set.contains(0, 4, b"a"));
        assert!(!set.contains(1, 4, b"A"), "other bytes");
    }

    #[test]
    fn objects_come_back_and_their_hash_is_that_of_the_bytes() {
        let bytes = set().encode();
        assert_eq!(Survivors::decode(&bytes), Ok(set()));
        assert!(is_survivors(&bytes));
        let empty = Survivors::of(Kid([1; 8]), [2; 16], []);
        assert_eq!(Survivors::decode(&empty.encode()), Ok(empty));
    }

    #[test]
    fn an_object_of_kind_2_is_a_survivors_set_whatever_else_is_wrong_with_it() {
        for bytes in [&[0x81, 2][..], &[0x84, 2, 0x41, 0], &[0x85, 2], &[0x98, 4, 0x18, 2]] {
            assert!(is_survivors(bytes), "{bytes:02x?}");
            assert!(Survivors::decode(bytes).is_err());
        }
        for bytes in [&[][..], &[2], &[0x80], &[0x81, 0], &[0x81, 3], &[0x81, 0x21], &[0xa1, 2, 0], &[0x9f, 2, 0xff]] {
            assert!(!is_survivors(bytes), "{bytes:02x?}");
        }
    }

    #[test]
    fn runs_that_touch_overlap_or_descend_are_refused() {
        let fault = |runs: &[(u32, u32, usize)]| {
            let run = |&(list, first, n): &(u32, u32, usize)| Run { list, first, entries: alloc::vec![0; n] };
            let set = Survivors { kid: Kid([1; 8]), salt: [2; 16], runs: runs.iter().map(run).collect() };
            Survivors::decode(&set.encode()).err().and_then(|error| error.fault.field())
        };
        assert_eq!(fault(&[(1, 4, 20), (1, 7, 10)]), None);
        assert_eq!(fault(&[(1, 4, 20), (1, 6, 10)]), Some("survivors.runs"));
        assert_eq!(fault(&[(1, 4, 20), (1, 5, 10)]), Some("survivors.runs"));
        assert_eq!(fault(&[(2, 4, 20), (1, 9, 10)]), Some("survivors.runs"));
        assert_eq!(fault(&[(1, 4, 11)]), Some("survivors.entries"));
        assert_eq!(fault(&[(1, 4, 0)]), Some("survivors.entries"));
        assert_eq!(fault(&[(1, u32::MAX, 20)]), Some("survivors.entries"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_refused_or_are_what_encoding_gives(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            if let Ok(set) = Survivors::decode(&bytes) {
                proptest::prop_assert_eq!(set.encode(), bytes);
            }
        }
    }
}

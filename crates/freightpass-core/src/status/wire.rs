//! The frame that snapshots and deltas share: a CBOR array of [kind, list, n, ...].

use alloc::vec::Vec;

use minicbor::Encoder;

use crate::cbor::{self, Items};
use crate::limits::OBJECT_BYTES;
use crate::malformed::{Fault, Malformed};

use super::cells::Cells;
use super::error::StatusError;
use super::set;
use super::set_error::SetError;
use super::state::MAX_N;

/// What an object is: the first element of its array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole state.
    Snapshot = 0,
    /// A change from one state to another.
    Delta = 1,
}

/// What stands before an object's sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Snapshot or delta.
    pub kind: Kind,
    /// The list that it is about.
    pub list: u32,
    /// The list's capacity, as the object claims it.
    pub n: u32,
}

/// Reads the head alone, to find the manifest's entry that the rest must be decoded under. Nothing is believed by it.
pub fn peek(bytes: &[u8]) -> Result<Head, StatusError> {
    Reader::open(bytes).map(|(_, head)| head)
}

/// Reads the rest of an object, whose deterministic form and end have been checked.
pub(super) struct Reader<'a> {
    items: Items<'a>,
}

impl<'a> Reader<'a> {
    /// Opens an object of any kind.
    fn open(bytes: &'a [u8]) -> Result<(Self, Head), StatusError> {
        if bytes.len() > OBJECT_BYTES {
            return Err(Malformed::cddl(Fault::TooLarge { size: bytes.len(), cap: OBJECT_BYTES }, 0).into());
        }
        cbor::check(bytes, 0)?;
        let mut items = Items::new(bytes, 0);
        let elements = items.list("object", 1..=usize::MAX)?;
        let kind = match items.u32("kind", 0..=u32::MAX)? {
            0 => Kind::Snapshot,
            1 => Kind::Delta,
            found => return Err(StatusError::WrongKind { found }),
        };
        if elements != kind.elements() {
            return Err(Malformed::cddl(Fault::Size { field: "object" }, 0).into());
        }
        let (list, n) = (items.u32("list", 0..=u32::MAX)?, items.u32("n", 0..=u32::MAX)?);
        Ok((Reader { items }, Head { kind, list, n }))
    }

    /// Opens an object of this kind, whose `n` must be the manifest's and within the cap.
    pub(super) fn open_as(bytes: &'a [u8], kind: Kind, manifest_n: u32) -> Result<(Self, Head), StatusError> {
        let (reader, head) = Reader::open(bytes)?;
        match head {
            Head { kind: found, .. } if found != kind => Err(StatusError::WrongKind { found: found as u32 }),
            Head { n, .. } if n > MAX_N => Err(StatusError::NOverCap { n }),
            Head { n, .. } if n != manifest_n => Err(StatusError::NMismatch { found: n, wanted: manifest_n }),
            head => Ok((reader, head)),
        }
    }

    /// The base hash of a delta.
    pub(super) fn hash(&mut self) -> Result<[u8; 32], StatusError> {
        Ok(self.items.array_of("base")?)
    }

    /// The byte strings of the sets.
    pub(super) fn sets<const N: usize>(&mut self) -> Result<[&'a [u8]; N], StatusError> {
        let mut sets = [&[][..]; N];
        for set in &mut sets {
            *set = self.items.bytes("set", 0..=OBJECT_BYTES)?;
        }
        Ok(sets)
    }
}

/// Paints the sets into one array: 1 for the first, 2 for the second, and so on; they must be disjoint.
///
/// The array is all that is allocated, n / 4 bytes: a set's bytes may stand for many more indexes than themselves.
pub(super) fn paint(sets: &[&[u8]], n: u32) -> Result<Cells, StatusError> {
    let mut cells = Cells::zeros(n);
    for (set, bytes) in (0u8..).zip(sets) {
        set::read(bytes, n, |first, run| cells.paint(first, run, set + 1).map_err(Refused::Taken)).map_err(
            |refused| match refused {
                Refused::Taken(index) => StatusError::NotDisjoint { index },
                Refused::Set(error) => StatusError::Set { set, error },
            },
        )?;
    }
    Ok(cells)
}

enum Refused {
    Taken(u32),
    Set(SetError),
}

impl From<SetError> for Refused {
    fn from(error: SetError) -> Self {
        Refused::Set(error)
    }
}

/// The object of a head, perhaps a base hash, and sets. Refused: [`StatusError::TooLarge`].
pub(super) fn write(head: Head, base: Option<&[u8; 32]>, sets: &[&[u32]]) -> Result<Vec<u8>, StatusError> {
    let sets: Vec<Vec<u8>> = sets.iter().map(|indexes| set::encode_ascending(indexes)).collect();
    // Three integers and the hash at most, and a head of at most 5 bytes for each set.
    let capacity = 64 + sets.iter().map(|set| set.len() + 5).sum::<usize>();
    let mut object = Encoder::new(Vec::with_capacity(capacity));
    let written = (|| {
        object.array(head.kind.elements() as u64)?.u32(head.kind as u32)?.u32(head.list)?.u32(head.n)?;
        if let Some(base) = base {
            object.bytes(base)?;
        }
        for set in &sets {
            object.bytes(set)?;
        }
        Ok::<(), minicbor::encode::Error<core::convert::Infallible>>(())
    })();
    let bytes = object.into_writer();
    match written {
        Ok(()) if bytes.len() <= OBJECT_BYTES => Ok(bytes),
        // A vector takes every write, so an error is the length too.
        _ => Err(StatusError::TooLarge { bytes: bytes.len() }),
    }
}

impl Kind {
    fn elements(self) -> usize {
        match self {
            Kind::Snapshot => 5,
            Kind::Delta => 7,
        }
    }
}

//! The frame that snapshots and deltas share: a CBOR array of [kind, list, n, ...], read strictly.

use alloc::vec::Vec;

use minicbor::{Decoder, Encoder};

use super::cells::Cells;
use super::error::StatusError;
use super::set;
use super::set_error::SetError;
use super::state::MAX_N;

/// The largest snapshot or delta. A random set of a tenth of 2^26 indexes takes half of it.
pub const MAX_OBJECT: usize = 8 << 20;

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

/// Reads the rest of an object, item by item: definite lengths, shortest forms, nothing after the end.
pub(super) struct Reader<'a> {
    cbor: Decoder<'a>,
}

impl<'a> Reader<'a> {
    /// Opens an object of any kind.
    fn open(bytes: &'a [u8]) -> Result<(Self, Head), StatusError> {
        if bytes.len() > MAX_OBJECT {
            return Err(StatusError::TooLarge { bytes: bytes.len() });
        }
        let mut reader = Reader { cbor: Decoder::new(bytes) };
        let elements = reader.array()?;
        let kind = match reader.uint()? {
            0 => Kind::Snapshot,
            1 => Kind::Delta,
            found => return Err(StatusError::WrongKind { found }),
        };
        if elements != kind.elements() {
            return Err(StatusError::Cbor { offset: 0, rule: "an array of another length than its kind has" });
        }
        let (list, n) = (reader.uint()?, reader.uint()?);
        Ok((reader, Head { kind, list, n }))
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

    /// A byte string of 32.
    pub(super) fn hash(&mut self) -> Result<[u8; 32], StatusError> {
        let offset = self.cbor.position();
        self.bytes()?.try_into().map_err(|_| StatusError::Cbor { offset, rule: "a hash has 32 bytes" })
    }

    /// The byte strings of the sets, which are the last elements, and nothing after them.
    pub(super) fn sets<const N: usize>(&mut self) -> Result<[&'a [u8]; N], StatusError> {
        let mut sets = [&[][..]; N];
        for set in &mut sets {
            *set = self.bytes()?;
        }
        match self.cbor.position() {
            end if end == self.cbor.input().len() => Ok(sets),
            offset => Err(StatusError::Cbor { offset, rule: "bytes after the end" }),
        }
    }

    fn array(&mut self) -> Result<u64, StatusError> {
        let offset = self.cbor.position();
        match self.cbor.array() {
            Ok(Some(elements)) => self.shortest(offset, elements).map(|()| elements),
            _ => Err(StatusError::Cbor { offset, rule: "an array of definite length" }),
        }
    }

    fn uint(&mut self) -> Result<u32, StatusError> {
        let offset = self.cbor.position();
        let value = self.cbor.u32().map_err(|_| StatusError::Cbor { offset, rule: "an integer from 0 to 2^32 - 1" })?;
        self.shortest(offset, value.into()).map(|()| value)
    }

    fn bytes(&mut self) -> Result<&'a [u8], StatusError> {
        let offset = self.cbor.position();
        let rule = "a whole byte string of definite length";
        let bytes = self.cbor.bytes().map_err(|_| StatusError::Cbor { offset, rule })?;
        self.shortest(offset + bytes.len(), bytes.len() as u64).map(|()| bytes)
    }

    /// Checks that the head that ended here and began at `offset` (its content set aside) was the shortest for `value`.
    fn shortest(&self, offset: usize, value: u64) -> Result<(), StatusError> {
        let shortest = match value {
            0..=23 => 1,
            24..=0xff => 2,
            0x100..=0xffff => 3,
            0x1_0000..=0xffff_ffff => 5,
            _ => 9,
        };
        match self.cbor.position() - offset == shortest {
            true => Ok(()),
            false => Err(StatusError::Cbor { offset, rule: "a number that is not in its shortest form" }),
        }
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
    let mut cbor = Encoder::new(Vec::with_capacity(capacity));
    let written = (|| {
        cbor.array(head.kind.elements())?.u32(head.kind as u32)?.u32(head.list)?.u32(head.n)?;
        if let Some(base) = base {
            cbor.bytes(base)?;
        }
        for set in &sets {
            cbor.bytes(set)?;
        }
        Ok::<(), minicbor::encode::Error<core::convert::Infallible>>(())
    })();
    let bytes = cbor.into_writer();
    match written {
        Ok(()) if bytes.len() <= MAX_OBJECT => Ok(bytes),
        // A vector takes every write, so an error is the length too.
        _ => Err(StatusError::TooLarge { bytes: bytes.len() }),
    }
}

impl Kind {
    fn elements(self) -> u64 {
        match self {
            Kind::Snapshot => 5,
            Kind::Delta => 7,
        }
    }
}

//! Typed reading of items whose deterministic form has been checked: every refusal names field, rule and offset.

use core::ops::RangeInclusive;

use minicbor::Decoder;
use minicbor::data::Type;

use crate::limits::{EXTENSION_BYTES, EXTENSION_DEPTH, TIMES};
use crate::malformed::{Fault, Malformed};

/// A reader over one deterministic item.
pub(crate) struct Items<'b> {
    decoder: Decoder<'b>,
    base: usize,
}

/// The first key from 0 up that this version does not name, of a map that may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Newer {
    pub map: &'static str,
    pub key: u64,
}

impl<'b> Items<'b> {
    /// A reader over `bytes`, which lie `base` bytes into the object.
    pub(crate) fn new(bytes: &'b [u8], base: usize) -> Self {
        Self { decoder: Decoder::new(bytes), base }
    }

    /// The reader's place in the whole object.
    pub(crate) fn offset(&self) -> usize {
        self.base + self.decoder.position()
    }

    fn typed<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Decoder<'b>) -> Result<T, minicbor::decode::Error>,
    ) -> Result<T, Malformed> {
        let at = self.offset();
        read(&mut self.decoder).map_err(|_| Malformed::cddl(Fault::Type { field }, at))
    }

    fn bounded<T>(at: usize, value: T, holds: bool, fault: Fault) -> Result<T, Malformed> {
        if holds { Ok(value) } else { Err(Malformed::cddl(fault, at)) }
    }

    /// An unsigned integer in `range`.
    pub(crate) fn uint(&mut self, field: &'static str, range: RangeInclusive<u64>) -> Result<u64, Malformed> {
        let at = self.offset();
        if self.is_negative() {
            return Err(Malformed::cddl(Fault::Range { field }, at));
        }
        let value = self.typed(field, |d| d.u64())?;
        Self::bounded(at, value, range.contains(&value), Fault::Range { field })
    }

    /// `u32` of the CDDL, or a narrower range of it.
    pub(crate) fn u32(&mut self, field: &'static str, range: RangeInclusive<u32>) -> Result<u32, Malformed> {
        let wide = u64::from(*range.start())..=u64::from(*range.end());
        // The range is one of u32, so the value fits.
        self.uint(field, wide).map(|value| value as u32)
    }

    /// `t32` of the CDDL: seconds since 1970.
    pub(crate) fn time(&mut self, field: &'static str) -> Result<u32, Malformed> {
        let at = self.offset();
        if self.is_negative() {
            return Err(Malformed::cddl(Fault::TimeOutOfBounds { field }, at));
        }
        let value = self.typed(field, |d| d.u64())?;
        // TIMES ends at u32::MAX, so the value fits.
        Self::bounded(at, value as u32, TIMES.contains(&value), Fault::TimeOutOfBounds { field })
    }

    /// A byte string whose length is in `sizes`.
    pub(crate) fn bytes(&mut self, field: &'static str, sizes: RangeInclusive<usize>) -> Result<&'b [u8], Malformed> {
        let at = self.offset();
        let value = self.typed(field, |d| d.bytes())?;
        Self::bounded(at, value, sizes.contains(&value.len()), Fault::Size { field })
    }

    /// A byte string of exactly `N` bytes.
    pub(crate) fn array_of<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        let at = self.offset();
        let value = self.bytes(field, N..=N)?;
        value.try_into().map_err(|_| Malformed::cddl(Fault::Size { field }, at))
    }

    /// A text whose length in UTF-8 bytes is in `sizes`.
    pub(crate) fn text(&mut self, field: &'static str, sizes: RangeInclusive<usize>) -> Result<&'b str, Malformed> {
        let at = self.offset();
        let value = self.typed(field, |d| d.str())?;
        Self::bounded(at, value, sizes.contains(&value.len()), Fault::Size { field })
    }

    /// The header of an array whose number of items is in `sizes`.
    pub(crate) fn list(&mut self, field: &'static str, sizes: RangeInclusive<usize>) -> Result<usize, Malformed> {
        let at = self.offset();
        let count = self.typed(field, |d| d.array())?;
        let count = count.and_then(|count| usize::try_from(count).ok()).filter(|count| sizes.contains(count));
        count.ok_or(Malformed::cddl(Fault::Size { field }, at))
    }

    /// Of `count` items of at least `least` bytes each, how many the bytes not read can hold: what a list may take room
    /// for before it has read them.
    pub(crate) fn room_for(&self, count: usize, least: usize) -> usize {
        count.min(self.decoder.input().len().saturating_sub(self.decoder.position()) / least)
    }

    /// The header of a map; the number of its entries.
    pub(crate) fn map(&mut self, field: &'static str) -> Result<usize, Malformed> {
        let at = self.offset();
        let count = self.typed(field, |d| d.map())?;
        count.and_then(|count| usize::try_from(count).ok()).ok_or(Malformed::cddl(Fault::Size { field }, at))
    }

    /// The integer key of a map's entry.
    pub(crate) fn key(&mut self, map: &'static str) -> Result<i128, Malformed> {
        // Most keys are one byte that is its own value.
        if let Some(small @ 0..=23) = self.initial() {
            self.decoder.set_position(self.decoder.position() + 1);
            return Ok(small.into());
        }
        self.typed(map, |d| d.int()).map(i128::from)
    }

    /// Whether the next item is a text.
    pub(crate) fn is_text(&self) -> bool {
        self.major() == Some(3)
    }

    /// Whether the next item is the integer 0.
    pub(crate) fn is_zero(&self) -> bool {
        self.initial() == Some(0)
    }

    /// Whether the next item is a byte string.
    pub(crate) fn is_bytes(&self) -> bool {
        self.major() == Some(2)
    }

    fn is_negative(&self) -> bool {
        self.major() == Some(1)
    }

    /// The major type of the next item (RFC 8949, section 3.1); its length is definite, or it would not be read here.
    fn major(&self) -> Option<u8> {
        self.initial().map(|byte| byte >> 5)
    }

    fn initial(&self) -> Option<u8> {
        self.decoder.input().get(self.decoder.position()).copied()
    }

    /// The value of a key that this version does not name: bounded, and remembered when the key is critical.
    pub(crate) fn extension(
        &mut self,
        map: &'static str,
        key: i128,
        newer: &mut Option<Newer>,
    ) -> Result<(), Malformed> {
        let at = self.offset();
        let start = self.decoder.position();
        let oversize = Malformed::cddl(Fault::Extension, at);
        self.decoder.skip().map_err(|_| oversize)?;
        let end = self.decoder.position();
        let value = self.decoder.input().get(start..end).unwrap_or_default();
        if value.len() > EXTENSION_BYTES || depth_of(value) > EXTENSION_DEPTH {
            return Err(oversize);
        }
        if newer.is_none()
            && let Ok(key) = u64::try_from(key)
        {
            *newer = Some(Newer { map, key });
        }
        Ok(())
    }
}

/// Nesting of a deterministic item of at most [`EXTENSION_BYTES`] bytes: a scalar is 0.
fn depth_of(value: &[u8]) -> usize {
    fn item(decoder: &mut Decoder<'_>) -> usize {
        let (items, container) = match decoder.datatype() {
            Ok(Type::Array) => (decoder.array().ok().flatten().unwrap_or(0), true),
            Ok(Type::Map) => (decoder.map().ok().flatten().unwrap_or(0) * 2, true),
            _ => {
                let _ = decoder.skip();
                (0, false)
            }
        };
        // At most 16 levels: the determinism check came first.
        (0..items).map(|_| item(decoder)).max().unwrap_or(0) + usize::from(container)
    }
    item(&mut Decoder::new(value))
}

/// The value of a field that must be there.
pub(crate) fn required<T>(value: Option<T>, field: &'static str, map_at: usize) -> Result<T, Malformed> {
    value.ok_or(Malformed::cddl(Fault::Missing { field }, map_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_containers() {
        assert_eq!(depth_of(&[0x00]), 0);
        assert_eq!(depth_of(&[0x80]), 1);
        assert_eq!(depth_of(&[0x81, 0x81, 0x00]), 2);
        assert_eq!(depth_of(&[0x82, 0x00, 0xa1, 0x01, 0x81, 0x00]), 3);
        // The last value of a map of three, the first of two.
        assert_eq!(depth_of(&[0xa3, 0x01, 0x00, 0x02, 0x00, 0x03, 0x81, 0x80]), 3);
        assert_eq!(depth_of(&[0x82, 0xa1, 0x01, 0x00, 0x81, 0x80]), 3);
    }

    #[test]
    fn extensions_are_bounded_at_sixty_four_bytes_and_two_containers() {
        let mut fits = alloc::vec![0x58, 62];
        fits.extend([0; 62]);
        let mut over = alloc::vec![0x58, 63];
        over.extend([0; 63]);
        let mut newer = None;
        assert_eq!(Items::new(&fits, 0).extension("m", -1, &mut newer), Ok(()));
        assert_eq!(newer, None);
        assert_eq!(Items::new(&fits, 0).extension("m", 9, &mut newer), Ok(()));
        assert_eq!(newer, Some(Newer { map: "m", key: 9 }));
        assert!(Items::new(&over, 0).extension("m", 9, &mut newer).is_err());
        assert!(Items::new(&[0x81, 0x81, 0x80], 0).extension("m", 9, &mut newer).is_err());
        assert!(Items::new(&[0x81, 0x80], 0).extension("m", 9, &mut newer).is_ok());
    }

    #[test]
    fn a_list_takes_room_for_what_the_bytes_can_hold() {
        let mut items = Items::new(&[0x86, 1, 2, 3, 4, 5, 6], 9);
        assert_eq!(items.list("list", 6..=6), Ok(6));
        assert_eq!([1, 2, 3, 4, 6, 7].map(|least| items.room_for(6, least)), [6, 3, 2, 1, 1, 0]);
        assert_eq!((items.room_for(2, 1), items.room_for(usize::MAX, 1)), (2, 6));
    }

    #[test]
    fn times_hold_at_their_bounds_and_milliseconds_are_named() {
        let time = |value: u64| {
            let bytes = minicbor::to_vec(value).unwrap();
            Items::new(&bytes, 7).time("nbf").map_err(|error| (error.fault, error.offset))
        };
        let out = Err((Fault::TimeOutOfBounds { field: "nbf" }, 7));
        assert_eq!(time(1_577_836_799), out);
        assert_eq!(time(1_577_836_800), Ok(1_577_836_800));
        assert_eq!(time(4_294_967_295), Ok(u32::MAX));
        assert_eq!(time(4_294_967_296), out);
        assert_eq!(time(1_796_054_400_000), out);
    }
}

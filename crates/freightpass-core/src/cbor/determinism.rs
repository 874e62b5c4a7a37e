//! Deterministic form, checked on the items themselves (RFC 8949, section 4.2.1).
//!
//! Canonical form is a property of the bytes, not of our structs: a key that a newer version added must not look like
//! a forgery, so nothing is re-encoded and compared.

use core::cmp::Ordering;
use core::ops::Range;

use minicbor::Decoder;

use crate::limits::DEPTH;
use crate::malformed::{Fault, Malformed};

/// Checks that `bytes` are exactly one deterministic item without tags; `base` is their offset in the whole object.
pub(crate) fn check(bytes: &[u8], base: usize) -> Result<(), Malformed> {
    let end = walk(bytes).map_err(|(fault, at)| Malformed::determinism(fault, base + at))?;
    if end != bytes.len() {
        return Err(Malformed::determinism(Fault::Trailing, base + end));
    }
    Ok(())
}

type Step<T> = Result<T, (Fault, usize)>;

/// One array or map whose items are being read.
#[derive(Clone, Copy)]
struct Open {
    /// Where its header is.
    start: usize,
    /// Items still to come; an entry of a map counts as two.
    left: u64,
    is_map: bool,
    /// Start and end of the last key read.
    key: (usize, usize),
}

impl Open {
    /// One of its items is complete: a key must be greater than the one before it, in the order of the encoded bytes.
    fn complete(&mut self, bytes: &[u8], item: Range<usize>) -> Step<()> {
        if self.is_map && self.left.is_multiple_of(2) {
            let last = bytes.get(self.key.0..self.key.1).unwrap_or_default();
            let this = bytes.get(item.clone()).unwrap_or_default();
            match last.cmp(this) {
                Ordering::Less => {}
                Ordering::Equal => return Err((Fault::DuplicateKey, item.start)),
                Ordering::Greater => return Err((Fault::KeyOrder, item.start)),
            }
            self.key = (item.start, item.end);
        }
        self.left -= 1;
        Ok(())
    }
}

/// Reads one item with all that it contains; gives the position behind it.
fn walk(bytes: &[u8]) -> Step<usize> {
    let mut decoder = Decoder::new(bytes);
    let mut open = [Open { start: 0, left: 0, is_map: false, key: (0, 0) }; DEPTH];
    let mut depth = 0;
    loop {
        let mut start = decoder.position();
        if let Some((left, is_map)) = item(&mut decoder, bytes)? {
            let slot = open.get_mut(depth).ok_or((Fault::Depth, start))?;
            if left > 0 {
                *slot = Open { start, left, is_map, key: (0, 0) };
                depth += 1;
                continue;
            }
        }
        // An item is complete; it may be the last of the one around it, and so on outwards.
        loop {
            let Some(around) = depth.checked_sub(1).and_then(|top| open.get_mut(top)) else {
                return Ok(decoder.position());
            };
            around.complete(bytes, start..decoder.position())?;
            if around.left > 0 {
                break;
            }
            start = around.start;
            depth -= 1;
        }
    }
}

/// Reads one scalar, or the header of a container: then the number of its items, and whether it is a map.
fn item(decoder: &mut Decoder<'_>, bytes: &[u8]) -> Step<Option<(u64, bool)>> {
    let at = decoder.position();
    let unreadable = |_| (Fault::Unreadable, at);
    let initial = *bytes.get(at).ok_or((Fault::Unreadable, at))?;
    let (major, info) = (initial >> 5, initial & 0x1f);
    if info == 31 && (2..=5).contains(&major) {
        return Err((Fault::Indefinite, at));
    }
    let (argument, children) = match major {
        0 => (decoder.u64().map_err(unreadable)?, None),
        1 => {
            // A negative integer is -1 - argument.
            let value = i128::from(decoder.int().map_err(unreadable)?);
            (u64::try_from(-1 - value).map_err(|_| (Fault::Unreadable, at))?, None)
        }
        2 => (decoder.bytes().map_err(unreadable)?.len() as u64, None),
        3 => (decoder.str().map_err(unreadable)?.len() as u64, None),
        4 => {
            let count = decoder.array().map_err(unreadable)?.ok_or((Fault::Indefinite, at))?;
            (count, Some((count, false)))
        }
        5 => {
            let count = decoder.map().map_err(unreadable)?.ok_or((Fault::Indefinite, at))?;
            // More entries than bytes cannot follow; the product must not overflow.
            let items = count.checked_mul(2).ok_or((Fault::Unreadable, at))?;
            (count, Some((items, true)))
        }
        6 => return Err((Fault::InnerTag, at)),
        _ => return simple(decoder, info, at).map(|()| None),
    };
    let shortest = match info {
        24 => argument > 23,
        25 => argument > 0xff,
        26 => argument > 0xffff,
        27 => argument > 0xffff_ffff,
        _ => true,
    };
    if !shortest {
        return Err((Fault::NotShortest, at));
    }
    Ok(children)
}

/// Major type 7: only false, true and null.
fn simple(decoder: &mut Decoder<'_>, info: u8, at: usize) -> Step<()> {
    match info {
        20..=22 => {
            decoder.set_position(at + 1);
            Ok(())
        }
        25..=27 => Err((Fault::Float, at)),
        28..=31 => Err((Fault::Unreadable, at)),
        _ => Err((Fault::Simple, at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> Option<(Fault, usize)> {
        check(bytes, 0).err().map(|error| (error.fault, error.offset))
    }

    #[test]
    fn deterministic_items_pass() {
        let nested = [0x81u8; 15].iter().copied().chain([0x80]).collect::<alloc::vec::Vec<_>>();
        for bytes in [
            &[0x00u8][..],
            &[0x18, 24],
            &[0x20],
            &[0x38, 24],
            &[0x40],
            &[0x63, 0xe8, 0x8b, 0x8f],
            &[0x80],
            &[0xa0],
            &[0xa3, 0x01, 0x02, 0x20, 0x80, 0x61, 0x61, 0xf6],
            &[0x82, 0xf4, 0xf5],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &nested,
        ] {
            assert_eq!(fault(bytes), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn each_deviation_has_its_own_fault_at_its_own_place() {
        let too_deep = [0x81u8; 17].iter().copied().chain([0x00]).collect::<alloc::vec::Vec<_>>();
        let empty_too_deep = [0x81u8; 16].iter().copied().chain([0x80]).collect::<alloc::vec::Vec<_>>();
        for (bytes, expected) in [
            (&[][..], (Fault::Unreadable, 0)),
            (&[0x1c], (Fault::Unreadable, 0)),
            (&[0x42, 0x00], (Fault::Unreadable, 0)),
            (&[0x61, 0xff], (Fault::Unreadable, 0)),
            (&[0x82, 0x00], (Fault::Unreadable, 2)),
            (&[0xff], (Fault::Unreadable, 0)),
            (&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], (Fault::Unreadable, 0)),
            (&[0x00, 0x00], (Fault::Trailing, 1)),
            (&[0x18, 23], (Fault::NotShortest, 0)),
            (&[0x19, 0x00, 0xff], (Fault::NotShortest, 0)),
            (&[0x1a, 0x00, 0x00, 0xff, 0xff], (Fault::NotShortest, 0)),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], (Fault::NotShortest, 0)),
            (&[0x38, 23], (Fault::NotShortest, 0)),
            (&[0x58, 0x01, 0x00], (Fault::NotShortest, 0)),
            (&[0x78, 0x01, 0x61], (Fault::NotShortest, 0)),
            (&[0x98, 0x01, 0x00], (Fault::NotShortest, 0)),
            (&[0xb8, 0x01, 0x00, 0x00], (Fault::NotShortest, 0)),
            (&[0x5f, 0x41, 0x00, 0xff], (Fault::Indefinite, 0)),
            (&[0x7f, 0xff], (Fault::Indefinite, 0)),
            (&[0x9f, 0xff], (Fault::Indefinite, 0)),
            (&[0xbf, 0xff], (Fault::Indefinite, 0)),
            (&[0xa2, 0x02, 0x00, 0x01, 0x00], (Fault::KeyOrder, 3)),
            (&[0xa2, 0x20, 0x00, 0x01, 0x00], (Fault::KeyOrder, 3)),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], (Fault::DuplicateKey, 3)),
            (&[0x81, 0xa2, 0x81, 0x02, 0x00, 0x81, 0x01, 0x00], (Fault::KeyOrder, 5)),
            (&[0xf9, 0x3c, 0x00], (Fault::Float, 0)),
            (&[0xfa, 0, 0, 0, 0], (Fault::Float, 0)),
            (&[0xfb, 0, 0, 0, 0, 0, 0, 0, 0], (Fault::Float, 0)),
            (&[0xf7], (Fault::Simple, 0)),
            (&[0xf8, 0x20], (Fault::Simple, 0)),
            (&[0xe0], (Fault::Simple, 0)),
            (&[0x81, 0xc0, 0x00], (Fault::InnerTag, 1)),
            (&too_deep, (Fault::Depth, 16)),
            (&empty_too_deep, (Fault::Depth, 16)),
        ] {
            assert_eq!(fault(bytes), Some(expected), "{bytes:02x?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_an_answer_within_them(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Some((_, at)) = fault(&bytes) {
                assert!(at <= bytes.len());
            }
        }
    }
}

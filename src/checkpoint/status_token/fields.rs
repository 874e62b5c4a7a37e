//! Headers and claims by number, and how maps of other issuers are read.

use minicbor::Decoder;
use minicbor::data::Type;

/// Claims and headers of other issuers that we step over, at the most.
pub(super) const MAX_ENTRIES: u64 = 64;

pub(super) const HEADER_ALG: i64 = 1;
pub(super) const HEADER_KID: i64 = 4;
pub(super) const HEADER_TYP: i64 = 16;
pub(super) const CLAIM_SUB: i64 = 2;
pub(super) const CLAIM_EXP: i64 = 4;
pub(super) const CLAIM_IAT: i64 = 6;
pub(super) const CLAIM_STATUS_LIST: i64 = 65_533;
pub(super) const CLAIM_TTL: i64 = 65_534;

/// Puts a value that was read where none was before.
pub(super) fn once<T>(place: &mut Option<T>, value: Option<T>) -> Option<()> {
    if place.is_some() {
        return None;
    }
    *place = Some(value?);
    Some(())
}

/// A key of a map: an integer, or something else that was stepped over (inner none); none for what is unreadable.
pub(super) fn key(decoder: &mut Decoder<'_>) -> Option<Option<i64>> {
    match decoder.datatype().ok()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            Some(Some(decoder.i64().ok()?))
        }
        _ => decoder.skip().ok().map(|()| None),
    }
}

//! Reading a trust list: envelope, then content. Nothing here verifies a signature.

use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::{Items, Newer, check, required};
use crate::cose::Sign;
use crate::division::Division;
use crate::key::Kid;
use crate::limits::{AUTHORITY_KEYS, CHAIN, ROOTS, SKEW_S, STATUS_KEYS, TRUST_BYTES};
use crate::malformed::{Fault, Malformed};
use crate::trust::list::ReadTrustList;
use crate::trust::{Authority, Level, ListedKey, OffRoute, Programme, Roots, TrustContent, TrustFault, TrustList};

/// A trust list whose envelope has been read and whose payload is deterministic CBOR.
#[derive(Debug, Clone)]
pub struct UnverifiedTrustList<'b> {
    pub(crate) envelope: Sign<'b>,
}

impl<'b> UnverifiedTrustList<'b> {
    /// Reads the envelope of a trust list.
    ///
    /// # Errors
    /// [`Malformed`] in the layers envelope and determinism.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let envelope = Sign::read(bytes, TRUST_BYTES, CHAIN)?;
        check(envelope.payload, envelope.payload_at)?;
        Ok(Self { envelope })
    }

    /// The payload's bytes: what is signed, and what the list's identity is.
    pub fn payload(&self) -> &'b [u8] {
        self.envelope.payload
    }

    /// The type that the header names.
    pub(crate) fn typ(&self) -> u64 {
        self.envelope.typ
    }

    /// The keys that are said to have signed it, with their signatures: for a ceremony that adds one.
    pub fn cosignatures(&self) -> Vec<(Kid, [u8; 64])> {
        self.envelope.signatures.iter().map(|c| (c.kid, c.signature)).collect()
    }

    /// The list, judged by every rule but its signatures.
    ///
    /// # Errors
    /// [`TrustFault`], as a scanner would refuse it.
    pub fn unverified_list(&self) -> Result<TrustList, TrustFault> {
        self.read_list()?.judged()
    }

    /// The list as it is written: only the CDDL has been asked.
    pub(crate) fn read_list(&self) -> Result<ReadTrustList, Malformed> {
        ReadTrustList::of(self.envelope.payload, self.envelope.payload_at)
    }
}

/// The content of a payload that is deterministic CBOR, and the first critical key that this version does not know.
pub(super) fn read_content(payload: &[u8], base: usize) -> Result<(TrustContent, Option<Newer>), Malformed> {
    let mut items = Items::new(payload, base);
    let items = &mut items;
    let mut newer = None;
    let (mut deployment, mut sequence, mut issued, mut expires, mut roots) = (None, None, None, None, None);
    let (mut authorities, mut limits, mut programmes) = (None, None, None);
    let (mut status_base, mut survivors, mut status_keys) = (None, None, None);
    for _ in 0..items.map("trust")? {
        match items.key("trust")? {
            0 => deployment = Some(items.array_of::<8>("deployment")?),
            1 => sequence = Some(items.u32("sequence", 0..=u32::MAX)?),
            2 => issued = Some(items.time("issued")?),
            3 => expires = Some(items.time("expires")?),
            4 => roots = Some(read_roots(items)?),
            5 => authorities = Some(read_authorities(items)?),
            6 => limits = Some(read_limits(items)?),
            7 => programmes = Some(read_programmes(items)?),
            8 => status_base = Some(String::from(items.text("status_base", 8..=40)?)),
            9 => survivors = Some(read_survivors(items)?),
            10 => status_keys = Some(read_keys(items, "status_keys", STATUS_KEYS)?),
            other => items.extension("trust", other, &mut newer)?,
        }
    }
    let (max_age, skew, longest_life) = required(limits, "limits", base)?;
    let content = TrustContent {
        deployment: required(deployment, "deployment", base)?,
        sequence: required(sequence, "sequence", base)?,
        issued: required(issued, "issued", base)?,
        expires: required(expires, "expires", base)?,
        roots: required(roots, "roots", base)?,
        authorities: required(authorities, "authorities", base)?,
        max_age,
        skew,
        longest_life,
        programmes: required(programmes, "programmes", base)?,
        status_base: required(status_base, "status_base", base)?,
        survivors: required(survivors, "survivors", base)?,
        status_keys: required(status_keys, "status_keys", base)?,
    };
    Ok((content, newer))
}

/// `[1..8, [1*8 hash]]`
pub(crate) fn read_roots(items: &mut Items<'_>) -> Result<Roots, Malformed> {
    items.list("roots", 2..=2)?;
    let at = items.offset();
    let threshold = items.u32("roots.threshold", 1..=ROOTS as u32)?;
    let count = items.list("roots.keys", 1..=ROOTS)?;
    let keys = (0..count).map(|_| items.array_of::<32>("roots.keys")).collect::<Result<Vec<_>, _>>()?;
    if threshold as usize > keys.len() {
        return Err(Malformed::cddl(Fault::Range { field: "roots.threshold" }, at));
    }
    Ok(Roots { threshold: threshold as u8, keys })
}

/// Bytes of the smallest authority: its head, code, number, name, level, division, no programmes, a key of 46 bytes.
const AUTHORITY: usize = 1 + 2 + 1 + 2 + 1 + 1 + 1 + 1 + 46;
/// Bytes of the smallest programme: its head, number, empty name, two times, a choice.
const PROGRAMME: usize = 1 + 1 + 1 + 5 + 5 + 1;
/// Bytes of the name of a survivors set: a head, kid, hash.
const SURVIVORS: usize = 1 + 9 + 34;

/// `[* item]` of items of at least `least` bytes: room is taken for as many as the header says and the bytes can hold.
fn read_list<'b, T>(
    items: &mut Items<'b>,
    field: &'static str,
    least: usize,
    mut read: impl FnMut(&mut Items<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let count = items.list(field, 0..=usize::MAX)?;
    let mut list = Vec::with_capacity(items.room_for(count, least));
    for _ in 0..count {
        list.push(read(items)?);
    }
    Ok(list)
}

fn read_authorities(items: &mut Items<'_>) -> Result<Vec<Authority>, Malformed> {
    read_list(items, "authorities", AUTHORITY, |items| {
        items.list("authority", 7..=7)?;
        Ok(Authority {
            code: items.text("authority.code", 1..=16)?.into(),
            number: items.u32("authority.number", 1..=0x00ff_ffff)?,
            name: items.text("authority.name", 1..=90)?.into(),
            level: match items.u32("authority.level", 1..=3)? {
                1 => Level::Nation,
                2 => Level::Province,
                _ => Level::Prefecture,
            },
            division: if items.is_zero() {
                items.u32("authority.division", 0..=0)?;
                None
            } else {
                Some(Division::read(items, "authority.division")?)
            },
            programmes: read_list(items, "authority.programmes", 1, programme_number)?,
            keys: read_keys(items, "authority.keys", AUTHORITY_KEYS)?,
        })
    })
}

fn programme_number(items: &mut Items<'_>) -> Result<u16, Malformed> {
    // The range keeps the value within its type.
    items.u32("programme.number", 1..=65535).map(|number| number as u16)
}

/// `[max_age, skew, longest life]`
fn read_limits(items: &mut Items<'_>) -> Result<(u32, u32, u32), Malformed> {
    items.list("limits", 3..=3)?;
    let max_age = items.u32("max_age", 0..=u32::MAX)?;
    let skew = items.u32("skew", 0..=SKEW_S as u32)?;
    Ok((max_age, skew, items.u32("longest_life", 0..=u32::MAX)?))
}

fn read_programmes(items: &mut Items<'_>) -> Result<Vec<Programme>, Malformed> {
    read_list(items, "programmes", PROGRAMME, |items| {
        items.list("programme", 5..=5)?;
        Ok(Programme {
            number: programme_number(items)?,
            name: items.text("programme.name", 0..=usize::MAX)?.into(),
            from: items.time("programme.from")?,
            until: items.time("programme.until")?,
            off_route: match items.u32("programme.off_route", 0..=1)? {
                0 => OffRoute::Refer,
                _ => OffRoute::Refuse,
            },
        })
    })
}

fn read_survivors(items: &mut Items<'_>) -> Result<Vec<(Kid, [u8; 32])>, Malformed> {
    read_list(items, "survivors", SURVIVORS, |items| {
        items.list("survivors", 2..=2)?;
        Ok((Kid(items.array_of("survivors.kid")?), items.array_of("survivors.hash")?))
    })
}

fn read_keys(items: &mut Items<'_>, field: &'static str, most: usize) -> Result<Vec<ListedKey>, Malformed> {
    let count = items.list(field, 1..=most)?;
    let mut keys = Vec::with_capacity(count);
    for _ in 0..count {
        items.list(field, 4..=4)?;
        keys.push(ListedKey {
            key: items.array_of(field)?,
            from: items.time("key.from")?,
            until: items.time("key.until")?,
            compromised: items.u32("key.compromised", 0..=1)? == 1,
        });
    }
    Ok(keys)
}

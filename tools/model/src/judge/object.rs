//! Snapshots, deltas and survivors sets (sections 2.4 and 2.5), as far as they can be read without a scanner.

use super::cbor::{self, Value};
use super::{CDDL, DETERMINISM, Refusal, set, sha256};

/// Any object without an envelope, but a bundle and a provisioning file.
const CAP: usize = 8 << 20;
/// Bytes of an entry of a survivors set.
const ENTRY: usize = 10;

pub enum Object {
    Status(Status),
    Survivors(Survivors),
}

/// A snapshot or a delta, of which only the head is read.
pub struct Status {
    pub is_delta: bool,
    pub list: u32,
    pub n: u32,
    /// What follows list and n.
    members: Vec<Value>,
}

/// What stands in a snapshot or delta.
pub struct Changes {
    /// The base of a delta.
    pub base: Option<[u8; 32]>,
    /// The indexes that get a value: 1 revoked, 2 suspended, 0 valid again.
    pub sets: Vec<(u8, Vec<u32>)>,
}

#[derive(Debug, Clone)]
pub struct Survivors {
    pub kid: [u8; 8],
    pub hash: [u8; 32],
    salt: Vec<u8>,
    runs: Vec<(u32, u32, Vec<u8>)>,
}

impl Object {
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > CAP {
            return Err(CDDL);
        }
        let value = cbor::read(bytes).ok_or(DETERMINISM)?;
        let members = value.array(1, usize::MAX).ok_or(CDDL)?;
        let count = match members[0].u32().ok_or(CDDL)? {
            0 => 5,
            1 => 7,
            2 => return Survivors::read(members, bytes).map(Object::Survivors).ok_or(CDDL),
            _ => return Err("wrong_kind"),
        };
        if members.len() != count {
            return Err(CDDL);
        }
        let (list, n) = (members[1].u32().ok_or(CDDL)?, members[2].u32().ok_or(CDDL)?);
        Ok(Object::Status(Status { is_delta: count == 7, list, n, members: members[3..].to_vec() }))
    }
}

impl Status {
    /// Reads the rest, for a manifest that names this n.
    pub fn changes(&self, n: u32) -> Result<Changes, Refusal> {
        if self.n > set::MAX_N {
            return Err("n_over_cap");
        }
        if self.n != n {
            return Err("n_mismatch");
        }
        let mut members = &self.members[..];
        let mut base = None;
        if self.is_delta {
            base = Some(members[0].exactly().ok_or(CDDL)?);
            members = &members[1..];
        }
        if members.iter().any(|member| member.bytes().is_none()) {
            return Err(CDDL);
        }
        let mut sets = Vec::new();
        for (value, member) in [1, 2, 0].into_iter().zip(members) {
            sets.push((value, member.bytes().and_then(|bytes| set::decode(bytes, n)).ok_or("set")?));
        }
        let mut all: Vec<u32> = sets.iter().flat_map(|(_, indexes)| indexes.clone()).collect();
        all.sort_unstable();
        if all.windows(2).any(|two| two[0] == two[1]) {
            return Err("not_disjoint");
        }
        Ok(Changes { base, sets })
    }
}

impl Survivors {
    fn read(members: &[Value], bytes: &[u8]) -> Option<Self> {
        let [_, kid, salt, runs] = members else { return None };
        let runs = runs.each(0, usize::MAX, |run| match run.array(3, 3)? {
            [list, first, entries] => Some((list.u32()?, first.u32()?, entries.bytes()?.to_vec())),
            _ => None,
        })?;
        let mut before: Option<(u32, u64)> = None; // a list, and the first index after the last run there
        for (list, first, entries) in &runs {
            let after = u64::from(*first) + entries.len() as u64 / ENTRY as u64;
            let ascends = before.is_none_or(|(of, end)| of < *list || of == *list && end < u64::from(*first));
            if entries.is_empty() || entries.len() % ENTRY != 0 || after > 1 << 32 || !ascends {
                return None;
            }
            before = Some((*list, after));
        }
        Some(Survivors { kid: kid.exactly()?, hash: sha256(&[bytes]), salt: salt.exactly::<16>()?.to_vec(), runs })
    }

    /// Whether a pass has its entry at its place.
    pub fn has(&self, list: u32, idx: u32, pass: &[u8]) -> bool {
        let wanted = &sha256(&[b"FP-SURV-1", &self.salt, pass])[..ENTRY];
        let here = |(of, first, entries): &(u32, u32, Vec<u8>)| {
            let mut places = entries.chunks(ENTRY).zip(u64::from(*first)..);
            *of == list && places.any(|(entry, at)| at == u64::from(idx) && entry == wanted)
        };
        self.runs.iter().any(here)
    }
}

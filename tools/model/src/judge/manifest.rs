//! Manifests: the CDDL and the rules between fields (sections 1.1, 1.9).

use super::cbor::Value;
use super::sha256;

/// Indexes of all lists together.
const TOTAL: u64 = 1 << 28;

#[derive(Debug, Clone)]
pub struct Manifest {
    /// The key that signed it.
    pub kid: [u8; 8],
    /// SHA-256 of the payload.
    pub hash: [u8; 32],
    pub deployment: [u8; 8],
    pub seq: u32,
    pub issued: u32,
    pub expires: u32,
    pub trust_sequence: u32,
    pub trust_hash: [u8; 32],
    pub lists: Vec<Entry>,
    /// Whether an unknown critical key stands in it.
    pub newer: bool,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub list: u32,
    pub n: u32,
    pub state: [u8; 32],
}

impl Manifest {
    pub fn read(payload: &Value, bytes: &[u8], kid: [u8; 8]) -> Option<Self> {
        let newer = payload.growth(&[0, 1, 2, 3, 4, 5, 6])?;
        let (issued, expires) = (payload.get(2)?.time()?, payload.get(3)?.time()?);
        payload.get(4)?.u32()?;
        let [trust_sequence, trust_hash] = payload.get(5)?.array(2, 2)? else { return None };
        let lists = payload.get(6)?.each(0, usize::MAX, entry)?;
        let ascend = lists.windows(2).all(|two| two[0].list < two[1].list);
        let total: u64 = lists.iter().map(|entry| u64::from(entry.n)).sum();
        if expires <= issued || !ascend || total > TOTAL {
            return None;
        }
        Some(Manifest {
            kid,
            hash: sha256(&[bytes]),
            deployment: payload.get(0)?.exactly()?,
            seq: payload.get(1)?.u32()?,
            issued,
            expires,
            trust_sequence: trust_sequence.u32()?,
            trust_hash: trust_hash.exactly()?,
            lists,
            newer,
        })
    }

    pub fn order(&self) -> (u32, u32) {
        (self.trust_sequence, self.seq)
    }

    pub fn entry(&self, list: u32) -> Option<&Entry> {
        self.lists.iter().find(|entry| entry.list == list)
    }
}

fn entry(value: &Value) -> Option<Entry> {
    let [list, n, base, state] = value.array(4, 4)? else { return None };
    base.exactly::<32>()?;
    Some(Entry { list: list.u32()?, n: n.int(0, super::set::MAX_N.into())? as u32, state: state.exactly()? })
}

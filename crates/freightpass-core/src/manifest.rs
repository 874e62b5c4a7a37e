//! The manifest: which trust list is in force and which state each status list has, signed by a status key.
//!
//! It is the only thing that is fetched as "latest". Whether a scanner adopts one is the business of [`crate::hold`].

use alloc::vec::Vec;

use minicbor::Encoder;
use minicbor::encode::Error;
use sha2::{Digest, Sha256};

use crate::cbor::{Items, Newer, check, required};
use crate::cose::{self, Sign1, Typ};
use crate::key::Kid;
use crate::limits::{MANIFEST_BYTES, TOTAL_N};
use crate::malformed::{Fault, Malformed};
use crate::status::MAX_N;

/// What a manifest says: docs/FORMAT.md, 2.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestContent {
    /// The deployment for which it speaks.
    pub deployment: [u8; 8],
    /// Its number: with the trust sequence named, it orders manifests.
    pub seq: u32,
    /// When it was signed, seconds since 1970.
    pub issued: u32,
    /// From when on it speaks no more, seconds since 1970.
    pub expires: u32,
    /// When to fetch the next one, seconds after `issued`; no more than advice.
    pub ttl: u32,
    /// Sequence of the trust list in force.
    pub trust_sequence: u32,
    /// SHA-256 of that trust list's payload.
    pub trust_hash: [u8; 32],
    /// The live status lists, strictly ascending.
    pub lists: Vec<ListEntry>,
}

/// One status list in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListEntry {
    /// The list's number: floor(exp / 604800) of its passes.
    pub list: u32,
    /// Its capacity: indexes 0 to n - 1.
    pub n: u32,
    /// Hash of the state from which the published delta goes; the state itself for a new list.
    pub base: [u8; 32],
    /// Hash of the state in force.
    pub state: [u8; 32],
}

impl ManifestContent {
    /// Its order among manifests: the trust sequence named, then its own.
    pub const fn order(&self) -> (u32, u32) {
        (self.trust_sequence, self.seq)
    }

    /// The entry of a list.
    pub fn entry(&self, list: u32) -> Option<&ListEntry> {
        let at = self.lists.binary_search_by_key(&list, |entry| entry.list).ok()?;
        self.lists.get(at)
    }

    /// The COSE_Sign1 bytes, signed through `sign` by the key `kid`.
    ///
    /// # Errors
    /// [`Malformed`] for content that no scanner would read.
    pub fn sign(&self, kid: Kid, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Result<Vec<u8>, Malformed> {
        let payload = self.encode();
        let (_, newer) = read_content(&payload, 0)?;
        debug_assert!(newer.is_none(), "we write only keys that we name");
        let protected = cose::sign1_header(kid, Typ::Manifest);
        let signature = sign(&cose::sign1_message(&protected, &payload));
        let bytes = cose::sign1(&protected, &payload, &signature);
        if bytes.len() > MANIFEST_BYTES {
            return Err(Malformed::envelope(Fault::TooLarge { size: bytes.len(), cap: MANIFEST_BYTES }, 0));
        }
        Ok(bytes)
    }

    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = self.write(&mut encoder);
        encoder.into_writer()
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), Error<core::convert::Infallible>> {
        e.map(7)?;
        e.u8(0)?.bytes(&self.deployment)?;
        e.u8(1)?.u32(self.seq)?;
        e.u8(2)?.u32(self.issued)?;
        e.u8(3)?.u32(self.expires)?;
        e.u8(4)?.u32(self.ttl)?;
        e.u8(5)?.array(2)?.u32(self.trust_sequence)?.bytes(&self.trust_hash)?;
        e.u8(6)?.array(self.lists.len() as u64)?;
        for entry in &self.lists {
            e.array(4)?.u32(entry.list)?.u32(entry.n)?.bytes(&entry.base)?.bytes(&entry.state)?;
        }
        Ok(())
    }
}

/// A manifest whose envelope has been read and whose payload is deterministic CBOR; nothing has been verified.
#[derive(Debug, Clone, Copy)]
pub struct UnverifiedManifest<'b> {
    pub(crate) envelope: Sign1<'b>,
}

impl<'b> UnverifiedManifest<'b> {
    /// Reads the envelope of a manifest.
    ///
    /// # Errors
    /// [`Malformed`] in the layers envelope and determinism.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let envelope = Sign1::read(bytes, MANIFEST_BYTES)?;
        check(envelope.payload, envelope.payload_at)?;
        Ok(Self { envelope })
    }

    /// The key that is said to have signed it.
    pub fn kid(&self) -> Kid {
        self.envelope.kid
    }

    /// SHA-256 of the payload: the manifest's identity.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.envelope.payload).into()
    }

    /// What it says, unverified.
    ///
    /// # Errors
    /// [`Malformed`] in the layer CDDL.
    pub fn unverified_content(&self) -> Result<ManifestContent, Malformed> {
        Ok(self.read_content()?.0)
    }

    pub(crate) fn read_content(&self) -> Result<(ManifestContent, Option<Newer>), Malformed> {
        read_content(self.envelope.payload, self.envelope.payload_at)
    }
}

fn read_content(payload: &[u8], base: usize) -> Result<(ManifestContent, Option<Newer>), Malformed> {
    let mut items = Items::new(payload, base);
    let mut newer = None;
    let (mut deployment, mut seq, mut issued, mut expires) = (None, None, None, None);
    let (mut ttl, mut trust, mut lists) = (None, None, None);
    for _ in 0..items.map("manifest")? {
        match items.key("manifest")? {
            0 => deployment = Some(items.array_of::<8>("deployment")?),
            1 => seq = Some(items.u32("seq", 0..=u32::MAX)?),
            2 => issued = Some(items.time("issued")?),
            3 => expires = Some(items.time("expires")?),
            4 => ttl = Some(items.u32("ttl", 0..=u32::MAX)?),
            5 => {
                items.list("trust", 2..=2)?;
                trust = Some((items.u32("trust.sequence", 0..=u32::MAX)?, items.array_of::<32>("trust.hash")?));
            }
            6 => lists = Some(read_lists(&mut items)?),
            other => items.extension("manifest", other, &mut newer)?,
        }
    }
    let (trust_sequence, trust_hash) = required(trust, "trust", base)?;
    let content = ManifestContent {
        deployment: required(deployment, "deployment", base)?,
        seq: required(seq, "seq", base)?,
        issued: required(issued, "issued", base)?,
        expires: required(expires, "expires", base)?,
        ttl: required(ttl, "ttl", base)?,
        trust_sequence,
        trust_hash,
        lists: required(lists, "lists", base)?,
    };
    if content.expires <= content.issued {
        let rule = "expires is after issued";
        return Err(Malformed::cddl(Fault::Rule { field: "expires", rule }, base));
    }
    Ok((content, newer))
}

/// Bytes of the smallest entry of a list: its head, list, n, two hashes.
const ENTRY_BYTES: usize = 1 + 1 + 1 + 34 + 34;

fn read_lists(items: &mut Items<'_>) -> Result<Vec<ListEntry>, Malformed> {
    let count = items.list("lists", 0..=usize::MAX)?;
    let mut lists: Vec<ListEntry> = Vec::with_capacity(items.room_for(count, ENTRY_BYTES));
    let mut total_n = 0;
    for _ in 0..count {
        items.list("lists", 4..=4)?;
        let at = items.offset();
        let entry = ListEntry {
            list: items.u32("lists.list", 0..=u32::MAX)?,
            n: items.u32("lists.n", 0..=MAX_N)?,
            base: items.array_of("lists.base")?,
            state: items.array_of("lists.state")?,
        };
        if lists.last().is_some_and(|last| last.list >= entry.list) {
            let rule = "lists strictly ascend";
            return Err(Malformed::cddl(Fault::Rule { field: "lists", rule }, at));
        }
        lists.push(entry);
        total_n += u64::from(entry.n);
        if total_n > TOTAL_N {
            let rule = "the lists have at most 2^28 indexes together";
            return Err(Malformed::cddl(Fault::Rule { field: "lists", rule }, at));
        }
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn content() -> ManifestContent {
        let entry = |list| ListEntry { list, n: 1024, base: [1; 32], state: [2; 32] };
        ManifestContent {
            deployment: [1; 8],
            seq: 7,
            issued: 1_796_054_400,
            expires: 1_796_140_800,
            ttl: 600,
            trust_sequence: 3,
            trust_hash: [5; 32],
            lists: vec![entry(2969), entry(2970)],
        }
    }

    #[test]
    fn what_is_signed_is_read() {
        let bytes = content().sign(Kid([1; 8]), |_| [9; 64]).unwrap();
        let read = UnverifiedManifest::read(&bytes).unwrap();
        assert_eq!(read.kid(), Kid([1; 8]));
        assert_eq!(read.unverified_content(), Ok(content()));
        assert_eq!(content().entry(2970).map(|entry| entry.list), Some(2970));
        assert_eq!(content().entry(2968), None);
    }

    #[test]
    fn lists_must_ascend_and_windows_must_hold() {
        let fault = |change: fn(&mut ManifestContent)| {
            let mut content = content();
            change(&mut content);
            content.sign(Kid([1; 8]), |_| [9; 64]).err().map(|error| error.fault.field())
        };
        assert_eq!(fault(|_| ()), None);
        assert_eq!(fault(|c| c.lists[1].list = 2969), Some(Some("lists")));
        assert_eq!(fault(|c| c.lists[1].list = 2968), Some(Some("lists")));
        assert_eq!(fault(|c| c.lists[1].n = MAX_N + 1), Some(Some("lists.n")));
        fn largest(c: &mut ManifestContent, more: u32) {
            c.lists = (1..=4).map(|list| ListEntry { list, n: MAX_N, base: [1; 32], state: [2; 32] }).collect();
            c.lists.extend((5..5 + more).map(|list| ListEntry { list, n: 1, base: [1; 32], state: [2; 32] }));
        }
        assert_eq!(fault(|c| largest(c, 0)), None);
        assert_eq!(fault(|c| largest(c, 1)), Some(Some("lists")));
        assert_eq!(fault(|c| c.expires = c.issued), Some(Some("expires")));
        assert_eq!(fault(|c| c.issued = 5), Some(Some("issued")));
    }
}

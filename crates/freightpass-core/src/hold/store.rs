//! What a scanner holds, as one file of its own: written whole, read whole.
//!
//! The file is the scanner's memory, not something that travels: its signatures were verified on adoption and are not
//! verified again. A SHA-256 at its end tells a torn or rotten file from a good one; it is no protection from whoever
//! can write to the scanner's disk, and nothing could be.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::Encoder;
use minicbor::encode::Error;
use sha2::{Digest, Sha256};

use crate::bundle::Provision;
use crate::cbor::{Items, check};
use crate::hold::record::Record;
use crate::hold::{Held, HeldManifest, HeldState, HeldTrust};
use crate::key::Kid;
use crate::limits::{HELD_BYTES, MANIFEST_BYTES, OBJECT_BYTES, TRUST_BYTES};
use crate::malformed::{Fault, Malformed};
use crate::manifest::UnverifiedManifest;
use crate::status::{self, Snapshot};
use crate::survivors::Survivors;
use crate::trust::{TrustFault, UnverifiedTrustList};

/// Tells the file from the objects that travel (0 to 4), and its layout from later ones.
const KIND: u64 = 5;

type Written = Result<(), Error<core::convert::Infallible>>;

impl Held {
    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = self.write(&mut encoder);
        let mut bytes = encoder.into_writer();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        bytes.extend(digest);
        bytes
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.array(12)?.u64(KIND)?.bytes(&self.provision.encode())?.u8(u8::from(self.confirmed))?;
        write_all(e, self.trust.iter(), |e, trust| e.bytes(&trust.object).map(drop))?;
        e.u32(self.root_floor)?;
        write_all(e, self.compromised.iter(), |e, kid| e.bytes(&kid.0).map(drop))?;
        write_all(e, self.records.iter(), |e, (kid, record)| {
            e.array(5)?.bytes(&kid.0)?.u32(record.order.0)?.u32(record.order.1)?;
            e.bytes(&record.hash)?.u32(record.floor).map(drop)
        })?;
        write_all(e, self.manifest.iter(), |e, manifest| e.bytes(&manifest.object).map(drop))?;
        write_all(e, self.states.values(), |e, held| {
            // A state that is held came from an object under the cap.
            let object = Snapshot::new(held.state.clone()).encode().unwrap_or_default();
            e.array(2)?.bytes(&held.kid.0)?.bytes(&object).map(drop)
        })?;
        write_all(e, self.survivors.values(), |e, set| e.bytes(&set.encode()).map(drop))?;
        write_all(e, self.trust_evidence.iter(), |e, sequence| e.u32(*sequence).map(drop))?;
        write_all(e, self.evidence.iter(), |e, (kid, order)| {
            e.array(3)?.bytes(&kid.0)?.u32(order.0)?.u32(order.1).map(drop)
        })
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`Malformed`] for a torn, rotten or foreign file: the scanner must be provisioned again, or synchronised.
    pub fn decode(file: &[u8]) -> Result<Self, Malformed> {
        if file.len() > HELD_BYTES {
            return Err(Malformed::cddl(Fault::TooLarge { size: file.len(), cap: HELD_BYTES }, 0));
        }
        let (bytes, digest) = file.split_at(file.len().saturating_sub(32));
        let actual: [u8; 32] = Sha256::digest(bytes).into();
        if digest != actual {
            let rule = "the file's checksum";
            return Err(Malformed::cddl(Fault::Rule { field: "held", rule }, bytes.len()));
        }
        check(bytes, 0)?;
        let items = &mut Items::new(bytes, 0);
        items.list("held", 12..=12)?;
        items.uint("held.kind", KIND..=KIND)?;
        let provision = Provision::decode(items.bytes("held.provision", 0..=OBJECT_BYTES)?)?;
        let mut held = Held::provisioned(&provision);
        held.confirmed = items.uint("held.confirmed", 0..=1)? == 1;
        held.trust = read_all(items, "held.trust", read_trust)?.pop();
        held.root_floor = items.time("held.root_floor")?;
        let compromised = read_all(items, "held.compromised", |items| items.array_of("kid").map(Kid))?;
        held.compromised = compromised.into_iter().collect();
        held.records = read_all(items, "held.records", read_record)?.into_iter().collect();
        held.manifest = read_all(items, "held.manifest", read_manifest)?.pop();
        held.states = read_states(items, held.deployment())?;
        let survivors =
            read_all(items, "held.survivors", |items| Survivors::decode(items.bytes("survivors", 0..=OBJECT_BYTES)?))?;
        held.survivors = survivors.into_iter().map(|set| (set.kid(), set)).collect();
        held.trust_evidence = read_all(items, "held.trust_evidence", |i| i.u32("sequence", 0..=u32::MAX))?.pop();
        let evidence = read_all(items, "held.evidence", |items| {
            items.list("evidence", 3..=3)?;
            Ok((Kid(items.array_of("kid")?), read_order(items)?))
        })?;
        held.evidence = evidence.into_iter().collect();
        Ok(held)
    }
}

fn write_all<T>(
    e: &mut Encoder<Vec<u8>>,
    entries: impl ExactSizeIterator<Item = T>,
    mut write: impl FnMut(&mut Encoder<Vec<u8>>, T) -> Written,
) -> Written {
    e.array(entries.len() as u64)?;
    for entry in entries {
        write(e, entry)?;
    }
    Ok(())
}

fn read_all<'b, T>(
    items: &mut Items<'b>,
    field: &'static str,
    mut read: impl FnMut(&mut Items<'b>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let count = items.list(field, 0..=usize::MAX)?;
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(read(items)?);
    }
    Ok(all)
}

fn read_trust(items: &mut Items<'_>) -> Result<HeldTrust, Malformed> {
    let at = items.offset();
    let object = items.bytes("trust", 0..=TRUST_BYTES)?;
    let list = UnverifiedTrustList::read(object)?.unverified_list().map_err(|fault| match fault {
        TrustFault::Malformed(malformed) => malformed,
        _ => Malformed::cddl(Fault::Rule { field: "trust", rule: "a list that was adopted" }, at),
    })?;
    Ok(HeldTrust { list, object: object.to_vec() })
}

fn read_order(items: &mut Items<'_>) -> Result<(u32, u32), Malformed> {
    Ok((items.u32("trust.sequence", 0..=u32::MAX)?, items.u32("seq", 0..=u32::MAX)?))
}

fn read_record(items: &mut Items<'_>) -> Result<(Kid, Record), Malformed> {
    items.list("record", 5..=5)?;
    let kid = Kid(items.array_of("kid")?);
    let order = read_order(items)?;
    Ok((kid, Record { order, hash: items.array_of("hash")?, floor: items.u32("floor", 0..=u32::MAX)? }))
}

fn read_manifest(items: &mut Items<'_>) -> Result<HeldManifest, Malformed> {
    let object = items.bytes("manifest", 0..=MANIFEST_BYTES)?;
    let manifest = UnverifiedManifest::read(object)?;
    let content = manifest.unverified_content()?;
    Ok(HeldManifest { content, kid: manifest.kid(), hash: manifest.hash(), object: object.to_vec() })
}

fn read_states(items: &mut Items<'_>, deployment: &[u8; 8]) -> Result<BTreeMap<u32, HeldState>, Malformed> {
    let states = read_all(items, "held.states", |items| {
        let at = items.offset();
        items.list("state", 2..=2)?;
        let kid = Kid(items.array_of("kid")?);
        let object = items.bytes("state", 0..=OBJECT_BYTES)?;
        let state = status::peek(object).and_then(|head| Ok(Snapshot::decode(object, head.n)?.into_state()));
        let rule = "a state that was adopted";
        let state = state.map_err(|_| Malformed::cddl(Fault::Rule { field: "state", rule }, at))?;
        Ok((state.list(), HeldState { hash: state.hash(deployment), state, kid }))
    })?;
    Ok(states.into_iter().collect())
}

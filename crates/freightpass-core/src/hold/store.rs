//! What a scanner holds, as one file of its own: written whole, read whole.
//!
//! The file is the scanner's memory, not something that travels: its signatures were verified on adoption and are not
//! verified again, which is why reading it is not called `decode`. A SHA-256 at its end tells a torn or rotten file from a good one; it is no protection from whoever
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
use crate::status::{self, MAX_N, Snapshot, State};
use crate::survivors::Survivors;
use crate::trust::{TrustFault, UnverifiedTrustList};

/// Tells the file from the objects that travel (0 to 4), and its layout from later ones.
const KIND: u64 = 6;

/// What is held does not fit into the file; what was stored before must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is held takes {size} bytes, at most {HELD_BYTES} are stored")]
pub struct TooLarge {
    /// Bytes that it takes.
    pub size: usize,
}

type Written = Result<(), Error<core::convert::Infallible>>;

impl Held {
    /// The bytes of the scanner's own file: everything that a restart must not forget (docs/FORMAT.md, 2.8). Nothing is
    /// adopted before they are stored.
    ///
    /// # Errors
    /// [`TooLarge`]: [`Held::from_own_file`] would refuse them.
    pub fn to_own_file(&self) -> Result<Vec<u8>, TooLarge> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = self.write(&mut encoder);
        let mut bytes = encoder.into_writer();
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        bytes.extend(digest);
        if bytes.len() > HELD_BYTES { Err(TooLarge { size: bytes.len() }) } else { Ok(bytes) }
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
            // Deltas can make a state too dense for any snapshot within the cap: then it is written as it is.
            match Snapshot::new(held.state.clone()).encode() {
                Ok(object) => e.array(2)?.bytes(&held.kid.0)?.bytes(&object).map(drop),
                Err(_) => {
                    let state = &held.state;
                    e.array(4)?.bytes(&held.kid.0)?.u32(state.list())?.u32(state.n())?.bytes(state.array()).map(drop)
                }
            }
        })?;
        write_all(e, self.survivors.values(), |e, set| e.bytes(&set.encode()).map(drop))?;
        write_all(e, self.trust_evidence.iter(), |e, sequence| e.u32(*sequence).map(drop))?;
        write_all(e, self.evidence.iter(), |e, (kid, order)| {
            e.array(3)?.bytes(&kid.0)?.u32(order.0)?.u32(order.1).map(drop)
        })
    }

    /// What the scanner held when it wrote its own file.
    ///
    /// Whoever can choose these bytes chooses what is believed: no signature is verified. What came from anywhere else
    /// is adopted ([`Held::adopt_bundle`]).
    ///
    /// # Errors
    /// [`Malformed`] for a torn, rotten or foreign file: the scanner must be provisioned again, or synchronised.
    pub fn from_own_file(file: &[u8]) -> Result<Self, Malformed> {
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
        let members = items.list("state", 2..=4)?;
        let kid = Kid(items.array_of("kid")?);
        let state = if members == 2 {
            let object = items.bytes("state", 0..=OBJECT_BYTES)?;
            status::peek(object).and_then(|head| Ok(Snapshot::decode(object, head.n)?.into_state()))
        } else {
            let (list, n) = (items.u32("state.list", 0..=u32::MAX)?, items.u32("state.n", 0..=MAX_N)?);
            State::from_array(list, n, items.bytes("state", 0..=HELD_BYTES)?.to_vec())
        };
        let rule = "a state that was adopted";
        let state = state.map_err(|_| Malformed::cddl(Fault::Rule { field: "state", rule }, at))?;
        Ok((state.list(), HeldState { hash: state.hash(deployment), state, kid }))
    })?;
    Ok(states.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::cose;
    use crate::manifest::ManifestContent;
    use crate::trust::{ListedKey, Roots, TrustContent};

    /// Pseudo-random bytes whose four cells are 0, 1 or 2 each: splitmix64, a cell a draw.
    fn dense(n: u32) -> Vec<u8> {
        let mut seed = 0u64;
        let mut draw = || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) % 3) as u8
        };
        (0..n / 4).map(|_| draw() | draw() << 2 | draw() << 4 | draw() << 6).collect()
    }

    #[test]
    fn a_state_too_dense_for_a_snapshot_is_stored_and_read_back() {
        let mut held = provisioned();
        let state = State::from_array(7, MAX_N, dense(MAX_N)).unwrap();
        assert!(Snapshot::new(state.clone()).encode().is_err(), "it has a snapshot after all");
        let hash = state.hash(held.deployment());
        held.states.insert(7, HeldState { state, hash, kid: Kid([3; 8]) });
        let read = Held::from_own_file(&held.to_own_file().unwrap()).unwrap();
        assert!(read == held);
    }

    fn provisioned() -> Held {
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
        let roots = Roots { threshold: 1, keys: vec![key] };
        Held::provisioned(&Provision::new([1; 8], roots, 1_796_054_400).unwrap())
    }

    #[test]
    fn a_file_of_the_cap_is_written_and_one_byte_more_is_not() {
        let content = ManifestContent {
            deployment: [1; 8],
            seq: 1,
            issued: 1_796_054_400,
            expires: 1_796_054_401,
            ttl: 0,
            trust_sequence: 1,
            trust_hash: [0; 32],
            lists: Vec::new(),
        };
        let mut held = provisioned();
        // The manifest's bytes are not looked at when they are written, and may be as many as are wanted.
        let mut written = |size: usize| {
            let (content, object) = (content.clone(), vec![0; size]);
            held.manifest = Some(HeldManifest { content, kid: Kid([3; 8]), hash: [0; 32], object });
            held.to_own_file().map(|file| file.len())
        };
        let beside = written(1 << 16).unwrap() - (1 << 16);
        let most = HELD_BYTES - beside;
        assert_eq!(written(most - 1), Ok(HELD_BYTES - 1));
        assert_eq!(written(most), Ok(HELD_BYTES));
        assert_eq!(written(most + 1), Err(TooLarge { size: HELD_BYTES + 1 }));
    }

    #[test]
    fn a_file_over_the_cap_is_refused_before_it_is_read() {
        let refused = |size: usize| Held::from_own_file(&vec![0; size]).unwrap_err().fault.code();
        assert_eq!([HELD_BYTES, HELD_BYTES + 1].map(refused), ["rule", "too_large"]);
        // Less than a checksum is no checksum.
        assert_eq!([0, 31, 32, 33].map(refused), ["rule"; 4]);
    }

    #[test]
    fn a_file_whose_trust_list_is_none_says_what_is_wrong_with_it() {
        let key = |seed| ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
        let status = ListedKey { key: key(2), from: 1_796_054_400, until: 1_796_054_401, compromised: false };
        let content = TrustContent {
            deployment: [1; 8],
            sequence: 1,
            issued: 1_796_054_400,
            expires: 1_796_054_401,
            roots: Roots { threshold: 1, keys: vec![key(1)] },
            authorities: Vec::new(),
            max_age: 0,
            skew: 0,
            longest_life: 0,
            programmes: Vec::new(),
            status_base: "HTTPS://A/".into(),
            survivors: Vec::new(),
            status_keys: vec![status],
        };
        let payload = content.encode().unwrap();
        let signed = |payload: &[u8]| cose::sign(payload, &[(Kid([3; 8]), [0; 64])]);
        let good = signed(&payload);
        let list = UnverifiedTrustList::read(&good).unwrap().unverified_list().unwrap();
        let read = |object: Vec<u8>| {
            let mut held = provisioned();
            held.trust = Some(HeldTrust { list: list.clone(), object });
            let read = Held::from_own_file(&held.to_own_file().unwrap());
            read.map(|read| assert_eq!(read, held)).map_err(|error| error.fault)
        };
        assert_eq!(read(good), Ok(()));
        assert_eq!(read(signed(&[0xa0])), Err(Fault::Missing { field: "limits" }));
        // The list ends when it begins: of the two times, `expires` stands behind.
        let mut window = payload;
        let expires = window.windows(4).position(|four| four == 1_796_054_401u32.to_be_bytes()).unwrap();
        window[expires..expires + 4].copy_from_slice(&1_796_054_400u32.to_be_bytes());
        assert_eq!(read(signed(&window)), Err(Fault::Rule { field: "trust", rule: "a list that was adopted" }));
    }
}

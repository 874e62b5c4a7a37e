//! What travels to a scanner: a bundle of all that is in force, and the file with which a new scanner is provisioned.

use alloc::vec::Vec;
use core::fmt;

use minicbor::Encoder;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cbor::{Items, check};
use crate::key::{KeyError, Kid, PublicKey};
use crate::limits::{BUNDLE_BYTES, BUNDLE_OBJECTS, CHAIN, MANIFEST_BYTES, OBJECT_BYTES, ROOTS, TIMES, TRUST_BYTES};
use crate::malformed::{Fault, Malformed};
use crate::trust::Roots;
use crate::trust::read_roots;

const BUNDLE: u64 = 3;
const PROVISION: u64 = 4;

/// Bytes of a provisioning file at the most: eight roots take some three hundred.
const PROVISION_BYTES: usize = 512;

/// Everything that a scanner needs to come up to date, in the order in which it adopts it (docs/FORMAT.md, 2.6).
///
/// It carries no signature of its own: its parts have theirs, and whoever takes it apart has verified nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// One to sixteen trust lists, ascending: every one that changed roots, and the newest.
    pub trust: Vec<Vec<u8>>,
    /// The newest manifest.
    pub manifest: Vec<u8>,
    /// Snapshots, deltas and survivors sets, at most [`BUNDLE_OBJECTS`].
    pub objects: Vec<Vec<u8>>,
}

impl Bundle {
    /// The bundle's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = encoder.array(4).and_then(|e| {
            e.u64(BUNDLE)?.array(self.trust.len() as u64)?;
            for list in &self.trust {
                e.bytes(list)?;
            }
            e.bytes(&self.manifest)?.array(self.objects.len() as u64)?;
            for object in &self.objects {
                e.bytes(object)?;
            }
            Ok(e)
        });
        encoder.into_writer()
    }

    /// Takes a bundle apart; its parts are not looked at.
    ///
    /// # Errors
    /// [`Malformed`] for bytes over the cap or of another shape.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut items = object(bytes, BUNDLE_BYTES, "bundle", 4, BUNDLE)?;
        let count = items.list("bundle.trust", 1..=CHAIN)?;
        let trust = (0..count).map(|_| items.bytes("bundle.trust", 0..=TRUST_BYTES).map(<[u8]>::to_vec));
        let trust = trust.collect::<Result<_, _>>()?;
        let manifest = items.bytes("bundle.manifest", 0..=MANIFEST_BYTES)?.to_vec();
        let count = items.list("bundle.objects", 0..=BUNDLE_OBJECTS)?;
        let mut objects = Vec::with_capacity(count);
        for _ in 0..count {
            objects.push(items.bytes("bundle.objects", 0..=OBJECT_BYTES)?.to_vec());
        }
        Ok(Self { trust, manifest, objects })
    }
}

/// What a new scanner trusts: carried to it by hand, its fingerprint read aloud (docs/FORMAT.md, 2.6).
///
/// Everything that a scanner ever believes begins with these roots, so no value of this type has none, a threshold that
/// asks for no signature, or a key that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    deployment: [u8; 8],
    roots: Roots,
    root_keys: Vec<PublicKey>,
    floor: u32,
}

/// Why roots and a floor are no provisioning of a scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProvisionError {
    /// No root key, or more than [`ROOTS`].
    #[error("{found} root keys, wanted 1 to {ROOTS}")]
    Count {
        /// Root keys found.
        found: usize,
    },
    /// A threshold of none, or of more than there are.
    #[error("a threshold of {threshold} of {keys} root keys")]
    Threshold {
        /// Signatures asked for.
        threshold: u8,
        /// Root keys there are.
        keys: usize,
    },
    /// A root key that is not acceptable.
    #[error("root key {kid}: {error}")]
    Key {
        /// The key's name.
        kid: Kid,
        /// What is wrong with it.
        error: KeyError,
    },
    /// One root key twice: it would be counted for two.
    #[error("root key {kid} stands twice")]
    DuplicateKey {
        /// The key's name.
        kid: Kid,
    },
    /// A floor outside [`TIMES`].
    #[error("a floor of {floor} (seconds since 1970 from 1577836800)")]
    Floor {
        /// The floor.
        floor: u32,
    },
}

impl Provision {
    /// What a scanner of `deployment` is provisioned with: the roots that it trusts, and the clock floor, in seconds
    /// since 1970, before which no moment is the present.
    ///
    /// # Errors
    /// [`ProvisionError`] for what would make a scanner that trusts nobody, or anybody.
    pub fn new(deployment: [u8; 8], roots: Roots, floor: u32) -> Result<Self, ProvisionError> {
        let root_keys = parsed(&roots)?;
        if !TIMES.contains(&floor.into()) {
            return Err(ProvisionError::Floor { floor });
        }
        Ok(Self { deployment, roots, root_keys, floor })
    }

    /// The deployment: 8 bytes, drawn when it was founded.
    pub fn deployment(&self) -> &[u8; 8] {
        &self.deployment
    }

    /// The root keys as they are written, and how many of them a trust list needs.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The root keys, parsed, in the order of [`Provision::roots`].
    pub fn root_keys(&self) -> &[PublicKey] {
        &self.root_keys
    }

    /// No moment before it is the present, seconds since 1970.
    pub fn floor(&self) -> u32 {
        self.floor
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = encoder.array(4).and_then(|e| {
            e.u64(PROVISION)?.bytes(&self.deployment)?;
            e.array(2)?.u8(self.roots.threshold)?.array(self.roots.keys.len() as u64)?;
            for key in &self.roots.keys {
                e.bytes(key)?;
            }
            e.u32(self.floor)
        });
        encoder.into_writer()
    }

    /// Reads a provisioning file.
    ///
    /// # Errors
    /// [`Malformed`] for another shape, a threshold over the number of roots, a root key that is no acceptable key,
    /// or one key twice.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut items = object(bytes, PROVISION_BYTES, "provision", 4, PROVISION)?;
        let deployment = items.array_of("deployment")?;
        let at = items.offset();
        let roots = read_roots(&mut items)?;
        let rule = |rule| Malformed::cddl(Fault::Rule { field: "roots", rule }, at);
        let root_keys = parsed(&roots).map_err(|error| match error {
            ProvisionError::DuplicateKey { .. } => rule("every root stands once"),
            // Their number and the threshold were judged as they were read.
            _ => rule("every root is a canonical key of large order"),
        })?;
        Ok(Self { deployment, roots, root_keys, floor: items.time("floor")? })
    }

    /// The first 16 bytes of the file's SHA-256, to be compared by reading aloud.
    pub fn fingerprint(&self) -> Fingerprint {
        let digest: [u8; 32] = Sha256::digest(self.encode()).into();
        let mut groups = [0; 8];
        for (group, pair) in groups.iter_mut().zip(digest.chunks_exact(2)) {
            *group = u16::from_be_bytes([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]);
        }
        Fingerprint(groups)
    }
}

/// The keys of roots, each acceptable and once, and enough of them for the threshold.
fn parsed(roots: &Roots) -> Result<Vec<PublicKey>, ProvisionError> {
    let (keys, threshold) = (roots.keys.len(), roots.threshold);
    if !(1..=ROOTS).contains(&keys) {
        return Err(ProvisionError::Count { found: keys });
    }
    if threshold == 0 || usize::from(threshold) > keys {
        return Err(ProvisionError::Threshold { threshold, keys });
    }
    let mut parsed: Vec<PublicKey> = Vec::with_capacity(keys);
    for bytes in &roots.keys {
        let kid = Kid::of(bytes);
        let key = PublicKey::from_bytes(bytes).map_err(|error| ProvisionError::Key { kid, error })?;
        if parsed.iter().any(|other| other.kid() == kid) {
            return Err(ProvisionError::DuplicateKey { kid });
        }
        parsed.push(key);
    }
    Ok(parsed)
}

/// A fingerprint that can be read aloud: eight groups of five digits, 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u16; 8]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, group) in self.0.iter().enumerate() {
            write!(f, "{}{group:05}", if at == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

/// The items of an array whose first is `kind`.
fn object<'b>(
    bytes: &'b [u8],
    cap: usize,
    field: &'static str,
    members: usize,
    kind: u64,
) -> Result<Items<'b>, Malformed> {
    if bytes.len() > cap {
        return Err(Malformed::cddl(Fault::TooLarge { size: bytes.len(), cap }, 0));
    }
    check(bytes, 0)?;
    let mut items = Items::new(bytes, 0);
    items.list(field, members..=members)?;
    items.uint(field, kind..=kind)?;
    Ok(items)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    fn key(seed: u8) -> [u8; 32] {
        ed25519_dalek::SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes()
    }

    const FLOOR: u32 = 1_796_054_400;

    fn provision(keys: &[[u8; 32]], threshold: u8) -> Result<Provision, ProvisionError> {
        Provision::new([1; 8], Roots { threshold, keys: keys.to_vec() }, FLOOR)
    }

    /// The bytes of a file of any roots.
    fn file(keys: &[[u8; 32]], threshold: u8) -> Vec<u8> {
        let roots = Roots { threshold, keys: keys.to_vec() };
        Provision { deployment: [1; 8], roots, root_keys: vec![], floor: FLOOR }.encode()
    }

    #[test]
    fn bundles_come_back() {
        let bundle = Bundle { trust: vec![vec![1], vec![2, 3]], manifest: vec![4], objects: vec![vec![], vec![5]] };
        assert_eq!(Bundle::decode(&bundle.encode()), Ok(bundle.clone()));
        let none = Bundle { trust: vec![], ..bundle.clone() };
        assert_eq!(Bundle::decode(&none.encode()).unwrap_err().fault, Fault::Size { field: "bundle.trust" });
        let most = Bundle { objects: vec![vec![]; BUNDLE_OBJECTS], ..bundle.clone() };
        assert_eq!(Bundle::decode(&most.encode()), Ok(most));
        let over = Bundle { objects: vec![vec![]; BUNDLE_OBJECTS + 1], ..bundle.clone() };
        assert_eq!(Bundle::decode(&over.encode()).unwrap_err().fault, Fault::Size { field: "bundle.objects" });
        let many = Bundle { trust: vec![vec![]; 17], ..bundle };
        assert_eq!(Bundle::decode(&many.encode()).unwrap_err().fault, Fault::Size { field: "bundle.trust" });
    }

    #[test]
    fn provisioning_files_come_back_with_a_fingerprint_to_read_aloud() {
        let file = provision(&[key(1), key(2)], 2).unwrap();
        assert_eq!(Provision::decode(&file.encode()), Ok(file.clone()));
        let spoken = file.fingerprint().to_string();
        assert_eq!(spoken.len(), 8 * 5 + 7);
        let digest: [u8; 32] = Sha256::digest(file.encode()).into();
        assert_eq!(file.fingerprint().0[0], u16::from_be_bytes([digest[0], digest[1]]));
        assert_eq!(file.fingerprint().0[7], u16::from_be_bytes([digest[14], digest[15]]));
    }

    #[test]
    fn provisioning_files_with_bad_roots_are_refused() {
        let field = |file: Vec<u8>| Provision::decode(&file).unwrap_err().fault.field();
        assert_eq!(field(file(&[key(1)], 2)), Some("roots.threshold"));
        assert_eq!(field(file(&[key(1)], 0)), Some("roots.threshold"));
        assert_eq!(field(file(&[], 1)), Some("roots.keys"));
        assert_eq!(field(file(&[key(1), key(1)], 1)), Some("roots"));
        assert_eq!(field(file(&[[0; 32]], 1)), Some("roots"));
        let mut early = file(&[[0; 32]], 1);
        early.splice(early.len() - 4.., [0, 1, 0, 0]);
        assert_eq!(field(early), Some("roots"), "the roots come first");
    }

    #[test]
    fn nobody_is_provisioned_with_roots_that_ask_for_nothing() {
        let keys: Vec<_> = (1..=9).map(key).collect();
        assert!(provision(&keys[..8], 8).is_ok());
        assert_eq!(provision(&keys, 1), Err(ProvisionError::Count { found: 9 }));
        assert_eq!(provision(&[], 0), Err(ProvisionError::Count { found: 0 }));
        assert_eq!(provision(&keys[..1], 0), Err(ProvisionError::Threshold { threshold: 0, keys: 1 }));
        assert_eq!(provision(&keys[..1], 2), Err(ProvisionError::Threshold { threshold: 2, keys: 1 }));
        let kid = Kid::of(&key(1));
        assert_eq!(provision(&[key(1), key(1)], 2), Err(ProvisionError::DuplicateKey { kid }));
        let (kid, error) = (Kid::of(&[0; 32]), KeyError::SmallOrder);
        assert_eq!(provision(&[key(1), [0; 32]], 1), Err(ProvisionError::Key { kid, error }));
        let early = |floor| Provision::new([1; 8], Roots { threshold: 1, keys: vec![key(1)] }, floor).err();
        assert_eq!(early(1_577_836_799), Some(ProvisionError::Floor { floor: 1_577_836_799 }));
        assert_eq!(early(1_577_836_800), None);
    }
}

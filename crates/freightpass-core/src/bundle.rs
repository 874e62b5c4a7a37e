//! What travels to a scanner: a bundle of all that is in force, and the file with which a new scanner is provisioned.

use alloc::vec::Vec;
use core::fmt;

use minicbor::Encoder;
use sha2::{Digest, Sha256};

use crate::cbor::{Items, check};
use crate::key::{Kid, PublicKey};
use crate::limits::{BUNDLE_BYTES, BUNDLE_OBJECTS, CHAIN, MANIFEST_BYTES, OBJECT_BYTES, TRUST_BYTES};
use crate::malformed::{Fault, Malformed};
use crate::trust::Roots;
use crate::trust::read_roots;

const BUNDLE: u64 = 3;
const PROVISION: u64 = 4;

/// Bytes of a provisioning file at the most: eight roots take some three hundred.
const PROVISION_BYTES: usize = 512;

/// Everything that a scanner needs to come up to date, in the order in which it adopts it.
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
        let mut objects = Vec::new();
        for _ in 0..count {
            objects.push(items.bytes("bundle.objects", 0..=OBJECT_BYTES)?.to_vec());
        }
        Ok(Self { trust, manifest, objects })
    }
}

/// What a new scanner trusts: carried to it by hand, its fingerprint read aloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// The deployment.
    pub deployment: [u8; 8],
    /// Its root keys and their threshold.
    pub roots: Roots,
    /// No moment before it is the present, seconds since 1970.
    pub floor: u32,
}

impl Provision {
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
        for (index, key) in roots.keys.iter().enumerate() {
            PublicKey::from_bytes(key).map_err(|_| rule("every root is a canonical key of large order"))?;
            let kid = Kid::of(key);
            if roots.keys.iter().take(index).any(|other| Kid::of(other) == kid) {
                return Err(rule("every root stands once"));
            }
        }
        Ok(Self { deployment, roots, floor: items.time("floor")? })
    }

    /// The root keys, parsed; one that is no acceptable key signs nothing and is left out.
    pub fn root_keys(&self) -> Vec<PublicKey> {
        self.roots.keys.iter().filter_map(|key| PublicKey::from_bytes(key).ok()).collect()
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

/// A fingerprint that can be read aloud: eight groups of five digits.
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

    fn provision(keys: &[[u8; 32]], threshold: u8) -> Provision {
        let roots = Roots { threshold, keys: keys.to_vec() };
        Provision { deployment: [1; 8], roots, floor: 1_796_054_400 }
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
        let file = provision(&[key(1), key(2)], 2);
        assert_eq!(Provision::decode(&file.encode()), Ok(file.clone()));
        let spoken = file.fingerprint().to_string();
        assert_eq!(spoken.len(), 8 * 5 + 7);
        let digest: [u8; 32] = Sha256::digest(file.encode()).into();
        assert_eq!(file.fingerprint().0[0], u16::from_be_bytes([digest[0], digest[1]]));
        assert_eq!(file.fingerprint().0[7], u16::from_be_bytes([digest[14], digest[15]]));
    }

    #[test]
    fn provisioning_files_with_bad_roots_are_refused() {
        let field = |file: Provision| Provision::decode(&file.encode()).unwrap_err().fault.field();
        assert_eq!(field(provision(&[key(1)], 2)), Some("roots.threshold"));
        assert_eq!(field(provision(&[key(1)], 0)), Some("roots.threshold"));
        assert_eq!(field(provision(&[], 1)), Some("roots.keys"));
        assert_eq!(field(provision(&[key(1), key(1)], 1)), Some("roots"));
        assert_eq!(field(provision(&[[0; 32]], 1)), Some("roots"));
    }
}

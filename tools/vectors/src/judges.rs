//! Who judges a signature: ed25519-dalek's `verify_strict`, the core, the core with a key's table. They must agree.

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use freightpass_core::key::PublicKey;
use freightpass_core::warm::WarmKey;

use crate::edge::{self, EdgeKey};

/// The judges, each with one public key as it reads it; a judge that refuses the key refuses every signature under it.
pub struct Judges {
    public: [u8; 32],
    strict: Option<VerifyingKey>,
    ours: Option<(PublicKey, WarmKey)>,
}

impl Judges {
    /// The judges of the signatures of these 32 bytes.
    pub fn of(public: [u8; 32]) -> Self {
        let strict = VerifyingKey::from_bytes(&public).ok();
        let ours = PublicKey::from_bytes(&public).ok().map(|key| (key.clone(), WarmKey::of(&key)));
        Self { public, strict, ours }
    }

    /// Whether the signature is valid.
    ///
    /// # Panics
    /// Where the judges differ.
    pub fn valid(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let strictly = Signature::from_bytes(signature);
        let strict = self.strict.is_some_and(|key| key.verify_strict(message, &strictly).is_ok());
        let ours = self
            .ours
            .as_ref()
            .map_or([false; 2], |(key, warm)| [key.verifies(message, signature), warm.verifies(message, signature)]);
        assert_eq!(ours, [strict; 2], "key {:02x?}, message {message:02x?}, signature {signature:02x?}", self.public);
        strict
    }
}

/// Keys with and without a part of small order, and their judges: for whoever has bytes without end and no keys.
pub struct Ring(Vec<(EdgeKey, Judges)>);

impl Ring {
    /// Four owners, each with its key and the seven that are off by a point of small order.
    pub fn new() -> Self {
        let keys =
            (0..32u8).map(|number| EdgeKey::mixed(&SigningKey::from_bytes(&[number / 8; 32]), usize::from(number % 8)));
        Self(keys.map(|key| (key.clone(), Judges::of(key.public()))).collect())
    }

    /// Makes a signature in the way that `data` chooses, and has it judged: key, way, two choices, message. `None` where
    /// the data is too short.
    ///
    /// # Panics
    /// Where the judges differ, or say something else than the rule read point by point.
    pub fn judge(&self, data: &[u8]) -> Option<bool> {
        let [number, way, first, second, message @ ..] = data else {
            return None;
        };
        let (key, judges) = &self.0[usize::from(*number) % self.0.len()];
        let (first, second) = (usize::from(*first), usize::from(*second));
        let mut signature = key.sign_off_by(0, second as u64, message);
        match way % 6 {
            0 => signature = key.sign_off_by(first % 8, second as u64, message),
            1 => {
                let points = edge::small_order();
                signature = key.sign_without_nonce(points[first % points.len()], message);
            }
            2 => {
                let points = edge::beyond_p();
                signature[..32].copy_from_slice(&points[first % points.len()]);
            }
            3 => {
                for _ in 0..first % 16 {
                    let s = *signature.last_chunk().expect("half of a signature");
                    signature[32..].copy_from_slice(&edge::plus_l(&s).unwrap_or(s));
                }
            }
            4 => signature[first % 64] ^= second as u8,
            _ => signature.iter_mut().zip(message).for_each(|(to, byte)| *to = *byte),
        }
        let valid = judges.valid(message, &signature);
        assert_eq!(valid, key.rule_holds(&signature, message), "{data:02x?}");
        Some(valid)
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

//! The issuers of a trust list whose passes come again and again.
//!
//! A scanner on the road meets few of the authorities that it trusts, and nobody tells it which: it finds out. An
//! issuer gets a table once so many of its passes were valid that the table has been worth making, and the first ones
//! keep theirs as long as the list is in force. Clones of the list share them.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;

use crate::key::{Kid, PublicKey};
use crate::warm::WarmKey;

/// Issuers with a table: 2.5 MiB. A checkpoint sees the issuers of its region; four hundred tables would take 64 MiB.
const WARM_ISSUERS: usize = 16;

/// Valid passes after which an issuer gets its table: by then it would have saved on them what making it costs, so an
/// issuer who is seen no more has cost at most twice the least.
const PASSES_BEFORE: u32 = 24;

/// The tables of a list's issuers, and how often each issuer without one was met.
#[derive(Debug, Clone)]
pub(super) struct WarmIssuers(Arc<Met>);

#[derive(Debug)]
struct Met {
    /// Valid passes of each issuer. Invalid ones count for nothing, or a forger could choose who gets a table.
    passes: BTreeMap<Kid, AtomicU32>,
    /// Filled from the front.
    keys: [OnceLock<WarmKey>; WARM_ISSUERS],
}

impl WarmIssuers {
    /// No tables yet, for issuers of these names.
    pub fn of(kids: impl Iterator<Item = Kid>) -> Self {
        let passes = kids.map(|kid| (kid, AtomicU32::new(0))).collect();
        Self(Arc::new(Met { passes, keys: Default::default() }))
    }

    /// Whether `signature` over `message` is valid under an issuer's key, as [`PublicKey::verifies`] says.
    pub fn verifies(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        if let Some(warm) = self.0.warm(key.kid()) {
            return warm.verifies(message, signature);
        }
        let valid = key.verifies(message, signature);
        if valid {
            self.0.count(key);
        }
        valid
    }
}

impl Met {
    fn warm(&self, kid: Kid) -> Option<&WarmKey> {
        self.keys.iter().map_while(OnceLock::get).find(|warm| warm.kid() == kid)
    }

    fn count(&self, key: &PublicKey) {
        let before = self.passes.get(&key.kid()).map(|passes| passes.fetch_add(1, Ordering::Relaxed));
        if before == Some(PASSES_BEFORE - 1) {
            // The first place that is free, or is being filled for this key by another thread. Where there is none, all
            // stays as it is.
            self.keys.iter().any(|place| place.get_or_init(|| WarmKey::of(key)).kid() == key.kid());
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn issuers(count: u8) -> Vec<(SigningKey, PublicKey)> {
        let pair = |seed| {
            let key = SigningKey::from_bytes(&[seed; 32]);
            let public = PublicKey::from_bytes(key.verifying_key().as_bytes()).unwrap();
            (key, public)
        };
        (1..=count).map(pair).collect()
    }

    fn warm_issuers(issuers: &[(SigningKey, PublicKey)]) -> WarmIssuers {
        WarmIssuers::of(issuers.iter().map(|(_, public)| public.kid()))
    }

    fn meet(warm: &WarmIssuers, (key, public): &(SigningKey, PublicKey), times: u32) {
        let signature = key.sign(b"pass").to_bytes();
        for _ in 0..times {
            assert!(warm.verifies(public, b"pass", &signature));
            assert!(!warm.verifies(public, b"another", &signature));
        }
    }

    #[test]
    fn an_issuer_gets_a_table_with_its_last_pass_before_and_clones_have_it_too() {
        let issuers = issuers(2);
        let warm = warm_issuers(&issuers);
        let clone = warm.clone();
        meet(&warm, &issuers[0], PASSES_BEFORE - 1);
        assert!(warm.0.warm(issuers[0].1.kid()).is_none());
        meet(&warm, &issuers[0], 1);
        assert!(clone.0.warm(issuers[0].1.kid()).is_some());
        assert!(clone.0.warm(issuers[1].1.kid()).is_none());
        meet(&clone, &issuers[0], 2);
    }

    #[test]
    fn forged_passes_warm_nobody() {
        let issuers = issuers(1);
        let warm = warm_issuers(&issuers);
        for _ in 0..2 * PASSES_BEFORE {
            assert!(!warm.verifies(&issuers[0].1, b"pass", &[1; 64]));
        }
        assert!(warm.0.warm(issuers[0].1.kid()).is_none());
    }

    #[test]
    fn there_are_no_more_tables_than_places_and_the_rest_is_verified_all_the_same() {
        let issuers = issuers(WARM_ISSUERS as u8 + 1);
        let warm = warm_issuers(&issuers);
        for issuer in &issuers {
            meet(&warm, issuer, PASSES_BEFORE + 1);
        }
        let tables = issuers.iter().filter(|(_, public)| warm.0.warm(public.kid()).is_some()).count();
        assert_eq!(tables, WARM_ISSUERS);
        assert!(warm.0.warm(issuers[WARM_ISSUERS].1.kid()).is_none());
    }

    #[test]
    fn threads_that_meet_one_issuer_at_once_make_one_table() {
        let issuers = issuers(2);
        let warm = warm_issuers(&issuers);
        std::thread::scope(|scope| {
            for issuer in issuers.iter().chain(&issuers) {
                scope.spawn(|| meet(&warm, issuer, PASSES_BEFORE));
            }
        });
        assert_eq!(warm.0.keys.iter().filter(|place| place.get().is_some()).count(), 2);
    }
}

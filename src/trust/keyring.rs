//! What this service may sign at this moment: the keys it holds, as far as the trust list in force lets them.

use std::sync::Arc;

use freightpass_core::key::Kid;
use freightpass_core::trust::{ListedKey, TrustList};

use super::key_store::KeyStore;
use super::lists::TrustLists;
use crate::pass::{Signer, SignerError};

/// The keys of the authorities and of the status, under the trust list in force.
#[derive(Clone)]
pub struct Keyring {
    lists: Arc<TrustLists>,
    keys: Arc<KeyStore>,
}

impl Keyring {
    /// The keys of that store, under those lists.
    pub fn new(lists: Arc<TrustLists>, keys: Arc<KeyStore>) -> Self {
        Self { lists, keys }
    }

    /// Whether the private key is held here.
    pub fn holds(&self, kid: Kid) -> bool {
        self.keys.holds(kid)
    }

    /// Opens the key files that came into the folder since the start, so that the next list finds the keys that it names.
    pub async fn open_new_keys(&self) {
        let keys = Arc::clone(&self.keys);
        let Ok((opened, faults)) = tokio::task::spawn_blocking(move || keys.open_new()).await else {
            tracing::error!("reading new keys was stopped");
            return;
        };
        for kid in opened {
            tracing::info!(%kid, "a new key is held");
        }
        for error in faults {
            tracing::error!(%error, "a key file is not used");
        }
    }

    /// The key that signs a manifest issued at `t` (seconds since 1970) under `list`: good, in its window, held here; of
    /// several the one whose window began last. None: no such key.
    pub fn status_key(&self, list: &TrustList, t: u32) -> Option<Kid> {
        self.best(&list.content().status_keys, t)
    }

    /// The signature of `message` by a status key that `list` calls good.
    pub fn sign_status(&self, list: &TrustList, kid: Kid, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let good = list.status_key(kid).is_some_and(|(_, listed)| !listed.compromised);
        let signature = if good { self.keys.sign(kid, message) } else { None };
        signature.ok_or(SignerError::KeyUnavailable { kid })
    }

    fn best(&self, keys: &[ListedKey], t: u32) -> Option<Kid> {
        let fit = keys.iter().filter(|key| !key.compromised && key.covers(t) && self.keys.holds(key.kid()));
        fit.max_by_key(|key| (key.from, key.kid())).map(ListedKey::kid)
    }
}

impl Signer for Keyring {
    fn status_base(&self) -> Option<String> {
        Some(self.lists.current()?.list.content().status_base.clone())
    }

    fn key_for(&self, authority: &str, nbf: u32) -> Option<Kid> {
        let in_force = self.lists.current()?;
        self.best(&in_force.list.authority(authority)?.keys, nbf)
    }

    fn keys_in_use(&self, from: u32) -> Vec<Kid> {
        let Some(in_force) = self.lists.current() else {
            return Vec::new();
        };
        let keys = in_force.list.content().authorities.iter().flat_map(|authority| &authority.keys);
        let used = keys.filter(|key| !key.compromised && key.until > from && self.keys.holds(key.kid()));
        used.map(ListedKey::kid).collect()
    }

    fn sign(&self, kid: Kid, message: &[u8]) -> Result<[u8; 64], SignerError> {
        let in_force = self.lists.current().ok_or(SignerError::KeyUnavailable { kid })?;
        let good = in_force.list.issuer(kid).is_some_and(|holder| !holder.listed.compromised);
        let signature = if good { self.keys.sign(kid, message) } else { None };
        signature.ok_or(SignerError::KeyUnavailable { kid })
    }
}

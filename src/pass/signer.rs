//! The port through which a pass is signed: keys stay with the trust room (in files today, in an HSM later).

use std::error::Error;

use freightpass_core::key::Kid;

/// The keys of the authorities that this service signs for, and what the trust list in force says about them.
///
/// Every answer is for the list in force at the moment of the call and never waits for a disk or a network, except
/// [`Signer::sign`] with a key in an HSM.
pub trait Signer: Send + Sync {
    /// The status base URI of the trust list in force; a pass's status URI is this and then the number of its list
    /// in decimal. None while no trust list is adopted.
    fn status_base(&self) -> Option<String>;

    /// The key with which the authority of code `authority` signs a pass that begins at `nbf` (seconds since 1970):
    /// listed for it, not compromised, `from <= nbf < until`, its private half held here. Of several the one whose
    /// window began last. None: no such key.
    fn key_for(&self, authority: &str, nbf: u32) -> Option<Kid>;

    /// Every key that [`Signer::key_for`] can still give for some authority and some `nbf >= from`. The leases of all
    /// other keys may be closed.
    fn keys_in_use(&self, from: u32) -> Vec<Kid>;

    /// The Ed25519 signature (RFC 8032, no pre-hash) of `message` by the key of that kid.
    ///
    /// Signing the same message twice gives the same signature and changes nothing.
    ///
    /// # Errors
    /// [`SignerError::KeyUnavailable`] for a kid that is not held here or not listed as good any more: a key may go
    /// between [`Signer::key_for`] and this call. [`SignerError::Failed`] when the key store does not sign.
    fn sign(&self, kid: Kid, message: &[u8]) -> Result<[u8; 64], SignerError>;
}

/// Why a message was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The key is not held here, or not good any more.
    #[error("the key {kid} does not sign here")]
    KeyUnavailable {
        /// The key.
        kid: Kid,
    },
    /// The key store failed.
    #[error("the key {kid} did not sign")]
    Failed {
        /// The key.
        kid: Kid,
        /// What the store says, for the log.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

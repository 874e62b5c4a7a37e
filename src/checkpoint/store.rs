//! What publishing needs from the registry.

use async_trait::async_trait;
use jiff::Timestamp;

use super::publisher::Published;
use crate::audit::Call;
use crate::storage::StorageError;

/// A status list as the registry plans it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedList {
    /// The list.
    pub list: u32,
    /// Places that the next manifest publishes at the least.
    pub capacity: u32,
    /// Places below it are leased.
    pub leased_to: u32,
}

/// A manifest as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its seq.
    pub seq: u32,
    /// The seq of the status log up to which it speaks.
    pub log_seq: u64,
    /// The COSE_Sign1 bytes.
    pub object: Vec<u8>,
}

/// A manifest with everything that it names, ready to be stored.
#[derive(Debug, Clone)]
pub struct Publishing {
    /// What the answer says.
    pub published: Published,
    /// Sequence of the trust list that it names.
    pub trust_sequence: u32,
    /// The seq of the manifest that it was compared with, 0 for none: no other may have been stored since.
    pub after: u32,
    /// The COSE_Sign1 bytes.
    pub object: Vec<u8>,
    /// Each list that it names, and its n.
    pub lists: Vec<(u32, u32)>,
    /// Snapshots and deltas: name, list, bytes. Those that are stored already change nothing.
    pub objects: Vec<(String, u32, Vec<u8>)>,
    /// Names that the manifest needs: they are not cleared away however old they are.
    pub needed: Vec<String>,
    /// When it is stored.
    pub at: Timestamp,
}

/// Manifests and status objects in the registry.
#[async_trait]
pub trait PublicationStore: Send + Sync {
    /// The newest manifest; none before the first.
    async fn newest_manifest(&self) -> Result<Option<StoredManifest>, StorageError>;

    /// The least seq that the next manifest may have: 1, or what a restore left, beyond whatever was signed before it.
    async fn least_seq(&self) -> Result<u32, StorageError>;

    /// The snapshot `s/<state hash>` or delta `d/<base hash>/<state hash>` of that name, hashes in hexadecimal.
    async fn status_object(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// Every list from `oldest_list` on of which places are leased or published.
    async fn planned_lists(&self, oldest_list: u32) -> Result<Vec<PlannedList>, StorageError>;

    /// Stores a manifest and its objects, and says of each list that its n is published: from now on places below it
    /// are leased. What no scanner needs any more is cleared away. One transaction; `call` is the operator's, whose
    /// audit entry and answer are stored with it: for a call that was answered before nothing is stored, and the answer
    /// of that time is given.
    ///
    /// Errors: [`StorageError::Duplicate`] if another manifest was stored since the one it was compared with.
    async fn publish(&self, call: Option<&Call>, publishing: Publishing) -> Result<Published, StorageError>;
}

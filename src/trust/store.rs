//! What trust lists and survivors need from the registry.

use async_trait::async_trait;

use crate::audit::Call;
use crate::storage::StorageError;

/// A trust list as it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    /// Its sequence.
    pub sequence: u32,
    /// SHA-256 of its payload.
    pub hash: [u8; 32],
    /// The COSE_Sign object.
    pub object: Vec<u8>,
    /// Its roots or their threshold are not those of the list before it: every bundle carries it.
    pub changes_roots: bool,
}

/// How a deployment came to be. Whatever keys and PKI development made are good enough to try it, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeBy {
    /// The service itself, on its first start in development.
    Development,
    /// A ceremony, whose files were adopted.
    Ceremony,
}

/// A pass that a key signed: its place and its whole bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPlace {
    /// The list.
    pub list: u32,
    /// The place in it.
    pub idx: u32,
    /// The COSE_Sign1 bytes.
    pub token: Vec<u8>,
}

/// Trust lists and survivors sets in the registry. Nothing of them is ever changed or removed.
#[async_trait]
pub trait TrustStore: Send + Sync {
    /// The provisioning object by which the first list was adopted; none before it.
    async fn provision(&self) -> Result<Option<Vec<u8>>, StorageError>;

    /// How the first list came to be; none before it.
    async fn made_by(&self) -> Result<Option<MadeBy>, StorageError>;

    /// Every installed list, ascending.
    async fn trust_lists(&self) -> Result<Vec<StoredList>, StorageError>;

    /// Stores the provisioning object and the first list, which no officer brought, and how they came to be. One
    /// transaction.
    ///
    /// Errors: [`StorageError::Duplicate`] if a list is there.
    async fn found(
        &self,
        made_by: MadeBy,
        provision: &[u8],
        first: &StoredList,
        at: jiff::Timestamp,
    ) -> Result<(), StorageError>;

    /// Stores the next list, with its audit entry. One transaction; the same list again changes nothing.
    ///
    /// Errors: [`StorageError::Duplicate`] if another list has this sequence, or a higher one is installed.
    async fn install(&self, call: &Call, list: &StoredList) -> Result<(), StorageError>;

    /// At most `limit` passes that the key signed, behind the place `after`, in the order of list and index. Passes
    /// of lists before `oldest_list` are left out.
    async fn signed_by(
        &self,
        kid: [u8; 8],
        oldest_list: u32,
        after: Option<(u32, u32)>,
        limit: u32,
    ) -> Result<Vec<SignedPlace>, StorageError>;

    /// Keeps a survivors set under its hash, with its audit entry, and gives the hash that is kept: for a request
    /// that was answered before, the one of that time. One transaction.
    async fn keep_survivors(
        &self,
        call: &Call,
        kid: [u8; 8],
        hash: [u8; 32],
        object: &[u8],
        passes: u64,
    ) -> Result<super::Prepared, StorageError>;

    /// The survivors set of that hash.
    async fn survivors(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StorageError>;
}

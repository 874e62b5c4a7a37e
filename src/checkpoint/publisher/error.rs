//! Why nothing was signed.

use super::super::guard::Refusal;
use crate::storage::StorageError;
use crate::trust::TrustError;

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It would take something back, or no scanner would adopt it.
    #[error("nothing was signed: {0}")]
    Refused(#[from] Refusal),
    /// No trust list is in force.
    #[error("no trust list is in force")]
    NoTrust,
    /// No good status key whose window covers the present is held here.
    #[error("no status key that may sign at {at} (seconds since 1970) is held here")]
    KeyUnavailable {
        /// The present.
        at: u32,
    },
    /// What was signed last cannot be read back.
    #[error("the registry's own {object} does not read: {problem}; restore it from a backup")]
    Unreadable {
        /// Which object.
        object: String,
        /// What is wrong.
        problem: String,
    },
    /// Trust lists or survivors.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl PublishError {
    /// The stable name by which metrics count it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NoTrust => "no_trust",
            Self::KeyUnavailable { .. } => "key_unavailable",
            Self::Unreadable { .. } => "unreadable",
            Self::Trust(_) => "trust",
            Self::Storage(_) => "storage",
        }
    }
}

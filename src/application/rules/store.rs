//! What the rules of programmes need from the registry.

use async_trait::async_trait;
use serde::Serialize;

use super::{Asked, ProgrammeRules};
use crate::audit::Call;
use crate::storage::{Page, PageRequest, StorageError};

/// The rules of programmes in the registry.
#[async_trait]
pub trait ProgrammeStore: Send + Sync {
    /// Sets the rules of an authority for a programme in place of those before, with an audit entry that holds them
    /// whole, in one transaction. A call that was answered before changes nothing and gets the rules as they now stand.
    ///
    /// Errors: [`StorageError::RequestReused`].
    async fn set_rules(
        &self,
        call: &Call,
        authority: &str,
        programme: u16,
        asked: Asked,
    ) -> Result<ProgrammeRules, StorageError>;

    /// The rules of an authority for a programme; none if it has set none.
    async fn rules_of(&self, authority: &str, programme: u16) -> Result<Option<ProgrammeRules>, StorageError>;

    /// A page of the rules that match the filter, by authority and programme.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter.
    async fn rules(&self, filter: &RulesFilter, page: &PageRequest) -> Result<Page<ProgrammeRules>, StorageError>;
}

/// Which rules are asked for; what is none filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RulesFilter {
    /// Of this authority.
    pub authority: Option<String>,
    /// For this programme.
    pub programme: Option<u32>,
}

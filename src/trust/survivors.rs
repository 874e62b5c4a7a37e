//! Survivors: when a key is compromised, the passes that the registry knows to be its own work go on.

use freightpass_core::key::Kid;
use freightpass_core::limits::OBJECT_BYTES;
use freightpass_core::status::list_of;
use freightpass_core::survivors::{ENTRY_BYTES, Survivors};
use serde::{Deserialize, Serialize};

use super::lists::{TrustError, TrustLists};
use crate::audit::Call;
use crate::storage::StorageError;

/// Passes read at once: some 150 kB.
const BATCH: u32 = 500;

/// More passes than fit into one object, however they lie.
const TOO_MANY: usize = OBJECT_BYTES / ENTRY_BYTES;

/// A survivors set that is kept, for the next trust list to name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// SHA-256 of the object.
    pub hash: [u8; 32],
    /// Passes in it.
    pub passes: u64,
    /// Bytes of the object.
    pub size_bytes: u64,
}

impl TrustLists {
    /// Makes and keeps the survivors set of a key: every pass of it that has not expired, revoked ones too (the status
    /// speaks about those). Whoever has the key can issue no pass that is in it: the registry did not write it.
    ///
    /// Errors: [`TrustError::KeyUnknown`] for a key that signs for no authority; [`TrustError::SurvivorsTooLarge`].
    pub async fn prepare_survivors(&self, call: &Call, kid: Kid) -> Result<Prepared, TrustError> {
        let in_force = self.current().ok_or(TrustError::NoTrust)?;
        in_force.list.issuer(kid).ok_or(TrustError::KeyUnknown { kid })?;
        let seconds = u64::try_from(call.at.as_second()).unwrap_or(0);
        let oldest = list_of(seconds);
        let mut passes = Vec::new();
        let mut after = None;
        loop {
            let batch = self.store().signed_by(kid.0, oldest, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = Some((last.list, last.idx));
            passes.extend(batch);
            // Before all of them are in memory.
            if passes.len() > TOO_MANY {
                let passes = passes.len() as u64;
                return Err(TrustError::SurvivorsTooLarge { passes, size_bytes: passes * ENTRY_BYTES as u64 });
            }
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| StorageError::NoRandomness)?;
        let places = passes.iter().map(|pass| (pass.list, pass.idx, pass.token.as_slice()));
        let set = Survivors::of(kid, salt, places);
        let object = set.encode();
        if object.len() > OBJECT_BYTES {
            return Err(TrustError::SurvivorsTooLarge { passes: set.len() as u64, size_bytes: object.len() as u64 });
        }
        Ok(self.store().keep_survivors(call, kid.0, set.hash(), &object, set.len() as u64).await?)
    }
}

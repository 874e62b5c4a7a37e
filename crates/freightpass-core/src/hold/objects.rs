//! Adopting states and survivors: what the manifest and the trust list name by hash, and nothing else.

use crate::hold::{Adoption, AdoptionError, Held, HeldState};
use crate::manifest::ListEntry;
use crate::status::{self, Delta, Kind, Snapshot, State};
use crate::survivors::{self, Survivors};

impl Held {
    /// Adopts a snapshot, a delta or a survivors set, judged as docs/FORMAT.md, 2.4 and 2.5, says.
    ///
    /// # Errors
    /// [`AdoptionError`]; what was held is held still.
    pub fn adopt_object(&mut self, object: &[u8]) -> Result<Adoption, AdoptionError> {
        if survivors::is_survivors(object) {
            return self.adopt_survivors(object);
        }
        self.adopt_state(object)
    }

    fn adopt_state(&mut self, object: &[u8]) -> Result<Adoption, AdoptionError> {
        // Bytes are decoded only under a verified manifest, with its n.
        let head = status::peek(object).map_err(AdoptionError::Status)?;
        let manifest = self.manifest.as_ref().ok_or(AdoptionError::NoManifest)?;
        let list = head.list;
        let entry = *manifest.content.entry(list).ok_or(AdoptionError::ListUnknown { list })?;
        let kid = manifest.kid;
        if self.current_state(list).is_some() {
            return Ok(Adoption::Unchanged);
        }
        let state = match head.kind {
            Kind::Snapshot => Snapshot::decode(object, entry.n).map_err(AdoptionError::Status)?.into_state(),
            Kind::Delta => self.apply(object, &entry)?,
        };
        let hash = state.hash(self.deployment());
        if hash != entry.state {
            return Err(AdoptionError::WrongHash { list });
        }
        if let Some(held) = self.states.get(&list)
            && let Some(idx) = held.state.clears_revoked(&state)
        {
            return Err(AdoptionError::ClearsRevoked { list, idx });
        }
        self.states.insert(list, HeldState { state, hash, kid });
        Ok(Adoption::Adopted)
    }

    /// The state that a delta makes of the one held.
    fn apply(&self, object: &[u8], entry: &ListEntry) -> Result<State, AdoptionError> {
        let list = entry.list;
        let delta = Delta::decode(object, entry.n).map_err(AdoptionError::Status)?;
        let held = self.states.get(&list).ok_or(AdoptionError::WrongBase { list })?;
        if *delta.base() != held.hash {
            return Err(AdoptionError::WrongBase { list });
        }
        delta.apply_to_named(&held.state).map_err(AdoptionError::Status)
    }

    fn adopt_survivors(&mut self, object: &[u8]) -> Result<Adoption, AdoptionError> {
        let set = Survivors::decode(object)?;
        let kid = set.kid();
        let trust = self.trust().ok_or(AdoptionError::NoTrust)?;
        if trust.survivors(kid) != Some(&set.hash()) {
            return Err(AdoptionError::SurvivorsUnknown { kid });
        }
        Ok(match self.survivors.insert(kid, set) {
            Some(_) => Adoption::Unchanged,
            None => Adoption::Adopted,
        })
    }
}

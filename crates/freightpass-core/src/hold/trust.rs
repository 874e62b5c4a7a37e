//! Adopting a trust list: a higher sequence that satisfies the roots held and its own.

use crate::cose::Typ;
use crate::hold::{Adoption, AdoptionError, Held, HeldTrust};
use crate::key::Kid;
use crate::trust::{TrustList, UnverifiedTrustList, valid_cosignatures};

impl Held {
    /// Adopts a trust list (COSE_Sign), judged as docs/FORMAT.md, 2.2, says.
    ///
    /// # Errors
    /// [`AdoptionError`]; what was held is held still, but for the evidence that two lists of one sequence are.
    pub fn adopt_trust(&mut self, object: &[u8]) -> Result<Adoption, AdoptionError> {
        let unverified = UnverifiedTrustList::read(object)?;
        if unverified.typ() != Typ::Trust.value() {
            return Err(AdoptionError::WrongType { found: unverified.typ(), wanted: Typ::Trust.value() });
        }
        let read = unverified.read_list()?;
        let (sequence, held) = (read.content().sequence, self.trust());
        if read.content().deployment != *self.provision.deployment() {
            return Err(AdoptionError::OtherDeployment);
        }
        // A chain that begins before what is held is nothing to complain of, whoever signed its first lists.
        if let Some(held) = held {
            let held_sequence = held.content().sequence;
            if sequence < held_sequence {
                return Err(AdoptionError::RolledBack { found: (sequence, 0), held: (held_sequence, 0) });
            }
            if read.hash() == held.hash() {
                return Ok(Adoption::Unchanged);
            }
        }
        // No key of the list is looked at before the roots that are trusted have signed it.
        let (roots, threshold) = match held {
            Some(held) => (held.roots(), held.content().roots.threshold),
            None => (self.provision.root_keys(), self.provision.roots().threshold),
        };
        let valid = valid_cosignatures(&unverified, roots);
        meets(valid, threshold)?;
        let list = read.judged()?;
        // Roots seldom change, and the same keys have signed as before.
        let own = if list.roots() == roots { valid } else { valid_cosignatures(&unverified, list.roots()) };
        meets(own, list.content().roots.threshold)?;
        if let Some(held) = held {
            if sequence == held.content().sequence {
                self.trust_evidence = Some(sequence);
                return Err(AdoptionError::Equivocation { order: (sequence, 0) });
            }
            if list.content().status_base != held.content().status_base {
                return Err(AdoptionError::StatusBaseChanged);
            }
        }
        if let Some(kid) = self.compromised.iter().find(|kid| is_good(&list, **kid)) {
            return Err(AdoptionError::CompromisedRevived { kid: *kid });
        }
        self.put_in_force(list, object);
        Ok(Adoption::Adopted)
    }

    fn put_in_force(&mut self, list: TrustList, object: &[u8]) {
        let sequence = list.content().sequence;
        self.root_floor = self.root_floor.max(list.content().issued);
        self.compromised.extend(list.compromised());
        // What a stolen key said is forgotten: its floor, its order, its manifest and the states under it.
        self.records.retain(|kid, _| is_good_status_key(&list, *kid));
        self.manifest.take_if(|manifest| !is_good_status_key(&list, manifest.kid));
        self.states.retain(|_, state| is_good_status_key(&list, state.kid));
        self.survivors.retain(|kid, set| list.survivors(*kid) == Some(&set.hash()));
        self.trust_evidence = None;
        // A list above the sequence that the two manifests named settles what they disagreed about.
        self.evidence.retain(|kid, order| order.0 >= sequence && is_good_status_key(&list, *kid));
        if let Some(manifest) = &self.manifest
            && manifest.content.trust_sequence == sequence
            && manifest.content.trust_hash != *list.hash()
        {
            self.evidence.insert(manifest.kid, manifest.content.order());
        }
        self.trust = Some(HeldTrust { list, object: object.to_vec() });
    }
}

/// A list needs the threshold of the roots held (at first: provisioned), and its own.
fn meets(valid: usize, threshold: u8) -> Result<(), AdoptionError> {
    let threshold_met = valid >= usize::from(threshold);
    if threshold_met { Ok(()) } else { Err(AdoptionError::Threshold { valid, threshold }) }
}

/// Whether the list names `kid` and calls it good: as an authority's or a status key, or, which nobody can mark, as a
/// root.
fn is_good(list: &TrustList, kid: Kid) -> bool {
    list.issuer(kid).is_some_and(|holder| !holder.listed.compromised)
        || is_good_status_key(list, kid)
        || list.roots().iter().any(|root| root.kid() == kid)
}

/// A status key that the list does not name counts as compromised.
fn is_good_status_key(list: &TrustList, kid: Kid) -> bool {
    list.status_key(kid).is_some_and(|(_, listed)| !listed.compromised)
}

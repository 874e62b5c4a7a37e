//! Adopting a manifest: a higher order, by a good status key, that takes nothing back.

use crate::cose::{ALG_EDDSA, Typ};
use crate::hold::record::Record;
use crate::hold::{Adoption, AdoptionError, Held, HeldManifest};
use crate::manifest::{ManifestContent, UnverifiedManifest};
use crate::status::is_live;
use crate::trust::TrustList;

impl Held {
    /// Adopts a manifest (COSE_Sign1), judged as docs/FORMAT.md, 2.3, says.
    ///
    /// # Errors
    /// [`AdoptionError`]; what was held is held still, but for the evidence that two manifests of one order are.
    pub fn adopt_manifest(&mut self, object: &[u8]) -> Result<Adoption, AdoptionError> {
        let unverified = UnverifiedManifest::read(object)?;
        let trust = self.trust().ok_or(AdoptionError::NoTrust)?;
        let content = authentic(&unverified, trust)?;
        let (order, kid) = (content.order(), unverified.kid());
        let (held_sequence, held_hash) = (trust.content().sequence, *trust.hash());
        if order.0 < held_sequence {
            return Err(AdoptionError::RolledBack { found: order, held: (held_sequence, 0) });
        }
        // An old slip is settled by what came after it: were it evidence, it could be shown again for ever.
        if let Some(held) = self.order().filter(|held| order < *held) {
            return Err(AdoptionError::RolledBack { found: order, held });
        }
        if order.0 == held_sequence && content.trust_hash != held_hash {
            return Err(self.caught(&unverified, &content));
        }
        match self.order() {
            Some(held) if order == held => {
                let hash = unverified.hash();
                if !self.records.values().any(|record| record.order == order && record.hash == hash) {
                    return Err(self.caught(&unverified, &content));
                }
                if self.manifest.is_some() {
                    return Ok(Adoption::Unchanged);
                }
                // Another manifest was dropped with its compromised key; of those left this is the newest again.
            }
            _ => {}
        }
        self.takes_nothing_back(&content)?;
        let hash = unverified.hash();
        // A higher order settles every disagreement below it.
        self.evidence.retain(|_, caught| *caught >= order);
        let floor = self.records.get(&kid).map_or(0, |record| record.floor).max(content.issued);
        self.records.insert(kid, Record { order, hash, floor });
        self.states.retain(|list, _| content.entry(*list).is_some());
        self.manifest = Some(HeldManifest { content, kid, hash, object: object.to_vec() });
        Ok(Adoption::Adopted)
    }

    /// Keeps the evidence that a signer said two things at once.
    fn caught(&mut self, unverified: &UnverifiedManifest<'_>, content: &ManifestContent) -> AdoptionError {
        let order = content.order();
        let caught = self.evidence.entry(unverified.kid()).or_insert(order);
        *caught = order.max(*caught);
        AdoptionError::Equivocation { order }
    }

    /// Compared with the manifest held: no list that is live at the new one's `issued` is missing, none shrinks.
    fn takes_nothing_back(&self, content: &ManifestContent) -> Result<(), AdoptionError> {
        for held in self.manifest().into_iter().flat_map(|manifest| &manifest.lists) {
            match content.entry(held.list) {
                Some(entry) if entry.n < held.n => {
                    return Err(AdoptionError::Shrinks { list: held.list, held: held.n, found: entry.n });
                }
                None if is_live(held.list, content.issued.into()) => {
                    return Err(AdoptionError::LiveListOmitted { list: held.list });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The content of a manifest that a good status key of `trust` signed within its window.
fn authentic(unverified: &UnverifiedManifest<'_>, trust: &TrustList) -> Result<ManifestContent, AdoptionError> {
    let envelope = &unverified.envelope;
    if envelope.typ != Typ::Manifest.value() {
        return Err(AdoptionError::WrongType { found: envelope.typ, wanted: Typ::Manifest.value() });
    }
    if envelope.alg != i128::from(ALG_EDDSA) {
        return Err(AdoptionError::WrongAlg { found: envelope.alg });
    }
    let (content, newer) = unverified.read_content()?;
    let kid = envelope.kid;
    let (key, listed) = trust.status_key(kid).ok_or(AdoptionError::KeyUnknown { kid })?;
    if listed.compromised {
        return Err(AdoptionError::KeyCompromised { kid });
    }
    if !key.verifies(&envelope.message(), &envelope.signature) {
        return Err(AdoptionError::BadSignature { kid });
    }
    if let Some(newer) = newer {
        return Err(AdoptionError::Newer { key: newer.key });
    }
    if content.deployment != trust.content().deployment {
        return Err(AdoptionError::OtherDeployment);
    }
    let until = listed.until.min(trust.content().expires);
    if content.issued < listed.from || content.issued >= until {
        return Err(AdoptionError::KeyWindow { issued: content.issued, from: listed.from, until });
    }
    Ok(content)
}

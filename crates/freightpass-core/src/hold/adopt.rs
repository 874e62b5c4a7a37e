//! Adopting a bundle: its parts one by one, trust first; a rejected part stops no other.

use alloc::vec::Vec;

use crate::bundle::Bundle;
use crate::hold::{AdoptionError, Held};
use crate::malformed::Malformed;

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// It is in force now.
    Adopted,
    /// It is what was held already.
    Unchanged,
}

/// A part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The trust list at this place of the chain.
    Trust(usize),
    /// The manifest.
    Manifest,
    /// The object at this place.
    Object(usize),
}

/// A part and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartResult {
    /// The part.
    pub part: Part,
    /// What became of it.
    pub outcome: Result<Adoption, AdoptionError>,
}

impl Held {
    /// Adopts what it can of a bundle.
    ///
    /// # Errors
    /// [`Malformed`] when the bundle cannot be taken apart; then nothing has changed. What becomes of its parts is in
    /// the results, in the order in which they were tried.
    pub fn adopt_bundle(&mut self, bytes: &[u8]) -> Result<Vec<PartResult>, Malformed> {
        let bundle = Bundle::decode(bytes)?;
        let mut results = Vec::with_capacity(bundle.trust.len() + 1 + bundle.objects.len());
        for (at, list) in bundle.trust.iter().enumerate() {
            results.push(PartResult { part: Part::Trust(at), outcome: self.adopt_trust(list) });
        }
        results.push(PartResult { part: Part::Manifest, outcome: self.adopt_manifest(&bundle.manifest) });
        for (at, object) in bundle.objects.iter().enumerate() {
            results.push(PartResult { part: Part::Object(at), outcome: self.adopt_object(object) });
        }
        Ok(results)
    }
}

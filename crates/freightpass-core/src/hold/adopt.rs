//! Adopting a bundle: its parts one by one, trust first; a rejected part stops no other.

use alloc::vec::{self, Vec};
use core::{fmt, slice};

use thiserror::Error;

use crate::bundle::Bundle;
use crate::hold::{AdoptionError, Held};
use crate::malformed::Malformed;

/// What became of a part that was not rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// It is in force now.
    Adopted,
    /// It is what was held already.
    Unchanged,
}

/// A part of a bundle, by its place among those of its kind, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The trust list at this place of the chain.
    Trust(usize),
    /// The manifest.
    Manifest,
    /// The snapshot, delta or survivors set at this place.
    Object(usize),
}

impl fmt::Display for Part {
    /// As it is counted in words, from 1: `trust list 1`, `manifest`, `object 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Trust(at) => write!(f, "trust list {}", at + 1),
            Part::Manifest => f.write_str("manifest"),
            Part::Object(at) => write!(f, "object {}", at + 1),
        }
    }
}

/// A part and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartResult {
    /// The part.
    pub part: Part,
    /// What became of it.
    pub outcome: Result<Adoption, AdoptionError>,
}

/// A part that was not adopted, and why; what was held before is held still.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{part}: {error}")]
pub struct Rejected {
    /// The part.
    pub part: Part,
    /// Why.
    #[source]
    pub error: AdoptionError,
}

/// What became of each part of a bundle, in the order in which they were tried.
///
/// A rejected part stops no other, so a bundle that was taken apart may still have changed nothing: whoever ignores the
/// rejections judges by old data and does not know why.
#[must_use = "a part may have been rejected"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(Vec<PartResult>);

impl Parts {
    /// The parts with what became of them.
    pub fn iter(&self) -> slice::Iter<'_, PartResult> {
        self.0.iter()
    }

    /// The parts that were not adopted and should have been, with the reasons.
    ///
    /// Left out are trust lists of the chain that were rolled back, or lack the threshold of the roots held, before one
    /// that is in force now: a chain begins before what a scanner holds, or before the roots that it was provisioned
    /// with (docs/FORMAT.md, 2.2). The newest list of a bundle is no such link.
    pub fn rejected(&self) -> impl Iterator<Item = Rejected> + '_ {
        let counts = |at: usize, result: &PartResult| {
            let error = result.outcome.as_ref().err()?;
            let error = (!self.is_passed_over(at)).then(|| error.clone())?;
            Some(Rejected { part: result.part, error })
        };
        self.0.iter().enumerate().filter_map(move |(at, result)| counts(at, result))
    }

    /// The first of [`Parts::rejected`] as an error, for a caller that only wants to know whether the bundle counts now.
    ///
    /// # Errors
    /// [`Rejected`]; the other parts were adopted all the same.
    pub fn all_adopted(self) -> Result<(), Rejected> {
        self.rejected().next().map_or(Ok(()), Err)
    }

    fn is_passed_over(&self, at: usize) -> bool {
        let is_older = |result: &PartResult| {
            matches!(result.outcome, Err(AdoptionError::RolledBack { .. } | AdoptionError::Threshold { .. }))
        };
        let mut chain = self.0.iter().skip(at).take_while(|result| matches!(result.part, Part::Trust(_)));
        chain.find(|result| !is_older(result)).is_some_and(|result| result.outcome.is_ok())
    }
}

impl IntoIterator for Parts {
    type Item = PartResult;
    type IntoIter = vec::IntoIter<PartResult>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'p> IntoIterator for &'p Parts {
    type Item = &'p PartResult;
    type IntoIter = slice::Iter<'p, PartResult>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Held {
    /// Adopts what it can of a bundle (docs/FORMAT.md, section 2): its trust lists in their order, then the manifest,
    /// then the objects.
    ///
    /// # Errors
    /// [`Malformed`] when the bundle cannot be taken apart; then nothing has changed. What becomes of its parts is in
    /// the result.
    pub fn adopt_bundle(&mut self, bytes: &[u8]) -> Result<Parts, Malformed> {
        let bundle = Bundle::decode(bytes)?;
        let mut results = Vec::with_capacity(bundle.trust.len() + 1 + bundle.objects.len());
        for (at, list) in bundle.trust.iter().enumerate() {
            results.push(PartResult { part: Part::Trust(at), outcome: self.adopt_trust(list) });
        }
        results.push(PartResult { part: Part::Manifest, outcome: self.adopt_manifest(&bundle.manifest) });
        for (at, object) in bundle.objects.iter().enumerate() {
            results.push(PartResult { part: Part::Object(at), outcome: self.adopt_object(object) });
        }
        Ok(Parts(results))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const OLDER: Result<Adoption, AdoptionError> = Err(AdoptionError::RolledBack { found: (1, 0), held: (3, 0) });
    const UNSIGNED: Result<Adoption, AdoptionError> = Err(AdoptionError::Threshold { valid: 0, threshold: 2 });
    const ADOPTED: Result<Adoption, AdoptionError> = Ok(Adoption::Adopted);

    fn rejected(chain: &[Result<Adoption, AdoptionError>], manifest: Result<Adoption, AdoptionError>) -> Vec<Part> {
        let link =
            |(at, outcome): (usize, &Result<_, _>)| PartResult { part: Part::Trust(at), outcome: outcome.clone() };
        let mut parts: Vec<PartResult> = chain.iter().enumerate().map(link).collect();
        parts.push(PartResult { part: Part::Manifest, outcome: manifest });
        Parts(parts).rejected().map(|rejected| rejected.part).collect()
    }

    #[test]
    fn a_chain_that_begins_before_what_is_held_is_no_complaint() {
        let unchanged = Ok(Adoption::Unchanged);
        assert_eq!(rejected(&[OLDER, UNSIGNED, unchanged], ADOPTED), []);
        assert_eq!(rejected(&[ADOPTED], OLDER), [Part::Manifest]);
        assert_eq!(rejected(&[OLDER], ADOPTED), [Part::Trust(0)], "the newest list is no link");
        assert_eq!(rejected(&[ADOPTED, OLDER, UNSIGNED], ADOPTED), [Part::Trust(1), Part::Trust(2)]);
        let other = Err(AdoptionError::OtherDeployment);
        assert_eq!(rejected(&[OLDER, other.clone(), ADOPTED], other), [Part::Trust(0), Part::Trust(1), Part::Manifest]);
    }

    #[test]
    fn a_rejected_part_is_told_as_it_is_counted_in_words() {
        use alloc::string::ToString;
        let rejected = Rejected { part: Part::Object(2), error: AdoptionError::NoManifest };
        assert_eq!(rejected.to_string(), "object 3: no manifest is held");
        let rejected = Parts(vec![PartResult { part: Part::Trust(0), outcome: UNSIGNED }]).all_adopted().unwrap_err();
        assert_eq!(rejected.to_string(), "trust list 1: 0 valid root signatures, 2 needed");
    }
}

//! Rules as they were sent, and what is wrong with them.

use super::{Asked, EvidenceRule, Subject};
use crate::application::form::EvidenceKind;
use crate::problem::{FieldProblem, Problems};
use crate::words;

/// Rules of one programme: every kind about every subject is more than anybody asks for.
const MAX_RULES: usize = 16;
/// Issuers of one rule.
const MAX_ISSUERS: usize = 16;
/// Bytes of an issuer's name, as in evidence.
const MAX_ISSUER_BYTES: usize = 120;
/// Evidence counts for a year at most, in seconds: a longer limit would limit nothing.
const MAX_AGE_S: u32 = 366 * 86_400;

/// Rules as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftAsked {
    /// Evidence that must be there.
    pub evidence: Vec<DraftRule>,
    /// Whether a county must speak for it.
    pub recommendation_required: bool,
}

/// A rule as it was sent. What the sender left out, or chose outside the enumeration, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftRule {
    /// The kind of paper.
    pub kind: Option<EvidenceKind>,
    /// About whom or what.
    pub subject: Option<Subject>,
    /// The oldest that counts, in seconds.
    pub max_age_s: Option<i64>,
    /// Who may have made it.
    pub issuers: Vec<String>,
}

impl DraftAsked {
    /// The rules, or everything that is wrong with them.
    pub fn check(&self) -> Result<Asked, Vec<FieldProblem>> {
        let mut found = Problems::default();
        if self.evidence.len() > MAX_RULES {
            found.add("evidence", "too_many", format!("{} rules; at most {MAX_RULES}", self.evidence.len()));
            return Err(found.into_vec());
        }
        let mut rules: Vec<EvidenceRule> = Vec::with_capacity(self.evidence.len());
        for (at, sent) in self.evidence.iter().enumerate() {
            let path = |field: &str| format!("evidence[{at}].{field}");
            let Some(rule) = sent.check(&path, &mut found) else { continue };
            if rules.iter().any(|other| (other.kind, other.subject) == (rule.kind, rule.subject)) {
                found.add(path("kind"), "repeated", "there is a rule for this kind and subject already");
            }
            rules.push(rule);
        }
        if !found.is_empty() {
            return Err(found.into_vec());
        }
        Ok(Asked { evidence: rules, recommendation_required: self.recommendation_required })
    }
}

impl DraftRule {
    fn check(&self, path: &dyn Fn(&str) -> String, found: &mut Problems) -> Option<EvidenceRule> {
        let kind = found.chosen(path("kind"), self.kind, "name the kind of the evidence");
        let subject = found.chosen(path("subject"), self.subject, "say about whom or what it must be");
        let max_age_s = self.max_age_s.map(|seconds| {
            let seconds = u32::try_from(seconds).ok().filter(|seconds| (1..=MAX_AGE_S).contains(seconds));
            if seconds.is_none() {
                found.add(path("max_age"), "out_of_range", format!("1 to {MAX_AGE_S} whole seconds are allowed"));
            }
            seconds.unwrap_or_default()
        });
        if self.issuers.len() > MAX_ISSUERS {
            found.add(path("issuers"), "too_many", format!("{} issuers; at most {MAX_ISSUERS}", self.issuers.len()));
            return None;
        }
        let issuer = |(at, text): (usize, &String)| {
            found.keep(words::required(&path(&format!("issuers[{at}]")), text, MAX_ISSUER_BYTES))
        };
        let issuers = self.issuers.iter().enumerate().filter_map(issuer).collect();
        Some(EvidenceRule { kind: kind?, subject: subject?, max_age_s, issuers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(change: impl FnOnce(&mut DraftAsked)) -> Vec<(String, String)> {
        let rule = DraftRule {
            kind: Some(EvidenceKind::NucleicAcidTest),
            subject: Some(Subject::Person),
            max_age_s: Some(172_800),
            issuers: vec![" 苏州医学检验所 ".to_owned()],
        };
        let mut draft = DraftAsked { evidence: vec![rule], recommendation_required: true };
        change(&mut draft);
        match draft.check() {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|it| (it.field, it.rule.into_owned())).collect(),
        }
    }

    fn refused(change: impl FnOnce(&mut DraftAsked), field: &str, rule: &str) {
        assert_eq!(problems(change), [(field.to_owned(), rule.to_owned())]);
    }

    #[test]
    fn rules_hold_at_their_bounds() {
        assert_eq!(problems(|_| {}), []);
        assert_eq!(problems(|it| it.evidence.clear()), []);
        refused(|it| it.evidence = vec![it.evidence[0].clone(); 17], "evidence", "too_many");
        refused(|it| it.evidence.push(it.evidence[0].clone()), "evidence[1].kind", "repeated");
        refused(|it| it.evidence[0].kind = None, "evidence[0].kind", "missing");
        refused(|it| it.evidence[0].subject = None, "evidence[0].subject", "missing");
        for seconds in [0, -1, i64::from(MAX_AGE_S) + 1, i64::MAX] {
            refused(|it| it.evidence[0].max_age_s = Some(seconds), "evidence[0].max_age", "out_of_range");
        }
        for seconds in [None, Some(1), Some(i64::from(MAX_AGE_S))] {
            assert_eq!(problems(|it| it.evidence[0].max_age_s = seconds), []);
        }
        refused(|it| it.evidence[0].issuers.push("  ".to_owned()), "evidence[0].issuers[1]", "missing");
        refused(|it| it.evidence[0].issuers = vec!["a".to_owned(); 17], "evidence[0].issuers", "too_many");
    }
}

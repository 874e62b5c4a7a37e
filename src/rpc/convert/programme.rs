//! Rules of programmes.

use super::time;
use crate::application::EvidenceKind;
use crate::application::rules::{DraftAsked, DraftRule, EvidenceRule, ProgrammeRules, Subject};
use crate::rpc::proto;

/// Rules as they were sent. A longest age with a fraction of a second is no age.
pub fn asked(evidence: Vec<proto::EvidenceRule>, recommendation_required: bool) -> DraftAsked {
    DraftAsked { evidence: evidence.into_iter().map(draft).collect(), recommendation_required }
}

fn draft(rule: proto::EvidenceRule) -> DraftRule {
    DraftRule {
        kind: EvidenceKind::by_number(rule.kind.into()),
        subject: Subject::by_number(rule.subject.into()),
        max_age_s: rule.max_age.map(|span| if span.nanos == 0 { span.seconds } else { -1 }),
        issuers: rule.issuers,
    }
}

/// Rules as they stand.
pub fn programme_rules(rules: ProgrammeRules) -> proto::ProgrammeRules {
    proto::ProgrammeRules {
        authority: rules.authority,
        programme: rules.programme.into(),
        evidence: rules.asked.evidence.into_iter().map(rule).collect(),
        recommendation_required: rules.asked.recommendation_required,
        version: rules.version,
        body: rules.body,
        officer: rules.officer,
        change_time: Some(time(rules.changed_at)),
    }
}

fn rule(rule: EvidenceRule) -> proto::EvidenceRule {
    proto::EvidenceRule {
        kind: rule.kind.number().into(),
        subject: rule.subject.number().into(),
        max_age: rule.max_age_s.map(|seconds| prost_types::Duration { seconds: seconds.into(), nanos: 0 }),
        issuers: rule.issuers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_one_numbering() {
        for number in (0..=4).chain([255]) {
            let there = proto::EvidenceSubject::try_from(number).is_ok() && number != 0;
            assert_eq!(there, Subject::by_number(number.into()).is_some(), "{number}");
        }
    }
}

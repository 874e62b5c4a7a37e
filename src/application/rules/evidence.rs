//! Whether the evidence of an application satisfies the rules at the moment when the journey begins.
//!
//! For each rule and each subject of it (each person on board, the vehicle, the cargo) one piece must satisfy all of:
//! the kind; about the subject; made by one of the issuers, if the rule names any; taken at most `max_age_s` before the
//! start (of exactly this age counts); still valid at the start (`taken + valid_for_s` is the first second at which it
//! is not). A piece that is about nobody in particular counts for one person who has none of their own: tables of
//! enterprises name papers, not whose they are. Of several pieces that do not satisfy a rule, the one that was taken last
//! is told of: it is the one that was meant.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Asked, EvidenceRule, Subject};
use crate::application::form::{Evidence, EvidenceKind};
use crate::clock;
use crate::problem::FieldProblem;

impl Asked {
    /// Every rule that is not satisfied when the journey of `people` people begins at the second `start`; empty if all
    /// are. In the order of the rules, and of the people.
    pub fn unmet(&self, evidence: &[Evidence], people: usize, start: u64) -> Vec<Unmet> {
        self.evidence.iter().flat_map(|rule| rule.unmet(evidence, people, start)).collect()
    }
}

/// A rule that is not satisfied. It stands in stored answers, and so holds nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// The kind of paper that is asked for.
    pub kind: EvidenceKind,
    /// About whom or what.
    pub subject: Subject,
    /// Which person, the driver is 1; none where the rule is not about people.
    pub person: Option<usize>,
    /// The piece that comes nearest, by its place in the form; none where there is none of the kind.
    pub piece: Option<usize>,
    /// What it lacks.
    pub shortfall: Shortfall,
}

/// What a piece of evidence lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// There is none of the kind about the subject.
    Missing,
    /// It was made by somebody whom the rule does not name.
    Issuer,
    /// It was taken too long before the start.
    TooOld {
        /// How long before, in seconds.
        age_s: u64,
        /// How long it may be, in seconds.
        limit_s: u32,
    },
    /// It does not count any more when the journey begins.
    Over {
        /// The first second at which it does not, since 1970.
        until: u64,
        /// The start, seconds since 1970.
        start: u64,
    },
}

impl Shortfall {
    /// The stable code of the rule.
    pub const fn code(self) -> &'static str {
        match self {
            Shortfall::Missing => "evidence_missing",
            Shortfall::Issuer => "evidence_issuer",
            Shortfall::TooOld { .. } => "evidence_too_old",
            Shortfall::Over { .. } => "evidence_over",
        }
    }

    /// The limit and the value found, where the rule compares two.
    pub const fn limit_and_found(self) -> Option<(u64, u64)> {
        match self {
            Shortfall::Missing | Shortfall::Issuer => None,
            Shortfall::TooOld { age_s, limit_s } => Some((limit_s as u64, age_s)),
            Shortfall::Over { until, start } => Some((until, start)),
        }
    }
}

impl Unmet {
    /// The field at fault, as the form names it.
    pub fn field(&self) -> String {
        let Some(at) = self.piece else { return "evidence".to_owned() };
        let field = match self.shortfall {
            Shortfall::Missing => "kind",
            Shortfall::Issuer => "issuer",
            Shortfall::TooOld { .. } => "taken_time",
            Shortfall::Over { .. } => "valid_for",
        };
        format!("evidence[{at}].{field}")
    }

    /// The same as a problem of the form.
    pub fn problem(&self) -> FieldProblem {
        FieldProblem::new(self.field(), self.shortfall.code(), self.to_string())
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.name();
        match self.person {
            Some(person) => write!(f, "the programme asks for {kind} about person {person} of the crew: ")?,
            None if self.subject == Subject::Vehicle => write!(f, "the programme asks for {kind} about the vehicle: ")?,
            None => write!(f, "the programme asks for {kind} about the cargo: ")?,
        }
        match self.shortfall {
            Shortfall::Missing => f.write_str("there is none"),
            Shortfall::Issuer => f.write_str("its issuer is none of those that the rule names"),
            Shortfall::TooOld { age_s, limit_s } => {
                write!(f, "taken {age_s} s before the start, at most {limit_s} s are allowed")
            }
            Shortfall::Over { until, start } => {
                write!(f, "it counts until {}, the journey begins at {}", clock::told(until), clock::told(start))
            }
        }
    }
}

impl EvidenceRule {
    fn unmet(&self, evidence: &[Evidence], people: usize, start: u64) -> Vec<Unmet> {
        let pieces: Vec<_> = evidence
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.kind == self.kind)
            .map(|(at, piece)| (at, piece, self.shortfall(piece, start)))
            .collect();
        let good = |person: Option<usize>| {
            let about = move |piece: &Evidence| person.is_none_or(|person| usize::from(piece.person) == person);
            pieces.iter().filter(|(_, piece, shortfall)| shortfall.is_none() && about(piece)).count()
        };
        let told = |person: Option<usize>| {
            let meant = |piece: &Evidence| person.is_none_or(|person| [0, person].contains(&piece.person.into()));
            let short = pieces.iter().filter_map(|(at, piece, short)| short.map(|short| (*at, *piece, short)));
            let nearest = short
                .filter(|(_, piece, _)| meant(piece))
                .max_by_key(|(_, piece, _)| (self.names(&piece.issuer), piece.taken));
            let piece = nearest.map(|(at, ..)| at);
            let shortfall = nearest.map_or(Shortfall::Missing, |(.., shortfall)| shortfall);
            Unmet { kind: self.kind, subject: self.subject, person, piece, shortfall }
        };
        match self.subject {
            Subject::Vehicle | Subject::Cargo if good(None) > 0 => Vec::new(),
            Subject::Vehicle | Subject::Cargo => vec![told(None)],
            Subject::Person => {
                let without = (1..=people).filter(|person| good(Some(*person)) == 0);
                without.skip(good(Some(0))).map(|person| told(Some(person))).collect()
            }
        }
    }

    fn shortfall(&self, piece: &Evidence, start: u64) -> Option<Shortfall> {
        if !self.names(&piece.issuer) {
            return Some(Shortfall::Issuer);
        }
        let age_s = start.saturating_sub(piece.taken);
        if let Some(limit_s) = self.max_age_s.filter(|limit_s| age_s > u64::from(*limit_s)) {
            return Some(Shortfall::TooOld { age_s, limit_s });
        }
        let until = piece.taken.saturating_add(piece.valid_for_s.into());
        (until <= start).then_some(Shortfall::Over { until, start })
    }

    fn names(&self, issuer: &str) -> bool {
        self.issuers.is_empty() || self.issuers.iter().any(|named| named == issuer)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const START: u64 = 1_796_054_400;
    const HOUR: u64 = 3_600;
    const LIMIT: u32 = 48 * 3_600;

    fn test(taken: u64, person: u8) -> Evidence {
        Evidence {
            kind: EvidenceKind::NucleicAcidTest,
            taken,
            valid_for_s: 72 * 3_600,
            issuer: "苏州医学检验所".to_owned(),
            person,
        }
    }

    fn rule(subject: Subject) -> EvidenceRule {
        EvidenceRule { kind: EvidenceKind::NucleicAcidTest, subject, max_age_s: Some(LIMIT), issuers: Vec::new() }
    }

    fn asked(rule: EvidenceRule) -> Asked {
        Asked { evidence: vec![rule], recommendation_required: false }
    }

    #[rstest]
    #[case::a_second_younger(u64::from(LIMIT) - 1, None)]
    #[case::of_exactly_the_limit(u64::from(LIMIT), None)]
    #[case::a_second_older(u64::from(LIMIT) + 1, Some(Shortfall::TooOld { age_s: u64::from(LIMIT) + 1, limit_s: LIMIT }))]
    fn age_at_the_start_holds_at_its_bounds(#[case] age: u64, #[case] wanted: Option<Shortfall>) {
        let unmet = asked(rule(Subject::Person)).unmet(&[test(START - age, 0)], 1, START);
        assert_eq!(unmet.first().map(|unmet| unmet.shortfall), wanted);
        assert!(wanted.is_none() || unmet[0].field() == "evidence[0].taken_time");
    }

    #[rstest]
    #[case::over_a_second_after_the_start(START + 1, None)]
    #[case::over_at_the_start(START, Some(Shortfall::Over { until: START, start: START }))]
    #[case::over_a_second_before_the_start(START - 1, Some(Shortfall::Over { until: START - 1, start: START }))]
    fn span_of_a_paper_is_half_open(#[case] until: u64, #[case] wanted: Option<Shortfall>) {
        let piece = Evidence { valid_for_s: u32::try_from(HOUR).unwrap(), ..test(until - HOUR, 0) };
        let unmet = asked(rule(Subject::Vehicle)).unmet(&[piece], 2, START);
        assert_eq!(unmet.first().map(|unmet| unmet.shortfall), wanted);
        assert!(wanted.is_none() || unmet[0].field() == "evidence[0].valid_for");
    }

    #[test]
    fn each_person_needs_a_piece_of_their_own() {
        let rules = asked(rule(Subject::Person));
        let who = |evidence: &[Evidence], people| {
            rules.unmet(evidence, people, START).iter().map(|unmet| unmet.person).collect::<Vec<_>>()
        };
        let good = START - HOUR;
        assert_eq!(who(&[], 2), [Some(1), Some(2)]);
        assert_eq!(who(&[test(good, 1)], 2), [Some(2)]);
        assert_eq!(who(&[test(good, 1), test(good, 2)], 2), []);
        // Two tests of one person are none of the other; one of nobody in particular is one person's.
        assert_eq!(who(&[test(good, 2), test(good, 2)], 2), [Some(1)]);
        assert_eq!(who(&[test(good, 0)], 1), []);
        assert_eq!(who(&[test(good, 0)], 2), [Some(2)]);
        assert_eq!(who(&[test(good, 0), test(good, 0)], 2), []);
        assert_eq!(who(&[test(good, 0), test(good, 1)], 2), []);
        assert_eq!(who(&[test(good, 0), test(good, 1)], 3), [Some(3)]);
        assert_eq!(rules.unmet(&[test(good, 0)], 2, START)[0].field(), "evidence");
    }

    #[test]
    fn issuers_are_compared_whole_and_the_newest_piece_is_told_of() {
        let rules = asked(EvidenceRule { issuers: vec!["苏州医学检验所".to_owned()], ..rule(Subject::Person) });
        let stranger = Evidence { issuer: "苏州医学检验所二部".to_owned(), ..test(START - HOUR, 0) };
        let unmet = rules.unmet(std::slice::from_ref(&stranger), 1, START);
        assert_eq!((unmet[0].shortfall, unmet[0].field()), (Shortfall::Issuer, "evidence[0].issuer".to_owned()));
        let (old, older) = (test(START - 50 * HOUR, 0), test(START - 60 * HOUR, 0));
        let unmet = rules.unmet(&[older, stranger.clone(), old], 1, START);
        assert_eq!((unmet.len(), unmet[0].piece), (1, Some(2)));
        let unmet = rules.unmet(&[stranger, test(START - HOUR, 0)], 1, START);
        assert_eq!(unmet, []);
    }

    #[test]
    fn refusal_names_paper_rule_limit_and_value() {
        let unmet = asked(rule(Subject::Person)).unmet(&[test(START - 50 * HOUR, 2)], 2, START);
        assert_eq!(unmet.len(), 2);
        assert_eq!(
            unmet[0].problem().to_string(),
            "evidence: the programme asks for nucleic_acid_test about person 1 of the crew: there is none \
             (evidence_missing)"
        );
        assert_eq!(
            unmet[1].problem().to_string(),
            "evidence[0].taken_time: the programme asks for nucleic_acid_test about person 2 of the crew: taken 180000 s \
             before the start, at most 172800 s are allowed (evidence_too_old)"
        );
        assert_eq!(unmet[1].shortfall.limit_and_found(), Some((172_800, 180_000)));
    }

    #[test]
    fn nothing_is_asked_for_by_default() {
        assert_eq!(Asked::default().unmet(&[], 3, START), []);
    }
}

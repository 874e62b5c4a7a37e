//! Values of the protocol's enumerations on the command line: as they are typed (`false-statement`), and as they are
//! told, in both languages. The words stand in messages/, the names come from the protocol.

use std::sync::OnceLock;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use unicode_normalization::UnicodeNormalization;

use crate::messages::{self, Language};
use crate::rpc::proto;
use crate::whitelist::Category;

/// An enumeration whose values people choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the enumerations in proto")]
pub enum Term {
    ApplicationState,
    EnterpriseState,
    RejectionReason,
    StatusAction,
    StatusReason,
    PaperKind,
    EvidenceKind,
    EvidenceSubject,
    ArrivalState,
    Category,
}

/// The largest number of a value: enumerations of the protocol are numbered from 1, and 255 is the rest.
const LARGEST: i32 = 255;

/// A value as it is typed, and its number in the protocol.
type Value = (String, i32);

impl Term {
    /// All of them, in the order of the cache below.
    const ALL: [Term; 10] = [
        Term::ApplicationState,
        Term::EnterpriseState,
        Term::RejectionReason,
        Term::StatusAction,
        Term::StatusReason,
        Term::PaperKind,
        Term::EvidenceKind,
        Term::EvidenceSubject,
        Term::ArrivalState,
        Term::Category,
    ];

    /// A parser of arguments, which gives the number in the protocol; the help lists the values.
    pub fn parser(self) -> impl TypedValueParser<Value = i32> {
        let names = self.values().iter().map(|(typed, _)| PossibleValue::new(typed.as_str()));
        PossibleValuesParser::new(names).map(move |typed| self.number(&typed).unwrap_or_default())
    }

    /// The number of the value that a cell of a table means: its number, its name, or its words in one of the languages.
    pub fn number(self, cell: &str) -> Option<i32> {
        let wanted = plain(cell);
        let means = |(typed, number): &&Value| {
            plain(typed) == wanted
                || number.to_string() == wanted
                || self.name(*number).is_some_and(|name| spoken(&name).iter().any(|words| plain(words) == wanted))
        };
        self.values().iter().find(means).map(|(_, number)| *number)
    }

    /// Every value as it is typed.
    pub fn typed(self) -> Vec<&'static str> {
        self.values().iter().map(|(typed, _)| typed.as_str()).collect()
    }

    fn values(self) -> &'static [Value] {
        static ALL: [OnceLock<Vec<Value>>; Term::ALL.len()] = [const { OnceLock::new() }; Term::ALL.len()];
        ALL[self as usize].get_or_init(|| {
            let named = (1..=LARGEST).filter_map(|number| Some((self.name(number)?, number)));
            named.map(|(name, number)| (name[self.prefix().len()..].replace('_', "-"), number)).collect()
        })
    }

    /// The value's name in the protocol, in lower case.
    fn name(self, number: i32) -> Option<String> {
        let name = match self {
            Term::ApplicationState => proto::ApplicationState::try_from(number).map(|value| value.as_str_name()),
            Term::EnterpriseState => proto::EnterpriseState::try_from(number).map(|value| value.as_str_name()),
            Term::RejectionReason => proto::RejectionReason::try_from(number).map(|value| value.as_str_name()),
            Term::StatusAction => proto::StatusAction::try_from(number).map(|value| value.as_str_name()),
            Term::StatusReason => proto::StatusReason::try_from(number).map(|value| value.as_str_name()),
            Term::PaperKind => proto::PaperKind::try_from(number).map(|value| value.as_str_name()),
            Term::EvidenceKind => proto::EvidenceKind::try_from(number).map(|value| value.as_str_name()),
            Term::EvidenceSubject => proto::EvidenceSubject::try_from(number).map(|value| value.as_str_name()),
            Term::ArrivalState => proto::ArrivalState::try_from(number).map(|value| value.as_str_name()),
            Term::Category => proto::Category::try_from(number).map(|value| value.as_str_name()),
        };
        name.ok().map(str::to_ascii_lowercase)
    }

    const fn prefix(self) -> &'static str {
        match self {
            Term::ApplicationState => "application_state_",
            Term::EnterpriseState => "enterprise_state_",
            Term::RejectionReason => "rejection_reason_",
            Term::StatusAction => "status_action_",
            Term::StatusReason => "status_reason_",
            Term::PaperKind => "paper_kind_",
            Term::EvidenceKind => "evidence_kind_",
            Term::EvidenceSubject => "evidence_subject_",
            Term::ArrivalState => "arrival_state_",
            Term::Category => "category_",
        }
    }
}

/// A value in both languages, English first, by its name in the protocol (`as_str_name`).
pub fn told(name: &str) -> String {
    let words = spoken(&name.to_ascii_lowercase());
    if words.is_empty() { name.to_ascii_lowercase() } else { words.join(" ") }
}

/// A value in Chinese, as tables write it, by its name in the protocol.
pub fn told_zh(name: &str) -> String {
    messages::registry(Language::Zh, &name.to_ascii_lowercase()).unwrap_or_default()
}

/// A category in both languages; one that this version does not know as its number.
pub fn category(number: i32) -> String {
    Category::by_number(number).map_or_else(
        || number.to_string(),
        |category| format!("{} {}", category.name().replace('_', " "), category.name_zh()),
    )
}

fn spoken(name: &str) -> Vec<String> {
    [Language::En, Language::Zh].into_iter().filter_map(|language| messages::registry(language, name)).collect()
}

/// A text without what people write differently: case, spaces, hyphens, full width.
fn plain(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_typed_by_their_names_and_lead_to_their_numbers() {
        for term in Term::ALL {
            assert!(term.typed().len() >= 2, "{term:?}");
            for (typed, number) in term.values() {
                assert_eq!(term.number(typed), Some(*number), "{typed}");
                assert_eq!(term.number(&number.to_string()), Some(*number), "{typed}");
            }
            for none in ["", "0", "256", "unspecified", "nonsense"] {
                assert_eq!(term.number(none), None, "{term:?} {none}");
            }
        }
        assert_eq!(Term::RejectionReason.typed().last(), Some(&"other"));
        assert_eq!(
            Term::StatusReason.number("copied-or-lost"),
            Some(i32::from(crate::pass::StatusReason::CopiedOrLost.number()))
        );
    }

    #[test]
    fn cells_may_be_in_either_language_and_spelled_freely() {
        let test = proto::EvidenceKind::NucleicAcidTest as i32;
        for cell in ["核酸检测", " Nucleic acid test", "nucleic_acid_test", "NUCLEIC-ACID-TEST", "1", "１"] {
            assert_eq!(Term::EvidenceKind.number(cell), Some(test), "{cell}");
        }
        assert_eq!(Term::EvidenceKind.number("运单"), Some(proto::EvidenceKind::Waybill as i32));
    }

    /// Categories have their words in the white list; every other value is told from messages/.
    #[test]
    fn every_value_is_told_in_both_languages() {
        for term in Term::ALL.into_iter().filter(|term| *term != Term::Category) {
            for (_, number) in term.values() {
                let name = term.name(*number).unwrap();
                assert_eq!(spoken(&name).len(), 2, "{name}");
            }
        }
        let others = (1..=3).flat_map(|number| {
            [
                proto::CrewRole::try_from(number).unwrap().as_str_name(),
                proto::Leg::try_from(number).unwrap().as_str_name(),
            ]
        });
        let waited = (1..=3).map(|number| proto::WaitedStep::try_from(number).unwrap().as_str_name());
        for name in waited {
            assert_eq!(spoken(&name.to_ascii_lowercase()).len(), 2, "{name}");
        }
        let vehicles = (1..=2).map(|number| proto::VehicleKind::try_from(number).unwrap().as_str_name());
        for name in others.chain(vehicles) {
            assert_eq!(spoken(&name.to_ascii_lowercase()).len(), 2, "{name}");
        }
        assert_eq!(told("LEG_LOADED"), "loaded 载货");
        assert_eq!(told_zh("EVIDENCE_KIND_WAYBILL"), "运单");
        assert_eq!((category(8), category(77)), ("medical supplies 医疗物资".to_owned(), "77".to_owned()));
    }
}

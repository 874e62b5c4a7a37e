//! What officers, drivers and clerks read: one set of words, in Chinese and English, by stable code. The files stand in
//! `messages/`; command line, card and service take their words from here.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use freightpass_core::hold::AdoptionError;
use unic_langid::LanguageIdentifier;

/// A language in which every message is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, simplified.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Both, in the order in which they are shown.
    pub const ALL: [Language; 2] = [Language::Zh, Language::En];
}

/// What is told about a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictWords {
    /// What the code means.
    pub meaning: String,
    /// What the officer does next.
    pub officer: String,
    /// What the driver is told.
    pub driver: String,
}

/// The words for a reason code, or for `admit`; none for a code that there is not.
pub fn verdict(language: Language, code: &str) -> Option<VerdictWords> {
    let words = &of(language).verdict;
    Some(VerdictWords {
        meaning: words.text(code)?,
        officer: words.attribute(code, "officer")?,
        driver: words.attribute(code, "driver")?,
    })
}

/// The word for an outcome: `admit`, `refuse`, `refer`.
pub fn outcome(language: Language, name: &str) -> Option<String> {
    of(language).verdict.text(&format!("outcome-{name}"))
}

/// The words for a note on an admission; `seen_before` has its own, [`seen_before`].
pub fn note(language: Language, code: &str) -> Option<String> {
    of(language).verdict.text(&format!("note-{code}"))
}

/// The words for the note `seen_before`: the moment as people there write it, how many seconds ago that is, and the
/// place where it is another one than this.
pub fn seen_before(language: Language, time: &str, ago_s: u64, place: Option<&str>) -> Option<String> {
    let words = &of(language).verdict;
    let (unit, count) = match ago_s {
        0..=119 => ("seconds", ago_s),
        120..=7_199 => ("minutes", ago_s / 60),
        7_200..=172_799 => ("hours", ago_s / 3_600),
        _ => ("days", ago_s / 86_400),
    };
    let ago = words.filled(&format!("ago-{unit}"), &[("count", &count.to_string())])?;
    match place {
        None => words.filled("note-seen_before", &[("time", time), ("ago", &ago)]),
        Some(place) => words.filled("note-seen_elsewhere", &[("time", time), ("ago", &ago), ("place", place)]),
    }
}

/// Why nothing can be read in what was put before the scanner, with the values that belong to the reason.
pub fn unreadable(language: Language, code: &str, values: &[(&str, String)]) -> Option<String> {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    of(language).unreadable.filled(code, &values)
}

/// Why a part was not adopted. Faults inside a status object share one message; the error's own text has the details.
pub fn adoption(language: Language, error: &AdoptionError) -> Option<String> {
    let code = match error {
        AdoptionError::Status(_) => "status_object",
        other => other.code(),
    };
    adoption_code(language, code)
}

/// The words for a code of an adoption error.
pub fn adoption_code(language: Language, code: &str) -> Option<String> {
    of(language).adoption.text(code)
}

/// What a rule of intake asks for, where the answer of the service names the rule; none for a rule that speaks for
/// itself in its own message.
pub fn rule(language: Language, rule: &str) -> Option<String> {
    of(language).rules.text(rule)
}

/// A value of an enumeration of the protocol, by its name there in lower case, such as `rejection_reason_evidence`.
pub fn registry(language: Language, name: &str) -> Option<String> {
    of(language).registry.text(name)
}

/// What stops a verb at the checkpoint, or what its people have to know beside it: English and Chinese, on one line.
pub fn fault(code: &str, values: &[(&str, &str)]) -> String {
    let told = [Language::En, Language::Zh].into_iter().filter_map(|language| of(language).faults.filled(code, values));
    let told: Vec<String> = told.collect();
    if told.is_empty() { code.to_owned() } else { told.join(" ") }
}

/// A word on the card of a pass.
pub fn card(language: Language, id: &str) -> Option<String> {
    of(language).card.text(id)
}

struct Messages {
    card: Words,
    verdict: Words,
    adoption: Words,
    rules: Words,
    registry: Words,
    unreadable: Words,
    faults: Words,
}

struct Words(FluentBundle<FluentResource>);

impl Words {
    /// The words of one file. A line that cannot be read is left out; the tests ask for every code.
    fn read(language: &str, source: &str) -> Self {
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let mut bundle = FluentBundle::new_concurrent(vec![language.parse::<LanguageIdentifier>().unwrap_or_default()]);
        // Marks around inserted values would be refused characters in a terminal's copy.
        bundle.set_use_isolating(false);
        let _ = bundle.add_resource(resource);
        Words(bundle)
    }

    fn text(&self, id: &str) -> Option<String> {
        self.filled(id, &[])
    }

    /// The message with its blanks filled in.
    fn filled(&self, id: &str, values: &[(&str, &str)]) -> Option<String> {
        let pattern = self.0.get_message(id)?.value()?;
        let values: FluentArgs<'_> = values.iter().copied().collect();
        Some(self.0.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
    }

    fn attribute(&self, id: &str, attribute: &str) -> Option<String> {
        let pattern = self.0.get_message(id)?.get_attribute(attribute)?.value();
        Some(self.0.format_pattern(pattern, None::<&FluentArgs<'_>>, &mut Vec::new()).into_owned())
    }
}

fn of(language: Language) -> &'static Messages {
    static ZH: OnceLock<Messages> = OnceLock::new();
    static EN: OnceLock<Messages> = OnceLock::new();
    match language {
        Language::Zh => ZH.get_or_init(|| Messages {
            card: Words::read("zh", include_str!("../messages/zh/card.ftl")),
            verdict: Words::read("zh", include_str!("../messages/zh/verdict.ftl")),
            adoption: Words::read("zh", include_str!("../messages/zh/adoption.ftl")),
            rules: Words::read("zh", include_str!("../messages/zh/rules.ftl")),
            registry: Words::read("zh", include_str!("../messages/zh/registry.ftl")),
            unreadable: Words::read("zh", include_str!("../messages/zh/unreadable.ftl")),
            faults: Words::read("zh", include_str!("../messages/zh/faults.ftl")),
        }),
        Language::En => EN.get_or_init(|| Messages {
            card: Words::read("en", include_str!("../messages/en/card.ftl")),
            verdict: Words::read("en", include_str!("../messages/en/verdict.ftl")),
            adoption: Words::read("en", include_str!("../messages/en/adoption.ftl")),
            rules: Words::read("en", include_str!("../messages/en/rules.ftl")),
            registry: Words::read("en", include_str!("../messages/en/registry.ftl")),
            unreadable: Words::read("en", include_str!("../messages/en/unreadable.ftl")),
            faults: Words::read("en", include_str!("../messages/en/faults.ftl")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use freightpass_core::scan::Reason;

    use super::*;

    /// Ids of the messages in a file.
    fn ids(source: &str) -> Vec<&str> {
        let lines = source.lines().filter(|line| !line.starts_with([' ', '#']));
        lines.filter_map(|line| line.split_once(" = ").map(|(id, _)| id)).collect()
    }

    #[test]
    fn every_code_is_told_in_both_languages_to_officer_and_driver() {
        for language in Language::ALL {
            for code in Reason::CODES.iter().chain(&["admit"]) {
                let words = verdict(language, code).unwrap_or_else(|| panic!("{code} in {language:?}"));
                for text in [words.meaning, words.officer, words.driver] {
                    assert!(!text.trim().is_empty() && !text.contains(['{', '\n']), "{code}: {text:?}");
                }
            }
            for name in ["admit", "refuse", "refer"] {
                assert!(outcome(language, name).is_some());
            }
            for code in ["compare_plate", "place_unchecked"] {
                assert!(note(language, code).is_some_and(|words| !words.contains('{')));
            }
        }
        assert_eq!(verdict(Language::En, "no_such_code"), None);
    }

    #[test]
    fn an_earlier_crossing_is_told_with_its_time_its_age_and_another_place() {
        let told = |language, ago_s, place| seen_before(language, "2026-12-01 08:12", ago_s, place).unwrap();
        assert_eq!(told(Language::En, 61, None), "was admitted here before: 2026-12-01 08:12, 61 s ago");
        assert_eq!(told(Language::Zh, 61, None), "此前已在此放行：2026-12-01 08:12，61秒前");
        for (ago_s, en, zh) in
            [(120, "2 min ago", "2分钟前"), (7_200, "2 h ago", "2小时前"), (200_000, "2 d ago", "2天前")]
        {
            assert!(told(Language::En, ago_s, None).ends_with(en), "{ago_s}");
            assert!(told(Language::Zh, ago_s, None).ends_with(zh), "{ago_s}");
        }
        assert!(told(Language::En, 61, Some("昆山市")).ends_with("61 s ago, at 昆山市"));
        assert!(told(Language::Zh, 61, Some("昆山市")).ends_with("61秒前，地点昆山市"));
    }

    #[test]
    fn both_languages_have_the_same_messages() {
        for (zh, en) in [
            (include_str!("../messages/zh/verdict.ftl"), include_str!("../messages/en/verdict.ftl")),
            (include_str!("../messages/zh/adoption.ftl"), include_str!("../messages/en/adoption.ftl")),
            (include_str!("../messages/zh/rules.ftl"), include_str!("../messages/en/rules.ftl")),
            (include_str!("../messages/zh/card.ftl"), include_str!("../messages/en/card.ftl")),
            (include_str!("../messages/zh/registry.ftl"), include_str!("../messages/en/registry.ftl")),
            (include_str!("../messages/zh/faults.ftl"), include_str!("../messages/en/faults.ftl")),
        ] {
            assert_eq!(ids(zh), ids(en));
            assert!(ids(en).len() > 5);
        }
    }

    #[test]
    fn a_fault_is_told_in_both_languages_on_one_line() {
        let blanks = ["path", "url", "cause", "why", "why_zh", "text", "seconds", "malformed", "data", "file"];
        let values = blanks.map(|name| (name, "X"));
        for code in ids(include_str!("../messages/en/faults.ftl")) {
            let told = fault(code, &values);
            let both = !told.is_ascii() && told.starts_with(|c: char| c.is_ascii());
            assert!(both && !told.contains(['{', '\n']), "{code}: {told}");
        }
        assert_eq!(fault("no_such_code", &[]), "no_such_code");
    }

    /// Every code that the source of the core gives an adoption error, read from the source, so that a new one is
    /// asked for here.
    #[test]
    fn every_adoption_error_is_told_in_both_languages() {
        let sources = [
            include_str!("../crates/freightpass-core/src/hold/error.rs"),
            include_str!("../crates/freightpass-core/src/trust/list.rs"),
        ];
        let codes: Vec<&str> = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter_map(|line| line.split_once("=> \"").and_then(|(_, rest)| rest.strip_suffix("\",")))
            .collect();
        assert!(codes.len() > 30, "{codes:?}");
        for language in Language::ALL {
            for code in codes.iter().chain(&["status_object"]) {
                assert!(adoption_code(language, code).is_some(), "{code} in {language:?}");
            }
        }
    }
}

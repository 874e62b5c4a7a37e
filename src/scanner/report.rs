//! A verdict as a person reads it (one line, Chinese and English, the data's age always in it) and as a program does
//! (one JSON object).

use std::fmt;

use freightpass_core::pass::{CrewRole, Leg};
use freightpass_core::scan::{Freshness, Note, Outcome, Verdict, VerifiedPass};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::crossings::Crossing;
use super::unread::Unread;
use super::values;
use super::visible::visible;
use crate::messages::{self, Language};

/// One verdict, ready to be shown. In JSON the keys are stable; `number`, `plate`, `trailer`, `crew`, `route`, `leg`,
/// `authority`, `from` and `until` are there only when the signature of the pass was verified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The file, where the code came out of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// `admit`, `refuse` or `refer`.
    pub outcome: &'static str,
    /// Stable reason code, `admit` for an admission.
    pub code: &'static str,
    /// The verified fields.
    #[serde(flatten)]
    pub pass: Option<Pass>,
    /// The values that were compared, by name.
    pub values: Map<String, Value>,
    /// Age of the data in seconds; null without a manifest.
    pub age_s: Option<u64>,
    /// Codes of the notes on an admission.
    pub notes: Vec<&'static str>,
    /// With the note `seen_before`: when and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_before: Option<SeenBefore>,
    /// Sequence of the trust list held.
    pub trust_sequence: Option<u32>,
    /// Seq of the manifest held.
    pub manifest_seq: Option<u32>,
    /// Codes in the same picture that are no passes.
    #[serde(skip_serializing_if = "is_zero")]
    pub other_codes: usize,
    /// Why nothing could be read.
    #[serde(skip)]
    pub unread: Option<Unread>,
}

/// An earlier admission of the same pass by this scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenBefore {
    /// When, seconds since 1970.
    pub at: u64,
    /// How long before this one, in seconds.
    pub ago_s: u64,
    /// Where the checkpoint stood then, if that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What a verified pass says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pass {
    /// The number as it is spoken.
    pub number: String,
    /// Plate of the tractor.
    pub plate: String,
    /// Plate of the trailer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trailer: Option<String>,
    /// People on board.
    pub crew: Vec<Person>,
    /// Origin, destination, what lies between.
    pub route: Vec<String>,
    /// `loaded`, `empty` or `return`.
    pub leg: &'static str,
    /// Category of the cargo.
    pub cargo: u8,
    /// Name of the authority.
    pub authority: String,
    /// In force from, seconds since 1970.
    pub from: u32,
    /// In force before, seconds since 1970.
    pub until: u32,
}

/// One person on board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name as signed.
    pub name: String,
    /// Last characters of the number of the paper.
    pub tail: String,
    /// `driver`, `relief` or `passenger`.
    pub role: &'static str,
}

/// How this checkpoint's people say places and times.
pub struct Spoken<'a> {
    /// The name of the division with that code.
    pub place: &'a dyn Fn(&str) -> Option<String>,
    /// A moment in seconds since 1970.
    pub time: &'a dyn Fn(u64) -> String,
    /// The code of the division in which the checkpoint stands.
    pub here: Option<&'a str>,
}

/// An age as people say it, in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(pub Option<u64>);

impl Report {
    /// The report of a verdict; `before` is what the note `seen_before` in it was made of.
    pub fn of(verdict: &Verdict, before: Option<&Crossing>, file: Option<String>, other_codes: usize) -> Self {
        let named = verdict.reason().map(values).unwrap_or_default();
        let seen_before = verdict.notes().iter().find_map(|note| match note {
            Note::SeenBefore(at) => Some(SeenBefore {
                at: *at,
                ago_s: verdict.freshness().t.saturating_sub(*at),
                place: before.and_then(|before| before.place.clone()),
            }),
            Note::ComparePlate | Note::PlaceUnchecked => None,
        });
        Self {
            file,
            outcome: verdict.outcome().name(),
            code: verdict.code(),
            pass: verdict.pass().map(Pass::of),
            values: named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            notes: verdict.notes().iter().map(|note: &Note| note.code()).collect(),
            seen_before,
            other_codes,
            ..Self::unjudged(verdict.freshness())
        }
    }

    /// The report of a picture in which nothing could be read: the pass may be good, so a person decides.
    pub fn unreadable(file: Option<String>, why: Unread, freshness: &Freshness) -> Self {
        let values = [("error", json!(why.text(Language::En))), ("reason", json!(why.code()))];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { file, code: "unreadable", values, unread: Some(why), ..Self::unjudged(freshness) }
    }

    fn unjudged(freshness: &Freshness) -> Self {
        Self {
            file: None,
            outcome: Outcome::Refer.name(),
            code: "",
            pass: None,
            values: Map::new(),
            age_s: freshness.age_s,
            notes: Vec::new(),
            seen_before: None,
            trust_sequence: freshness.trust_sequence,
            manifest_seq: freshness.manifest_seq,
            other_codes: 0,
            unread: None,
        }
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        [Outcome::Admit, Outcome::Refuse].into_iter().find(|o| o.name() == self.outcome).unwrap_or(Outcome::Refer)
    }

    /// One JSON object on one line.
    pub fn json(&self) -> String {
        // Maps with string keys and plain values always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One line for the officer. Colour only underlines what sign and words say.
    pub fn line(&self, in_colour: bool, spoken: &Spoken<'_>) -> String {
        let (sign, colour) = match self.outcome() {
            Outcome::Admit => ("[ OK ]", "\x1b[1;32m"),
            Outcome::Refuse => ("[STOP]", "\x1b[1;31m"),
            Outcome::Refer => ("[ ?? ]", "\x1b[1;33m"),
        };
        let words = |language| messages::outcome(language, self.outcome).unwrap_or_default();
        let verdict = format!("{sign} {} {}", words(Language::En), words(Language::Zh));
        let mut parts = vec![if in_colour { format!("{colour}{verdict}\x1b[0m") } else { verdict }, self.meaning()];
        if let Some(pass) = &self.pass {
            parts.push(pass.line(spoken.place));
        }
        let others = (self.other_codes > 0)
            .then(|| format!("{} other code(s) in view, no pass 画面中另有非通行证码", self.other_codes));
        let notes = self.notes.iter().map(|code| in_both(|language| self.note(language, code, spoken)));
        parts.extend(notes.chain(others));
        if self.outcome() != Outcome::Admit {
            parts.push(in_both(|language| messages::verdict(language, self.code).map(|words| words.officer)));
        }
        parts.push(self.data());
        let line = parts.join(" | ");
        match &self.file {
            Some(file) => format!("{}: {line}", visible(file)),
            None => line,
        }
    }

    fn note(&self, language: Language, code: &str, spoken: &Spoken<'_>) -> Option<String> {
        let Some(before) = self.seen_before.as_ref().filter(|_| code == "seen_before") else {
            return messages::note(language, code);
        };
        // The officer knows this place; another one is news.
        let elsewhere = before.place.as_deref().filter(|place| Some(*place) != spoken.here);
        let place = elsewhere.map(|code| (spoken.place)(code).unwrap_or_else(|| code.to_owned()));
        messages::seen_before(language, &(spoken.time)(before.at), before.ago_s, place.as_deref())
    }

    fn meaning(&self) -> String {
        let meaning = in_both(|language| messages::verdict(language, self.code).map(|words| words.meaning));
        if let Some(why) = &self.unread {
            return format!("{}: {meaning} ({})", self.code, in_both(|language| Some(why.text(language))));
        }
        match self.values.get("error").and_then(Value::as_str) {
            Some(error) if self.outcome() != Outcome::Admit => format!("{}: {meaning} ({error})", self.code),
            _ if self.outcome() == Outcome::Admit => meaning,
            _ => format!("{}: {meaning}", self.code),
        }
    }

    /// How old the data is by which was judged.
    fn data(&self) -> String {
        let number = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
        format!(
            "data 数据 {} (manifest {}, trust {})",
            Age(self.age_s),
            number(self.manifest_seq),
            number(self.trust_sequence)
        )
    }
}

impl Pass {
    fn of(verified: &VerifiedPass) -> Self {
        let claims = verified.claims();
        let subject = &claims.subject;
        Self {
            number: claims.number.to_string(),
            plate: subject.tractor.clone(),
            trailer: subject.trailer.clone(),
            crew: subject
                .crew
                .iter()
                .map(|person| Person {
                    name: person.name.clone(),
                    tail: person.tail.clone(),
                    role: match person.role {
                        CrewRole::Driver => "driver",
                        CrewRole::Relief => "relief",
                        CrewRole::Passenger => "passenger",
                    },
                })
                .collect(),
            route: subject.route.iter().map(ToString::to_string).collect(),
            leg: match subject.leg {
                Leg::Loaded => "loaded",
                Leg::Empty => "empty",
                Leg::Return => "return",
            },
            cargo: subject.cargo.0,
            authority: verified.authority_name().to_owned(),
            from: claims.nbf,
            until: claims.exp,
        }
    }

    fn line(&self, place_name: &dyn Fn(&str) -> Option<String>) -> String {
        let trailer = self.trailer.as_ref().map(|trailer| format!(" + {trailer}")).unwrap_or_default();
        let crew: Vec<String> = self.crew.iter().map(|person| format!("{} …{}", person.name, person.tail)).collect();
        let place = |code: &String| place_name(code).unwrap_or_else(|| code.clone());
        // Signed as origin, destination, between; told in the order of travel.
        let mut route: Vec<String> = self.route.iter().map(place).collect();
        if route.len() > 2 {
            let destination = route.remove(1);
            route.push(destination);
        }
        format!("{} | {}{trailer} | {} | {}", self.number, self.plate, crew.join(", "), route.join(" → "))
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seconds) = self.0 else { return f.write_str("none 无") };
        match seconds {
            0..=119 => write!(f, "{seconds} s old 秒前"),
            120..=7_199 => write!(f, "{} min old 分钟前", seconds / 60),
            7_200..=172_799 => write!(f, "{} h old 小时前", seconds / 3_600),
            _ => write!(f, "{} d old 天前", seconds / 86_400),
        }
    }
}

/// The words in both languages, English first.
fn in_both(words: impl Fn(Language) -> Option<String>) -> String {
    let told = [Language::En, Language::Zh].into_iter().filter_map(words);
    told.collect::<Vec<_>>().join(" ")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

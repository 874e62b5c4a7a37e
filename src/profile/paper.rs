//! The paper by which a person is known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A person's paper: its kind and its normalised number. Two persons are one when their papers are equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Paper {
    /// Kind.
    pub kind: PaperKind,
    /// Number as the profile normalised it.
    pub number: String,
}

/// The kind of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// Identity card; cn: also the residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) and the
    /// permanent residence cards of foreigners (9...).
    IdentityCard,
    /// Passport.
    Passport,
    /// Mainland travel permit for Hong Kong and Macao residents.
    HongKongMacaoPermit,
    /// Mainland travel permit for Taiwan residents.
    TaiwanPermit,
}

/// How many characters of the number stand in a pass (formats.md, crew).
const TAIL: usize = 4;

impl Paper {
    /// The last four characters of the number, all of it if it is shorter: what a pass names.
    pub fn tail(&self) -> &str {
        let start = self.number.char_indices().rev().nth(TAIL - 1).map_or(0, |(at, _)| at);
        self.number.get(start..).unwrap_or_default()
    }
}

/// The number is personal: Debug goes to logs and shows its kind only.
impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paper({:?})", self.kind)
    }
}

impl PaperKind {
    /// Every kind, by number.
    pub const ALL: [PaperKind; 4] =
        [PaperKind::IdentityCard, PaperKind::Passport, PaperKind::HongKongMacaoPermit, PaperKind::TaiwanPermit];

    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            PaperKind::IdentityCard => 1,
            PaperKind::Passport => 2,
            PaperKind::HongKongMacaoPermit => 3,
            PaperKind::TaiwanPermit => 4,
        }
    }

    /// The kind of that number.
    pub fn by_number(number: i64) -> Option<Self> {
        PaperKind::ALL.into_iter().find(|kind| i64::from(kind.number()) == number)
    }

    /// The kind of that number or name, as a cell of a table says it.
    pub fn by_text(text: &str) -> Option<Self> {
        let named = || PaperKind::ALL.into_iter().find(|kind| kind.name() == text);
        text.parse().ok().and_then(PaperKind::by_number).or_else(named)
    }

    /// Its name in tables and messages.
    pub const fn name(self) -> &'static str {
        match self {
            PaperKind::IdentityCard => "identity_card",
            PaperKind::Passport => "passport",
            PaperKind::HongKongMacaoPermit => "hong_kong_macao_permit",
            PaperKind::TaiwanPermit => "taiwan_permit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(number: &str) -> Paper {
        Paper { kind: PaperKind::Passport, number: number.to_owned() }
    }

    #[test]
    fn tail_is_the_last_four_characters() {
        assert_eq!(paper("33010619880229997X").tail(), "997X");
        assert_eq!(paper("E12").tail(), "E12");
        assert_eq!(paper("一二三四五").tail(), "二三四五");
        assert_eq!(paper("").tail(), "");
    }

    #[test]
    fn debug_shows_no_number() {
        assert_eq!(format!("{:?}", paper("E12345678")), "Paper(Passport)");
    }

    #[test]
    fn kinds_lead_back_from_their_numbers() {
        for kind in PaperKind::ALL {
            assert_eq!(PaperKind::by_number(kind.number().into()), Some(kind));
        }
        assert_eq!(PaperKind::by_number(0), None);
        assert_eq!(PaperKind::by_number(5), None);
    }
}

//! Parts of a trust list in words, the same wherever a ceremony shows them.

use std::fmt::Write as _;

use data_encoding::HEXLOWER;
use freightpass_core::division::Division;
use freightpass_core::trust::{Level, ListedKey, OffRoute, TrustContent};
use jiff::Timestamp;

/// Seconds since 1970 as a moment in UTC, which needs no zone to be read aloud.
pub fn told(seconds: u32) -> String {
    Timestamp::from_second(seconds.into()).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// Where an authority may issue.
pub fn division_words(division: Option<&Division>) -> String {
    division.map_or_else(|| "everywhere".to_owned(), |division| format!("in {division}"))
}

/// The level of an authority.
pub fn level_words(level: Level) -> &'static str {
    match level {
        Level::Nation => "nation",
        Level::Province => "province",
        Level::Prefecture => "prefecture",
    }
}

/// What becomes of a truck off its route.
pub fn off_route_words(off_route: OffRoute) -> &'static str {
    match off_route {
        OffRoute::Refer => "referred",
        OffRoute::Refuse => "refused",
    }
}

/// A key, its window, and what became of it.
pub fn key_words(content: &TrustContent, key: &ListedKey) -> String {
    let mut words = format!("{} from {} until {}", key.kid(), told(key.from), told(key.until));
    if key.compromised {
        words.push_str(", COMPROMISED");
        let survivors = content.survivors.iter().find(|(of, _)| *of == key.kid());
        // Writing to a String cannot fail.
        let _ = match survivors {
            Some((_, hash)) => write!(words, ", survivors {}", HEXLOWER.encode(hash)),
            None => write!(words, ", no survivors"),
        };
    }
    words
}

//! Between the domain's types and protobuf's, both ways: the only place that knows both.
//!
//! Enumerations have one numbering in protobuf and in the domain; where they differ (legs, states of a pass) the match
//! stands here.

mod application;
mod arrival;
mod checkpoint;
mod operation;
mod pass;
mod programme;
mod report;
mod revocation;
mod trust;
mod whitelist;

use jiff::Timestamp;

pub use application::{application, application_detail, category, draft, draft_person, rejection_reason};
pub use arrival::{arrival, asked_arrival, known};
pub use checkpoint::{checked, held, scan_reports};
pub use operation::backup;
pub use pass::{asked_state, issued, numbers, pass, pass_with_text, signed_leg, signed_role};
pub use programme::{asked, programme_rules};
pub use report::day_report;
pub use revocation::{asked_action, status_change, status_reason};
pub use trust::{key, published, trust_list};
pub use whitelist::{enterprise, enterprise_detail, import_response, person, raw_row};

/// How much of a personal number an answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// All of it: the officer compares it with a paper.
    Full,
    /// The last four characters, after `*`.
    Masked,
}

impl Numbers {
    /// The number as the answer shows it.
    pub fn show(self, number: &str) -> String {
        match self {
            Numbers::Full => number.to_owned(),
            Numbers::Masked if number.is_empty() => String::new(),
            Numbers::Masked => {
                let start = number.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
                format!("*{}", &number[start..])
            }
        }
    }
}

/// A moment as protobuf carries it.
pub fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// A moment in whole seconds, as passes carry it.
pub fn time_s(seconds: u64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: i64::try_from(seconds).unwrap_or(i64::MAX), nanos: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_shows_its_last_four_characters() {
        assert_eq!(Numbers::Masked.show("33010619880229997X"), "*997X");
        assert_eq!(Numbers::Masked.show("E12"), "*E12");
        assert_eq!(Numbers::Masked.show("一二三四五"), "*二三四五");
        assert_eq!(Numbers::Masked.show(""), "");
        assert_eq!(Numbers::Full.show("33010619880229997X"), "33010619880229997X");
    }
}

//! What stands in the file of crossings: a line each.

use std::collections::HashMap;

use freightpass_core::characters::first_refused;
use freightpass_core::pass::PassNumber;

use super::Crossing;

/// A file that is larger is tidied up: half as much again as the lines that are kept, of 50 bytes each.
pub(super) const TIDY_BYTES: u64 = 4 << 20;
/// A file with fewer lines is not worth tidying up for what is superseded in it.
pub(super) const FEW_LINES: usize = 64;
/// No line stays longer than this after the end of its pass, if the scanner is in use: a day, in seconds.
const OVER_S: u64 = 86_400;
/// The longest name of a place (docs/FORMAT.md, div), in bytes.
const PLACE_BYTES: usize = 8;

/// What stands in the file.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The last crossing of each pass.
    pub(super) latest: HashMap<PassNumber, Entry>,
    pub(super) bytes: u64,
    pub(super) lines: usize,
    /// When the first of the passes ends.
    first_over: Option<u64>,
}

impl Contents {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut contents = Self { bytes: bytes.len() as u64, ..Self::default() };
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            contents.lines += 1;
            let Some((number, entry)) = Entry::of(line) else { continue };
            contents.first_over = Some(contents.first_over.map_or(entry.until, |first| first.min(entry.until)));
            match contents.latest.get(&number) {
                Some(other) if other.last.at > entry.last.at => {}
                _ => drop(contents.latest.insert(number, entry)),
            }
        }
        contents
    }

    pub(super) fn want_tidying(&self, t: u64) -> bool {
        let live = self.latest.values().filter(|entry| entry.until > t).count();
        self.bytes > TIDY_BYTES
            || (self.lines >= FEW_LINES && live < self.lines / 2)
            || self.first_over.is_some_and(|until| until.saturating_add(OVER_S) <= t)
    }
}

/// The last crossing of one pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// End of the pass, seconds since 1970.
    pub(super) until: u64,
    pub(super) last: Crossing,
}

impl Entry {
    pub(super) fn line(&self, number: PassNumber) -> String {
        let place = self.last.place.as_deref().filter(|place| is_place(place)).unwrap_or("-");
        format!("\n{:016x} {} {} {place} .\n", u64::from_be_bytes(number.to_bytes()), self.until, self.last.at)
    }

    /// A whole line, as [`Entry::line`] wrote it; anything else is none.
    pub(super) fn of(line: &[u8]) -> Option<(PassNumber, Self)> {
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        let number = words.next().filter(|word| word.len() == 16)?;
        let number = PassNumber::from_bytes(u64::from_str_radix(number, 16).ok()?.to_be_bytes())?;
        let until = words.next()?.parse().ok()?;
        let at = words.next()?.parse().ok()?;
        let place = match words.next()? {
            "-" => None,
            place => Some(place.to_owned()).filter(|place| is_place(place)),
        };
        // No pass is admitted when it is over.
        let whole = words.next() == Some(".") && words.next().is_none() && at < until;
        whole.then_some((number, Self { until, last: Crossing { at, place } }))
    }
}

/// Whether this can be the code of a division on one line of the file and of a terminal.
fn is_place(text: &str) -> bool {
    let size = (1..=PLACE_BYTES).contains(&text.len());
    size && text != "-" && !text.contains(char::is_whitespace) && first_refused(text).is_none()
}

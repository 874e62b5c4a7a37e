//! What the publisher never signs, whatever its view of the log says.
//!
//! What was signed last is the measure: the new states must be those of the last manifest with exactly the changes that
//! the log holds since. An emptied view, a setting that leaves out a week, a log that goes back (an old backup) are all
//! found so, before anything is signed (Boulder's issues 6438 and 6456 signed and served such lists).

use std::collections::BTreeMap;

use freightpass_core::hold::AdoptionError;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::status::{State, StatusError, is_live};

use crate::bus::Entry;

/// Why nothing was signed. What was published before stays.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The log ends before the point up to which the last manifest speaks.
    #[error("the status log ends at {log}, the last manifest speaks up to {signed}: an old backup?")]
    LogBehind {
        /// The newest seq of the log.
        log: u64,
        /// The seq of the last manifest.
        signed: u64,
    },
    /// A list whose passes have not all expired would be left out.
    #[error("list {list} is live and would be left out")]
    ListOmitted {
        /// The list.
        list: u32,
    },
    /// A list would become smaller.
    #[error("list {list} would shrink from {signed} to {found} places")]
    Shrinks {
        /// The list.
        list: u32,
        /// Its n in the last manifest.
        signed: u32,
        /// What it would be.
        found: u32,
    },
    /// A revoked place would become something else.
    #[error("place {idx} of list {list} is revoked and would not be any more")]
    UnRevokes {
        /// The list.
        list: u32,
        /// The place.
        idx: u32,
    },
    /// A state would differ from the last one by more or less than what the log holds since.
    #[error("list {list} is not what was signed last and the log since make of it")]
    Differs {
        /// The list.
        list: u32,
    },
    /// A place beyond its list.
    #[error("the view of the log makes no state: {0}")]
    NoState(#[from] StatusError),
    /// A scanner that holds the last manifest would not adopt it.
    #[error("no scanner would adopt it: {0}")]
    NotAdopted(#[from] AdoptionError),
    /// The manifest would be larger than scanners take, or name times that they do not read.
    #[error("no scanner would read it: {0}")]
    NotReadable(#[from] freightpass_core::malformed::Malformed),
}

impl Refusal {
    /// The refusal's stable code, as metrics and answers carry it.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::LogBehind { .. } => "log_behind",
            Refusal::ListOmitted { .. } => "live_list_omitted",
            Refusal::Shrinks { .. } => "shrinks",
            Refusal::UnRevokes { .. } => "clears_revoked",
            Refusal::Differs { .. } => "differs_from_log",
            Refusal::NoState(error) => error.code(),
            Refusal::NotAdopted(error) => error.code(),
            Refusal::NotReadable(_) => "malformed",
        }
    }
}

/// What was signed last.
pub struct Signed<'p> {
    /// The manifest.
    pub manifest: &'p ManifestContent,
    /// The seq of the log up to which it speaks.
    pub log_seq: u64,
    /// The states that it names.
    pub states: &'p BTreeMap<u32, State>,
}

/// Compares the states of the next manifest, issued at `issued`, with what was signed last and with `since`, what the log
/// holds between the two.
pub fn check(
    signed: &Signed<'_>,
    issued: u32,
    log_seq: u64,
    next: &BTreeMap<u32, State>,
    since: &[Entry],
) -> Result<(), Refusal> {
    if log_seq < signed.log_seq {
        return Err(Refusal::LogBehind { log: log_seq, signed: signed.log_seq });
    }
    for entry in &signed.manifest.lists {
        let list = entry.list;
        let Some(state) = next.get(&list) else {
            if is_live(list, issued.into()) {
                return Err(Refusal::ListOmitted { list });
            }
            continue;
        };
        if state.n() < entry.n {
            return Err(Refusal::Shrinks { list, signed: entry.n, found: state.n() });
        }
        let Some(before) = signed.states.get(&list) else {
            return Err(Refusal::Differs { list });
        };
        if let Some(idx) = before.clears_revoked(state) {
            return Err(Refusal::UnRevokes { list, idx });
        }
    }
    for (list, state) in next {
        let mut expected = match signed.states.get(list) {
            Some(before) => before.extended(state.n())?,
            None => State::empty(*list, state.n())?,
        };
        for entry in since.iter().filter(|entry| entry.list == *list) {
            expected.set(entry.idx, entry.value)?;
        }
        if expected != *state {
            return Err(Refusal::Differs { list: *list });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use freightpass_core::manifest::ListEntry;
    use freightpass_core::status::Value;

    use super::*;

    /// Monday of list 2969's week, seconds since 1970.
    const ISSUED: u32 = 2_969 * 604_800;

    fn manifest(lists: &[(u32, u32)]) -> ManifestContent {
        let entry = |&(list, n)| ListEntry { list, n, base: [0; 32], state: [0; 32] };
        ManifestContent {
            deployment: [1; 8],
            seq: 4,
            issued: ISSUED,
            expires: ISSUED + 1,
            ttl: 1,
            trust_sequence: 1,
            trust_hash: [0; 32],
            lists: lists.iter().map(entry).collect(),
        }
    }

    fn states(lists: &[(u32, u32, &[u32], &[u32])]) -> BTreeMap<u32, State> {
        let state = |&(list, n, revoked, suspended): &(u32, u32, &[u32], &[u32])| {
            (list, State::from_sets(list, n, revoked, suspended).unwrap())
        };
        lists.iter().map(state).collect()
    }

    fn entry(seq: u64, list: u32, idx: u32, value: Value) -> Entry {
        Entry { seq, list, idx, value, cti: None, reason: 0 }
    }

    /// Two lists at log seq 10: in the first 1 and 2 revoked, 3 suspended.
    fn against(log_seq: u64, next: &BTreeMap<u32, State>, since: &[Entry]) -> Result<(), Refusal> {
        let manifest = manifest(&[(2969, 64), (2970, 64)]);
        let signed = states(&[(2969, 64, &[1, 2], &[3]), (2970, 64, &[], &[])]);
        check(&Signed { manifest: &manifest, log_seq: 10, states: &signed }, ISSUED, log_seq, next, since)
    }

    #[test]
    fn what_the_log_says_is_signed() {
        let same = states(&[(2969, 64, &[1, 2], &[3]), (2970, 64, &[], &[])]);
        against(10, &same, &[]).unwrap();
        let next = states(&[(2969, 128, &[1, 2, 100], &[]), (2970, 64, &[], &[]), (2971, 64, &[], &[5])]);
        let since = [
            entry(11, 2969, 3, Value::Valid),
            entry(12, 2969, 100, Value::Suspended),
            entry(13, 2969, 100, Value::Revoked),
            entry(14, 2971, 5, Value::Suspended),
        ];
        against(14, &next, &since).unwrap();
    }

    #[test]
    fn emptied_view_is_refused() {
        let empty = states(&[(2969, 64, &[], &[]), (2970, 64, &[], &[])]);
        assert!(matches!(against(10, &empty, &[]), Err(Refusal::UnRevokes { list: 2969, idx: 1 })));
        let none = BTreeMap::new();
        assert!(matches!(against(10, &none, &[]), Err(Refusal::ListOmitted { list: 2969 })));
    }

    #[test]
    fn live_list_left_out_shrunken_list_and_lost_suspension_are_refused() {
        let without = states(&[(2969, 64, &[1, 2], &[3])]);
        assert!(matches!(against(10, &without, &[]), Err(Refusal::ListOmitted { list: 2970 })));
        let shrunken = states(&[(2969, 32, &[1, 2], &[3]), (2970, 64, &[], &[])]);
        assert!(matches!(against(10, &shrunken, &[]), Err(Refusal::Shrinks { signed: 64, found: 32, .. })));
        let resumed = states(&[(2969, 64, &[1, 2], &[]), (2970, 64, &[], &[])]);
        assert!(matches!(against(10, &resumed, &[]), Err(Refusal::Differs { list: 2969 })));
        let more = states(&[(2969, 64, &[1, 2, 9], &[3]), (2970, 64, &[], &[])]);
        assert!(matches!(against(10, &more, &[]), Err(Refusal::Differs { list: 2969 })));
    }

    #[test]
    fn log_that_goes_back_is_refused() {
        let same = states(&[(2969, 64, &[1, 2], &[3]), (2970, 64, &[], &[])]);
        assert!(matches!(against(9, &same, &[]), Err(Refusal::LogBehind { log: 9, signed: 10 })));
    }

    #[test]
    fn list_of_the_past_is_dropped() {
        let manifest = manifest(&[(2968, 64), (2969, 64)]);
        let signed = states(&[(2968, 64, &[1], &[]), (2969, 64, &[], &[])]);
        let signed = Signed { manifest: &manifest, log_seq: 1, states: &signed };
        check(&signed, ISSUED, 1, &states(&[(2969, 64, &[], &[])]), &[]).unwrap();
        let last_second = check(&signed, ISSUED - 1, 1, &states(&[(2969, 64, &[], &[])]), &[]);
        assert!(matches!(last_second, Err(Refusal::ListOmitted { list: 2968 })));
    }
}

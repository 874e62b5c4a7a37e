//! What a restored registry has to learn of what was published, place by place.

use std::collections::{BTreeMap, BTreeSet};

use freightpass_core::status::{State, Value};

use super::store::Logged;
use crate::bus::LogView;

/// The newest manifest in the backup: its seq, and the point of the log up to which it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) seq: u32,
    pub(super) log_seq: u64,
}

/// The places that have to be written to the log, so that the published states with what is written make the
/// registry's own states, and nothing that is revoked in either is anything else. `seq` is that of the manifest which
/// publishes the states.
///
/// | published | registry | becomes |
/// |---|---|---|
/// | revoked | anything | revoked |
/// | anything | revoked | revoked |
/// | valid or suspended | the other, known to a manifest | as published: it was decided since |
/// | valid or suspended | the other, decided after its last manifest | as published, unless that manifest is the very next, which may have been made before |
pub(super) fn repairs(
    published: &BTreeMap<u32, State>,
    seq: u32,
    own: &LogView,
    before: Before,
) -> Vec<(u32, u32, Value)> {
    let mine: BTreeMap<(u32, u32), (Value, u64)> =
        own.places.iter().map(|entry| ((entry.list, entry.idx), (entry.value, entry.seq))).collect();
    let mut places: BTreeSet<(u32, u32)> = mine.keys().copied().collect();
    for (list, state) in published {
        let (revoked, suspended) = state.sets();
        places.extend(revoked.into_iter().chain(suspended).map(|idx| (*list, idx)));
    }
    let mut repairs = Vec::new();
    for place in places {
        // What is not published any more, or not yet, is as the registry has it.
        let Some(state) = published.get(&place.0) else { continue };
        let theirs = state.value(place.1).unwrap_or(Value::Valid);
        let (ours, at) = mine.get(&place).copied().unwrap_or((Value::Valid, 0));
        let undecided = at > before.log_seq && seq <= before.seq.saturating_add(1);
        let becomes = match (theirs, ours) {
            (Value::Revoked, _) | (_, Value::Revoked) => Value::Revoked,
            (_, ours) if undecided => ours,
            (theirs, _) => theirs,
        };
        if becomes != ours || becomes != theirs {
            repairs.push((place.0, place.1, becomes));
        }
    }
    repairs
}

/// What is known beside the registry of the backup, when the log of the former one is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The former registry is what was published last: its log is the newest there is.
    Log,
    /// Something was published after it.
    Later,
    /// Nothing else.
    Nothing,
}

/// Adds to `repairs` what the former registry answered for and had not published yet, or publishes no more: the places
/// that become something else by it. What is revoked anywhere stays revoked.
pub(super) fn acknowledged(
    repairs: &mut BTreeMap<(u32, u32), Value>,
    log: &BTreeMap<(u32, u32), Logged>,
    own: &LogView,
    known: Known,
) -> usize {
    let mine: BTreeMap<(u32, u32), Value> =
        own.places.iter().map(|entry| ((entry.list, entry.idx), entry.value)).collect();
    let mut changed = 0;
    for (place, logged) in log {
        let now = repairs.get(place).or_else(|| mine.get(place)).copied().unwrap_or(Value::Valid);
        let since = logged.seq > own.seq;
        let becomes = match (now, logged.value, known) {
            (Value::Revoked, ..) => now,
            (_, Value::Revoked, _) => Value::Revoked,
            (_, value, Known::Log) if since => value,
            (_, Value::Suspended, Known::Nothing) if since => Value::Suspended,
            _ => now,
        };
        if becomes != now {
            repairs.insert(*place, becomes);
            changed += 1;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::Entry;
    use crate::restore::store::Detail;

    const LIST: u32 = 2_970;
    const BEFORE: Before = Before { seq: 500, log_seq: 10 };

    fn repaired(theirs: Value, ours: Option<(Value, u64)>, seq: u32) -> Option<Value> {
        let mut state = State::empty(LIST, 64).unwrap();
        state.set(5, theirs).unwrap();
        let places = ours
            .into_iter()
            .map(|(value, seq)| Entry { seq, list: LIST, idx: 5, value, cti: None, reason: 1 })
            .collect();
        let own = LogView { seq: 20, oldest_list: 0, places };
        let found = repairs(&BTreeMap::from([(LIST, state)]), seq, &own, BEFORE);
        assert!(found.len() <= 1 && found.iter().all(|(list, idx, _)| (*list, *idx) == (LIST, 5)));
        found.first().map(|(_, _, value)| *value)
    }

    #[test]
    fn what_was_revoked_since_stays_revoked() {
        for ours in [None, Some((Value::Suspended, 3)), Some((Value::Valid, 3))] {
            assert_eq!(repaired(Value::Revoked, ours, 503), Some(Value::Revoked));
        }
        assert_eq!(repaired(Value::Revoked, Some((Value::Revoked, 3)), 503), None);
    }

    #[test]
    fn what_the_backup_revoked_and_nobody_published_is_published() {
        assert_eq!(repaired(Value::Valid, Some((Value::Revoked, 11)), 503), Some(Value::Revoked));
        assert_eq!(repaired(Value::Suspended, Some((Value::Revoked, 11)), 503), Some(Value::Revoked));
    }

    #[test]
    fn what_was_suspended_and_resumed_since_is_as_published() {
        assert_eq!(repaired(Value::Suspended, None, 503), Some(Value::Suspended));
        assert_eq!(repaired(Value::Valid, Some((Value::Suspended, 3)), 503), Some(Value::Valid));
        assert_eq!(repaired(Value::Valid, Some((Value::Suspended, 11)), 503), Some(Value::Valid));
        assert_eq!(repaired(Value::Valid, None, 503), None);
        assert_eq!(repaired(Value::Suspended, Some((Value::Suspended, 3)), 503), None);
    }

    #[test]
    fn what_was_decided_just_before_the_backup_is_not_undone_by_the_manifest_on_its_way() {
        assert_eq!(repaired(Value::Valid, Some((Value::Suspended, 11)), 501), Some(Value::Suspended));
        assert_eq!(repaired(Value::Suspended, Some((Value::Valid, 11)), 500), Some(Value::Valid));
    }

    #[test]
    fn what_was_answered_and_never_published_is_taken_from_the_old_log() {
        let logged = |seq, value| {
            let detail = Detail { cti: None, reason: 1, reason_text: String::new() };
            BTreeMap::from([((LIST, 5), Logged { seq, value, detail })])
        };
        let own = |value| LogView {
            seq: 20,
            oldest_list: 0,
            places: vec![Entry { seq: 3, list: LIST, idx: 5, value, cti: None, reason: 1 }],
        };
        let learnt = |log, mine, known| {
            let mut repairs = BTreeMap::new();
            let count = acknowledged(&mut repairs, &log, &own(mine), known);
            assert_eq!(count, repairs.len());
            repairs.pop_first().map(|(_, value)| value)
        };
        for known in [Known::Log, Known::Later, Known::Nothing] {
            assert_eq!(learnt(logged(21, Value::Revoked), Value::Valid, known), Some(Value::Revoked));
            assert_eq!(learnt(logged(12, Value::Revoked), Value::Suspended, known), Some(Value::Revoked));
            assert_eq!(learnt(logged(21, Value::Valid), Value::Revoked, known), None);
            assert_eq!(learnt(logged(19, Value::Suspended), Value::Valid, known), None);
        }
        let suspended = || logged(21, Value::Suspended);
        assert_eq!(learnt(suspended(), Value::Valid, Known::Log), Some(Value::Suspended));
        assert_eq!(learnt(suspended(), Value::Valid, Known::Later), None);
        assert_eq!(learnt(suspended(), Value::Valid, Known::Nothing), Some(Value::Suspended));
        assert_eq!(learnt(logged(21, Value::Valid), Value::Suspended, Known::Log), Some(Value::Valid));
        assert_eq!(learnt(logged(21, Value::Valid), Value::Suspended, Known::Nothing), None);
    }

    #[test]
    fn list_that_is_not_published_is_as_the_registry_has_it() {
        let places = vec![Entry { seq: 3, list: LIST, idx: 5, value: Value::Suspended, cti: None, reason: 1 }];
        let own = LogView { seq: 20, oldest_list: 0, places };
        assert_eq!(repairs(&BTreeMap::new(), 503, &own, BEFORE), []);
    }
}

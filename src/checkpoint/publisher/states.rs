//! From the view of the log to the lists of the next manifest: which lists, how large, and what stands in them.

use std::collections::BTreeMap;

use freightpass_core::status::{MAX_N, State, is_live, list_of};
use freightpass_core::trust::TrustList;

use super::super::guard::Refusal;
use super::super::publication::{Publication, PublishedList};
use super::super::store::PlannedList;
use crate::bus::LogView;
use crate::pass::{BOOKING_AHEAD_S, FIRST_CAPACITY};

/// Each list that has to be published and its n: from this week to the last one in which a pass that is booked now can
/// expire, and whatever has leased places.
pub(super) fn capacities(list: &TrustList, issued: u32, planned: &[PlannedList]) -> BTreeMap<u32, u32> {
    let from = list_of(issued.into());
    let last = u64::from(issued) + BOOKING_AHEAD_S + u64::from(list.content().longest_life);
    let mut capacities: BTreeMap<u32, u32> = (from..=list_of(last)).map(|list| (list, FIRST_CAPACITY)).collect();
    for planned in planned.iter().filter(|planned| is_live(planned.list, issued.into())) {
        let mut capacity = planned.capacity.max(FIRST_CAPACITY);
        // Half leased: the growth is published before it is needed.
        while u64::from(planned.leased_to) * 2 >= u64::from(capacity) && capacity < MAX_N {
            capacity = capacity.saturating_mul(2).min(MAX_N);
        }
        capacities.insert(planned.list, capacity);
    }
    capacities
}

/// The states that the view makes, each of its capacity.
pub(super) fn states(view: &LogView, capacities: &BTreeMap<u32, u32>) -> Result<BTreeMap<u32, State>, Refusal> {
    let mut states = BTreeMap::new();
    for (list, n) in capacities {
        states.insert(*list, State::empty(*list, *n)?);
    }
    for place in &view.places {
        match states.get_mut(&place.list) {
            Some(state) => state.set(place.idx, place.value)?,
            // A place of a list that nobody planned: the list would be left out.
            None => return Err(Refusal::ListOmitted { list: place.list }),
        }
    }
    Ok(states)
}

/// The lists, each with what leads to it from the one published last.
pub(super) fn next_lists(
    last: Option<&Publication>,
    states: BTreeMap<u32, State>,
    deployment: &[u8; 8],
) -> Result<BTreeMap<u32, PublishedList>, Refusal> {
    let mut lists = BTreeMap::new();
    for (list, state) in states {
        let published = match last.and_then(|last| last.lists.get(&list)) {
            Some(before) => before.next(state, deployment)?,
            None => PublishedList::first(state, deployment)?,
        };
        lists.insert(list, published);
    }
    Ok(lists)
}

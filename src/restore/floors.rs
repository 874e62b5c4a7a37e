//! From where on numbers and places are free after a restore.
//!
//! Passes that were issued after the backup are in the field, and the restored registry does not know them. Where the
//! registry that gave them out is at hand, whole, it says exactly what it gave out. Where it is not, everything that can
//! have been given out since counts as given out, by rates that lie far above what a nation needs (12 passes a second
//! on average, 500 at the peak; see docs/OPERATING.md). Holes cost nothing: serials, lists and sequences have room.

use std::collections::BTreeMap;

use freightpass_core::status::MAX_N;

use crate::pass::{FIRST_CAPACITY, LEASE_SIZE};

/// Places of one list that are leased in a second at the most, over any longer time.
const LEASED_A_SECOND: u64 = 64;
/// Manifests that are signed in a second at the most: each waits for the disk.
const MANIFESTS_A_SECOND: u64 = 20;
/// Enterprises that are listed in a second at the most, over any longer time.
const ENTERPRISES_A_SECOND: u64 = 2;
/// Audit entries in a second at the most: group commits of whole batches.
const AUDITED_A_SECOND: u64 = 1_000;
/// Added to every time: no time is so short that a burst is not thought of, an import or a queue of decisions. Added, and
/// not the least that counts, so that the floors rise with the moment of the restore: a second restore from the same
/// backup begins behind what the first one can have given out.
const AT_LEAST_S: u64 = 3_600;
/// Serials of an authority in a second at the most, over the time between two restores of one day.
const SERIALS_A_SECOND: u64 = 32;
/// The first serial after a restore of that day: the half of a day's serials above it belongs to restores. Nobody
/// issues eight million passes on a day.
const SERIAL_HALF: u64 = 1 << 23;
/// The last serial of a day.
const LAST_SERIAL: u64 = (1 << 24) - 1;
const DAY_S: u64 = 86_400;
/// 2020-01-01, from which the days of pass numbers count.
const FIRST_DAY_S: u64 = 1_577_836_800;

/// What a registry knows to be given out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenOut {
    /// By list: its capacity, the n that is published, and the place below which everything is leased.
    pub lists: BTreeMap<u32, ListFloor>,
    /// By authority number and day: the next serial.
    pub serials: BTreeMap<(u32, u16), u32>,
    /// The last number of an enterprise.
    pub enterprises: u64,
    /// The last seq of the audit log.
    pub audit: u64,
    /// The seq of the newest manifest.
    pub manifest_seq: u32,
}

/// A list after the restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListFloor {
    /// Places that the next manifest publishes at the least.
    pub capacity: u32,
    /// Places that the newest manifest publishes.
    pub published: u32,
    /// Places below it are never leased again.
    pub leased_to: u32,
}

/// The serials of an authority's day after the restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SerialFloor {
    /// The authority's number.
    pub authority: u32,
    /// Days since 2020-01-01.
    pub day: u16,
    /// The next serial.
    pub next: u32,
}

/// Below them everything counts as given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floors {
    /// By list.
    pub lists: BTreeMap<u32, ListFloor>,
    /// By authority and day.
    pub serials: Vec<SerialFloor>,
    /// The last number of an enterprise.
    pub enterprises: u64,
    /// The last seq of the audit log.
    pub audit: u64,
    /// The least seq of the next manifest.
    pub manifest_seq: u32,
}

/// What the floors are found from, beside what the backup knows.
#[derive(Debug, Clone)]
pub struct Since<'a> {
    /// The present, seconds since 1970.
    pub now: u64,
    /// When the backup was made, seconds since 1970.
    pub backup: u64,
    /// The manifest published last: its seq, when it was issued, each list with its n.
    pub published: Option<(u32, u64, BTreeMap<u32, u32>)>,
    /// What the registry gave out that was there before the restore, if that is known exactly.
    pub exactly: Option<&'a GivenOut>,
    /// The numbers of the authorities that may have issued.
    pub authorities: &'a [u32],
    /// The lists in which a pass issued by now can expire.
    pub horizon: std::ops::RangeInclusive<u32>,
}

impl Floors {
    /// The floors over what the backup knows to be given out.
    pub fn over(own: &GivenOut, since: &Since<'_>) -> Self {
        let exactly = since.exactly;
        let seen = since.published.as_ref().map_or(since.backup, |(_, issued, _)| *issued);
        let elapsed = |from: u64| since.now.saturating_sub(from) + AT_LEAST_S;
        let published_seq = since.published.as_ref().map_or(0, |(seq, ..)| *seq);
        let newest = own.manifest_seq.max(published_seq).max(exactly.map_or(0, |given| given.manifest_seq));
        // Also where it is exact: a gap costs nothing, and a manifest that was signed and never stored is no loss then.
        let manifests = (MANIFESTS_A_SECOND * elapsed(seen)).saturating_add(newest.into());
        let jump = |known: u64, exact: Option<u64>, a_second: u64| match exact {
            Some(exact) => known.max(exact),
            None => known.saturating_add(a_second * elapsed(since.backup)),
        };
        Self {
            lists: lists(own, since, elapsed(seen)),
            serials: serials(own, since),
            enterprises: jump(own.enterprises, exactly.map(|given| given.enterprises), ENTERPRISES_A_SECOND),
            audit: jump(own.audit, exactly.map(|given| given.audit), AUDITED_A_SECOND),
            manifest_seq: u32::try_from(manifests).unwrap_or(u32::MAX),
        }
    }
}

fn lists(own: &GivenOut, since: &Since<'_>, elapsed: u64) -> BTreeMap<u32, ListFloor> {
    let mut floors = own.lists.clone();
    if let Some((_, _, published)) = &since.published {
        for (list, n) in published {
            let floor = floors.entry(*list).or_default();
            floor.published = *n;
            floor.capacity = floor.capacity.max(*n);
        }
    }
    match since.exactly {
        Some(given) => {
            for (list, exact) in &given.lists {
                let floor = floors.entry(*list).or_default();
                floor.leased_to = floor.leased_to.max(exact.leased_to);
                floor.capacity = floor.capacity.max(exact.capacity);
            }
        }
        None => {
            // Lists that nobody knows of yet may have been opened since.
            for list in since.horizon.clone() {
                floors.entry(list).or_default();
            }
            for (list, floor) in &mut floors {
                if list < since.horizon.start() {
                    continue;
                }
                // Nothing is leased beyond what is published; what was published since is thought of as leased.
                let known = floor.leased_to.max(floor.published);
                let block = u64::from(LEASE_SIZE);
                let reached = (u64::from(known) + LEASED_A_SECOND * elapsed).div_ceil(block) * block;
                floor.leased_to = u32::try_from(reached).unwrap_or(MAX_N).min(MAX_N);
            }
        }
    }
    for floor in floors.values_mut() {
        floor.capacity = floor.capacity.max(FIRST_CAPACITY);
    }
    floors
}

/// On the days from the backup to the present, serials go on where the known ones ended; where they are not known,
/// behind what belongs to the moment: the later the restore, the higher, so that a second restore from the same backup
/// gives out nothing that the first one did.
fn serials(own: &GivenOut, since: &Since<'_>) -> Vec<SerialFloor> {
    let mut next = own.serials.clone();
    if let Some(given) = since.exactly {
        for (key, exact) in &given.serials {
            let known = next.entry(*key).or_default();
            *known = (*known).max(*exact);
        }
        return next.into_iter().map(|((authority, day), next)| SerialFloor { authority, day, next }).collect();
    }
    // A local date is that of UTC, the one before or the one after.
    let day_of = |at: u64| at.saturating_sub(FIRST_DAY_S) / DAY_S;
    let days = day_of(since.backup).saturating_sub(1)..=day_of(since.now) + 1;
    let authorities = since.authorities.iter().copied().chain(own.serials.keys().map(|(authority, _)| *authority));
    let authorities: std::collections::BTreeSet<u32> = authorities.collect();
    for day in days {
        let Ok(number) = u16::try_from(day) else { continue };
        let opened = FIRST_DAY_S + day.saturating_sub(1) * DAY_S;
        let passed = since.now.saturating_sub(opened).min(3 * DAY_S);
        let floor = (SERIAL_HALF + SERIALS_A_SECOND * passed).min(LAST_SERIAL);
        for authority in &authorities {
            let known = next.entry((*authority, number)).or_default();
            *known = (*known).max(u32::try_from(floor).unwrap_or(u32::MAX));
        }
    }
    next.into_iter().map(|((authority, day), next)| SerialFloor { authority, day, next }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = FIRST_DAY_S + 2_500 * DAY_S + 40_000;
    const LIST: u32 = 2_970;

    fn own() -> GivenOut {
        GivenOut {
            lists: BTreeMap::from([(LIST, ListFloor { capacity: 65_536, published: 65_536, leased_to: 512 })]),
            serials: BTreeMap::from([((320_500, 2_500), 40)]),
            enterprises: 7,
            audit: 100,
            manifest_seq: 500,
        }
    }

    fn since<'a>(published: bool, exactly: Option<&'a GivenOut>) -> Since<'a> {
        let n = BTreeMap::from([(LIST, 65_536), (LIST + 1, 65_536)]);
        Since {
            now: NOW,
            backup: NOW - DAY_S,
            published: published.then_some((503, NOW - 60, n)),
            exactly,
            authorities: &[320_000, 320_500],
            horizon: LIST..=LIST + 2,
        }
    }

    #[test]
    fn what_the_former_registry_gave_out_is_known_exactly() {
        let former = GivenOut {
            lists: BTreeMap::from([(LIST, ListFloor { capacity: 65_536, published: 65_536, leased_to: 1_024 })]),
            serials: BTreeMap::from([((320_500, 2_500), 43), ((320_000, 2_500), 2)]),
            enterprises: 9,
            audit: 120,
            manifest_seq: 503,
        };
        let floors = Floors::over(&own(), &since(true, Some(&former)));
        assert_eq!(floors.lists[&LIST], ListFloor { capacity: 65_536, published: 65_536, leased_to: 1_024 });
        assert_eq!(floors.lists[&(LIST + 1)], ListFloor { capacity: 65_536, published: 65_536, leased_to: 0 });
        let serials: Vec<_> = floors.serials.iter().map(|floor| (floor.authority, floor.day, floor.next)).collect();
        assert_eq!(serials, [(320_000, 2_500, 2), (320_500, 2_500, 43)]);
        assert_eq!((floors.enterprises, floors.audit), (9, 120));
        assert!(floors.manifest_seq > 503);
    }

    #[test]
    fn nothing_that_can_have_been_given_out_is_free_where_nobody_knows() {
        for published in [true, false] {
            let floors = Floors::over(&own(), &since(published, None));
            for list in LIST..=LIST + 2 {
                let known = if published && list < LIST + 2 || list == LIST { 65_536 } else { 0 };
                assert!(floors.lists[&list].leased_to >= known + LEASE_SIZE, "{list}");
                assert_eq!(floors.lists[&list].leased_to % LEASE_SIZE, 0);
            }
            assert!(floors.enterprises > 7 && floors.audit > 100);
            assert!(floors.manifest_seq > 503);
            for authority in [320_000, 320_500] {
                for day in 2_498..=2_501 {
                    let of = |floor: &&SerialFloor| (floor.authority, floor.day) == (authority, day);
                    let floor = floors.serials.iter().find(of).unwrap_or_else(|| panic!("{authority} {day}"));
                    assert!(u64::from(floor.next) >= SERIAL_HALF && u64::from(floor.next) <= LAST_SERIAL);
                }
            }
        }
    }

    #[test]
    fn second_restore_from_the_same_backup_begins_behind_what_the_first_can_have_given_out() {
        let serial = |now: u64| {
            let floors = Floors::over(&own(), &Since { now, ..since(false, None) });
            let day = u16::try_from((now - FIRST_DAY_S) / DAY_S).unwrap();
            floors.serials.iter().find(|floor| (floor.authority, floor.day) == (320_500, day)).unwrap().next
        };
        let (first, second) = (serial(NOW), serial(NOW + 600));
        assert!(second >= first + 600 * 32, "{first} {second}");
        // To the last second of the day some serials are left.
        let end = NOW - 40_000 + DAY_S - 1;
        assert!(LAST_SERIAL - u64::from(serial(end)) > 2_000_000);
    }

    #[test]
    fn second_restore_within_the_hour_repeats_no_manifest_and_no_place() {
        let floors = |now: u64| Floors::over(&own(), &Since { now, backup: NOW - 30, ..since(false, None) });
        let (first, second) = (floors(NOW), floors(NOW + 600));
        assert!(second.manifest_seq >= first.manifest_seq + 600 * 20);
        for (list, floor) in &first.lists {
            assert!(second.lists[list].leased_to >= floor.leased_to + 600 * 64, "{list}");
        }
        assert!(second.enterprises > first.enterprises && second.audit > first.audit);
    }

    #[test]
    fn list_is_never_longer_than_lists_can_be() {
        let old = Since { backup: 0, ..since(false, None) };
        let floors = Floors::over(&own(), &old);
        assert_eq!(floors.lists[&LIST].leased_to, MAX_N);
    }
}

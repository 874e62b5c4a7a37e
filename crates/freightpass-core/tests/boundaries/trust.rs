//! The sizes and ranges of a trust list (docs/FORMAT.md, 1.1).

use freightpass_core::malformed::Malformed;
use freightpass_core::trust::{TrustFault, TrustList, UnverifiedTrustList};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, DAY, T0, public};
use freightpass_vectors::write;

use super::{Bound, at, change, resized};

fn list() -> Item {
    write::trust(&world::trust())
}

/// The list with this member of its first authority set: the nation's, which has one key and no division.
fn authority(member: usize, value: Item) -> Item {
    list().edit(5, |all| change(all, 0, |first| at(first, member, value)))
}

/// The list with this member of its first authority's key set.
fn key(member: usize, value: Item) -> Item {
    list().edit(5, |all| change(all, 0, |first| change(first, 6, |keys| change(keys, 0, |key| at(key, member, value)))))
}

fn programme(member: usize, value: Item) -> Item {
    list().edit(7, |all| change(all, 0, |first| at(first, member, value)))
}

fn limit(member: usize, value: Item) -> Item {
    list().edit(6, |limits| at(limits, member, value))
}

/// This many keys that stand nowhere else.
fn keys(count: usize) -> Item {
    let window = [T0, T0 + DAY].map(|time| Item::Int(time.into()));
    let key = |number: usize| {
        let members = [Item::bytes(&public(&format!("another {number}")))].into_iter().chain(window.clone());
        Item::List(members.chain([Item::Int(0)]).collect())
    };
    Item::List((0..count).map(key).collect())
}

/// A threshold of one, and this many roots.
fn roots(count: usize) -> Item {
    let keys = (0..count).map(|number| Item::bytes(&public(&format!("another root {number}"))));
    Item::List(vec![Item::Int(1), Item::List(keys.collect())])
}

fn judged(payload: Item) -> Result<TrustList, TrustFault> {
    UnverifiedTrustList::read(&world::cosigned(&payload, &["root 1"]))?.unverified_list()
}

fn read(payload: Item) -> Result<TrustList, Malformed> {
    judged(payload).map_err(|fault| match fault {
        TrustFault::Malformed(malformed) => malformed,
        other => panic!("{other}"),
    })
}

#[test]
fn every_size_of_a_trust_list_holds_at_its_bounds() {
    for bound in [
        Bound::bytes("deployment", 8, |value| list().with(0, value)),
        Bound::text("authority.code", 1, 16, |value| authority(0, value)),
        Bound::text("authority.name", 1, 90, |value| authority(2, value)),
        Bound::text("authority.division", 2, 8, |value| authority(4, value)),
        Bound::text("status_base", 8, 40, |value| list().with(8, value)),
        Bound::sized("authority.keys", 1, 8, keys, |value| authority(6, value)),
        Bound::sized("status_keys", 1, 4, keys, |value| list().with(10, value)),
        Bound::sized("roots.keys", 1, 8, roots, |value| list().with(4, value)),
    ] {
        bound.holds(&["size"], read);
    }
}

#[test]
fn every_number_of_a_trust_list_holds_at_its_bounds() {
    for bound in [
        Bound::int("sequence", 0, u32::MAX.into(), |value| list().with(1, value)),
        Bound::int("authority.number", 1, 0x00ff_ffff, |value| authority(1, value)),
        Bound::int("authority.level", 1, 3, |value| authority(3, value)),
        Bound::int("authority.division", 10, 99, |value| authority(4, value)),
        Bound::int("max_age", 0, u32::MAX.into(), |value| limit(0, value)),
        Bound::int("skew", 0, 600, |value| limit(1, value)),
        Bound::int("longest_life", 0, u32::MAX.into(), |value| limit(2, value)),
        Bound::int("programme.off_route", 0, 1, |value| programme(4, value)),
        Bound::int("key.compromised", 0, 1, |value| key(3, value)),
        // Of eight roots.
        Bound::int("roots.threshold", 1, 8, |value| list().with(4, at(roots(8), 0, value))),
        // Of three roots: not more than there are.
        Bound::int("roots.threshold", 1, 3, |value| list().with(4, at(roots(3), 0, value))),
    ] {
        bound.holds(&["range"], read);
    }
    // Another programme has the number 2.
    let number = Bound {
        inside: [1, 6, 65_534, 65_535].map(Item::Int).to_vec(),
        ..Bound::int("programme.number", 1, 65_535, |value| programme(0, value))
    };
    number.holds(&["range"], read);
    let listed = Bound::int("programme.number", 1, 65_535, |value| authority(5, Item::List(vec![value])));
    listed.holds(&["range"], read);
}

#[test]
fn every_time_of_a_trust_list_holds_at_its_bounds() {
    let (least, most) = (1_577_836_800, u32::MAX.into());
    for bound in [
        Bound::int("programme.from", least, most, |value| programme(2, value)),
        Bound::int("programme.until", least, most, |value| programme(3, value)),
        Bound::int("key.from", least, most, |value| key(1, value)),
        Bound::int("key.until", least, most, |value| key(2, value)),
        Bound::int("issued", least, most, |value| list().with(3, Item::Int(u32::MAX.into())).with(2, value)),
        Bound::int("expires", least, most, |value| list().with(2, Item::Int(1_577_836_800)).with(3, value)),
    ] {
        // A list that ends when it begins is read, and judged afterwards.
        let read = |payload| match judged(payload) {
            Err(TrustFault::Malformed(malformed)) => Err(malformed),
            Ok(_) | Err(TrustFault::Window) => Ok(()),
            Err(other) => panic!("{other}"),
        };
        bound.holds(&["time_out_of_bounds"], read);
    }
}

#[test]
fn a_list_expires_after_it_is_issued() {
    let window = |expires: u32| {
        let payload = list().with(2, Item::Int(T0.into())).with(3, Item::Int(expires.into()));
        judged(payload).map(|_| ()).map_err(|fault| fault.code())
    };
    assert_eq!([T0 - 1, T0, T0 + 1].map(window), [Err("window"), Err("window"), Ok(())]);
}

#[test]
fn arrays_of_a_trust_list_have_exactly_their_members() {
    type Put = fn(usize) -> Item;
    let survivors: Put = |count| {
        let entry = Item::List(vec![Item::bytes(&[1; 8]), Item::bytes(&[2; 32])]);
        list().with(9, Item::List(vec![resized(entry, count)]))
    };
    let all: [(&str, usize, Put); 6] = [
        ("roots", 2, |count| list().edit(4, |roots| resized(roots, count))),
        ("authority", 7, |count| list().edit(5, |all| change(all, 0, |first| resized(first, count)))),
        ("limits", 3, |count| list().edit(6, |limits| resized(limits, count))),
        ("programme", 5, |count| list().edit(7, |all| change(all, 0, |first| resized(first, count)))),
        ("survivors", 2, survivors),
        ("status_keys", 4, |count| list().edit(10, |keys| change(keys, 0, |first| resized(first, count)))),
    ];
    for (field, members, put) in all {
        assert!(read(put(members)).is_ok(), "{field}");
        for count in [members - 1, members + 1] {
            let fault = read(put(count)).map(drop).unwrap_err().fault;
            assert_eq!((fault.code(), fault.field()), ("size", Some(field)), "{count} members");
        }
    }
}

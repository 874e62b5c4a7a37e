//! The sizes and ranges of a manifest (docs/FORMAT.md, 1.1), and its rules between fields.

use freightpass_core::limits::MANIFEST_BYTES;
use freightpass_core::malformed::Malformed;
use freightpass_core::manifest::{ListEntry, ManifestContent, UnverifiedManifest};
use freightpass_core::status::MAX_N;
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, ISSUED};
use freightpass_vectors::write::{self, Message};

use super::{Bound, at, change, resized};

fn manifest() -> Item {
    write::manifest(&world::standard_manifest())
}

/// The manifest with this member of its last list set.
fn entry(member: usize, value: Item) -> Item {
    manifest().edit(6, |lists| change(lists, 3, |last| at(last, member, value)))
}

fn read(payload: Item) -> Result<ManifestContent, Malformed> {
    let key = world::key("status 1");
    let bytes = Message::new(&write::header(&key, write::MANIFEST), &payload, &key).bytes();
    UnverifiedManifest::read(&bytes)?.unverified_content()
}

#[test]
fn every_size_of_a_manifest_holds_at_its_bounds() {
    for bound in [
        Bound::bytes("deployment", 8, |value| manifest().with(0, value)),
        Bound::bytes("trust.hash", 32, |value| manifest().edit(5, |trust| at(trust, 1, value))),
        Bound::bytes("lists.base", 32, |value| entry(2, value)),
        Bound::bytes("lists.state", 32, |value| entry(3, value)),
    ] {
        bound.holds(&["size"], read);
    }
    for count in [1, 3] {
        let fault = read(manifest().edit(5, |trust| resized(trust, count))).unwrap_err().fault;
        assert_eq!((fault.code(), fault.field()), ("size", Some("trust")), "{count} members");
    }
    for count in [3, 5] {
        let fault = read(manifest().edit(6, |lists| change(lists, 3, |last| resized(last, count)))).unwrap_err().fault;
        assert_eq!((fault.code(), fault.field()), ("size", Some("lists")), "{count} members");
    }
}

#[test]
fn every_number_of_a_manifest_holds_at_its_bounds() {
    for bound in [
        Bound::int("seq", 0, u32::MAX.into(), |value| manifest().with(1, value)),
        Bound::int("ttl", 0, u32::MAX.into(), |value| manifest().with(4, value)),
        Bound::int("trust.sequence", 0, u32::MAX.into(), |value| manifest().edit(5, |trust| at(trust, 0, value))),
        Bound::int("lists.n", 0, MAX_N.into(), |value| entry(1, value)),
        Bound {
            inside: vec![Item::Int(u32::MAX.into())],
            ..Bound::int("lists.list", 0, u32::MAX.into(), |value| entry(0, value))
        },
    ] {
        bound.holds(&["range"], read);
    }
    for bound in [
        Bound::int("issued", 1_577_836_800, i64::from(ISSUED) - 1, |value| {
            manifest().with(3, Item::Int(ISSUED.into())).with(2, value)
        }),
        Bound::int("expires", i64::from(ISSUED) + 1, u32::MAX.into(), |value| manifest().with(3, value)),
    ] {
        // One end is that of times, the other that of the window, which is told as a rule of `expires`.
        for value in &bound.inside {
            assert!(read((bound.put)(value.clone())).is_ok(), "{}: {value:?}", bound.field);
        }
        for value in &bound.outside {
            let code = read((bound.put)(value.clone())).unwrap_err().fault.code();
            assert!(["time_out_of_bounds", "rule"].contains(&code), "{}: {value:?}: {code}", bound.field);
        }
    }
}

#[test]
fn a_manifest_expires_after_it_is_issued() {
    let window =
        |expires: u32| read(manifest().with(3, Item::Int(expires.into()))).map(drop).map_err(|e| e.fault.code());
    assert_eq!([ISSUED - 1, ISSUED, ISSUED + 1].map(window), [Err("rule"), Err("rule"), Ok(())]);
}

#[test]
fn each_list_is_above_the_one_before_it() {
    let second = |list: i64| {
        let payload = manifest().edit(6, |lists| change(resized(lists, 2), 1, |entry| at(entry, 0, Item::Int(list))));
        read(payload).map(|content| content.lists.len()).map_err(|error| error.fault.code())
    };
    assert_eq!([2968, 2969, 2970].map(second), [Err("rule"), Err("rule"), Ok(2)]);
}

#[test]
fn all_lists_together_have_at_most_two_to_the_28() {
    let with_last = |n: u32| {
        let mut content = world::standard_manifest();
        let entry = content.lists[0];
        content.lists =
            (1..=5).map(|list| ListEntry { list, n: if list < 4 { MAX_N } else { MAX_N - 1 }, ..entry }).collect();
        content.lists[4].n = n;
        read(write::manifest(&content)).map(drop).map_err(|error| error.fault.code())
    };
    assert_eq!([0, 1, 2].map(with_last), [Ok(()), Ok(()), Err("rule")]);
}

#[test]
fn lists_are_found_by_their_number_and_no_others() {
    let content = world::standard_manifest();
    let found = [2968, 2969, 2970, 2971, 2972, 2973, 2974].map(|list| content.entry(list).map(|entry| entry.list));
    assert_eq!(found, [None, Some(2969), Some(2970), Some(2971), None, Some(2973), None]);
}

#[test]
fn a_manifest_of_the_cap_is_signed_and_one_byte_more_is_not() {
    // Lists of no index; an index in one of them takes it a byte more to say so.
    let signed = |lists: u32, longer: usize| {
        let mut content = world::standard_manifest();
        let entry = ListEntry { n: 0, ..content.lists[0] };
        content.lists = (1000..1000 + lists).map(|list| ListEntry { list, ..entry }).collect();
        content.lists.iter_mut().take(longer).for_each(|entry| entry.n = 24);
        content.sign(world::kid_of("status 1"), |_| [0; 64]).map(|bytes| bytes.len()).map_err(|e| e.fault.code())
    };
    let one = signed(101, 0).unwrap() - signed(100, 0).unwrap();
    let lists = 100 + (MANIFEST_BYTES - signed(100, 0).unwrap()) / one;
    let left = MANIFEST_BYTES - signed(lists as u32, 0).unwrap();
    assert_eq!(signed(lists as u32, left - 1), Ok(MANIFEST_BYTES - 1));
    assert_eq!(signed(lists as u32, left), Ok(MANIFEST_BYTES));
    assert_eq!(signed(lists as u32, left + 1), Err("too_large"));
}

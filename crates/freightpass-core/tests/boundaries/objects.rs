//! The sizes and ranges of what has no signature of its own: bundles, provisioning files, survivors, states.

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::key::Kid;
use freightpass_core::malformed::Malformed;
use freightpass_core::status::{self, MAX_N, State, StatusError};
use freightpass_core::survivors::{ENTRY_BYTES, Survivors};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, DEPLOYMENT, T0};
use freightpass_vectors::write;

use super::{Bound, at, change, resized};

fn provision() -> Item {
    write::provision(&DEPLOYMENT, &world::roots(), T0)
}

fn survivors() -> Item {
    let run = |list: i64, first: i64| Item::List(vec![Item::Int(list), Item::Int(first), Item::bytes(&[7; 20])]);
    Item::List(vec![Item::Int(2), Item::bytes(&[1; 8]), Item::bytes(&[2; 16]), Item::List(vec![run(1, 4), run(2, 9)])])
}

/// The set with this member of its second run set.
fn run(member: usize, value: Item) -> Item {
    change(survivors(), 3, |runs| change(runs, 1, |run| at(run, member, value)))
}

#[test]
fn every_bound_of_a_provisioning_file_holds() {
    let read = |file: Item| Provision::decode(&file.encode());
    Bound::bytes("deployment", 8, |value| at(provision(), 1, value)).holds(&["size"], read);
    let floor = |value| at(provision(), 3, value);
    Bound::int("floor", 1_577_836_800, u32::MAX.into(), floor).holds(&["time_out_of_bounds"], read);
    let threshold = |value| change(provision(), 2, |roots| at(roots, 0, value));
    Bound::int("roots.threshold", 1, 3, threshold).holds(&["range"], read);
    let kind = Bound { inside: vec![Item::Int(4)], ..Bound::int("provision", 4, 4, |value| at(provision(), 0, value)) };
    kind.holds(&["range"], read);
    for count in [3, 5] {
        assert_eq!(read(resized(provision(), count)).unwrap_err().fault.code(), "size", "{count} members");
    }
}

#[test]
fn a_provisioning_file_is_fingerprinted_whole() {
    let spoken = |file: Item| Provision::decode(&file.encode()).unwrap().fingerprint().to_string();
    let digest = write::sha256(&provision().encode());
    let groups = digest.chunks(2).take(8).map(|pair| format!("{:05}", u16::from_be_bytes([pair[0], pair[1]])));
    assert_eq!(spoken(provision()), groups.collect::<Vec<_>>().join(" "));
    assert_ne!(spoken(at(provision(), 3, Item::Int(i64::from(T0) + 1))), spoken(provision()));
    let file = Provision::decode(&provision().encode()).unwrap();
    let keys = file.root_keys();
    assert_eq!(keys.iter().map(|key| *key.as_bytes()).collect::<Vec<_>>(), world::roots().keys);
}

#[test]
fn every_bound_of_a_bundle_holds() {
    let read = |parts: [usize; 2]| {
        let bundle = Bundle { trust: vec![vec![]; parts[0]], manifest: vec![], objects: vec![vec![]; parts[1]] };
        Bundle::decode(&bundle.encode()).map(|read| assert_eq!(read, bundle)).map_err(|error| error.fault.field())
    };
    for (lists, objects) in [(1, 0), (2, 1), (15, 1023), (16, 1024)] {
        assert_eq!(read([lists, objects]), Ok(()));
    }
    assert_eq!([0, 17].map(|lists| read([lists, 0])), [Err(Some("bundle.trust")); 2]);
    assert_eq!(read([1, 1025]), Err(Some("bundle.objects")));
}

#[test]
fn every_part_of_a_bundle_holds_at_its_cap() {
    let read = |sizes: [usize; 3]| {
        let [trust, manifest, object] = sizes.map(|size| vec![0; size]);
        Bundle::decode(&Bundle { trust: vec![trust], manifest, objects: vec![object] }.encode())
            .map(drop)
            .map_err(|error| error.fault.field())
    };
    let caps = [1 << 20, 16 << 10, 8 << 20];
    assert_eq!(read(caps), Ok(()));
    for (part, field) in ["bundle.trust", "bundle.manifest", "bundle.objects"].into_iter().enumerate() {
        let mut over = [0; 3];
        over[part] = caps[part] + 1;
        assert_eq!(read(over), Err(Some(field)));
        over[part] = caps[part] - 1;
        assert_eq!(read(over), Ok(()), "{field}");
    }
}

#[test]
fn every_bound_of_a_survivors_set_holds() {
    let read = |set: Item| -> Result<Survivors, Malformed> { Survivors::decode(&set.encode()) };
    for bound in [
        Bound::bytes("survivors.kid", 8, |value| at(survivors(), 1, value)),
        Bound::bytes("survivors.salt", 16, |value| at(survivors(), 2, value)),
    ] {
        bound.holds(&["size"], read);
    }
    for bound in [
        Bound {
            inside: vec![Item::Int(u32::MAX.into())],
            ..Bound::int("survivors.list", 0, u32::MAX.into(), |value| run(0, value))
        },
        Bound { inside: vec![], ..Bound::int("survivors.first", 0, u32::MAX.into(), |value| run(1, value)) },
    ] {
        bound.holds(&["range"], read);
    }
    let entries = |size: usize| {
        read(run(2, Item::Bytes(vec![7; size]))).map(|set| set.len()).map_err(|error| error.fault.field())
    };
    let wrong = Err(Some("survivors.entries"));
    assert_eq!([9, 10, 11].map(entries), [wrong, Ok(3), wrong]);
    assert_eq!([0, 19, 20, 21].map(entries), [wrong, wrong, Ok(4), wrong]);
    for count in [3, 5] {
        assert_eq!(read(resized(survivors(), count)).unwrap_err().fault.code(), "size", "{count} members");
    }
    for count in [2, 4] {
        let set = change(survivors(), 3, |runs| change(runs, 1, |run| resized(run, count)));
        assert_eq!(read(set).unwrap_err().fault.field(), Some("survivors.run"), "{count} members");
    }
}

#[test]
fn a_run_of_survivors_ends_with_the_last_index() {
    // Two entries each.
    let last = i64::from(u32::MAX);
    let read = |first: i64| Survivors::decode(&run(1, Item::Int(first)).encode()).is_ok();
    assert_eq!([last - 2, last - 1, last].map(read), [true, true, false]);
}

#[test]
fn runs_of_one_list_have_a_hole_between_and_lists_ascend() {
    // The first run is 4 and 5 of list 1.
    let read = |list: i64, first: i64| {
        let set = change(run(0, Item::Int(list)), 3, |runs| change(runs, 1, |run| at(run, 1, Item::Int(first))));
        Survivors::decode(&set.encode()).map(drop).map_err(|error| error.fault.code())
    };
    assert_eq!([5, 6, 7].map(|first| read(1, first)), [Err("rule"), Err("rule"), Ok(())]);
    assert_eq!([0, 1, 2].map(|list| read(list, 0)), [Err("rule"), Err("rule"), Ok(())]);
}

#[test]
fn survivors_are_counted_named_and_found_at_their_own_place() {
    let kid = Kid([1; 8]);
    let set = Survivors::of(kid, [2; 16], [(1, 4, &b"a"[..]), (1, 5, b"b"), (1, 7, b"c")]);
    assert_eq!((set.kid(), set.len(), set.is_empty()), (kid, 3, false));
    let none = Survivors::of(kid, [2; 16], []);
    assert_eq!((none.len(), none.is_empty()), (0, true));
    assert_eq!([3, 4, 5].map(|idx| set.contains(1, idx, b"a")), [false, true, false]);
    assert_eq!([4, 5, 6].map(|idx| set.contains(1, idx, b"b")), [false, true, false]);
    assert_eq!([6, 7, 8].map(|idx| set.contains(1, idx, b"c")), [false, true, false]);
    assert_eq!([0, 1, 2].map(|list| set.contains(list, 4, b"a")), [false, true, false]);
    assert_eq!(set.hash(), write::sha256(&set.encode()));
    assert_eq!(set.encode().len(), 1 + 1 + 9 + 17 + 1 + 2 * 4 + 3 * ENTRY_BYTES, "two runs");
}

#[test]
fn an_object_is_told_by_its_kind_and_its_members() {
    let peek = |members: usize, kind: i64| {
        let zeros = vec![Item::Int(0); members - 1];
        status::peek(&Item::List([Item::Int(kind)].into_iter().chain(zeros).collect()).encode())
            .map(|head| head.kind as u32)
            .map_err(|error| error.code())
    };
    assert_eq!([4, 5, 6].map(|members| peek(members, 0)), [Err("malformed"), Ok(0), Err("malformed")]);
    assert_eq!([6, 7, 8].map(|members| peek(members, 1)), [Err("malformed"), Ok(1), Err("malformed")]);
    assert_eq!([2, 3].map(|kind| peek(5, kind)), [Err("wrong_kind"); 2]);
    assert_eq!(peek(1, 2), Err("wrong_kind"));
}

#[test]
fn n_holds_at_its_cap_and_arrays_at_their_length() {
    let over = StatusError::NOverCap { n: MAX_N + 1 };
    assert_eq!(State::empty(1, MAX_N - 1).map(|state| state.n()), Ok(MAX_N - 1));
    assert_eq!(State::empty(1, MAX_N + 1), Err(over.clone()));
    assert_eq!(State::from_array(1, MAX_N + 1, vec![]), Err(over.clone()));
    let small = State::from_sets(1, 9, &[8], &[]).unwrap();
    assert_eq!(small.extended(8), Err(StatusError::Shrinks { from: 9, to: 8 }));
    assert_eq!(small.extended(9), Ok(small.clone()));
    assert_eq!(small.extended(10).map(|state| (state.n(), state.sets())), Ok((10, (vec![8], vec![]))));
    assert_eq!(small.extended(MAX_N).map(|state| state.n()), Ok(MAX_N));
    assert_eq!(small.extended(MAX_N + 1), Err(over));
    let of = |n: u32, bytes: usize| State::from_array(1, n, vec![0; bytes]).map(|state| state.n());
    for n in 0..=9 {
        let wanted = (n as usize).div_ceil(4);
        assert_eq!(of(n, wanted), Ok(n));
        assert_eq!(of(n, wanted + 1), Err(StatusError::ArrayLength { found: wanted + 1, wanted }));
        if let Some(found) = wanted.checked_sub(1) {
            assert_eq!(of(n, found), Err(StatusError::ArrayLength { found, wanted }));
        }
    }
}

#[test]
fn codes_longer_than_one_look_up_come_back() {
    // Of each gap half as many as of the one before, so that codes grow by a bit; then gaps of 23 low bits.
    let set = |steps: &[(u32, u32)]| {
        let steps = steps.iter().flat_map(|&(step, count)| (0..count).map(move |_| step));
        let ascending = steps.scan(0u32, |index, step| {
            *index += step;
            Some(*index)
        });
        ascending.collect::<Vec<u32>>()
    };
    let long: Vec<(u32, u32)> = (1..15).map(|k| (1 << k, 1 << (14 - k))).chain([(20_000_000, 3)]).collect();
    let short = [(2, 100), (8, 50), (32, 25), (128, 12), (512, 6), (20_000_000, 3)];
    for indexes in [set(&long), set(&short)] {
        let bytes = status::set::encode(&indexes).unwrap();
        assert_eq!(status::set::decode(&bytes, MAX_N), Ok(indexes));
    }
}

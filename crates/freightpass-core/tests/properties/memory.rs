//! No decoder takes more memory than a small multiple of the bytes it was given, or of what the manifest allows,
//! whatever the bytes promise.
//!
//! Counted is the most that the asking thread held at one time, beside the bytes themselves; a vector that grows holds
//! its old and its new place for a moment, so that a factor of three comes from growing alone.

use std::sync::LazyLock;

use allocation_counter::measure;
use freightpass_core::bundle::Bundle;
use freightpass_core::hold::Held;
use freightpass_core::limits::{BUNDLE_BYTES, BUNDLE_OBJECTS, MANIFEST_BYTES, OBJECT_BYTES, TRUST_BYTES};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::status::{self, Snapshot};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::UnverifiedTrustList;
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, N};
use freightpass_vectors::write;

use super::decoders::DECODERS;
use super::standard_scanner;

/// What a refusal may take: the words of an error, never a place for what was promised.
const REFUSAL_BYTES: u64 = 1 << 10;

/// The tables by which a set's tokens are told apart.
const CODE_BYTES: u64 = 16 << 10;

/// The most that `work` holds at one time, bytes.
fn peak(work: impl FnOnce()) -> u64 {
    measure(work).bytes_max
}

/// What each decoder and each way into a scanner takes for these bytes.
fn peaks(bytes: &[u8]) -> Vec<(&'static str, u64)> {
    static SCANNER: LazyLock<Held> = LazyLock::new(standard_scanner);
    let decoders = DECODERS.iter().map(|(name, decode)| {
        (
            *name,
            peak(|| {
                let _ = decode(bytes);
            }),
        )
    });
    let mut all: Vec<_> = decoders.collect();
    all.push((
        "set",
        peak(|| {
            let _ = status::set::decode(bytes, N);
        }),
    ));
    let (mut trust, mut manifest, mut object) = (SCANNER.clone(), SCANNER.clone(), SCANNER.clone());
    let mut whole = SCANNER.clone();
    all.push((
        "adopt trust",
        peak(|| {
            let _ = trust.adopt_trust(bytes);
        }),
    ));
    all.push((
        "adopt manifest",
        peak(|| {
            let _ = manifest.adopt_manifest(bytes);
        }),
    ));
    all.push((
        "adopt object",
        peak(|| {
            let _ = object.adopt_object(bytes);
        }),
    ));
    all.push((
        "adopt bundle",
        peak(|| {
            let _ = whole.adopt_bundle(bytes);
        }),
    ));
    all
}

#[test]
fn memory_is_counted() {
    let taken = peak(|| drop(std::hint::black_box(vec![0u8; 1 << 20])));
    assert!((1 << 20..(1 << 20) + 4096).contains(&taken), "{taken}");
}

#[test]
fn lengths_that_promise_more_than_there_is_take_nothing() {
    // Heads of arrays, maps, strings of 2^32 - 1 and 2^64 - 1, alone and where each object has its own.
    let heads: [&[u8]; 8] = [
        &[0x9a, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xba, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x5a, 0xff, 0xff, 0xff, 0xff],
        &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x84, 0x03, 0x9b, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    let before: [&[u8]; 9] = [
        &[],
        &[0xd2],
        &[0xd8, 98],
        &[0xd2, 0x84],
        &[0xd8, 98, 0x84],
        &[0x84, 0x03],
        &[0x84, 0x03, 0x81, 0x40, 0x40],
        &[0x85, 0x00, 0x01, 0x18, 0x40],
        &[0x84, 0x02, 0x48, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for head in heads {
        for before in before {
            let bytes = [before, head].concat();
            for (name, taken) in peaks(&bytes) {
                assert!(taken <= REFUSAL_BYTES, "{name} takes {taken} bytes for {bytes:02x?}");
            }
        }
    }
}

#[test]
fn sets_that_count_more_than_n_take_nothing() {
    // 2^26 indexes in no bits at all: refused by its count before anything is painted.
    let set = [0x04, 0, 0, 0, 0x04, 0x08, 0];
    assert!(peak(|| assert!(status::set::decode(&set, N).is_err())) <= REFUSAL_BYTES);
    let snapshot = write::snapshot(1, N, &set, &[]).encode();
    let array = u64::from(N) / 4;
    assert!(peak(|| assert!(Snapshot::decode(&snapshot, N).is_err())) <= array + CODE_BYTES);
}

#[test]
fn a_bundle_of_a_million_empty_objects_is_refused_before_they_are_listed() {
    let empty = |count: u32| {
        let head = [&[0x84, 0x03, 0x81, 0x41, b't', 0x41, b'm', 0x9a][..], &count.to_be_bytes()].concat();
        [head, vec![0x40; count as usize]].concat()
    };
    let beside = 12;
    let bytes = empty(BUNDLE_BYTES as u32 - beside);
    assert_eq!(bytes.len(), BUNDLE_BYTES);
    assert!(peak(|| assert!(Bundle::decode(&bytes).is_err())) <= REFUSAL_BYTES);
    let mut held = standard_scanner();
    assert!(peak(|| assert!(held.adopt_bundle(&bytes).is_err())) <= REFUSAL_BYTES);
}

#[test]
fn a_bundle_takes_no_more_than_its_own_bytes_again() {
    let object = vec![0; OBJECT_BYTES - 100];
    let full = write::bundle(&[b"t"], b"m", &[&object[..]; 4]).encode();
    let taken = peak(|| assert!(Bundle::decode(&full).is_ok()));
    // The places of the parts, which grow, and the parts.
    let places = 3 * 24 * BUNDLE_OBJECTS as u64;
    assert!(taken <= full.len() as u64 + places, "{taken} for {}", full.len());
    let many = write::bundle(&[b"t"], b"m", &[&[][..]; BUNDLE_OBJECTS]).encode();
    let taken = peak(|| assert!(Bundle::decode(&many).is_ok()));
    assert!(taken <= many.len() as u64 + places + REFUSAL_BYTES, "{taken} for {}", many.len());
}

/// Trust lists at their cap, each full of what costs most beside its bytes.
fn full_trust_lists() -> Vec<(&'static str, Vec<u8>)> {
    let with = |key: i64, value: Item| world::cosigned(&write::trust(&world::trust()).with(key, value), &["root 1"]);
    let programme = |number: i64| {
        let window = [i64::from(world::T0), i64::from(world::T0 + 1)].map(Item::Int);
        let members = [Item::Int(number), Item::text("")].into_iter().chain(window).chain([Item::Int(0)]);
        Item::List(members.collect())
    };
    let survivors = |number: u64| Item::List(vec![Item::bytes(&number.to_be_bytes()), Item::bytes(&[7; 32])]);
    let authority = |number: i64| {
        let key = [Item::bytes(&world::public(&number.to_string()))];
        let window = [i64::from(world::T0), i64::from(world::T0 + 1), 0].map(Item::Int);
        let key = Item::List(key.into_iter().chain(window).collect());
        let name = Item::Text(number.to_string());
        let rest = [Item::text("n"), Item::Int(1), Item::Int(0), Item::List(vec![]), Item::List(vec![key])];
        Item::List([name, Item::Int(number)].into_iter().chain(rest).collect())
    };
    vec![
        ("programmes", with(7, Item::List((1..=62_000).map(programme).collect()))),
        ("programmes of one authority", {
            let many = Item::List(vec![Item::Int(1); TRUST_BYTES - 1500]);
            let all = write::trust(&world::trust()).edit(5, |authorities| {
                let Item::List(mut authorities) = authorities else { unreachable!() };
                let Item::List(mut first) = authorities.remove(0) else { unreachable!() };
                first[5] = many;
                authorities.insert(0, Item::List(first));
                Item::List(authorities)
            });
            world::cosigned(&all, &["root 1"])
        }),
        ("survivors", with(9, Item::List((0..23_000).map(survivors).collect()))),
        ("authorities", with(5, Item::List((1..=15_500).map(authority).collect()))),
    ]
}

#[test]
fn a_trust_list_takes_a_small_multiple_of_its_cap() {
    let new = super::new_scanner();
    for (name, bytes) in full_trust_lists() {
        assert!((TRUST_BYTES * 9 / 10..=TRUST_BYTES).contains(&bytes.len()), "{name}: {} bytes", bytes.len());
        let taken = peak(|| {
            let _ = UnverifiedTrustList::read(&bytes).map(|list| list.unverified_list().is_ok());
        });
        println!("{name}: {taken} bytes for {}", bytes.len());
        assert!(taken <= 12 * TRUST_BYTES as u64, "{name}: {taken}");
        let mut held = new.clone();
        let taken = peak(|| assert!(held.adopt_trust(&bytes).is_err()));
        assert!(taken <= 12 * TRUST_BYTES as u64, "adopting {name}: {taken}");
    }
}

#[test]
fn a_manifest_takes_a_small_multiple_of_its_cap() {
    let mut content = world::standard_manifest();
    let entry = content.lists[0];
    content.lists = (0..220).map(|list| freightpass_core::manifest::ListEntry { list, n: 1, ..entry }).collect();
    let bytes = world::signed_manifest(&content, "status 1");
    assert!((MANIFEST_BYTES * 9 / 10..=MANIFEST_BYTES).contains(&bytes.len()), "{}", bytes.len());
    let taken = peak(|| assert!(UnverifiedManifest::read(&bytes).unwrap().unverified_content().is_ok()));
    assert!(taken <= 4 * MANIFEST_BYTES as u64, "{taken}");
}

#[test]
fn a_survivors_set_takes_a_small_multiple_of_its_cap() {
    // Runs of one entry that do not touch: the most places for the fewest bytes.
    let run = |first: i64| Item::List(vec![Item::Int(1), Item::Int(first), Item::bytes(&[7; 10])]);
    let runs = Item::List((0..465_000).map(|run_number| run(2 * run_number)).collect());
    let set = Item::List(vec![Item::Int(2), Item::bytes(&[1; 8]), Item::bytes(&[2; 16]), runs]).encode();
    assert!((OBJECT_BYTES * 9 / 10..=OBJECT_BYTES).contains(&set.len()), "{}", set.len());
    let taken = peak(|| assert!(Survivors::decode(&set).is_ok()));
    println!("{taken} bytes for {}", set.len());
    assert!(taken <= 4 * OBJECT_BYTES as u64, "{taken}");
}

#[test]
fn a_snapshot_takes_the_array_of_its_n() {
    // A row of 2^26 indexes in a few bytes: what it may take is what the manifest's n says.
    let n = 1 << 26;
    let full = write::snapshot(1, n, &full_row(n), &[]).encode();
    assert!(full.len() < 64);
    let taken = peak(|| assert!(Snapshot::decode(&full, n).is_ok()));
    assert!(taken <= u64::from(n) / 4 + CODE_BYTES, "{taken}");
    let taken = peak(|| assert!(Snapshot::decode(&full, 8).is_err()));
    assert!(taken <= REFUSAL_BYTES, "under another n it takes {taken}");
}

/// The code of all indexes below n, a power of two: one run token of class 2k - 1 + 1 for v = n - 2 (section 4).
fn full_row(n: u32) -> Vec<u8> {
    let v = u64::from(n) - 2;
    let k = v.ilog2();
    let class = 2 * k - 1 + (v >> (k - 1) & 1) as u32;
    let mut fields = vec![(u64::from(n), 32), (0, 6), (u64::from(class) + 1, 6)];
    fields.extend(vec![(0, 1); class as usize]);
    fields.extend([(1, 1), (0, 6), (v & ((1 << (k - 1)) - 1), k - 1)]);
    write::bits(&fields)
}

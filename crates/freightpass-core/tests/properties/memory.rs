//! No decoder takes more memory than a small multiple of the bytes it was given, or of what the manifest allows,
//! whatever the bytes promise.
//!
//! Counted is the most that the asking thread held at one time, beside the bytes themselves. Here are promises that are
//! not kept and inputs at their caps; `bounds` asks every decoder for all sizes.

use std::sync::LazyLock;

use allocation_counter::measure;
use freightpass_core::bundle::Bundle;
use freightpass_core::hold::Held;
use freightpass_core::limits::{
    BUNDLE_BYTES, BUNDLE_OBJECTS, MANIFEST_BYTES, MANIFEST_MEMORY, OBJECT_BYTES, READING_BYTES, SURVIVORS_MEMORY,
    TRUST_BYTES, TRUST_MEMORY,
};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::status::{self, Snapshot};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::UnverifiedTrustList;
use freightpass_vectors::world::N;
use freightpass_vectors::{worst, write};

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

/// What costs a decoder most, of this size.
fn most(decoder: &str, size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let families = worst::all().into_iter().filter(|family| family.decoder == decoder);
    let most: Vec<_> = families.map(|family| (family.name, (family.make)(size))).collect();
    for (name, bytes) in &most {
        assert!((size * 9 / 10..=size).contains(&bytes.len()), "{name}: {} bytes of {size}", bytes.len());
    }
    most
}

#[test]
fn a_trust_list_takes_its_multiple_at_its_cap() {
    let new = super::new_scanner();
    let bound = (TRUST_MEMORY * TRUST_BYTES + READING_BYTES) as u64;
    for (name, bytes) in most("trust list", TRUST_BYTES) {
        let taken = peak(|| {
            let _ = UnverifiedTrustList::read(&bytes).map(|list| list.unverified_list().is_ok());
        });
        assert!(taken <= bound, "{name}: {taken}");
        let mut held = new.clone();
        let taken = peak(|| assert!(held.adopt_trust(&bytes).is_err()));
        assert!(taken <= bound, "adopting {name}: {taken}");
    }
}

#[test]
fn a_manifest_takes_its_multiple_at_its_cap() {
    for (name, bytes) in most("manifest", MANIFEST_BYTES) {
        let taken = peak(|| assert!(UnverifiedManifest::read(&bytes).unwrap().unverified_content().is_ok()));
        assert!(taken <= (MANIFEST_MEMORY * MANIFEST_BYTES + READING_BYTES) as u64, "{name}: {taken}");
    }
}

#[test]
fn a_survivors_set_takes_its_multiple_at_its_cap() {
    for (name, bytes) in most("survivors", OBJECT_BYTES) {
        let taken = peak(|| assert!(Survivors::decode(&bytes).is_ok()));
        assert!(taken <= (SURVIVORS_MEMORY * OBJECT_BYTES + READING_BYTES) as u64, "{name}: {taken}");
    }
}

#[test]
fn a_snapshot_takes_the_array_of_its_n() {
    // A row of 2^26 indexes in a few bytes: what it may take is what the manifest's n says.
    let n = status::MAX_N;
    let family = worst::all().into_iter().find(|family| family.name == "one run").unwrap();
    let full = (family.make)(n as usize / 4);
    assert!(full.len() < 64);
    let taken = peak(|| assert!(Snapshot::decode(&full, n).is_ok()));
    assert!(taken <= u64::from(n) / 4 + CODE_BYTES, "{taken}");
    let taken = peak(|| assert!(Snapshot::decode(&full, 8).is_err()));
    assert!(taken <= REFUSAL_BYTES, "under another n it takes {taken}");
}

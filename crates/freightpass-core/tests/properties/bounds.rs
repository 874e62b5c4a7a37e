//! What each decoder takes of memory is a stated multiple of its input, whatever the input: good, damaged, or made to
//! cost the most. A state may stand for more than its bytes, so its bound is the array of the n that a manifest signs.

use allocation_counter::measure;
use freightpass_core::limits::{
    BUNDLE_MEMORY, BYTES_AN_ALLOCATION, MANIFEST_MEMORY, PASS_MEMORY, READING_ALLOCATIONS, READING_BYTES,
    SURVIVORS_MEMORY, TRUST_MEMORY,
};
use freightpass_core::status::{self, MAX_N};
use freightpass_vectors::world::N;
use freightpass_vectors::worst::{self, Worst};
use proptest::collection::vec;
use proptest::prelude::*;

use super::decoders::{DECODERS, OBJECTS};
use super::mutation::mutation;

/// The stated multiple of a decoder, and the bytes that it takes for the indexes below `n`.
fn bound(decoder: &str, n: u32) -> (usize, usize) {
    let n = n.min(MAX_N) as usize;
    match decoder {
        "pass" | "pass text" => (PASS_MEMORY, 0),
        "trust list" => (TRUST_MEMORY, 0),
        "manifest" => (MANIFEST_MEMORY, 0),
        "head of an object" => (0, 0),
        "snapshot" | "delta" => (0, n.div_ceil(4)),
        "set" => (0, 4 * n),
        "survivors" => (SURVIVORS_MEMORY, 0),
        "bundle" => (BUNDLE_MEMORY, 0),
        "provisioning file" => (BUNDLE_MEMORY, 0),
        // What a scanner wrote itself: all of the above, and states of its own n.
        "stored scanner" => (TRUST_MEMORY, 4 * N as usize),
        other => panic!("no bound is stated for {other}"),
    }
}

/// How much more than its bound a decoder took: bytes and allocations, where it did.
fn excess(decoder: &str, bytes: &[u8], n: u32, decode: impl FnOnce()) -> Option<String> {
    let taken = measure(decode);
    let (multiple, states) = bound(decoder, n);
    let allowed = (multiple * bytes.len() + states + READING_BYTES) as u64;
    let allocations = (bytes.len() / BYTES_AN_ALLOCATION + READING_ALLOCATIONS) as u64;
    let says = format!(
        "{decoder}, {} bytes: {} bytes held of {allowed}, {} allocations of {allocations}",
        bytes.len(),
        taken.bytes_max,
        taken.count_total
    );
    (taken.bytes_max > allowed || taken.count_total > allocations).then_some(says)
}

/// Every decoder that takes more than it may for these bytes.
fn all_excesses(bytes: &[u8]) -> Vec<String> {
    let decoders = DECODERS.iter().filter_map(|(name, decode)| {
        excess(name, bytes, N, || {
            let _ = decode(bytes);
        })
    });
    let set = excess("set", bytes, N, || {
        let _ = status::set::decode(bytes, N);
    });
    decoders.chain(set).collect()
}

/// Sizes to twice the first, since a vector that has just grown takes most beside its items.
fn sizes(family: &Worst) -> impl Iterator<Item = usize> {
    // The tests need no more than some ten thousand items; the caps are met in `memory`.
    let first = if family.smallest > LARGE { family.smallest / 8 } else { family.smallest };
    (0..=STEPS).map(move |step| first + first * step / STEPS)
}

/// Steps to twice a size.
const STEPS: usize = 12;
/// Bytes from which a family is made smaller than its benches need it.
const LARGE: usize = 100 << 10;

#[test]
fn what_costs_most_takes_no_more_than_is_stated() {
    for family in worst::all() {
        for size in sizes(&family) {
            let bytes = (family.make)(size);
            let n = status::peek(&bytes).map_or(MAX_N, |head| head.n);
            let says = excess(family.decoder, &bytes, n, || {
                (family.decode)(&bytes);
            });
            assert_eq!(says, None, "{}", family.name);
        }
    }
}

#[test]
fn what_costs_most_is_read_to_its_end() {
    // What has no place in any object is walked through, and refused for its shape.
    let shapeless = ["integers", "nested arrays", "maps as keys of maps"];
    for family in worst::all() {
        let size = sizes(&family).next().expect("a size");
        let bytes = (family.make)(size);
        assert!(bytes.len() <= size, "{}: {} bytes", family.name, bytes.len());
        assert_eq!((family.decode)(&bytes), !shapeless.contains(&family.name), "{}: {}", family.decoder, family.name);
    }
}

#[test]
fn good_objects_and_all_their_beginnings_take_no_more_than_is_stated() {
    for object in OBJECTS.iter() {
        for end in (0..object.len()).step_by(7).chain([object.len()]) {
            assert_eq!(all_excesses(&object[..end]), Vec::<String>::new());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn damaged_objects_take_no_more_than_is_stated(object in 0..OBJECTS.len(), damage in vec(mutation(), 1..4)) {
        let bytes = damage.iter().fold(OBJECTS[object].clone(), |bytes, damage| match bytes.len() {
            0 => bytes,
            _ => damage.of(&bytes),
        });
        prop_assert_eq!(all_excesses(&bytes), Vec::<String>::new());
    }
}

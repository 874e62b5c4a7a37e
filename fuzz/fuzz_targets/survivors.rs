//! A survivors set: what decodes encodes to the same bytes; it is made again from passes, each at its own place.
#![no_main]

use freightpass_core::key::Kid;
use freightpass_core::limits::SURVIVORS_MEMORY;
use freightpass_core::survivors::Survivors;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(Vectors::read().objects("survivors", "object"), |bytes| {
    match within(SURVIVORS_MEMORY, bytes, || Survivors::decode(bytes)) {
        Ok(set) => {
            assert_eq!(set.encode(), bytes);
            assert_eq!(set.is_empty(), set.len() == 0);
        }
        Err(error) => {
            placed(&error, bytes);
            made(bytes);
        }
    }
});

/// The bytes in fives: list and index of a pass, and the pass.
fn made(bytes: &[u8]) {
    let passes: Vec<_> = bytes
        .as_chunks::<5>()
        .0
        .iter()
        .take(16)
        .map(|five| (u32::from(five[0] % 4), u32::from(five[1]), &five[2..]))
        .collect();
    let set = Survivors::of(Kid([1; 8]), [2; 16], passes.iter().copied());
    assert_eq!(Survivors::decode(&set.encode()), Ok(set.clone()));
    for (list, idx, pass) in &passes {
        // Of two passes at one place the last stands there.
        let last = passes.iter().rfind(|(l, i, _)| (l, i) == (list, idx));
        assert_eq!(set.contains(*list, *idx, pass), last.is_some_and(|(.., last)| last == pass));
        assert!(!set.contains(list + 4, *idx, pass));
    }
}

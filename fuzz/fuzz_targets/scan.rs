//! The whole way of a pass: text and bytes have the same verdict, and nothing is admitted, nor any field shown, that the
//! keys of the vectors have not signed.
#![no_main]

use std::sync::LazyLock;

use freightpass_core::hold::Held;
use freightpass_core::limits::PASS_BYTES;
use freightpass_core::pass::encode_text;
use freightpass_core::scan::{Observation, Policy, scan, scan_bytes};
use freightpass_fuzz::known::{Known, standard_scanner};
use freightpass_fuzz::seeds::Vectors;
use freightpass_vectors::world::{NOW, place};

static SCANNER: LazyLock<Held> = LazyLock::new(standard_scanner);
static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::of(&Vectors::read()));

freightpass_fuzz::target!(Vectors::read().passes(), |bytes| {
    let seen = Observation { county: Some(place(320_583)), ..Observation::default() };
    let verdict = scan_bytes(bytes, &SCANNER, &Policy::default(), &seen, NOW);
    if bytes.len() <= PASS_BYTES {
        assert_eq!(scan(&encode_text(bytes), &SCANNER, &Policy::default(), &seen, NOW), verdict);
    }
    if verdict.pass().is_some() {
        assert!(KNOWN.passes.contains(bytes), "a pass that nobody signed: {verdict:?}");
    }
});

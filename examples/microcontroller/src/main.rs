//! A scanner on a Cortex-M4: it is provisioned, adopts a bundle, and judges passes, without a network and without a
//! standard library.
//!
//! Its files are those of the vectors' deployment (tests/vectors/deployment), built into the program: a device of its own
//! would read them from a card. It prints through semihosting, and ends with 1 where a verdict is not the one that the
//! pass's file is named by.
#![no_std]
#![no_main]

mod heap;

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use freightpass_core::bundle::Provision;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::Held;
use freightpass_core::scan::{Observation, Policy, scan};

/// 2026-12-01 02:00 in Beijing, when the data is ten minutes old: this board has no clock.
const NOW: u64 = 1_796_061_600;

/// Kunshan, where the checkpoint stands.
const COUNTY: u32 = 320_583;

macro_rules! deployment {
    ($read:ident, $name:literal) => {
        $read!(concat!("../../../tests/vectors/deployment/", $name))
    };
}

static PROVISION: &[u8] = deployment!(include_bytes, "provision.fp");
static BUNDLE: &[u8] = deployment!(include_bytes, "bundle.fp");

/// Each pass with the code of its verdict.
static PASSES: [(&str, &str); 4] = [
    ("admit", deployment!(include_str, "admit.txt")),
    ("revoked", deployment!(include_str, "revoked.txt")),
    ("suspended", deployment!(include_str, "suspended.txt")),
    ("bad_signature", deployment!(include_str, "bad_signature.txt")),
];

#[entry]
fn main() -> ! {
    heap::init();
    let ended = match run() {
        Ok(()) => debug::EXIT_SUCCESS,
        Err(what) => {
            hprintln!("failed: {}", what);
            debug::EXIT_FAILURE
        }
    };
    loop {
        debug::exit(ended);
    }
}

fn run() -> Result<(), &'static str> {
    let provision = Provision::decode(PROVISION).map_err(|_| "the provisioning file")?;
    hprintln!("fingerprint {}", provision.fingerprint());
    let mut held = Held::provisioned(&provision);
    let parts = held.adopt_bundle(BUNDLE).map_err(|_| "the bundle")?;
    for rejected in parts.rejected() {
        hprintln!("rejected {}", rejected);
    }
    drop(parts);
    // Whoever provisions the device compares the date with the calendar; here it is compared with NOW, above.
    held.confirm_start().map_err(|_| "the date")?;
    hprintln!("holding {} bytes", heap::held());

    let county = Code::new(COUNTY).map(Division::Code);
    let seen = Observation { county, ..Observation::default() };
    for (wanted, text) in PASSES {
        let verdict = scan(text, &held, &Policy::default(), &seen, NOW);
        hprintln!("{} ({})", verdict, verdict.freshness());
        if verdict.code() != wanted {
            return Err(wanted);
        }
    }
    let (flash, statics) = heap::program();
    hprintln!("flash {} B, statics {} B with a heap of {} B", flash, statics, heap::BYTES);
    hprintln!("at most {} B of the heap and {} B of stack", heap::peak(), heap::stack_peak());
    Ok(())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}

//! A scanner in WebAssembly with four plain exports. What goes in lies in one room of linear memory, which the caller
//! asks for, fills, and then tells what it is.

use std::cell::RefCell;

use freightpass_core::bundle::Provision;
use freightpass_core::division::{Code, Division};
use freightpass_core::hold::Held;
use freightpass_core::scan::{Observation, Policy, Reason, scan as scan_text};

/// What a call answers to that could not do it.
const FAILED: u32 = u32::MAX;

#[derive(Default)]
struct Scanner {
    room: Vec<u8>,
    held: Option<Held>,
}

thread_local! {
    static SCANNER: RefCell<Scanner> = RefCell::default();
}

fn with(run: impl FnOnce(&mut Scanner) -> Option<u32>) -> u32 {
    SCANNER.with_borrow_mut(|scanner| run(scanner).unwrap_or(FAILED))
}

/// Room for so many bytes: where it begins. Growing memory moves what JavaScript sees of it.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    SCANNER.with_borrow_mut(|scanner| {
        scanner.room.resize(bytes, 0);
        scanner.room.as_mut_ptr()
    })
}

/// The room holds a provisioning file: a new scanner. 0, or [`FAILED`].
#[unsafe(no_mangle)]
pub extern "C" fn provision() -> u32 {
    with(|scanner| {
        scanner.held = Some(Held::provisioned(&Provision::decode(&scanner.room).ok()?));
        Some(0)
    })
}

/// The room holds a bundle, whose date somebody has confirmed: how many of its parts were refused, or [`FAILED`].
#[unsafe(no_mangle)]
pub extern "C" fn adopt() -> u32 {
    with(|scanner| {
        let held = scanner.held.as_mut()?;
        let parts = held.adopt_bundle(&scanner.room).ok()?;
        held.confirm_start().ok()?;
        Some(parts.rejected().count() as u32)
    })
}

/// The room holds the text of a code, seen in that county at that time: 0 admits, otherwise 1 and the place of the
/// reason among [`Reason::CODES`].
#[unsafe(no_mangle)]
pub extern "C" fn scan(county: u32, now: u32) -> u32 {
    with(|scanner| {
        let text = str::from_utf8(&scanner.room).ok()?;
        let seen = Observation { county: Code::new(county).map(Division::Code), ..Observation::default() };
        let verdict = scan_text(text, scanner.held.as_ref()?, &Policy::default(), &seen, now.into());
        match verdict.reason() {
            None => Some(0),
            Some(reason) => Reason::CODES.iter().position(|code| *code == reason.code()).map(|at| at as u32 + 1),
        }
    })
}

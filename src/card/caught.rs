//! A foreign reader that may panic is run so that its panic ends nothing and says nothing.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread runs such a reader now.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// What `read` gives, or none if it panicked. The officer at a checkpoint is not shown the panic's text; panics of other
/// code are told as before. The profiles of Cargo.toml unwind.
///
/// Whatever `read` changes outside itself may be left half-changed: let it only look.
pub fn caught<T>(read: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !READING.get() {
                before(panic);
            }
        }));
    });
    READING.set(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    READING.set(false);
    read.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_gives_none_and_the_next_reader_is_heard() {
        assert_eq!(caught(|| -> u8 { panic!("no picture") }), None);
        assert!(!READING.get());
        assert_eq!(caught(|| 7), Some(7));
    }
}

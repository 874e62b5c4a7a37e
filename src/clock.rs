//! Time as the service sees it: the one place that asks the machine, and the clock that tests turn by hand.
//!
//! Everything below `main` takes a [`Clock`] and never asks the machine itself, so that a test can put an
//! expiry or a stale status wherever it wants one.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A source of the present moment.
///
/// Implementations never go backwards by themselves; a machine's clock may be set back, and whoever stores a time
/// must live with an earlier one.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;

    /// The present moment in whole seconds since 1970, as passes carry it; 0 before 1970.
    fn now_s(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or(0)
    }

    /// The present moment in milliseconds since 1970, as the registry stores it.
    fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A second since 1970 as people read it in a message, in UTC.
pub fn told(seconds: u64) -> String {
    let moment = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    moment.map_or_else(|| seconds.to_string(), |moment| moment.to_string())
}

/// A clock that stands still until it is told otherwise: for tests and rehearsals.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `seconds` since 1970.
    pub fn at(seconds: i64) -> Self {
        Self(AtomicI64::new(seconds))
    }

    /// Puts the clock at `seconds` since 1970.
    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    /// Moves the clock on by `seconds`.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

//! How the way from the status log to the answers is: whether the bus has what the log has, and up to when the index
//! speaks. Health, metrics and `/readyz` tell it; nothing is decided by it.

use super::relay;

/// After trouble the bus counts as lagging for so much longer, so that a probe that looks only now and then also sees
/// what healed at once: a Redis that was emptied is filled again within milliseconds.
const SETTLES_AFTER_S: u64 = 5;
/// How old an index may be that is called fresh. The bus says every two seconds that it is there, and a Redis that
/// hangs is given up after four; older than this means that neither the bus nor the registry could be read.
const FRESH_FOR_S: u64 = 10;

/// How the bus is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BusHealth {
    /// The last step of the relay found the bus whole.
    pub healthy: bool,
    /// Committed entries that are not on the bus.
    pub lag: u64,
    /// When the relay could not reach the bus or had to rebuild it last, in seconds since 1970; none: never since the
    /// start.
    pub trouble_s: Option<u64>,
}

impl BusHealth {
    /// Whether the bus lags behind the status log at that time: it does not answer, was rebuilt a moment ago, or has
    /// more on its way than one write of the relay.
    pub fn lags(&self, now_s: u64) -> bool {
        let settles = self.trouble_s.is_some_and(|at| now_s.abs_diff(at) < SETTLES_AFTER_S);
        !self.healthy || settles || self.lag > u64::from(relay::BATCH)
    }
}

/// How the index behind CheckPass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexHealth {
    /// The seq of the log up to which it speaks; none before it was built.
    pub seq: Option<u64>,
    /// Everything that was committed before this second since 1970 is in it; none before it was built.
    pub complete_s: Option<u64>,
}

impl IndexHealth {
    /// For how many seconds nobody has known whether it holds everything; none before it was built.
    pub fn age_s(&self, now_s: u64) -> Option<u64> {
        self.complete_s.map(|at| now_s.saturating_sub(at))
    }

    /// Whether it was known to hold everything a moment ago.
    pub fn is_fresh(&self, now_s: u64) -> bool {
        self.age_s(now_s).is_some_and(|age| age <= FRESH_FOR_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bus_lags_while_it_is_away_and_a_moment_after_it_was_rebuilt() {
        let whole = BusHealth { healthy: true, lag: 0, trouble_s: None };
        assert!(!whole.lags(100));
        assert!(BusHealth { healthy: false, ..whole }.lags(100));
        assert!(!BusHealth { lag: relay::BATCH.into(), ..whole }.lags(100));
        assert!(BusHealth { lag: u64::from(relay::BATCH) + 1, ..whole }.lags(100));
        let rebuilt = BusHealth { trouble_s: Some(100), ..whole };
        assert!(rebuilt.lags(100) && rebuilt.lags(100 + SETTLES_AFTER_S - 1));
        assert!(!rebuilt.lags(100 + SETTLES_AFTER_S));
        // A clock that was set back by an hour does not make it lag for an hour.
        assert!(!rebuilt.lags(0));
    }

    #[test]
    fn index_is_fresh_while_it_is_known_to_hold_everything() {
        assert!(!IndexHealth::default().is_fresh(100));
        let index = IndexHealth { seq: Some(7), complete_s: Some(100) };
        assert!(index.is_fresh(100) && index.is_fresh(100 + FRESH_FOR_S));
        assert!(!index.is_fresh(101 + FRESH_FOR_S));
        assert_eq!(index.age_s(99), Some(0));
    }
}

//! How long applications waited, in percentiles by nearest rank: of n waits, the p-th percentile is the
//! `ceil(p n / 100)`-th shortest. It is a wait that somebody had, and needs no interpolation.

/// The step that was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// From the submission to the recommendation of a county.
    Recommended,
    /// From the submission to the decision: approved or rejected.
    Decided,
    /// From the approval to the first pass.
    Issued,
}

impl Waited {
    /// Every step, in the order of the flow.
    pub const ALL: [Waited; 3] = [Waited::Recommended, Waited::Decided, Waited::Issued];
}

/// Some waits: how many, and how long, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How many.
    pub count: u64,
    /// Half of them were at most so long.
    pub p50_ms: u64,
    /// 95 of 100 were at most so long.
    pub p95_ms: u64,
    /// The longest.
    pub longest_ms: u64,
}

impl Wait {
    /// Of waits given as (milliseconds, how many waited so long), the shortest first; none where nobody waited.
    pub fn of(ascending: &[(u64, u64)]) -> Option<Self> {
        let count = ascending.iter().map(|(_, times)| times).sum();
        Some(Self {
            count,
            p50_ms: nearest_rank(ascending, count, 50)?,
            p95_ms: nearest_rank(ascending, count, 95)?,
            longest_ms: nearest_rank(ascending, count, 100)?,
        })
    }
}

fn nearest_rank(ascending: &[(u64, u64)], count: u64, percent: u64) -> Option<u64> {
    // Counts of a day are far from the bounds of u64.
    let rank = count.checked_mul(percent)?.div_ceil(100);
    let mut passed = 0;
    ascending.iter().find_map(|(waited, times)| {
        passed += times;
        (*times > 0 && passed >= rank).then_some(*waited)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(waits: &[u64]) -> Option<Wait> {
        let mut sorted = waits.to_vec();
        sorted.sort_unstable();
        let runs: Vec<_> = sorted.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64)).collect();
        Wait::of(&runs)
    }

    #[test]
    fn ranks_are_those_of_the_definition() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[7]), Some(Wait { count: 1, p50_ms: 7, p95_ms: 7, longest_ms: 7 }));
        let ten: Vec<u64> = (1..=10).collect();
        assert_eq!(of(&ten), Some(Wait { count: 10, p50_ms: 5, p95_ms: 10, longest_ms: 10 }));
        let hundred: Vec<u64> = (1..=100).collect();
        assert_eq!(of(&hundred), Some(Wait { count: 100, p50_ms: 50, p95_ms: 95, longest_ms: 100 }));
        // The 96th of 101: ceil(95.95).
        let more: Vec<u64> = (1..=101).collect();
        assert_eq!(of(&more).map(|wait| (wait.p50_ms, wait.p95_ms)), Some((51, 96)));
    }

    proptest! {
        /// The definition word for word, by counting: the least wait that at least p of 100 did not exceed.
        #[test]
        fn percentile_is_the_least_wait_that_enough_did_not_exceed(waits in prop::collection::vec(0_u64..50, 1..200)) {
            let naive = |percent: usize| {
                let enough = |limit: &u64| waits.iter().filter(|wait| *wait <= limit).count() * 100 >= percent * waits.len();
                waits.iter().filter(|wait| enough(wait)).min().copied().unwrap()
            };
            let wait = of(&waits).unwrap();
            prop_assert_eq!(wait.count, waits.len() as u64);
            prop_assert_eq!((wait.p50_ms, wait.p95_ms, wait.longest_ms), (naive(50), naive(95), naive(100)));
        }
    }
}

//! The moment of a scan: the time it is at least, and how old the data is.

use core::fmt;

use crate::hold::Held;
use crate::scan::{OptionalAge, Policy};

/// What is held, and the time at which it is asked.
#[derive(Clone, Copy)]
pub(super) struct Moment<'h> {
    pub held: &'h Held,
    /// What the device's clock says, seconds since 1970.
    pub now: u64,
    /// max(now, floor): the time that everything is compared with.
    pub t: u64,
    /// Allowed skew, seconds.
    pub skew: u64,
    /// Longest age of the manifest, seconds.
    pub max_age: u32,
}

/// How old the data is by which a pass was judged; part of every verdict.
///
/// Shown: `data 600 s old (manifest 100, trust list 5)`, or `no data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Freshness {
    /// Sequence of the trust list held.
    pub trust_sequence: Option<u32>,
    /// Seq of the manifest held.
    pub manifest_seq: Option<u32>,
    /// When that manifest was issued, seconds since 1970.
    pub issued: Option<u32>,
    /// Its age at `t`, seconds.
    pub age_s: Option<u64>,
    /// The clock floor: no moment before it is the present.
    pub floor: u32,
    /// The time by which was judged: the clock's, or the floor where the clock is behind it.
    pub t: u64,
}

impl fmt::Display for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.age_s, self.manifest_seq, self.trust_sequence) {
            (Some(age_s), Some(seq), Some(sequence)) => {
                write!(f, "data {age_s} s old (manifest {seq}, trust list {sequence})")
            }
            (_, _, Some(sequence)) => write!(f, "no status data (trust list {sequence})"),
            _ => f.write_str("no data"),
        }
    }
}

impl<'h> Moment<'h> {
    /// The moment of a scan; the local policy can only be stricter than the trust list.
    pub fn of(held: &'h Held, policy: &Policy, now: u64) -> Self {
        let (max_age, skew) = held.trust().map_or((0, 0), |trust| (trust.content().max_age, trust.content().skew));
        Self {
            held,
            now,
            t: now.max(held.floor().into()),
            skew: policy.skew.map_or(skew, |own| own.min(skew)).into(),
            max_age: policy.max_age.map_or(max_age, |own| own.min(max_age)),
        }
    }

    /// Age of the manifest held.
    pub fn age(&self) -> OptionalAge {
        OptionalAge(self.held.manifest().map(|manifest| self.t.saturating_sub(manifest.issued.into())))
    }

    /// Seq of the manifest held, 0 without one.
    pub fn seq(&self) -> u32 {
        self.held.manifest().map_or(0, |manifest| manifest.seq)
    }

    /// Whether the manifest is too old to say anything good.
    pub fn is_stale(&self) -> bool {
        match (self.held.manifest(), self.age().0) {
            (Some(manifest), Some(age)) => self.t >= manifest.expires.into() || age > self.max_age.into(),
            _ => true,
        }
    }

    /// Whether the clock is behind signed time by more than the skew.
    pub fn is_behind(&self) -> bool {
        self.now < u64::from(self.held.floor()).saturating_sub(self.skew)
    }

    /// Whether the data is current: nothing of rows 13 and 16 applies, and the manifest is not stale. Only current
    /// data refuses what it does not know: a clock at 1970 makes old data look fresh.
    pub fn is_current(&self) -> bool {
        super::authorised::trust_in_doubt(self).is_none()
            && super::current::clock_in_doubt(self).is_none()
            && !self.is_stale()
    }

    /// What the verdict says of the data.
    pub fn freshness(&self) -> Freshness {
        let manifest = self.held.manifest();
        Freshness {
            trust_sequence: self.held.trust().map(|trust| trust.content().sequence),
            manifest_seq: manifest.map(|manifest| manifest.seq),
            issued: manifest.map(|manifest| manifest.issued),
            age_s: self.age().0,
            floor: self.held.floor(),
            t: self.t,
        }
    }
}

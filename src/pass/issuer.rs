//! Who issues: the keys, the trust list in force, the clock, the profile. What may be signed the [`Plan`] says.

use std::fmt;
use std::sync::Arc;

use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, PassNumber, SignedPass, Unsigned};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::error::PassError;
use super::plan::Plan;
use super::signer::Signer;
use crate::clock::Clock;
use crate::identity::Competences;
use crate::profile::Profile;

/// The day from which pass numbers count days.
const FIRST_DAY: Date = jiff::civil::date(2020, 1, 1);
/// The last date that pass numbers can spell: two digits of its year are spoken.
const LAST_DAY: Date = jiff::civil::date(2099, 12, 31);

/// Who issues: the keys, the trust list in force, the clock, the profile.
pub struct Issuer {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) competences: Arc<dyn Competences>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) profile: Arc<dyn Profile>,
}

/// A signed pass that is not stored yet.
pub struct Signed {
    /// The application that it is for.
    pub application: Uuid,
    /// Number of the enterprise.
    pub enterprise: u32,
    /// The key that signed.
    pub kid: Kid,
    /// Its status list.
    pub list: u32,
    /// What was signed.
    pub claims: Claims,
    /// The signed bytes.
    pub token: SignedPass,
}

/// Debug goes to logs: without the signed bytes, in which names stand.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("application", &self.application)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

impl Issuer {
    /// An issuer with these keys and this clock; the profile gives the date of pass numbers and packs enterprise codes.
    pub fn new(
        signer: Arc<dyn Signer>,
        competences: Arc<dyn Competences>,
        clock: Arc<dyn Clock>,
        profile: Arc<dyn Profile>,
    ) -> Self {
        Self { signer, competences, clock, profile }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The keys, for those that close the leases of keys that went.
    pub fn signer(&self) -> &dyn Signer {
        self.signer.as_ref()
    }

    /// The local date at `now` as pass numbers count it, in days since 2020-01-01.
    ///
    /// # Errors
    /// [`PassError::ClockOutOfRange`] for a clock before 2020 or after 2099.
    pub fn day(&self, now: Timestamp) -> Result<u16, PassError> {
        let date = self.profile.day(now);
        let days = FIRST_DAY.duration_until(date).as_hours() / 24;
        u16::try_from(days).ok().filter(|_| date <= LAST_DAY).ok_or(PassError::ClockOutOfRange { now })
    }

    /// Signs what is planned under this number and at this index of its list.
    ///
    /// # Errors
    /// [`PassError::Signer`] when the key does not sign.
    pub fn sign(&self, plan: Plan, number: PassNumber, idx: u32) -> Result<Signed, PassError> {
        let mut claims = plan.claims;
        claims.number = number;
        claims.status.idx = idx;
        let unsigned = Unsigned::new(&claims, plan.kid)?;
        let signature = self.signer.sign(plan.kid, &unsigned.message())?;
        Ok(Signed {
            application: plan.application,
            enterprise: plan.enterprise,
            kid: plan.kid,
            list: plan.list,
            claims,
            token: unsigned.finish(&signature),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::FixedClock;
    use crate::identity::Competence;
    use crate::pass::example::{OneKey, Rules};
    use crate::profile::cn::Cn;

    #[test]
    fn day_of_a_number_is_the_local_date() {
        let day = |at: &str| {
            let (rules, clock) = (Rules(Competence::default()), FixedClock::at(0));
            let issuer = Issuer::new(Arc::new(OneKey(0..0)), Arc::new(rules), Arc::new(clock), Arc::new(Cn));
            issuer.day(at.parse().unwrap()).ok()
        };
        assert_eq!(day("2019-12-31T15:59:59Z"), None);
        assert_eq!(day("2019-12-31T16:00:00Z"), Some(0));
        assert_eq!(day("2022-04-18T12:00:00Z"), Some(838));
        assert_eq!(day("2099-12-31T15:59:59Z"), Some(29_219));
        assert_eq!(day("2099-12-31T16:00:00Z"), None);
    }
}

//! Rows 16 to 19: whether the data is fresh enough to say anything good, and what it says.

use crate::scan::Reason;
use crate::scan::authorised::Authorised;
use crate::scan::moment::Moment;
use crate::scan::verified::Sound;
use crate::status::{State, Value};

/// A pass judged by data that is current, with the state in which its index stands.
pub(super) struct Current<'a, 'h> {
    pass: Sound<'a, 'h>,
    state: &'h State,
    seq: u32,
    age_s: super::OptionalAge,
}

/// A pass that current data calls valid.
pub(super) struct NotRevoked<'a, 'h>(pub Sound<'a, 'h>);

impl<'a, 'h> Authorised<'a, 'h> {
    /// Rows 16 and 17.
    pub fn current(self, moment: &Moment<'h>) -> Result<Current<'a, 'h>, Reason> {
        let pass = self.0;
        if let Some(doubt) = clock_in_doubt(moment) {
            return Err(doubt);
        }
        let (list, seq, age_s) = (pass.list, moment.seq(), moment.age());
        let missing = Reason::StatusMissing { list, seq, age_s };
        let Some(manifest) = moment.held.manifest() else {
            return Err(missing);
        };
        let state = moment.held.current_state(list);
        if manifest.entry(list).is_some() && state.is_none() {
            return Err(missing);
        }
        if moment.is_stale() {
            return Err(Reason::StatusStale { seq, age_s, limit_s: moment.max_age });
        }
        let state = state.ok_or(Reason::ListUnknown { list, seq, age_s })?;
        Ok(Current { pass, state, seq, age_s })
    }
}

/// Row 16: the clock is behind signed time, or nobody confirmed the data's date.
pub(super) fn clock_in_doubt(moment: &Moment<'_>) -> Option<Reason> {
    let (now, floor) = (moment.now, moment.held.floor());
    if moment.is_behind() {
        Some(Reason::ClockBehind { now, floor })
    } else if !moment.held.is_confirmed() {
        Some(Reason::UnconfirmedStart { now, floor })
    } else {
        None
    }
}

impl<'a, 'h> Current<'a, 'h> {
    /// Rows 18 and 19; a revoked index was refused in row 11 already.
    pub fn not_revoked(self) -> Result<NotRevoked<'a, 'h>, Reason> {
        let (list, idx, seq, age_s) = (self.pass.list, self.pass.claims.status.idx, self.seq, self.age_s);
        match self.state.value(idx) {
            None => Err(Reason::IndexBeyond { idx, n: self.state.n() }),
            Some(Value::Suspended) => Err(Reason::Suspended { list, idx, seq, age_s }),
            Some(Value::Revoked) => Err(Reason::Revoked { list, idx, seq, age_s }),
            Some(Value::Valid) => Ok(NotRevoked(self.pass)),
        }
    }
}

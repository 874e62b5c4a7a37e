//! The states of a pass and the steps between them. Resumed is an event, not a state; expired follows from the time.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The stored state of a pass. Its number is the pass's value in the status list (docs/FORMAT.md, section "Status").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PassState {
    /// Issued, and not stopped since, or resumed.
    Issued,
    /// Revoked: final.
    Revoked,
    /// Suspended: refused at checkpoints until it is resumed.
    Suspended,
}

/// A step that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pass is {from}{}", .from.advice())]
pub struct InvalidTransition {
    /// The state as it is.
    pub from: PassState,
    /// The state that was wanted.
    pub to: PassState,
}

impl PassState {
    /// What to do where a step is not allowed.
    const fn advice(self) -> &'static str {
        match self {
            PassState::Issued => " and not suspended",
            PassState::Suspended => ": resume it first",
            PassState::Revoked => ", which is final; show the pass to see what stands in its place",
        }
    }

    /// 0 issued, 1 revoked, 2 suspended: as the registry and the status lists hold it.
    pub const fn value(self) -> u8 {
        match self {
            PassState::Issued => 0,
            PassState::Revoked => 1,
            PassState::Suspended => 2,
        }
    }

    /// The state of that value.
    pub const fn by_value(value: u8) -> Option<PassState> {
        match value {
            0 => Some(PassState::Issued),
            1 => Some(PassState::Revoked),
            2 => Some(PassState::Suspended),
            _ => None,
        }
    }

    /// The state after a revocation.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it is revoked already: revoked is final, and happens once.
    pub const fn revoke(self) -> Result<PassState, InvalidTransition> {
        self.step(PassState::Revoked, !matches!(self, PassState::Revoked))
    }

    /// The state after a suspension.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is issued.
    pub const fn suspend(self) -> Result<PassState, InvalidTransition> {
        self.step(PassState::Suspended, matches!(self, PassState::Issued))
    }

    /// The state after a resumption.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is suspended.
    pub const fn resume(self) -> Result<PassState, InvalidTransition> {
        self.step(PassState::Issued, matches!(self, PassState::Suspended))
    }

    const fn step(self, to: PassState, allowed: bool) -> Result<PassState, InvalidTransition> {
        if allowed { Ok(to) } else { Err(InvalidTransition { from: self, to }) }
    }
}

impl fmt::Display for PassState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PassState::Issued => "issued",
            PassState::Revoked => "revoked",
            PassState::Suspended => "suspended",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PassState::{Issued, Revoked, Suspended};
    use super::*;

    #[test]
    fn every_step_from_every_state_is_allowed_or_named() {
        for (from, revoked, suspended, resumed) in
            [(Issued, true, true, false), (Suspended, true, false, true), (Revoked, false, false, false)]
        {
            let expect = |to, allowed| if allowed { Ok(to) } else { Err(InvalidTransition { from, to }) };
            assert_eq!(from.revoke(), expect(Revoked, revoked));
            assert_eq!(from.suspend(), expect(Suspended, suspended));
            assert_eq!(from.resume(), expect(Issued, resumed));
        }
    }

    #[test]
    fn values_are_those_of_the_status_list() {
        use freightpass_core::status::Value;
        for (state, value) in [(Issued, Value::Valid), (Revoked, Value::Revoked), (Suspended, Value::Suspended)] {
            assert_eq!(state.value(), value as u8);
            assert_eq!(PassState::by_value(state.value()), Some(state));
        }
        assert_eq!(PassState::by_value(3), None);
    }
}

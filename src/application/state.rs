//! Where an application stands, and where it may go from there.
//!
//! ```text
//! submitted -> (recommended) -> approved
//!           -> rejected, withdrawn
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Handed in.
    Submitted,
    /// Recommended by a county office; that binds nobody.
    Recommended,
    /// Approved: passes may be issued.
    Approved,
    /// Rejected: final.
    Rejected,
    /// Taken back by the enterprise: final.
    Withdrawn,
}

/// What somebody wanted to do with an application, and the state that forbids it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("an application that is {found} cannot be {wanted}")]
pub struct InvalidTransition {
    /// The state it is in.
    pub found: State,
    /// The state it was to go to.
    pub wanted: State,
}

impl State {
    /// Every state, by number.
    pub const ALL: [State; 5] =
        [State::Submitted, State::Recommended, State::Approved, State::Rejected, State::Withdrawn];

    /// The state after a county office has recommended it.
    pub fn recommend(self) -> Result<State, InvalidTransition> {
        match self {
            State::Submitted => Ok(State::Recommended),
            found => Err(found.not(State::Recommended)),
        }
    }

    /// The state after the authority has approved it.
    pub fn approve(self) -> Result<State, InvalidTransition> {
        self.decide(State::Approved)
    }

    /// The state after the authority has rejected it.
    pub fn reject(self) -> Result<State, InvalidTransition> {
        self.decide(State::Rejected)
    }

    /// The state after the enterprise has taken it back.
    pub fn withdraw(self) -> Result<State, InvalidTransition> {
        self.decide(State::Withdrawn)
    }

    /// Its number in proto and in the registry.
    pub const fn number(self) -> u8 {
        match self {
            State::Submitted => 1,
            State::Recommended => 2,
            State::Approved => 3,
            State::Rejected => 4,
            State::Withdrawn => 5,
        }
    }

    /// The state of that number.
    pub fn by_number(number: i64) -> Option<State> {
        State::ALL.into_iter().find(|state| i64::from(state.number()) == number)
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            State::Submitted => "submitted",
            State::Recommended => "recommended",
            State::Approved => "approved",
            State::Rejected => "rejected",
            State::Withdrawn => "withdrawn",
        }
    }

    fn decide(self, wanted: State) -> Result<State, InvalidTransition> {
        match self {
            State::Submitted | State::Recommended => Ok(wanted),
            found => Err(found.not(wanted)),
        }
    }

    fn not(self, wanted: State) -> InvalidTransition {
        InvalidTransition { found: self, wanted }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transition_is_as_the_picture_shows() {
        use State::{Approved, Recommended, Rejected, Submitted, Withdrawn};

        let allowed = [
            (Submitted, Recommended),
            (Submitted, Approved),
            (Submitted, Rejected),
            (Submitted, Withdrawn),
            (Recommended, Approved),
            (Recommended, Rejected),
            (Recommended, Withdrawn),
        ];
        for from in State::ALL {
            for (to, made) in [
                (Recommended, from.recommend()),
                (Approved, from.approve()),
                (Rejected, from.reject()),
                (Withdrawn, from.withdraw()),
            ] {
                let expected = if allowed.contains(&(from, to)) {
                    Ok(to)
                } else {
                    Err(InvalidTransition { found: from, wanted: to })
                };
                assert_eq!(made, expected, "{from} -> {to}");
            }
        }
    }

    #[test]
    fn numbers_lead_back() {
        for state in State::ALL {
            assert_eq!(State::by_number(state.number().into()), Some(state));
        }
        assert_eq!(State::by_number(0), None);
        assert_eq!(State::by_number(6), None);
    }
}

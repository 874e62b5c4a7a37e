//! How the program ends: one number for scripts, the worst of everything that was done.

use std::process::ExitCode;

use freightpass_core::scan::Outcome;

/// What the program answers to the shell. The order is from good to bad; the numbers are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Exit {
    /// 0: every pass was admitted; everything that was asked for was done.
    #[default]
    Admit,
    /// 2: some pass was referred, none refused.
    Refer,
    /// 1: some pass was refused; some row, item or part was not taken.
    Refuse,
    /// 3: wrong usage, or something that was asked for could not be tried.
    Error,
}

impl Exit {
    /// Refused where something was, admitted otherwise.
    pub fn refuse_if(refused: bool) -> Self {
        if refused { Exit::Refuse } else { Exit::Admit }
    }

    /// The number for the shell.
    pub const fn number(self) -> u8 {
        match self {
            Exit::Admit => 0,
            Exit::Refuse => 1,
            Exit::Refer => 2,
            Exit::Error => 3,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Admit => Exit::Admit,
            Outcome::Refer => Exit::Refer,
            Outcome::Refuse => Exit::Refuse,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_is_error_then_refuse_then_refer() {
        let worst = |exits: &[Exit]| exits.iter().copied().max().unwrap_or_default().number();
        assert_eq!(worst(&[]), 0);
        assert_eq!(worst(&[Exit::Admit, Exit::Refer]), 2);
        assert_eq!(worst(&[Exit::Refer, Exit::Refuse, Exit::Admit]), 1);
        assert_eq!(worst(&[Exit::Refuse, Exit::Error]), 3);
    }
}

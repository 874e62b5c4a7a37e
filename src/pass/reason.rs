//! Why the status of a pass changed.

use serde::{Deserialize, Serialize};

/// The reason of a change of status; the numbers are those of `StatusReason` in proto/freightpass/v1/types.proto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum StatusReason {
    /// Statements in the application are false.
    FalseStatement = 1,
    /// The pass or the truck was used for something else, or by somebody else.
    Misuse = 2,
    /// The card was copied or lost.
    CopiedOrLost = 3,
    /// A person on board must not travel at present.
    CrewUnfit = 4,
    /// The vehicle must not travel at present.
    VehicleUnfit = 5,
    /// The authority made a mistake when it issued.
    IssuedInError = 6,
    /// The holder gives it back.
    HolderRequest = 7,
    /// Something is being looked into.
    Investigation = 8,
    /// The enterprise was taken off the white list.
    EnterpriseDelisted = 9,
    /// Another pass took its place.
    Replaced = 10,
    /// What led to the suspension is settled.
    Cleared = 11,
    /// The end of the emergency or of the programme.
    ProgrammeEnded = 12,
    /// Another reason, which the text must tell.
    Other = 255,
}

impl StatusReason {
    /// Every reason, ascending by number.
    pub const ALL: [StatusReason; 13] = [
        StatusReason::FalseStatement,
        StatusReason::Misuse,
        StatusReason::CopiedOrLost,
        StatusReason::CrewUnfit,
        StatusReason::VehicleUnfit,
        StatusReason::IssuedInError,
        StatusReason::HolderRequest,
        StatusReason::Investigation,
        StatusReason::EnterpriseDelisted,
        StatusReason::Replaced,
        StatusReason::Cleared,
        StatusReason::ProgrammeEnded,
        StatusReason::Other,
    ];

    /// Its number, as the registry and the protocol hold it.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Whether an application whose pass was revoked for it may have another pass: what was wrong lay in the pass, or
    /// its holder gave it back, and the journey that was approved is none the worse.
    pub const fn lets_issue_again(self) -> bool {
        matches!(
            self,
            StatusReason::CopiedOrLost
                | StatusReason::IssuedInError
                | StatusReason::HolderRequest
                | StatusReason::Replaced
        )
    }

    /// The reason of that number.
    pub fn by_number(number: u8) -> Option<StatusReason> {
        StatusReason::ALL.into_iter().find(|reason| reason.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_protocol() {
        use crate::rpc::proto::StatusReason as Wire;
        for reason in StatusReason::ALL {
            assert!(Wire::try_from(i32::from(reason.number())).is_ok(), "{reason:?}");
            assert_eq!(StatusReason::by_number(reason.number()), Some(reason));
        }
        let named = (0..=255).filter(|number| Wire::try_from(*number).is_ok()).count();
        assert_eq!(named, StatusReason::ALL.len() + 1, "a reason of the protocol is missing here");
        assert_eq!(StatusReason::by_number(0), None);
    }
}

//! Changes of status.

use super::time;
use crate::pass::StatusReason;
use crate::revocation::{Action, Change};
use crate::rpc::proto;

/// A change of status.
pub fn status_change(change: Change) -> proto::StatusChange {
    let action = match change.action {
        Action::Suspended => proto::StatusAction::Suspended,
        Action::Revoked => proto::StatusAction::Revoked,
        Action::Resumed => proto::StatusAction::Resumed,
    };
    proto::StatusChange {
        log_seq: change.seq,
        pass_number: change.number.to_string(),
        action: action.into(),
        reason: change.reason.number().into(),
        reason_text: change.reason_text,
        body: change.body,
        officer: change.officer,
        time: Some(time(change.at)),
    }
}

/// A reason; `None` for unspecified and unknown numbers.
pub fn status_reason(number: i32) -> Option<StatusReason> {
    u8::try_from(number).ok().and_then(StatusReason::by_number)
}

/// The action that a filter asks for; `None` for any.
pub fn asked_action(number: i32) -> Option<Action> {
    match proto::StatusAction::try_from(number) {
        Ok(proto::StatusAction::Suspended) => Some(Action::Suspended),
        Ok(proto::StatusAction::Revoked) => Some(Action::Revoked),
        Ok(proto::StatusAction::Resumed) => Some(Action::Resumed),
        Ok(proto::StatusAction::Unspecified) | Err(_) => None,
    }
}

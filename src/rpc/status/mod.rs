//! Every answer that is not OK: the one place where errors become gRPC statuses, with google.rpc details.
//!
//! [`reason`] is the table of stable reasons, [`details`] builds a status, [`rooms`] says which one each error of a room is, [`item`] says the same of one item
//! of a batch.

mod details;
mod item;
mod reason;
mod rooms;

pub use details::{deadline_exceeded, exhausted, fault, internal, invalid, not_found, unavailable};
pub use item::item_error;
pub use reason::Reason;
pub use rooms::{
    RETRY_WATCHERS, application, approval, approval_refusal, arrival, backup, check, pass, pass_refusal, programme,
    publish, refusal, report, revocation, scans, storage, trust, whitelist,
};

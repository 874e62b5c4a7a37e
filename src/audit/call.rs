//! One call that changes something: who, by which method, under which request id, when.

use jiff::Timestamp;
use uuid::Uuid;

use crate::identity::Officer;

/// The circumstances of a changing call; every command takes one, and its audit entry is made from it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who calls.
    pub officer: Officer,
    /// The method's short name, such as `RevokePass`.
    pub method: &'static str,
    /// The caller's request id: the same id for the same caller and method gets the same answer again.
    pub request_id: Uuid,
    /// SHA-256 of the request's contents without its id: the same id with other contents is refused.
    pub fingerprint: [u8; 32],
    /// When the call was received.
    pub at: Timestamp,
}

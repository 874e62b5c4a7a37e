//! Passes: from an approved application to a signed pass in the registry.
//!
//! The flow: an `Approved` token of the approval room is checked against the trust list in force, gets a number and a
//! place in a status list, is signed through the port [`Signer`] and stored, all in one transaction. No signature
//! leaves memory before that transaction is committed.

mod reason;
mod signer;
mod state;

pub use reason::StatusReason;
pub use signer::{Signer, SignerError};
pub use state::{InvalidTransition, PassState};

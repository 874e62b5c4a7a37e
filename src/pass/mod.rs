//! Passes: from an approved application to a signed pass in the registry. The fourth step of the flow.
//!
//! The flow: the token [`Approved`](crate::approval::Approved) is checked by the [`Issuer`] against the trust list in
//! force and becomes a [`Plan`]; the plan gets a number and a place in a status list, is signed through the port
//! [`Signer`] and stored, all in one transaction. No signature leaves memory before that transaction is committed.

mod error;
#[cfg(test)]
mod example;
mod issuer;
mod passes;
mod plan;
mod reason;
mod record;
mod signer;
pub(crate) mod spoken;
mod state;
mod store;
mod subject;

pub use error::{PassError, Refusal};
pub use issuer::{Issuer, Signed};
pub use passes::{MAX_BATCH, Passes, batch};
pub use plan::{BOOKING_AHEAD_S, Plan};
pub use reason::StatusReason;
pub use record::{Arriving, Issued, Pass, PassFilter};
pub use signer::{Signer, SignerError};
pub use state::{InvalidTransition, PassState};
pub use store::{FIRST_CAPACITY, LEASE_SIZE, Order, PassStore};

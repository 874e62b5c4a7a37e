//! Passes: from an approved application to a signed pass in the registry. The fourth step of the flow.
//!
//! The flow: the token [`Approved`](crate::approval::Approved) is checked by the [`Issuer`] against the trust list in
//! force and becomes a [`Plan`]; the plan gets a number and a place in a status list, is signed through the port
//! [`Signer`] and stored, all in one transaction. No signature leaves memory before that transaction is committed.

mod error;
mod issuer;
mod passes;
mod reason;
mod record;
mod signer;
pub(crate) mod spoken;
mod state;
mod store;

pub use error::{PassError, Refusal};
pub use issuer::{BOOKING_AHEAD_S, Issuer, Plan, Signed};
pub use passes::{MAX_BATCH, Passes, batch};
pub use reason::StatusReason;
pub use record::{Issued, Pass, PassFilter};
pub use signer::{Signer, SignerError};
pub use state::{InvalidTransition, PassState};
pub use store::{FIRST_CAPACITY, LEASE_SIZE, Order, PassStore};

//! Stopping passes and letting them go on: the second flow, from an officer's decision to the status log, from where
//! the publisher and the bus carry it to every scanner.
//!
//! Putting one pass in the place of another (an amendment in mid-journey, an overlap that is to be replaced) issues
//! and revokes in one transaction, and so lives here: this room uses `pass`, never the other way round.

mod change;
mod error;
mod revocations;
mod store;

pub use change::{Action, Change, ChangeFilter, Step, Why};
pub use error::RevocationError;
pub use revocations::{AmendDraft, Revocations};
pub use store::{Amended, Amendment, RevocationStore, Stopped, Taken};

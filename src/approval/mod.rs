//! Decisions on applications: counties recommend, authorities approve or reject. The third step of the flow; its
//! proof, [`Approved`], is what the room `pass` makes a pass from.

mod approvals;
mod approved;
mod decision;
mod error;
mod store;

pub use approvals::{Approvals, MAX_BATCH};
pub use approved::{Approved, PassCrew};
pub use decision::{Decision, Picked};
pub use error::{ApprovalError, Refusal};
pub use store::ApprovalStore;

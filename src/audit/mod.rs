//! Who did what, when: the append-only audit log, and the circumstances of a call from which its entries are made.

mod call;
mod log;
mod store;

pub use call::Call;
pub use log::{AuditError, AuditLog, Entry, EntryFilter};
pub use store::AuditStore;

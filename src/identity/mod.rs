//! Who may do what: officers and roles.

mod officer;

pub use officer::{Officer, Role};

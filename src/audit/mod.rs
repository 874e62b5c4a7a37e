//! Who did what, when: the append-only audit log, and the circumstances of a call from which its entries are made.

mod call;

pub use call::Call;

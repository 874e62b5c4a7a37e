//! The service over gRPC: one file per service; `convert` and `status` hold the only mappings between the domain and
//! protobuf.

mod gate;
mod listener;
pub mod proto;
mod status;
pub mod tls;

pub use listener::{Listener, Peer};

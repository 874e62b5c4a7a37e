//! The service over gRPC: one file per service; `convert` and `status` hold the only mappings between the domain and
//! protobuf.

mod audit;
mod bounds;
mod convert;
mod gate;
mod listener;
pub mod proto;
mod request;
mod sight;
mod status;
pub mod tls;

pub use audit::Audit;
pub use listener::{Listener, Peer};
pub use sight::Sights;

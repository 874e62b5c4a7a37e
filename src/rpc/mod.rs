//! The service over gRPC: one file per service; `convert` and `status` hold the only mappings between the domain and
//! protobuf.

mod application;
mod audit;
mod bounds;
mod convert;
mod ending;
mod gate;
mod health;
mod listener;
pub mod proto;
mod request;
pub mod routers;
mod sight;
mod spelling;
mod status;
pub mod tls;
mod whitelist;

pub use application::Application;
pub use audit::Audit;
pub use gate::Ends;
pub use health::Health;
pub use listener::{Listener, Peer};
pub use sight::{CountyOffice, Sights};
pub use spelling::Spelling;
pub use whitelist::Whitelist;

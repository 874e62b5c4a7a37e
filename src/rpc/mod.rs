//! The service over gRPC: one file per service; `convert` and `status` hold the only mappings between the domain and
//! protobuf.

mod application;
mod approval;
mod audit;
mod bounds;
mod checkpoint;
mod convert;
mod ending;
mod gate;
pub mod health;
mod listener;
mod objects;
mod pass;
pub mod proto;
mod rates;
mod request;
mod revocation;
pub mod routers;
mod sight;
mod spelling;
mod status;
pub mod tls;
mod trust;
mod watchers;
mod whitelist;

pub use application::Application;
pub use approval::Approval;
pub use audit::Audit;
pub use checkpoint::Checkpoint;
pub use gate::Ends;
pub use health::{Health, Watched};
pub use listener::{Listener, Peer};
pub use objects::objects;
pub use pass::Pass;
pub use rates::Rates;
pub use revocation::Revocation;
pub use sight::{CountyOffice, Sights};
pub use spelling::Spelling;
pub use trust::Trust;
pub use watchers::Watchers;
pub use whitelist::Whitelist;

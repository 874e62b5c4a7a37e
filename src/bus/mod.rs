//! From the status log to every replica's memory: revocations, suspensions and resumptions, in the order of the log.
//!
//! ```text
//! SQL log + outbox -> relay -> bus (in this process, or Redis) -> feed -> in-memory index
//! ```
//!
//! The SQL log is the record. The bus is a faster way to what stands there and may lose, forget or be filled with
//! anything: the [`Relay`] compares it with the log and rebuilds it, the [`Feed`] reads the log wherever the bus has a
//! hole or says what cannot be. Nothing that is signed is ever made from the bus.

mod entry;
mod feed;
mod health;
mod in_process;
mod port;
mod redis;
mod relay;
mod store;

pub use self::redis::{RedisBus, RedisOpenError};
pub use entry::{Entry, LogView, digest_of, list_array, value_of};
pub use feed::{Feed, StatusSink};
pub use health::{BusHealth, IndexHealth};
pub use in_process::InProcessBus;
pub use port::{BusError, Follower, Mark, StatusBus};
pub use relay::{Carried, Relay, RelayError};
pub use store::StatusLog;

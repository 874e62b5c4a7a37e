//! The bus as relay and feed see it. One contract, two implementations, one suite of tests over both
//! (tests/contract/bus.rs).

use std::error::Error;

use async_trait::async_trait;
use freightpass_core::status::Value;

use super::entry::{Entry, LogView};

/// Carries the status log from the one who commits to everybody who answers.
///
/// The bus has a position: the seq of the last entry that was put on it, 0 when it is empty. Every write is guarded by
/// it, so that entries lie on the bus in the order of the log, each once, whoever tries how often. Operations that are
/// cancelled have happened or have not, and disturb no later one.
#[async_trait]
pub trait StatusBus: Send + Sync {
    /// Puts entries on the bus and gives the position after them. They ascend without a hole.
    ///
    /// Entries up to the position are there already and change nothing; so a retry is harmless. Either all others are
    /// put or none.
    ///
    /// Errors: [`BusError::Gap`] if the first entry is not the next one (the bus has forgotten something, or is of
    /// another log); [`BusError::Poisoned`] if what lies there is not ours; [`BusError::Unreachable`], after which
    /// nothing is known of what happened.
    async fn publish(&self, entries: &[Entry]) -> Result<u64, BusError>;

    /// Where the bus stands, 0 if it is empty. It looks at everything that `publish` would build on.
    async fn position(&self) -> Result<u64, BusError>;

    /// The value at a place, as the entries up to the position left it.
    async fn value(&self, list: u32, idx: u32) -> Result<Value, BusError>;

    /// The digest ([`super::digest_of`]) of each of these lists: what the log's own view must give as well.
    async fn digests(&self, lists: &[u32]) -> Result<Vec<[u8; 32]>, BusError>;

    /// What stands as the position now, whatever it is. Taken before the log's view is read, so that the view holds
    /// everything that the bus held.
    async fn mark(&self) -> Result<Mark, BusError>;

    /// Throws away whatever lies on the bus, of any kind, and makes it say what `view` says, at its position. Followers
    /// that stand before it find a gap. All or nothing.
    ///
    /// Errors: [`BusError::Moved`], and nothing is changed, if the position is not the one of `mark` any more: another
    /// replica put something there meanwhile, which this view may not hold.
    async fn rebuild(&self, view: &LogView, mark: &Mark) -> Result<(), BusError>;

    /// Reads from the bus everything after `after`, from now on. It costs a connection of its own where connections
    /// cost anything.
    async fn follow(&self, after: u64) -> Result<Box<dyn Follower>, BusError>;
}

/// What stood as the position of a bus at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(pub(super) Vec<u8>);

/// One reader of the bus.
#[async_trait]
pub trait Follower: Send {
    /// The next entries in the order of the log, without a hole; waits for them. An empty answer is a heartbeat: the
    /// bus is there and has nothing new. It comes every few seconds.
    ///
    /// Errors: [`BusError::Gap`] if the next entry on the bus is not the next of the log (the reader has to read the
    /// log); [`BusError::Poisoned`] for an entry that the relay did not put there; [`BusError::Unreachable`]. After an
    /// error, and after a call that was cancelled, the follower is at its end: follow again.
    async fn next(&mut self) -> Result<Vec<Entry>, BusError>;
}

/// Why the bus did not do it.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// It does not answer, or not in time. What was asked may have happened.
    #[error("the bus does not answer")]
    Unreachable(#[source] Box<dyn Error + Send + Sync>),
    /// Something lies on it that is not ours: another type, no number, an entry whose seal is wrong.
    #[error("something lies on the bus that is not ours: {what}")]
    Poisoned {
        /// What, without contents.
        what: String,
    },
    /// The bus is not at its mark any more.
    #[error("the bus moved while it was to be rebuilt")]
    Moved,
    /// The seq that comes next is missing.
    #[error("the bus stands at {position}, {wanted} was to come next")]
    Gap {
        /// Where the bus stands.
        position: u64,
        /// The seq that was to come next.
        wanted: u64,
    },
}

//! The bus on Redis: a stream for the order, a bitmap of two bits for each list, and the position.
//!
//! | key | what |
//! |---|---|
//! | `fp:{<deployment>}:log` | stream; the id of an entry is `<seq>-0` |
//! | `fp:{<deployment>}:seq` | the position, in decimal |
//! | `fp:{<deployment>}:list:<n>` | the list's array ([`super::list_array`]); expires a day after its last pass |
//!
//! Who can write to Redis can take the bus away, and nothing more: each entry carries a seal under a key that Redis
//! does not know, and the relay compares the rest with the log. Publish/subscribe is not used: after an outage a
//! subscription can stay deaf without a word.

mod follow;
mod line;
mod sealed;

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use freightpass_core::status::{MAX_N, Value, WEEK_S};
use redis::{RedisError, Script};

use self::follow::RedisFollower;
use self::line::{Line, wrong_or_gone};
use self::sealed::Seal;
use super::entry::{Entry, LogView, digest_of, value_of};
use super::port::{BusError, Follower, Mark, StatusBus};

/// Entries kept in the stream: a follower that falls further behind reads the log. About 20 MB.
const KEPT: usize = 100_000;
/// How long a list's key outlives the last pass of the list.
const LIST_GRACE_S: u64 = 86_400;
/// Keys of lists that a rebuild removes from the oldest live list on, whether the log names them or not: a year.
const LISTS_CLEARED: u32 = 53;
/// Bytes of a list's array at the most: 2^26 places of two bits. What is longer is not fetched.
const LONGEST_ARRAY: u64 = MAX_N as u64 / 4;

/// Keys that are looked at in one turn when a deployment is forgotten.
const SCANNED: u32 = 1_000;

/// The bus on a Redis server.
pub struct RedisBus {
    keys: Keys,
    line: Line,
    seal: Seal,
    publish: Script,
    mark: Script,
    rebuild: Script,
}

/// Why there is no bus on Redis. Whether the server is there is seen later: `serve` starts without it.
#[derive(Debug, thiserror::Error)]
pub enum RedisOpenError {
    /// The URL does not read. It is not repeated: it may hold a password.
    #[error("redis.url: {0}; it is redis://[user:password@]host:port/db or redis+unix:///path")]
    Url(#[source] RedisError),
}

/// The names of the keys.
#[derive(Clone)]
struct Keys {
    prefix: String,
}

impl RedisBus {
    /// The bus of that deployment on the server behind `url`. `seal_key` is the same for all replicas and known to
    /// nobody else; entries under another key count as poison.
    pub fn new(url: &str, deployment: &[u8; 8], seal_key: &[u8; 32]) -> Result<Self, RedisOpenError> {
        let hex = HEXLOWER.encode(deployment);
        Ok(Self {
            keys: Keys { prefix: format!("fp:{{{hex}}}:") },
            line: Line::new(url).map_err(RedisOpenError::Url)?,
            seal: Seal::new(deployment, seal_key),
            publish: Script::new(include_str!("publish.lua")),
            mark: Script::new(include_str!("mark.lua")),
            rebuild: Script::new(include_str!("rebuild.lua")),
        })
    }
}

impl RedisBus {
    /// Removes everything of the deployment, which is over: who follows it finds a hole.
    pub async fn forget(&self) -> Result<(), BusError> {
        let mut conn = self.line.take().await?;
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(format!("{}*", self.keys.prefix)).arg("COUNT").arg(SCANNED);
            let (next, keys): (u64, Vec<String>) = scan.query_async(&mut conn).await.map_err(wrong_or_gone)?;
            if !keys.is_empty() {
                let () = redis::cmd("DEL").arg(&keys).query_async(&mut conn).await.map_err(wrong_or_gone)?;
            }
            cursor = next;
            if cursor == 0 {
                self.line.give_back(conn);
                return Ok(());
            }
        }
    }
}

#[async_trait]
impl StatusBus for RedisBus {
    async fn publish(&self, entries: &[Entry]) -> Result<u64, BusError> {
        let mut lists: Vec<u32> = entries.iter().map(|entry| entry.list).collect();
        lists.sort_unstable();
        lists.dedup();
        let mut call = self.publish.key(self.keys.log());
        call.key(self.keys.seq());
        for list in &lists {
            call.key(self.keys.list(*list));
        }
        call.arg(KEPT);
        for entry in entries {
            // Lua counts from 1, and two other keys stand before the lists.
            let key = lists.partition_point(|list| *list < entry.list) + 3;
            call.arg(entry.seq).arg(key).arg(entry.list).arg(entry.idx).arg(entry.value as u8);
            call.arg(sealed::cti_text(entry.cti)).arg(entry.reason).arg(self.seal.of(entry)).arg(expires(entry.list));
        }
        let mut conn = self.line.take().await?;
        let (outcome, position): (u8, u64) = call.invoke_async(&mut conn).await.map_err(wrong_or_gone)?;
        self.line.give_back(conn);
        match outcome {
            0 => Ok(position),
            1 => {
                let wanted = entries.first().map_or(0, |first| first.seq).max(position + 1);
                Err(BusError::Gap { position, wanted })
            }
            _ => Err(BusError::Poisoned { what: "position, stream or list".to_owned() }),
        }
    }

    async fn position(&self) -> Result<u64, BusError> {
        // The script looks at everything before it writes, and without entries it writes nothing.
        self.publish(&[]).await
    }

    async fn value(&self, list: u32, idx: u32) -> Result<Value, BusError> {
        let mut conn = self.line.take().await?;
        let mut look = redis::cmd("BITFIELD");
        look.arg(self.keys.list(list)).arg("GET").arg("u2").arg(format!("#{idx}"));
        let (value,): (u8,) = look.query_async(&mut conn).await.map_err(wrong_or_gone)?;
        self.line.give_back(conn);
        value_of(value).ok_or_else(|| BusError::Poisoned { what: format!("list {list}") })
    }

    async fn digests(&self, lists: &[u32]) -> Result<Vec<[u8; 32]>, BusError> {
        let mut conn = self.line.take().await?;
        let mut digests = Vec::with_capacity(lists.len());
        // One by one: together they may be larger than a reply should be.
        for list in lists {
            let key = self.keys.list(*list);
            let length: u64 = redis::cmd("STRLEN").arg(&key).query_async(&mut conn).await.map_err(wrong_or_gone)?;
            if length > LONGEST_ARRAY {
                self.line.give_back(conn);
                return Err(BusError::Poisoned { what: format!("list {list}") });
            }
            let array: Option<Vec<u8>> =
                redis::cmd("GET").arg(&key).query_async(&mut conn).await.map_err(wrong_or_gone)?;
            digests.push(digest_of(&array.unwrap_or_default()));
        }
        self.line.give_back(conn);
        Ok(digests)
    }

    async fn mark(&self) -> Result<Mark, BusError> {
        let mut conn = self.line.take().await?;
        let found: Vec<u8> = self.mark.key(self.keys.seq()).invoke_async(&mut conn).await.map_err(wrong_or_gone)?;
        self.line.give_back(conn);
        Ok(Mark(found))
    }

    async fn rebuild(&self, view: &LogView, mark: &Mark) -> Result<(), BusError> {
        let arrays = view.arrays();
        let mut call = self.rebuild.key(self.keys.log());
        call.key(self.keys.seq()).arg(&mark.0).arg(view.seq);
        for (list, array) in &arrays {
            call.key(self.keys.list(*list)).arg(array).arg(expires(*list));
        }
        let cleared = view.oldest_list..view.oldest_list.saturating_add(LISTS_CLEARED);
        for list in cleared.filter(|list| !arrays.contains_key(list)) {
            call.key(self.keys.list(list));
        }
        let mut conn = self.line.take().await?;
        let found: Vec<u8> = call.invoke_async(&mut conn).await.map_err(wrong_or_gone)?;
        self.line.give_back(conn);
        if found.is_empty() { Ok(()) } else { Err(BusError::Moved) }
    }

    async fn follow(&self, after: u64) -> Result<Box<dyn Follower>, BusError> {
        let conn = self.line.open_blocking().await?;
        Ok(Box::new(RedisFollower::new(conn, self.keys.clone(), self.seal.clone(), after)))
    }
}

impl Keys {
    fn log(&self) -> String {
        format!("{}log", self.prefix)
    }

    fn seq(&self) -> String {
        format!("{}seq", self.prefix)
    }

    fn list(&self, list: u32) -> String {
        format!("{}list:{list}", self.prefix)
    }
}

/// The second in which the key of a list expires.
fn expires(list: u32) -> u64 {
    (u64::from(list) + 1) * WEEK_S + LIST_GRACE_S
}

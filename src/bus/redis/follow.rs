//! Reading the stream: from the last id, so that nothing is ever missed without being noticed.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamReadReply};

use super::super::entry::{Entry, value_of};
use super::super::port::{BusError, Follower};
use super::Keys;
use super::line::wrong_or_gone;
use super::sealed::{Seal, cti_of};

/// How long Redis waits for an entry before it says that there is none: the heartbeat.
pub(super) const BLOCK: Duration = Duration::from_secs(2);
/// Entries in one reply: some 200 kB.
const BATCH: usize = 1_000;

/// One reader of the stream, with its own connection.
pub(super) struct RedisFollower {
    /// None after an error or a cancelled read: the connection is in doubt.
    conn: Option<MultiplexedConnection>,
    keys: Keys,
    seal: Seal,
    after: u64,
}

impl RedisFollower {
    pub(super) fn new(conn: MultiplexedConnection, keys: Keys, seal: Seal, after: u64) -> Self {
        Self { conn: Some(conn), keys, seal, after }
    }

    async fn read(&self, conn: &mut MultiplexedConnection, block: bool) -> Result<Vec<StreamId>, BusError> {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(BATCH);
        if block {
            read.arg("BLOCK").arg(BLOCK.as_millis() as u64);
        }
        // After the last id that our seq can have.
        read.arg("STREAMS").arg(self.keys.log()).arg(format!("{}-{}", self.after, u64::MAX));
        let reply: Option<StreamReadReply> = read.query_async(conn).await.map_err(wrong_or_gone)?;
        Ok(reply.map(|reply| reply.keys).unwrap_or_default().into_iter().flat_map(|key| key.ids).collect())
    }

    /// No entry came: is there none, or did the bus go on without us (a rebuild empties the stream)?
    async fn heartbeat(&self, conn: &mut MultiplexedConnection) -> Result<Vec<StreamId>, BusError> {
        let seq: Option<String> =
            redis::cmd("GET").arg(self.keys.seq()).query_async(conn).await.map_err(wrong_or_gone)?;
        let position: u64 = match seq {
            None => 0,
            Some(text) => text.parse().map_err(|_| BusError::Poisoned { what: "position".to_owned() })?,
        };
        if position <= self.after {
            return Ok(Vec::new());
        }
        // It went on: either just now, or there is a hole.
        let ids = self.read(conn, false).await?;
        if ids.is_empty() { Err(BusError::Gap { position, wanted: self.after + 1 }) } else { Ok(ids) }
    }

    fn entries(&self, ids: &[StreamId]) -> Result<Vec<Entry>, BusError> {
        let mut entries = Vec::with_capacity(ids.len());
        for (wanted, id) in (self.after + 1..).zip(ids) {
            let entry = entry(id).filter(|(entry, seal)| self.seal.holds(entry, seal));
            let Some((entry, _)) = entry else {
                return Err(BusError::Poisoned { what: "an entry".to_owned() });
            };
            if entry.seq != wanted {
                return Err(BusError::Gap { position: entry.seq, wanted });
            }
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[async_trait]
impl Follower for RedisFollower {
    async fn next(&mut self) -> Result<Vec<Entry>, BusError> {
        let Some(mut conn) = self.conn.take() else {
            return Err(BusError::Unreachable("an earlier read was not finished".into()));
        };
        let mut ids = self.read(&mut conn, true).await?;
        if ids.is_empty() {
            ids = self.heartbeat(&mut conn).await?;
        }
        let entries = self.entries(&ids)?;
        if let Some(last) = entries.last() {
            self.after = last.seq;
        }
        self.conn = Some(conn);
        Ok(entries)
    }
}

/// An entry of the stream and its seal; none if it is not one.
fn entry(id: &StreamId) -> Option<(Entry, Vec<u8>)> {
    let seq = id.id.strip_suffix("-0")?.parse().ok()?;
    let field = |name| bytes(&id.map, name);
    let number = |name| std::str::from_utf8(field(name)?).ok()?.parse::<u32>().ok();
    let cti = std::str::from_utf8(field("cti")?).ok()?;
    let entry = Entry {
        seq,
        list: number("list")?,
        idx: number("idx")?,
        value: value_of(u8::try_from(number("value")?).ok()?)?,
        cti: cti_of(cti).ok()?,
        reason: u8::try_from(number("reason")?).ok()?,
    };
    Some((entry, field("seal")?.to_vec()))
}

fn bytes<'m>(map: &'m HashMap<String, redis::Value>, name: &str) -> Option<&'m [u8]> {
    match map.get(name)? {
        redis::Value::BulkString(bytes) => Some(bytes),
        _ => None,
    }
}

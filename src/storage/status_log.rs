//! The status log as relay and feed read it, and the outbox. Appending stands in `work`.

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use super::work::newest_status;
use super::{Store, in_own_task};
use crate::bus::{Entry, LogView, StatusLog, value_of};

#[async_trait]
impl<DB: Backend> StatusLog for Store<DB> {
    async fn newest(&self) -> Result<u64, StorageError> {
        let mut conn = self.reader().await?;
        newest_status::<DB>(&mut conn).await
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.committed_status()
    }

    async fn after(&self, after: u64, limit: u32) -> Result<Vec<Entry>, StorageError> {
        let mut conn = self.reader().await?;
        let rows = Sql::<DB>::on("status_log", "SELECT seq, list, idx, value, cti, reason FROM status_log")
            .with(" WHERE seq > ", after)
            .with(" ORDER BY seq LIMIT ", limit)
            .rows(&mut conn)
            .await?;
        rows.iter().map(entry).collect()
    }

    async fn view(&self, oldest_list: u32) -> Result<LogView, StorageError> {
        let mut conn = self.reader().await?;
        // The log only grows and its seqs have no holes: what stands at or below a committed seq never changes.
        let seq = newest_status::<DB>(&mut conn).await?;
        let rows = Sql::<DB>::on(
            "status_log",
            "SELECT l.seq AS seq, l.list AS list, l.idx AS idx, l.value AS value, l.cti AS cti, l.reason AS reason \
             FROM status_log l JOIN (SELECT MAX(seq) AS newest FROM status_log",
        )
        .with(" WHERE seq <= ", seq)
        .with(" AND list >= ", oldest_list)
        .push(" GROUP BY list, idx) n ON l.seq = n.newest ORDER BY l.seq")
        .rows(&mut conn)
        .await?;
        let places = rows.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(LogView { seq, oldest_list, places })
    }

    async fn pending(&self, limit: u32) -> Result<Vec<Entry>, StorageError> {
        let mut conn = self.reader().await?;
        let rows = Sql::<DB>::on(
            "outbox",
            "SELECT o.seq AS seq, l.list AS list, l.idx AS idx, l.value AS value, l.cti AS cti, l.reason AS reason \
             FROM outbox o JOIN status_log l ON l.seq = o.seq ORDER BY o.seq",
        )
        .with(" LIMIT ", limit)
        .rows(&mut conn)
        .await?;
        rows.iter().map(entry).collect()
    }

    async fn pending_count(&self) -> Result<u64, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("outbox", "SELECT COUNT(*) AS n FROM outbox").row(&mut conn).await?;
        row.map_or(Ok(0), |row| row.get("n"))
    }

    async fn delivered(&self, up_to: u64) -> Result<(), StorageError> {
        let store = self.clone();
        in_own_task(async move {
            let mut work = store.begin_own("relay", Timestamp::UNIX_EPOCH).await?;
            Sql::<DB>::on("outbox", "DELETE FROM outbox").with(" WHERE seq <= ", up_to).execute(work.conn()).await?;
            work.commit(&()).await
        })
        .await
    }
}

fn entry<DB: Backend>(row: &Row<DB>) -> Result<Entry, StorageError> {
    Ok(Entry {
        seq: row.get("seq")?,
        list: row.get("list")?,
        idx: row.get("idx")?,
        value: value_of(row.get("value")?).ok_or_else(|| row.corrupt("value"))?,
        cti: row.get("cti")?,
        reason: row.get("reason")?,
    })
}

//! Numbers and places: the serials of an authority's day, and the blocks of a status list leased for one key.

use std::collections::BTreeMap;

use freightpass_core::key::Kid;
use freightpass_core::pass::PassNumber;
use jiff::Timestamp;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use super::work::Work;
use crate::pass::{FIRST_CAPACITY, LEASE_SIZE};

/// The serials that one transaction takes. What it took is stored by [`Serials::store`]; without that nothing is.
#[derive(Default)]
pub(super) struct Serials {
    next: BTreeMap<(u32, u16), u32>,
}

impl Serials {
    /// The next pass number of the authority on that day; a serial is never given twice. None if the day has none
    /// left.
    pub(super) async fn take<DB: Backend>(
        &mut self,
        work: &mut Work<DB>,
        authority: u32,
        day: u16,
    ) -> Result<Option<PassNumber>, StorageError> {
        let serial = match self.next.get(&(authority, day)) {
            Some(next) => *next,
            None => Sql::<DB>::on("serials", "SELECT next FROM serials WHERE authority_number = ")
                .arg(authority)
                .with(" AND day = ", day)
                .row(work.conn())
                .await?
                .map_or(Ok(1), |row| row.get("next"))?,
        };
        let number = PassNumber::new(authority, day, serial);
        if number.is_some() {
            self.next.insert((authority, day), serial + 1);
        }
        Ok(number)
    }

    /// Writes the next serial of each day.
    pub(super) async fn store<DB: Backend>(self, work: &mut Work<DB>) -> Result<(), StorageError> {
        for ((authority, day), next) in self.next {
            Sql::<DB>::on("serials", "INSERT INTO serials (authority_number, day, next) VALUES ")
                .rows_of([()], |row, ()| row.arg(authority).arg(day).arg(next))
                .push(" ON CONFLICT (authority_number, day) DO UPDATE SET next = excluded.next")
                .execute(work.conn())
                .await?;
        }
        Ok(())
    }
}

/// The places that one transaction takes. What it took is stored by [`Places::store`]; without that nothing is.
#[derive(Default)]
pub(super) struct Places {
    open: BTreeMap<(u32, Kid), Block>,
    /// Blocks used up in this transaction.
    full: Vec<((u32, Kid), Block)>,
}

/// What is free of a lease: `next <= index < end`.
pub(super) struct Block {
    first: u32,
    next: u32,
    end: u32,
}

/// What was left of a lease when it was closed: `next <= index < end` of `list`.
pub(super) struct Remainder {
    pub(super) list: u32,
    pub(super) kid: Kid,
    /// Where the lease began.
    pub(super) first: u32,
    pub(super) next: u32,
    pub(super) end: u32,
}

impl Places {
    /// The next free index of `list` for `kid`: from the open lease, else from a new one. None if the list has no
    /// block left within what scanners can know of (see [`PassStore::issue`](crate::pass::PassStore::issue)).
    pub(super) async fn take<DB: Backend>(
        &mut self,
        work: &mut Work<DB>,
        list: u32,
        kid: Kid,
    ) -> Result<Option<u32>, StorageError> {
        let place = (list, kid);
        if let Some(block) = self.open.get_mut(&place) {
            if let Some(index) = block.take() {
                return Ok(Some(index));
            }
            self.full.extend(self.open.remove_entry(&place));
        }
        let known = match self.full.iter().any(|(full, _)| *full == place) {
            // The stored `next` of a block that we used up is out of date.
            true => None,
            false => open_lease::<DB>(work, list, kid).await?,
        };
        let block = match known {
            Some(block) => Some(block),
            None => lease(work, list, kid).await?,
        };
        let Some(mut block) = block else { return Ok(None) };
        let index = block.take();
        self.open.insert(place, block);
        Ok(index)
    }

    /// Writes how far each lease is used.
    pub(super) async fn store<DB: Backend>(self, work: &mut Work<DB>) -> Result<(), StorageError> {
        for ((list, _), block) in self.open.into_iter().chain(self.full) {
            Sql::<DB>::on("leases", "UPDATE leases SET next = ")
                .arg(block.next)
                .with(" WHERE list = ", list)
                .with(" AND first = ", block.first)
                .execute(work.conn())
                .await?;
        }
        Ok(())
    }
}

impl Block {
    fn take(&mut self) -> Option<u32> {
        (self.next < self.end).then(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

impl<DB: Backend> Work<DB> {
    /// Closes every open lease of the keys that are not among `in_use`, and gives what was left of each.
    pub(super) async fn close_leases_but(
        &mut self,
        in_use: &[Kid],
        at: Timestamp,
    ) -> Result<Vec<Remainder>, StorageError> {
        let text = "SELECT list, first, kid, size, next FROM leases WHERE closed_at IS NULL ORDER BY list, first";
        let rows = Sql::<DB>::on("leases", text).rows(self.conn()).await?;
        let mut left = Vec::new();
        for row in &rows {
            let kid = Kid(row.get("kid")?);
            if in_use.contains(&kid) {
                continue;
            }
            let (list, block) = (row.get("list")?, block(row)?);
            Sql::<DB>::on("leases", "UPDATE leases SET closed_at = ")
                .arg(at)
                .with(" WHERE list = ", list)
                .with(" AND first = ", block.first)
                .execute(self.conn())
                .await?;
            left.push(Remainder { list, kid, first: block.first, next: block.next, end: block.end });
        }
        Ok(left)
    }
}

/// The open lease with a free place, if there is one.
async fn open_lease<DB: Backend>(work: &mut Work<DB>, list: u32, kid: Kid) -> Result<Option<Block>, StorageError> {
    let row = Sql::<DB>::on("leases", "SELECT list, first, size, next FROM leases WHERE list = ")
        .arg(list)
        .with(" AND kid = ", kid.0)
        .push(" AND closed_at IS NULL AND next < first + size ORDER BY first LIMIT 1")
        .row(work.conn())
        .await?;
    row.as_ref().map(block).transpose()
}

/// A new lease of the list's next block, if it lies within the capacity.
async fn lease<DB: Backend>(work: &mut Work<DB>, list: u32, kid: Kid) -> Result<Option<Block>, StorageError> {
    let row = Sql::<DB>::on("lists", "SELECT list, capacity, published, leased_to FROM lists WHERE list = ")
        .arg(list)
        .row(work.conn())
        .await?;
    let any_manifest =
        Sql::<DB>::on("manifests", "SELECT seq FROM manifests LIMIT 1").row(work.conn()).await?.is_some();
    let (capacity, first) = match &row {
        Some(row) if any_manifest => (row.get("published")?, row.get("leased_to")?),
        Some(row) => (row.get("capacity")?, row.get("leased_to")?),
        None if any_manifest => return Ok(None),
        None => (FIRST_CAPACITY, 0),
    };
    let size = LEASE_SIZE.min(capacity.saturating_sub(first));
    if size == 0 {
        return Ok(None);
    }
    let end = first + size;
    Sql::<DB>::on("lists", "INSERT INTO lists (list, capacity, leased_to) VALUES ")
        .rows_of([()], |row, ()| row.arg(list).arg(FIRST_CAPACITY).arg(end))
        .push(" ON CONFLICT (list) DO UPDATE SET leased_to = excluded.leased_to")
        .execute(work.conn())
        .await?;
    Sql::<DB>::on("leases", "INSERT INTO leases (list, first, kid, size, next) VALUES ")
        .rows_of([()], |row, ()| row.arg(list).arg(first).arg(kid.0).arg(size).arg(first))
        .execute(work.conn())
        .await?;
    Ok(Some(Block { first, next: first, end }))
}

fn block<DB: Backend>(row: &Row<DB>) -> Result<Block, StorageError> {
    let (first, next, size): (u32, u32, u32) = (row.get("first")?, row.get("next")?, row.get("size")?);
    let end = first.checked_add(size).ok_or_else(|| row.corrupt("size"))?;
    if next < first || next > end {
        return Err(row.corrupt("next"));
    }
    Ok(Block { first, next, end })
}

/// Places of the list that the newest signed manifest publishes; 0 when it names no such list.
pub(super) async fn published<DB: Backend>(work: &mut Work<DB>, list: u32) -> Result<u32, StorageError> {
    let row =
        Sql::<DB>::on("lists", "SELECT list, published FROM lists WHERE list = ").arg(list).row(work.conn()).await?;
    row.map_or(Ok(0), |row| row.get("published"))
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;
    use sqlx::Sqlite;

    const LIST: u32 = 2_970;
    const KEY: Kid = Kid([7; 8]);

    async fn store() -> (tempfile::TempDir, Store<Sqlite>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        (folder, store)
    }

    /// Takes `count` places in a transaction of its own; fewer if the list is full.
    async fn taken(store: &Store<Sqlite>, kid: Kid, count: usize) -> Vec<u32> {
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        let mut places = Places::default();
        let mut indexes = Vec::new();
        while indexes.len() < count
            && let Some(index) = places.take(&mut work, LIST, kid).await.unwrap()
        {
            indexes.push(index);
        }
        places.store(&mut work).await.unwrap();
        work.commit(&()).await.unwrap();
        indexes
    }

    /// What the publisher does in the transaction that stores a manifest.
    async fn publish(store: &Store<Sqlite>, n: Option<u32>) {
        let mut work = store.begin_own("publisher", Timestamp::UNIX_EPOCH).await.unwrap();
        let manifest = "INSERT INTO manifests (seq, trust_seq, log_seq, issued, object) \
             SELECT COALESCE(MAX(seq), 0) + 1, 1, 0, 0, x'00' FROM manifests";
        Sql::<Sqlite>::on("manifests", manifest).execute(work.conn()).await.unwrap();
        if let Some(n) = n {
            Sql::<Sqlite>::on("lists", "INSERT INTO lists (list, capacity, published, leased_to) VALUES ")
                .rows_of([()], |row, ()| row.arg(LIST).arg(n).arg(n).arg(0_u32))
                .push(" ON CONFLICT (list) DO UPDATE SET capacity = excluded.capacity, published = excluded.published")
                .execute(work.conn())
                .await
                .unwrap();
        }
        work.commit(&()).await.unwrap();
    }

    #[tokio::test]
    async fn no_place_is_leased_beyond_what_is_published() {
        let (_folder, store) = store().await;
        publish(&store, Some(300)).await;
        assert!(taken(&store, KEY, 1_000).await.into_iter().eq(0..300));
        assert_eq!(taken(&store, KEY, 1).await, [0_u32; 0]);
        publish(&store, Some(600)).await;
        assert!(taken(&store, KEY, 1_000).await.into_iter().eq(300..600));
    }

    #[tokio::test]
    async fn list_that_no_manifest_names_has_no_place_once_there_is_a_manifest() {
        let (_folder, store) = store().await;
        publish(&store, None).await;
        assert_eq!(taken(&store, KEY, 1).await, [0_u32; 0]);
        publish(&store, Some(256)).await;
        assert_eq!(taken(&store, KEY, 1).await, [0]);
    }

    #[tokio::test]
    async fn first_passes_of_a_deployment_stand_in_the_first_capacity() {
        let (_folder, store) = store().await;
        let all = taken(&store, KEY, usize::MAX).await;
        assert_eq!(all.len(), FIRST_CAPACITY as usize);
        // The first manifest names the list; nothing is free until it is published larger.
        publish(&store, Some(FIRST_CAPACITY)).await;
        assert_eq!(taken(&store, KEY, 1).await, [0_u32; 0]);
    }

    #[tokio::test]
    async fn blocks_belong_to_one_key_and_go_on_where_they_stopped() {
        let (_folder, store) = store().await;
        let other = Kid([8; 8]);
        assert_eq!(taken(&store, KEY, 2).await, [0, 1]);
        assert_eq!(taken(&store, other, 1).await, [256]);
        assert_eq!(taken(&store, KEY, 1).await, [2]);
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        let left = work.close_leases_but(&[other], Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(left.iter().map(|left| (left.list, left.next, left.end)).collect::<Vec<_>>(), [(LIST, 3, 256)]);
        work.commit(&()).await.unwrap();
        assert_eq!(taken(&store, KEY, 1).await, [512]);
        assert_eq!(taken(&store, other, 1).await, [257]);
    }

    #[tokio::test]
    async fn what_is_not_stored_is_free_again_and_a_day_ends_at_its_last_serial() {
        let (_folder, store) = store().await;
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        let mut serials = Serials::default();
        let serial = |number: Option<PassNumber>| number.map(PassNumber::serial);
        assert_eq!(serial(serials.take(&mut work, 1, 1).await.unwrap()), Some(1));
        assert_eq!(serial(serials.take(&mut work, 1, 1).await.unwrap()), Some(2));
        drop(work);
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        let mut serials = Serials::default();
        assert_eq!(serial(serials.take(&mut work, 1, 1).await.unwrap()), Some(1));
        serials.next.insert((1, 1), 0x00ff_ffff);
        assert_eq!(serial(serials.take(&mut work, 1, 1).await.unwrap()), Some(0x00ff_ffff));
        assert_eq!(serial(serials.take(&mut work, 1, 1).await.unwrap()), None);
        serials.store(&mut work).await.unwrap();
        assert_eq!(serial(Serials::default().take(&mut work, 1, 1).await.unwrap()), None);
    }
}

//! Manifests and status objects in the registry.

use async_trait::async_trait;
use jiff::{Span, Timestamp};

use super::backend::Backend;
use super::errors::StorageError;
use super::reconcile::META_LEAST_MANIFEST;
use super::sql::{Sql, rows_a_statement};
use super::{Store, Work, in_own_task};
use crate::audit::Call;
use crate::checkpoint::{PlannedList, PublicationStore, Published, Publishing, StoredManifest};

/// How long manifests are kept: they are the proof of what was signed.
const MANIFESTS_KEPT_HOURS: i64 = 30 * 24;
/// How long objects are kept that the newest manifest does not need: a cache may still serve an older one.
const OBJECTS_KEPT_HOURS: i64 = 48;

#[async_trait]
impl<DB: Backend> PublicationStore for Store<DB> {
    async fn newest_manifest(&self) -> Result<Option<StoredManifest>, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("manifests", "SELECT seq, log_seq, object FROM manifests ORDER BY seq DESC LIMIT 1");
        let Some(row) = row.row(&mut conn).await? else {
            return Ok(None);
        };
        Ok(Some(StoredManifest { seq: row.get("seq")?, log_seq: row.get("log_seq")?, object: row.get("object")? }))
    }

    async fn least_seq(&self) -> Result<u32, StorageError> {
        let stored = self.meta(META_LEAST_MANIFEST).await?;
        let corrupt = || StorageError::Corrupt { table: "meta", column: "value", row: META_LEAST_MANIFEST.to_owned() };
        match stored {
            None => Ok(1),
            Some(bytes) => Ok(u32::from_be_bytes(bytes.as_slice().try_into().map_err(|_| corrupt())?)),
        }
    }

    async fn status_object(&self, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let mut conn = self.reader().await?;
        let row =
            Sql::<DB>::on("status_objects", "SELECT name, object FROM status_objects").with(" WHERE name = ", name);
        row.row(&mut conn).await?.map(|row| row.get("object")).transpose()
    }

    async fn planned_lists(&self, oldest_list: u32) -> Result<Vec<PlannedList>, StorageError> {
        let mut conn = self.reader().await?;
        let rows = Sql::<DB>::on("lists", "SELECT list, capacity, leased_to FROM lists")
            .with(" WHERE list >= ", oldest_list)
            .push(" ORDER BY list")
            .rows(&mut conn)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(PlannedList {
                    list: row.get("list")?,
                    capacity: row.get("capacity")?,
                    leased_to: row.get("leased_to")?,
                })
            })
            .collect()
    }

    async fn publish(&self, call: Option<&Call>, publishing: Publishing) -> Result<Published, StorageError> {
        match call {
            Some(call) => {
                self.change(call, move |work| {
                    Box::pin(async move {
                        store(work, &publishing).await?;
                        let detail = serde_json::json!({ "log_seq": publishing.published.log_seq });
                        work.audit("manifest", &publishing.published.manifest_seq.to_string(), &detail).await?;
                        Ok(publishing.published)
                    })
                })
                .await
            }
            None => {
                let registry = self.clone();
                in_own_task(async move {
                    let mut work = registry.begin_own("publisher", publishing.at).await?;
                    store(&mut work, &publishing).await?;
                    work.commit(&()).await?;
                    Ok(publishing.published)
                })
                .await
            }
        }
    }
}

async fn store<DB: Backend>(work: &mut Work<DB>, publishing: &Publishing) -> Result<(), StorageError> {
    let published = &publishing.published;
    let newest = Sql::<DB>::on("manifests", "SELECT COALESCE(MAX(seq), 0) AS seq FROM manifests");
    let newest: u32 = newest.row(work.conn()).await?.map_or(Ok(0), |row| row.get("seq"))?;
    if newest != publishing.after {
        return Err(StorageError::Duplicate { table: "manifests" });
    }
    Sql::<DB>::on("manifests", "INSERT INTO manifests (seq, trust_seq, log_seq, issued, object) VALUES ")
        .rows_of([()], |row, ()| {
            row.arg(published.manifest_seq)
                .arg(publishing.trust_sequence)
                .arg(published.log_seq)
                .arg(published.issued)
                .arg(publishing.object.as_slice())
        })
        .execute(work.conn())
        .await?;
    for chunk in publishing.objects.chunks(rows_a_statement(4)) {
        Sql::<DB>::on("status_objects", "INSERT INTO status_objects (name, list, object, made_at) VALUES ")
            .rows_of(chunk, |row, (name, list, object)| {
                row.arg(name).arg(*list).arg(object.as_slice()).arg(publishing.at)
            })
            .push(" ON CONFLICT (name) DO NOTHING")
            .execute(work.conn())
            .await?;
    }
    for chunk in publishing.lists.chunks(rows_a_statement(4)) {
        Sql::<DB>::on("lists", "INSERT INTO lists (list, capacity, published, leased_to) VALUES ")
            .rows_of(chunk, |row, (list, n)| row.arg(*list).arg(*n).arg(*n).arg(0_u32))
            .push(" ON CONFLICT (list) DO UPDATE SET capacity = excluded.capacity, published = excluded.published")
            .execute(work.conn())
            .await?;
    }
    clear(work, publishing).await
}

/// Takes away what no scanner asks for any more.
async fn clear<DB: Backend>(work: &mut Work<DB>, publishing: &Publishing) -> Result<(), StorageError> {
    let before = |hours: i64| publishing.at.checked_sub(Span::new().hours(hours)).unwrap_or(Timestamp::MIN);
    Sql::<DB>::on("status_objects", "DELETE FROM status_objects")
        .with(" WHERE made_at < ", before(OBJECTS_KEPT_HOURS))
        .push(" AND name NOT IN ")
        .list(&publishing.needed)
        .execute(work.conn())
        .await?;
    let oldest = u64::try_from(before(MANIFESTS_KEPT_HOURS).as_second()).unwrap_or(0);
    Sql::<DB>::on("manifests", "DELETE FROM manifests")
        .with(" WHERE issued < ", oldest)
        .with(" AND seq < ", publishing.published.manifest_seq)
        .execute(work.conn())
        .await?;
    Ok(())
}

//! The registry of a data folder that is about to be replaced: read from a copy, so that nothing of it is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::status::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _, Sqlite, SqliteConnection};

use super::errors::StorageError;
use super::figures::{Figures, FiguresError, complaints};
use super::open::REGISTRY_FILE;
use super::reconcile::given_out;
use super::sql::Sql;
use super::trust::stored_list;
use crate::bus::value_of;
use crate::restore::{Detail, Former, Logged};

/// Reads the registry of `folder`, on which nobody works, with what its write-ahead log holds, by way of a copy below
/// `copy`.
///
/// # Errors
/// [`FiguresError`] where it is not whole, or does not read: then it tells nothing that could be relied on.
pub async fn read_former(folder: &Path, copy: &Path) -> Result<Former, FiguresError> {
    let from = folder.join(REGISTRY_FILE);
    let failed =
        |source: Box<dyn std::error::Error + Send + Sync>| FiguresError::Unreadable { path: from.clone(), source };
    let copied = || {
        fs::create_dir_all(copy)?;
        fs::copy(&from, copy.join(REGISTRY_FILE))?;
        let log = format!("{REGISTRY_FILE}-wal");
        if folder.join(&log).exists() {
            fs::copy(folder.join(&log), copy.join(&log))?;
        }
        Ok::<_, std::io::Error>(())
    };
    copied().map_err(|error| failed(error.into()))?;
    let options = SqliteConnectOptions::new()
        .filename(copy.join(REGISTRY_FILE))
        .journal_mode(SqliteJournalMode::Wal)
        .create_if_missing(false);
    let mut conn = options.connect().await.map_err(|error| failed(error.into()))?;
    let complaints = complaints(&mut conn).await.map_err(|error| failed(error.into()))?;
    if !complaints.is_empty() {
        return Err(FiguresError::NotWhole { path: from.clone(), complaints: complaints.join("; ") });
    }
    let former = read(&mut conn).await.map_err(|error| failed(error.into()));
    // It is a copy.
    let _ = conn.close().await;
    former
}

async fn read(conn: &mut SqliteConnection) -> Result<Former, StorageError> {
    let figures = Figures::read(conn).await?;
    let trust =
        Sql::<Sqlite>::on("trust_lists", "SELECT seq, hash, object, changes_roots FROM trust_lists ORDER BY seq")
            .rows(conn)
            .await?;
    let trust = trust.iter().map(stored_list).collect::<Result<_, _>>()?;
    let survivors = Sql::<Sqlite>::on("survivors", "SELECT hash, object FROM survivors").rows(conn).await?;
    let survivors = survivors.iter().map(|row| row.get("object")).collect::<Result<_, _>>()?;
    let newest = Sql::<Sqlite>::on("manifests", "SELECT seq, object FROM manifests ORDER BY seq DESC LIMIT 1");
    let manifest: Option<Vec<u8>> = newest.row(conn).await?.map(|row| row.get("object")).transpose()?;
    let names = manifest.as_deref().map(snapshots).unwrap_or_default();
    let mut objects = Vec::new();
    for name in names {
        let found = Sql::<Sqlite>::on("status_objects", "SELECT name, object FROM status_objects")
            .with(" WHERE name = ", name.as_str())
            .row(conn)
            .await?;
        objects.extend(found.map(|row| row.get("object")).transpose()?);
    }
    let text = "SELECT seq, list, idx, value, cti, reason, reason_text FROM status_log ORDER BY seq";
    let rows = Sql::<Sqlite>::on("status_log", text).rows(conn).await?;
    let mut log = BTreeMap::<_, Logged>::new();
    for row in &rows {
        let detail = Detail { cti: row.get("cti")?, reason: row.get("reason")?, reason_text: row.get("reason_text")? };
        let logged = Logged {
            seq: row.get("seq")?,
            value: value_of(row.get("value")?).ok_or_else(|| row.corrupt("value"))?,
            detail,
        };
        let place = (row.get("list")?, row.get("idx")?);
        // The last one of a place counts, and nothing after a revocation.
        if log.get(&place).is_none_or(|before| before.value != Value::Revoked) {
            log.insert(place, logged);
        }
    }
    Ok(Former { figures, trust, survivors, manifest, objects, given_out: given_out::<Sqlite>(conn).await?, log })
}

/// The names of the snapshots that a manifest names.
fn snapshots(manifest: &[u8]) -> Vec<String> {
    let content = UnverifiedManifest::read(manifest).ok().and_then(|read| read.unverified_content().ok());
    let lists = content.map(|content| content.lists).unwrap_or_default();
    lists.iter().map(|entry| format!("s/{}", HEXLOWER.encode(&entry.state))).collect()
}

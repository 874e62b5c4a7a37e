//! The port of backups on the embedded registry.

use std::path::Path;

use async_trait::async_trait;
use serde_json::json;
use sqlx::{Connection as _, Sqlite};

use super::errors::StorageError;
use super::figures::{Figures, FiguresError};
use super::sql::Sql;
use super::work::{Begun, stored_answer};
use super::{Store, in_own_task};
use crate::audit::Call;
use crate::backup::{BackupStore, Made};

#[async_trait]
impl BackupStore for Store<Sqlite> {
    async fn answered(&self, call: &Call) -> Result<Option<Made>, StorageError> {
        match self.begin(call).await? {
            Begun::Replay(json) => Ok(Some(stored_answer(call.method, &json)?)),
            Begun::Fresh(work) => {
                work.roll_back().await?;
                Ok(None)
            }
        }
    }

    async fn snapshot(&self, to: &Path) -> Result<(), StorageError> {
        // A connection of its own: those that read must not write, and this one writes another file. It is a reader
        // like any other to the registry, in one transaction, and nobody waits for it.
        let mut conn = self.reader().await?.detach();
        Sql::<Sqlite>::on("registry", "PRAGMA query_only = OFF").execute(&mut conn).await?;
        let to = to.display().to_string();
        let made = Sql::<Sqlite>::on("registry", "VACUUM INTO ").arg(to.as_str()).execute(&mut conn).await;
        let _ = conn.close().await;
        made.map(|_| ())
    }

    async fn figures(&self, path: &Path) -> Result<Figures, FiguresError> {
        Figures::of_file(path).await
    }

    async fn record(&self, call: &Call, made: Made) -> Result<Made, StorageError> {
        let (store, call) = (self.clone(), call.clone());
        in_own_task(async move {
            match store.begin(&call).await? {
                Begun::Replay(json) => stored_answer(call.method, &json),
                Begun::Fresh(mut work) => {
                    let detail = json!({
                        "size_bytes": made.size_bytes,
                        "sha256": made.sha256,
                        "log_seq": made.log_seq,
                        "manifest_seq": made.manifest_seq,
                    });
                    work.audit("backup", &made.name, &detail).await?;
                    work.commit(&made).await?;
                    Ok(made)
                }
            }
        })
        .await
    }
}

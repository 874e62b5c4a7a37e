//! The audit log's port on the registry.

use async_trait::async_trait;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use super::{Page, PageRequest, Store};
use crate::audit::{AuditStore, Entry, EntryFilter};
use crate::identity::Sight;

#[async_trait]
impl<DB: Backend> AuditStore for Store<DB> {
    async fn entries(
        &self,
        sight: &Sight,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StorageError> {
        let asked = (sight, filter);
        let after: Option<u64> = page.after(&asked)?;
        let select = Sql::<DB>::on(
            "audit",
            "SELECT seq, called_at, body, officer, method, request_id, subject_kind, subject, detail FROM audit \
             WHERE seq > ",
        )
        .arg(after.unwrap_or(0));
        let select = match sight {
            Sight::All => select,
            Sight::Bodies(bodies) => select
                .push(" AND (body IN ")
                .list(bodies)
                .push(" OR body IN (SELECT code FROM enterprises WHERE authority IN ")
                .list(bodies)
                .push("))"),
            Sight::County { .. } | Sight::Enterprise { .. } => {
                return Page::cut(Vec::new(), page, &asked, |entry: &Entry| entry.seq);
            }
        };
        let mut conn = self.reader().await?;
        let rows = select
            .filter(" AND subject_kind = ", filter.subject_kind.as_deref())
            .filter(" AND subject = ", filter.subject.as_deref())
            .filter(" AND body = ", filter.body.as_deref())
            .filter(" AND officer = ", filter.officer.as_deref())
            .filter(" AND method = ", filter.method.as_deref())
            .filter(" AND called_at >= ", filter.from)
            .filter(" AND called_at < ", filter.before)
            .with(" ORDER BY seq LIMIT ", page.limit() + 1)
            .rows(&mut conn)
            .await?;
        let entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        Page::cut(entries, page, &asked, |entry| entry.seq)
    }
}

fn entry<DB: Backend>(row: &Row<DB>) -> Result<Entry, StorageError> {
    Ok(Entry {
        seq: row.get("seq")?,
        at: row.get("called_at")?,
        body: row.get("body")?,
        officer: row.get("officer")?,
        method: row.get("method")?,
        request_id: row.get("request_id")?,
        subject_kind: row.get("subject_kind")?,
        subject: row.get("subject")?,
        detail: row.get("detail")?,
    })
}

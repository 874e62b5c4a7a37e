//! Trust lists and survivors in the registry.

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use jiff::Timestamp;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use super::{Store, Work, in_own_task};
use crate::audit::Call;
use crate::trust::{MadeBy, Prepared, SignedPlace, StoredList, TrustStore};

/// The row of meta that holds the provisioning object.
const META_PROVISION: &str = "provision";
/// The row of meta that says how the deployment came to be.
const META_MADE_BY: &str = "made_by";

#[async_trait]
impl<DB: Backend> TrustStore for Store<DB> {
    async fn provision(&self) -> Result<Option<Vec<u8>>, StorageError> {
        self.meta(META_PROVISION).await
    }

    async fn made_by(&self) -> Result<Option<MadeBy>, StorageError> {
        Ok(self.meta(META_MADE_BY).await?.map(|name| match name.as_slice() {
            b"ceremony" => MadeBy::Ceremony,
            // Whatever it says, no ceremony is known of.
            _ => MadeBy::Development,
        }))
    }

    async fn trust_lists(&self) -> Result<Vec<StoredList>, StorageError> {
        let mut conn = self.reader().await?;
        let rows =
            Sql::<DB>::on("trust_lists", "SELECT seq, hash, object, changes_roots FROM trust_lists ORDER BY seq")
                .rows(&mut conn)
                .await?;
        rows.iter().map(stored_list).collect()
    }

    async fn found(
        &self,
        made_by: MadeBy,
        provision: &[u8],
        first: &StoredList,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let (store, provision, first) = (self.clone(), provision.to_vec(), first.clone());
        in_own_task(async move {
            let mut work = store.begin_own("bootstrap", at).await?;
            Sql::<DB>::on("meta", "INSERT INTO meta (key, value) VALUES ")
                .rows_of(
                    [(META_PROVISION, provision.as_slice()), (META_MADE_BY, name(made_by))],
                    |row, (key, value)| row.arg(key).arg(value),
                )
                .execute(work.conn())
                .await?;
            insert(&mut work, &first).await?;
            work.commit(&()).await
        })
        .await
    }

    async fn install(&self, call: &Call, list: &StoredList) -> Result<(), StorageError> {
        let list = list.clone();
        self.change(call, move |work| {
            Box::pin(async move {
                let newest =
                    Sql::<DB>::on("trust_lists", "SELECT seq, hash FROM trust_lists ORDER BY seq DESC LIMIT 1")
                        .row(work.conn())
                        .await?;
                if let Some(row) = newest {
                    let (sequence, hash): (u32, [u8; 32]) = (row.get("seq")?, row.get("hash")?);
                    if sequence == list.sequence && hash == list.hash {
                        return Ok(());
                    }
                    if sequence >= list.sequence {
                        return Err(StorageError::Duplicate { table: "trust_lists" });
                    }
                }
                insert(work, &list).await
            })
        })
        .await
    }

    async fn signed_by(
        &self,
        kid: [u8; 8],
        oldest_list: u32,
        after: Option<(u32, u32)>,
        limit: u32,
    ) -> Result<Vec<SignedPlace>, StorageError> {
        let mut conn = self.reader().await?;
        // Rows of one list behind the place, then all of the later lists: the index by key, list, idx serves both.
        let (list, idx) = after.unwrap_or((oldest_list, 0));
        let inclusive = after.is_none();
        let rows = Sql::<DB>::on("passes", "SELECT cti, list, idx, token FROM passes")
            .with(" WHERE kid = ", kid)
            .with(" AND (list > ", list)
            .with(" OR (list = ", list)
            .with(if inclusive { " AND idx >= " } else { " AND idx > " }, idx)
            .with(")) ORDER BY list, idx LIMIT ", limit)
            .rows(&mut conn)
            .await?;
        rows.iter()
            .map(|row| Ok(SignedPlace { list: row.get("list")?, idx: row.get("idx")?, token: row.get("token")? }))
            .collect()
    }

    async fn keep_survivors(
        &self,
        call: &Call,
        kid: [u8; 8],
        hash: [u8; 32],
        object: &[u8],
        passes: u64,
    ) -> Result<Prepared, StorageError> {
        let object = object.to_vec();
        self.change(call, move |work| {
            Box::pin(async move {
                Sql::<DB>::on("survivors", "INSERT INTO survivors (hash, kid, object) VALUES ")
                    .rows_of([()], |row, ()| row.arg(hash).arg(kid).arg(object.as_slice()))
                    .execute(work.conn())
                    .await?;
                let detail = serde_json::json!({ "hash": HEXLOWER.encode(&hash), "passes": passes });
                work.audit("key", &HEXLOWER.encode(&kid), &detail).await?;
                Ok(Prepared { hash, passes, size_bytes: object.len() as u64 })
            })
        })
        .await
    }

    async fn survivors(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("survivors", "SELECT hash, object FROM survivors").with(" WHERE hash = ", hash);
        row.row(&mut conn).await?.map(|row| row.get("object")).transpose()
    }
}

impl<DB: Backend> Store<DB> {
    pub(super) async fn meta(&self, key: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("meta", "SELECT key, value FROM meta").with(" WHERE key = ", key);
        row.row(&mut conn).await?.map(|row| row.get("value")).transpose()
    }
}

fn name(made_by: MadeBy) -> &'static [u8] {
    match made_by {
        MadeBy::Development => b"development",
        MadeBy::Ceremony => b"ceremony",
    }
}

pub(super) async fn insert<DB: Backend>(work: &mut Work<DB>, list: &StoredList) -> Result<(), StorageError> {
    let at = work.call().at;
    Sql::<DB>::on("trust_lists", "INSERT INTO trust_lists (seq, hash, object, changes_roots, installed_at) VALUES ")
        .rows_of([()], |row, ()| {
            row.arg(list.sequence).arg(list.hash).arg(list.object.as_slice()).arg(list.changes_roots).arg(at)
        })
        .execute(work.conn())
        .await?;
    let detail = serde_json::json!({ "hash": HEXLOWER.encode(&list.hash), "changes_roots": list.changes_roots });
    work.audit("trust_list", &list.sequence.to_string(), &detail).await
}

pub(super) fn stored_list<DB: Backend>(row: &Row<DB>) -> Result<StoredList, StorageError> {
    Ok(StoredList {
        sequence: row.get("seq")?,
        hash: row.get("hash")?,
        object: row.get("object")?,
        changes_roots: row.get("changes_roots")?,
    })
}

#[cfg(test)]
mod tests {
    use sqlx::Sqlite;

    use super::*;

    /// Passes of two keys over three lists; what the schema asks for around them holds nothing that is looked at.
    async fn registry(folder: &std::path::Path) -> Store<Sqlite> {
        let store = Store::open(folder).await.unwrap();
        let mut work = store.begin_own("test", Timestamp::UNIX_EPOCH).await.unwrap();
        for text in [
            "INSERT INTO enterprises (number, code, name, authority, industry, contact_name, contact_phone, \
             contact_phone_hmac, state, version, listed_at, changed_at) \
             VALUES (1, 'E', 'E', 'CN-32', 1, '', x'', x'', 1, 1, 0, 0)",
            "INSERT INTO applications (id, authority, enterprise, programme, state, version, tractor, gross_mass_kg, \
             cargo_category, cargo, cargo_mass_kg, route, origin, destination, leg, planned_start, planned_end, \
             evidence, submitted_at, changed_at, enterprise_name, contact_name, contact_phone) \
             VALUES (x'01', 'CN-32', 1, 1, 3, 1, 'T', 1, 1, '', 1, '[]', '', '', 0, 0, 0, '[]', 0, 0, '', '', x'')",
        ] {
            Sql::<Sqlite>::on("test", text).execute(work.conn()).await.unwrap();
        }
        let places = [(1, 2968, 0, 1), (2, 2969, 0, 1), (3, 2969, 1, 2), (4, 2969, 2, 1), (5, 2970, 0, 1)];
        Sql::<Sqlite>::on(
            "passes",
            "INSERT INTO passes (cti, application, authority, enterprise, programme, kid, list, idx, tractor, nbf, exp, \
             state, version, token, issued_at, changed_at) VALUES ",
        )
        .rows_of(places, |row, (cti, list, idx, key): (u8, u32, u32, u8)| {
            row.arg([cti; 8]).arg(vec![1_u8]).arg("CN-32").arg(1_u8).arg(1_u8).arg([key; 8]).arg(list).arg(idx).arg("T")
                .arg(0_u8).arg(0_u8).arg(0_u8).arg(1_u8).arg(vec![cti]).arg(0_u8).arg(0_u8)
        })
        .execute(work.conn())
        .await
        .unwrap();
        work.commit(&()).await.unwrap();
        store
    }

    #[tokio::test]
    async fn passes_of_a_key_come_page_by_page_in_their_order_without_old_lists() {
        let folder = tempfile::tempdir().unwrap();
        let store = registry(folder.path()).await;
        for limit in [1, 2, 10] {
            let (mut tokens, mut after) = (Vec::new(), None);
            loop {
                let page = store.signed_by([1; 8], 2969, after, limit).await.unwrap();
                let Some(last) = page.last() else { break };
                after = Some((last.list, last.idx));
                assert!(page.len() <= limit as usize);
                tokens.extend(page.into_iter().map(|pass| pass.token[0]));
            }
            assert_eq!(tokens, [2, 4, 5], "limit {limit}");
        }
        assert!(store.signed_by([9; 8], 0, None, 10).await.unwrap().is_empty());
    }
}

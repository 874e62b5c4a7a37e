//! What the look-up and the reports of checkpoints need from the registry.

use async_trait::async_trait;
use freightpass_core::scan::Outcome;
use jiff::Timestamp;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Sql, rows_a_statement};
use super::{Store, in_own_task};
use crate::bus::value_of;
use crate::checkpoint::{Place, PlaceStore, ScanReport, ScanStore, Stored};

/// Columns of a report.
const COLUMNS: usize = 7;

#[async_trait]
impl<DB: Backend> PlaceStore for Store<DB> {
    async fn place(&self, cti: &[u8; 8]) -> Result<Option<Place>, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on(
            "passes",
            "SELECT p.cti AS cti, p.list AS list, p.idx AS idx, p.state AS state, \
             (SELECT l.reason FROM status_log l WHERE l.cti = p.cti ORDER BY l.seq DESC LIMIT 1) AS reason \
             FROM passes p",
        )
        .with(" WHERE p.cti = ", *cti)
        .row(&mut conn)
        .await?;
        row.map(|row| {
            Ok(Place {
                list: row.get("list")?,
                idx: row.get("idx")?,
                value: value_of(row.get("state")?).ok_or_else(|| row.corrupt("state"))?,
                reason: row.get::<Option<u8>>("reason")?.unwrap_or(0),
            })
        })
        .transpose()
    }
}

#[async_trait]
impl<DB: Backend> ScanStore for Store<DB> {
    async fn record(&self, reports: Vec<ScanReport>, at: Timestamp) -> Result<Stored, StorageError> {
        let store = self.clone();
        let place = store.place_for_scans()?;
        in_own_task(async move {
            let _place = place;
            let given = u32::try_from(reports.len()).unwrap_or(u32::MAX);
            let mut work = store.begin_own("scans", at).await?;
            let mut new = 0;
            for chunk in reports.chunks(rows_a_statement(COLUMNS)) {
                new += Sql::<DB>::on(
                    "scans",
                    "INSERT INTO scans (id, checkpoint, cti, outcome, code, scanned_at, received_at) VALUES ",
                )
                .rows_of(chunk, |row, report| {
                    row.arg(report.id)
                        .arg(report.checkpoint.as_str())
                        .arg(report.number.map(|number| number.to_bytes().to_vec()))
                        .arg(outcome_number(report.outcome))
                        .arg(report.code.as_str())
                        .arg(report.scanned_at)
                        .arg(at)
                })
                .push(" ON CONFLICT (id) DO NOTHING")
                .execute(work.conn())
                .await?;
            }
            work.commit(&()).await?;
            let stored = u32::try_from(new).unwrap_or(u32::MAX);
            Ok(Stored { stored, known: given.saturating_sub(stored) })
        })
        .await
    }
}

/// As the protocol numbers outcomes.
fn outcome_number(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Admit => 1,
        Outcome::Refuse => 2,
        Outcome::Refer => 3,
    }
}

//! Where passes stand, and moving them from there: the one place that changes the state of a stored pass.

use std::ops::RangeInclusive;

use freightpass_core::pass::PassNumber;
use serde_json::json;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql, rows_a_statement};
use super::work::{StatusChange, Work};
use crate::identity::Sight;
use crate::pass::PassState;
use crate::revocation::Why;

/// Where a pass stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) number: PassNumber,
    pub(super) list: u32,
    pub(super) idx: u32,
    pub(super) state: PassState,
}

impl Standing {
    /// From a row with the columns cti, list, idx and state.
    pub(super) fn of<DB: Backend>(row: &Row<DB>) -> Result<Self, StorageError> {
        Ok(Self {
            number: PassNumber::from_bytes(row.get("cti")?).ok_or_else(|| row.corrupt("cti"))?,
            list: row.get("list")?,
            idx: row.get("idx")?,
            state: PassState::by_value(row.get("state")?).ok_or_else(|| row.corrupt("state"))?,
        })
    }
}

/// Where the pass of that number stands; none if there is none within the sight.
pub(super) async fn standing<DB: Backend>(
    work: &mut Work<DB>,
    sight: &Sight,
    number: PassNumber,
) -> Result<Option<Standing>, StorageError> {
    let select = Sql::<DB>::on("passes", "SELECT p.cti, p.list, p.idx, p.state FROM passes p")
        .with(" WHERE p.cti = ", number.to_bytes());
    match super::pass::seen(select, sight) {
        Some(select) => select.row(work.conn()).await?.as_ref().map(Standing::of).transpose(),
        None => Ok(None),
    }
}

impl<DB: Backend> Work<DB> {
    /// Moves passes from where they stand to `to`, with their entries in the status log and the audit log; gives the
    /// numbers in the status log, in the order of `passes`. None for no passes.
    ///
    /// [`StorageError::Overtaken`] if one of them stands elsewhere by now: the UPDATE holds only for the state that was
    /// read.
    pub(super) async fn change_passes(
        &mut self,
        passes: &[Standing],
        to: PassState,
        why: &Why,
        replaced_by: Option<PassNumber>,
    ) -> Result<Option<RangeInclusive<u64>>, StorageError> {
        let at = self.call().at;
        for from in [PassState::Issued, PassState::Suspended, PassState::Revoked] {
            let those: Vec<_> = passes.iter().filter(|pass| pass.state == from).collect();
            for chunk in those.chunks(rows_a_statement(2)) {
                let changed = Sql::<DB>::on("passes", "UPDATE passes SET version = version + 1, state = ")
                    .arg(to.value())
                    .with(", changed_at = ", at)
                    .with(", replaced_by = ", replaced_by.map(PassNumber::to_bytes))
                    .with(" WHERE state = ", from.value())
                    .push(" AND cti IN ")
                    .list(chunk.iter().map(|pass| pass.number.to_bytes()))
                    .execute(self.conn())
                    .await?;
                if changed != chunk.len() as u64 {
                    return Err(StorageError::Overtaken { table: "passes" });
                }
            }
        }
        let changes: Vec<_> = passes
            .iter()
            .map(|pass| StatusChange {
                list: pass.list,
                idx: pass.idx,
                value: to.value(),
                cti: Some(pass.number.to_bytes()),
                reason: why.reason().number(),
                reason_text: why.text().to_owned(),
            })
            .collect();
        let seqs = self.append_status(&changes).await?;
        let Some(first) = seqs.as_ref().map(|seqs| *seqs.start()) else { return Ok(None) };
        let entries: Vec<_> = (first..)
            .zip(passes)
            .map(|(seq, pass)| {
                let detail = json!({
                    "from": pass.state.to_string(),
                    "to": to.to_string(),
                    "reason": why.reason().number(),
                    "log_seq": seq,
                    "replaced_by": replaced_by.map(|number| number.to_string()),
                });
                (pass.number.to_string(), detail)
            })
            .collect();
        self.audit_all("pass", &entries).await?;
        Ok(seqs)
    }
}

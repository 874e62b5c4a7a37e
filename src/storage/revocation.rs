//! The port of changes of status on the registry.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::key::Kid;
use freightpass_core::pass::PassNumber;
use freightpass_core::status::WEEK_S;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::backend::Backend;
use super::errors::StorageError;
use super::lease::Remainder;
use super::pass::Answer;
use super::sql::{Row, Sql};
use super::standing::{Standing, standing};
use super::work::{StatusChange, Work};
use super::{Page, PageRequest, Store};
use crate::application::Application;
use crate::audit::Call;
use crate::identity::Sight;
use crate::pass::{Issued, Issuer, Order, PassError, PassState, Refusal, StatusReason, spoken};
use crate::revocation::{
    Action, Amended, Amendment, Change, ChangeFilter, RevocationError, RevocationStore, Step, Stopped, Taken, Why,
};
use crate::whitelist::{Enterprise, EnterpriseState};

/// What the status log calls the end of a lease. It is no pass and has no reason of the enumeration.
const LEASE_CLOSED: (u8, &str) = (0, "lease closed");

const SELECT_CHANGE: &str = "SELECT s.seq, s.cti, s.value, s.reason, s.reason_text, s.body, s.officer, s.changed_at \
    FROM status_log s JOIN passes p ON p.cti = s.cti";

/// The stored answer of a step.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct TakenAnswer {
    seq: u64,
    already: bool,
}

/// The stored answer of an amendment.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct AmendedAnswer {
    #[serde(with = "spoken")]
    number: PassNumber,
    seq: u64,
}

#[async_trait]
impl<DB: Backend> RevocationStore for Store<DB> {
    async fn take(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        step: Step,
        why: Why,
    ) -> Result<Taken, RevocationError> {
        let sight = sight.clone();
        let answer: TakenAnswer = self
            .change(call, move |work| Box::pin(async move { take(work, &sight, number, step, &why).await }))
            .await?;
        Ok(Taken { change: self.change_of(answer.seq).await?, already: answer.already })
    }

    async fn enterprise_stop(&self, sight: &Sight, number: u32, at: Timestamp) -> Result<Stopped, RevocationError> {
        let mut conn = self.reader().await?;
        let found = super::whitelist::enterprise_of_number::<DB>(self, &mut conn, number).await?;
        listed(found, sight, number)?;
        Ok(running::<DB>(&mut conn, number, at).await?.1)
    }

    async fn revoke_enterprise(
        &self,
        call: &Call,
        sight: &Sight,
        number: u32,
        why: Why,
    ) -> Result<Stopped, RevocationError> {
        let sight = sight.clone();
        self.change(call, move |work| {
            Box::pin(async move {
                let found = work.enterprise(number).await?;
                listed(found, &sight, number)?;
                if !work.delist(number).await? {
                    return Err(RevocationError::EnterpriseDelisted { number });
                }
                let at = work.call().at;
                let (passes, mut stopped) = running::<DB>(work.conn(), number, at).await?;
                stopped.seqs = work.change_passes(&passes, PassState::Revoked, &why, None).await?;
                let detail = json!({
                    "to": "delisted",
                    "reason_text": why.text(),
                    "passes": stopped.passes,
                    "trucks": stopped.trucks,
                    "first_log_seq": stopped.seqs.as_ref().map(|seqs| *seqs.start()),
                    "last_log_seq": stopped.seqs.as_ref().map(|seqs| *seqs.end()),
                });
                work.audit("enterprise", &number.to_string(), &detail).await?;
                Ok::<_, RevocationError>(stopped)
            })
        })
        .await
    }

    async fn amend(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        number: PassNumber,
        amendment: Amendment,
    ) -> Result<Amended, RevocationError> {
        let answer: AmendedAnswer = self
            .change(call, move |work| {
                Box::pin(async move {
                    let (number, seq) = super::replace::amend(work, &issuer, number, amendment).await?;
                    Ok::<_, RevocationError>(AmendedAnswer { number, seq })
                })
            })
            .await?;
        let mut conn = self.reader().await?;
        let mut passes = super::pass::passes_of::<DB>(&mut conn, &[answer.number]).await?;
        let pass = passes.remove(&answer.number).ok_or_else(|| super::pass::vanished(answer.number))?;
        drop(conn);
        Ok(Amended { pass, change: self.change_of(answer.seq).await? })
    }

    async fn issue_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        order: Order,
    ) -> Result<Issued, PassError> {
        let sight = sight.clone();
        let answer = self
            .change(call, move |work| {
                Box::pin(async move { super::replace::issue(work, &sight, &issuer, &order).await })
            })
            .await?;
        self.issued_one(answer).await
    }

    async fn issue_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError> {
        let sight = sight.clone();
        let answers = self
            .change(call, move |work| {
                Box::pin(async move { super::replace::issue_batch(work, &sight, &issuer, &orders).await })
            })
            .await?;
        self.issued(answers).await
    }

    async fn rehearse_batch_replacing(
        &self,
        call: &Call,
        sight: &Sight,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError> {
        let sight = sight.clone();
        let results: Vec<Result<Uuid, Refusal>> = self
            .change_or_rehearse(call, true, move |work| {
                Box::pin(async move {
                    let answers = super::replace::rehearse_batch(work, &sight, &issuer, &orders).await?;
                    let application = |answer: Result<Answer, Refusal>| answer.map(|answer| answer.application);
                    Ok::<_, PassError>(answers.into_iter().map(application).collect())
                })
            })
            .await?;
        self.as_they_stand(results).await
    }

    async fn changes(
        &self,
        sight: &Sight,
        filter: &ChangeFilter,
        page: &PageRequest,
    ) -> Result<Page<Change>, StorageError> {
        let asked = (sight, filter);
        let after: Option<u64> = page.after(&asked)?;
        let select = Sql::<DB>::on("status_log", SELECT_CHANGE).with(" WHERE s.seq > ", after.unwrap_or(0));
        let Some(select) = super::pass::seen(select, sight) else {
            return Page::cut(Vec::new(), page, &asked, |change: &Change| change.seq);
        };
        let mut conn = self.reader().await?;
        let rows = select
            .filter(" AND s.cti = ", filter.pass)
            .filter(" AND p.enterprise = ", filter.enterprise)
            .filter(" AND s.value = ", filter.action.map(Action::value))
            .filter(" AND s.reason = ", filter.reason.map(StatusReason::number))
            .filter(" AND s.changed_at >= ", filter.from)
            .filter(" AND s.changed_at < ", filter.before)
            .with(" ORDER BY s.seq LIMIT ", page.limit() + 1)
            .rows(&mut conn)
            .await?;
        let changes = rows.iter().map(change).collect::<Result<Vec<_>, _>>()?;
        Page::cut(changes, page, &asked, |change| change.seq)
    }

    async fn close_leases(&self, in_use: Vec<Kid>, at: Timestamp) -> Result<u32, StorageError> {
        let store = self.clone();
        super::in_own_task(async move {
            let mut work = store.begin_own("close_leases", at).await?;
            let left = work.close_leases_but(&in_use, at).await?;
            if left.is_empty() {
                work.roll_back().await?;
                return Ok(0);
            }
            let live = left.iter().filter(|lease| second(at) < list_end(lease.list));
            let changes: Vec<_> = live.flat_map(closed).collect();
            work.append_status(&changes).await?;
            let entries: Vec<_> = left
                .iter()
                .map(|lease| {
                    let detail = json!({ "kid": lease.kid.to_string(), "first_free": lease.next, "end": lease.end });
                    (format!("{}/{}", lease.list, lease.first), detail)
                })
                .collect();
            work.audit_all("lease", &entries).await?;
            let count = u32::try_from(left.len()).unwrap_or(u32::MAX);
            work.commit(&count).await?;
            Ok(count)
        })
        .await
    }
}

impl<DB: Backend> Store<DB> {
    /// The change of a pass with that number in the status log.
    async fn change_of(&self, seq: u64) -> Result<Change, StorageError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("status_log", SELECT_CHANGE).with(" WHERE s.seq = ", seq).row(&mut conn).await?;
        let gone = || StorageError::Corrupt { table: "status_log", column: "seq", row: seq.to_string() };
        change(&row.ok_or_else(gone)?)
    }
}

/// One step with one pass.
async fn take<DB: Backend>(
    work: &mut Work<DB>,
    sight: &Sight,
    number: PassNumber,
    step: Step,
    why: &Why,
) -> Result<TakenAnswer, RevocationError> {
    let found = standing(work, sight, number).await?.ok_or(RevocationError::NotFound)?;
    if step == Step::Revoke && found.state == PassState::Revoked {
        let row = Sql::<DB>::on("status_log", "SELECT seq FROM status_log WHERE cti = ")
            .arg(number.to_bytes())
            .with(" AND value = ", PassState::Revoked.value())
            .push(" ORDER BY seq LIMIT 1")
            .row(work.conn())
            .await?;
        let seq = row.ok_or_else(|| super::pass::vanished(number))?.get("seq")?;
        return Ok(TakenAnswer { seq, already: true });
    }
    let to = step.from(found.state).map_err(|step| RevocationError::State { number, step })?;
    let ended = list_end(found.list);
    if second(work.call().at) >= ended {
        return Err(RevocationError::ListEnded { number, ended });
    }
    let seqs = work.change_passes(&[found], to, why, None).await?;
    let seq = seqs.map(|seqs| *seqs.start()).ok_or(RevocationError::NotFound)?;
    Ok(TakenAnswer { seq, already: false })
}

/// The enterprise, if it is on the list and the caller may take it off.
fn listed(found: Option<Enterprise>, sight: &Sight, number: u32) -> Result<Enterprise, RevocationError> {
    let seen = |enterprise: &Enterprise| {
        matches!(sight, Sight::All | Sight::Bodies(_)) && sight.includes(&enterprise.authority, "")
    };
    let enterprise = found.filter(seen).ok_or(RevocationError::NotFound)?;
    match enterprise.state {
        EnterpriseState::Listed => Ok(enterprise),
        EnterpriseState::Delisted => Err(RevocationError::EnterpriseDelisted { number }),
    }
}

/// The passes of the enterprise that are not revoked and end after `at`, and how many they are.
async fn running<DB: Backend>(
    conn: &mut DB::Connection,
    enterprise: u32,
    at: Timestamp,
) -> Result<(Vec<Standing>, Stopped), StorageError> {
    let rows = Sql::<DB>::on("passes", "SELECT cti, tractor, list, idx, state FROM passes WHERE enterprise = ")
        .arg(enterprise)
        .with(" AND state <> ", PassState::Revoked.value())
        .with(" AND exp > ", second(at))
        .push(" ORDER BY cti")
        .rows(conn)
        .await?;
    let passes = rows.iter().map(Standing::of).collect::<Result<Vec<_>, _>>()?;
    let tractors = rows.iter().map(|row| row.get::<String>("tractor")).collect::<Result<BTreeSet<_>, _>>()?;
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let stopped = Stopped { trucks: count(tractors.len()), passes: count(passes.len()), seqs: None };
    Ok((passes, stopped))
}

fn change<DB: Backend>(row: &Row<DB>) -> Result<Change, StorageError> {
    Ok(Change {
        seq: row.get("seq")?,
        number: PassNumber::from_bytes(row.get("cti")?).ok_or_else(|| row.corrupt("cti"))?,
        action: Action::by_value(row.get("value")?).ok_or_else(|| row.corrupt("value"))?,
        reason: StatusReason::by_number(row.get("reason")?).ok_or_else(|| row.corrupt("reason"))?,
        reason_text: row.get("reason_text")?,
        body: row.get("body")?,
        officer: row.get("officer")?,
        at: row.get("changed_at")?,
    })
}

/// What was left of a lease, as changes of status.
fn closed(lease: &Remainder) -> impl Iterator<Item = StatusChange> + use<> {
    let list = lease.list;
    (lease.next..lease.end).map(move |idx| StatusChange {
        list,
        idx,
        value: PassState::Revoked.value(),
        cti: None,
        reason: LEASE_CLOSED.0,
        reason_text: LEASE_CLOSED.1.to_owned(),
    })
}

/// The second at which a status list is live no more (docs/FORMAT.md, section "Status").
fn list_end(list: u32) -> u64 {
    (u64::from(list) + 1) * WEEK_S
}

fn second(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

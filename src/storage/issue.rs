//! Issuing inside one transaction:
//!
//! 1. For each order, within a savepoint: the decision, the rules, the time of the tractor, a place in the status
//!    list. A refusal takes back what its order did; the next order goes on.
//! 2. For all that were accepted: numbers, signatures, the rows of the passes, audit entries, the use of the leases.
//!
//! A crash anywhere in it means that nothing happened: numbers and places are free again, and the signatures were
//! never seen outside this process.

use freightpass_core::pass::PassNumber;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::backend::Backend;
use super::errors::StorageError;
use super::lease::{Places, Serials, published};
use super::sql::{Row, Sql, rows_a_statement};
use super::work::Work;
use crate::approval::Approved;
use crate::pass::{Issuer, Order, PassError, PassState, Plan, Refusal, Signed, StatusReason};

/// The passes that one transaction issues.
pub(super) struct Issuing<'i> {
    issuer: &'i Issuer,
    now: Timestamp,
    day: u16,
    serials: Serials,
    places: Places,
    accepted: Vec<(Plan, PassNumber, u32)>,
}

/// A stored pass in the way of a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InTheWay {
    /// The application has it.
    SameApplication(PassNumber),
    /// It was the application's last, and was revoked for a reason that forbids another.
    RevokedBefore(PassNumber, StatusReason),
    /// Of the same tractor, and it overlaps in time.
    Overlapping(PassNumber),
}

impl<'i> Issuing<'i> {
    /// Nothing issued yet; what is issued is issued now.
    pub(super) fn new(issuer: &'i Issuer) -> Result<Self, PassError> {
        let now = issuer.now();
        let day = issuer.day(now)?;
        Ok(Self { issuer, now, day, serials: Serials::default(), places: Places::default(), accepted: Vec::new() })
    }

    /// The moment of issue.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Decides and accepts one order, unless an unrevoked pass is in its way; gives the number of its pass.
    pub(super) async fn accept<DB: Backend>(
        &mut self,
        work: &mut Work<DB>,
        order: &Order,
    ) -> Result<PassNumber, PassError> {
        let plan = self.plan(work, order).await?;
        if let Some(first) = in_the_way(work, &plan).await?.first() {
            return Err(first.refusal().into());
        }
        self.accept_plan(work, plan).await
    }

    /// The same within a savepoint: a refusal leaves nothing behind.
    pub(super) async fn try_accept<DB: Backend>(
        &mut self,
        work: &mut Work<DB>,
        order: &Order,
    ) -> Result<Result<PassNumber, Refusal>, PassError> {
        savepoint(work).await?;
        let accepted = self.accept(work, order).await;
        kept_or_undone(work, accepted).await
    }

    /// The order decided (where it says so) and checked against the trust list in force.
    pub(super) async fn plan<DB: Backend>(&self, work: &mut Work<DB>, order: &Order) -> Result<Plan, PassError> {
        let approved: Approved = match &order.decision {
            Some(decision) => work.approve(order.application, decision).await?,
            None => work.approved(order.application).await?,
        };
        Ok(self.issuer.plan(approved, self.now)?)
    }

    /// Gives the plan a number and a place in its status list. Passes in the registry are not asked: whoever calls
    /// has done so; those accepted before are.
    pub(super) async fn accept_plan<DB: Backend>(
        &mut self,
        work: &mut Work<DB>,
        plan: Plan,
    ) -> Result<PassNumber, PassError> {
        if let Some((_, number, _)) = self.accepted.iter().find(|(other, ..)| overlap(other, &plan)) {
            return Err(Refusal::Overlap { number: *number }.into());
        }
        let (authority, day) = (plan.authority_number(), self.day);
        let Some(number) = self.serials.take(work, authority, day).await? else {
            return Err(Refusal::NumbersExhausted { authority, day }.into());
        };
        // The last thing that can be refused: a place that is taken is used.
        let (list, kid) = plan.place();
        let Some(idx) = self.places.take(work, list, kid).await? else {
            return Err(Refusal::ListFull { list, published: published(work, list).await? }.into());
        };
        self.accepted.push((plan, number, idx));
        Ok(number)
    }

    /// Signs and stores what was accepted.
    pub(super) async fn finish<DB: Backend>(self, work: &mut Work<DB>) -> Result<(), PassError> {
        let sign = |(plan, number, idx)| self.issuer.sign(plan, number, idx);
        let signed = self.accepted.into_iter().map(sign).collect::<Result<Vec<_>, _>>()?;
        insert(work, &signed, self.now).await?;
        self.serials.store(work).await?;
        self.places.store(work).await?;
        let entries: Vec<_> = signed.iter().map(entry).collect();
        work.audit_all("pass", &entries).await?;
        Ok(())
    }
}

impl InTheWay {
    /// Its number.
    pub(super) fn number(self) -> PassNumber {
        match self {
            InTheWay::SameApplication(number) | InTheWay::RevokedBefore(number, _) | InTheWay::Overlapping(number) => {
                number
            }
        }
    }

    /// What the new pass is told.
    pub(super) fn refusal(self) -> Refusal {
        match self {
            InTheWay::SameApplication(number) => Refusal::AlreadyIssued { number },
            InTheWay::RevokedBefore(number, reason) => Refusal::RevokedBefore { number, reason },
            InTheWay::Overlapping(number) => Refusal::Overlap { number },
        }
    }
}

/// The unrevoked passes of the plan's application, else the last revocation if it forbids another pass; and the
/// unrevoked passes of its tractor that overlap; the first issued first. A suspended pass keeps its time.
pub(super) async fn in_the_way<DB: Backend>(work: &mut Work<DB>, plan: &Plan) -> Result<Vec<InTheWay>, StorageError> {
    let revoked = PassState::Revoked.value();
    let own = Sql::<DB>::on("passes", "SELECT cti, state FROM passes WHERE application = ")
        .arg(plan.application())
        .push(" ORDER BY issued_at, cti")
        .rows(work.conn())
        .await?;
    let mut found = Vec::new();
    for row in &own {
        if row.get::<u8>("state")? != revoked {
            found.push(InTheWay::SameApplication(number(row)?));
        }
    }
    if found.is_empty() && !own.is_empty() {
        found.extend(revoked_before(work, plan.application()).await?);
    }
    let overlapping = Sql::<DB>::on("passes", "SELECT cti FROM passes WHERE tractor = ")
        .arg(plan.tractor())
        .with(" AND exp > ", plan.nbf())
        .with(" AND nbf < ", plan.exp())
        .with(" AND state <> ", revoked)
        .with(" AND application <> ", plan.application())
        .push(" ORDER BY issued_at, cti")
        .rows(work.conn())
        .await?;
    for row in &overlapping {
        found.push(InTheWay::Overlapping(number(row)?));
    }
    Ok(found)
}

/// The application's last revocation, if its reason forbids another pass.
async fn revoked_before<DB: Backend>(work: &mut Work<DB>, application: Uuid) -> Result<Option<InTheWay>, StorageError> {
    let text = "SELECT s.seq, s.cti, s.reason FROM passes p JOIN status_log s ON s.cti = p.cti WHERE p.application = ";
    let last = Sql::<DB>::on("status_log", text)
        .arg(application)
        .with(" AND s.value = ", PassState::Revoked.value())
        .push(" ORDER BY s.seq DESC LIMIT 1")
        .row(work.conn())
        .await?;
    let Some(row) = last else { return Ok(None) };
    let reason = StatusReason::by_number(row.get("reason")?).ok_or_else(|| row.corrupt("reason"))?;
    Ok((!reason.lets_issue_again()).then_some(InTheWay::RevokedBefore(number(&row)?, reason)))
}

fn number<DB: Backend>(row: &Row<DB>) -> Result<PassNumber, StorageError> {
    PassNumber::from_bytes(row.get("cti")?).ok_or_else(|| row.corrupt("cti"))
}

/// Begins what a refusal takes back.
pub(super) async fn savepoint<DB: Backend>(work: &mut Work<DB>) -> Result<(), StorageError> {
    Sql::<DB>::on("transaction", "SAVEPOINT item").execute(work.conn()).await?;
    Ok(())
}

/// Keeps what was done since the savepoint, or takes it back for a refusal; other errors end the transaction.
pub(super) async fn kept_or_undone<T, DB: Backend>(
    work: &mut Work<DB>,
    done: Result<T, PassError>,
) -> Result<Result<T, Refusal>, PassError> {
    let done = match done {
        Ok(value) => Ok(value),
        Err(PassError::Refused(refusal)) => {
            Sql::<DB>::on("transaction", "ROLLBACK TO SAVEPOINT item").execute(work.conn()).await?;
            Err(refusal)
        }
        Err(error) => return Err(error),
    };
    Sql::<DB>::on("transaction", "RELEASE SAVEPOINT item").execute(work.conn()).await?;
    Ok(done)
}

/// Whether two passes that are not stored yet would stand in each other's way.
fn overlap(one: &Plan, other: &Plan) -> bool {
    one.application() == other.application()
        || (one.tractor() == other.tractor() && one.nbf() < other.exp() && other.nbf() < one.exp())
}

async fn insert<DB: Backend>(work: &mut Work<DB>, signed: &[Signed], now: Timestamp) -> Result<(), StorageError> {
    for chunk in signed.chunks(rows_a_statement(17)) {
        Sql::<DB>::on(
            "passes",
            "INSERT INTO passes (cti, application, authority, enterprise, programme, kid, list, idx, tractor, trailer, \
             nbf, exp, state, version, token, issued_at, changed_at) VALUES ",
        )
        .rows_of(chunk, |row, pass| {
            let claims = &pass.claims;
            row.arg(claims.number.to_bytes())
                .arg(pass.application)
                .arg(&claims.iss)
                .arg(pass.enterprise)
                .arg(claims.subject.programme)
                .arg(pass.kid.0)
                .arg(pass.list)
                .arg(claims.status.idx)
                .arg(&claims.subject.tractor)
                .arg(claims.subject.trailer.as_deref())
                .arg(claims.nbf)
                .arg(claims.exp)
                .arg(PassState::Issued.value())
                .arg(1_u32)
                .arg(pass.token.as_bytes())
                .arg(now)
                .arg(now)
        })
        .execute(work.conn())
        .await?;
    }
    Ok(())
}

fn entry(pass: &Signed) -> (String, serde_json::Value) {
    let claims = &pass.claims;
    let detail = json!({
        "to": PassState::Issued.to_string(),
        "application": pass.application,
        "list": pass.list,
        "index": claims.status.idx,
        "kid": pass.kid.to_string(),
        "nbf": claims.nbf,
        "exp": claims.exp,
    });
    (claims.number.to_string(), detail)
}

//! The port of passes on the registry: issuing them, and reading them.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::key::Kid;
use freightpass_core::pass::{PassNumber, UnverifiedPass};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::amended_crew;
use super::application_rows::load;
use super::backend::Backend;
use super::errors::StorageError;
use super::issue::Issuing;
use super::sql::{Row, Sql, rows_a_statement};
use super::whitelist::paper_lookup;
use super::work::Work;
use super::{Page, PageRequest, Store};
use crate::application::Application;
use crate::audit::Call;
use crate::identity::Sight;
use crate::pass::{
    Arriving, Issued, Issuer, Order, Pass, PassError, PassFilter, PassState, PassStore, Refusal, StatusReason, spoken,
};

/// Every column of [`Pass`], the reason of the last change of status with it.
const SELECT_PASS: &str = "SELECT p.cti, p.application, p.enterprise, p.kid, p.list, p.idx, p.state, p.version, \
    p.token, p.issued_at, p.changed_at, p.replaced_by, \
    (SELECT s.reason FROM status_log s WHERE s.cti = p.cti ORDER BY s.seq DESC LIMIT 1) AS reason FROM passes p";

/// The row of a pass in the list of arrivals; a condition on it and a bracket follow.
const ARRIVAL_OF_PASS: &str = " AND EXISTS (SELECT 1 FROM arrivals v WHERE v.pass = p.cti";

/// What an issue stores as its answer: the pass itself is read again, so that no name stands in it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) application: Uuid,
    #[serde(with = "spoken")]
    pub(super) number: PassNumber,
    pub(super) replaced: Vec<[u8; 8]>,
}

#[async_trait]
impl<DB: Backend> PassStore for Store<DB> {
    async fn issue(&self, call: &Call, issuer: Arc<Issuer>, order: Order) -> Result<Issued, PassError> {
        let answer: Answer = self
            .change(call, move |work| {
                Box::pin(async move {
                    let mut issuing = Issuing::new(&issuer)?;
                    let number = issuing.accept(work, &order).await?;
                    issuing.finish(work).await?;
                    Ok::<_, PassError>(Answer { application: order.application, number, replaced: Vec::new() })
                })
            })
            .await?;
        self.issued_one(answer).await
    }

    async fn issue_batch(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError> {
        let answers = self
            .change(call, move |work| {
                Box::pin(async move {
                    let mut issuing = Issuing::new(&issuer)?;
                    let mut answers = Vec::with_capacity(orders.len());
                    for order in &orders {
                        let accepted = issuing.try_accept(work, order).await?;
                        let application = order.application;
                        answers.push(accepted.map(|number| Answer { application, number, replaced: Vec::new() }));
                    }
                    issuing.finish(work).await?;
                    Ok::<_, PassError>(answers)
                })
            })
            .await?;
        self.issued(answers).await
    }

    async fn rehearse_batch(
        &self,
        call: &Call,
        issuer: Arc<Issuer>,
        orders: Vec<Order>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError> {
        let results: Vec<Result<Uuid, Refusal>> = self
            .change_or_rehearse(call, true, move |work| {
                Box::pin(async move {
                    let mut issuing = Issuing::new(&issuer)?;
                    let mut results = Vec::with_capacity(orders.len());
                    for order in &orders {
                        let accepted = issuing.try_accept(work, order).await?;
                        results.push(accepted.map(|_| order.application));
                    }
                    Ok::<_, PassError>(results)
                })
            })
            .await?;
        self.as_they_stand(results).await
    }

    async fn pass(&self, sight: &Sight, number: PassNumber) -> Result<Option<Pass>, StorageError> {
        let mut conn = self.reader().await?;
        let select = seen(Sql::<DB>::on("passes", SELECT_PASS).with(" WHERE p.cti = ", number.to_bytes()), sight);
        match select {
            Some(select) => select.row(&mut conn).await?.as_ref().map(pass).transpose(),
            None => Ok(None),
        }
    }

    async fn numbers_of(&self, sight: &Sight, application: Uuid, most: u32) -> Result<Vec<PassNumber>, StorageError> {
        let select = Sql::<DB>::on("passes", "SELECT p.cti FROM passes p").with(" WHERE p.application = ", application);
        let Some(select) = seen(select, sight) else { return Ok(Vec::new()) };
        let mut conn = self.reader().await?;
        let rows = select.with(" ORDER BY p.issued_at DESC, p.cti DESC LIMIT ", most).rows(&mut conn).await?;
        let number = |row: &Row<DB>| PassNumber::from_bytes(row.get("cti")?).ok_or_else(|| row.corrupt("cti"));
        rows.iter().rev().map(number).collect()
    }

    async fn passes(&self, sight: &Sight, filter: &PassFilter, page: &PageRequest) -> Result<Page<Pass>, StorageError> {
        let asked = (sight, filter);
        let after: Option<[u8; 8]> = page.after(&asked)?;
        let select = Sql::<DB>::on("passes", SELECT_PASS).with(" WHERE p.cti > ", after.unwrap_or_default());
        let Some(select) = seen(select, sight) else {
            return Page::cut(Vec::new(), page, &asked, |pass: &Pass| pass.number().to_bytes());
        };
        let mut conn = self.reader().await?;
        let select = select
            .filter(" AND p.authority = ", filter.authority.as_deref())
            .filter(" AND p.state = ", filter.state.map(PassState::value))
            .filter(" AND p.enterprise = ", filter.enterprise)
            .filter(" AND p.tractor = ", filter.tractor.as_deref())
            .filter(" AND p.application = ", filter.application)
            .filter(" AND p.nbf <= ", filter.valid_at)
            .filter(" AND p.exp > ", filter.valid_at);
        let select = match filter.arrival {
            None => select,
            Some(Arriving::Expected) => select.push(ARRIVAL_OF_PASS).push(" AND v.arrived IS NULL)"),
            Some(Arriving::Arrived) => select.push(ARRIVAL_OF_PASS).push(" AND v.arrived IS NOT NULL)"),
        };
        let select = match &filter.paper {
            Some(paper) => amended_crew::passes_with(select, paper_lookup(self.fields(), paper)),
            None => select,
        };
        let rows = select.with(" ORDER BY p.cti LIMIT ", page.limit() + 1).rows(&mut conn).await?;
        let passes = rows.iter().map(pass).collect::<Result<Vec<_>, _>>()?;
        Page::cut(passes, page, &asked, |pass| pass.number().to_bytes())
    }
}

impl<DB: Backend> Store<DB> {
    /// The applications that a rehearsal accepted, as they stand.
    pub(super) async fn as_they_stand(
        &self,
        results: Vec<Result<Uuid, Refusal>>,
    ) -> Result<Vec<Result<Application, Refusal>>, PassError> {
        let mut conn = self.reader().await?;
        let mut applications = Vec::with_capacity(results.len());
        for result in results {
            applications.push(match result {
                Ok(id) => {
                    Ok(load::<DB>(self, &mut conn, id).await?.ok_or_else(|| super::application_rows::vanished(id))?)
                }
                Err(refusal) => Err(refusal),
            });
        }
        Ok(applications)
    }

    /// The same for one answer.
    pub(super) async fn issued_one(&self, answer: Answer) -> Result<Issued, PassError> {
        let number = answer.number;
        let issued = self.issued(vec![Ok(answer)]).await?.pop();
        issued.ok_or_else(|| vanished(number))?.map_err(PassError::Refused)
    }

    /// The answers with their passes and applications, as they now stand.
    pub(super) async fn issued(
        &self,
        answers: Vec<Result<Answer, Refusal>>,
    ) -> Result<Vec<Result<Issued, Refusal>>, PassError> {
        let mut conn = self.reader().await?;
        let numbers: Vec<_> = answers.iter().flatten().map(|answer| answer.number).collect();
        let mut passes = passes_of::<DB>(&mut conn, &numbers).await?;
        let mut issued = Vec::with_capacity(answers.len());
        for answer in answers {
            let answer = match answer {
                Ok(answer) => answer,
                Err(refusal) => {
                    issued.push(Err(refusal));
                    continue;
                }
            };
            let pass = passes.remove(&answer.number).ok_or_else(|| vanished(answer.number))?;
            let application =
                load::<DB>(self, &mut conn, answer.application).await?.ok_or_else(|| vanished(answer.number))?;
            let replaced = answer.replaced.into_iter().filter_map(PassNumber::from_bytes).collect();
            issued.push(Ok(Issued { application, pass, replaced }));
        }
        Ok(issued)
    }
}

impl<DB: Backend> Work<DB> {
    /// The pass of that number within the sight, as this transaction sees it.
    pub(super) async fn pass(&mut self, sight: &Sight, number: PassNumber) -> Result<Option<Pass>, StorageError> {
        let select = seen(Sql::<DB>::on("passes", SELECT_PASS).with(" WHERE p.cti = ", number.to_bytes()), sight);
        match select {
            Some(select) => select.row(self.conn()).await?.as_ref().map(pass).transpose(),
            None => Ok(None),
        }
    }
}

/// The passes of these numbers.
pub(super) async fn passes_of<DB: Backend>(
    conn: &mut DB::Connection,
    numbers: &[PassNumber],
) -> Result<HashMap<PassNumber, Pass>, StorageError> {
    let mut passes = HashMap::with_capacity(numbers.len());
    for chunk in numbers.chunks(rows_a_statement(1)) {
        let rows = Sql::<DB>::on("passes", SELECT_PASS)
            .push(" WHERE p.cti IN ")
            .list(chunk.iter().map(|number| number.to_bytes()))
            .rows(&mut *conn)
            .await?;
        for row in &rows {
            let pass = pass(row)?;
            passes.insert(pass.number(), pass);
        }
    }
    Ok(passes)
}

/// The statement on `passes p` within the sight; none for a sight that sees no pass.
pub(super) fn seen<DB: Backend>(select: Sql<DB>, sight: &Sight) -> Option<Sql<DB>> {
    match sight {
        Sight::All => Some(select),
        Sight::Bodies(bodies) => Some(select.push(" AND p.authority IN ").list(bodies)),
        Sight::Enterprise { code } => {
            Some(select.with(" AND p.enterprise IN (SELECT number FROM enterprises WHERE code = ", code).push(")"))
        }
        Sight::County { .. } => None,
    }
}

/// A pass from its row. What was signed is read from the signed bytes; the columns are for looking it up.
pub(super) fn pass<DB: Backend>(row: &Row<DB>) -> Result<Pass, StorageError> {
    let token: Vec<u8> = row.get("token")?;
    let read = UnverifiedPass::read(&token).map_err(|_| row.corrupt("token"))?;
    let claims = read.unverified_claims().map_err(|_| row.corrupt("token"))?;
    if claims.number.to_bytes() != row.get::<[u8; 8]>("cti")? {
        return Err(row.corrupt("cti"));
    }
    if claims.status.idx != row.get::<u32>("idx")? {
        return Err(row.corrupt("idx"));
    }
    let reason = row.get::<Option<u8>>("reason")?;
    let replaced_by = row.get::<Option<[u8; 8]>>("replaced_by")?;
    Ok(Pass {
        application: row.get("application")?,
        enterprise: row.get("enterprise")?,
        kid: Kid(row.get("kid")?),
        list: row.get("list")?,
        state: PassState::by_value(row.get("state")?).ok_or_else(|| row.corrupt("state"))?,
        version: row.get("version")?,
        issued_at: row.get("issued_at")?,
        changed_at: row.get("changed_at")?,
        reason: reason
            .map(|number| StatusReason::by_number(number).ok_or_else(|| row.corrupt("reason")))
            .transpose()?,
        replaced_by: replaced_by
            .map(|cti| PassNumber::from_bytes(cti).ok_or_else(|| row.corrupt("replaced_by")))
            .transpose()?,
        claims,
        token,
    })
}

pub(super) fn vanished(number: PassNumber) -> StorageError {
    StorageError::Corrupt { table: "passes", column: "cti", row: number.to_string() }
}

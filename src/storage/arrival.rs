//! The port of arrivals on the registry.

use std::collections::HashMap;

use async_trait::async_trait;
use freightpass_core::division::Division;
use freightpass_core::pass::PassNumber;
use serde_json::json;

use super::backend::Backend;
use super::errors::StorageError;
use super::pass::{pass, vanished};
use super::sql::{Row, Sql, rows_a_statement};
use super::work::Work;
use super::{Page, PageRequest, Store};
use crate::arrival::{
    Arrival, ArrivalError, ArrivalFilter, ArrivalSight, ArrivalStore, Arrived, Expected, Known, Reported,
};
use crate::audit::Call;
use crate::identity::Sight;
use crate::pass::{Arriving, Pass, PassState};
use crate::problem::FieldProblem;

const SELECT_ARRIVAL: &str = "SELECT p.cti, p.application, p.enterprise, p.kid, p.list, p.idx, p.state, p.version, \
    p.token, p.issued_at, p.changed_at, p.replaced_by, \
    (SELECT s.reason FROM status_log s WHERE s.cti = p.cti ORDER BY s.seq DESC LIMIT 1) AS reason, a.enterprise_name, \
    v.due, v.expected, v.consignee, v.announced_at, v.announced_by, v.arrived, v.place, v.reported_at, v.reported_by \
    FROM arrivals v JOIN passes p ON p.cti = v.pass JOIN applications a ON a.id = p.application";

const SELECT_KNOWN: &str = "SELECT v.pass, v.expected, v.consignee, v.announced_at, v.announced_by, v.arrived, v.place, \
    v.reported_at, v.reported_by FROM arrivals v WHERE v.pass IN ";

#[async_trait]
impl<DB: Backend> ArrivalStore for Store<DB> {
    async fn announce(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        expected: u64,
        consignee: String,
    ) -> Result<Arrival, ArrivalError> {
        let sight = sight.clone();
        self.change(call, move |work| {
            Box::pin(async move {
                let found = work.pass(&sight, number).await?.ok_or(ArrivalError::NotFound)?;
                let known = known::<DB>(work.conn(), &[number]).await?.remove(&number);
                if let Some(arrived) = known.as_ref().and_then(|known| known.arrived.as_ref()) {
                    return Err(ArrivalError::Arrived { number, at: arrived.at });
                }
                travels(&found)?;
                let now = u64::try_from(work.call().at.as_second()).unwrap_or(0);
                within(&found, "expected_time", expected)?;
                if expected < now {
                    return Err(invalid(
                        "expected_time",
                        "in_the_past",
                        "this time is over: report the arrival instead",
                    ));
                }
                work.announce(&found, known.is_some(), expected, &consignee).await
            })
        })
        .await?;
        self.arrival(number).await
    }

    async fn report(
        &self,
        call: &Call,
        sight: &ArrivalSight,
        number: PassNumber,
        at: u64,
        place: Option<Division>,
    ) -> Result<Reported, ArrivalError> {
        let sight = sight.clone();
        let already = self
            .change(call, move |work| {
                Box::pin(async move {
                    let found = work.pass_or_truck_to(&sight, number).await?.ok_or(ArrivalError::NotFound)?;
                    let known = known::<DB>(work.conn(), &[number]).await?.remove(&number);
                    if known.as_ref().is_some_and(|known| known.arrived.is_some()) {
                        return Ok(true);
                    }
                    travels(&found)?;
                    within(&found, "arrival_time", at)?;
                    if i64::try_from(at).is_ok_and(|at| at > work.call().at.as_second()) {
                        return Err(invalid("arrival_time", "in_the_future", "what has not been cannot be reported"));
                    }
                    let destination = destination(&found)?.clone();
                    let place = place.unwrap_or_else(|| destination.clone());
                    if !destination.widened().contains(&place) {
                        let message = "neither the destination of the pass nor in its prefecture";
                        return Err(invalid("place", "not_the_destination", message));
                    }
                    work.arrived(&found, known.is_some(), at, &place).await?;
                    Ok(false)
                })
            })
            .await?;
        Ok(Reported { arrival: self.arrival(number).await?, already })
    }

    async fn arrivals(
        &self,
        sight: &ArrivalSight,
        filter: &ArrivalFilter,
        page: &PageRequest,
    ) -> Result<Page<Arrival>, StorageError> {
        let asked = (sight, filter);
        let after: Option<(i64, [u8; 8])> = page.after(&asked)?;
        let (due, cti) = after.unwrap_or((i64::MIN, [0; 8]));
        let select = Sql::<DB>::on("arrivals", SELECT_ARRIVAL)
            .with(" WHERE (v.due > ", due)
            .with(" OR (v.due = ", due)
            .with(" AND v.pass > ", cti)
            .push("))");
        let select = seen(select, sight)
            .filter(" AND a.tractor = ", filter.tractor.as_deref())
            .filter(" AND v.due >= ", filter.from)
            .filter(" AND v.due < ", filter.before);
        let select = match filter.state {
            None => select,
            Some(Arriving::Expected) => select.push(" AND v.arrived IS NULL"),
            Some(Arriving::Arrived) => select.push(" AND v.arrived IS NOT NULL"),
        };
        let select = match &filter.destination {
            None => select,
            Some(division) => inside(select.push(" AND "), division),
        };
        let mut conn = self.reader().await?;
        let rows = select.with(" ORDER BY v.due, v.pass LIMIT ", page.limit() + 1).rows(&mut conn).await?;
        let found = rows.iter().map(arrival).collect::<Result<Vec<_>, _>>()?;
        Page::cut(found, page, &asked, |found: &Arrival| (due_of(&found.known), found.pass.number().to_bytes()))
    }

    async fn known(&self, passes: &[PassNumber]) -> Result<HashMap<PassNumber, Known>, StorageError> {
        let mut conn = self.reader().await?;
        known::<DB>(&mut conn, passes).await
    }
}

impl<DB: Backend> Store<DB> {
    async fn arrival(&self, number: PassNumber) -> Result<Arrival, ArrivalError> {
        let mut conn = self.reader().await?;
        let row = Sql::<DB>::on("arrivals", SELECT_ARRIVAL)
            .with(" WHERE v.pass = ", number.to_bytes())
            .row(&mut conn)
            .await?
            .ok_or_else(|| vanished(number))?;
        Ok(arrival(&row)?)
    }
}

impl<DB: Backend> Work<DB> {
    /// The pass, if the caller sees it or waits at its destination.
    async fn pass_or_truck_to(
        &mut self,
        sight: &ArrivalSight,
        number: PassNumber,
    ) -> Result<Option<Pass>, ArrivalError> {
        if let Some(own) = self.pass(&sight.own, number).await? {
            return Ok(Some(own));
        }
        let (Some(waiting), Some(found)) = (&sight.destination, self.pass(&Sight::All, number).await?) else {
            return Ok(None);
        };
        Ok(waiting.contains(destination(&found)?).then_some(found))
    }

    async fn announce(
        &mut self,
        found: &Pass,
        known: bool,
        expected: u64,
        consignee: &str,
    ) -> Result<(), ArrivalError> {
        self.row_of(found, known, expected).await?;
        let call = self.call().clone();
        Sql::<DB>::on("arrivals", "UPDATE arrivals SET expected = ")
            .arg(expected)
            .with(", due = ", expected)
            .with(", consignee = ", consignee)
            .with(", announced_at = ", call.at)
            .with(", announced_by = ", call.officer.to_string())
            .with(" WHERE pass = ", found.number().to_bytes())
            .execute(self.conn())
            .await?;
        let detail = json!({ "arrival": "expected", "expected": expected });
        Ok(self.audit("pass", &found.number().to_string(), &detail).await?)
    }

    async fn arrived(&mut self, found: &Pass, known: bool, at: u64, place: &Division) -> Result<(), ArrivalError> {
        self.row_of(found, known, at).await?;
        let call = self.call().clone();
        Sql::<DB>::on("arrivals", "UPDATE arrivals SET arrived = ")
            .arg(at)
            .with(", place = ", place.to_string())
            .with(", reported_at = ", call.at)
            .with(", reported_by = ", call.officer.to_string())
            .with(" WHERE pass = ", found.number().to_bytes())
            .execute(self.conn())
            .await?;
        let detail = json!({ "arrival": "arrived", "arrived": at, "place": place.to_string() });
        Ok(self.audit("pass", &found.number().to_string(), &detail).await?)
    }

    /// The row of a pass of which nothing was known.
    async fn row_of(&mut self, found: &Pass, known: bool, due: u64) -> Result<(), ArrivalError> {
        if known {
            return Ok(());
        }
        let destination = destination(found)?.to_string();
        Sql::<DB>::on("arrivals", "INSERT INTO arrivals (pass, destination, due) VALUES ")
            .rows_of([()], |row, ()| row.arg(found.number().to_bytes()).arg(&destination).arg(due))
            .execute(self.conn())
            .await?;
        Ok(())
    }
}

/// Only an issued pass lets its truck travel.
fn travels(found: &Pass) -> Result<(), ArrivalError> {
    match found.state {
        PassState::Issued => Ok(()),
        state => Err(ArrivalError::State { number: found.number(), found: state }),
    }
}

fn within(found: &Pass, field: &'static str, at: u64) -> Result<(), ArrivalError> {
    let (nbf, exp) = (u64::from(found.claims.nbf), u64::from(found.claims.exp));
    if (nbf..exp).contains(&at) {
        return Ok(());
    }
    let [at, nbf, exp] = [at, nbf, exp].map(crate::clock::told);
    let message = format!("{at} is not within the time of the pass, {nbf} to {exp}");
    Err(ArrivalError::Invalid(vec![FieldProblem::new(field, "outside_the_pass", message)]))
}

fn invalid(field: &'static str, rule: &'static str, message: &'static str) -> ArrivalError {
    ArrivalError::Invalid(vec![FieldProblem::new(field, rule, message)])
}

/// The second of the route: what was signed has both ends.
fn destination(found: &Pass) -> Result<&Division, StorageError> {
    let corrupt = || StorageError::Corrupt { table: "passes", column: "token", row: found.number().to_string() };
    found.claims.subject.route.get(1).ok_or_else(corrupt)
}

/// The statement on arrivals, passes and applications, of what lies within the sight.
fn seen<DB: Backend>(select: Sql<DB>, sight: &ArrivalSight) -> Sql<DB> {
    let select = match &sight.own {
        Sight::All => return select,
        Sight::Bodies(bodies) => select.push(" AND (p.authority IN ").list(bodies),
        Sight::Enterprise { code } => {
            select.with(" AND (p.enterprise IN (SELECT number FROM enterprises WHERE code = ", code).push(")")
        }
        // By the index of destinations alone: an OR with nothing would walk all arrivals.
        Sight::County { .. } => {
            return match &sight.destination {
                None => select.push(" AND 1 = 0"),
                Some(division) => inside(select.push(" AND "), division),
            };
        }
    };
    match &sight.destination {
        None => select.push(")"),
        Some(division) => inside(select.push(" OR "), division).push(")"),
    }
}

/// Destinations inside the division: a code contains those that begin with it. Digits are below `:`.
fn inside<DB: Backend>(select: Sql<DB>, division: &Division) -> Sql<DB> {
    let own = division.to_string();
    match division {
        Division::Code(_) => {
            let end = format!("{own}:");
            select.with("(v.destination >= ", own).with(" AND v.destination < ", end).push(")")
        }
        Division::Text(_) => select.with("v.destination = ", own),
    }
}

async fn known<DB: Backend>(
    conn: &mut DB::Connection,
    passes: &[PassNumber],
) -> Result<HashMap<PassNumber, Known>, StorageError> {
    let mut known = HashMap::new();
    for chunk in passes.chunks(rows_a_statement(1)) {
        let numbers = chunk.iter().map(|number| number.to_bytes());
        let rows = Sql::<DB>::on("arrivals", SELECT_KNOWN).list(numbers).rows(&mut *conn).await?;
        for row in &rows {
            let number = PassNumber::from_bytes(row.get("pass")?).ok_or_else(|| row.corrupt("pass"))?;
            known.insert(number, known_of(row)?);
        }
    }
    Ok(known)
}

fn arrival<DB: Backend>(row: &Row<DB>) -> Result<Arrival, StorageError> {
    Ok(Arrival { pass: pass(row)?, enterprise_name: row.get("enterprise_name")?, known: known_of(row)? })
}

fn known_of<DB: Backend>(row: &Row<DB>) -> Result<Known, StorageError> {
    let expected: Option<u64> = row.get("expected")?;
    let arrived: Option<u64> = row.get("arrived")?;
    let text = |column| -> Result<String, StorageError> {
        row.get::<Option<String>>(column)?.ok_or_else(|| row.corrupt(column))
    };
    let moment = |column| row.get::<Option<jiff::Timestamp>>(column)?.ok_or_else(|| row.corrupt(column));
    Ok(Known {
        expected: match expected {
            None => None,
            Some(at) => Some(Expected {
                at,
                consignee: text("consignee")?,
                announced_at: moment("announced_at")?,
                by: text("announced_by")?,
            }),
        },
        arrived: match arrived {
            None => None,
            Some(at) => Some(Arrived {
                at,
                place: text("place")?,
                reported_at: moment("reported_at")?,
                by: text("reported_by")?,
            }),
        },
    })
}

/// The order of the list.
fn due_of(known: &Known) -> i64 {
    let expected = known.expected.as_ref().map(|expected| expected.at);
    let due = expected.or(known.arrived.as_ref().map(|arrived| arrived.at)).unwrap_or(0);
    i64::try_from(due).unwrap_or(i64::MAX)
}

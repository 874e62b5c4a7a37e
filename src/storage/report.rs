//! The port of reports on the registry: counts and waits by SQL, percentiles of them in the room.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Store;
use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use crate::application::{RejectionReason, State};
use crate::identity::Sight;
use crate::pass::{PassState, StatusReason};
use crate::report::{Figures, ReportStore, Supply, Wait, Waited, Waiting};
use crate::whitelist::Category;

#[async_trait]
impl<DB: Backend> ReportStore for Store<DB> {
    async fn figures(&self, sight: &Sight, from: Timestamp, until: Timestamp) -> Result<Figures, StorageError> {
        let mut conn = self.reader().await?;
        let span = Span { sight, from, until };
        let steps = span.steps::<DB>(&mut conn).await?;
        let taken = |state: State| steps.get(&state.number()).copied().unwrap_or(0);
        let (cargo, industries) =
            (span.supplies::<DB>(&mut conn, CARGO).await?, span.supplies::<DB>(&mut conn, INDUSTRY).await?);
        let revoked_by = span.revoked::<DB>(&mut conn).await?;
        let mut waits = Vec::new();
        for step in Waited::ALL {
            waits.extend(Wait::of(&span.waits::<DB>(&mut conn, step).await?).map(|wait| (step, wait)));
        }
        Ok(Figures {
            received: cargo.iter().map(|(_, supply)| supply.received).sum(),
            recommended: taken(State::Recommended),
            approved: taken(State::Approved),
            rejected: taken(State::Rejected),
            withdrawn: taken(State::Withdrawn),
            issued: cargo.iter().map(|(_, supply)| supply.issued).sum(),
            revoked: revoked_by.iter().map(|(_, count)| count).sum(),
            waits,
            rejected_by: span.rejected::<DB>(&mut conn).await?,
            revoked_by,
            cargo,
            industries,
            waiting: span.waiting::<DB>(&mut conn).await?,
        })
    }
}

/// Received and issued, by a category that stands in `a` (the application) or `e` (its enterprise).
struct By {
    received: &'static str,
    issued: &'static str,
}

const CARGO: By = By {
    received: "SELECT a.cargo_category AS category, COUNT(*) AS times, COALESCE(SUM(a.cargo_mass_kg), 0) AS mass \
               FROM applications a",
    issued: "SELECT a.cargo_category AS category, COUNT(*) AS times FROM passes p \
             JOIN applications a ON a.id = p.application",
};

const INDUSTRY: By = By {
    received: "SELECT e.industry AS category, COUNT(*) AS times, COALESCE(SUM(a.cargo_mass_kg), 0) AS mass \
               FROM applications a JOIN enterprises e ON e.number = a.enterprise",
    issued: "SELECT e.industry AS category, COUNT(*) AS times FROM passes p \
             JOIN enterprises e ON e.number = p.enterprise",
};

/// Whose, and when: `from <= t < until`.
struct Span<'s> {
    sight: &'s Sight,
    from: Timestamp,
    until: Timestamp,
}

impl Span<'_> {
    /// The statement, of what happened in the span by `time` to what belongs to the bodies by `authority`.
    fn of<DB: Backend>(&self, select: Sql<DB>, [from, until]: [&'static str; 2], authority: &'static str) -> Sql<DB> {
        self.within(select.with(from, self.from).with(until, self.until), authority)
    }

    fn within<DB: Backend>(&self, select: Sql<DB>, authority: &'static str) -> Sql<DB> {
        match self.sight {
            Sight::All => select,
            Sight::Bodies(bodies) => select.push(authority).list(bodies),
            Sight::County { .. } | Sight::Enterprise { .. } => select.push(" AND 1 = 0"),
        }
    }

    fn of_steps<DB: Backend>(&self, text: &'static str) -> Sql<DB> {
        self.of(Sql::on("application_steps", text), [" WHERE s.taken_at >= ", " AND s.taken_at < "], OF_APPLICATION)
    }

    async fn steps<DB: Backend>(&self, conn: &mut DB::Connection) -> Result<BTreeMap<u8, u64>, StorageError> {
        let text = "SELECT s.state, COUNT(*) AS times FROM application_steps s \
                    JOIN applications a ON a.id = s.application";
        let rows = self.of_steps::<DB>(text).push(" GROUP BY s.state").rows(conn).await?;
        rows.iter().map(|row| Ok((row.get("state")?, row.get("times")?))).collect()
    }

    async fn rejected<DB: Backend>(
        &self,
        conn: &mut DB::Connection,
    ) -> Result<Vec<(RejectionReason, u64)>, StorageError> {
        let text = "SELECT s.reason, COUNT(*) AS times FROM application_steps s \
                    JOIN applications a ON a.id = s.application";
        let rows = self
            .of_steps::<DB>(text)
            .with(" AND s.state = ", State::Rejected.number())
            .push(" GROUP BY s.reason ORDER BY s.reason")
            .rows(conn)
            .await?;
        let reason = |row: &Row<DB>| row.get::<Option<RejectionReason>>("reason")?.ok_or_else(|| row.corrupt("reason"));
        rows.iter().map(|row| Ok((reason(row)?, row.get("times")?))).collect()
    }

    async fn revoked<DB: Backend>(&self, conn: &mut DB::Connection) -> Result<Vec<(StatusReason, u64)>, StorageError> {
        let text = "SELECT l.reason, COUNT(*) AS times FROM status_log l JOIN passes p ON p.cti = l.cti";
        let select = Sql::<DB>::on("status_log", text);
        let rows = self
            .of(select, [" WHERE l.changed_at >= ", " AND l.changed_at < "], OF_PASS)
            .with(" AND l.value = ", PassState::Revoked.value())
            .push(" GROUP BY l.reason ORDER BY l.reason")
            .rows(conn)
            .await?;
        let reason = |row: &Row<DB>| StatusReason::by_number(row.get("reason")?).ok_or_else(|| row.corrupt("reason"));
        rows.iter().map(|row| Ok((reason(row)?, row.get("times")?))).collect()
    }

    async fn supplies<DB: Backend>(
        &self,
        conn: &mut DB::Connection,
        by: By,
    ) -> Result<Vec<(Category, Supply)>, StorageError> {
        let mut supplies: BTreeMap<u8, (Category, Supply)> = BTreeMap::new();
        let received = Sql::<DB>::on("applications", by.received);
        let received = self
            .of(received, [" WHERE a.submitted_at >= ", " AND a.submitted_at < "], OF_APPLICATION)
            .push(" GROUP BY category")
            .rows(&mut *conn)
            .await?;
        for row in &received {
            let category: Category = row.get("category")?;
            let supply = Supply { received: row.get("times")?, issued: 0, cargo_mass_kg: row.get("mass")? };
            supplies.insert(category.number(), (category, supply));
        }
        let issued = self
            .of(Sql::<DB>::on("passes", by.issued), [" WHERE p.issued_at >= ", " AND p.issued_at < "], OF_PASS)
            .push(" GROUP BY category")
            .rows(&mut *conn)
            .await?;
        for row in &issued {
            let category: Category = row.get("category")?;
            let (_, supply) = supplies.entry(category.number()).or_insert((category, Supply::default()));
            supply.issued = row.get("times")?;
        }
        Ok(supplies.into_values().collect())
    }

    /// Waits for a step, as (milliseconds, how many waited so long), the shortest first. A clock that was set back makes
    /// a wait of less than nothing, which counts as none.
    async fn waits<DB: Backend>(
        &self,
        conn: &mut DB::Connection,
        step: Waited,
    ) -> Result<Vec<(u64, u64)>, StorageError> {
        let from_submission = "SELECT s.taken_at - a.submitted_at AS waited, COUNT(*) AS times FROM application_steps s \
                               JOIN applications a ON a.id = s.application";
        let select = match step {
            Waited::Recommended => {
                self.of_steps::<DB>(from_submission).with(" AND s.state = ", State::Recommended.number())
            }
            Waited::Decided => self
                .of_steps::<DB>(from_submission)
                .push(" AND s.state IN ")
                .list([State::Approved.number(), State::Rejected.number()]),
            Waited::Issued => {
                let text = "SELECT p.issued_at - s.taken_at AS waited, COUNT(*) AS times FROM passes p \
                            JOIN application_steps s ON s.application = p.application AND s.state = 3";
                self.of(Sql::<DB>::on("passes", text), [" WHERE p.issued_at >= ", " AND p.issued_at < "], OF_PASS).push(
                    " AND NOT EXISTS (SELECT 1 FROM passes q WHERE q.application = p.application \
                     AND (q.issued_at < p.issued_at OR (q.issued_at = p.issued_at AND q.cti < p.cti)))",
                )
            }
        };
        let rows = select.push(" GROUP BY waited ORDER BY waited").rows(conn).await?;
        let wait = |row: &Row<DB>| {
            let waited: i64 = row.get("waited")?;
            Ok((u64::try_from(waited).unwrap_or(0), row.get("times")?))
        };
        rows.iter().map(wait).collect()
    }

    /// What is not decided at the end: it is not now, or was decided later. A decision is an application's last change.
    async fn waiting<DB: Backend>(&self, conn: &mut DB::Connection) -> Result<Waiting, StorageError> {
        let mut waiting = Waiting { count: 0, oldest: None };
        let mut oldest: Option<(Timestamp, _)> = None;
        for select in [Self::undecided::<DB>, Self::decided_later::<DB>] {
            let count = select(self, "SELECT COUNT(*) AS times FROM applications a").row(&mut *conn).await?;
            waiting.count += count.map_or(Ok(0), |row| row.get::<u64>("times"))?;
            let first = select(self, "SELECT a.id, a.submitted_at FROM applications a")
                .push(" ORDER BY a.submitted_at, a.id LIMIT 1")
                .row(&mut *conn)
                .await?;
            if let Some(row) = first {
                let first = (row.get("submitted_at")?, row.get("id")?);
                oldest = Some(oldest.map_or(first, |before| before.min(first)));
            }
        }
        waiting.oldest = oldest.map(|(at, id)| (id, at));
        Ok(waiting)
    }

    /// What was handed in before the end and is not decided yet.
    fn undecided<DB: Backend>(&self, text: &'static str) -> Sql<DB> {
        let select = Sql::on("applications", text)
            .push(" WHERE a.state IN ")
            .list([State::Submitted.number(), State::Recommended.number()])
            .with(" AND a.submitted_at < ", self.until);
        self.within(select, IN_STATE)
    }

    /// What was handed in before the end and decided after it.
    fn decided_later<DB: Backend>(&self, text: &'static str) -> Sql<DB> {
        let select = Sql::on("applications", text)
            .with(" WHERE a.changed_at >= ", self.until)
            .push(" AND a.state NOT IN ")
            .list([State::Submitted.number(), State::Recommended.number()])
            .with(" AND a.submitted_at < ", self.until);
        self.within(select, OF_APPLICATION)
    }
}

/// Of what happened on a day. A day is little beside the years before it, so the index by time is the one to take: a
/// value that is worked out is found by none of the indexes by authority.
const OF_APPLICATION: &str = " AND a.authority || '' IN ";
const OF_PASS: &str = " AND p.authority || '' IN ";
/// Of what is in a state, whenever it came into it: by the index of authority and state.
const IN_STATE: &str = " AND a.authority IN ";

#[cfg(test)]
mod tests {
    use sqlx::Sqlite;

    use super::*;

    /// How SQLite would find the rows.
    async fn plan(store: &Store<Sqlite>, select: Sql<Sqlite>) -> String {
        let mut conn = store.reader().await.unwrap();
        let rows = select.rows(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get::<String>("detail").unwrap() + "\n").collect()
    }

    #[tokio::test]
    async fn a_day_is_found_by_its_time_and_what_waits_by_its_state() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let sight = Sight::Bodies(vec!["CN-32".to_owned(), "CN-3205".to_owned()]);
        let (from, until) = ("2026-12-01T00:00:00Z".parse().unwrap(), "2026-12-02T00:00:00Z".parse().unwrap());
        let span = Span { sight: &sight, from, until };
        let steps =
            "EXPLAIN QUERY PLAN SELECT s.state FROM application_steps s JOIN applications a ON a.id = s.application";
        let found = plan(&store, span.of_steps(steps)).await;
        assert!(found.contains("application_steps_by_time"), "{found}");
        let passes = Sql::on("passes", "EXPLAIN QUERY PLAN SELECT p.cti FROM passes p");
        let found = plan(&store, span.of(passes, [" WHERE p.issued_at >= ", " AND p.issued_at < "], OF_PASS)).await;
        assert!(found.contains("passes_by_issue"), "{found}");
        let received = Sql::on("applications", "EXPLAIN QUERY PLAN SELECT a.id FROM applications a");
        let times = [" WHERE a.submitted_at >= ", " AND a.submitted_at < "];
        let found = plan(&store, span.of(received, times, OF_APPLICATION)).await;
        assert!(found.contains("applications_by_submission"), "{found}");
        let waiting = "EXPLAIN QUERY PLAN SELECT a.id FROM applications a";
        let found = plan(&store, span.undecided(waiting)).await;
        assert!(found.contains("applications_by_authority (authority=? AND state=?)"), "{found}");
        let found = plan(&store, span.decided_later(waiting)).await;
        assert!(found.contains("applications_by_change"), "{found}");
    }
}

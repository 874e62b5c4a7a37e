//! Applications as the registry's rows keep them.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::backend::Backend;
use super::errors::StorageError;
use super::people::{PersonColumns, person};
use super::sql::{Read, Row, Sql, rows_a_statement};
use crate::application::{
    Application, Cargo, EnterpriseRef, Form, Leg, Recommended, RejectionReason, Route, State, Step, Window,
};
use crate::whitelist::Person;

/// Every column of an application, with those of its enterprise, and the step by which a county recommended it: state 2,
/// taken at most once.
pub(super) const SELECT_APPLICATION: &str = "SELECT a.id, a.authority, a.enterprise, e.code, e.code_waiver, a.enterprise_name, \
     a.programme, a.state, a.version, a.tractor, a.trailer, a.gross_mass_kg, a.cargo_category, a.cargo, \
     a.cargo_mass_kg, a.route, a.leg, a.planned_start, a.planned_end, a.approved_start, a.approved_end, a.evidence, \
     a.submitted_at, a.changed_at, r.body AS recommended_body, r.officer AS recommended_officer, \
     r.taken_at AS recommended_at, r.reason_text AS recommended_text FROM applications a \
     JOIN enterprises e ON e.number = a.enterprise \
     LEFT JOIN application_steps r ON r.application = a.id AND r.state = 2";

/// The application of that identifier.
pub(super) async fn load<DB: Backend>(
    store: &Store<DB>,
    conn: &mut DB::Connection,
    id: Uuid,
) -> Result<Option<Application>, StorageError> {
    let rows = Sql::<DB>::on("applications", SELECT_APPLICATION).with(" WHERE a.id = ", id).rows(&mut *conn).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let crew = crews::<DB>(store, conn, &rows).await?.remove(&id).unwrap_or_default();
    application(row, crew).map(Some)
}

/// The crews of these applications, by application.
pub(super) async fn crews<DB: Backend>(
    store: &Store<DB>,
    conn: &mut DB::Connection,
    applications: &[Row<DB>],
) -> Result<HashMap<Uuid, Vec<Person>>, StorageError> {
    let ids = applications.iter().map(|row| row.get::<Uuid>("id")).collect::<Result<Vec<_>, _>>()?;
    let mut crews = HashMap::<Uuid, Vec<Person>>::new();
    for chunk in ids.chunks(rows_a_statement(1)) {
        let rows = Sql::<DB>::on("application_crew", "SELECT application, position, ")
            .push(PersonColumns::LIST)
            .push(" FROM application_crew WHERE application IN ")
            .list(chunk.iter().copied())
            .push(" ORDER BY application, position")
            .rows(&mut *conn)
            .await?;
        for row in &rows {
            crews.entry(row.get("application")?).or_default().push(person(store.fields(), row)?);
        }
    }
    Ok(crews)
}

/// An application from its row and its crew.
pub(super) fn application<DB: Backend>(row: &Row<DB>, crew: Vec<Person>) -> Result<Application, StorageError> {
    let route: Vec<String> = json_column(row, "route")?;
    let enterprise = EnterpriseRef {
        number: row.get("enterprise")?,
        code: row.get("code")?,
        code_waived: row.get::<Option<String>>("code_waiver")?.is_some(),
        name: row.get("enterprise_name")?,
    };
    let approved: (Option<u64>, Option<u64>) = (row.get("approved_start")?, row.get("approved_end")?);
    Ok(Application {
        id: row.get("id")?,
        form: Form {
            authority: row.get("authority")?,
            programme: row.get("programme")?,
            enterprise_code: enterprise.code.clone(),
            tractor: row.get("tractor")?,
            trailer: row.get("trailer")?,
            gross_mass_kg: row.get("gross_mass_kg")?,
            crew,
            cargo: Cargo {
                category: row.get("cargo_category")?,
                description: row.get("cargo")?,
                mass_kg: row.get("cargo_mass_kg")?,
            },
            route: Route::of_stored(&route).ok_or_else(|| row.corrupt("route"))?,
            leg: row.get("leg")?,
            planned: Window { start: row.get("planned_start")?, end: row.get("planned_end")? },
            evidence: json_column(row, "evidence")?,
        },
        enterprise,
        state: row.get("state")?,
        version: row.get("version")?,
        approved: match approved {
            (None, None) => None,
            (Some(start), Some(end)) => Some(Window { start, end }),
            _ => return Err(row.corrupt("approved_end")),
        },
        submitted_at: row.get("submitted_at")?,
        changed_at: row.get("changed_at")?,
        recommended: match row.get::<Option<Timestamp>>("recommended_at")? {
            None => None,
            Some(at) => Some(Recommended {
                body: row.get::<Option<String>>("recommended_body")?.unwrap_or_default(),
                officer: row.get::<Option<String>>("recommended_officer")?.unwrap_or_default(),
                at,
                text: row.get::<Option<String>>("recommended_text")?.unwrap_or_default(),
            }),
        },
    })
}

/// A step from its row.
pub(super) fn step<DB: Backend>(row: &Row<DB>) -> Result<Step, StorageError> {
    Ok(Step {
        state: row.get("state")?,
        body: row.get("body")?,
        officer: row.get("officer")?,
        at: row.get("taken_at")?,
        reason: row.get("reason")?,
        text: row.get::<Option<String>>("reason_text")?.unwrap_or_default(),
    })
}

fn json_column<DB: Backend, T: serde::de::DeserializeOwned>(
    row: &Row<DB>,
    column: &'static str,
) -> Result<T, StorageError> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|_| row.corrupt(column))
}

/// Nothing deletes an application.
pub(super) fn vanished(id: Uuid) -> StorageError {
    StorageError::Corrupt { table: "applications", column: "id", row: id.to_string() }
}

impl Read for State {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        State::by_number(stored)
    }
}

impl Read for Leg {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        Leg::by_number(stored)
    }
}

impl Read for Option<RejectionReason> {
    type Column = Option<i64>;
    fn read(stored: Option<i64>) -> Option<Self> {
        match stored {
            None => Some(None),
            Some(number) => RejectionReason::by_number(number).map(Some),
        }
    }
}

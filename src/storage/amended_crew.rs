//! The crew of a pass that was amended: kept as an application keeps its own, beside it.

use freightpass_core::pass::PassNumber;
use uuid::Uuid;

use super::FieldCrypto;
use super::Store;
use super::backend::Backend;
use super::errors::StorageError;
use super::people::{PersonColumns, person};
use super::sql::Sql;
use super::work::Work;
use crate::whitelist::Person;

/// The passes whose own crew holds the paper of the hash that follows.
const PASSES_WITH_PAPER: &str = "SELECT c.pass FROM amended_crew c WHERE c.paper_hmac = ";

/// Keeps the crew of an amended pass, in the transaction that stores the pass.
pub(super) async fn insert<DB: Backend>(
    work: &mut Work<DB>,
    pass: PassNumber,
    crew: &[Person],
) -> Result<(), StorageError> {
    let fields: FieldCrypto = work.store().fields().clone();
    let mut rows = Vec::with_capacity(crew.len());
    for (position, person) in (0_u32..).zip(crew) {
        rows.push((position, PersonColumns::seal(&fields, person)?));
    }
    Sql::<DB>::on("amended_crew", "INSERT INTO amended_crew (pass, position, ")
        .push(PersonColumns::LIST)
        .push(") VALUES ")
        .rows_of(rows, |row, (position, person)| person.add(row.arg(pass.to_bytes()).arg(position)))
        .execute(work.conn())
        .await?;
    Ok(())
}

/// The crew of the pass, if it is not that of its application.
pub(super) async fn of_pass<DB: Backend>(
    work: &mut Work<DB>,
    pass: PassNumber,
) -> Result<Option<Vec<Person>>, StorageError> {
    let fields = work.store().fields().clone();
    let rows = Sql::<DB>::on("amended_crew", "SELECT position, ")
        .push(PersonColumns::LIST)
        .with(" FROM amended_crew WHERE pass = ", pass.to_bytes())
        .push(" ORDER BY position")
        .rows(work.conn())
        .await?;
    let crew = rows.iter().map(|row| person(&fields, row)).collect::<Result<Vec<_>, _>>()?;
    Ok((!crew.is_empty()).then_some(crew))
}

/// The crew of the newest pass of the application; empty if that is the application's own.
pub(super) async fn of_application<DB: Backend>(
    store: &Store<DB>,
    conn: &mut DB::Connection,
    application: Uuid,
) -> Result<Vec<Person>, StorageError> {
    let rows = Sql::<DB>::on("amended_crew", "SELECT position, ")
        .push(PersonColumns::LIST)
        .with(" FROM amended_crew WHERE pass = (SELECT cti FROM passes WHERE application = ", application)
        .push(" ORDER BY issued_at DESC, cti DESC LIMIT 1) ORDER BY position")
        .rows(conn)
        .await?;
    rows.iter().map(|row| person(store.fields(), row)).collect()
}

/// The statement on `applications a`, of those alone that have a pass whose amended crew holds the paper, or whose own
/// crew does.
pub(super) fn applications_with<DB: Backend>(select: Sql<DB>, paper: [u8; 32]) -> Sql<DB> {
    select
        .with(" AND (a.id IN (SELECT c.application FROM application_crew c WHERE c.paper_hmac = ", paper)
        .push(") OR a.id IN (SELECT p.application FROM passes p WHERE p.cti IN (")
        .with(PASSES_WITH_PAPER, paper)
        .push(")))")
}

/// The statement on `passes p`, of those alone that name somebody with the paper: in their amended crew, else in that
/// of their application.
pub(super) fn passes_with<DB: Backend>(select: Sql<DB>, paper: [u8; 32]) -> Sql<DB> {
    select
        .push(" AND (p.cti IN (")
        .with(PASSES_WITH_PAPER, paper)
        .with(") OR (p.application IN (SELECT c.application FROM application_crew c WHERE c.paper_hmac = ", paper)
        .push(") AND NOT EXISTS (SELECT 1 FROM amended_crew c WHERE c.pass = p.cti)))")
}

//! The commands on the white list: import rows, look at enterprises.

use std::sync::Arc;

use super::check::check;
use super::enterprise::{Enterprise, EnterpriseDetail};
use super::rows::{CheckedRow, ImportReport, RawRow};
use super::store::{EnterpriseFilter, EnterpriseKey, WhitelistStore};
use crate::audit::Call;
use crate::identity::{Competences, Sight};
use crate::problem::{FieldProblem, join};
use crate::profile::Profile;
use crate::storage::{Page, PageRequest, StorageError};

/// Rows in one call: with their problems spelled out the answer stays below gRPC's message limit of 4 MiB, and the
/// one writer is not held for long.
pub const MAX_ROWS: usize = 500;
/// Bytes in one cell, as typed: the longest name, three times over.
const MAX_CELL_BYTES: usize = 400;
/// People whom a row can name at all; more than a pass holds is an answer about the row, more than this is none.
const MAX_CREW_CELLS: usize = 10;

/// The white list: the first step of the flow.
#[derive(Clone)]
pub struct Whitelist {
    store: Arc<dyn WhitelistStore>,
    profile: Arc<dyn Profile>,
    competences: Arc<dyn Competences>,
}

/// A command on the white list failed; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum WhitelistError {
    /// The call itself is out of bounds. A row that breaks a rule is no error but an answer.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldProblem>),
    /// Only an authority of the trust list in force keeps a white list: whoever lists an enterprise first owns its
    /// code, so that a county office, or an authority that was removed or never was, would keep it from its owner.
    #[error("the trust list in force names no authority {body}; only an authority keeps a white list")]
    NotAnAuthority {
        /// The body of the calling officer.
        body: String,
    },
    /// There is no such enterprise, or not for this caller.
    #[error("no such enterprise on the white list")]
    NotFound,
    /// The database failed, or the request id was reused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Whitelist {
    /// The white list in that store, under that profile, kept by the authorities of those competences.
    pub fn new(store: Arc<dyn WhitelistStore>, profile: Arc<dyn Profile>, competences: Arc<dyn Competences>) -> Self {
        Self { store, profile, competences }
    }

    /// Imports 1 to [`MAX_ROWS`] rows for the authority of the calling officer. All are checked, the good ones go in,
    /// each other one is reported with all of its problems; importing the same rows again changes nothing. A dry run
    /// takes the same plan and stores nothing.
    ///
    /// Errors: [`WhitelistError::NotAnAuthority`], in a dry run too; [`WhitelistError::Invalid`].
    pub async fn import(&self, call: &Call, rows: &[RawRow], dry_run: bool) -> Result<ImportReport, WhitelistError> {
        let body = &call.officer.body;
        if self.competences.current().authority(body).is_none() {
            return Err(WhitelistError::NotAnAuthority { body: body.clone() });
        }
        bounds(rows)?;
        let today = self.profile.day(call.at);
        let rows: Vec<CheckedRow> = rows.iter().map(|row| check(self.profile.as_ref(), row, today)).collect();
        Ok(if dry_run { self.store.preview(body, rows).await? } else { self.store.import(call, rows).await? })
    }

    /// One enterprise with its vehicles and people.
    pub async fn enterprise(&self, sight: &Sight, key: &EnterpriseKey) -> Result<EnterpriseDetail, WhitelistError> {
        self.store.enterprise(sight, key).await?.ok_or(WhitelistError::NotFound)
    }

    /// Enterprises, ascending by number.
    pub async fn list(
        &self,
        sight: &Sight,
        filter: &EnterpriseFilter,
        page: &PageRequest,
    ) -> Result<Page<Enterprise>, WhitelistError> {
        Ok(self.store.enterprises(sight, filter, page).await?)
    }
}

fn bounds(rows: &[RawRow]) -> Result<(), WhitelistError> {
    let mut problems = Vec::new();
    if rows.is_empty() || rows.len() > MAX_ROWS {
        let message = format!("{} rows; a call takes 1 to {MAX_ROWS}", rows.len());
        problems.push(FieldProblem::new("rows", "batch_size", message));
    }
    for (at, row) in rows.iter().enumerate().take(MAX_ROWS) {
        if row.crew.len() > MAX_CREW_CELLS {
            let message = format!("{} people; a row names at most {MAX_CREW_CELLS}", row.crew.len());
            problems.push(FieldProblem::new(format!("rows[{at}].crew"), "too_many", message));
        }
        for (field, cell) in cells(row) {
            if cell.len() > MAX_CELL_BYTES {
                let message = format!("{} bytes; a cell holds at most {MAX_CELL_BYTES}", cell.len());
                problems.push(FieldProblem::new(format!("rows[{at}].{field}"), "too_long", message));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(WhitelistError::Invalid(problems)) }
}

fn cells(row: &RawRow) -> impl Iterator<Item = (String, &str)> {
    let own = [
        ("enterprise_code", &row.enterprise_code),
        ("enterprise_name", &row.enterprise_name),
        ("contact_name", &row.contact_name),
        ("contact_phone", &row.contact_phone),
        ("industry", &row.industry),
        ("tractor", &row.tractor),
        ("trailer", &row.trailer),
        ("code_waiver_reason", &row.code_waiver_reason),
    ];
    let crew = row.crew.iter().take(MAX_CREW_CELLS).enumerate().flat_map(|(at, person)| {
        [
            ("name", &person.name),
            ("paper_kind", &person.paper_kind),
            ("paper_number", &person.paper_number),
            ("mobile", &person.mobile),
            ("role", &person.role),
        ]
        .map(|(field, cell)| (format!("crew[{at}].{field}"), cell.as_str()))
    });
    own.into_iter().map(|(field, cell)| (field.to_owned(), cell.as_str())).chain(crew)
}

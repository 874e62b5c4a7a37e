//! The white list's port on the registry.

use async_trait::async_trait;

use super::backend::Backend;
use super::errors::StorageError;
use super::people::{PersonColumns, person};
use super::sql::{Read, Row, Sql};
use super::whitelist_import::{carry_out, listed};
use super::work::Work;
use super::{FieldCrypto, Page, PageRequest, Store};
use crate::audit::Call;
use crate::identity::Sight;
use crate::profile::{Paper, VehicleKind};
use crate::whitelist::{
    Category, CheckedRow, Enterprise, EnterpriseDetail, EnterpriseFilter, EnterpriseKey, EnterpriseState, ImportReport,
    MAX_MEMBERS, Plan, Vehicle, WhitelistStore,
};

/// Under which name the contact's phone is sealed.
pub(super) const CONTACT_PHONE: &str = "enterprises.contact_phone";
/// The domain of phone look-ups: the same number has the same hash, whosever it is.
pub(super) const PHONE: &str = "phone";

/// Every column of an enterprise.
pub(super) const SELECT_ENTERPRISE: &str = "SELECT e.number, e.code, e.code_waiver, e.name, e.authority, e.industry, \
     e.contact_name, e.contact_phone, e.state, e.version, e.listed_at, e.changed_at FROM enterprises e";

#[async_trait]
impl<DB: Backend> WhitelistStore for Store<DB> {
    async fn import(&self, call: &Call, rows: Vec<CheckedRow>) -> Result<ImportReport, StorageError> {
        self.change(call, move |work| {
            Box::pin(async move {
                let fields = work.store().fields().clone();
                let listed = listed::<DB>(work.conn(), &fields, &rows).await?;
                let authority = work.call().officer.body.clone();
                carry_out(work, Plan::make(listed, &authority, rows)).await
            })
        })
        .await
    }

    async fn preview(&self, authority: &str, rows: Vec<CheckedRow>) -> Result<ImportReport, StorageError> {
        let mut conn = self.reader().await?;
        let listed = listed::<DB>(&mut conn, self.fields(), &rows).await?;
        let plan = Plan::make(listed, authority, rows);
        Ok(ImportReport { results: plan.results.into_iter().map(|row| row.result).collect() })
    }

    async fn enterprise(&self, sight: &Sight, key: &EnterpriseKey) -> Result<Option<EnterpriseDetail>, StorageError> {
        let mut conn = self.reader().await?;
        let select = Sql::<DB>::on("enterprises", SELECT_ENTERPRISE);
        let row = match key {
            EnterpriseKey::Number(number) => select.with(" WHERE e.number = ", *number),
            EnterpriseKey::Code(code) => select.with(" WHERE e.code = ", code),
        }
        .row(&mut conn)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let enterprise = enterprise(self.fields(), &row)?;
        if !sight.includes(&enterprise.authority, &enterprise.code) {
            return Ok(None);
        }
        let vehicles = Sql::<DB>::on("vehicles", "SELECT plate, kind FROM vehicles")
            .with(" WHERE enterprise = ", enterprise.number)
            .with(" ORDER BY plate LIMIT ", MAX_MEMBERS)
            .rows(&mut conn)
            .await?
            .iter()
            .map(vehicle)
            .collect::<Result<_, _>>()?;
        let people = Sql::<DB>::on("people", "SELECT ")
            .push(PersonColumns::LIST)
            .with(" FROM people WHERE enterprise = ", enterprise.number)
            .with(" ORDER BY name, paper_hmac LIMIT ", MAX_MEMBERS)
            .rows(&mut conn)
            .await?
            .iter()
            .map(|row| person(self.fields(), row))
            .collect::<Result<_, _>>()?;
        Ok(Some(EnterpriseDetail { enterprise, vehicles, people }))
    }

    async fn enterprises(
        &self,
        sight: &Sight,
        filter: &EnterpriseFilter,
        page: &PageRequest,
    ) -> Result<Page<Enterprise>, StorageError> {
        let asked = (sight, filter);
        let after: Option<u32> = page.after(&asked)?;
        let select = Sql::<DB>::on("enterprises", SELECT_ENTERPRISE).with(" WHERE e.number > ", after.unwrap_or(0));
        let select = match sight {
            Sight::All => select,
            Sight::Bodies(bodies) => select.push(" AND e.authority IN ").list(bodies),
            Sight::Enterprise { code } => select.with(" AND e.code = ", code),
            Sight::County { .. } => {
                return Page::cut(Vec::new(), page, &asked, |entry: &Enterprise| entry.number);
            }
        };
        let mut conn = self.reader().await?;
        let mut select = select
            .filter(" AND e.authority = ", filter.authority.as_deref())
            .filter(" AND e.industry = ", filter.industry)
            .filter(" AND e.state = ", filter.state.map(EnterpriseState::number));
        if let Some(plate) = &filter.plate {
            select = select
                .with(" AND EXISTS (SELECT 1 FROM vehicles v WHERE v.plate = ", plate)
                .push(" AND v.enterprise = e.number)");
        }
        if let Some(paper) = &filter.paper {
            select = select
                .with(" AND EXISTS (SELECT 1 FROM people p WHERE p.paper_hmac = ", paper_lookup(self.fields(), paper))
                .push(" AND p.enterprise = e.number)");
        }
        if let Some(prefix) = &filter.name_prefix {
            // Not by LIKE: no character of the prefix has a meaning of its own, and case counts in both databases.
            select = select
                .with(" AND SUBSTR(e.name, 1, CAST(", prefix.chars().count() as u64)
                .with(" AS INTEGER)) = ", prefix);
        }
        let rows = select.with(" ORDER BY e.number LIMIT ", page.limit() + 1).rows(&mut conn).await?;
        let entries = rows.iter().map(|row| enterprise(self.fields(), row)).collect::<Result<Vec<_>, _>>()?;
        Page::cut(entries, page, &asked, |entry| entry.number)
    }
}

/// The enterprise of that code, normalised; none if it is not on the list.
pub(super) async fn enterprise_of_code<DB: Backend>(
    conn: &mut DB::Connection,
    fields: &FieldCrypto,
    code: &str,
) -> Result<Option<Enterprise>, StorageError> {
    Sql::<DB>::on("enterprises", SELECT_ENTERPRISE)
        .with(" WHERE e.code = ", code)
        .row(conn)
        .await?
        .map(|row| enterprise(fields, &row))
        .transpose()
}

impl<DB: Backend> Work<DB> {
    /// The enterprise of that number, as this transaction sees it.
    pub async fn enterprise(&mut self, number: u32) -> Result<Option<Enterprise>, StorageError> {
        let store = self.store().clone();
        enterprise_of_number(&store, self.conn(), number).await
    }

    /// The enterprise of that code, as this transaction sees it.
    pub async fn enterprise_of_code(&mut self, code: &str) -> Result<Option<Enterprise>, StorageError> {
        let fields = self.store().fields().clone();
        enterprise_of_code::<DB>(self.conn(), &fields, code).await
    }

    /// Takes the enterprise off the list: false if it is not on it. Its passes, and the audit entry, are the
    /// caller's: one revocation has one entry.
    pub async fn delist(&mut self, number: u32) -> Result<bool, StorageError> {
        let at = self.call().at;
        let changed = Sql::<DB>::on("enterprises", "UPDATE enterprises SET version = version + 1, state = ")
            .arg(EnterpriseState::Delisted.number())
            .with(", changed_at = ", at)
            .with(" WHERE number = ", number)
            .with(" AND state = ", EnterpriseState::Listed.number())
            .execute(self.conn())
            .await?;
        Ok(changed == 1)
    }
}

/// The enterprise of that number.
pub(super) async fn enterprise_of_number<DB: Backend>(
    store: &Store<DB>,
    conn: &mut DB::Connection,
    number: u32,
) -> Result<Option<Enterprise>, StorageError> {
    Sql::<DB>::on("enterprises", SELECT_ENTERPRISE)
        .with(" WHERE e.number = ", number)
        .row(conn)
        .await?
        .map(|row| enterprise(store.fields(), &row))
        .transpose()
}

/// The keyed hash by which a person is found, whatever the enterprise.
pub(super) fn paper_lookup(fields: &FieldCrypto, paper: &Paper) -> [u8; 32] {
    fields.lookup("paper", format!("{} {}", paper.kind.number(), paper.number))
}

/// The contact's phone from a row of enterprises, opened.
pub(super) fn contact_phone<DB: Backend>(fields: &FieldCrypto, row: &Row<DB>) -> Result<String, StorageError> {
    fields.open(CONTACT_PHONE, &row.get::<Vec<u8>>("contact_phone")?)
}

/// An enterprise from its row.
pub(super) fn enterprise<DB: Backend>(fields: &FieldCrypto, row: &Row<DB>) -> Result<Enterprise, StorageError> {
    Ok(Enterprise {
        number: row.get("number")?,
        code: row.get("code")?,
        code_waiver: row.get("code_waiver")?,
        name: row.get("name")?,
        authority: row.get("authority")?,
        industry: row.get("industry")?,
        contact_name: row.get("contact_name")?,
        contact_phone: contact_phone(fields, row)?,
        state: row.get("state")?,
        version: row.get("version")?,
        listed_at: row.get("listed_at")?,
        changed_at: row.get("changed_at")?,
    })
}

/// A vehicle from its row.
pub(super) fn vehicle<DB: Backend>(row: &Row<DB>) -> Result<Vehicle, StorageError> {
    Ok(Vehicle { plate: row.get("plate")?, kind: row.get("kind")? })
}

impl Read for Category {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        Category::by_number(stored)
    }
}

impl Read for EnterpriseState {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        EnterpriseState::by_number(stored)
    }
}

impl Read for VehicleKind {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        VehicleKind::by_number(stored)
    }
}

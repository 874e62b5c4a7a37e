//! The port of the rules of programmes on the registry, and the look that decisions take at them inside their own
//! transaction.

use async_trait::async_trait;
use serde_json::json;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Row, Sql};
use super::work::Work;
use super::{Page, PageRequest, Store};
use crate::application::rules::{Asked, ProgrammeRules, ProgrammeStore, RulesFilter};
use crate::audit::Call;

const SELECT_RULES: &str =
    "SELECT authority, programme, asked, version, body, officer, changed_at FROM programme_rules WHERE ";

#[async_trait]
impl<DB: Backend> ProgrammeStore for Store<DB> {
    async fn set_rules(
        &self,
        call: &Call,
        authority: &str,
        programme: u16,
        asked: Asked,
    ) -> Result<ProgrammeRules, StorageError> {
        let of = authority.to_owned();
        self.change(call, move |work| {
            Box::pin(async move {
                let before = rules::<DB>(work.conn(), &of, programme).await?;
                let version = before.map_or(0, |before| before.version) + 1;
                let call = work.call().clone();
                Sql::<DB>::on("programme_rules", "DELETE FROM programme_rules WHERE authority = ")
                    .arg(&of)
                    .with(" AND programme = ", programme)
                    .execute(work.conn())
                    .await?;
                Sql::<DB>::on(
                    "programme_rules",
                    "INSERT INTO programme_rules (authority, programme, asked, version, body, officer, changed_at) \
                     VALUES ",
                )
                .rows_of([()], |row, ()| {
                    row.arg(&of)
                        .arg(programme)
                        .arg(json!(asked).to_string())
                        .arg(version)
                        .arg(&call.officer.body)
                        .arg(&call.officer.name)
                        .arg(call.at)
                })
                .execute(work.conn())
                .await?;
                let subject = format!("{of}/{programme}");
                work.audit("programme_rules", &subject, &json!({ "version": version, "asked": asked })).await
            })
        })
        .await?;
        self.rules_of(authority, programme).await?.ok_or_else(|| StorageError::Corrupt {
            table: "programme_rules",
            column: "authority",
            row: authority.to_owned(),
        })
    }

    async fn rules_of(&self, authority: &str, programme: u16) -> Result<Option<ProgrammeRules>, StorageError> {
        let mut conn = self.reader().await?;
        rules::<DB>(&mut conn, authority, programme).await
    }

    async fn rules(&self, filter: &RulesFilter, page: &PageRequest) -> Result<Page<ProgrammeRules>, StorageError> {
        let (authority, programme) = page.after::<(String, u16)>(filter)?.unwrap_or_default();
        let mut conn = self.reader().await?;
        let rows = Sql::<DB>::on("programme_rules", SELECT_RULES)
            .with("(authority > ", &authority)
            .with(" OR (authority = ", &authority)
            .with(" AND programme > ", programme)
            .push("))")
            .filter(" AND authority = ", filter.authority.as_deref())
            .filter(" AND programme = ", filter.programme)
            .with(" ORDER BY authority, programme LIMIT ", page.limit() + 1)
            .rows(&mut conn)
            .await?;
        let found = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Page::cut(found, page, filter, |rules| (rules.authority.clone(), rules.programme))
    }
}

impl<DB: Backend> Work<DB> {
    /// What the authority asks for under the programme, as this transaction sees it.
    pub(super) async fn asked(&mut self, authority: &str, programme: u16) -> Result<Asked, StorageError> {
        let found = rules::<DB>(self.conn(), authority, programme).await?;
        Ok(found.map(|rules| rules.asked).unwrap_or_default())
    }
}

async fn rules<DB: Backend>(
    conn: &mut DB::Connection,
    authority: &str,
    programme: u16,
) -> Result<Option<ProgrammeRules>, StorageError> {
    let found = Sql::<DB>::on("programme_rules", SELECT_RULES)
        .with("authority = ", authority)
        .with(" AND programme = ", programme)
        .row(conn)
        .await?;
    found.as_ref().map(read).transpose()
}

fn read<DB: Backend>(row: &Row<DB>) -> Result<ProgrammeRules, StorageError> {
    Ok(ProgrammeRules {
        authority: row.get("authority")?,
        programme: row.get("programme")?,
        asked: serde_json::from_str(&row.get::<String>("asked")?).map_err(|_| row.corrupt("asked"))?,
        version: row.get("version")?,
        body: row.get("body")?,
        officer: row.get("officer")?,
        changed_at: row.get("changed_at")?,
    })
}

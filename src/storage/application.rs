//! The port of applications on the registry.

use async_trait::async_trait;
use serde_json::json;
use uuid::{NoContext, Timestamp as IdTime, Uuid};

use super::amended_crew;
use super::application_rows::{SELECT_APPLICATION, application, crews, load, step, vanished};
use super::backend::Backend;
use super::errors::StorageError;
use super::people::PersonColumns;
use super::sql::Sql;
use super::whitelist::{enterprise_of_code, paper_lookup};
use super::work::Work;
use super::{FieldCrypto, Page, PageRequest, Store};
use crate::application::{
    Application, ApplicationDetail, ApplicationError, ApplicationFilter, ApplicationStore, Form, InvalidTransition,
    Refusal, RejectionReason, State, Window,
};
use crate::audit::Call;
use crate::identity::{Role, Sight};
use crate::problem::FieldProblem;
use crate::whitelist::{Category, Enterprise, EnterpriseState};

/// Under which name the contact's phone is sealed.
const CONTACT_PHONE: &str = "applications.contact_phone";

#[async_trait]
impl<DB: Backend> ApplicationStore for Store<DB> {
    async fn submit(&self, call: &Call, form: Result<Form, Refusal>) -> Result<Application, ApplicationError> {
        let id: Uuid = self
            .change(call, move |work| Box::pin(async move { Ok::<_, ApplicationError>(insert(work, &form?).await??) }))
            .await?;
        let mut conn = self.reader().await?;
        Ok(load::<DB>(self, &mut conn, id).await?.ok_or_else(|| vanished(id))?)
    }

    async fn submit_batch(
        &self,
        call: &Call,
        forms: Vec<Result<Form, Refusal>>,
    ) -> Result<Vec<Result<Application, Refusal>>, StorageError> {
        // The stored answer names identifiers only: the applications themselves are personal.
        let stored: Vec<Result<Uuid, Refusal>> = self
            .change(call, move |work| {
                Box::pin(async move {
                    let mut results = Vec::with_capacity(forms.len());
                    for form in forms {
                        results.push(match form {
                            Ok(form) => insert(work, &form).await?,
                            Err(refusal) => Err(refusal),
                        });
                    }
                    Ok::<_, StorageError>(results)
                })
            })
            .await?;
        let mut conn = self.reader().await?;
        let mut results = Vec::with_capacity(stored.len());
        for result in stored {
            results.push(match result {
                Ok(id) => Ok(load::<DB>(self, &mut conn, id).await?.ok_or_else(|| vanished(id))?),
                Err(refusal) => Err(refusal),
            });
        }
        Ok(results)
    }

    async fn preview_batch(
        &self,
        call: &Call,
        forms: Vec<Result<Form, Refusal>>,
    ) -> Result<Vec<Result<(), Refusal>>, StorageError> {
        let mut conn = self.reader().await?;
        let mut results = Vec::with_capacity(forms.len());
        for form in forms {
            results.push(match form {
                Ok(form) => listed::<DB>(&mut conn, self.fields(), call, &form).await?.map(drop),
                Err(refusal) => Err(refusal),
            });
        }
        Ok(results)
    }

    async fn withdraw(&self, call: &Call, id: Uuid) -> Result<Application, ApplicationError> {
        self.change(call, move |work| {
            Box::pin(async move {
                let found = work.application(id).await?.ok_or(ApplicationError::NotFound)?;
                if found.enterprise.code != work.call().officer.body {
                    return Err(ApplicationError::NotFound);
                }
                let next = found.state.withdraw()?;
                Ok(work.take_step(&found, next, None, &Reason::default()).await?)
            })
        })
        .await?;
        let mut conn = self.reader().await?;
        load::<DB>(self, &mut conn, id).await?.ok_or(ApplicationError::NotFound)
    }

    async fn application(&self, sight: &Sight, id: Uuid) -> Result<Option<ApplicationDetail>, StorageError> {
        let mut conn = self.reader().await?;
        let Some(application) = load::<DB>(self, &mut conn, id).await? else {
            return Ok(None);
        };
        if !sees(sight, &application) {
            return Ok(None);
        }
        let contact = Sql::<DB>::on("applications", "SELECT id, contact_name, contact_phone FROM applications")
            .with(" WHERE id = ", id)
            .row(&mut conn)
            .await?
            .ok_or_else(|| vanished(id))?;
        let steps = Sql::<DB>::on(
            "application_steps",
            "SELECT step, state, body, officer, taken_at, reason, reason_text FROM application_steps",
        )
        .with(" WHERE application = ", id)
        .push(" ORDER BY step")
        .rows(&mut conn)
        .await?
        .iter()
        .map(step)
        .collect::<Result<_, _>>()?;
        Ok(Some(ApplicationDetail {
            amended_crew: amended_crew::of_application::<DB>(self, &mut conn, id).await?,
            application,
            contact_name: contact.get("contact_name")?,
            contact_phone: self.fields().open(CONTACT_PHONE, &contact.get::<Vec<u8>>("contact_phone")?)?,
            steps,
        }))
    }

    async fn applications(
        &self,
        sight: &Sight,
        filter: &ApplicationFilter,
        page: &PageRequest,
    ) -> Result<Page<Application>, StorageError> {
        let asked = (sight, filter);
        let after: Option<Uuid> = page.after(&asked)?;
        let select =
            Sql::<DB>::on("applications", SELECT_APPLICATION).with(" WHERE a.id > ", after.unwrap_or(Uuid::nil()));
        let select = match sight {
            Sight::All => select,
            Sight::Bodies(bodies) => select.push(" AND a.authority IN ").list(bodies),
            Sight::Enterprise { code } => select.with(" AND e.code = ", code),
            Sight::County { division } => {
                select.with(" AND (a.origin = ", division).with(" OR a.destination = ", division).push(")")
            }
        };
        let mut select = select
            .filter(" AND a.authority = ", filter.authority.as_deref())
            .filter(" AND a.state = ", filter.state.map(State::number))
            .filter(" AND a.enterprise = ", filter.enterprise)
            .filter(" AND a.tractor = ", filter.tractor.as_deref())
            .filter(" AND a.submitted_at >= ", filter.submitted_from_ms)
            .filter(" AND a.submitted_at < ", filter.submitted_before_ms)
            .filter(" AND a.programme = ", filter.programme)
            .filter(" AND a.cargo_category = ", filter.cargo.map(Category::number));
        if let Some(paper) = &filter.paper {
            select = amended_crew::applications_with(select, paper_lookup(self.fields(), paper));
        }
        let mut conn = self.reader().await?;
        let rows = select.with(" ORDER BY a.id LIMIT ", page.limit() + 1).rows(&mut conn).await?;
        let mut applications = Vec::with_capacity(rows.len());
        let mut crews = crews::<DB>(self, &mut conn, &rows).await?;
        for row in &rows {
            let crew = crews.remove(&row.get::<Uuid>("id")?).unwrap_or_default();
            applications.push(application(row, crew)?);
        }
        Page::cut(applications, page, &asked, |application| application.id)
    }
}

/// A step was not taken; the room that asked for it gives this its own name.
pub(super) enum StepError {
    /// Another call was faster.
    State(InvalidTransition),
    /// The database failed.
    Storage(StorageError),
}

impl From<StorageError> for StepError {
    fn from(error: StorageError) -> Self {
        StepError::Storage(error)
    }
}

impl From<StepError> for ApplicationError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::State(transition) => ApplicationError::State(transition),
            StepError::Storage(error) => ApplicationError::Storage(error),
        }
    }
}

/// Why a step was taken, in a number and in words.
#[derive(Debug, Default)]
pub(super) struct Reason {
    /// The reason of a rejection.
    pub(super) rejection: Option<RejectionReason>,
    /// The officer's words.
    pub(super) text: String,
}

impl<DB: Backend> Work<DB> {
    /// The application of that identifier, as this transaction sees it.
    pub async fn application(&mut self, id: Uuid) -> Result<Option<Application>, StorageError> {
        let store = self.store().clone();
        load::<DB>(&store, self.conn(), id).await
    }

    /// Moves an application, as it was just read, on to `next`: its row, a step, an audit entry. The UPDATE holds
    /// only while state and version are those that were read.
    pub(super) async fn take_step(
        &mut self,
        found: &Application,
        next: State,
        approved: Option<Window>,
        reason: &Reason,
    ) -> Result<(), StepError> {
        let call = self.call().clone();
        let changed = Sql::<DB>::on("applications", "UPDATE applications SET version = version + 1, state = ")
            .arg(next.number())
            .with(", approved_start = ", approved.map(|window| window.start))
            .with(", approved_end = ", approved.map(|window| window.end))
            .with(", changed_at = ", call.at)
            .with(" WHERE id = ", found.id)
            .with(" AND state = ", found.state.number())
            .with(" AND version = ", found.version)
            .execute(self.conn())
            .await?;
        if changed != 1 {
            // The writer is alone with SQLite; another database lets two transactions read the same version.
            let now = self.application(found.id).await?.ok_or_else(|| vanished(found.id))?;
            return Err(StepError::State(InvalidTransition { found: now.state, wanted: next }));
        }
        insert_step(self, found.id, found.version, next, reason).await?;
        self.audit(
            "application",
            &found.id.to_string(),
            &json!({
                "from": found.state.name(),
                "to": next.name(),
                "reason": reason.rejection.map(RejectionReason::name),
                "approved": approved,
            }),
        )
        .await?;
        Ok(())
    }
}

/// The enterprise for which the caller may apply with this form, or why the white list does not let it.
async fn listed<DB: Backend>(
    conn: &mut DB::Connection,
    fields: &FieldCrypto,
    call: &Call,
    form: &Form,
) -> Result<Result<Enterprise, Refusal>, StorageError> {
    let Some(enterprise) = enterprise_of_code::<DB>(conn, fields, &form.enterprise_code).await? else {
        return Ok(Err(Refusal::UnknownEnterprise));
    };
    if !call.officer.has(Role::Applicant) || call.officer.body != enterprise.code {
        return Ok(Err(Refusal::UnknownEnterprise));
    }
    if enterprise.state == EnterpriseState::Delisted {
        return Ok(Err(Refusal::EnterpriseDelisted { number: enterprise.number }));
    }
    let listed = Sql::<DB>::on("vehicles", "SELECT plate FROM vehicles")
        .with(" WHERE enterprise = ", enterprise.number)
        .with(" AND plate = ", &form.tractor)
        .row(conn)
        .await?;
    if listed.is_none() {
        return Ok(Err(Refusal::Invalid(vec![FieldProblem::new(
            "tractor",
            "not_listed",
            "this tractor is not on the white list for this enterprise",
        )])));
    }
    Ok(Ok(enterprise))
}

/// Stores one form, if the white list lets it.
async fn insert<DB: Backend>(work: &mut Work<DB>, form: &Form) -> Result<Result<Uuid, Refusal>, StorageError> {
    let fields = work.store().fields().clone();
    let call = work.call().clone();
    let enterprise = match listed::<DB>(work.conn(), &fields, &call, form).await? {
        Ok(enterprise) => enterprise,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let id = next_id(work).await?;
    let contact_phone = fields.seal(CONTACT_PHONE, &enterprise.contact_phone)?;
    let divisions: Vec<String> = form.route.divisions().iter().map(ToString::to_string).collect();
    Sql::<DB>::on(
        "applications",
        "INSERT INTO applications (id, authority, enterprise, enterprise_name, contact_name, contact_phone, programme, state, \
         version, tractor, trailer, gross_mass_kg, cargo_category, cargo, cargo_mass_kg, route, origin, destination, leg, planned_start, \
         planned_end, evidence, submitted_at, changed_at) VALUES ",
    )
    .rows_of([()], |row, ()| {
        row.arg(id)
            .arg(&form.authority)
            .arg(enterprise.number)
            .arg(&enterprise.name)
            .arg(&enterprise.contact_name)
            .arg(contact_phone.as_slice())
            .arg(form.programme)
            .arg(State::Submitted.number())
            .arg(1_u32)
            .arg(&form.tractor)
            .arg(form.trailer.as_deref())
            .arg(form.gross_mass_kg)
            .arg(form.cargo.category.number())
            .arg(&form.cargo.description)
            .arg(form.cargo.mass_kg)
            .arg(json!(divisions).to_string())
            .arg(form.route.origin.to_string())
            .arg(form.route.destination.to_string())
            .arg(form.leg.number())
            .arg(form.planned.start)
            .arg(form.planned.end)
            .arg(json!(form.evidence).to_string())
            .arg(call.at)
            .arg(call.at)
    })
    .execute(work.conn())
    .await?;
    let mut crew = Vec::with_capacity(form.crew.len());
    for (position, person) in (0_u32..).zip(&form.crew) {
        crew.push((position, PersonColumns::seal(&fields, person)?));
    }
    Sql::<DB>::on("application_crew", "INSERT INTO application_crew (application, position, ")
        .push(PersonColumns::LIST)
        .push(") VALUES ")
        .rows_of(crew, |row, (position, person)| person.add(row.arg(id).arg(position)))
        .execute(work.conn())
        .await?;
    insert_step(work, id, 0, State::Submitted, &Reason::default()).await?;
    work.audit(
        "application",
        &id.to_string(),
        &json!({
            "to": State::Submitted.name(),
            "authority": form.authority,
            "enterprise": enterprise.number,
            "programme": form.programme,
        }),
    )
    .await?;
    Ok(Ok(id))
}

/// An identifier that ascends with the time of the call, and in any case in the order of the commits: calls wait for
/// the writer, and who follows the list in its order must miss none that was received earlier and stored later.
async fn next_id<DB: Backend>(work: &mut Work<DB>) -> Result<Uuid, StorageError> {
    let at = work.call().at;
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    let id = Uuid::new_v7(IdTime::from_unix(NoContext, seconds, nanoseconds));
    let newest =
        Sql::<DB>::on("applications", "SELECT id FROM applications ORDER BY id DESC LIMIT 1").row(work.conn()).await?;
    let newest: Option<Uuid> = newest.map(|row| row.get("id")).transpose()?;
    // The lowest bits are random: one more keeps version and variant.
    Ok(newest.filter(|newest| *newest >= id).map_or(id, |newest| Uuid::from_u128(newest.as_u128() + 1)))
}

/// A county sees by the route; everybody else by authority or enterprise.
pub(super) fn sees(sight: &Sight, application: &Application) -> bool {
    match sight {
        Sight::County { division } => {
            let route = &application.form.route;
            route.origin.to_string() == *division || route.destination.to_string() == *division
        }
        _ => sight.includes(&application.form.authority, &application.enterprise.code),
    }
}

async fn insert_step<DB: Backend>(
    work: &mut Work<DB>,
    id: Uuid,
    number: u64,
    state: State,
    reason: &Reason,
) -> Result<(), StorageError> {
    let call = work.call().clone();
    Sql::<DB>::on(
        "application_steps",
        "INSERT INTO application_steps (application, step, state, body, officer, taken_at, reason, reason_text) \
         VALUES ",
    )
    .rows_of([()], |row, ()| {
        row.arg(id)
            .arg(number)
            .arg(state.number())
            .arg(&call.officer.body)
            .arg(&call.officer.name)
            .arg(call.at)
            .arg(reason.rejection.map(RejectionReason::number))
            .arg(&reason.text)
    })
    .execute(work.conn())
    .await?;
    Ok(())
}

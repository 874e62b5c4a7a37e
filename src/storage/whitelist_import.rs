//! The import of a batch: what the list holds about its rows, and the plan carried out.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::FieldCrypto;
use super::backend::Backend;
use super::errors::StorageError;
use super::people::{PersonColumns, person};
use super::sql::{Sql, rows_a_statement};
use super::whitelist::{CONTACT_PHONE, PHONE, SELECT_ENTERPRISE, enterprise, paper_lookup, vehicle};
use super::work::Work;
use crate::whitelist::{CheckedRow, Details, EnterpriseState, ImportReport, Listed, Listing, Plan, RowResult};

/// What the list holds about everything that the rows name.
pub(super) async fn listed<DB: Backend>(
    conn: &mut DB::Connection,
    fields: &FieldCrypto,
    rows: &[CheckedRow],
) -> Result<Listed, StorageError> {
    let listings: Vec<&Listing> = rows.iter().filter_map(|row| row.listing.as_ref().ok()).collect();
    let codes: BTreeSet<&str> = listings.iter().map(|listing| listing.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut listed = Listed::default();
    let mut code_of = HashMap::new();
    for chunk in codes.chunks(rows_a_statement(1)) {
        let found = Sql::<DB>::on("enterprises", SELECT_ENTERPRISE)
            .push(" WHERE e.code IN ")
            .list(chunk.iter().copied())
            .rows(&mut *conn)
            .await?;
        for row in &found {
            let found = enterprise(fields, row)?;
            code_of.insert(found.number, found.code.clone());
            listed.enterprises.insert(found.code.clone(), found);
        }
    }
    let numbers: Vec<u32> = code_of.keys().copied().collect();
    let plates: BTreeSet<&str> =
        listings.iter().flat_map(|listing| &listing.vehicles).map(|vehicle| vehicle.plate.as_str()).collect();
    for chunk in plates.into_iter().collect::<Vec<_>>().chunks(rows_a_statement(2)) {
        let found = Sql::<DB>::on("vehicles", "SELECT enterprise, plate, kind FROM vehicles WHERE plate IN ")
            .list(chunk.iter().copied())
            .rows(&mut *conn)
            .await?;
        for row in &found {
            if let Some(code) = code_of.get(&row.get::<u32>("enterprise")?) {
                let vehicle = vehicle(row)?;
                listed.vehicles.insert((code.clone(), vehicle.plate), vehicle.kind);
            }
        }
    }
    let papers: BTreeSet<[u8; 32]> =
        listings.iter().flat_map(|listing| &listing.people).map(|person| paper_lookup(fields, &person.paper)).collect();
    if numbers.is_empty() {
        return Ok(listed);
    }
    for chunk in papers.into_iter().collect::<Vec<_>>().chunks(rows_a_statement(2)) {
        let found = Sql::<DB>::on("people", "SELECT enterprise, ")
            .push(PersonColumns::LIST)
            .push(" FROM people WHERE paper_hmac IN ")
            .list(chunk.iter().copied())
            .rows(&mut *conn)
            .await?;
        for row in &found {
            if let Some(code) = code_of.get(&row.get::<u32>("enterprise")?) {
                let person = person(fields, row)?;
                listed.people.insert((code.clone(), person.paper.clone()), person);
            }
        }
    }
    Ok(listed)
}

/// Carries a plan out.
///
/// 1. New and changed enterprises, which gives the new ones their numbers.
/// 2. Vehicles and people, under those numbers.
/// 3. One audit entry an enterprise.
pub(super) async fn carry_out<DB: Backend>(work: &mut Work<DB>, plan: Plan) -> Result<ImportReport, StorageError> {
    let fields = work.store().fields().clone();
    let at = work.call().at;
    write_enterprises(work, &fields, &plan).await?;
    let mut numbers = HashMap::new();
    let codes: BTreeSet<&str> = plan.results.iter().filter_map(|row| row.code.as_deref()).collect();
    for chunk in codes.into_iter().collect::<Vec<_>>().chunks(rows_a_statement(1)) {
        let found = Sql::<DB>::on("enterprises", "SELECT number, code FROM enterprises WHERE code IN ")
            .list(chunk.iter().copied())
            .rows(work.conn())
            .await?;
        for row in &found {
            numbers.insert(row.get::<String>("code")?, row.get::<u32>("number")?);
        }
    }
    let number = |code: &str| numbers.get(code).copied().unwrap_or(0);
    for chunk in plan.vehicles.chunks(rows_a_statement(4)) {
        Sql::<DB>::on("vehicles", "INSERT INTO vehicles (enterprise, plate, kind, listed_at) VALUES ")
            .rows_of(chunk, |row, (code, plate, kind)| row.arg(number(code)).arg(plate).arg(kind.number()).arg(at))
            .execute(work.conn())
            .await?;
    }
    for chunk in plan.people.chunks(rows_a_statement(10)) {
        let sealed = chunk
            .iter()
            .map(|(code, person)| Ok((number(code), PersonColumns::seal(&fields, person)?)))
            .collect::<Result<Vec<_>, StorageError>>()?;
        Sql::<DB>::on("people", "INSERT INTO people (enterprise, ")
            .push(PersonColumns::LIST)
            .push(", listed_at) VALUES ")
            .rows_of(sealed, |row, (number, person)| person.add(row.arg(number)).arg(at))
            .push(
                " ON CONFLICT (enterprise, paper_hmac) DO UPDATE SET name = excluded.name, mobile = excluded.mobile, \
                 mobile_hmac = excluded.mobile_hmac, role = excluded.role",
            )
            .execute(work.conn())
            .await?;
    }
    let entries: Vec<_> = plan
        .enterprises
        .iter()
        .map(|(code, write)| {
            let detail = json!({
                "new": write.new,
                "details": write.details.is_some(),
                "code_waiver": write.details.as_ref().and_then(|details| details.waiver.as_deref()),
                "new_vehicles": write.new_vehicles,
                "new_people": write.new_people,
                "changed_people": write.changed_people,
            });
            (number(code).to_string(), detail)
        })
        .collect();
    work.audit_all("enterprise", &entries).await?;
    let results = plan
        .results
        .into_iter()
        .map(|row| RowResult { enterprise: row.code.map(|code| number(&code)), ..row.result })
        .collect();
    Ok(ImportReport { results })
}

async fn write_enterprises<DB: Backend>(
    work: &mut Work<DB>,
    fields: &FieldCrypto,
    plan: &Plan,
) -> Result<(), StorageError> {
    let at = work.call().at;
    let authority = work.call().officer.body.clone();
    let mut new: Vec<(&String, &Details)> = Vec::new();
    for (code, write) in &plan.enterprises {
        match &write.details {
            Some(details) if write.new => new.push((code, details)),
            Some(details) => {
                Sql::<DB>::on("enterprises", "UPDATE enterprises SET version = version + 1, changed_at = ")
                    .arg(at)
                    .with(", code_waiver = ", details.waiver.as_deref())
                    .with(", name = ", &details.name)
                    .with(", industry = ", details.industry)
                    .with(", contact_name = ", &details.contact_name)
                    .with(", contact_phone = ", fields.seal(CONTACT_PHONE, &details.contact_phone)?)
                    .with(", contact_phone_hmac = ", fields.lookup(PHONE, &details.contact_phone))
                    .with(" WHERE code = ", code)
                    .execute(work.conn())
                    .await?;
            }
            None => {
                Sql::<DB>::on("enterprises", "UPDATE enterprises SET version = version + 1, changed_at = ")
                    .arg(at)
                    .with(" WHERE code = ", code)
                    .execute(work.conn())
                    .await?;
            }
        }
    }
    for chunk in new.chunks(rows_a_statement(12)) {
        let sealed = chunk
            .iter()
            .map(|(code, details)| Ok((code, details, fields.seal(CONTACT_PHONE, &details.contact_phone)?)))
            .collect::<Result<Vec<_>, StorageError>>()?;
        Sql::<DB>::on(
            "enterprises",
            "INSERT INTO enterprises (code, code_waiver, name, authority, industry, contact_name, contact_phone, \
             contact_phone_hmac, state, version, listed_at, changed_at) VALUES ",
        )
        .rows_of(sealed, |row, (code, details, phone)| {
            row.arg(code.as_str())
                .arg(details.waiver.as_deref())
                .arg(&details.name)
                .arg(&authority)
                .arg(details.industry)
                .arg(&details.contact_name)
                .arg(phone)
                .arg(fields.lookup(PHONE, &details.contact_phone))
                .arg(EnterpriseState::Listed.number())
                .arg(1_u32)
                .arg(at)
                .arg(at)
        })
        .execute(work.conn())
        .await?;
    }
    Ok(())
}

//! What a restored registry is told before anybody works on it: what was published since, and from where on numbers and
//! places are free.

use std::collections::BTreeMap;

use freightpass_core::pass::PassNumber;
use serde_json::json;
use sqlx::Sqlite;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Sql, rows_a_statement};
use super::work::{StatusChange, Work};
use super::{Store, in_own_task};
use crate::bus::StatusLog as _;
use crate::checkpoint::StoredManifest;
use crate::pass::{PassState, StatusReason};
use crate::restore::{Floors, GivenOut, ListFloor, Own, OwnManifest, Reconciliation, StatusRepair};
use crate::trust::TrustStore as _;

/// The row of meta with the least seq of the next manifest.
pub(super) const META_LEAST_MANIFEST: &str = "least_manifest_seq";
/// The officer of a restore in the audit log.
const RESTORE: &str = "restore";
/// What the status log says of a place whose reason is not known.
const READ_BACK: &str = "read back from what was published";

impl Store<Sqlite> {
    /// What restoring asks of it.
    pub async fn own(&self) -> Result<Own, StorageError> {
        let log = self.view(0).await?;
        let (provision, trust) = (self.provision().await?, self.trust_lists().await?);
        let mut conn = self.reader().await?;
        let text = "SELECT seq, trust_seq, log_seq, issued, object FROM manifests ORDER BY seq DESC LIMIT 1";
        let row = Sql::<Sqlite>::on("manifests", text).row(&mut conn).await?;
        let manifest = row.map(|row| {
            Ok::<_, StorageError>(OwnManifest {
                stored: StoredManifest {
                    seq: row.get("seq")?,
                    log_seq: row.get("log_seq")?,
                    object: row.get("object")?,
                },
                issued: row.get("issued")?,
                trust_sequence: row.get("trust_seq")?,
            })
        });
        let given_out = given_out::<Sqlite>(&mut conn).await?;
        Ok(Own { provision, trust, log, manifest: manifest.transpose()?, given_out })
    }

    /// Tells it everything, in one transaction.
    pub async fn reconcile(&self, plan: Reconciliation) -> Result<(), StorageError> {
        let store = self.clone();
        in_own_task(async move {
            let mut work = store.begin_own(RESTORE, plan.at).await?;
            published(&mut work, &plan).await?;
            repair(&mut work, &plan.repairs).await?;
            close_what_is_leased(&mut work, &plan).await?;
            floors(&mut work, &plan.floors).await?;
            let detail = json!({
                "source": plan.source,
                "manifest_seq": plan.manifest.as_ref().map(|manifest| manifest.stored.seq),
                "least_manifest_seq": plan.floors.manifest_seq,
                "places": plan.repairs.len(),
            });
            work.audit("registry", RESTORE, &detail).await?;
            work.commit(&()).await
        })
        .await
    }
}

/// What a registry knows to be given out.
pub(super) async fn given_out<DB: Backend>(conn: &mut DB::Connection) -> Result<GivenOut, StorageError> {
    let mut given = GivenOut::default();
    let text = "SELECT list, capacity, published, leased_to FROM lists";
    for row in &Sql::<DB>::on("lists", text).rows(conn).await? {
        let floor = ListFloor {
            capacity: row.get("capacity")?,
            published: row.get("published")?,
            leased_to: row.get("leased_to")?,
        };
        given.lists.insert(row.get("list")?, floor);
    }
    let text = "SELECT authority_number, day, next FROM serials";
    for row in &Sql::<DB>::on("serials", text).rows(conn).await? {
        given.serials.insert((row.get("authority_number")?, row.get("day")?), row.get("next")?);
    }
    let text = "SELECT COALESCE(MAX(number), 0) AS n FROM enterprises";
    let enterprises: u64 = Sql::<DB>::on("enterprises", text).row(conn).await?.map_or(Ok(0), |row| row.get("n"))?;
    let audit = "SELECT COALESCE(MAX(seq), 0) AS n FROM audit";
    let audit: u64 = Sql::<DB>::on("audit", audit).row(conn).await?.map_or(Ok(0), |row| row.get("n"))?;
    let manifest = "SELECT COALESCE(MAX(seq), 0) AS n FROM manifests";
    let mut sequences = BTreeMap::new();
    for row in &Sql::<DB>::on("sqlite_sequence", "SELECT name, seq FROM sqlite_sequence").rows(conn).await? {
        sequences.insert(row.get::<String>("name")?, row.get::<u64>("seq")?);
    }
    let sequence = |name: &str| sequences.get(name).copied().unwrap_or(0);
    given.enterprises = enterprises.max(sequence("enterprises"));
    given.audit = audit.max(sequence("audit"));
    given.manifest_seq = Sql::<DB>::on("manifests", manifest).row(conn).await?.map_or(Ok(0), |row| row.get("n"))?;
    Ok(given)
}

/// Trust lists, survivors, the manifest and its snapshots.
async fn published(work: &mut Work<Sqlite>, plan: &Reconciliation) -> Result<(), StorageError> {
    for list in &plan.trust {
        super::trust::insert(work, list).await?;
    }
    for (hash, kid, object) in &plan.survivors {
        Sql::<Sqlite>::on("survivors", "INSERT INTO survivors (hash, kid, object) VALUES ")
            .rows_of([()], |row, ()| row.arg(*hash).arg(*kid).arg(object.as_slice()))
            .push(" ON CONFLICT (hash) DO NOTHING")
            .execute(work.conn())
            .await?;
    }
    let Some(manifest) = &plan.manifest else { return Ok(()) };
    Sql::<Sqlite>::on("manifests", "INSERT INTO manifests (seq, trust_seq, log_seq, issued, object) VALUES ")
        .rows_of([()], |row, ()| {
            row.arg(manifest.stored.seq)
                .arg(manifest.trust_sequence)
                .arg(manifest.stored.log_seq)
                .arg(manifest.issued)
                .arg(manifest.stored.object.as_slice())
        })
        .push(" ON CONFLICT (seq) DO NOTHING")
        .execute(work.conn())
        .await?;
    for (name, list, object) in &plan.objects {
        Sql::<Sqlite>::on("status_objects", "INSERT INTO status_objects (name, list, object, made_at) VALUES ")
            .rows_of([()], |row, ()| row.arg(name).arg(*list).arg(object.as_slice()).arg(plan.at))
            .push(" ON CONFLICT (name) DO NOTHING")
            .execute(work.conn())
            .await?;
    }
    Ok(())
}

/// Writes places to the log, and to the passes that stand there as far as they are known.
async fn repair(work: &mut Work<Sqlite>, repairs: &[StatusRepair]) -> Result<(), StorageError> {
    let at = work.call().at;
    let mut changes = Vec::with_capacity(repairs.len());
    for repair in repairs {
        let known = Sql::<Sqlite>::on("passes", "SELECT cti FROM passes WHERE list = ")
            .arg(repair.list)
            .with(" AND idx = ", repair.idx)
            .row(work.conn())
            .await?;
        let cti: Option<[u8; 8]> = known.map(|row| row.get("cti")).transpose()?;
        let value = repair.value as u8;
        if let Some(cti) = cti {
            let changed = Sql::<Sqlite>::on("passes", "UPDATE passes SET version = version + 1, state = ")
                .arg(value)
                .with(", changed_at = ", at)
                .with(" WHERE cti = ", cti)
                .with(" AND state <> ", value)
                .execute(work.conn())
                .await?;
            if changed > 0 {
                let number = PassNumber::from_bytes(cti).map(|number| number.to_string()).unwrap_or_default();
                let state = PassState::by_value(value).map(|state| state.to_string());
                work.audit("pass", &number, &json!({ "to": state, "source": READ_BACK })).await?;
            }
        }
        let (reason, reason_text) = match (&repair.detail, cti) {
            (Some(detail), _) => (detail.reason, detail.reason_text.clone()),
            (None, Some(_)) => (StatusReason::Other.number(), READ_BACK.to_owned()),
            (None, None) => (0, READ_BACK.to_owned()),
        };
        let cti = cti.or_else(|| repair.detail.as_ref().and_then(|detail| detail.cti));
        changes.push(StatusChange { list: repair.list, idx: repair.idx, value, cti, reason, reason_text });
    }
    work.append_status(&changes).await?;
    Ok(())
}

/// Closes every open lease. What is left of one is not published as revoked, as it is where a key goes out of use:
/// passes that were issued since the backup may stand there, and their holders are on the road.
async fn close_what_is_leased(work: &mut Work<Sqlite>, plan: &Reconciliation) -> Result<(), StorageError> {
    let left = work.close_leases_but(&[], plan.at).await?;
    tracing::info!(leases = left.len(), "the leases of the backup are closed");
    Ok(())
}

async fn floors(work: &mut Work<Sqlite>, floors: &Floors) -> Result<(), StorageError> {
    let lists: Vec<_> = floors.lists.iter().collect();
    for chunk in lists.chunks(rows_a_statement(4)) {
        Sql::<Sqlite>::on("lists", "INSERT INTO lists (list, capacity, published, leased_to) VALUES ")
            .rows_of(chunk, |row, (list, floor)| {
                row.arg(**list).arg(floor.capacity).arg(floor.published).arg(floor.leased_to)
            })
            .push(
                " ON CONFLICT (list) DO UPDATE SET capacity = excluded.capacity, published = excluded.published, \
                 leased_to = excluded.leased_to",
            )
            .execute(work.conn())
            .await?;
    }
    for chunk in floors.serials.chunks(rows_a_statement(3)) {
        Sql::<Sqlite>::on("serials", "INSERT INTO serials (authority_number, day, next) VALUES ")
            .rows_of(chunk, |row, floor| row.arg(floor.authority).arg(floor.day).arg(floor.next))
            .push(" ON CONFLICT (authority_number, day) DO UPDATE SET next = excluded.next")
            .execute(work.conn())
            .await?;
    }
    for (table, last) in [("enterprises", floors.enterprises), ("audit", floors.audit)] {
        // SQLite keeps the last number of a table whose key counts up; it has no row before the first.
        Sql::<Sqlite>::on("sqlite_sequence", "DELETE FROM sqlite_sequence")
            .with(" WHERE name = ", table)
            .execute(work.conn())
            .await?;
        Sql::<Sqlite>::on("sqlite_sequence", "INSERT INTO sqlite_sequence (name, seq) VALUES ")
            .rows_of([()], |row, ()| row.arg(table).arg(last))
            .execute(work.conn())
            .await?;
    }
    let least = floors.manifest_seq.to_be_bytes();
    Sql::<Sqlite>::on("meta", "INSERT INTO meta (key, value) VALUES ")
        .rows_of([()], |row, ()| row.arg(META_LEAST_MANIFEST).arg(least.as_slice()))
        .push(" ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .execute(work.conn())
        .await?;
    Ok(())
}

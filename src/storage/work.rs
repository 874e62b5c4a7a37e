//! One change of the registry: a transaction with its audit entries, its changes of status and its stored answer.
//!
//! 1. The writer is taken and the transaction begun. A crash here means that nothing happened.
//! 2. The room's rows, audit entries, status log and outbox are written. A crash here means that nothing happened:
//!    the database forgets the transaction when it opens again.
//! 3. The answer is stored under the request id and all is committed. A crash after it, before the caller hears,
//!    means that the retry with the same request id gets the stored answer.
//! 4. The newest committed status seq is told to the followers of the log. A crash before it loses nothing: they
//!    read the log when they start.

use std::future::Future;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Connection as _;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tracing::{Instrument, Span};
use uuid::Uuid;

use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Sql, rows_a_statement};
use super::{Store, Writer};
use crate::audit::Call;
use crate::identity::Officer;
use crate::telemetry::traces;

/// What [`Store::begin`] finds.
pub enum Begun<DB: Backend> {
    /// The same request was answered before: its stored answer, as JSON.
    Replay(Vec<u8>),
    /// A new request, and the transaction for it.
    Fresh(Work<DB>),
}

/// A transaction under way. Dropped without [`Work::commit`], it leaves nothing behind.
///
/// It holds the one writer: whoever holds a Work and asks the store for another waits for ever.
pub struct Work<DB: Backend> {
    store: Store<DB>,
    writer: OwnedMutexGuard<Writer<DB>>,
    call: Call,
    /// Whether the answer is stored under the request id.
    answered: bool,
    newest_status: Option<u64>,
    /// When the writer was free for it.
    started: Instant,
    /// Its place in the trace of the call; it ends with the Work.
    _span: Box<Span>,
}

/// One change of a pass's (or of a closed lease's) place in a status list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// The list: expiry divided by the seconds of a week.
    pub list: u32,
    /// The place in it.
    pub idx: u32,
    /// 0 valid again, 1 revoked, 2 suspended.
    pub value: u8,
    /// The pass, none for what was left of a closed lease.
    pub cti: Option<[u8; 8]>,
    /// Number of the reason in its enumeration.
    pub reason: u8,
    /// The officer's words.
    pub reason_text: String,
}

impl<DB: Backend> Store<DB> {
    /// Begins the change that `call` asks for, or finds that it was made before.
    ///
    /// The same caller, method and request id with another fingerprint is [`StorageError::RequestReused`].
    pub async fn begin(&self, call: &Call) -> Result<Begun<DB>, StorageError> {
        let mut work = self.start(call.clone(), true).await?;
        let known = Sql::<DB>::on("requests", "SELECT method, fingerprint, result FROM requests")
            .with(" WHERE caller = ", call.officer.to_string())
            .with(" AND method = ", call.method)
            .with(" AND request_id = ", call.request_id)
            .row(work.conn())
            .await?;
        let Some(known) = known else {
            return Ok(Begun::Fresh(work));
        };
        work.roll_back().await?;
        if known.get::<[u8; 32]>("fingerprint")? != fingerprint(self, call) {
            return Err(StorageError::RequestReused);
        }
        Ok(Begun::Replay(known.get("result")?))
    }

    /// Begins a change that no caller asked for: the service's own, such as a published manifest. `name` is the
    /// officer in its audit entries; no answer is stored.
    pub async fn begin_own(&self, name: &'static str, at: Timestamp) -> Result<Work<DB>, StorageError> {
        let call = Call {
            officer: Officer { body: "freightpass".to_owned(), name: name.to_owned(), roles: Vec::new() },
            method: name,
            request_id: Uuid::nil(),
            fingerprint: [0; 32],
            at,
        };
        self.start(call, false).await
    }

    /// Makes one change in a task of its own, so that a caller who goes away never leaves it half-way: the stored
    /// answer if the call was answered before, else what `change` does, committed with its answer. An error of
    /// `change` rolls everything back and stores no answer.
    pub async fn change<T, E, F>(&self, call: &Call, change: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'w> FnOnce(&'w mut Work<DB>) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
    {
        let store = self.clone();
        let call = call.clone();
        let place = store.place_to_wait()?;
        in_own_task(async move {
            let _place = place;
            match store.begin(&call).await? {
                Begun::Replay(json) => Ok(stored_answer(call.method, &json)?),
                Begun::Fresh(mut work) => match change(&mut work).await {
                    Ok(answer) => {
                        work.commit(&answer).await?;
                        Ok(answer)
                    }
                    Err(error) => {
                        work.roll_back().await?;
                        Err(error)
                    }
                },
            }
        })
        .await
    }

    /// Makes the change that `call` asks for, or only rehearses it: then everything happens as it would, and is rolled
    /// back. A rehearsal stores no answer and asks for none that was stored: the same request may be made after it.
    pub(super) async fn change_or_rehearse<T, E, F>(&self, call: &Call, rehearse: bool, change: F) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        E: From<StorageError> + Send + 'static,
        F: for<'w> FnOnce(&'w mut Work<DB>) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
    {
        if !rehearse {
            return self.change(call, change).await;
        }
        let (store, call) = (self.clone(), call.clone());
        let place = store.place_to_wait()?;
        in_own_task(async move {
            let _place = place;
            let mut work = store.start(call, false).await?;
            let answer = change(&mut work).await;
            work.roll_back().await?;
            answer
        })
        .await
    }

    async fn start(&self, call: Call, answered: bool) -> Result<Work<DB>, StorageError> {
        let writer = self.writer().await?;
        let span = Box::new(traces::transaction(call.method));
        let started = Instant::now();
        let mut work = Work { store: self.clone(), writer, call, answered, newest_status: None, started, _span: span };
        // From here on the connection may be inside a transaction, whatever becomes of us.
        work.writer.open = true;
        Sql::<DB>::on("transaction", DB::BEGIN).execute(work.conn()).await?;
        Ok(work)
    }
}

impl<DB: Backend> Work<DB> {
    /// The connection, inside the transaction.
    pub fn conn(&mut self) -> &mut DB::Connection {
        &mut self.writer.conn
    }

    /// The call that is being answered.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// The store, for its field keys; not to begin another change.
    pub fn store(&self) -> &Store<DB> {
        &self.store
    }

    /// Adds an audit entry: what was done to which subject. `detail` holds nothing of the people
    /// of an application or a listing; the reasons in it are the officers' own words.
    pub async fn audit(
        &mut self,
        kind: &'static str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StorageError> {
        self.audit_all(kind, &[(subject.to_owned(), detail.clone())]).await
    }

    /// Adds an audit entry for each subject, in their order.
    pub async fn audit_all(
        &mut self,
        kind: &'static str,
        subjects: &[(String, serde_json::Value)],
    ) -> Result<(), StorageError> {
        let call = self.call.clone();
        for chunk in subjects.chunks(rows_a_statement(8)) {
            Sql::<DB>::on(
                "audit",
                "INSERT INTO audit \
                 (called_at, body, officer, method, request_id, subject_kind, subject, detail) VALUES ",
            )
            .rows_of(chunk, |row, (subject, detail)| {
                row.arg(call.at)
                    .arg(&call.officer.body)
                    .arg(&call.officer.name)
                    .arg(call.method)
                    .arg(call.request_id)
                    .arg(kind)
                    .arg(subject)
                    .arg(detail.to_string())
            })
            .execute(self.conn())
            .await?;
        }
        Ok(())
    }

    /// Appends changes to the status log in their order, with their outbox rows, and gives the first and last seq.
    /// The seqs follow the newest committed one without holes; none for no changes.
    pub async fn append_status(
        &mut self,
        changes: &[StatusChange],
    ) -> Result<Option<std::ops::RangeInclusive<u64>>, StorageError> {
        if changes.is_empty() {
            return Ok(None);
        }
        let first = 1 + newest_status::<DB>(self.conn()).await?;
        let call = self.call.clone();
        let mut next = first;
        for chunk in changes.chunks(rows_a_statement(10)) {
            let seqs = next..;
            Sql::<DB>::on(
                "status_log",
                "INSERT INTO status_log \
                 (seq, list, idx, value, cti, reason, reason_text, body, officer, changed_at) VALUES ",
            )
            .rows_of(seqs.clone().zip(chunk), |row, (seq, change)| {
                row.arg(seq)
                    .arg(change.list)
                    .arg(change.idx)
                    .arg(change.value)
                    .arg(change.cti)
                    .arg(change.reason)
                    .arg(&change.reason_text)
                    .arg(&call.officer.body)
                    .arg(&call.officer.name)
                    .arg(call.at)
            })
            .execute(self.conn())
            .await?;
            Sql::<DB>::on("outbox", "INSERT INTO outbox (seq) VALUES ")
                .rows_of(seqs.zip(chunk), |row, (seq, _)| row.arg(seq))
                .execute(self.conn())
                .await?;
            next += chunk.len() as u64;
        }
        let last = next - 1;
        self.newest_status = Some(last);
        Ok(Some(first..=last))
    }

    /// Tries one item of a batch: what `item` has written is undone if it fails, and what was written before it
    /// stays. The batch goes on, unless its caller takes the error for its own.
    pub async fn attempt<T, E, F>(&mut self, item: F) -> Result<T, E>
    where
        E: From<StorageError>,
        F: for<'w> FnOnce(&'w mut Work<DB>) -> BoxFuture<'w, Result<T, E>>,
    {
        let newest_status = self.newest_status;
        Sql::<DB>::on("transaction", "SAVEPOINT item").execute(self.conn()).await?;
        let result = item(self).await;
        if result.is_err() {
            self.newest_status = newest_status;
            Sql::<DB>::on("transaction", "ROLLBACK TO SAVEPOINT item").execute(self.conn()).await?;
        }
        Sql::<DB>::on("transaction", "RELEASE SAVEPOINT item").execute(self.conn()).await?;
        result
    }

    /// Stores the answer under the request id and commits. After it returns, the change is on the disk.
    pub async fn commit<T: Serialize + Sync>(mut self, answer: &T) -> Result<(), StorageError> {
        if self.answered {
            let method = self.call.method;
            let json = serde_json::to_vec(answer).map_err(|source| StorageError::StoredAnswer { method, source })?;
            let call = self.call.clone();
            let fingerprint = fingerprint(&self.store, &call);
            Sql::<DB>::on(
                "requests",
                "INSERT INTO requests (caller, method, request_id, fingerprint, result, called_at) VALUES ",
            )
            .rows_of([()], |row, ()| {
                row.arg(call.officer.to_string())
                    .arg(call.method)
                    .arg(call.request_id)
                    .arg(fingerprint)
                    .arg(json.as_slice())
                    .arg(call.at)
            })
            .execute(self.conn())
            .await?;
        }
        Sql::<DB>::on("transaction", "COMMIT").execute(self.conn()).await?;
        self.writer.open = false;
        self.measure("committed");
        if let Some(seq) = self.newest_status {
            self.store.tell_committed(seq);
        }
        Ok(())
    }

    /// Undoes everything since the beginning. Dropping the Work does the same, but only when the next one begins.
    pub async fn roll_back(mut self) -> Result<(), StorageError> {
        self.measure("rolled_back");
        self.writer.roll_back().await
    }

    /// How long the writer was held, by the name of the transaction and its end.
    fn measure(&self, end: &'static str) {
        let held = self.started.elapsed().as_secs_f64();
        metrics::histogram!("freightpass_transaction_seconds", "name" => self.call.method, "end" => end).record(held);
    }
}

impl<DB: Backend> Writer<DB> {
    /// Ends what an earlier, dropped Work may have left open.
    pub(super) async fn roll_back(&mut self) -> Result<(), StorageError> {
        if !self.open {
            return Ok(());
        }
        if let Err(error) = Sql::<DB>::on("transaction", "ROLLBACK").execute(&mut self.conn).await {
            // There is none open if BEGIN itself failed or COMMIT had ended it: then the connection is clean. If it
            // is not, it does not answer either.
            if self.conn.ping().await.is_err() {
                return Err(error);
            }
        }
        self.open = false;
        Ok(())
    }
}

/// Runs `work` in a task of its own and waits for it: a caller who goes away stops waiting, never the work.
pub async fn in_own_task<T, E>(work: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    match tokio::spawn(work.instrument(Span::current())).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => Err(StorageError::Panicked.into()),
        Err(_) => Err(StorageError::Stopped.into()),
    }
}

/// The fingerprint of a call as it is stored: under the field key, because the contents may be an ID number and
/// little else, which anybody could find by trial from a hash without a key.
fn fingerprint<DB: Backend>(store: &Store<DB>, call: &Call) -> [u8; 32] {
    store.fields().lookup("request", call.fingerprint)
}

/// A stored answer, read again.
pub fn stored_answer<T: DeserializeOwned>(method: &'static str, json: &[u8]) -> Result<T, StorageError> {
    serde_json::from_slice(json).map_err(|source| StorageError::StoredAnswer { method, source })
}

/// The newest seq of the status log, 0 if it is empty.
pub(super) async fn newest_status<DB: Backend>(conn: &mut DB::Connection) -> Result<u64, StorageError> {
    let row = Sql::<DB>::on("status_log", "SELECT COALESCE(MAX(seq), 0) AS seq FROM status_log").row(conn).await?;
    row.map_or(Ok(0), |row| row.get("seq"))
}

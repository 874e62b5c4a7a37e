//! The registry in a database: the record of everything. The rooms' ports stand in one file each, over one generic
//! [`Store`]; what differs between databases stands in [`Backend`] alone.

mod amended_crew;
mod application;
mod application_rows;
mod approval;
mod arrival;
mod audit;
mod backend;
mod backup;
mod columns;
mod errors;
mod fields;
mod figures;
mod former;
mod issue;
mod lease;
mod open;
mod page;
mod pass;
mod people;
mod programme;
mod publication;
mod reconcile;
mod replace;
mod report;
mod revocation;
mod scan;
mod sql;
mod standing;
mod status_log;
#[cfg(test)]
mod tests;
mod trust;
mod whitelist;
mod whitelist_import;
mod work;

use std::sync::Arc;

use sqlx::Pool;
use sqlx::pool::PoolConnection;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, watch};

pub use backend::Backend;
pub use errors::{OpenError, StorageError};
pub use fields::FieldCrypto;
pub use figures::{Figures, FiguresError};
pub use former::read_former;
pub use open::{FIELD_KEY_FILE, FolderLock, REGISTRY_FILE, lock_folder, newest_schema};
pub use page::{Page, PageRequest};
pub use sqlx::Sqlite;
pub use work::{Begun, StatusChange, Work, in_own_task, stored_answer};

/// Changes that may wait for the writer: at the thousands a second that it makes, all of them are done long before a
/// caller gives up. More are refused at once as busy, so that a flood fills no memory.
const WAITING_CHANGES: usize = 256;
/// Batches of scan reports that may wait: strangers send them, and they must not take the places of officers.
const WAITING_SCANS: usize = 32;

/// The registry. A clone is another handle on the same one.
pub struct Store<DB: Backend>(Arc<Inner<DB>>);

struct Inner<DB: Backend> {
    readers: Pool<DB>,
    writer: Arc<Mutex<Writer<DB>>>,
    fields: FieldCrypto,
    committed: watch::Sender<u64>,
    /// Places for the changes that wait for the writer, and for the scan reports among them.
    waiting: Arc<Semaphore>,
    waiting_scans: Arc<Semaphore>,
    /// Held as long as the registry is open; the last to be dropped.
    _lock: FolderLock,
}

/// The one connection that writes. It belongs to nobody else, so that no transaction ever goes back to a pool open.
struct Writer<DB: Backend> {
    conn: DB::Connection,
    /// Whether a transaction may be open on it.
    open: bool,
}

/// A place among the changes that wait for the writer or hold it; counted while it is kept.
struct Place(OwnedSemaphorePermit);

impl Place {
    fn of(places: &Arc<Semaphore>) -> Result<Self, StorageError> {
        let permit = Arc::clone(places).try_acquire_owned().map_err(|_| StorageError::Busy)?;
        metrics::gauge!("freightpass_writes_waiting").increment(1.0);
        Ok(Self(permit))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("freightpass_writes_waiting").decrement(self.0.num_permits() as f64);
    }
}

impl<DB: Backend> Store<DB> {
    /// A connection to read with. Each statement sees what was committed when it began.
    pub async fn reader(&self) -> Result<PoolConnection<DB>, StorageError> {
        self.0.readers.acquire().await.map_err(|error| StorageError::of("reader", error))
    }

    /// The keys of the protected fields.
    pub fn fields(&self) -> &FieldCrypto {
        &self.0.fields
    }

    /// The newest committed seq of the status log, and word of each newer one.
    pub fn committed_status(&self) -> watch::Receiver<u64> {
        self.0.committed.subscribe()
    }

    /// A place among the changes that wait for the writer; kept until the change is made.
    fn place_to_wait(&self) -> Result<Place, StorageError> {
        Place::of(&self.0.waiting)
    }

    /// The same for a batch of scan reports.
    fn place_for_scans(&self) -> Result<Place, StorageError> {
        Place::of(&self.0.waiting_scans)
    }

    /// The writer, clean: what a dropped [`Work`] left open is rolled back first.
    async fn writer(&self) -> Result<OwnedMutexGuard<Writer<DB>>, StorageError> {
        let mut writer = Arc::clone(&self.0.writer).lock_owned().await;
        writer.roll_back().await?;
        Ok(writer)
    }

    fn tell_committed(&self, seq: u64) {
        self.0.committed.send_replace(seq);
    }
}

impl<DB: Backend> Clone for Store<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

//! What checkpoints get from the service: signed data to carry offline, the look-up of one pass, and a place to report
//! what was scanned.
//!
//! ```text
//! status log -> publisher (guard, sign, adopt, store) -> publication -> bundles, objects, tokens
//! bus -> index -> look-up
//! ```

mod bundle;
mod check;
mod guard;
mod index;
mod publication;
mod publisher;
mod scans;
pub mod status_token;
mod store;

pub use bundle::{Bundled, HeldByScanner};
pub use check::{Check, CheckError, Checked, Judged, OwnView, Place, PlaceStore, Presented};
pub use guard::Refusal;
pub use index::Index;
pub use publication::{Publication, PublishedList};
pub use publisher::{PublishError, Published, Publisher, Schedule};
pub use scans::{MAX_REPORTS, ScanReport, ScanStore, Scans, ScansError, Stored};
pub use store::{PlannedList, PublicationStore, Publishing, StoredManifest};

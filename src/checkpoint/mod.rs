//! What checkpoints get from the service: the look-up of one pass, and a place to report what was scanned.

mod check;
mod index;
mod scans;

pub use check::{Check, CheckError, Checked, Judged, OwnView, Place, PlaceStore, Presented};
pub use index::Index;
pub use scans::{MAX_REPORTS, ScanReport, ScanStore, Scans, ScansError, Stored};

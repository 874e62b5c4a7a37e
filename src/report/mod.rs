//! What an office did in a day, and how long people waited for it.

mod day;
mod error;
mod reports;
mod store;
mod waits;

pub use day::{DayReport, Figures, Supply, Waiting};
pub use error::ReportError;
pub use reports::Reports;
pub use store::ReportStore;
pub use waits::{Wait, Waited};

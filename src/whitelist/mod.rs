//! The white list: which enterprises may apply, with their vehicles and people. The first step of the flow.

mod category;
mod check;
mod enterprise;
mod list;
mod person;
mod plan;
mod rows;
mod store;

pub use category::Category;
pub use enterprise::{Enterprise, EnterpriseDetail, EnterpriseState, MAX_MEMBERS, Vehicle};
pub use list::{MAX_ROWS, Whitelist, WhitelistError};
pub use person::{CrewRole, Person};
pub use plan::{Details, EnterpriseWrite, Listed, Plan, PlannedRow};
pub use rows::{CheckedRow, ImportReport, Listing, Outcome, RawPerson, RawRow, RowResult};
pub use store::{EnterpriseFilter, EnterpriseKey, WhitelistStore};

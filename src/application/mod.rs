//! Applications: an enterprise asks an authority to let one truck with its crew make one journey. The second step of
//! the flow, after the white list.

mod applications;
mod check;
mod draft;
mod error;
mod form;
mod record;
pub mod rules;
mod state;
mod store;

pub use applications::{Applications, MAX_BATCH};
pub use check::checked_crew;
pub use draft::{Draft, DraftEvidence, DraftPerson};
pub use error::{ApplicationError, Refusal};
pub use form::{Cargo, Evidence, EvidenceKind, Form, Leg, Route, Window};
pub use record::{Application, ApplicationDetail, EnterpriseRef, Recommended, RejectionReason, Step};
pub use state::{InvalidTransition, State};
pub use store::{ApplicationFilter, ApplicationStore};

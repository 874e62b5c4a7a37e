//! Who may do what: officers and roles.

mod competence;
mod officer;
mod sight;

pub use competence::{AuthorityScope, Competence, Competences, ProgrammeWindow};
pub use officer::{Officer, Role};
pub use sight::Sight;

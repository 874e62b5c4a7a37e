//! Who may do what: officers and roles, the certificates that name them, the table of methods, and what a caller sees.

mod certificate;
mod certificate_file;
mod competence;
mod officer;
mod pki;
pub mod roles;
mod sight;

pub use certificate::{CertificateFault, officer_of, officer_of_uri, uri_of};
pub use certificate_file::{ends, is_of_development};
pub use competence::{AuthorityScope, Competence, Competences, FormerAuthority, ProgrammeWindow};
pub use officer::{Officer, Role};
pub use pki::{DevelopmentPki, Identity, PkiError};
pub use sight::Sight;

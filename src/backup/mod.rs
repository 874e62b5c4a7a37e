//! Backups: one file with everything that a deployment is made of, its registry, its keys and secrets, sealed under a
//! passphrase ([`seal`]). `serve` makes it ([`Backups`]), because it alone opens its registry; it is read back whole
//! before it counts. [`read`] looks into one, and `crate::restore` makes a data folder of it.

mod contents;
mod error;
mod files;
mod make;
mod pack;
mod passphrase;
mod seal;
mod store;

pub use contents::{Contents, Packed};
pub use error::BackupError;
pub use files::{Outside, REGISTRY};
pub use make::{BACKUP_ENDING, Backups, Made, Places, newest};
pub use pack::read;
pub use passphrase::PASSPHRASE_FILE;
pub use seal::SealError;
pub use store::BackupStore;

//! Trust lists and keys: who may sign what, and with what this service signs.
//!
//! [`TrustLists`] is the list in force, adopted by the same rules as on a scanner; [`Keyring`] signs with the keys that
//! it names and this service holds; [`ceremony`] makes the next list, on a machine that holds a root key; [`bootstrap`]
//! makes a whole deployment to try.

pub mod bootstrap;
pub mod ceremony;
mod expiry;
pub mod inspect;
mod key_file;
mod key_store;
mod keyring;
mod lists;
mod store;
mod survivors;

pub use expiry::{Expiring, Expiry, WARN_BEFORE_S, ends, warn as warn_of_ends};
pub(crate) use key_file::write_private;
pub use key_file::{Cost, KeyFileError, Passphrase, generate, read_key, write_key};
pub use key_store::{KeyStore, ROOT, STATUS, is_root};
pub use keyring::Keyring;
pub use lists::{InForce, Installed, KeyInfo, KeyUse, TrustError, TrustLists};
pub use store::{MadeBy, SignedPlace, StoredList, TrustStore};
pub use survivors::Prepared;

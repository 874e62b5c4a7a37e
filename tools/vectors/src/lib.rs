//! The vectors of the formats: what every implementation must answer, and the tool that writes them.
//!
//! Keys come from fixed seeds, times from constants: the files are the same bytes wherever they are written. What is
//! expected is written by hand, never asked from the core, and objects are encoded by [`write`] and not by the core's
//! encoder, so that a fault of the core cannot become a vector. Only status arrays, their hashes and the codes of good
//! sets come from the core: their independent check is the Token Status List and the typed-in sets of [`topics`].
//!
//! [`model`] is the files' form; [`world`] the deployment that they tell of; [`topics`] the cases, a file each;
//! [`deployment`] that deployment as the files that a scanner is handed;
//! [`worst`] what costs a decoder most, for tests and benches.

pub mod deployment;
pub mod edge;
pub mod item;
pub mod judges;
pub mod model;
pub mod topic;
pub mod topics;
pub mod world;
pub mod worst;
pub mod write;

/// Every file: its name, and its text.
pub fn files() -> Vec<(String, String)> {
    topics::all().into_iter().map(topic::Topic::finish).collect()
}

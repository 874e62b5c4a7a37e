//! The way back from a backup. What was published since it was made is read back before the service signs or answers
//! again, from the folder that was there or from a bundle; what was given out since it was made is given out by nobody
//! a second time, whether it is known or not.
//!
//! [`run`] is the whole way; [`published`] adopts what was published as a scanner would; [`merge`] says what of it the
//! registry has to learn; [`floors`] says from where on numbers and places are free; [`place`] puts the folder in the
//! place of the old one in one step.

mod error;
mod floors;
mod merge;
mod place;
mod published;
mod run;
mod store;

pub use error::RestoreError;
pub use floors::{Floors, GivenOut, ListFloor, SerialFloor, Since};
pub use place::{LEFT_OVER, SET_ASIDE};
pub use published::{Offered, Published, SourceError};
pub use run::{Order, Restored, Without, restore};
pub use store::{Detail, Former, Logged, Own, OwnManifest, Reconciliation, StatusRepair};

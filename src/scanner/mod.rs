//! A checkpoint's scanner on one machine: a folder that holds what was adopted, codes out of texts and pictures, and
//! verdicts in words and JSON. It needs no network and no service; [`freightpass_core::scan`] decides.

mod crossings;
mod folder;
mod lines;
mod look;
mod report;
mod unread;
mod values;
mod visible;

pub use crossings::{Crossing, Crossings, Purpose};
pub use folder::{Folder, FolderError, Guard, Stamp};
pub use lines::{LINE_BYTES, Line, lines};
pub use look::{Look, Shown, Source, look_at};
pub use report::{Age, Report, Spoken};
pub use unread::Unread;
pub use values::values;
pub use visible::visible;

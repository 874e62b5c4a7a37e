//! The first entry of a backup: what is in it, from when, of what.

use std::path::{Component, Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::storage::Figures;

/// The freightpass that makes backups here.
pub(super) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("FREIGHTPASS_COMMIT"), ")");

/// What a backup holds. It stands first in the archive, so that a look at it need not read the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The version of freightpass that made it.
    pub freightpass: String,
    /// When the registry was as it is here.
    pub made_at: Timestamp,
    /// What the registry holds, in numbers.
    pub registry: Figures,
    /// The files, in the order of the archive.
    pub files: Vec<Packed>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Its name: `data/...` for what lies in the data folder, `outside/...` for what the configuration names elsewhere.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Where it stood, for what does not lie in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The key of the configuration that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Packed {
    /// Where the file goes below the folder that is restored; none for a name that would lead out of it.
    pub fn place(&self) -> Option<&Path> {
        let path = Path::new(&self.name);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let place = path.strip_prefix("data").unwrap_or(path);
        let known = self.name.starts_with("data/") || self.name.starts_with("outside/");
        (inside && known && place.file_name().is_some()).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_leads_out_of_the_folder_has_no_place() {
        let place = |name: &str| {
            let packed = Packed { name: name.to_owned(), size: 0, sha256: String::new(), from: None, key: None };
            packed.place().map(Path::to_owned)
        };
        assert_eq!(place("data/keys/a.pem").as_deref(), Some(Path::new("keys/a.pem")));
        assert_eq!(place("outside/0-passphrase").as_deref(), Some(Path::new("outside/0-passphrase")));
        for name in ["", "/etc/passwd", "data/../../x", "data", "data/", "../x", "x", "outside/../x", "contents.json"] {
            assert_eq!(place(name), None, "{name}");
        }
    }
}

//! What a trust list says: docs/FORMAT.md, 2.2.

use alloc::string::String;
use alloc::vec::Vec;

use crate::division::Division;
use crate::key::Kid;

/// The payload of a trust list, as data (docs/FORMAT.md, 1.1, `tl`). Nothing here has been checked: see
/// [`super::TrustList`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustContent {
    /// The deployment for which it speaks, 8 bytes.
    pub deployment: [u8; 8],
    /// Its number: a higher one replaces it.
    pub sequence: u32,
    /// When it was made, seconds since 1970.
    pub issued: u32,
    /// From when on it speaks no more, seconds since 1970.
    pub expires: u32,
    /// The root keys that sign the lists after it.
    pub roots: Roots,
    /// The authorities that may issue.
    pub authorities: Vec<Authority>,
    /// Longest age of a manifest by which a checkpoint may admit, seconds.
    pub max_age: u32,
    /// How far a checkpoint's clock may be off, seconds, at most 600.
    pub skew: u32,
    /// Longest life of a pass, seconds.
    pub longest_life: u32,
    /// The emergency programmes.
    pub programmes: Vec<Programme>,
    /// What the status URI of every pass begins with, 8 to 40 bytes; later lists keep it.
    pub status_base: String,
    /// For each compromised key with survivors: the SHA-256 of its set (docs/FORMAT.md, 2.5).
    pub survivors: Vec<(Kid, [u8; 32])>,
    /// The keys that sign manifests, one to four; they belong to the deployment.
    pub status_keys: Vec<ListedKey>,
}

/// Root keys, and how many of them a trust list needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// Valid signatures of distinct root keys that a list needs, 1 to the number of keys.
    pub threshold: u8,
    /// One to eight public keys, 32 bytes each (RFC 8032, 5.1.5).
    pub keys: Vec<[u8; 32]>,
}

/// An authority that may issue passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its code, the claim `iss`; 1 to 16 bytes.
    pub code: String,
    /// Its number, the first three bytes of the claim `cti`; 1 to 16,777,215.
    pub number: u32,
    /// Its name, 1 to 90 bytes.
    pub name: String,
    /// Its level; a county signs nothing.
    pub level: Level,
    /// Where it may issue; none: everywhere.
    pub division: Option<Division>,
    /// The programmes under which it may issue.
    pub programmes: Vec<u16>,
    /// Its keys, one to eight.
    pub keys: Vec<ListedKey>,
}

/// Level of an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The nation.
    Nation = 1,
    /// A province or a municipality.
    Province = 2,
    /// A prefecture.
    Prefecture = 3,
}

/// A key with the window in which it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedKey {
    /// The Ed25519 public key (RFC 8032, 5.1.5).
    pub key: [u8; 32],
    /// First second of its window, seconds since 1970.
    pub from: u32,
    /// First second after its window, seconds since 1970.
    pub until: u32,
    /// Whether somebody else may have it.
    pub compromised: bool,
}

impl ListedKey {
    /// The key's name.
    pub fn kid(&self) -> Kid {
        Kid::of(&self.key)
    }

    /// Whether the key signs at `t` (seconds since 1970): from <= t < until.
    pub const fn covers(&self, t: u32) -> bool {
        self.from <= t && t < self.until
    }
}

/// An emergency programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Its number, 1 to 65535.
    pub number: u16,
    /// Its name; of any length, since no check needs it.
    pub name: String,
    /// First second at which passes under it may begin, seconds since 1970.
    pub from: u32,
    /// First second at which they may not any more, seconds since 1970.
    pub until: u32,
    /// What a checkpoint off the route does.
    pub off_route: OffRoute,
}

impl Programme {
    /// Whether a pass may begin at `nbf` (seconds since 1970) under it: from <= nbf < until.
    pub const fn open_at(&self, nbf: u32) -> bool {
        self.from <= nbf && nbf < self.until
    }
}

/// What a checkpoint off a pass's route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffRoute {
    /// Refers the truck to the duty officer.
    Refer = 0,
    /// Refuses it.
    Refuse = 1,
}

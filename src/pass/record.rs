//! A pass as the registry keeps it.

use std::fmt;

use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, PassNumber, encode_text};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::reason::StatusReason;
use super::state::PassState;
use crate::application::Application;
use crate::profile::Paper;

/// A pass: what was signed, and where it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    /// The application that it was issued for.
    pub application: Uuid,
    /// Number of the enterprise on the white list.
    pub enterprise: u32,
    /// What was signed: number, window, plates, crew, route.
    pub claims: Claims,
    /// The key that signed.
    pub kid: Kid,
    /// The status list in which it stands, at `claims.status.idx`.
    pub list: u32,
    /// Stored state.
    pub state: PassState,
    /// Rises with each change of state.
    pub version: u64,
    /// The signed COSE bytes.
    pub token: Vec<u8>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When its state changed last.
    pub changed_at: Timestamp,
    /// Why its status changed last; none where it never did.
    pub reason: Option<StatusReason>,
    /// The pass that took its place.
    pub replaced_by: Option<PassNumber>,
}

/// Debug goes to logs: without the signed bytes, in which names stand.
impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass")
            .field("application", &self.application)
            .field("claims", &self.claims)
            .field("kid", &self.kid)
            .field("list", &self.list)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Pass {
    /// Its number.
    pub fn number(&self) -> PassNumber {
        self.claims.number
    }

    /// Code of the authority that issued it.
    pub fn authority(&self) -> &str {
        &self.claims.iss
    }

    /// Whether its end has passed at `now` (seconds since 1970).
    pub fn expired(&self, now: u64) -> bool {
        u64::from(self.claims.exp) <= now
    }

    /// The text of the QR code.
    pub fn text(&self) -> String {
        encode_text(&self.token)
    }
}

/// What an issue has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The application, as it now stands.
    pub application: Application,
    /// The pass, as it now stands.
    pub pass: Pass,
    /// Numbers of the passes that it replaced.
    pub replaced: Vec<PassNumber>,
}

/// Which passes are asked for; what is none filters nothing. Values are normalised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PassFilter {
    /// Issued by this authority.
    pub authority: Option<String>,
    /// In this state.
    pub state: Option<PassState>,
    /// Of the enterprise with this number.
    pub enterprise: Option<u32>,
    /// For this tractor.
    pub tractor: Option<String>,
    /// Issued for this application.
    pub application: Option<Uuid>,
    /// Naming a person who holds this paper.
    pub paper: Option<Paper>,
    /// Whose window contains this time, seconds since 1970.
    pub valid_at: Option<u64>,
    /// Whose truck is expected, or has arrived.
    pub arrival: Option<Arriving>,
}

/// How far the arrival of a truck is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Arriving {
    /// Announced to the destination, not arrived yet.
    Expected,
    /// Arrived.
    Arrived,
}

//! What people type into filters and keys, in whatever spelling, as the registry spells it.

use std::sync::Arc;

use freightpass_core::division::Division;
use tonic::Status;

use super::status::invalid;
use crate::clock::Clock;
use crate::profile::{FieldError, Paper, PaperKind, Profile, VehicleKind};

/// The spelling of the profile in force.
#[derive(Clone)]
pub struct Spelling {
    profile: Arc<dyn Profile>,
    clock: Arc<dyn Clock>,
}

impl Spelling {
    /// By this profile.
    pub fn new(profile: Arc<dyn Profile>, clock: Arc<dyn Clock>) -> Self {
        Self { profile, clock }
    }

    /// An enterprise code; whether its check digit is right does not matter for a look-up.
    pub fn enterprise_code(&self, field: &str, text: &str) -> Result<String, Status> {
        self.profile.enterprise_code(text).map(|code| code.text).map_err(|error| refused(field, error))
    }

    /// A tractor's plate; empty: none.
    pub fn tractor(&self, field: &str, text: String) -> Result<Option<String>, Status> {
        if text.is_empty() {
            return Ok(None);
        }
        self.profile.plate(VehicleKind::Tractor, &text).map(Some).map_err(|error| refused(field, error))
    }

    /// A plate of either kind; empty: none.
    pub fn any_plate(&self, field: &str, text: String) -> Result<Option<String>, Status> {
        if text.is_empty() {
            return Ok(None);
        }
        self.profile
            .plate(VehicleKind::Tractor, &text)
            .or_else(|error| self.profile.plate(VehicleKind::Trailer, &text).map_err(|_| error))
            .map(Some)
            .map_err(|error| refused(field, error))
    }

    /// A division in which a checkpoint stands; empty: not known.
    pub fn county(&self, field: &str, text: &str) -> Result<Option<Division>, Status> {
        if text.is_empty() {
            return Ok(None);
        }
        self.profile.division(text).map(Some).map_err(|error| refused(field, error))
    }

    /// A paper; an empty number: none; an unspecified kind: the identity card.
    pub fn paper(&self, field: &str, kind: i32, number: String) -> Result<Option<Paper>, Status> {
        if number.is_empty() {
            return Ok(None);
        }
        let kind = PaperKind::by_number(kind.into()).unwrap_or(PaperKind::IdentityCard);
        let today = self.profile.day(self.clock.now());
        self.profile.paper(kind, &number, today).map(Some).map_err(|error| refused(field, error))
    }
}

fn refused(field: &str, error: FieldError) -> Status {
    invalid(&[error.of(field)])
}

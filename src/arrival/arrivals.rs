//! The commands on arrivals: announce, report, look at.

use std::collections::HashMap;
use std::sync::Arc;

use freightpass_core::pass::PassNumber;

use super::error::ArrivalError;
use super::record::{Arrival, ArrivalFilter, ArrivalSight, Known, Reported};
use super::store::ArrivalStore;
use crate::audit::Call;
use crate::identity::Sight;
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::storage::{Page, PageRequest, StorageError};
use crate::words;

/// Bytes of the name of whoever receives a truck.
const MAX_CONSIGNEE_BYTES: usize = 120;

/// Arrivals.
#[derive(Clone)]
pub struct Arrivals {
    store: Arc<dyn ArrivalStore>,
    profile: Arc<dyn Profile>,
}

impl Arrivals {
    /// Arrivals in that store, with the places of that profile.
    pub fn new(store: Arc<dyn ArrivalStore>, profile: Arc<dyn Profile>) -> Self {
        Self { store, profile }
    }

    /// Announces when the truck of a pass within the sight will be at its destination.
    ///
    /// # Errors
    /// [`ArrivalError::Invalid`], and as [`ArrivalStore::announce`].
    pub async fn announce(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        expected: i64,
        consignee: &str,
    ) -> Result<Arrival, ArrivalError> {
        let consignee = words::optional("consignee", consignee, MAX_CONSIGNEE_BYTES).map_err(invalid)?;
        let expected = u64::try_from(expected).unwrap_or(0);
        self.store.announce(call, sight, number, expected, consignee).await
    }

    /// Reports that the truck of a pass has arrived: at the second `at`, or now; at the place, or at the destination.
    ///
    /// # Errors
    /// [`ArrivalError::Invalid`], and as [`ArrivalStore::report`].
    pub async fn report(
        &self,
        call: &Call,
        sight: &ArrivalSight,
        number: PassNumber,
        at: Option<i64>,
        place: &str,
    ) -> Result<Reported, ArrivalError> {
        let place = match place.trim() {
            "" => None,
            place => Some(self.profile.division(place).map_err(|error| invalid(error.of("place")))?),
        };
        let at = u64::try_from(at.unwrap_or(call.at.as_second())).unwrap_or(0);
        self.store.report(call, sight, number, at, place).await
    }

    /// Arrivals within the sight, in the order of their times.
    ///
    /// # Errors
    /// [`ArrivalError::Storage`]: a page token of another filter or sight.
    pub async fn list(
        &self,
        sight: &ArrivalSight,
        filter: &ArrivalFilter,
        page: &PageRequest,
    ) -> Result<Page<Arrival>, ArrivalError> {
        Ok(self.store.arrivals(sight, filter, page).await?)
    }

    /// What is known of the arrivals of these passes, which the caller may see.
    ///
    /// # Errors
    /// The database's.
    pub async fn known(&self, passes: &[PassNumber]) -> Result<HashMap<PassNumber, Known>, StorageError> {
        self.store.known(passes).await
    }
}

fn invalid(problem: FieldProblem) -> ArrivalError {
    ArrivalError::Invalid(vec![problem])
}

//! What arrivals need from the registry.

use std::collections::HashMap;

use async_trait::async_trait;
use freightpass_core::division::Division;
use freightpass_core::pass::PassNumber;

use super::error::ArrivalError;
use super::record::{Arrival, ArrivalFilter, ArrivalSight, Known, Reported};
use crate::audit::Call;
use crate::identity::Sight;
use crate::storage::{Page, PageRequest, StorageError};

/// Arrivals in the registry. Each change is one transaction with its audit entry; a call that was answered before changes
/// nothing and gets the arrival as it now stands. Every change may give [`StorageError::RequestReused`].
#[async_trait]
pub trait ArrivalStore: Send + Sync {
    /// Announces when the truck of a pass within the sight is expected, in place of an earlier announcement. The pass
    /// must stand as issued; the time lies within that of the pass, `nbf <= expected < exp`, and is not over at the time
    /// of the call.
    ///
    /// Errors: [`ArrivalError::NotFound`], [`ArrivalError::Arrived`], [`ArrivalError::State`],
    /// [`ArrivalError::Invalid`].
    async fn announce(
        &self,
        call: &Call,
        sight: &Sight,
        number: PassNumber,
        expected: u64,
        consignee: String,
    ) -> Result<Arrival, ArrivalError>;

    /// Reports that the truck of a pass within the sight has arrived. The first report stands: another one changes
    /// nothing and gets the first. The pass must stand as issued; the time lies within that of the pass and is not after
    /// that of the call; the place lies in the prefecture of the destination, and is the destination where none is given.
    ///
    /// Errors: [`ArrivalError::NotFound`], [`ArrivalError::State`], [`ArrivalError::Invalid`].
    async fn report(
        &self,
        call: &Call,
        sight: &ArrivalSight,
        number: PassNumber,
        at: u64,
        place: Option<Division>,
    ) -> Result<Reported, ArrivalError>;

    /// A page of the arrivals within the sight that match the filter, by the time when they are expected (or arrived,
    /// where they were not announced), then by the number of the pass.
    ///
    /// Errors: [`StorageError::PageToken`] for a token of another filter or sight.
    async fn arrivals(
        &self,
        sight: &ArrivalSight,
        filter: &ArrivalFilter,
        page: &PageRequest,
    ) -> Result<Page<Arrival>, StorageError>;

    /// What is known of the arrivals of these passes, whoever may see them; passes of which nothing is known are left
    /// out.
    async fn known(&self, passes: &[PassNumber]) -> Result<HashMap<PassNumber, Known>, StorageError>;
}

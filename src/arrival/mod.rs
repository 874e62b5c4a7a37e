//! Arrivals: the enterprise tells the destination that a truck is coming, and somebody there, or the enterprise, that it
//! has come. After the pass, beside the scan.
//!
//! In 2022 the State Council's notice on freight (11 April) had drivers announce themselves 24 hours before they arrived,
//! with plate, planned time and the people on board, to the consignee, who told the community. Here one announcement
//! reaches every office of the destination. The 24 hours are not insisted on, since many journeys are shorter; the notice
//! that the destination had is shown instead.

mod arrivals;
mod error;
mod record;
mod store;

pub use arrivals::Arrivals;
pub use error::ArrivalError;
pub use record::{Arrival, ArrivalFilter, ArrivalSight, Arrived, Expected, Known, Reported};
pub use store::ArrivalStore;

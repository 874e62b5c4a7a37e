//! Between the domain's types and protobuf's, both ways: the only place that knows both.

use jiff::Timestamp;

/// A moment as protobuf carries it.
pub fn time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

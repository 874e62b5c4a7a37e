//! Pass numbers in stored answers: as they are spoken.

use freightpass_core::pass::PassNumber;
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

/// For `#[serde(with = "...")]`.
pub fn serialize<S: Serializer>(number: &PassNumber, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// For `#[serde(with = "...")]`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PassNumber, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

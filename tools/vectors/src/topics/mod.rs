//! The cases, a file for each topic.

mod bundle;
mod manifest;
mod pass_cbor;
mod pass_claims;
mod pass_envelope;
mod pass_text;
mod provision;
mod scan;
mod signature;
mod snapshot_delta;
mod status_set;
mod story;
mod survivors;
mod trust;

use crate::topic::Topic;

/// All topics, in the order of docs/FORMAT.md.
pub fn all() -> Vec<Topic> {
    vec![
        pass_text::topic(),
        pass_envelope::topic(),
        signature::topic(),
        pass_cbor::topic(),
        pass_claims::topic(),
        trust::topic(),
        manifest::topic(),
        status_set::topic(),
        snapshot_delta::topic(),
        survivors::topic(),
        bundle::topic(),
        provision::topic(),
        scan::topic(),
        story::topic(),
    ]
}

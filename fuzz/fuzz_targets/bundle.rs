//! A bundle: what decodes encodes to the same bytes.
#![no_main]

use freightpass_core::bundle::Bundle;
use freightpass_core::limits::BUNDLE_MEMORY;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(Vectors::read().objects("bundle", "bundle"), |bytes| {
    match within(BUNDLE_MEMORY, bytes, || Bundle::decode(bytes)) {
        Ok(bundle) => assert_eq!(bundle.encode(), bytes),
        Err(error) => placed(&error, bytes),
    }
});

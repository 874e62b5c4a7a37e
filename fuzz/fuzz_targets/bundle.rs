//! A bundle: what decodes encodes to the same bytes.
#![no_main]

use freightpass_core::bundle::Bundle;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(Vectors::read().objects("bundle", "bundle"), |bytes| {
    // An empty part is one byte of the bundle, and a place of 24 bytes that is doubled now and then.
    match within(72, bytes, || Bundle::decode(bytes)) {
        Ok(bundle) => assert_eq!(bundle.encode(), bytes),
        Err(error) => placed(&error, bytes),
    }
});

//! A provisioning file: what decodes encodes to the same bytes, and every root in it is a key.
#![no_main]

use freightpass_core::bundle::Provision;
use freightpass_core::hold::Held;
use freightpass_core::limits::BUNDLE_MEMORY;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(Vectors::read().objects("provision", "provision"), |bytes| {
    let file = match within(BUNDLE_MEMORY, bytes, || Provision::decode(bytes)) {
        Ok(file) => file,
        Err(error) => return placed(&error, bytes),
    };
    assert_eq!(file.encode(), bytes);
    assert_eq!(file.root_keys().len(), file.roots().keys.len());
    assert!((1..=file.roots().keys.len()).contains(&usize::from(file.roots().threshold)));
    let held = Held::provisioned(&file);
    assert_eq!((held.provision(), held.floor()), (&file, file.floor()));
});

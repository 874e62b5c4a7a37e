//! A manifest: what is read can be signed again, and then it is the same bytes but for keys that nobody names.
#![no_main]

use freightpass_core::cose::{Typ, sign1_header};
use freightpass_core::limits::{MANIFEST_MEMORY, TOTAL_N};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::envelope;
use freightpass_fuzz::seeds::Vectors;

/// The head of a map of seven entries: the keys that this version names and no other.
const ONLY_NAMED: u8 = 0xa7;

freightpass_fuzz::target!(Vectors::read().parts("manifest"), |bytes| {
    let read = within(MANIFEST_MEMORY, bytes, || {
        UnverifiedManifest::read(bytes).and_then(|it| Ok((it, it.unverified_content()?)))
    });
    let (manifest, content) = match read {
        Ok(read) => read,
        Err(error) => return placed(&error, bytes),
    };
    assert!(content.lists.iter().map(|entry| u64::from(entry.n)).sum::<u64>() <= TOTAL_N);
    for entry in &content.lists {
        assert_eq!(content.entry(entry.list), Some(entry));
    }
    let message = envelope::sign1(bytes).expect("it is a message");
    if message.protected == sign1_header(manifest.kid(), Typ::Manifest) {
        let again = content.sign(manifest.kid(), |_| message.signature).expect("what is read can be signed");
        assert_eq!(again == bytes, message.payload.first() == Some(&ONLY_NAMED));
        let read = UnverifiedManifest::read(&again).and_then(|manifest| manifest.unverified_content());
        assert_eq!(read, Ok(content));
    }
});

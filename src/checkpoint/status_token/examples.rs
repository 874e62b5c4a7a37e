//! The examples of the draft, typed in with their section.

use ed25519_dalek::SigningKey;
use freightpass_core::key::PublicKey;

use super::*;

/// draft-ietf-oauth-status-list, section 4.1 (the arrays) and 4.3 (the CBOR of both).
#[test]
fn lists_of_section_4_are_read() {
    let one = StatusList::read(&bytes("a2646269747301636c73744a78dadbb918000217015d")).unwrap();
    assert_eq!((one.bits(), one.array()), (1, &[0xb9, 0xa3][..]));
    let values: Vec<_> = (0..17).map(|idx| one.value(idx)).collect();
    let expected = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1].map(Some);
    assert_eq!((&values[..16], values[16]), (&expected[..], None));
    let two = StatusList::read(&bytes("a2646269747302636c73744b78da3be9f2130003df0207")).unwrap();
    assert_eq!((two.bits(), two.array()), (2, &[0xc9, 0x44, 0xf9][..]));
    let values: Vec<_> = (0..12).filter_map(|idx| two.value(idx)).collect();
    assert_eq!(values, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
}

/// draft-ietf-oauth-status-list, section 5.2. It is signed by ES256 with a key that the draft does not give, so it
/// is read and not verified.
#[test]
fn token_of_section_5_2_is_read() {
    let token = bytes(
        "d2845820a2012610781a6170706c69636174696f6e2f7374617475736c6973742b63\
         7774a1044231325850a502782168747470733a2f2f6578616d706c652e636f6d2f73\
         74617475736c697374732f31061a648c5bea041a8898dfea19fffe19a8c019fffda2\
         646269747301636c73744a78dadbb918000217015d584027d5535dfe0a33291cc9bf\
         b41053ad2493c49d1ee4635e12548a79bac92916845fee76799c42762f928441c5c3\
         44e3612381e0cf88f2f160b3e1f97728ec8403",
    );
    let read = UnverifiedStatusToken::read(&token).unwrap();
    let expected = TokenClaims {
        uri: "https://example.com/statuslists/1".into(),
        issued: 1_686_920_170,
        expires: Some(2_291_720_170),
        ttl: Some(43_200),
    };
    assert_eq!(read.unverified_claims(), &expected);
    assert_eq!(read.unverified_list().array(), [0xb9, 0xa3]);
    let any = PublicKey::from_bytes(&SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes()).unwrap();
    let refused = read.verify(&any, "https://example.com/statuslists/1", 1_700_000_000);
    assert_eq!(refused, Err(StatusTokenError::BadSignature));
}

/// draft-ietf-oauth-status-list, appendix C.1 and C.2: 2^20 places.
#[test]
fn vectors_of_appendix_c_are_read() {
    let one = "a2646269747301636c737458bd78daeddc010dc0200c0041a88249400ad2903e0f4b\
               ba00bd93f002beb7a2a2010000a91e09000000000000000000000000000000807296\
               04000000000000000000000000000000000000000000000000000000000000000000\
               000000000000005c6f4800000000000000fc2c240000000000000000000000be1b12\
               000000000000000000ecaa4b000000000000000000000000000000009b0b09000000\
               00000000000038de9400000000000000002a30cc010000000080642f0bd8011b";
    let two = "a2646269747302636c737459013d78daeddb310d00211000412ea1a04004fe5520ed\
               357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000\
               0000000000000000000000000000000000000040795b020000000000000000000000\
               00000000000000000000000000000000000000000000000000000000000000000000\
               00000000000000000000000000000000000000000000000000000000000000000000\
               0080f4ba0400000000000000000000000000406d764a000000000000000000000000\
               000000000000000000e0922101000000000000000000000000000000000000fc1312\
               00000000000000000000000000000000000000000000000000000000000000c0912e\
               01000000000000000000000000000000000000c07d4b020000000000000000000000\
               00000000a8614a0000000000000000000000406a1fcd60010c";
    let places: [(u64, u8, u8); 11] = [
        (0, 1, 1),
        (1_993, 1, 2),
        (25_460, 1, 1),
        (159_495, 1, 3),
        (495_669, 1, 1),
        (554_353, 1, 1),
        (645_645, 1, 2),
        (723_232, 1, 1),
        (854_545, 1, 1),
        (934_534, 1, 2),
        (1_000_345, 1, 3),
    ];
    for (hex, bits) in [(one, 1), (two, 2)] {
        let list = StatusList::read(&bytes(hex)).unwrap();
        assert_eq!((list.bits(), list.array().len() * 8), (bits, usize::from(bits) << 20));
        let found = (0..1 << 20).filter_map(|idx| list.value(idx).filter(|value| *value > 0).map(|value| (idx, value)));
        let expected = places.map(|(idx, one, two)| (idx, if bits == 1 { one } else { two }));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

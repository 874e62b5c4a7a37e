//! Libraries that others wrote read what we make, and we read what they make: cwt and pycose (Python), @auth0/cose
//! (JavaScript), coset (Rust). `setup.sh` installs them; without Python or node the tests fail and never skip.
//!
//! None is an oracle for refusal (cwt and pycose accept trailing bytes and duplicate keys), so refusals are asked of
//! them only where a signature or a time is wrong.

use std::convert::Infallible;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use coset::cbor::value::Value;
use coset::{CborSerializable, TaggedCborSerializable};
use ed25519_dalek::{Signer, SigningKey};
use freightpass::checkpoint::status_token::{self, StatusTokenError, TokenClaims, UnverifiedStatusToken};
use freightpass_core::bundle::Provision;
use freightpass_core::cose;
use freightpass_core::hold::{Adoption, Held};
use freightpass_core::key::PublicKey;
use freightpass_core::pass::{Claims, Unsigned, UnverifiedPass, encode_text};
use freightpass_core::scan::{Observation, Policy, Verdict, scan};
use freightpass_core::status::{self, State};
use freightpass_vectors::item::{Item, map};
use freightpass_vectors::topic::hex;
use freightpass_vectors::world::{self, DAY, NOW, T0, key, kid_of, public, typical};
use freightpass_vectors::write;
use serde_json::{Value as Json, json};

use crate::replay::bytes_of;

#[test]
fn cwt_verifies_our_passes_and_refuses_what_is_over_or_altered() {
    let pass = ours(&typical());
    let payload = hex(&payload_of(&pass));
    let mut altered = pass.clone();
    let plate = altered.windows(5).position(|window| window == b"12345").unwrap();
    altered[plate] = b'9';
    let claims = |message: &[u8], now: u64| question("cwt_claims", "CN-3205", message, json!({ "now": now }));
    let end = u64::from(typical().exp);
    let answers = python(json!([
        claims(&pass, NOW),
        claims(&pass, end - 1),
        // cwt allows a minute.
        claims(&pass, end + 61),
        claims(&pass, u64::from(T0) - 61),
        claims(&altered, NOW),
        question("cwt_payload", "CN-3301", &pass, json!({})),
    ]));
    assert_eq!(answers[0], json!({ "ok": payload }), "cwt reads every claim that we wrote");
    assert_eq!(answers[1], json!({ "ok": payload }));
    assert!(error(&answers[2]).contains("expired"), "{}", answers[2]);
    assert!(error(&answers[3]).contains("not yet valid"), "{}", answers[3]);
    assert!(error(&answers[4]).contains("verify"), "{}", answers[4]);
    assert!(answers[5]["error"].is_string(), "another key: {}", answers[5]);
}

#[test]
fn cwt_verifies_our_manifests() {
    let content = world::standard_manifest();
    let status = key("status 1");
    let manifest = content.sign(kid_of("status 1"), |message| status.sign(message).to_bytes()).unwrap();
    assert_eq!(manifest, world::signed_manifest(&content, "status 1"), "the core and the tool write the same bytes");
    let answers = python(json!([question("cwt_payload", "status 1", &manifest, json!({}))]));
    let ok = &answers[0]["ok"];
    assert_eq!(ok["payload"], hex(&write::manifest(&content).encode()), "{}", answers[0]);
    assert_eq!(ok["protected"], json!({ "1": -8, "4": hex(&kid_of("status 1").0), "16": write::MANIFEST }));
    assert_eq!(ok["unprotected"], 0);
}

#[test]
fn auth0_cose_verifies_our_passes_and_manifests() {
    let pass = ours(&typical());
    let manifest = world::signed_manifest(&world::standard_manifest(), "status 1");
    let mut altered = pass.clone();
    let last = altered.len() - 1;
    altered[last - 70] ^= 1;
    let answers = node(json!([
        question("verify", "CN-3205", &pass, json!({})),
        question("verify", "status 1", &manifest, json!({})),
        question("verify", "CN-3205", &altered, json!({})),
        question("verify", "CN-3301", &pass, json!({})),
    ]));
    assert_eq!(answers[0]["ok"]["payload"], hex(&payload_of(&pass)), "{}", answers[0]);
    assert_eq!(answers[0]["ok"]["kid"], hex(&kid_of("CN-3205").0));
    assert_eq!(answers[0]["ok"]["typ"], write::PASS);
    let payload = hex(&write::manifest(&world::standard_manifest()).encode());
    assert_eq!(answers[1]["ok"]["payload"], payload, "{}", answers[1]);
    assert!(error(&answers[2]).contains("verification failed"), "{}", answers[2]);
    assert!(error(&answers[3]).contains("verification failed"), "{}", answers[3]);
}

#[test]
fn pycose_verifies_our_trust_list_signer_by_signer() {
    let content = world::trust();
    let payload = content.encode().unwrap();
    assert_eq!(payload, write::trust(&content).encode(), "the core and the tool write the same bytes");
    let cosign =
        |name: &str| (kid_of(name), key(name).sign(&cose::cosignature_message(kid_of(name), &payload)).to_bytes());
    let mut damaged = cosign("root 3");
    damaged.1[5] ^= 1;
    let list = cose::sign(&payload, &[cosign("root 1"), cosign("stranger"), damaged, cosign("root 2")]);
    let roots: serde_json::Map<String, Json> = ["root 1", "root 2", "root 3"]
        .into_iter()
        .map(|name| (hex(&kid_of(name).0), Json::String(hex(&public(name)))))
        .collect();
    let answers = python(json!([{ "ask": "pycose_signers", "message": hex(&list), "keys": roots }]));
    let valid = json!([hex(&kid_of("root 1").0), hex(&kid_of("root 2").0)]);
    assert_eq!(answers[0]["ok"]["valid"], valid, "{}", answers[0]);
    assert_eq!(answers[0]["ok"]["payload"], hex(&payload));
    let mut held = Held::provisioned(&Provision::decode(&world::provision()).unwrap());
    assert_eq!(held.adopt_trust(&list), Ok(Adoption::Adopted), "two of three, as pycose counts them");
}

#[test]
fn passes_that_cwt_and_auth0_cose_made_are_admitted() {
    let claims = hex(&write::claims(&typical()).encode());
    let seed = hex(&key("CN-3205").to_bytes());
    let rest = json!({ "claims": claims, "seed": seed, "typ": write::PASS });
    let of_cwt = python(json!([question("cwt_make", "CN-3205", &[], rest.clone())]));
    let of_auth0 = node(json!([question("make", "CN-3205", &[], rest)]));
    for (maker, answer) in [("cwt", &of_cwt[0]), ("@auth0/cose", &of_auth0[0])] {
        let made = answer["ok"].as_str().unwrap_or_else(|| panic!("{maker}: {answer}"));
        let bytes = bytes_of(made).unwrap();
        let verdict = scanned(&bytes);
        assert_eq!(verdict.code(), "admit", "{maker}");
        assert_eq!(verdict.pass().map(|pass| pass.claims()), Some(&typical()), "{maker}");
        // Both write deterministic CBOR, and Ed25519 has one signature: the bytes are ours.
        assert_eq!(bytes, ours(&typical()), "{maker}");
    }
}

#[test]
fn coset_reads_our_passes_and_trust_lists() {
    let pass = ours(&typical());
    let message = coset::CoseSign1::from_tagged_slice(&pass).unwrap();
    assert_eq!(message.protected.header.alg, Some(coset::Algorithm::Assigned(coset::iana::Algorithm::EdDSA)));
    assert_eq!(message.protected.header.key_id, kid_of("CN-3205").0);
    assert!(message.unprotected.is_empty());
    let issuer = PublicKey::from_bytes(&public("CN-3205")).unwrap();
    let verify = |signature: &[u8], data: &[u8]| {
        signature.try_into().is_ok_and(|signature| issuer.verifies(data, signature)).then_some(()).ok_or(())
    };
    assert_eq!(message.verify_signature(&[], verify), Ok(()));
    assert_eq!(message.verify_signature(b"aad", verify), Err(()));
    // ciborium, below coset, reads the claims; coset's own claims know no private ones.
    let claims: Value = coset::cbor::de::from_reader(message.payload.as_deref().unwrap()).unwrap();
    let claim = |key: i64| {
        let entries = claims.as_map().unwrap();
        entries.iter().find(|(name, _)| *name == Value::from(key)).map(|(_, value)| value.clone())
    };
    assert_eq!(claim(1), Some(Value::from("CN-3205")));
    assert_eq!((claim(5), claim(4)), (Some(Value::from(T0)), Some(Value::from(typical().exp))));
    assert_eq!(claim(7), Some(Value::Bytes(typical().number.to_bytes().to_vec())));
    assert_eq!(message.to_tagged_vec().unwrap(), pass);

    let list = coset::CoseSign::from_tagged_slice(&world::signed_trust(&world::trust())).unwrap();
    for (at, root) in [(0, "root 1"), (1, "root 2")] {
        let root = PublicKey::from_bytes(&public(root)).unwrap();
        let verified = list.verify_signature(at, &[], |signature, data| {
            signature.try_into().is_ok_and(|signature| root.verifies(data, signature)).then_some(()).ok_or(())
        });
        assert_eq!(verified, Ok(()), "signer {at}");
    }
}

#[test]
fn a_pass_that_coset_made_is_admitted() {
    let issuer = key("CN-3205");
    let protected = coset::HeaderBuilder::new()
        .algorithm(coset::iana::Algorithm::EdDSA)
        .key_id(kid_of("CN-3205").0.to_vec())
        .value(16, Value::from(write::PASS))
        .build();
    let message = coset::CoseSign1Builder::new()
        .protected(protected)
        .payload(write::claims(&typical()).encode())
        .create_signature(&[], |data| issuer.sign(data).to_bytes().to_vec())
        .build();
    assert_eq!(scanned(&message.clone().to_tagged_vec().unwrap()).code(), "admit");
    assert_eq!(scanned(&message.to_vec().unwrap()).code(), "malformed", "untagged");
}

/// FP-04: a list of 16 with 0 and 9 revoked, as another library reads it.
#[test]
fn cwt_and_zlib_read_the_token_status_list_of_a_state() {
    let state = State::from_sets(world::LIST, 16, &[0, 9], &[]).unwrap();
    let claims = TokenClaims {
        uri: format!("{}{}", world::BASE, world::LIST),
        issued: u64::from(world::ISSUED),
        expires: Some(u64::from(world::ISSUED + DAY)),
        ttl: Some(600),
    };
    let token = status_token::encode(&state, &claims, kid_of("status 1"), |message| {
        Ok::<_, Infallible>(key("status 1").sign(message).to_bytes())
    })
    .unwrap();
    let answers = python(json!([
        question("status_token", "status 1", &token, json!({ "now": NOW })),
        question("status_token", "status 1", &token, json!({ "now": NOW + 2 * u64::from(DAY) })),
        question("cwt_payload", "status 1", &token, json!({})),
    ]));
    let read = &answers[0]["ok"];
    assert_eq!(read["inflated"], "01000400", "{}", answers[0]);
    assert_eq!(read["bits"], 2);
    let mut values = [0; 16];
    (values[0], values[9]) = (1, 1);
    assert_eq!(read["values"], json!(values));
    assert_eq!((&read["sub"], &read["iat"]), (&json!(claims.uri), &json!(claims.issued)));
    assert_eq!((&read["exp"], &read["ttl"]), (&json!(claims.expires), &json!(600)));
    assert!(error(&answers[1]).contains("expired"), "{}", answers[1]);
    assert_eq!(answers[2]["ok"]["protected"]["16"], "application/statuslist+cwt", "{}", answers[2]);
    assert_eq!(state.value(9), Some(status::Value::Revoked));
}

/// FP-04: the list under another claim is never read as "not revoked".
#[test]
fn a_token_with_its_list_under_another_claim_is_refused() {
    let header = map(vec![
        (1, Item::Int(-8)),
        (4, Item::bytes(&kid_of("status 1").0)),
        (16, Item::text(status_token::STATUS_TOKEN_TYPE)),
    ]);
    // zlib's own bytes of 01 00 04 00, stored.
    let stored = [0x78, 0x01, 0x01, 4, 0, 0xfb, 0xff, 0x01, 0x00, 0x04, 0x00, 0x00, 0x10, 0x00, 0x06];
    let list = Item::Map(vec![(Item::text("lst"), Item::bytes(&stored)), (Item::text("bits"), Item::Int(2))]);
    let claims = |at: i64| {
        let uri = format!("{}{}", world::BASE, world::LIST);
        map(vec![(2, Item::Text(uri)), (6, Item::Int(world::ISSUED.into()))]).with(at, list.clone())
    };
    let token = |at| write::Message::new(&header, &claims(at), &key("status 1")).bytes();
    let status = PublicKey::from_bytes(&public("status 1")).unwrap();
    let uri = format!("{}{}", world::BASE, world::LIST);
    let good = token(65_533);
    let (_, read) = UnverifiedStatusToken::read(&good).unwrap().verify(&status, &uri, NOW).unwrap();
    assert_eq!((read.value(0), read.value(9), read.value(7)), (Some(1), Some(1), Some(0)));
    let wrong = token(65_535);
    let refused = UnverifiedStatusToken::read(&wrong).err();
    assert_eq!(refused, Some(StatusTokenError::Claim { claim: 65_533 }));
}

#[test]
fn the_core_and_the_tool_write_the_same_pass() {
    for claims in [typical(), world::valid_in(T0, T0 + 30 * DAY), world::at_index(u32::MAX)] {
        assert_eq!(ours(&claims), world::pass(&claims).bytes());
        assert_eq!(UnverifiedPass::read(&ours(&claims)).unwrap().unverified_claims(), Ok(claims));
    }
}

/// A pass as the core signs it.
fn ours(claims: &Claims) -> Vec<u8> {
    let issuer: SigningKey = key(&claims.iss);
    Unsigned::new(claims, kid_of(&claims.iss)).unwrap().sign(|message| issuer.sign(message).to_bytes()).into_bytes()
}

fn payload_of(pass: &[u8]) -> Vec<u8> {
    coset::CoseSign1::from_tagged_slice(pass).unwrap().payload.unwrap()
}

/// The verdict of the standard scanner.
fn scanned(bytes: &[u8]) -> Verdict {
    let mut held = Held::provisioned(&Provision::decode(&world::provision()).unwrap());
    held.adopt_trust(&world::signed_trust(&world::trust())).unwrap();
    held.adopt_manifest(&world::signed_manifest(&world::standard_manifest(), "status 1")).unwrap();
    for state in world::states() {
        held.adopt_object(&world::snapshot(&state)).unwrap();
    }
    held.confirm_start().unwrap();
    let seen = Observation { county: Some(world::place(320_583)), ..Observation::default() };
    scan(&encode_text(bytes), &held, &Policy::default(), &seen, NOW)
}

/// A question about a message and the key of that name, with what else it needs.
fn question(ask: &str, name: &str, message: &[u8], rest: Json) -> Json {
    let mut question = json!({
        "ask": ask, "message": hex(message), "key": hex(&public(name)), "kid": hex(&kid_of(name).0),
    });
    let rest = rest.as_object().cloned().unwrap_or_default();
    question.as_object_mut().unwrap().extend(rest);
    question
}

fn error(answer: &Json) -> &str {
    answer["error"].as_str().unwrap_or_default()
}

fn python(questions: Json) -> Json {
    asked(&root().join("target/vectors/venv/bin/python"), "tests/vectors/python/peer.py", questions)
}

fn node(questions: Json) -> Json {
    asked(Path::new("node"), "tests/vectors/js/peer.mjs", questions)
}

/// Runs a peer with these questions; its answers.
fn asked(program: &Path, script: &str, questions: Json) -> Json {
    static INSTALLED: LazyLock<Result<(), String>> = LazyLock::new(|| {
        let setup = Command::new(root().join("tests/vectors/setup.sh")).current_dir(root()).output();
        let setup = setup.map_err(|error| format!("tests/vectors/setup.sh: {error}"))?;
        let said = String::from_utf8_lossy(&setup.stderr).into_owned();
        if setup.status.success() { Ok(()) } else { Err(format!("tests/vectors/setup.sh: {said}")) }
    });
    INSTALLED.as_ref().unwrap();
    let mut peer = Command::new(program)
        .arg(script)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    peer.stdin.take().unwrap().write_all(questions.to_string().as_bytes()).unwrap();
    let output = peer.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    let answers: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.as_array().map(Vec::len), questions.as_array().map(Vec::len));
    answers
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

//! Prints what the bench needs, as JSON with bytes in hexadecimal: a scanner's provisioning file and bundle, the typical
//! pass as text, and the bare check of its signature.

#[cfg(not(target_family = "wasm"))]
#[allow(dead_code)] // The benches of the core use the rest.
#[path = "../../../../crates/freightpass-core/benches/deployment/mod.rs"]
mod deployment;

#[cfg(not(target_family = "wasm"))]
fn main() {
    use deployment::{NOW, bundle, issuer, provision, typical};
    use ed25519_dalek::Signer;
    use freightpass_core::key::Kid;
    use freightpass_core::pass::Unsigned;

    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = issuer();
    let public = key.verifying_key().to_bytes();
    let unsigned = Unsigned::new(&typical(), Kid::of(&public)).expect("the typical pass can be signed");
    let message = unsigned.message();
    let fixture = serde_json::json!({
        "provision": hex(&provision().encode()),
        "bundle": hex(&bundle().encode()),
        "message": hex(&message),
        "signature": hex(&key.sign(&message).to_bytes()),
        "key": hex(&public),
        "text": unsigned.sign(|message| key.sign(message).to_bytes()).text(),
        "county": 320_583,
        "now": NOW,
    });
    println!("{fixture}");
}

#[cfg(target_family = "wasm")]
fn main() {}

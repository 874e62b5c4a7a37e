//! The keys that a verifier of any of the tokens holds: those of the three authorities of the typical scanner.

use freightpass_core::key::Kid;

/// Seed of the key that signs; the typical scanner lists it for CN-3205.
pub const ISSUER: [u8; 32] = [3; 32];

/// Seeds of the keys, and the authority whose they are. The first signs.
pub const AUTHORITIES: [([u8; 32], &str); 3] = [(ISSUER, "CN-3205"), ([4; 32], "CN-32"), ([5; 32], "CN-3301")];

/// Public key and kid of a seed.
pub fn public(seed: &[u8; 32]) -> ([u8; 32], Kid) {
    let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes();
    (public, Kid::of(&public))
}

//! What forgers do: passes under a key of their own, under a borrowed name, with a changed letter, under a stolen key.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use ed25519_dalek::{Signer, SigningKey};
use freightpass_core::key::Kid;
use freightpass_core::pass::{Claims, PassNumber, Unsigned, decode_text, encode_text};

use super::super::export::claims;
use crate::trust::{Passphrase, generate, read_key};

/// An index that no honest pass of a demo reaches: the last of the first capacity.
const FREE_INDEX: u32 = 65_535;
/// A serial that no honest pass of a demo reaches.
const FREE_SERIAL: u32 = 999_999;

/// The pass of another, for the forger's truck, signed with a key of the forger.
pub fn with_own_key(text: &str, plate: &str) -> anyhow::Result<String> {
    let key = generate()?;
    signed(&for_another_truck(text, plate)?, Kid::of(key.verifying_key().as_bytes()), &key)
}

/// The same, but with the name of the authority's key on it.
pub fn with_borrowed_name(text: &str, plate: &str, kid: Kid) -> anyhow::Result<String> {
    signed(&for_another_truck(text, plate)?, kid, &generate()?)
}

/// The same, signed with the authority's own key, copied from its disk.
pub fn with_stolen_key(text: &str, plate: &str, key: &SigningKey) -> anyhow::Result<String> {
    signed(&for_another_truck(text, plate)?, Kid::of(key.verifying_key().as_bytes()), key)
}

/// A genuine pass with one digit of the plate changed inside the signed bytes.
pub fn altered(text: &str) -> anyhow::Result<String> {
    let mut bytes = decode_text(text).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let plate = claims(text)?.subject.tractor;
    let at = bytes.windows(plate.len()).position(|window| window == plate.as_bytes());
    let last =
        at.map(|at| at + plate.len() - 1).and_then(|last| bytes.get_mut(last)).context("no plate in the pass")?;
    *last = if *last == b'7' { b'1' } else { b'7' };
    Ok(encode_text(&bytes))
}

/// The authority's key on the server's disk, as a thief with its passphrase has it.
pub fn stolen_key(data: &Path, authority: &str) -> anyhow::Result<SigningKey> {
    read_key(&key_file(data, authority)?, &Passphrase::read(&data.join("secrets/passphrase"))?).map_err(Into::into)
}

/// The file of the only key of a role.
pub fn key_file(data: &Path, role: &str) -> anyhow::Result<std::path::PathBuf> {
    let folder = data.join("keys");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kid = name.strip_prefix(role).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(".pem"));
        if kid.is_some_and(|kid| kid.len() == 16) {
            return Ok(path);
        }
    }
    bail!("no key of {role} in {}", folder.display())
}

fn for_another_truck(text: &str, plate: &str) -> anyhow::Result<Claims> {
    let mut claims = claims(text)?;
    claims.subject.tractor = plate.to_owned();
    claims.status.idx = FREE_INDEX;
    claims.number = PassNumber::new(claims.number.authority(), claims.number.day(), FREE_SERIAL).context("a number")?;
    Ok(claims)
}

fn signed(claims: &Claims, kid: Kid, key: &SigningKey) -> anyhow::Result<String> {
    Ok(Unsigned::new(claims, kid)?.sign(|message| key.sign(message).to_bytes()).text())
}

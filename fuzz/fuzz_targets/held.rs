//! What a scanner stores: any file with a right checksum is read or refused, and what is read is stored and read again.
#![no_main]

use freightpass_core::hold::Held;
use freightpass_fuzz::bound::placed;
use freightpass_fuzz::known::{new_scanner, standard_scanner};
use freightpass_fuzz::seeds::Vectors;
use sha2::{Digest, Sha256};

freightpass_fuzz::target!(seeds(), |bytes| {
    if bytes.windows(3).any(may_be_large) {
        return;
    }
    let checksum: [u8; 32] = Sha256::digest(bytes).into();
    match Held::from_own_file(&[bytes, &checksum].concat()) {
        Ok(held) => {
            let again = held.to_own_file().expect("what was read is written");
            assert!(Held::from_own_file(&again).as_ref() == Ok(&held));
        }
        Err(error) => placed(&error, bytes),
    }
});

/// Whether an integer from 2^20 to 2^26 begins here, which may be an n: 16 MiB that are painted show nothing that 256 KiB
/// do not, and a file names a hundred of them.
fn may_be_large(head: &[u8]) -> bool {
    matches!(head, [0x1a, 0, 0x10..=0xff] | [0x1a, 1..=4, _])
}

fn seeds() -> Vec<Vec<u8>> {
    let mut held = standard_scanner();
    let vectors = Vectors::read();
    let mut all = vec![new_scanner(), held.clone()];
    for kind in ["bundle", "trust", "manifest", "object"] {
        for part in vectors.parts(kind) {
            let _ = match kind {
                "bundle" => held.adopt_bundle(&part).map(drop).map_err(drop),
                "trust" => held.adopt_trust(&part).map(drop).map_err(drop),
                "manifest" => held.adopt_manifest(&part).map(drop).map_err(drop),
                _ => held.adopt_object(&part).map(drop).map_err(drop),
            };
            if all.last() != Some(&held) {
                all.push(held.clone());
            }
        }
    }
    let file = |held: &Held| held.to_own_file().expect("it is small");
    all.iter().map(file).map(|file| file[..file.len() - 32].to_vec()).collect()
}

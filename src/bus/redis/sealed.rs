//! The seal of an entry: proof to every replica that the relay of this deployment put it on the bus.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::entry::Entry;

/// What the seal speaks about, so that the key's other uses never meet it.
const DOMAIN: &[u8] = b"freightpass bus entry 1";

/// Makes and checks seals: HMAC-SHA-256 over the entry with its seq, so that none counts at another place.
#[derive(Clone)]
pub(super) struct Seal {
    keyed: Hmac<Sha256>,
}

impl Seal {
    pub(super) fn new(deployment: &[u8; 8], key: &[u8; 32]) -> Self {
        // HMAC fills a shorter key with zeros to the hash's block itself (RFC 2104, section 2).
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        let mut keyed = <Hmac<Sha256> as KeyInit>::new(&block.into());
        keyed.update(DOMAIN);
        keyed.update(deployment);
        Self { keyed }
    }

    pub(super) fn of(&self, entry: &Entry) -> Vec<u8> {
        self.over(entry).finalize().into_bytes().to_vec()
    }

    pub(super) fn holds(&self, entry: &Entry, seal: &[u8]) -> bool {
        self.over(entry).verify_slice(seal).is_ok()
    }

    fn over(&self, entry: &Entry) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&entry.seq.to_be_bytes());
        mac.update(&entry.list.to_be_bytes());
        mac.update(&entry.idx.to_be_bytes());
        mac.update(&[entry.value as u8, entry.reason, u8::from(entry.cti.is_some())]);
        mac.update(&entry.cti.unwrap_or_default());
        mac
    }
}

/// A cti as hexadecimal digits, empty for none.
pub(super) fn cti_text(cti: Option<[u8; 8]>) -> String {
    cti.map(|cti| format!("{:016x}", u64::from_be_bytes(cti))).unwrap_or_default()
}

/// What [`cti_text`] wrote; `Err` for anything else.
pub(super) fn cti_of(text: &str) -> Result<Option<[u8; 8]>, ()> {
    match text.len() {
        0 => Ok(None),
        16 => u64::from_str_radix(text, 16).map(|cti| Some(cti.to_be_bytes())).map_err(|_| ()),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use freightpass_core::status::Value;

    use super::*;

    #[test]
    fn seal_holds_for_its_entry_under_its_key_and_for_nothing_else() {
        let seal = Seal::new(&[1; 8], &[2; 32]);
        let entry = Entry { seq: 7, list: 2969, idx: 4, value: Value::Suspended, cti: Some([9; 8]), reason: 1 };
        let mark = seal.of(&entry);
        assert!(seal.holds(&entry, &mark));
        let others = [
            Entry { seq: 8, ..entry },
            Entry { list: 2970, ..entry },
            Entry { idx: 5, ..entry },
            Entry { value: Value::Valid, ..entry },
            Entry { cti: None, ..entry },
            Entry { reason: 2, ..entry },
        ];
        for other in others {
            assert!(!seal.holds(&other, &mark), "{other:?}");
        }
        assert!(!Seal::new(&[1; 8], &[3; 32]).holds(&entry, &mark));
        assert!(!Seal::new(&[2; 8], &[2; 32]).holds(&entry, &mark));
        assert!(!seal.holds(&entry, &mark[..31]));
    }

    #[test]
    fn cti_is_read_as_it_was_written() {
        for cti in [None, Some([0; 8]), Some([0xff; 8]), Some(*b"12345678")] {
            assert_eq!(cti_of(&cti_text(cti)), Ok(cti));
        }
        assert_eq!(cti_of("12"), Err(()));
        assert_eq!(cti_of("+123456789012345"), Ok(Some(0x123456789012345_u64.to_be_bytes())));
    }
}

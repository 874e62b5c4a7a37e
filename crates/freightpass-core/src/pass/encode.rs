//! Signing a pass: the claims become bytes once, and those bytes are what is signed, sent and kept.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use minicbor::Encoder;

use crate::cose;
use crate::key::Kid;
use crate::limits::PASS_BYTES;
use crate::pass::{Claims, ClaimsFault, Crew, CrewRole, Enterprise, Leg, ReadClaims, encode_text};

/// Claims in their encoded form, for one key, not signed yet.
///
/// It is consumed by signing and cannot be cloned, so that one set of claims makes one pass:
///
/// ```compile_fail,E0382
/// # use freightpass_core::pass::Unsigned;
/// fn twice(unsigned: Unsigned) {
///     let first = unsigned.finish(&[0; 64]);
///     let second = unsigned.finish(&[0; 64]);
/// }
/// ```
pub struct Unsigned {
    protected: Vec<u8>,
    payload: Vec<u8>,
}

/// A signed pass: the bytes that are sent and kept, and the text of its QR code.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedPass {
    bytes: Vec<u8>,
}

impl Unsigned {
    /// Encodes `claims` for the key `kid`.
    ///
    /// # Errors
    /// [`ClaimsFault`] for claims that no scanner would accept: what is encoded is read back by the reader that
    /// scanners use, so that an issuer cannot sign what a scanner calls malformed.
    pub fn new(claims: &Claims, kid: Kid) -> Result<Self, ClaimsFault> {
        claims.check()?;
        let payload = encode(claims);
        let unsigned = Self { protected: cose::sign1_header(kid, cose::Typ::Pass), payload };
        if cose::sign1_size(&unsigned.protected, &unsigned.payload) > PASS_BYTES {
            return Err(ClaimsFault::Format { field: "pass" });
        }
        match ReadClaims::read(&unsigned.payload, 0) {
            Ok(read) if read.newer.is_none() && read.claims == *claims => Ok(unsigned),
            Ok(_) => Err(ClaimsFault::Format { field: "claims" }),
            Err(malformed) => Err(ClaimsFault::Format { field: malformed.fault.field().unwrap_or("claims") }),
        }
    }

    /// The bytes to sign (RFC 9052, section 4.4).
    pub fn message(&self) -> Vec<u8> {
        cose::sign1_message(&self.protected, &self.payload)
    }

    /// The pass, with the key's Ed25519 signature over [`Unsigned::message`]. The signature is not verified: one of
    /// another key makes a pass that every scanner refuses (`bad_signature`).
    pub fn finish(self, signature: &[u8; 64]) -> SignedPass {
        SignedPass { bytes: cose::sign1(&self.protected, &self.payload, signature) }
    }

    /// The pass, signed through `sign`: from the message to the key's Ed25519 signature over it.
    pub fn sign(self, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> SignedPass {
        let signature = sign(&self.message());
        self.finish(&signature)
    }
}

impl SignedPass {
    /// The COSE_Sign1 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The COSE_Sign1 bytes, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The text that the QR code carries.
    pub fn text(&self) -> String {
        encode_text(&self.bytes)
    }
}

/// Debug goes to logs, and the names in the bytes do not.
impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned").field("bytes", &self.payload.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for SignedPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPass").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// The deterministic encoding of the claims; keys ascend in the order of their encoded bytes.
fn encode(claims: &Claims) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(256));
    // Writing into a Vec cannot fail.
    let _ = encoder.map(6).and_then(|e| {
        e.u8(1)?.str(&claims.iss)?;
        e.u8(4)?.u32(claims.exp)?;
        e.u8(5)?.u32(claims.nbf)?;
        e.u8(7)?.bytes(&claims.number.to_bytes())?;
        e.u16(65535)?.map(1)?.str("status_list")?.map(2)?;
        e.str("idx")?.u32(claims.status.idx)?.str("uri")?.str(&claims.status.uri)?;
        e.i32(-65537)
    });
    body(&mut encoder, claims);
    encoder.into_writer()
}

fn body(encoder: &mut Encoder<Vec<u8>>, claims: &Claims) {
    let subject = &claims.subject;
    let leg = match subject.leg {
        Leg::Loaded => None,
        Leg::Empty => Some(1),
        Leg::Return => Some(2),
    };
    let optional = [subject.trailer.is_some(), leg.is_some(), subject.enterprise.is_some()];
    let entries = 5 + optional.into_iter().filter(|there| *there).count() as u64;
    let _ = encoder.map(entries).and_then(|e| {
        e.u8(0)?.u16(subject.programme)?;
        e.u8(1)?.str(&subject.tractor)?;
        if let Some(trailer) = &subject.trailer {
            e.u8(2)?.str(trailer)?;
        }
        e.u8(3)?.array(subject.crew.len() as u64)?;
        subject.crew.iter().try_for_each(|person| crew(e, person))?;
        e.u8(4)?.array(subject.route.len() as u64)?;
        subject.route.iter().for_each(|division| division.write(e));
        if let Some(leg) = leg {
            e.u8(5)?.u8(leg)?;
        }
        e.u8(6)?.u8(subject.cargo.0)?;
        match subject.enterprise {
            Some(Enterprise::Number(number)) => e.u8(7)?.u32(number),
            Some(Enterprise::Code(code)) => e.u8(7)?.bytes(&code),
            None => Ok(e),
        }
    });
}

fn crew(
    encoder: &mut Encoder<Vec<u8>>,
    person: &Crew,
) -> Result<(), minicbor::encode::Error<core::convert::Infallible>> {
    let role = match person.role {
        CrewRole::Driver => None,
        CrewRole::Relief => Some(1),
        CrewRole::Passenger => Some(2),
    };
    encoder.array(if role.is_some() { 3 } else { 2 })?.str(&person.name)?.str(&person.tail)?;
    if let Some(role) = role {
        encoder.u8(role)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pass::read::tests::typical;

    const KID: Kid = Kid([7; 8]);

    #[test]
    fn the_typical_pass_is_at_most_426_characters() {
        let pass = Unsigned::new(&typical(), KID).unwrap().finish(&[0; 64]);
        assert!(pass.text().len() <= 426, "{}", pass.text().len());
    }

    #[test]
    fn nobody_in_the_truck_gets_into_a_log() {
        let claims = typical();
        let unsigned = Unsigned::new(&claims, KID).unwrap();
        let mut told = alloc::format!("{claims:?} {unsigned:?}");
        let pass = unsigned.finish(&[0; 64]);
        let read = crate::pass::UnverifiedPass::read(pass.as_bytes()).unwrap();
        told += &alloc::format!(" {pass:?} {read:?}");
        for person in &claims.subject.crew {
            for word in [&person.name, &person.tail] {
                let as_bytes = alloc::format!("{:?}", word.as_bytes());
                assert!(!told.contains(word.as_str()), "{told}");
                assert!(!told.contains(as_bytes.trim_matches(['[', ']'])), "{told}");
            }
        }
    }

    #[test]
    fn what_a_scanner_would_refuse_is_not_signed() {
        let fault = |change: fn(&mut Claims)| {
            let mut claims = typical();
            change(&mut claims);
            Unsigned::new(&claims, KID).err()
        };
        assert_eq!(fault(|_| ()), None);
        assert_eq!(fault(|c| c.iss.clear()), Some(ClaimsFault::Format { field: "iss" }));
        assert_eq!(fault(|c| c.subject.crew.clear()), Some(ClaimsFault::Format { field: "crew" }));
        assert_eq!(fault(|c| c.subject.programme = 0), Some(ClaimsFault::Format { field: "programme" }));
        assert_eq!(fault(|c| c.nbf = 1), Some(ClaimsFault::Format { field: "nbf" }));
        assert!(matches!(fault(|c| c.nbf = c.exp), Some(ClaimsFault::Window { .. })));
        assert!(matches!(
            fault(|c| c.subject.tractor = "苏E\u{200b}12345".into()),
            Some(ClaimsFault::Character { field: "tractor", .. })
        ));
        assert!(matches!(fault(|c| c.subject.route.truncate(1)), Some(ClaimsFault::Format { field: "route" })));
    }
}

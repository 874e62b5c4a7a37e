//! COSE messages (RFC 9052) as this format uses them: one protected header, an empty unprotected one, Ed25519.
//!
//! Only what is decided is read: the outermost tag is exactly the one that the kind of object has, headers have
//! exactly their keys, `external_aad` is empty. Determinism is checked here for the envelope and the header; the
//! payload's is the business of whoever reads the payload.

use alloc::vec::Vec;

use minicbor::Decoder;
use minicbor::data::Tag;
use minicbor::encode::Encoder;

use crate::cbor;
use crate::key::Kid;
use crate::malformed::{Fault, Malformed};

/// Tag of COSE_Sign1 (RFC 9052, section 2).
pub const TAG_SIGN1: u64 = 18;
/// Tag of COSE_Sign (RFC 9052, section 2).
pub const TAG_SIGN: u64 = 98;
/// EdDSA (RFC 9053, section 2.2); the only algorithm of this version.
pub const ALG_EDDSA: i64 = -8;

/// What a protected header says an object is (`typ`, RFC 9596), from CoAP's experimental range (RFC 7252, 12.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typ {
    /// A pass.
    Pass = 65001,
    /// A trust list.
    Trust = 65002,
    /// A manifest.
    Manifest = 65003,
}

impl Typ {
    /// The integer in the header.
    pub const fn value(self) -> u64 {
        self as u64
    }
}

/// A COSE_Sign1 message whose envelope has been read; nothing in it has been verified.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign1<'b> {
    pub alg: i128,
    pub kid: Kid,
    pub typ: u64,
    pub protected: &'b [u8],
    pub payload: &'b [u8],
    /// Offset of the payload in the object.
    pub payload_at: usize,
    pub signature: [u8; 64],
}

impl<'b> Sign1<'b> {
    /// Reads the envelope of `bytes`: outer determinism, tag, shape, headers, size of the signature.
    pub(crate) fn read(bytes: &'b [u8], cap: usize) -> Result<Self, Malformed> {
        let mut envelope = Envelope::open(bytes, TAG_SIGN1, cap)?;
        let (protected, protected_at) = envelope.bytes()?;
        envelope.empty_map()?;
        let (payload, payload_at) = envelope.bytes()?;
        let signature = envelope.signature()?;
        let header = Header::read(protected, protected_at)?;
        let (Some(alg), Some(kid), Some(typ)) = (header.alg, header.kid, header.typ) else {
            return Err(Malformed::envelope(Fault::HeaderKeys, protected_at));
        };
        Ok(Self { alg, kid, typ, protected, payload, payload_at, signature })
    }

    /// The bytes that the signature covers (RFC 9052, section 4.4).
    pub(crate) fn message(&self) -> Vec<u8> {
        sign1_message(self.protected, self.payload)
    }
}

/// A COSE_Sign message whose envelope has been read.
#[derive(Debug, Clone)]
pub(crate) struct Sign<'b> {
    pub typ: u64,
    pub protected: &'b [u8],
    pub payload: &'b [u8],
    pub payload_at: usize,
    pub signatures: Vec<Cosignature<'b>>,
}

/// One signer's part of a COSE_Sign message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cosignature<'b> {
    pub alg: i128,
    pub kid: Kid,
    pub protected: &'b [u8],
    pub signature: [u8; 64],
}

impl<'b> Sign<'b> {
    /// Reads the envelope of `bytes`, with 1 to `signers` cosignatures.
    pub(crate) fn read(bytes: &'b [u8], cap: usize, signers: usize) -> Result<Self, Malformed> {
        let mut envelope = Envelope::open(bytes, TAG_SIGN, cap)?;
        let (protected, protected_at) = envelope.bytes()?;
        envelope.empty_map()?;
        let (payload, payload_at) = envelope.bytes()?;
        let count = envelope.array()?;
        if !(1..=signers as u64).contains(&count) {
            return envelope.shape();
        }
        let mut signatures = Vec::new();
        for _ in 0..count {
            if envelope.array()? != 3 {
                return envelope.shape();
            }
            let (own, own_at) = envelope.bytes()?;
            envelope.empty_map()?;
            let signature = envelope.signature()?;
            match Header::read(own, own_at)? {
                Header { alg: Some(alg), kid: Some(kid), typ: None } => {
                    signatures.push(Cosignature { alg, kid, protected: own, signature });
                }
                _ => return Err(Malformed::envelope(Fault::HeaderKeys, own_at)),
            }
        }
        match Header::read(protected, protected_at)? {
            Header { alg: None, kid: None, typ: Some(typ) } => {
                Ok(Self { typ, protected, payload, payload_at, signatures })
            }
            _ => Err(Malformed::envelope(Fault::HeaderKeys, protected_at)),
        }
    }

    /// The bytes that `cosignature` covers.
    pub(crate) fn message(&self, cosignature: &Cosignature<'_>) -> Vec<u8> {
        structure("Signature", self.protected, Some(cosignature.protected), self.payload)
    }
}

/// The bytes that a COSE_Sign1 signature covers (RFC 9052, section 4.4), with empty external data: of the encoded
/// protected header and the payload.
pub fn sign1_message(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    structure("Signature1", protected, None, payload)
}

/// The encoded protected header `{1: EdDSA, 4: kid, 16: typ}` of a COSE_Sign1 message.
pub fn sign1_header(kid: Kid, typ: Typ) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Writing into a Vec cannot fail.
    let _ = encoder.map(3).and_then(|e| e.u8(1)?.i64(ALG_EDDSA)?.u8(4)?.bytes(&kid.0)?.u8(16)?.u64(typ.value()));
    encoder.into_writer()
}

/// A COSE_Sign1 message of these parts, tag 18 before it. Nothing is verified.
pub fn sign1(protected: &[u8], payload: &[u8], signature: &[u8; 64]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(protected.len() + payload.len() + 80));
    let _ = encoder
        .tag(Tag::new(TAG_SIGN1))
        .and_then(|e| e.array(4)?.bytes(protected)?.map(0)?.bytes(payload)?.bytes(signature));
    encoder.into_writer()
}

/// Bytes of that message, without making it.
pub(crate) const fn sign1_size(protected: &[u8], payload: &[u8]) -> usize {
    const fn string(len: usize) -> usize {
        len + match len {
            0..=23 => 1,
            24..=0xff => 2,
            0x100..=0xffff => 3,
            _ => 5,
        }
    }
    // Tag, array, the empty map.
    3 + string(protected.len()) + string(payload.len()) + string(64)
}

/// The protected header `{16: 65002}` of a trust list.
pub fn sign_header() -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let _ = encoder.map(1).and_then(|e| e.u8(16)?.u64(Typ::Trust.value()));
    encoder.into_writer()
}

/// The protected header `{1: EdDSA, 4: kid}` of one cosignature.
pub fn cosignature_header(kid: Kid) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let _ = encoder.map(2).and_then(|e| e.u8(1)?.i64(ALG_EDDSA)?.u8(4)?.bytes(&kid.0));
    encoder.into_writer()
}

/// The bytes that the cosignature of the key `kid` covers, in a trust list with this payload.
pub fn cosignature_message(kid: Kid, payload: &[u8]) -> Vec<u8> {
    structure("Signature", &sign_header(), Some(&cosignature_header(kid)), payload)
}

/// A COSE_Sign message of a trust list's payload and its cosignatures, tag 98 before it. Nothing is verified.
pub fn sign(payload: &[u8], cosignatures: &[(Kid, [u8; 64])]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(payload.len() + 96 * cosignatures.len() + 32));
    let _ = encoder.tag(Tag::new(TAG_SIGN)).and_then(|e| {
        e.array(4)?.bytes(&sign_header())?.map(0)?.bytes(payload)?.array(cosignatures.len() as u64)?;
        for (kid, signature) in cosignatures {
            e.array(3)?.bytes(&cosignature_header(*kid))?.map(0)?.bytes(signature)?;
        }
        Ok(e)
    });
    encoder.into_writer()
}

fn structure(context: &str, body: &[u8], signer: Option<&[u8]>, payload: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(body.len() + payload.len() + 64));
    let _ = encoder.array(if signer.is_some() { 5 } else { 4 }).and_then(|e| {
        e.str(context)?.bytes(body)?;
        if let Some(signer) = signer {
            e.bytes(signer)?;
        }
        e.bytes(&[])?.bytes(payload)
    });
    encoder.into_writer()
}

/// Major types of RFC 8949, section 3.1: the upper three bits of an item's first byte.
const MAJOR_ARRAY: u8 = 4;
/// See [`MAJOR_ARRAY`].
const MAJOR_TAG: u8 = 6;

/// The outer array of a COSE message, after its tag; deterministic as a whole.
struct Envelope<'b> {
    decoder: Decoder<'b>,
}

impl<'b> Envelope<'b> {
    fn open(bytes: &'b [u8], wanted: u64, cap: usize) -> Result<Self, Malformed> {
        if bytes.len() > cap {
            return Err(Malformed::envelope(Fault::TooLarge { size: bytes.len(), cap }, 0));
        }
        match bytes.first().map(|first| first >> 5) {
            Some(MAJOR_TAG) => {}
            Some(MAJOR_ARRAY) => return Err(Malformed::envelope(Fault::Untagged, 0)),
            Some(_) => return Err(Malformed::envelope(Fault::Shape, 0)),
            None => return Err(Malformed::determinism(Fault::Unreadable, 0)),
        }
        let mut decoder = Decoder::new(bytes);
        let tag = decoder.tag().map_err(|_| Malformed::determinism(Fault::Unreadable, 0))?.as_u64();
        if tag != wanted {
            return Err(Malformed::envelope(Fault::Tag { found: tag, wanted }, 0));
        }
        let at = decoder.position();
        let shortest = if wanted < 24 { 1 } else { 2 };
        if at != shortest {
            return Err(Malformed::determinism(Fault::NotShortest, 0));
        }
        cbor::check(bytes.get(at..).unwrap_or_default(), at)?;
        let mut envelope = Self { decoder };
        if envelope.array()? != 4 {
            return envelope.shape();
        }
        Ok(envelope)
    }

    fn shape<T>(&self) -> Result<T, Malformed> {
        Err(Malformed::envelope(Fault::Shape, self.decoder.position()))
    }

    fn array(&mut self) -> Result<u64, Malformed> {
        let at = self.decoder.position();
        let count = self.decoder.array().ok().flatten();
        count.ok_or(Malformed::envelope(Fault::Shape, at))
    }

    /// A byte string, and where its contents start.
    fn bytes(&mut self) -> Result<(&'b [u8], usize), Malformed> {
        let at = self.decoder.position();
        let bytes = self.decoder.bytes().map_err(|_| Malformed::envelope(Fault::Shape, at))?;
        Ok((bytes, self.decoder.position() - bytes.len()))
    }

    fn empty_map(&mut self) -> Result<(), Malformed> {
        let at = self.decoder.position();
        match self.decoder.map() {
            Ok(Some(0)) => Ok(()),
            Ok(_) => Err(Malformed::envelope(Fault::HeaderKeys, at)),
            Err(_) => Err(Malformed::envelope(Fault::Shape, at)),
        }
    }

    fn signature(&mut self) -> Result<[u8; 64], Malformed> {
        let (bytes, at) = self.bytes()?;
        bytes.try_into().map_err(|_| Malformed::envelope(Fault::SignatureSize { found: bytes.len() }, at))
    }
}

/// The members of a protected header; which of them must be there depends on the kind of message.
struct Header {
    alg: Option<i128>,
    kid: Option<Kid>,
    typ: Option<u64>,
}

impl Header {
    fn read(bytes: &[u8], base: usize) -> Result<Self, Malformed> {
        cbor::check(bytes, base)?;
        let mut decoder = Decoder::new(bytes);
        let mut header = Self { alg: None, kid: None, typ: None };
        let count = decoder.map().ok().flatten().ok_or(Malformed::envelope(Fault::Shape, base))?;
        for _ in 0..count {
            let at = base + decoder.position();
            let wrong = |key| Malformed::envelope(Fault::HeaderType { key }, at);
            match decoder.i64() {
                Ok(key @ 1) => header.alg = Some(decoder.int().map_err(|_| wrong(key))?.into()),
                Ok(key @ 4) => {
                    let kid = decoder.bytes().ok().and_then(|kid| kid.try_into().ok());
                    header.kid = Some(Kid(kid.ok_or(wrong(key))?));
                }
                Ok(key @ 16) => header.typ = Some(decoder.u64().map_err(|_| wrong(key))?),
                _ => return Err(Malformed::envelope(Fault::HeaderKeys, at)),
            }
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KID: Kid = Kid([7; 8]);

    fn message() -> Vec<u8> {
        sign1(&sign1_header(KID, Typ::Pass), &[0xa0], &[9; 64])
    }

    fn fault(bytes: &[u8]) -> Option<(crate::malformed::Layer, Fault)> {
        Sign1::read(bytes, 512).err().map(|error| (error.layer, error.fault))
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = message();
        let read = Sign1::read(&bytes, 512).unwrap();
        assert_eq!((read.alg, read.kid, read.typ, read.payload), (-8, KID, 65001, &[0xa0][..]));
        assert_eq!(bytes[read.payload_at], 0xa0);

        let list = sign(&[0xa0], &[(KID, [1; 64]), (Kid([8; 8]), [2; 64])]);
        let read = Sign::read(&list, 512, 16).unwrap();
        assert_eq!((read.typ, read.signatures.len()), (65002, 2));
        assert_eq!(read.message(&read.signatures[0]), cosignature_message(KID, &[0xa0]));
        assert!(Sign::read(&list, 512, 1).is_err());
    }

    #[test]
    fn the_size_is_known_without_making_the_message() {
        for len in [0, 23, 24, 255, 256, 441, 0xffff, 0x1_0000] {
            let payload = alloc::vec![0; len];
            let header = sign1_header(KID, Typ::Pass);
            assert_eq!(sign1_size(&header, &payload), sign1(&header, &payload, &[0; 64]).len(), "{len}");
        }
    }

    #[test]
    fn another_tag_is_named() {
        use crate::malformed::Layer::{Determinism, Envelope};
        let tagged = message();
        assert_eq!(fault(&tagged[1..]), Some((Envelope, Fault::Untagged)));
        let mut cwt = alloc::vec![0xd8, 61];
        cwt.extend(&tagged);
        assert_eq!(fault(&cwt), Some((Envelope, Fault::Tag { found: 61, wanted: 18 })));
        let mut long = alloc::vec![0xd8, 18];
        long.extend(&tagged[1..]);
        assert_eq!(fault(&long), Some((Determinism, Fault::NotShortest)));
        assert_eq!(fault(&[]), Some((Determinism, Fault::Unreadable)));
        // By the first byte's major type alone, whatever follows, or does not.
        for first in 0..=0xff {
            let expected = match first {
                0x80..=0x9f => Some((Envelope, Fault::Untagged)),
                0xd2 | 0xd8..=0xdf => Some((Determinism, Fault::Unreadable)),
                0xc0..=0xd7 => Some((Envelope, Fault::Tag { found: (first & 0x1f).into(), wanted: 18 })),
                _ => Some((Envelope, Fault::Shape)),
            };
            assert_eq!(fault(&[first]), expected, "{first:02x}");
        }
    }

    #[test]
    fn headers_are_exact() {
        use crate::malformed::Layer::Envelope;
        let with = |header: &[u8]| sign1(header, &[0xa0], &[9; 64]);
        assert_eq!(fault(&with(&[0xa0])), Some((Envelope, Fault::HeaderKeys)));
        assert_eq!(fault(&with(&[0xa1, 0x02, 0x00])), Some((Envelope, Fault::HeaderKeys)));
        assert_eq!(fault(&with(&[0xa1, 0x01, 0x40])), Some((Envelope, Fault::HeaderType { key: 1 })));
        assert_eq!(fault(&with(&[0xa1, 0x04, 0x41, 0x00])), Some((Envelope, Fault::HeaderType { key: 4 })));
        assert_eq!(fault(&with(&[0xa1, 0x10, 0x60])), Some((Envelope, Fault::HeaderType { key: 16 })));
        // Tag, array, the header's own head, the map's: the key is the fifth byte.
        assert_eq!(Sign1::read(&with(&[0xa1, 0x02, 0x00]), 512).map(drop).map_err(|error| error.offset), Err(4));
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = message();
        for end in 0..bytes.len() {
            assert!(fault(&bytes[..end]).is_some(), "{end}");
        }
    }
}

//! The list inside a token: bits of a place, and the zlib-compressed array.

use std::io::Read as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use freightpass_core::status::MAX_N;
use minicbor::Decoder;

use super::error::StatusTokenError;
use super::fields::{CLAIM_STATUS_LIST, MAX_ENTRIES, once};

/// Bytes of an inflated list at the most: 2^26 places of two bits. A list of another issuer with eight bits has a
/// quarter of the places.
pub(super) const MAX_LIST_BYTES: usize = (MAX_N / 4) as usize;

/// A status list as another issuer may make it.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: u8,
    array: Vec<u8>,
}

impl StatusList {
    /// Reads the CBOR map `{"bits": ..., "lst": ...}` (section 4.3).
    pub fn read(bytes: &[u8]) -> Result<Self, StatusTokenError> {
        let mut decoder = Decoder::new(bytes);
        let list = read_list(&mut decoder)?;
        if decoder.position() != bytes.len() {
            return Err(StatusTokenError::Claim { claim: CLAIM_STATUS_LIST });
        }
        Ok(list)
    }

    /// Bits of one place.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The inflated array.
    pub fn array(&self) -> &[u8] {
        &self.array
    }

    /// The value at `idx`; none behind the end, which is never "valid".
    pub fn value(&self, idx: u64) -> Option<u8> {
        let places = u64::from(8 / self.bits);
        let byte = *self.array.get(usize::try_from(idx / places).ok()?)?;
        let shift = u32::try_from(idx % places).ok()? * u32::from(self.bits);
        let mask = u8::MAX >> (8 - self.bits);
        Some(byte >> shift & mask)
    }
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatusList").field("bits", &self.bits).field("bytes", &self.array.len()).finish()
    }
}

/// Reads the map where the decoder stands.
pub(super) fn read_list(decoder: &mut Decoder<'_>) -> Result<StatusList, StatusTokenError> {
    let wrong = StatusTokenError::Claim { claim: CLAIM_STATUS_LIST };
    let (mut bits, mut compressed) = (None, None);
    let count = decoder.map().ok().flatten().filter(|count| *count <= MAX_ENTRIES).ok_or(wrong.clone())?;
    for _ in 0..count {
        match decoder.str() {
            Ok("bits") => once(&mut bits, decoder.u64().ok()).ok_or(wrong.clone())?,
            Ok("lst") => once(&mut compressed, decoder.bytes().ok()).ok_or(wrong.clone())?,
            // aggregation_uri and what may come.
            Ok(_) => decoder.skip().map_err(|_| wrong.clone())?,
            Err(_) => return Err(wrong),
        }
    }
    let bits = bits.ok_or(wrong.clone())?;
    let number = u8::try_from(bits).ok().filter(|bits| [1, 2, 4, 8].contains(bits));
    let number = number.ok_or(StatusTokenError::Bits { bits })?;
    Ok(StatusList { bits: number, array: inflate(compressed.ok_or(wrong)?)? })
}

/// The array as the list carries it.
pub(super) fn compress(array: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into a Vec cannot fail.
    let _ = encoder.write_all(array);
    encoder.finish().unwrap_or_default()
}

fn inflate(compressed: &[u8]) -> Result<Vec<u8>, StatusTokenError> {
    let mut array = Vec::new();
    // One byte more than allowed tells a list that is too large from one that fits.
    let mut decoder = ZlibDecoder::new(compressed).take(MAX_LIST_BYTES as u64 + 1);
    decoder.read_to_end(&mut array).map_err(|_| StatusTokenError::Compression)?;
    if array.len() > MAX_LIST_BYTES {
        return Err(StatusTokenError::ListTooLarge);
    }
    if decoder.into_inner().total_in() != compressed.len() as u64 {
        return Err(StatusTokenError::Compression);
    }
    Ok(array)
}

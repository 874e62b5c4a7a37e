//! Encoding a trust list's payload.

use alloc::vec::Vec;

use minicbor::Encoder;
use minicbor::encode::Error;

use crate::cbor::check;
use crate::trust::list::ReadTrustList;
use crate::trust::{Authority, ListedKey, Programme, TrustContent, TrustFault};

impl TrustContent {
    /// The deterministic bytes of the payload, which root keys sign (see [`crate::cose::cosignature_message`]).
    ///
    /// # Errors
    /// [`TrustFault`] for content that no scanner would adopt.
    pub fn encode(&self) -> Result<Vec<u8>, TrustFault> {
        let payload = self.encode_unchecked();
        check(&payload, 0)?;
        ReadTrustList::of(&payload, 0)?.judged()?;
        Ok(payload)
    }

    fn encode_unchecked(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        // Writing into a Vec cannot fail.
        let _ = self.write(&mut encoder);
        encoder.into_writer()
    }

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), Error<core::convert::Infallible>> {
        e.map(11)?;
        e.u8(0)?.bytes(&self.deployment)?;
        e.u8(1)?.u32(self.sequence)?;
        e.u8(2)?.u32(self.issued)?;
        e.u8(3)?.u32(self.expires)?;
        e.u8(4)?.array(2)?.u8(self.roots.threshold)?.array(self.roots.keys.len() as u64)?;
        for key in &self.roots.keys {
            e.bytes(key)?;
        }
        e.u8(5)?.array(self.authorities.len() as u64)?;
        self.authorities.iter().try_for_each(|authority| write_authority(e, authority))?;
        e.u8(6)?.array(3)?.u32(self.max_age)?.u32(self.skew)?.u32(self.longest_life)?;
        e.u8(7)?.array(self.programmes.len() as u64)?;
        self.programmes.iter().try_for_each(|programme| write_programme(e, programme))?;
        e.u8(8)?.str(&self.status_base)?;
        e.u8(9)?.array(self.survivors.len() as u64)?;
        for (kid, hash) in &self.survivors {
            e.array(2)?.bytes(&kid.0)?.bytes(hash)?;
        }
        e.u8(10)?;
        write_keys(e, &self.status_keys)
    }
}

fn write_authority(e: &mut Encoder<Vec<u8>>, authority: &Authority) -> Result<(), Error<core::convert::Infallible>> {
    e.array(7)?.str(&authority.code)?.u32(authority.number)?.str(&authority.name)?.u8(authority.level as u8)?;
    match &authority.division {
        Some(division) => division.write(e),
        None => {
            e.u8(0)?;
        }
    }
    e.array(authority.programmes.len() as u64)?;
    for programme in &authority.programmes {
        e.u16(*programme)?;
    }
    write_keys(e, &authority.keys)
}

fn write_programme(e: &mut Encoder<Vec<u8>>, programme: &Programme) -> Result<(), Error<core::convert::Infallible>> {
    e.array(5)?.u16(programme.number)?.str(&programme.name)?.u32(programme.from)?.u32(programme.until)?;
    e.u8(programme.off_route as u8)?;
    Ok(())
}

fn write_keys(e: &mut Encoder<Vec<u8>>, keys: &[ListedKey]) -> Result<(), Error<core::convert::Infallible>> {
    e.array(keys.len() as u64)?;
    for key in keys {
        e.array(4)?.bytes(&key.key)?.u32(key.from)?.u32(key.until)?.u8(u8::from(key.compromised))?;
    }
    Ok(())
}

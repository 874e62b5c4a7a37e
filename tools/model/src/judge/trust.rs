//! Trust lists: the CDDL and the rules of section 2.2.

use super::cbor::Value;
use super::{Division, Refusal, is_acceptable, kid, sha256};

#[derive(Debug, Clone)]
pub struct TrustList {
    /// SHA-256 of the payload.
    pub hash: [u8; 32],
    pub deployment: [u8; 8],
    pub sequence: u32,
    pub issued: u32,
    pub expires: u32,
    pub threshold: usize,
    pub roots: Vec<[u8; 32]>,
    pub authorities: Vec<Authority>,
    pub max_age: u32,
    pub skew: u32,
    pub longest_life: u32,
    pub programmes: Vec<Programme>,
    pub status_base: String,
    pub survivors: Vec<([u8; 8], [u8; 32])>,
    pub status_keys: Vec<Key>,
    /// Whether an unknown critical key stands in it.
    pub newer: bool,
}

#[derive(Debug, Clone)]
pub struct Authority {
    pub code: String,
    pub number: u32,
    /// None: everywhere.
    pub division: Option<Division>,
    pub programmes: Vec<u32>,
    pub keys: Vec<Key>,
}

#[derive(Debug, Clone)]
pub struct Programme {
    pub number: u32,
    pub from: u32,
    pub until: u32,
    pub refuses_off_route: bool,
}

#[derive(Debug, Clone)]
pub struct Key {
    pub public: [u8; 32],
    pub from: u32,
    pub until: u32,
    pub compromised: bool,
}

impl Key {
    pub fn kid(&self) -> [u8; 8] {
        kid(&self.public)
    }

    /// Whether it signs at `t`.
    pub fn covers(&self, t: u32) -> bool {
        self.from <= t && t < self.until
    }
}

impl TrustList {
    /// Reads a payload.
    pub fn read(payload: &Value, bytes: &[u8]) -> Option<Self> {
        let newer = payload.growth(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])?;
        let (threshold, roots) = roots(payload.get(4)?)?;
        let [max_age, skew, longest_life] = payload.get(6)?.array(3, 3)? else { return None };
        let survivors = payload.get(9)?.each(0, usize::MAX, |entry| match entry.array(2, 2)? {
            [kid, hash] => Some((kid.exactly()?, hash.exactly()?)),
            _ => None,
        })?;
        Some(TrustList {
            hash: sha256(&[bytes]),
            deployment: payload.get(0)?.exactly()?,
            sequence: payload.get(1)?.u32()?,
            issued: payload.get(2)?.time()?,
            expires: payload.get(3)?.time()?,
            threshold,
            roots,
            authorities: payload.get(5)?.each(0, usize::MAX, authority)?,
            max_age: max_age.u32()?,
            skew: skew.int(0, 600)? as u32,
            longest_life: longest_life.u32()?,
            programmes: payload.get(7)?.each(0, usize::MAX, programme)?,
            status_base: payload.get(8)?.text(8, 40)?,
            survivors,
            status_keys: payload.get(10)?.each(1, 4, key)?,
            newer,
        })
    }

    /// The list's own rules.
    pub fn rules(&self) -> Result<(), Refusal> {
        if self.expires <= self.issued {
            return Err("window");
        }
        for (at, authority) in self.authorities.iter().enumerate() {
            if self.authorities[..at].iter().any(|before| before.code == authority.code) {
                return Err("duplicate_code");
            }
            if self.authorities[..at].iter().any(|before| before.number == authority.number) {
                return Err("duplicate_number");
            }
        }
        for (at, programme) in self.programmes.iter().enumerate() {
            if self.programmes[..at].iter().any(|before| before.number == programme.number) {
                return Err("duplicate_programme");
            }
        }
        for (at, (of, _)) in self.survivors.iter().enumerate() {
            if self.survivors[..at].iter().any(|(before, _)| before == of) {
                return Err("duplicate_survivors");
            }
        }
        let listed = self.status_keys.iter().chain(self.authorities.iter().flat_map(|authority| &authority.keys));
        let keys: Vec<[u8; 32]> = self.roots.iter().copied().chain(listed.map(|key| key.public)).collect();
        for (at, key) in keys.iter().enumerate() {
            if !is_acceptable(key) {
                return Err("key_unacceptable");
            }
            if keys[..at].iter().any(|before| kid(before) == kid(key)) {
                return Err("duplicate_key");
            }
        }
        Ok(())
    }

    /// Every kid that is listed, and whether as compromised.
    pub fn marks(&self) -> Vec<([u8; 8], bool)> {
        let roots = self.roots.iter().map(|root| (kid(root), false));
        let listed = self.status_keys.iter().chain(self.authorities.iter().flat_map(|authority| &authority.keys));
        roots.chain(listed.map(|key| (key.kid(), key.compromised))).collect()
    }

    /// The authority and the key of this kid.
    pub fn issuer(&self, kid: [u8; 8]) -> Option<(&Authority, &Key)> {
        let keys = self.authorities.iter().flat_map(|authority| authority.keys.iter().map(move |key| (authority, key)));
        { keys }.find(|(_, key)| key.kid() == kid)
    }

    pub fn status_key(&self, kid: [u8; 8]) -> Option<&Key> {
        self.status_keys.iter().find(|key| key.kid() == kid)
    }

    /// The hash of the survivors set that it names for a key.
    pub fn survivors_of(&self, kid: [u8; 8]) -> Option<[u8; 32]> {
        self.survivors.iter().find(|(of, _)| *of == kid).map(|(_, hash)| *hash)
    }
}

/// Threshold and roots.
pub fn roots(value: &Value) -> Option<(usize, Vec<[u8; 32]>)> {
    match value.array(2, 2)? {
        [threshold, keys] => {
            let keys = keys.each(1, 8, Value::exactly)?;
            Some((threshold.int(1, keys.len() as i128)? as usize, keys))
        }
        _ => None,
    }
}

/// A `div`.
pub fn division(value: &Value) -> Option<Division> {
    match value {
        Value::Int(_) => {
            let code = value.int(10, 999_999)? as u32;
            let digits = code.to_string();
            let fits = [2, 4, 6].contains(&digits.len()) && !digits.ends_with("00");
            fits.then_some(Division::Code(code))
        }
        _ => value.text(2, 8).map(Division::Text),
    }
}

fn authority(value: &Value) -> Option<Authority> {
    let [code, number, name, level, place, programmes, keys] = value.array(7, 7)? else { return None };
    name.text(1, 90)?;
    level.int(1, 3)?;
    Some(Authority {
        code: code.text(1, 16)?,
        number: number.int(1, 16_777_215)? as u32,
        division: if *place == Value::Int(0) { None } else { Some(division(place)?) },
        programmes: programmes.each(0, usize::MAX, |number| Some(number.int(1, 65535)? as u32))?,
        keys: keys.each(1, 8, key)?,
    })
}

fn programme(value: &Value) -> Option<Programme> {
    let [number, name, from, until, off_route] = value.array(5, 5)? else { return None };
    name.text(0, usize::MAX)?;
    Some(Programme {
        number: number.int(1, 65535)? as u32,
        from: from.time()?,
        until: until.time()?,
        refuses_off_route: off_route.int(0, 1)? == 1,
    })
}

fn key(value: &Value) -> Option<Key> {
    let [public, from, until, compromised] = value.array(4, 4)? else { return None };
    Some(Key {
        public: public.exactly()?,
        from: from.time()?,
        until: until.time()?,
        compromised: compromised.int(0, 1)? == 1,
    })
}

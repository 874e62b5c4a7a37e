//! Claims of a pass: the CDDL of section 1.1, the characters of 1.7.

use super::Division;
use super::cbor::Value;
use super::trust::division;

pub struct Claims {
    pub iss: String,
    pub nbf: u32,
    pub exp: u32,
    /// The authority's number in `cti`.
    pub number: u32,
    pub idx: u32,
    pub uri: String,
    pub programme: u32,
    pub tractor: String,
    pub trailer: Option<String>,
    pub crew: Vec<(String, String)>,
    /// Origin, destination, then what lies between.
    pub route: Vec<Division>,
    /// Whether an unknown critical key stands in it.
    pub newer: bool,
}

impl Claims {
    pub fn read(payload: &Value) -> Option<Self> {
        let body = payload.get(-65537)?;
        let newer = payload.growth(&[1, 4, 5, 7, 65535, -65537])? | body.growth(&[0, 1, 2, 3, 4, 5, 6, 7])?;
        let status = only(payload.get(65535)?, &["status_list"])?.under(&Value::Text("status_list".into()))?;
        let status = only(status, &["idx", "uri"])?;
        let cti: [u8; 8] = payload.get(7)?.exactly()?;
        if cti[..3] == [0; 3] || cti[5..] == [0; 3] {
            return None;
        }
        if let Some(leg) = body.get(5) {
            leg.int(1, 2)?;
        }
        body.get(6)?.int(0, 255)?;
        match body.get(7) {
            Some(Value::Bytes(code)) if code.len() != 11 => return None,
            None | Some(Value::Bytes(_)) => {}
            Some(number) => drop(number.u32()?),
        }
        let plate = |value: &Value| value.text(4, 16);
        Some(Claims {
            iss: payload.get(1)?.text(1, 16)?,
            exp: payload.get(4)?.time()?,
            nbf: payload.get(5)?.time()?,
            number: u32::from_be_bytes([0, cti[0], cti[1], cti[2]]),
            idx: status.under(&Value::Text("idx".into()))?.u32()?,
            uri: status.under(&Value::Text("uri".into()))?.text(8, 48)?,
            programme: body.get(0)?.int(1, 65535)? as u32,
            tractor: plate(body.get(1)?)?,
            trailer: match body.get(2) {
                Some(trailer) => Some(plate(trailer)?),
                None => None,
            },
            crew: body.get(3)?.each(1, 3, crew)?,
            route: body.get(4)?.each(2, 10, division)?,
            newer,
        })
    }

    /// The week in which it expires.
    pub fn list(&self) -> u32 {
        self.exp / 604_800
    }

    /// Whether a text has a character that section 1.7 refuses.
    pub fn has_refused_character(&self) -> bool {
        let mut texts = vec![&self.tractor];
        texts.extend(&self.trailer);
        texts.extend(self.crew.iter().flat_map(|(name, tail)| [name, tail]));
        for division in &self.route {
            if let Division::Text(text) = division {
                texts.push(text);
            }
        }
        texts.iter().any(|text| text.chars().any(is_refused))
    }
}

/// A map with exactly these texts as keys.
fn only<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    let entries = value.entries()?;
    let exact = entries.iter().all(|(key, _)| keys.iter().any(|name| *key == Value::Text((*name).into())));
    (exact && entries.len() == keys.len()).then_some(value)
}

fn crew(value: &Value) -> Option<(String, String)> {
    let members = value.array(2, 3)?;
    if let Some(role) = members.get(2) {
        role.int(1, 2)?;
    }
    Some((members[0].text(1, 60)?, members[1].text(2, 6)?))
}

fn is_refused(c: char) -> bool {
    matches!(
        u32::from(c),
        0..=0x1f
            | 0x7f..=0x9f
            | 0xad
            | 0x61c
            | 0x180e
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0xe000..=0xf8ff
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0xe0001..=0xe007f
            | 0xf0000..=0x10_ffff
    )
}

//! CWT (RFC 8392) by coset and its ciborium: once to the byte as our pass is, once with the private claims under names.

use std::collections::HashMap;

use coset::cbor::{self, Value};
use coset::{CoseSign1, CoseSign1Builder, Header, HeaderBuilder, TaggedCborSerializable, iana};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject, decode_text,
    encode_text,
};

use super::Token;
use super::enterprise;
use super::json::{code, division, role, role_of};
use super::keys::{AUTHORITIES, ISSUER, public};
use crate::deployment::NOW;

/// How the private claims are named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// By number, and everything packed as in docs/FORMAT.md.
    Numbers,
    /// By the names that the JSON has; the enterprise's code as text.
    Texts,
}

/// The body's claims in the order of their numbers; key 5, the leg, is absent where the truck is loaded.
const BODY: [(i64, &str); 7] = [(0, "prg"), (1, "trc"), (2, "trl"), (3, "crw"), (4, "rte"), (6, "crg"), (7, "ent")];

/// `typ` of a pass (RFC 9596, docs/FORMAT.md).
const TYP: (i64, u64) = (16, 65001);

pub struct Cwt {
    names: Names,
    key: SigningKey,
    header: Header,
    keys: HashMap<Vec<u8>, (VerifyingKey, &'static str)>,
}

impl Cwt {
    pub fn new(names: Names) -> Self {
        let kid = public(&ISSUER).1.0.to_vec();
        let header = HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).key_id(kid);
        let keys = AUTHORITIES.map(|(seed, authority)| {
            let (key, kid) = public(&seed);
            (kid.0.to_vec(), (VerifyingKey::from_bytes(&key).expect("a key"), authority))
        });
        Self {
            names,
            key: SigningKey::from_bytes(&ISSUER),
            header: header.value(TYP.0, Value::from(TYP.1)).build(),
            keys: keys.into(),
        }
    }

    /// The payload, its keys in the order of the deterministic encoding.
    fn payload(&self, claims: &Claims) -> Value {
        let status_list = map([("idx".into(), claims.status.idx.into()), ("uri".into(), text(&claims.status.uri))]);
        map([
            (1.into(), text(&claims.iss)),
            (4.into(), claims.exp.into()),
            (5.into(), claims.nbf.into()),
            (7.into(), Value::Bytes(claims.number.to_bytes().to_vec())),
            (65535.into(), map([("status_list".into(), status_list)])),
            ((-65537).into(), self.body(&claims.subject)),
        ])
    }

    fn body(&self, subject: &Subject) -> Value {
        assert_eq!(subject.leg, Leg::Loaded, "the typical pass is of a loaded truck");
        let Some(Enterprise::Code(packed)) = subject.enterprise else { unreachable!("an enterprise with a code") };
        let enterprise = match self.names {
            Names::Numbers => Value::Bytes(packed.to_vec()),
            Names::Texts => enterprise::to_text(&Enterprise::Code(packed)).map_or(Value::Null, Value::Text),
        };
        let values = [
            Some(subject.programme.into()),
            Some(text(&subject.tractor)),
            subject.trailer.as_deref().map(text),
            Some(Value::Array(subject.crew.iter().map(person).collect())),
            Some(Value::Array(subject.route.iter().map(|place| code(place).into()).collect())),
            Some(subject.cargo.0.into()),
            Some(enterprise),
        ];
        let named = BODY.into_iter().zip(values);
        Value::Map(named.filter_map(|(key, value)| Some((self.name(key), value?))).collect())
    }

    fn name(&self, (number, name): (i64, &str)) -> Value {
        match self.names {
            Names::Numbers => number.into(),
            Names::Texts => name.into(),
        }
    }

    fn claims(&self, payload: Value) -> Option<Claims> {
        let mut claims = Entries::of(payload)?;
        let status = claims.take(&65535.into())?;
        let mut status = Entries::of(Entries::of(status)?.take(&"status_list".into())?)?;
        let mut body = Entries::of(claims.take(&(-65537).into())?)?;
        let [prg, trc, trl, crw, rte, crg, ent] = BODY.map(|key| body.take(&self.name(key)));
        let trailer = match trl {
            Some(trailer) => Some(trailer.into_text().ok()?),
            None => None,
        };
        let enterprise = match self.names {
            Names::Numbers => Enterprise::Code(bytes(ent?)?),
            Names::Texts => enterprise::of_text(&ent?.into_text().ok()?)?,
        };
        Some(Claims {
            iss: claims.take(&1.into())?.into_text().ok()?,
            nbf: number(claims.take(&5.into())?)?,
            exp: number(claims.take(&4.into())?)?,
            number: PassNumber::from_bytes(bytes(claims.take(&7.into())?)?)?,
            status: StatusReference {
                idx: number(status.take(&"idx".into())?)?,
                uri: status.take(&"uri".into())?.into_text().ok()?,
            },
            subject: Subject {
                programme: number(prg?)?,
                tractor: trc?.into_text().ok()?,
                trailer,
                crew: crw?.into_array().ok()?.into_iter().map(crew).collect::<Option<_>>()?,
                route: rte?
                    .into_array()
                    .ok()?
                    .into_iter()
                    .map(|item| division(number(item)?))
                    .collect::<Option<_>>()?,
                leg: Leg::Loaded,
                cargo: CargoCategory(number(crg?)?),
                enterprise: Some(enterprise),
            },
        })
    }
}

impl Token for Cwt {
    fn sign(&self, claims: &Claims) -> String {
        let mut payload = Vec::with_capacity(256);
        cbor::into_writer(&self.payload(claims), &mut payload).expect("a Vec takes all");
        let message = CoseSign1Builder::new()
            .protected(self.header.clone())
            .payload(payload)
            .create_signature(&[], |message| self.key.sign(message).to_bytes().to_vec())
            .build();
        encode_text(&message.to_tagged_vec().expect("a message"))
    }

    fn verify(&self, text: &str) -> Option<Claims> {
        let message = CoseSign1::from_tagged_slice(&decode_text(text).ok()?).ok()?;
        let (key, authority) = self.keys.get(&message.protected.header.key_id)?;
        let checked = message
            .verify_signature(&[], |signature, message| key.verify_strict(message, &Signature::from_slice(signature)?));
        checked.ok()?;
        let claims = self.claims(cbor::from_reader(message.payload.as_deref()?).ok()?)?;
        (claims.iss == *authority && claims.nbf <= NOW && NOW < claims.exp).then_some(claims)
    }
}

/// The bytes of a pass's text.
pub fn raw(text: &str) -> Vec<u8> {
    decode_text(text).expect("a pass's text")
}

/// What is left of a map.
struct Entries(Vec<(Value, Value)>);

impl Entries {
    fn of(value: Value) -> Option<Self> {
        value.into_map().ok().map(Entries)
    }

    fn take(&mut self, key: &Value) -> Option<Value> {
        let at = self.0.iter().position(|(found, _)| found == key)?;
        Some(self.0.swap_remove(at).1)
    }
}

fn map<const N: usize>(entries: [(Value, Value); N]) -> Value {
    Value::Map(entries.into())
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn person(crew: &Crew) -> Value {
    let mut person = vec![text(&crew.name), text(&crew.tail)];
    if crew.role != CrewRole::Driver {
        person.push(role(crew.role).into());
    }
    Value::Array(person)
}

fn crew(value: Value) -> Option<Crew> {
    let mut fields = value.into_array().ok()?.into_iter();
    let (name, tail) = (fields.next()?.into_text().ok()?, fields.next()?.into_text().ok()?);
    let role = fields.next().map_or(Some(0), number)?;
    Some(Crew { name, tail, role: role_of(role)? })
}

fn number<T: TryFrom<i128>>(value: Value) -> Option<T> {
    T::try_from(value.into_integer().ok()?.into()).ok()
}

fn bytes<const N: usize>(value: Value) -> Option<[u8; N]> {
    value.into_bytes().ok()?.try_into().ok()
}

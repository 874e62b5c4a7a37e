//! The claims as JSON: short names, crew as arrays, what is usual (a loaded truck) left out.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use freightpass_core::division::{Code, Division};
use freightpass_core::pass::{CargoCategory, Claims, Crew, CrewRole, Leg, PassNumber, StatusReference, Subject};
use serde::{Deserialize, Serialize};

use super::enterprise;

/// `T` is how the token writes a time.
#[derive(Serialize, Deserialize)]
pub struct JsonClaims<'a, T> {
    pub iss: Cow<'a, str>,
    pub nbf: T,
    pub exp: T,
    /// The 8 bytes of the number, base64url.
    jti: String,
    /// As the Token Status List says (draft-ietf-oauth-status-list, section 6).
    status: Status<'a>,
    prg: u16,
    trc: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trl: Option<Cow<'a, str>>,
    /// Name, tail, role: 0 driver, 1 relief, 2 passenger.
    crw: Vec<(Cow<'a, str>, Cow<'a, str>, u8)>,
    rte: Vec<u32>,
    crg: u8,
    ent: String,
}

#[derive(Serialize, Deserialize)]
struct Status<'a> {
    status_list: StatusList<'a>,
}

#[derive(Serialize, Deserialize)]
struct StatusList<'a> {
    idx: u32,
    uri: Cow<'a, str>,
}

impl<'a, T> JsonClaims<'a, T> {
    /// The claims, borrowed; times by `time`.
    pub fn of(claims: &'a Claims, time: impl Fn(u32) -> T) -> Self {
        let subject = &claims.subject;
        assert_eq!(subject.leg, Leg::Loaded, "the typical pass is of a loaded truck");
        let person = |crew: &'a Crew| (Cow::from(&crew.name), Cow::from(&crew.tail), role(crew.role));
        JsonClaims {
            iss: Cow::from(&claims.iss),
            nbf: time(claims.nbf),
            exp: time(claims.exp),
            jti: BASE64_URL_SAFE_NO_PAD.encode(claims.number.to_bytes()),
            status: Status { status_list: StatusList { idx: claims.status.idx, uri: Cow::from(&claims.status.uri) } },
            prg: subject.programme,
            trc: Cow::from(&subject.tractor),
            trl: subject.trailer.as_deref().map(Cow::from),
            crw: subject.crew.iter().map(person).collect(),
            rte: subject.route.iter().map(code).collect(),
            crg: subject.cargo.0,
            ent: subject.enterprise.as_ref().and_then(enterprise::to_text).expect("an enterprise with a code"),
        }
    }

    /// The claims of a pass; `time` gives seconds since 1970.
    pub fn into_claims(self, time: impl Fn(T) -> u32) -> Option<Claims> {
        let number = <[u8; 8]>::try_from(BASE64_URL_SAFE_NO_PAD.decode(self.jti).ok()?).ok()?;
        let person = |(name, tail, role): (Cow<'_, str>, Cow<'_, str>, u8)| {
            Some(Crew { name: name.into_owned(), tail: tail.into_owned(), role: role_of(role)? })
        };
        Some(Claims {
            iss: self.iss.into_owned(),
            nbf: time(self.nbf),
            exp: time(self.exp),
            number: PassNumber::from_bytes(number)?,
            status: StatusReference { idx: self.status.status_list.idx, uri: self.status.status_list.uri.into_owned() },
            subject: Subject {
                programme: self.prg,
                tractor: self.trc.into_owned(),
                trailer: self.trl.map(Cow::into_owned),
                crew: self.crw.into_iter().map(person).collect::<Option<_>>()?,
                route: self.rte.into_iter().map(division).collect::<Option<_>>()?,
                leg: Leg::Loaded,
                cargo: CargoCategory(self.crg),
                enterprise: Some(enterprise::of_text(&self.ent)?),
            },
        })
    }
}

/// A role as a number, the driver 0.
pub fn role(role: CrewRole) -> u8 {
    match role {
        CrewRole::Driver => 0,
        CrewRole::Relief => 1,
        CrewRole::Passenger => 2,
    }
}

/// The role of such a number.
pub fn role_of(number: u8) -> Option<CrewRole> {
    [CrewRole::Driver, CrewRole::Relief, CrewRole::Passenger].get(usize::from(number)).copied()
}

/// A division's number.
pub fn code(division: &Division) -> u32 {
    match division {
        Division::Code(code) => code.value(),
        Division::Text(_) => unreachable!("the typical route is one of numbers"),
    }
}

/// The division of a number.
pub fn division(code: u32) -> Option<Division> {
    Code::new(code).map(Division::Code)
}

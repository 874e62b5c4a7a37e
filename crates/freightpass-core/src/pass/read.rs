//! Reading a pass: bytes to an envelope, and, after the header has been judged, to claims. Nothing here verifies.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cbor::{Items, Newer, check, required};
use crate::cose::Sign1;
use crate::division::Division;
use crate::key::Kid;
use crate::limits::PASS_BYTES;
use crate::malformed::{Fault, Malformed};
use crate::pass::{CargoCategory, Claims, Crew, CrewRole, Enterprise, Leg, PassNumber, StatusReference, Subject};

/// A pass whose envelope has been read and whose payload is deterministic CBOR; nothing in it has been verified.
///
/// It has no fields to show: only [`crate::scan`] gives the claims of a pass whose signature holds.
///
/// ```compile_fail,E0599
/// # use freightpass_core::pass::UnverifiedPass;
/// fn show(pass: &UnverifiedPass) {
///     pass.claims();
/// }
/// ```
#[derive(Clone, Copy)]
pub struct UnverifiedPass<'b> {
    pub(crate) envelope: Sign1<'b>,
    bytes: &'b [u8],
}

impl<'b> UnverifiedPass<'b> {
    /// Reads the envelope of a pass.
    ///
    /// # Errors
    /// [`Malformed`] in the layers envelope and determinism.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let envelope = Sign1::read(bytes, PASS_BYTES)?;
        check(envelope.payload, envelope.payload_at)?;
        Ok(Self { envelope, bytes })
    }

    /// The key that is said to have signed it.
    pub fn kid(&self) -> Kid {
        self.envelope.kid
    }

    /// The whole bytes: what a survivors entry is made from.
    pub fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// What it claims, unverified: for an issuer's own records, never for a checkpoint.
    ///
    /// # Errors
    /// [`Malformed`] in the layer CDDL.
    pub fn unverified_claims(&self) -> Result<Claims, Malformed> {
        Ok(self.read_claims()?.claims)
    }

    pub(crate) fn read_claims(&self) -> Result<ReadClaims, Malformed> {
        ReadClaims::read(self.envelope.payload, self.envelope.payload_at)
    }
}

/// Debug goes to logs, and the names in the bytes do not.
impl fmt::Debug for UnverifiedPass<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kid, bytes) = (self.envelope.kid, self.bytes.len());
        f.debug_struct("UnverifiedPass").field("kid", &kid).field("bytes", &bytes).finish_non_exhaustive()
    }
}

/// Claims, and the first critical key that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadClaims {
    pub claims: Claims,
    pub newer: Option<Newer>,
}

impl ReadClaims {
    /// Reads a payload that is deterministic CBOR.
    pub(crate) fn read(payload: &[u8], base: usize) -> Result<Self, Malformed> {
        let mut items = Items::new(payload, base);
        let mut newer = None;
        let (mut iss, mut exp, mut nbf, mut number, mut status, mut subject) = (None, None, None, None, None, None);
        for _ in 0..items.map("claims")? {
            match items.key("claims")? {
                1 => iss = Some(String::from(items.text("iss", 1..=16)?)),
                4 => exp = Some(items.time("exp")?),
                5 => nbf = Some(items.time("nbf")?),
                7 => number = Some(number_of(&mut items)?),
                65535 => status = Some(status_of(&mut items)?),
                -65537 => subject = Some(subject_of(&mut items, &mut newer)?),
                other => items.extension("claims", other, &mut newer)?,
            }
        }
        let claims = Claims {
            iss: required(iss, "iss", base)?,
            nbf: required(nbf, "nbf", base)?,
            exp: required(exp, "exp", base)?,
            number: required(number, "cti", base)?,
            status: required(status, "status", base)?,
            subject: required(subject, "body", base)?,
        };
        Ok(Self { claims, newer })
    }
}

fn number_of(items: &mut Items<'_>) -> Result<PassNumber, Malformed> {
    let at = items.offset();
    let bytes = items.array_of::<8>("cti")?;
    PassNumber::from_bytes(bytes).ok_or(Malformed::cddl(Fault::Range { field: "cti" }, at))
}

/// `{"status_list": {"idx": u32, "uri": tstr}}`, exactly (draft-ietf-oauth-status-list).
fn status_of(items: &mut Items<'_>) -> Result<StatusReference, Malformed> {
    let exactly = |items: &mut Items<'_>, entries| {
        let at = items.offset();
        match items.map("status")? {
            count if count == entries => Ok(()),
            _ => Err(Malformed::cddl(Fault::Size { field: "status" }, at)),
        }
    };
    let key = |items: &mut Items<'_>, name| {
        let at = items.offset();
        match items.text("status", 0..=usize::MAX)? {
            found if found == name => Ok(()),
            _ => Err(Malformed::cddl(Fault::UnexpectedKey { field: "status" }, at)),
        }
    };
    exactly(items, 1)?;
    key(items, "status_list")?;
    exactly(items, 2)?;
    key(items, "idx")?;
    let idx = items.u32("idx", 0..=u32::MAX)?;
    key(items, "uri")?;
    let uri = items.text("uri", 8..=48)?.into();
    Ok(StatusReference { idx, uri })
}

fn subject_of(items: &mut Items<'_>, newer: &mut Option<Newer>) -> Result<Subject, Malformed> {
    let base = items.offset();
    let (mut programme, mut tractor, mut trailer, mut crew, mut route) = (None, None, None, None, None);
    let (mut leg, mut cargo, mut enterprise) = (Leg::Loaded, None, None);
    for _ in 0..items.map("body")? {
        match items.key("body")? {
            // The ranges keep the values within their types.
            0 => programme = Some(items.u32("programme", 1..=65535)? as u16),
            1 => tractor = Some(String::from(items.text("tractor", 4..=16)?)),
            2 => trailer = Some(String::from(items.text("trailer", 4..=16)?)),
            3 => crew = Some(crew_of(items)?),
            4 => route = Some(route_of(items)?),
            5 => leg = if items.u32("leg", 1..=2)? == 1 { Leg::Empty } else { Leg::Return },
            6 => cargo = Some(CargoCategory(items.u32("cargo", 0..=255)? as u8)),
            7 => enterprise = Some(enterprise_of(items)?),
            other => items.extension("body", other, newer)?,
        }
    }
    Ok(Subject {
        programme: required(programme, "programme", base)?,
        tractor: required(tractor, "tractor", base)?,
        trailer,
        crew: required(crew, "crew", base)?,
        route: required(route, "route", base)?,
        leg,
        cargo: required(cargo, "cargo", base)?,
        enterprise,
    })
}

fn crew_of(items: &mut Items<'_>) -> Result<Vec<Crew>, Malformed> {
    let people = items.list("crew", 1..=3)?;
    let mut crew = Vec::with_capacity(people);
    for _ in 0..people {
        let members = items.list("crew", 2..=3)?;
        let name = items.text("crew.name", 1..=60)?.into();
        let tail = items.text("crew.tail", 2..=6)?.into();
        let role = match members {
            2 => CrewRole::Driver,
            _ if items.u32("crew.role", 1..=2)? == 1 => CrewRole::Relief,
            _ => CrewRole::Passenger,
        };
        crew.push(Crew { name, tail, role });
    }
    Ok(crew)
}

fn route_of(items: &mut Items<'_>) -> Result<Vec<Division>, Malformed> {
    let places = items.list("route", 2..=10)?;
    (0..places).map(|_| Division::read(items, "route")).collect()
}

fn enterprise_of(items: &mut Items<'_>) -> Result<Enterprise, Malformed> {
    if items.is_bytes() {
        items.array_of::<11>("enterprise").map(Enterprise::Code)
    } else {
        items.u32("enterprise", 0..=u32::MAX).map(Enterprise::Number)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use alloc::vec;

    use super::*;
    use crate::division::Code;
    use crate::pass::Unsigned;

    /// The typical pass of docs/FORMAT.md: two crew, Chinese names, both plates, four regions.
    pub(crate) fn typical() -> Claims {
        let place = |code| Division::Code(Code::new(code).unwrap());
        Claims {
            iss: "CN-3205".into(),
            nbf: 1_796_054_400,
            exp: 1_796_659_200,
            number: PassNumber::new(320_500, 2526, 42).unwrap(),
            status: StatusReference { idx: 123_456, uri: "HTTPS://S.FP.CN/20/2970".into() },
            subject: Subject {
                programme: 1,
                tractor: "苏E12345".into(),
                trailer: Some("苏E8765挂".into()),
                crew: vec![
                    Crew { name: "张建国".into(), tail: "123X".into(), role: CrewRole::Driver },
                    Crew { name: "李明".into(), tail: "4567".into(), role: CrewRole::Relief },
                ],
                route: vec![place(320_583), place(330_106), place(3304), place(31)],
                leg: Leg::Loaded,
                cargo: CargoCategory(6),
                enterprise: Some(Enterprise::Code([1; 11])),
            },
        }
    }

    #[test]
    fn claims_come_back_as_they_were_signed() {
        let mut claims = typical();
        for (leg, enterprise) in [
            (Leg::Loaded, None),
            (Leg::Empty, Some(Enterprise::Number(u32::MAX))),
            (Leg::Return, Some(Enterprise::Code([9; 11]))),
        ] {
            claims.subject.leg = leg;
            claims.subject.enterprise = enterprise;
            claims.subject.crew[1].role = CrewRole::Passenger;
            let pass = Unsigned::new(&claims, Kid([7; 8])).unwrap().finish(&[3; 64]);
            let read = UnverifiedPass::read(pass.as_bytes()).unwrap();
            assert_eq!(read.kid(), Kid([7; 8]));
            assert_eq!(read.unverified_claims().unwrap(), claims);
        }
    }

    proptest::proptest! {
        #[test]
        fn mutated_bytes_never_panic(at in 0usize..280, by in 1u8..=255) {
            let pass = Unsigned::new(&typical(), Kid([7; 8])).unwrap().finish(&[3; 64]);
            let mut bytes = pass.into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= by;
            if let Err(malformed) = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims()) {
                proptest::prop_assert!(malformed.offset <= bytes.len());
            }
        }
    }
}

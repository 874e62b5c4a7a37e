//! What a pass says: the claims of docs/FORMAT.md, 1.1 and 2.1.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::characters::{Refused, first_refused};
use crate::division::Division;
use crate::pass::PassNumber;

/// The claims of one pass: a CWT claims set (RFC 8392) with the status of the Token Status List draft.
///
/// As data they prove nothing: an issuer fills them in, and a scanner believes only those of a
/// [`crate::scan::VerifiedPass`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Claim 1, `iss` (RFC 8392, 3.1.1): code of the authority that issued it, 1 to 16 bytes.
    pub iss: String,
    /// Claim 5, `nbf` (RFC 8392, 3.1.5): first second at which the pass is in force, seconds since 1970.
    pub nbf: u32,
    /// Claim 4, `exp` (RFC 8392, 3.1.4): first second at which it is not in force any more, seconds since 1970.
    pub exp: u32,
    /// Claim 7, `cti` (RFC 8392, 3.1.7): its number.
    pub number: PassNumber,
    /// Claim 65535, `status` (draft-ietf-oauth-status-list): where its status stands.
    pub status: StatusReference,
    /// Claim -65537, of this format: who and what may pass.
    pub subject: Subject,
}

/// Where a pass's status stands: an index of the list that its `uri` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReference {
    /// Index in the list, from 0.
    pub idx: u32,
    /// Status base of the trust list, then the number of the list in decimal; 8 to 48 bytes.
    pub uri: String,
}

/// Who and what may pass, where, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The emergency programme, 1 to 65535.
    pub programme: u16,
    /// Plate of the tractor, 4 to 16 bytes of UTF-8.
    pub tractor: String,
    /// Plate of the trailer, 4 to 16 bytes of UTF-8.
    pub trailer: Option<String>,
    /// One to three people; the first is the driver.
    pub crew: Vec<Crew>,
    /// Origin, destination, and what lies between: two to ten divisions.
    pub route: Vec<Division>,
    /// Loaded, empty, or on the way back.
    pub leg: Leg,
    /// What is carried.
    pub cargo: CargoCategory,
    /// The enterprise for which the truck drives.
    pub enterprise: Option<Enterprise>,
}

/// A person in the truck.
#[derive(Clone, PartialEq, Eq)]
pub struct Crew {
    /// Name, full or masked, 1 to 60 bytes.
    pub name: String,
    /// Last four characters of the ID number, 2 to 6 bytes.
    pub tail: String,
    /// What the person does.
    pub role: CrewRole,
}

/// Debug goes to logs, and the person does not.
impl fmt::Debug for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").field("role", &self.role).finish_non_exhaustive()
    }
}

/// What a person in the truck does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrewRole {
    /// Drives.
    Driver,
    /// Relieves the driver.
    Relief,
    /// Rides along.
    Passenger,
}

/// The leg of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leg {
    /// With cargo.
    Loaded,
    /// Without cargo, to fetch some.
    Empty,
    /// On the way back.
    Return,
}

/// Category of the cargo: 1 to 12 as docs/FORMAT.md names them, 255 other; later ones are read as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CargoCategory(pub u8);

/// The enterprise for which a truck drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enterprise {
    /// Its number on the white list of the authority.
    Number(u32),
    /// The first 17 characters of its unified social credit code (GB 32100), base 31, big-endian (docs/FORMAT.md, 7.2).
    Code([u8; 11]),
}

/// Why claims cannot be signed, or must not be admitted although they are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClaimsFault {
    /// The pass ends before it begins.
    #[error("exp {exp} is not after nbf {nbf}")]
    Window {
        /// Not before.
        nbf: u32,
        /// Expires.
        exp: u32,
    },
    /// A character that no plate, name, tail or text division may carry.
    #[error("{field}: character U+{:04X} at {} is refused", u32::from(refused.character), refused.position)]
    Character {
        /// `tractor`, `trailer`, `crew.name`, `crew.tail` or `route`.
        field: &'static str,
        /// The character and its place.
        refused: Refused,
    },
    /// A field that the CDDL does not allow; only an issuer meets it, a reader reports it as malformed.
    #[error("{field}: outside the sizes and ranges of the format")]
    Format {
        /// The field's name in docs/FORMAT.md.
        field: &'static str,
    },
}

impl Claims {
    /// The rules between fields and within texts that go beyond types and sizes (row 10 of docs/FORMAT.md, section 5).
    ///
    /// # Errors
    /// [`ClaimsFault::Window`] and [`ClaimsFault::Character`], the first in the order of the claims.
    pub fn check(&self) -> Result<(), ClaimsFault> {
        if self.nbf >= self.exp {
            return Err(ClaimsFault::Window { nbf: self.nbf, exp: self.exp });
        }
        let subject = &self.subject;
        let clean = |field, refused: Option<Refused>| match refused {
            Some(refused) => Err(ClaimsFault::Character { field, refused }),
            None => Ok(()),
        };
        clean("tractor", first_refused(&subject.tractor))?;
        clean("trailer", subject.trailer.as_deref().and_then(first_refused))?;
        for person in &subject.crew {
            clean("crew.name", first_refused(&person.name))?;
            clean("crew.tail", first_refused(&person.tail))?;
        }
        subject.route.iter().try_for_each(|division| clean("route", division.refused()))
    }
}

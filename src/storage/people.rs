//! A person as two tables keep one: on the white list and in the crew of an application.

use super::FieldCrypto;
use super::backend::Backend;
use super::errors::StorageError;
use super::sql::{Read, Row, Tuple};
use super::whitelist::{PHONE, paper_lookup};
use crate::profile::{Paper, PaperKind};
use crate::whitelist::{CrewRole, Person};

/// Under which name the paper's number is sealed.
const PAPER_NUMBER: &str = "person.paper_number";
/// Under which name the mobile number is sealed.
const MOBILE: &str = "person.mobile";

/// The columns of a person, sealed.
pub(super) struct PersonColumns {
    name: String,
    paper_kind: u8,
    paper_number: Vec<u8>,
    paper_hmac: [u8; 32],
    paper_tail: String,
    mobile: Option<Vec<u8>>,
    mobile_hmac: Option<[u8; 32]>,
    role: u8,
}

impl PersonColumns {
    /// The columns' names, in the order of [`PersonColumns::add`].
    pub(super) const LIST: &str = "paper_hmac, paper_kind, paper_number, paper_tail, name, mobile, mobile_hmac, role";

    /// Seals a person.
    pub(super) fn seal(fields: &FieldCrypto, person: &Person) -> Result<Self, StorageError> {
        Ok(Self {
            name: person.name.clone(),
            paper_kind: person.paper.kind.number(),
            paper_number: fields.seal(PAPER_NUMBER, &person.paper.number)?,
            paper_hmac: paper_lookup(fields, &person.paper),
            paper_tail: person.paper.tail().to_owned(),
            mobile: person.mobile.as_deref().map(|mobile| fields.seal(MOBILE, mobile)).transpose()?,
            mobile_hmac: person.mobile.as_deref().map(|mobile| fields.lookup(PHONE, mobile)),
            role: person.role.number(),
        })
    }

    /// Adds the columns to a row of a VALUES list.
    pub(super) fn add<DB: Backend>(self, row: Tuple<DB>) -> Tuple<DB> {
        row.arg(self.paper_hmac)
            .arg(self.paper_kind)
            .arg(self.paper_number)
            .arg(self.paper_tail)
            .arg(self.name)
            .arg(self.mobile)
            .arg(self.mobile_hmac)
            .arg(self.role)
    }
}

/// Opens a person. The number must be the one that the row is found by: one that was moved here from another row is
/// not taken for it.
pub(super) fn person<DB: Backend>(fields: &FieldCrypto, row: &Row<DB>) -> Result<Person, StorageError> {
    let mobile: Option<Vec<u8>> = row.get("mobile")?;
    let paper = Paper {
        kind: row.get("paper_kind")?,
        number: fields.open(PAPER_NUMBER, &row.get::<Vec<u8>>("paper_number")?)?,
    };
    if paper_lookup(fields, &paper) != row.get::<[u8; 32]>("paper_hmac")? {
        return Err(row.corrupt("paper_hmac"));
    }
    let mobile = mobile.map(|sealed| fields.open(MOBILE, &sealed)).transpose()?;
    if mobile.as_deref().map(|mobile| fields.lookup(PHONE, mobile)) != row.get("mobile_hmac")? {
        return Err(row.corrupt("mobile_hmac"));
    }
    Ok(Person { name: row.get("name")?, paper, mobile, role: row.get("role")? })
}

impl Read for PaperKind {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        PaperKind::by_number(stored)
    }
}

impl Read for CrewRole {
    type Column = i64;
    fn read(stored: i64) -> Option<Self> {
        CrewRole::by_number(stored)
    }
}

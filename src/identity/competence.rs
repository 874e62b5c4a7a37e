//! Who is competent for what, as the trust list in force says: the facts that an application and a decision are
//! checked against.

use std::sync::Arc;

use freightpass_core::division::Division;

/// A source of the competences in force; the trust room gives them from the list it has adopted.
pub trait Competences: Send + Sync {
    /// What is in force now. A later call may give a newer one; one answer never changes.
    fn current(&self) -> Arc<Competence>;
}

/// What one trust list says about who may decide what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Competence {
    /// The longest life of a pass, in seconds.
    pub longest_life_s: u32,
    /// Every authority of the list.
    pub authorities: Vec<AuthorityScope>,
    /// Every programme of the list.
    pub programmes: Vec<ProgrammeWindow>,
    /// Authorities that earlier lists named and this one does not. They decide nothing any more; what they left is seen
    /// by those whose division holds theirs.
    pub former: Vec<FormerAuthority>,
}

/// An authority of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerAuthority {
    /// Its code.
    pub code: String,
    /// Its division in the last list that named it; none: everywhere.
    pub division: Option<Division>,
}

/// Where one authority acts, and under which programmes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityScope {
    /// Its code, the issuer of its passes.
    pub code: String,
    /// Its number, the beginning of its pass numbers.
    pub number: u32,
    /// 1 nation, 2 province, 3 prefecture.
    pub level: u8,
    /// Its division; none: everywhere.
    pub division: Option<Division>,
    /// The programmes listed for it.
    pub programmes: Vec<u16>,
}

/// When one programme is open: `from <= t < until`, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgrammeWindow {
    /// Its number, as claim 0 of a pass's body.
    pub number: u16,
    /// The first second.
    pub from: u64,
    /// The first second after it.
    pub until: u64,
}

impl AuthorityScope {
    /// Whether the authority may act on a journey between these two: one of them lies in its division.
    pub fn covers(&self, origin: &Division, destination: &Division) -> bool {
        match &self.division {
            None => true,
            Some(own) => own.contains(origin) || own.contains(destination),
        }
    }
}

impl Competence {
    /// The authority of that code.
    pub fn authority(&self, code: &str) -> Option<&AuthorityScope> {
        self.authorities.iter().find(|authority| authority.code == code)
    }

    /// The programme of that number, if the authority may issue under it.
    pub fn programme(&self, authority: &AuthorityScope, number: u16) -> Option<&ProgrammeWindow> {
        let listed = authority.programmes.contains(&number);
        self.programmes.iter().find(|programme| listed && programme.number == number)
    }
}

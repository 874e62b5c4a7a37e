//! What a caller may see. What lies outside it does not exist for the caller: the answer is "not found".

use serde::Serialize;

/// The part of the registry that a caller sees, found from the officer and the trust list in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Sight {
    /// An officer of an authority without a division, which acts everywhere: everything, also what belongs to bodies
    /// that no trust list names any more, and what the service did by itself.
    All,
    /// An authority's officer: what belongs to these bodies (its own, and those inside its division).
    Bodies(Vec<String>),
    /// A county office: applications whose origin or destination is this division.
    County {
        /// The county's division, as its Display spells it.
        division: String,
    },
    /// An applicant: what belongs to this enterprise.
    Enterprise {
        /// The enterprise's code.
        code: String,
    },
}

impl Sight {
    /// Whether what belongs to the authority, and to the enterprise of that code, is seen. A county sees by route
    /// alone, and so nothing here.
    pub fn includes(&self, authority: &str, enterprise: &str) -> bool {
        match self {
            Sight::All => true,
            Sight::Bodies(bodies) => bodies.iter().any(|body| body == authority),
            Sight::County { .. } => false,
            Sight::Enterprise { code } => code == enterprise,
        }
    }
}

//! Who is calling: an officer of an authority, or an enterprise's applicant, as the client certificate names them.

use std::fmt;

/// What an officer may do; the table of methods and roles is in [`crate::identity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Applies for passes in the name of one enterprise.
    Applicant,
    /// Keeps the white list of an authority.
    Whitelist,
    /// Recommends applications from a county.
    Recommender,
    /// Approves, rejects and issues.
    Approver,
    /// Suspends, resumes and revokes.
    Revoker,
    /// Reads the audit log.
    Auditor,
    /// Installs trust lists, publishes status, watches the service.
    Operator,
}

impl Role {
    /// Every role, in the order of the flow.
    pub const ALL: [Role; 7] = [
        Role::Applicant,
        Role::Whitelist,
        Role::Recommender,
        Role::Approver,
        Role::Revoker,
        Role::Auditor,
        Role::Operator,
    ];

    /// The role's name in certificates and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Applicant => "applicant",
            Role::Whitelist => "whitelist",
            Role::Recommender => "recommender",
            Role::Approver => "approver",
            Role::Revoker => "revoker",
            Role::Auditor => "auditor",
            Role::Operator => "operator",
        }
    }

    /// The role of that name.
    pub fn by_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One officer, proven by a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// Code of the authority, county office or enterprise for which the officer acts.
    pub body: String,
    /// The officer's name within the body, as the certificate spells it.
    pub name: String,
    /// What the officer may do, ascending, without repetition.
    pub roles: Vec<Role>,
}

impl Officer {
    /// Whether the officer has `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the body is an enterprise: only applicants act for one.
    pub fn is_applicant(&self) -> bool {
        self.has(Role::Applicant)
    }
}

impl fmt::Display for Officer {
    /// `body/name`: the form of the audit log and of request ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.body, self.name)
    }
}

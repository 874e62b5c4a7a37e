//! From a reason to its stable code and to what the officer does: two columns of docs/FORMAT.md, section 5.

use core::fmt;

use crate::scan::Reason;

/// What the officer does. There are three and no more, in ascending strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Lets the truck pass, after comparing its plate.
    Admit,
    /// Calls the duty officer: what is at hand decides neither way.
    Refer,
    /// Turns the truck away.
    Refuse,
}

impl Outcome {
    /// The outcome's name in vectors and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Admit => "admit",
            Outcome::Refer => "refer",
            Outcome::Refuse => "refuse",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Reason {
    /// The stable code: what vectors, JSON, messages and reports carry.
    pub const fn code(&self) -> &'static str {
        match self {
            Reason::NotAPass { .. } => "not_a_pass",
            Reason::NewerPrefix { .. } | Reason::NewerKey { .. } => "format_newer",
            Reason::Malformed(_) => "malformed",
            Reason::NoTrust => "no_trust",
            Reason::WrongType { .. } => "wrong_type",
            Reason::WrongAlg { .. } => "wrong_alg",
            Reason::KeyUnknown { .. } => "key_unknown",
            Reason::IssuerMismatch { .. } => "issuer_mismatch",
            Reason::BadSignature { .. } => "bad_signature",
            Reason::ClaimsInvalid(_) => "claims_invalid",
            Reason::ListMismatch { .. } => "list_mismatch",
            Reason::Revoked { .. } => "revoked",
            Reason::Expired { .. } => "expired",
            Reason::TrustBehind { .. } => "trust_behind",
            Reason::TrustExpired { .. } => "trust_expired",
            Reason::Equivocation { .. } => "equivocation",
            Reason::LifeTooLong { .. } => "life_too_long",
            Reason::OutOfScope { .. } => "out_of_scope",
            Reason::ProgrammeNotAllowed { .. } => "programme_not_allowed",
            Reason::KeyWindow { .. } => "key_window",
            Reason::NotASurvivor { .. } => "not_a_survivor",
            Reason::SurvivorsMissing { .. } => "survivors_missing",
            Reason::ClockBehind { .. } => "clock_behind",
            Reason::UnconfirmedStart { .. } => "unconfirmed_start",
            Reason::StatusMissing { .. } => "status_missing",
            Reason::StatusStale { .. } => "status_stale",
            Reason::ListUnknown { .. } => "list_unknown",
            Reason::IndexBeyond { .. } => "index_beyond",
            Reason::Suspended { .. } => "suspended",
            Reason::NotYetValid { .. } => "not_yet_valid",
            Reason::PlateMismatch { .. } => "plate_mismatch",
            Reason::OffRoute { .. } => "off_route",
            Reason::NoPlace { .. } => "no_place",
        }
    }

    /// Every code that a reason can have, in the order of the table, and `unreadable`, which belongs to pictures.
    pub const CODES: [&'static str; 34] = [
        "unreadable",
        "not_a_pass",
        "format_newer",
        "malformed",
        "no_trust",
        "wrong_type",
        "wrong_alg",
        "key_unknown",
        "issuer_mismatch",
        "bad_signature",
        "claims_invalid",
        "list_mismatch",
        "revoked",
        "expired",
        "trust_behind",
        "trust_expired",
        "equivocation",
        "life_too_long",
        "out_of_scope",
        "programme_not_allowed",
        "key_window",
        "not_a_survivor",
        "survivors_missing",
        "clock_behind",
        "unconfirmed_start",
        "status_missing",
        "status_stale",
        "list_unknown",
        "index_beyond",
        "suspended",
        "not_yet_valid",
        "plate_mismatch",
        "off_route",
        "no_place",
    ];

    /// What the officer does.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Reason::Malformed(_)
            | Reason::WrongType { .. }
            | Reason::WrongAlg { .. }
            | Reason::BadSignature { .. }
            | Reason::ClaimsInvalid(_)
            | Reason::ListMismatch { .. }
            | Reason::Revoked { .. }
            | Reason::Expired { .. }
            | Reason::Suspended { .. }
            | Reason::NotYetValid { .. }
            | Reason::PlateMismatch { .. } => Outcome::Refuse,
            // What a scanner does not know yet is no forgery: only current data refuses.
            Reason::KeyUnknown { current, .. }
            | Reason::IssuerMismatch { current, .. }
            | Reason::LifeTooLong { current, .. }
            | Reason::OutOfScope { current, .. }
            | Reason::ProgrammeNotAllowed { current, .. }
            | Reason::KeyWindow { current, .. }
            | Reason::NotASurvivor { current, .. } => refuse_if(*current),
            Reason::OffRoute { refuse, .. } => refuse_if(*refuse),
            Reason::NotAPass { .. }
            | Reason::NewerPrefix { .. }
            | Reason::NewerKey { .. }
            | Reason::NoTrust
            | Reason::TrustBehind { .. }
            | Reason::TrustExpired { .. }
            | Reason::Equivocation { .. }
            | Reason::SurvivorsMissing { .. }
            | Reason::ClockBehind { .. }
            | Reason::UnconfirmedStart { .. }
            | Reason::StatusMissing { .. }
            | Reason::StatusStale { .. }
            | Reason::ListUnknown { .. }
            | Reason::IndexBeyond { .. }
            | Reason::NoPlace { .. } => Outcome::Refer,
        }
    }
}

const fn refuse_if(refuse: bool) -> Outcome {
    if refuse { Outcome::Refuse } else { Outcome::Refer }
}

//! Why a pass is not admitted: one variant for each code of docs/FORMAT.md, section "The verdict", with the values
//! that were compared.

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::division::Division;
use crate::key::Kid;
use crate::malformed::Malformed;
use crate::pass::{ClaimsFault, NotAPass};

/// What the officer does.
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

/// Why, with the values compared. Times are seconds since 1970, ages and limits seconds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Reason {
    /// Row 1: another kind of code.
    #[error("not a freight pass ({})", kind.name())]
    NotAPass {
        /// What it is instead.
        kind: NotAPass,
    },
    /// Row 2: a later version of the format.
    #[error("the text is of version {version} of the format")]
    NewerPrefix {
        /// The version in the prefix.
        version: u32,
    },
    /// Row 3: unreadable.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Row 4: no trust list is held.
    #[error("no trust list is held")]
    NoTrust,
    /// Row 5: another type of object.
    #[error("type {found}, wanted {wanted}")]
    WrongType {
        /// The type found.
        found: u64,
        /// The type of a pass.
        wanted: u64,
    },
    /// Row 5: another algorithm.
    #[error("algorithm {found}, wanted {wanted}")]
    WrongAlg {
        /// The algorithm found.
        found: i128,
        /// EdDSA.
        wanted: i64,
    },
    /// Row 6: no authority has that key.
    #[error("no authority has the key {kid:?} (trust list {sequence}, data {age_s} s old)")]
    KeyUnknown {
        /// The key.
        kid: Kid,
        /// Sequence of the trust list held.
        sequence: u32,
        /// Age of the manifest, where one is held.
        age_s: OptionalAge,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 7: the key belongs to another authority than the one named.
    #[error("the key {kid:?} belongs to {owner}")]
    IssuerMismatch {
        /// The key.
        kid: Kid,
        /// Code of the authority to which it belongs.
        owner: String,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 8: the signature is not the key's.
    #[error("bad signature of the key {kid:?}")]
    BadSignature {
        /// The key.
        kid: Kid,
    },
    /// Row 9: a critical key that this version does not know.
    #[error("critical key {key} of {map} is not known")]
    NewerKey {
        /// `claims` or `body`.
        map: &'static str,
        /// The key.
        key: u64,
    },
    /// Row 10: signed, and against a rule of the claims.
    #[error(transparent)]
    ClaimsInvalid(ClaimsFault),
    /// Row 10: the status URI is not that of the week in which the pass expires.
    #[error("the status URI is not that of list {list}")]
    ListMismatch {
        /// The list of the pass's week.
        list: u32,
    },
    /// Row 11: revoked, for good.
    #[error("revoked (list {list}, index {idx}, manifest {seq}, data {age_s} s old)")]
    Revoked {
        /// The list.
        list: u32,
        /// The index.
        idx: u32,
        /// Seq of the manifest held, 0 without one.
        seq: u32,
        /// Age of the manifest.
        age_s: OptionalAge,
    },
    /// Rows 12 and 20: not in force any more.
    #[error("expired at {exp}, it is at least {bound}")]
    Expired {
        /// When it expired.
        exp: u32,
        /// The root-signed floor (row 12), or the present (row 20).
        bound: u64,
        /// 12 or 20.
        row: u8,
    },
    /// Row 13: the manifest names a later trust list.
    #[error("trust list {named} is in force, {held} is held")]
    TrustBehind {
        /// Sequence held.
        held: u32,
        /// Sequence that the manifest names.
        named: u32,
        /// Age of the manifest.
        age_s: OptionalAge,
    },
    /// Row 13: the trust list speaks no more.
    #[error("the trust list {held} expired at {expires}")]
    TrustExpired {
        /// Sequence held.
        held: u32,
        /// When it expired.
        expires: u32,
        /// Age of the manifest.
        age_s: OptionalAge,
    },
    /// Row 13: a signer said two things at once.
    #[error("two contents under one order {order:?}")]
    Equivocation {
        /// Trust sequence, and manifest seq (0 for trust lists).
        order: (u32, u32),
        /// Age of the manifest.
        age_s: OptionalAge,
    },
    /// Row 14: longer than the trust list allows.
    #[error("life of {life_s} s, at most {longest_s} s")]
    LifeTooLong {
        /// exp - nbf.
        life_s: u32,
        /// Longest life.
        longest_s: u32,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 14: outside the authority's division, or a number that is not the authority's.
    #[error("outside the scope of the authority {authority}")]
    OutOfScope {
        /// Code of the authority.
        authority: String,
        /// Number in `cti`.
        number: u32,
        /// The authority's number.
        allowed: u32,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 14: the programme is not the authority's, or not open when the pass begins.
    #[error("programme {programme} is not open to the authority {authority}")]
    ProgrammeNotAllowed {
        /// The programme.
        programme: u16,
        /// Code of the authority.
        authority: String,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 14: the pass begins outside the key's window.
    #[error("nbf {nbf} is outside {from} to {until}")]
    KeyWindow {
        /// When it begins.
        nbf: u32,
        /// First second of the key's window.
        from: u32,
        /// First second after it.
        until: u32,
        /// Whether the data is current.
        current: bool,
    },
    /// Row 15: the key is compromised and the pass is not among its survivors.
    #[error("not among the survivors of the key {kid:?}")]
    NotASurvivor {
        /// The key.
        kid: Kid,
        /// Hash of the survivors set.
        set: [u8; 32],
        /// Whether the data is current.
        current: bool,
    },
    /// Row 15: the key is compromised and its survivors are not known here.
    #[error("the survivors of the key {kid:?} are not held")]
    SurvivorsMissing {
        /// The key.
        kid: Kid,
        /// Hash of the set that the trust list names, if it names one.
        set: Option<[u8; 32]>,
    },
    /// Row 16: the device's clock is behind signed time.
    #[error("the clock says {now}, and it is at least {floor}")]
    ClockBehind {
        /// What the clock says.
        now: u64,
        /// The clock floor.
        floor: u32,
    },
    /// Row 16: nobody confirmed the data's date yet.
    #[error("the data's date is not confirmed")]
    UnconfirmedStart {
        /// What the clock says.
        now: u64,
        /// The clock floor.
        floor: u32,
    },
    /// Row 17: no manifest, or a state that it names is not held.
    #[error("the status of list {list} is not held")]
    StatusMissing {
        /// The list.
        list: u32,
        /// Seq of the manifest held, 0 without one.
        seq: u32,
        /// Age of the manifest.
        age_s: OptionalAge,
    },
    /// Row 17: the manifest is too old.
    #[error("the status is {age_s} s old, at most {limit_s} s")]
    StatusStale {
        /// Seq of the manifest held.
        seq: u32,
        /// Its age.
        age_s: OptionalAge,
        /// Longest age.
        limit_s: u32,
    },
    /// Row 17: the manifest does not name the list.
    #[error("the manifest {seq} does not name list {list}")]
    ListUnknown {
        /// The list.
        list: u32,
        /// Seq of the manifest held.
        seq: u32,
        /// Its age.
        age_s: OptionalAge,
    },
    /// Row 18: newer than this data.
    #[error("index {idx} is newer than this data (n = {n})")]
    IndexBeyond {
        /// The index.
        idx: u32,
        /// Capacity that the manifest names.
        n: u32,
    },
    /// Row 19: suspended.
    #[error("suspended (list {list}, index {idx}, manifest {seq}, data {age_s} s old)")]
    Suspended {
        /// The list.
        list: u32,
        /// The index.
        idx: u32,
        /// Seq of the manifest held.
        seq: u32,
        /// Its age.
        age_s: OptionalAge,
    },
    /// Row 20: not in force yet.
    #[error("in force from {nbf}, it is {t}")]
    NotYetValid {
        /// The present.
        t: u64,
        /// When it begins.
        nbf: u32,
    },
    /// Row 21: the plate that was read is neither the tractor's nor the trailer's.
    #[error("the plate read is not one of the pass")]
    PlateMismatch {
        /// The plate read.
        read: String,
        /// The plates signed.
        signed: Vec<String>,
    },
    /// Row 22: the checkpoint is not on the route.
    #[error("{here} is not on the route")]
    OffRoute {
        /// The checkpoint's county.
        here: Division,
        /// The route signed.
        route: Vec<Division>,
        /// Whether the programme refuses, or refers.
        refuse: bool,
    },
    /// Row 22: it is not known where the checkpoint is.
    #[error("the checkpoint's county is not set")]
    NoPlace {
        /// The route signed.
        route: Vec<Division>,
    },
}

/// Age of a manifest in seconds, where one is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionalAge(pub Option<u64>);

impl core::fmt::Display for OptionalAge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(age) => write!(f, "{age}"),
            None => f.write_str("?"),
        }
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

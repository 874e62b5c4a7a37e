//! Why a pass is not admitted: one variant for each code of docs/FORMAT.md, section 5, with the values that were
//! compared.

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::division::Division;
use crate::key::Kid;
use crate::malformed::Malformed;
use crate::pass::{ClaimsFault, NotAPass};

/// Why, with the values compared, in the order of the rows. Times are seconds since 1970, ages and limits seconds.
///
/// A pass that nobody admits has exactly one reason: that of the first row that applies. The variants are all there are
/// in version 1 of the format, so that whoever translates them is told by the compiler what is missing. Its `Display` and
/// `Debug` name no person; plates stand in [`Reason::PlateMismatch`] and its `Debug` alone.
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

/// Age of a manifest in seconds, where one is held; shown as `?` where none is.
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

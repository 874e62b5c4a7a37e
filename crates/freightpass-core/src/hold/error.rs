//! Why a part is not adopted.

use thiserror::Error;

use crate::key::Kid;
use crate::malformed::Malformed;
use crate::status::StatusError;
use crate::trust::TrustFault;

/// Why a part is not adopted (docs/FORMAT.md, section 2); what was held before is held still.
///
/// Orders are (trust sequence named, seq); of a trust list (sequence, 0). The variants are all there are in version 1 of
/// the format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AdoptionError {
    /// Not readable.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A trust list that breaks a rule of its own.
    #[error(transparent)]
    Trust(TrustFault),
    /// A status object that breaks a rule of its own.
    #[error(transparent)]
    Status(StatusError),
    /// The header names another type.
    #[error("type {found}, wanted {wanted}")]
    WrongType {
        /// The type found.
        found: u64,
        /// The type of this part.
        wanted: u64,
    },
    /// Another algorithm than EdDSA.
    #[error("algorithm {found}, wanted -8 (EdDSA)")]
    WrongAlg {
        /// The algorithm found.
        found: i128,
    },
    /// It speaks for another deployment.
    #[error("it is of another deployment")]
    OtherDeployment,
    /// A critical key that this version does not know.
    #[error("critical key {key} is not known")]
    Newer {
        /// The key.
        key: u64,
    },
    /// Fewer valid root signatures than the threshold, of the roots held or of its own.
    #[error("{valid} valid root signatures, {threshold} needed")]
    Threshold {
        /// Distinct root keys with a valid signature.
        valid: usize,
        /// How many are needed.
        threshold: u8,
    },
    /// Older than what is held.
    #[error("rolled back: {found:?} is below {held:?}")]
    RolledBack {
        /// Its sequence (trust), or its order (manifest: trust sequence, seq).
        found: (u32, u32),
        /// The highest that is held.
        held: (u32, u32),
    },
    /// The same order with other contents, validly signed: kept as evidence.
    #[error("equivocation at {order:?}: two contents under one order")]
    Equivocation {
        /// Its sequence (trust), or its order (manifest).
        order: (u32, u32),
    },
    /// A later trust list calls a compromised key good.
    #[error("key {kid:?} is compromised for ever")]
    CompromisedRevived {
        /// The key.
        kid: Kid,
    },
    /// A later trust list has another status base.
    #[error("the status base must not change")]
    StatusBaseChanged,
    /// No trust list is held.
    #[error("no trust list is held")]
    NoTrust,
    /// The key is no good status key of the trust list held.
    #[error("key {kid:?} is no status key of the trust list held")]
    KeyUnknown {
        /// The key.
        kid: Kid,
    },
    /// The key is compromised.
    #[error("status key {kid:?} is compromised")]
    KeyCompromised {
        /// The key.
        kid: Kid,
    },
    /// `issued` lies outside the key's window, or not before the trust list's end.
    #[error("issued {issued} lies outside {from} to {until}")]
    KeyWindow {
        /// When it was issued.
        issued: u32,
        /// First second of the key's window.
        from: u32,
        /// First second after it.
        until: u32,
    },
    /// The signature is not the key's.
    #[error("bad signature of key {kid:?}")]
    BadSignature {
        /// The key.
        kid: Kid,
    },
    /// A list that is live at its own `issued` is left out.
    #[error("live list {list} is left out")]
    LiveListOmitted {
        /// The list.
        list: u32,
    },
    /// A list has become smaller.
    #[error("list {list} shrinks from {held} to {found}")]
    Shrinks {
        /// The list.
        list: u32,
        /// Its capacity before.
        held: u32,
        /// Its capacity now.
        found: u32,
    },
    /// No manifest is held by which the object could be judged.
    #[error("no manifest is held")]
    NoManifest,
    /// The manifest does not name the object's list.
    #[error("the manifest does not name list {list}")]
    ListUnknown {
        /// The list.
        list: u32,
    },
    /// The state's hash is not the one that the manifest names.
    #[error("list {list}: the state's hash is not the manifest's")]
    WrongHash {
        /// The list.
        list: u32,
    },
    /// A delta goes from another base than the one held.
    #[error("list {list}: the delta's base is not the state held")]
    WrongBase {
        /// The list.
        list: u32,
    },
    /// A state that makes a revoked pass valid again.
    #[error("list {list}: index {idx} was revoked for ever")]
    ClearsRevoked {
        /// The list.
        list: u32,
        /// The index.
        idx: u32,
    },
    /// A survivors set that the trust list does not name.
    #[error("the trust list names no such survivors set for key {kid:?}")]
    SurvivorsUnknown {
        /// The key.
        kid: Kid,
    },
}

/// No manifest is held, so there is no date that could be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no status data is held whose date could be confirmed")]
pub struct NothingToConfirm;

impl AdoptionError {
    /// The error's stable code, as vectors, reports and JSON carry it.
    pub fn code(&self) -> &'static str {
        match self {
            AdoptionError::Malformed(_) => "malformed",
            AdoptionError::Trust(fault) => fault.code(),
            AdoptionError::Status(error) => error.code(),
            AdoptionError::WrongType { .. } => "wrong_type",
            AdoptionError::WrongAlg { .. } => "wrong_alg",
            AdoptionError::OtherDeployment => "other_deployment",
            AdoptionError::Newer { .. } => "format_newer",
            AdoptionError::Threshold { .. } => "threshold",
            AdoptionError::RolledBack { .. } => "rolled_back",
            AdoptionError::Equivocation { .. } => "equivocation",
            AdoptionError::CompromisedRevived { .. } => "compromised_revived",
            AdoptionError::StatusBaseChanged => "status_base_changed",
            AdoptionError::NoTrust => "no_trust",
            AdoptionError::KeyUnknown { .. } => "key_unknown",
            AdoptionError::KeyCompromised { .. } => "key_compromised",
            AdoptionError::KeyWindow { .. } => "key_window",
            AdoptionError::BadSignature { .. } => "bad_signature",
            AdoptionError::LiveListOmitted { .. } => "live_list_omitted",
            AdoptionError::Shrinks { .. } => "shrinks",
            AdoptionError::NoManifest => "no_manifest",
            AdoptionError::ListUnknown { .. } => "list_unknown",
            AdoptionError::WrongHash { .. } => "wrong_hash",
            AdoptionError::WrongBase { .. } => "wrong_base",
            AdoptionError::ClearsRevoked { .. } => "clears_revoked",
            AdoptionError::SurvivorsUnknown { .. } => "survivors_unknown",
        }
    }
}

impl From<TrustFault> for AdoptionError {
    fn from(fault: TrustFault) -> Self {
        match fault {
            TrustFault::Malformed(malformed) => AdoptionError::Malformed(malformed),
            TrustFault::Newer { key } => AdoptionError::Newer { key },
            other => AdoptionError::Trust(other),
        }
    }
}

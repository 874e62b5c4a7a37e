//! Why a step of the ceremony is refused.

use freightpass_core::key::{KeyError, Kid};
use freightpass_core::malformed::Malformed;
use freightpass_core::trust::TrustFault;

use super::words::told;

/// Why a step of the ceremony is refused.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// No authority has the code.
    #[error("no authority has the code {code}")]
    NoAuthority {
        /// The code.
        code: String,
    },
    /// The code is taken.
    #[error("an authority with the code {code} is listed already")]
    AuthorityExists {
        /// The code.
        code: String,
    },
    /// The number is not the one that follows from the division.
    #[error("the number of {code} is {found}, its division asks for {wanted}")]
    Number {
        /// The authority.
        code: String,
        /// The number given.
        found: u32,
        /// What it has to be.
        wanted: String,
    },
    /// No key of the list has the name.
    #[error("the list names no key {kid}")]
    NoKey {
        /// The name.
        kid: Kid,
    },
    /// The key is compromised, for ever.
    #[error("the key {kid} is compromised, which is final")]
    Compromised {
        /// The key.
        kid: Kid,
    },
    /// What the key signed can still count.
    #[error("what the key {kid} signed can count until {}: leave it listed until then", told(*needed_until))]
    StillCounts {
        /// The key.
        kid: Kid,
        /// The end of the longest pass of it, seconds since 1970.
        needed_until: u32,
    },
    /// No programme has the number.
    #[error("no programme has the number {number}")]
    NoProgramme {
        /// The number.
        number: u16,
    },
    /// A public key that no scanner accepts.
    #[error("the public key is {0}")]
    Key(#[from] KeyError),
    /// The list would not be adopted.
    #[error("no scanner would adopt this list: {0}")]
    Fault(#[from] TrustFault),
    /// The bytes are neither a draft nor a trust list.
    #[error("neither a draft nor a trust list: {0}")]
    Unreadable(#[from] Malformed),
    /// The key is no root key of the list, nor one of those that must sign it.
    #[error("the key {kid} is none of the roots that can sign this list")]
    NotARoot {
        /// The key.
        kid: Kid,
    },
}

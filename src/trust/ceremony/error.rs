//! Why a step of the ceremony is refused.

use freightpass_core::bundle::ProvisionError;
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
    /// No good status key signs at that moment.
    #[error(
        "no good status key signs at {}: nothing would be published, and every pass referred; add one that signs from now \
         on (--add-key status=KEY --keys-from now)",
        told(*at)
    )]
    NoStatusKey {
        /// The first such moment, seconds since 1970.
        at: u32,
    },
    /// The clock of this machine is behind the list in force.
    #[error("the list in force was made at {}, and the clock here says {}: set it right", told(*issued), told(*now))]
    ClockBehind {
        /// When the list in force was made, seconds since 1970.
        issued: u32,
        /// The clock, seconds since 1970.
        now: u32,
    },
    /// A programme that is never open.
    #[error("programme {number} would end at {} and begin at {}", told(*until), told(*from))]
    NeverOpen {
        /// The number.
        number: u16,
        /// Its beginning, seconds since 1970.
        from: u32,
        /// Its end, seconds since 1970.
        until: u32,
    },
    /// What is given as the list in force is not it.
    #[error("{problem}: give the list in force with --before, as `keys trust` writes it")]
    NotBefore {
        /// What is wrong with it.
        problem: &'static str,
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
    /// No scanner could be provisioned with the list's roots.
    #[error("no scanner could be provisioned: {0}")]
    Provision(#[from] ProvisionError),
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

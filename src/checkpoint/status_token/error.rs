//! Why a token is not read.

use super::STATUS_TOKEN_TYPE;
use super::list::MAX_LIST_BYTES;
use super::read::MAX_TOKEN_BYTES;

/// Why a token is not read. None of it ever means "not revoked".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatusTokenError {
    /// Larger than any list of ours.
    #[error("the token has {size} bytes, at most {MAX_TOKEN_BYTES} are read")]
    TooLarge {
        /// Bytes.
        size: usize,
    },
    /// No COSE_Sign1 message with a protected header and a payload.
    #[error("not a COSE_Sign1 message: {what}")]
    Envelope {
        /// What is wrong.
        what: &'static str,
    },
    /// The header's type is none or another.
    #[error("the header does not say {STATUS_TOKEN_TYPE}")]
    Type,
    /// A claim is missing, stands twice or is of another type.
    #[error("claim {claim} is missing, double or of another type")]
    Claim {
        /// Its number.
        claim: i64,
    },
    /// Another number of bits than 1, 2, 4 or 8.
    #[error("{bits} bits a place")]
    Bits {
        /// The number.
        bits: u64,
    },
    /// The list is not zlib (RFC 1950), or goes on behind its end.
    #[error("the list is not zlib")]
    Compression,
    /// The list inflates to more than any list of ours.
    #[error("the list inflates to more than {MAX_LIST_BYTES} bytes")]
    ListTooLarge,
    /// The signature is none of that key by EdDSA.
    #[error("the signature is not that of the key")]
    BadSignature,
    /// It is about another list than the one that was asked for.
    #[error("the token is about another list")]
    OtherList,
    /// It does not count any more, or not yet.
    #[error("the token counts from {issued} to {expires:?}, it is {now}")]
    Time {
        /// When it was signed.
        issued: u64,
        /// When it ends.
        expires: Option<u64>,
        /// The time.
        now: u64,
    },
}

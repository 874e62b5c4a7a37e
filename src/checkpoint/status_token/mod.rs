//! Token Status List (draft-ietf-oauth-status-list) of a published state, for verifiers of other systems; and our own
//! reader of such tokens. No scanner of ours reads one: it holds the state itself.
//!
//! A token is a CWT (RFC 8392): COSE_Sign1 with `typ` `application/statuslist+cwt`, claims 2 (sub: the list's URI),
//! 4 (exp), 6 (iat), 65533 (the status list: bits and the zlib-compressed array), 65534 (ttl). The array is the state's
//! own: index i in the bits from the least significant one of byte i / (8 / bits) up.

mod encode;
mod error;
#[cfg(test)]
mod examples;
mod fields;
mod list;
mod read;
#[cfg(test)]
mod tests;

pub use encode::encode;
pub use error::StatusTokenError;
pub use list::StatusList;
pub use read::UnverifiedStatusToken;

/// The type in the protected header (section 5.2; RFC 9596).
pub const STATUS_TOKEN_TYPE: &str = "application/statuslist+cwt";

/// What a token says besides the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenClaims {
    /// The URI at which the list is published: the one in the passes.
    pub uri: String,
    /// When it was signed, seconds since 1970.
    pub issued: u64,
    /// From when on it does not count any more; none: the issuer sets no end.
    pub expires: Option<u64>,
    /// After how many seconds to fetch the next one; none: the issuer gives no advice.
    pub ttl: Option<u64>,
}

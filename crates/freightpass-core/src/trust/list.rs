//! A trust list that has passed every rule but its signatures, with the look-ups of a scan.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cbor::Newer;
use crate::key::{KeyError, Kid, PublicKey};
use crate::malformed::Malformed;
use crate::trust::read::read_content;
use crate::trust::warm::WarmIssuers;
use crate::trust::{Authority, ListedKey, Programme, TrustContent};

/// Why a trust list is not adopted, whoever signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TrustFault {
    /// Not readable.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It has a critical key that this version does not know.
    #[error("critical key {key} is not known")]
    Newer {
        /// The key.
        key: u64,
    },
    /// It ends before it begins.
    #[error("expires is not after issued")]
    Window,
    /// A key is not acceptable.
    #[error("key {kid:?}: {error}")]
    Key {
        /// The key's name.
        kid: Kid,
        /// What is wrong with it.
        error: KeyError,
    },
    /// One key in two places, or two keys with one name.
    #[error("key {kid:?} stands in two places")]
    DuplicateKey {
        /// The key's name.
        kid: Kid,
    },
    /// Two authorities with one code.
    #[error("authority code twice (entry {index})")]
    DuplicateCode {
        /// Place of the second one.
        index: usize,
    },
    /// Two authorities with one number.
    #[error("authority number {number} twice")]
    DuplicateNumber {
        /// The number.
        number: u32,
    },
    /// Two programmes with one number.
    #[error("programme {number} twice")]
    DuplicateProgramme {
        /// The number.
        number: u16,
    },
    /// Two survivors sets for one key.
    #[error("two survivors sets for key {kid:?}")]
    DuplicateSurvivors {
        /// The key's name.
        kid: Kid,
    },
}

impl TrustFault {
    /// The fault's stable code, as vectors carry it.
    pub const fn code(&self) -> &'static str {
        match self {
            TrustFault::Malformed(_) => "malformed",
            TrustFault::Newer { .. } => "format_newer",
            TrustFault::Window => "window",
            TrustFault::Key { .. } => "key_unacceptable",
            TrustFault::DuplicateKey { .. } => "duplicate_key",
            TrustFault::DuplicateCode { .. } => "duplicate_code",
            TrustFault::DuplicateNumber { .. } => "duplicate_number",
            TrustFault::DuplicateProgramme { .. } => "duplicate_programme",
            TrustFault::DuplicateSurvivors { .. } => "duplicate_survivors",
        }
    }
}

/// A trust list that satisfies every rule of docs/FORMAT.md, 2.2; its identity is its payload.
#[derive(Debug, Clone)]
pub struct TrustList {
    content: TrustContent,
    hash: [u8; 32],
    roots: Vec<PublicKey>,
    status_keys: Vec<(PublicKey, ListedKey)>,
    issuers: BTreeMap<Kid, Issuer>,
    warm: WarmIssuers,
}

impl PartialEq for TrustList {
    /// Another cosignature is no other list.
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for TrustList {}

/// An authority's key, parsed, with the place of its authority.
#[derive(Debug, Clone)]
struct Issuer {
    key: PublicKey,
    listed: ListedKey,
    authority: usize,
}

/// An authority's key and whose it is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KeyHolder<'t> {
    /// The key.
    pub key: &'t PublicKey,
    /// Its window, and whether it is compromised.
    pub listed: &'t ListedKey,
    /// The authority to which it belongs.
    pub authority: &'t Authority,
}

/// A list as it is written: readable, and not judged by any rule beyond the CDDL.
pub(crate) struct ReadTrustList {
    content: TrustContent,
    newer: Option<Newer>,
    hash: [u8; 32],
}

impl ReadTrustList {
    /// Reads a payload that is deterministic CBOR and lies `base` bytes into its object.
    pub(crate) fn of(payload: &[u8], base: usize) -> Result<Self, Malformed> {
        let (content, newer) = read_content(payload, base)?;
        Ok(Self { content, newer, hash: Sha256::digest(payload).into() })
    }

    /// What it says.
    pub(crate) fn content(&self) -> &TrustContent {
        &self.content
    }

    /// SHA-256 of the payload: the list's identity.
    pub(crate) fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The list, judged by every rule but its signatures.
    pub(crate) fn judged(self) -> Result<TrustList, TrustFault> {
        let Self { content, newer, hash } = self;
        if let Some(newer) = newer {
            return Err(TrustFault::Newer { key: newer.key });
        }
        if content.expires <= content.issued {
            return Err(TrustFault::Window);
        }
        unique(&content)?;
        let mut kids = BTreeSet::new();
        let mut parse = |bytes: &[u8; 32]| {
            let kid = Kid::of(bytes);
            let key = PublicKey::from_bytes(bytes).map_err(|error| TrustFault::Key { kid, error })?;
            if kids.insert(kid) { Ok(key) } else { Err(TrustFault::DuplicateKey { kid }) }
        };
        let roots = content.roots.keys.iter().map(&mut parse).collect::<Result<_, _>>()?;
        let status_keys = content.status_keys.iter().map(|listed| Ok((parse(&listed.key)?, *listed)));
        let status_keys = status_keys.collect::<Result<_, TrustFault>>()?;
        let mut issuers = BTreeMap::new();
        for (authority, entry) in content.authorities.iter().enumerate() {
            for listed in &entry.keys {
                let key = parse(&listed.key)?;
                issuers.insert(key.kid(), Issuer { key, listed: *listed, authority });
            }
        }
        let warm = WarmIssuers::of(issuers.keys().copied());
        Ok(TrustList { content, hash, roots, status_keys, issuers, warm })
    }
}

impl TrustList {
    /// What the list says.
    pub fn content(&self) -> &TrustContent {
        &self.content
    }

    /// SHA-256 of the payload: the list's identity.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The authority's key of that name.
    pub fn issuer(&self, kid: Kid) -> Option<KeyHolder<'_>> {
        let issuer = self.issuers.get(&kid)?;
        let authority = self.content.authorities.get(issuer.authority)?;
        Some(KeyHolder { key: &issuer.key, listed: &issuer.listed, authority })
    }

    /// Whether `signature` over `message` is valid under the key of this list's issuer, as [`PublicKey::verifies`] says.
    pub(crate) fn verifies(&self, issuer: &KeyHolder<'_>, message: &[u8], signature: &[u8; 64]) -> bool {
        self.warm.verifies(issuer.key, message, signature)
    }

    /// The authority of that code.
    pub fn authority(&self, code: &str) -> Option<&Authority> {
        self.content.authorities.iter().find(|authority| authority.code == code)
    }

    /// The programme of that number.
    pub fn programme(&self, number: u16) -> Option<&Programme> {
        self.content.programmes.iter().find(|programme| programme.number == number)
    }

    /// The status key of that name.
    pub fn status_key(&self, kid: Kid) -> Option<(&PublicKey, &ListedKey)> {
        self.status_keys.iter().find(|(key, _)| key.kid() == kid).map(|(key, listed)| (key, listed))
    }

    /// The hash of the survivors set of a compromised key.
    pub fn survivors(&self, kid: Kid) -> Option<&[u8; 32]> {
        self.content.survivors.iter().find(|(of, _)| *of == kid).map(|(_, hash)| hash)
    }

    /// The parsed root keys.
    pub fn roots(&self) -> &[PublicKey] {
        &self.roots
    }

    /// Names of all keys marked compromised: authorities' and status keys.
    pub fn compromised(&self) -> impl Iterator<Item = Kid> + '_ {
        let issuers = self.issuers.iter().filter(|(_, issuer)| issuer.listed.compromised).map(|(kid, _)| *kid);
        let status = self.status_keys.iter().filter(|(_, listed)| listed.compromised).map(|(key, _)| key.kid());
        issuers.chain(status)
    }
}

fn unique(content: &TrustContent) -> Result<(), TrustFault> {
    let (mut codes, mut numbers, mut programmes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (index, authority) in content.authorities.iter().enumerate() {
        if !codes.insert(authority.code.as_str()) {
            return Err(TrustFault::DuplicateCode { index });
        }
        if !numbers.insert(authority.number) {
            return Err(TrustFault::DuplicateNumber { number: authority.number });
        }
    }
    for programme in &content.programmes {
        if !programmes.insert(programme.number) {
            return Err(TrustFault::DuplicateProgramme { number: programme.number });
        }
    }
    let mut survivors = BTreeSet::new();
    for (kid, _) in &content.survivors {
        if !survivors.insert(*kid) {
            return Err(TrustFault::DuplicateSurvivors { kid: *kid });
        }
    }
    Ok(())
}

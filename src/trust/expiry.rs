//! What runs out in the middle of an emergency is said thirty days before: the trust list, keys, programmes.

use freightpass_core::trust::TrustList;

/// From when on an end is warned of: time for a ceremony with people from several places.
pub const WARN_BEFORE_S: u64 = 30 * 86_400;

/// Something that runs out, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiring {
    /// What runs out.
    pub what: Expiry,
    /// When, seconds since 1970.
    pub at: u64,
}

/// What can run out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expiry {
    /// The trust list in force: from then on every pass is referred.
    TrustList,
    /// The last good status key that is listed: from then on no manifest is signed.
    StatusKeys,
    /// The last good key of an authority: from then on it issues nothing.
    AuthorityKeys {
        /// Its code.
        authority: String,
    },
    /// A programme: from then on nothing is issued under it.
    Programme {
        /// Its number.
        number: u16,
    },
}

impl Expiry {
    /// The kind's name, as metrics carry it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Expiry::TrustList => "trust_list",
            Expiry::StatusKeys => "status_keys",
            Expiry::AuthorityKeys { .. } => "authority_keys",
            Expiry::Programme { .. } => "programme",
        }
    }

    /// Which of its kind.
    pub fn name(&self) -> String {
        match self {
            Expiry::TrustList | Expiry::StatusKeys => String::new(),
            Expiry::AuthorityKeys { authority } => authority.clone(),
            Expiry::Programme { number } => number.to_string(),
        }
    }
}

/// Everything that the list lets run out, and when.
pub fn ends(list: &TrustList) -> Vec<Expiring> {
    let content = list.content();
    let last = |keys: &[freightpass_core::trust::ListedKey]| {
        keys.iter().filter(|key| !key.compromised).map(|key| u64::from(key.until)).max().unwrap_or(0)
    };
    let authorities = content.authorities.iter().map(|authority| Expiring {
        what: Expiry::AuthorityKeys { authority: authority.code.clone() },
        at: last(&authority.keys),
    });
    let programmes = content
        .programmes
        .iter()
        .map(|programme| Expiring { what: Expiry::Programme { number: programme.number }, at: programme.until.into() });
    [
        Expiring { what: Expiry::TrustList, at: content.expires.into() },
        Expiring { what: Expiry::StatusKeys, at: last(&content.status_keys) },
    ]
    .into_iter()
    .chain(authorities)
    .chain(programmes)
    .collect()
}

/// What runs out within thirty days of `now`, or has run out; set as metrics, each end by itself.
pub fn warn(list: &TrustList, now: u64) -> Vec<Expiring> {
    let ends = ends(list);
    for end in &ends {
        let gauge = metrics::gauge!("freightpass_expires_timestamp_seconds", "what" => end.what.kind(), "name" => end.what.name());
        gauge.set(end.at as f64);
    }
    let soon: Vec<_> = ends.into_iter().filter(|end| end.at <= now.saturating_add(WARN_BEFORE_S)).collect();
    metrics::gauge!("freightpass_expiring_soon").set(soon.len() as f64);
    soon
}

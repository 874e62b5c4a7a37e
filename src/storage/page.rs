//! Pages of a list: an opaque token says after which key the next page begins, and for which list and filter it
//! was given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::errors::StorageError;

/// Entries on a page when the caller names no size.
const DEFAULT_PAGE: u32 = 50;
/// Entries on a page at most: keeps an answer well below gRPC's message limit of 4 MiB.
const MAX_PAGE: u32 = 1_000;
/// A token longer than this is none of ours; refused before it is decoded.
const MAX_TOKEN_CHARS: usize = 1_024;

/// Which page a caller wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Entries wanted; 0 means the default of 50, more than 1,000 means 1,000.
    pub size: u32,
    /// The token of the page before, empty for the first page.
    pub token: String,
}

impl PageRequest {
    /// The first page, of that many entries.
    pub fn first(size: u32) -> Self {
        Self { size, token: String::new() }
    }

    /// How many entries the page holds at most.
    pub fn limit(&self) -> u32 {
        match self.size {
            0 => DEFAULT_PAGE,
            size => size.min(MAX_PAGE),
        }
    }

    /// The key after which the page begins, none for the first. A token that was given for another filter (or that
    /// we did not give) is [`StorageError::PageToken`].
    pub fn after<K: DeserializeOwned>(&self, filter: &impl Serialize) -> Result<Option<K>, StorageError> {
        if self.token.is_empty() {
            return Ok(None);
        }
        if self.token.len() > MAX_TOKEN_CHARS {
            return Err(StorageError::PageToken);
        }
        let json = URL_SAFE_NO_PAD.decode(&self.token).map_err(|_| StorageError::PageToken)?;
        let token: Token<K> = serde_json::from_slice(&json).map_err(|_| StorageError::PageToken)?;
        if token.filter != filter_hash(filter)? {
            return Err(StorageError::PageToken);
        }
        Ok(Some(token.key))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub items: Vec<T>,
    /// The token of the next page; empty on the last one.
    pub next: String,
}

impl<T> Page<T> {
    /// Makes the page from up to `limit + 1` entries: one more than fits means that another page follows.
    pub fn cut<K: Serialize>(
        mut items: Vec<T>,
        request: &PageRequest,
        filter: &impl Serialize,
        key: impl Fn(&T) -> K,
    ) -> Result<Self, StorageError> {
        let limit = request.limit() as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = match items.last() {
            Some(last) if more => {
                let token = Token { key: key(last), filter: filter_hash(filter)? };
                let json = serde_json::to_vec(&token).map_err(|_| StorageError::PageToken)?;
                URL_SAFE_NO_PAD.encode(json)
            }
            _ => String::new(),
        };
        Ok(Self { items, next })
    }

    /// The same page with each entry turned into another type.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

#[derive(Serialize, Deserialize)]
struct Token<K> {
    #[serde(rename = "k")]
    key: K,
    #[serde(rename = "f")]
    filter: String,
}

/// 64 bits of SHA-256 over the filter's type and contents: a slip is caught; it protects nothing, since every page
/// is filtered anew.
fn filter_hash<F: Serialize>(filter: &F) -> Result<String, StorageError> {
    let mut hash = Sha256::new();
    hash.update(std::any::type_name::<F>());
    hash.update(serde_json::to_vec(filter).map_err(|_| StorageError::PageToken)?);
    Ok(URL_SAFE_NO_PAD.encode(hash.finalize().get(..8).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Filter {
        state: u8,
    }

    fn page(request: &PageRequest, state: u8) -> Result<Page<u32>, StorageError> {
        let after: Option<u32> = request.after(&Filter { state })?;
        let from = after.map_or(0, |last| last + 1);
        let items = (from..from + request.limit() + 1).filter(|item| *item < 5).collect();
        Page::cut(items, request, &Filter { state }, |item| *item)
    }

    #[test]
    fn pages_follow_each_other_until_the_token_is_empty() {
        let mut request = PageRequest::first(2);
        let mut seen = Vec::new();
        loop {
            let page = page(&request, 1).unwrap();
            seen.push(page.items.clone());
            if page.next.is_empty() {
                break;
            }
            request.token = page.next;
        }
        assert_eq!(seen, [vec![0, 1], vec![2, 3], vec![4]]);
    }

    #[test]
    fn token_of_another_filter_or_none_of_ours_is_refused() {
        let token = page(&PageRequest::first(2), 1).unwrap().next;
        for (token, state) in [
            (token.clone(), 2),
            (format!("{token}A"), 1),
            ("no token".to_owned(), 1),
            ("A".repeat(MAX_TOKEN_CHARS + 1), 1),
        ] {
            let request = PageRequest { size: 2, token };
            assert!(matches!(page(&request, state), Err(StorageError::PageToken)));
        }
    }

    #[test]
    fn size_has_a_default_and_a_cap() {
        assert_eq!(PageRequest::first(0).limit(), 50);
        assert_eq!(PageRequest::first(1).limit(), 1);
        assert_eq!(PageRequest::first(u32::MAX).limit(), 1_000);
    }
}

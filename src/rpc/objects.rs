//! Signed data as plain HTTP objects, so that a CDN can carry them: `/v1/bundle` for a new scanner, `/v1/manifest`,
//! `/v1/objects/<name>` (snapshots and deltas), `/v1/status/<list>` (Token Status List). What is not there is not cached.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::checkpoint::{HeldByScanner, Publisher};

/// An object that is named by its hash never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What is fetched as "latest" may be a few seconds old; with its ETag the next question costs a line.
const LATEST: &str = "public, max-age=5";

const CBOR: &str = "application/cbor";
const COSE: &str = "application/cose";
const STATUS_TOKEN: &str = "application/statuslist+cwt";

/// The objects of that publisher.
pub fn objects(publisher: Arc<Publisher>) -> Router {
    Router::new()
        .route("/v1/bundle", get(bundle))
        .route("/v1/manifest", get(manifest))
        .route("/v1/objects/{*name}", get(object))
        .route("/v1/status/{list}", get(status_token))
        .with_state(publisher)
}

async fn bundle(State(publisher): State<Arc<Publisher>>, asked: HeaderMap) -> Response {
    match publisher.bundle(&HeldByScanner::default()) {
        Some(bundled) => found(&asked, bundled.bytes, CBOR, LATEST),
        None => missing(),
    }
}

async fn manifest(State(publisher): State<Arc<Publisher>>, asked: HeaderMap) -> Response {
    match publisher.newest() {
        Some(newest) => found(&asked, newest.object.clone(), COSE, LATEST),
        None => missing(),
    }
}

async fn object(State(publisher): State<Arc<Publisher>>, Path(name): Path<String>, asked: HeaderMap) -> Response {
    match publisher.object(&name).await {
        Ok(Some(object)) => found(&asked, object.into(), CBOR, IMMUTABLE),
        Ok(None) => missing(),
        Err(error) => failed(&error),
    }
}

async fn status_token(State(publisher): State<Arc<Publisher>>, Path(list): Path<String>, asked: HeaderMap) -> Response {
    let Ok(list) = list.parse() else { return missing() };
    match publisher.status_token(list) {
        Ok(Some(token)) => found(&asked, token, STATUS_TOKEN, LATEST),
        Ok(None) => missing(),
        Err(error) => failed(&error),
    }
}

fn found(asked: &HeaderMap, object: Bytes, kind: &'static str, cache: &'static str) -> Response {
    let hash: [u8; 32] = Sha256::digest(&object).into();
    let hex = HEXLOWER.encode(&hash[..16]);
    let tag = format!("\"{hex}\"");
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|tags| has(tags, &tag));
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, cache.to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, kind)], object).into_response()
}

/// Whether one of the tags is ours; a proxy may have made a weak one of it.
fn has(tags: &HeaderValue, ours: &str) -> bool {
    let Ok(tags) = tags.to_str() else { return false };
    tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == ours)
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Response {
    tracing::error!(error, "an object was not served");
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CACHE_CONTROL, "no-store")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_answered_without_the_object() {
        let object = Bytes::from_static(b"object");
        let first = found(&HeaderMap::new(), object.clone(), CBOR, IMMUTABLE);
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        for tags in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
            assert_eq!(found(&asked, object.clone(), CBOR, IMMUTABLE).status(), StatusCode::NOT_MODIFIED, "{tags}");
        }
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, "\"x\"".parse().unwrap());
        assert_eq!(found(&asked, object, CBOR, IMMUTABLE).status(), StatusCode::OK);
    }

    #[test]
    fn what_is_missing_is_not_cached() {
        assert_eq!(missing().headers()[header::CACHE_CONTROL], "no-store");
    }
}

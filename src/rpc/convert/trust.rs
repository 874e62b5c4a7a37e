//! Trust lists, keys and manifests.

use super::time_s;
use crate::checkpoint::Published;
use crate::rpc::proto;
use crate::trust::{Installed, KeyInfo, KeyUse};

/// A trust list; `object` is empty where only its description is wanted.
pub fn trust_list(list: &Installed, object: Vec<u8>) -> proto::TrustList {
    proto::TrustList {
        seq: list.sequence,
        hash: list.hash.to_vec().into(),
        object: object.into(),
        issue_time: Some(time_s(list.issued.into())),
        expire_time: Some(time_s(list.expires.into())),
    }
}

/// A key that the trust list names; `held` says whether its private part is here.
pub fn key(key: &KeyInfo, held: bool) -> proto::Key {
    let key_use = match key.key_use {
        KeyUse::Root => proto::KeyUse::Root,
        KeyUse::Status => proto::KeyUse::Status,
        KeyUse::Pass => proto::KeyUse::Pass,
    };
    proto::Key {
        kid: key.kid.0.to_vec().into(),
        r#use: key_use.into(),
        authority: key.authority.clone(),
        public_key: key.public_key.to_vec().into(),
        from_time: key.window.map(|(from, _)| time_s(from.into())),
        until_time: key.window.map(|(_, until)| time_s(until.into())),
        compromised: key.compromised,
        held,
        survivors_hash: key.survivors.map(|hash| hash.to_vec()).unwrap_or_default().into(),
    }
}

/// A manifest that was signed.
pub fn published(published: &Published) -> proto::PublishStatusResponse {
    proto::PublishStatusResponse {
        manifest_seq: published.manifest_seq,
        log_seq: published.log_seq,
        issue_time: Some(time_s(published.issued.into())),
        expire_time: Some(time_s(published.expires.into())),
    }
}

//! What an operator is answered.

use super::time;
use crate::backup::Made;
use crate::rpc::proto;

/// A backup that was made.
pub fn backup(made: &Made) -> proto::CreateBackupResponse {
    let digits = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|text| u8::from_str_radix(text, 16).ok());
    let sha256: Vec<u8> = made.sha256.as_bytes().chunks(2).filter_map(digits).collect();
    proto::CreateBackupResponse {
        path: made.path.clone(),
        size_bytes: made.size_bytes,
        sha256: sha256.into(),
        make_time: Some(time(made.made_at)),
        log_seq: made.log_seq,
        manifest_seq: made.manifest_seq,
        trust_seq: made.trust_sequence,
        pass_count: made.passes,
        file_count: made.files,
    }
}

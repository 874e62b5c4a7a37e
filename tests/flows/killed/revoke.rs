//! A revocation that is cut off.

use std::collections::BTreeSet;

use freightpass::rpc::proto;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use tokio::sync::mpsc;
use tonic::transport::Channel;

use super::{killed_after, kills};
use crate::city::{SUZHOU, issue, request_id};
use crate::server::Server;

/// Passes that are revoked in one round.
const REVOKED: usize = 8;

#[tokio::test]
async fn server_killed_in_revocations_forgets_none_that_it_acknowledged() {
    let mut server = Server::start().await;
    let all = issue(&server, &vec![7; REVOKED * kills()]).await;
    let mut sequences = BTreeSet::new();
    for (round, passes) in all.chunks(REVOKED).enumerate() {
        let requests: Vec<_> = passes.iter().map(request).collect();
        let mut acknowledgements = send(server.chief(SUZHOU).await, requests.clone());
        let mut answered = Vec::new();
        for _ in 0..killed_after(round, REVOKED) {
            answered.push(acknowledgements.recv().await.expect("an answer"));
        }
        server.kill().await;
        while let Some(answer) = acknowledgements.recv().await {
            answered.push(answer);
        }

        server.start_again().await;
        // What was acknowledged is refused from the first answer on, by the signed status that the server holds.
        for pass in &passes[..answered.len()] {
            assert_eq!(verdict(&server, pass).await, "revoked", "round {round}: {}", pass.number);
        }
        let chief = server.chief(SUZHOU).await;
        for (at, request) in requests.into_iter().enumerate() {
            let again = revoke(&chief, request).await.expect("a running server answers");
            if let Some(before) = answered.get(at) {
                assert_eq!(&again, before, "round {round}: a retry is answered as the request was");
            }
            assert!(!again.already_revoked);
            assert!(sequences.insert(again.change.unwrap().log_seq), "round {round}: a sequence was given twice");
        }
    }
    // One entry for each pass, without a hole.
    assert!(sequences.iter().copied().eq(1..=u64::try_from(all.len()).unwrap()), "{sequences:?}");
    assert_eq!(server.stop().await, Some(0));
}

fn request(pass: &proto::Pass) -> proto::RevokePassRequest {
    proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: pass.number.clone(),
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    }
}

fn send(chief: Channel, requests: Vec<proto::RevokePassRequest>) -> mpsc::UnboundedReceiver<proto::RevokePassResponse> {
    let (say, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for request in requests {
            let Some(answer) = revoke(&chief, request).await else { return };
            if say.send(answer).is_err() {
                return;
            }
        }
    });
    heard
}

async fn revoke(chief: &Channel, request: proto::RevokePassRequest) -> Option<proto::RevokePassResponse> {
    Some(RevocationServiceClient::new(chief.clone()).revoke_pass(request).await.ok()?.into_inner())
}

async fn verdict(server: &Server, pass: &proto::Pass) -> String {
    let request = proto::CheckPassRequest {
        pass: Some(Asked::Text(pass.text.clone())),
        county: "320583".to_owned(),
        plate: String::new(),
    };
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    checkpoint.check_pass(request).await.unwrap().into_inner().verdict.unwrap().code
}

//! WatchStatus: a manifest as soon as something is revoked, and a clear end when the service stops.

use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use freightpass_core::bundle::Provision;
use freightpass_core::hold::Held;
use tonic::Code;

use crate::city::{SUZHOU, issue, reason, request_id};
use crate::server::Server;

#[tokio::test]
async fn stream_brings_a_revocation_and_ends_with_unavailable_when_the_service_stops() {
    // No tick comes in this test: what the stream brings was signed because of the change.
    let mut server = Server::start_with(&[("FREIGHTPASS__PUBLISH__TICK_S", "3600".to_owned())]).await;
    let pass = issue(&server, &[7]).await.remove(0);
    let mut client = CheckpointServiceClient::new(server.public().await);
    let mut stream = client.watch_status(proto::WatchStatusRequest { held: None }).await.unwrap().into_inner();
    let provision = std::fs::read(server.data().join("provision.fp")).unwrap();
    let mut held = Held::provisioned(&Provision::decode(&provision).unwrap());
    let first = stream.message().await.unwrap().expect("what is published");
    held.adopt_bundle(&first.bundle).unwrap().all_adopted().unwrap();
    assert_eq!(held.manifest().unwrap().seq, first.manifest_seq);

    let mut revocations = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: pass.number,
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    revocations.revoke_pass(request).await.unwrap();
    // Issuing may have been signed only now; the revocation is in this message or in the next.
    loop {
        let next = stream.message().await.unwrap().expect("the stream goes on");
        held.adopt_bundle(&next.bundle).unwrap().all_adopted().unwrap();
        assert_eq!(held.manifest().unwrap().seq, next.manifest_seq);
        let state = held.current_state(pass.status_list).expect("the list of the pass");
        if state.value(pass.status_index) == Some(freightpass_core::status::Value::Revoked) {
            break;
        }
    }

    server.ask_to_stop().await;
    let end = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the end says why"),
            Err(status) => break status,
        }
    };
    assert_eq!((end.code(), reason(&end).as_str()), (Code::Unavailable, "DRAINING"));
    assert_eq!(server.ended().await, Some(0));
    assert!(!server.data().join("run/addresses.json").exists());
}

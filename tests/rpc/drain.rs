//! FP-21: a drain ends, whatever is connected.

use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::server::{AT_LAST, Server};

#[tokio::test]
async fn silent_connections_a_stuck_handshake_and_a_live_stream_do_not_hold_up_a_drain() {
    let mut server = Server::start().await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(&server.public).await.unwrap());
    }
    let mut stuck = TcpStream::connect(&server.admin).await.unwrap();
    stuck.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00]).await.unwrap();

    let channel = server.public().await;
    let mut health = HealthClient::new(channel.clone());
    let request = HealthCheckRequest { service: "freightpass.v1.CheckpointService".to_owned() };
    let mut health = health.watch(request).await.unwrap().into_inner();
    let first = health.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);

    let mut client = CheckpointServiceClient::new(channel).max_decoding_message_size(64 << 20);
    let mut stream = client.watch_status(proto::WatchStatusRequest::default()).await.unwrap().into_inner();
    let bundle = stream.message().await.unwrap().unwrap();
    assert!(!bundle.bundle.is_empty());

    server.ask_to_stop().await;
    let next = timeout(AT_LAST, health.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(next.status(), ServingStatus::NotServing);

    let end = loop {
        match timeout(AT_LAST, stream.message()).await.unwrap() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the stream ended without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::Unavailable);
    let details = end.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "DRAINING");
    assert!(details.retry_info().is_some());

    assert_eq!(server.ended().await, Some(0));
    assert!(!server.data().join("run/addresses.json").exists());
}

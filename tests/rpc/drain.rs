//! FP-21: a drain ends, whatever is connected.

use freightpass::rpc::proto;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::server::{AT_LAST, Server, command};

/// What the log says when a drain did not end by itself.
const CUT_OFF: &str = "calls were cut off";

#[tokio::test]
async fn silent_and_idle_connections_a_stuck_handshake_and_a_live_stream_do_not_hold_up_a_drain() {
    let mut server = Server::start().await;
    let mut silent = Vec::new();
    for _ in 0..3 {
        silent.push(TcpStream::connect(&server.public).await.unwrap());
    }
    let mut stuck = TcpStream::connect(&server.admin).await.unwrap();
    stuck.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00]).await.unwrap();

    // Half a request, and a connection that was answered and kept.
    let mut half = TcpStream::connect(&server.public).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\nhost: te").await.unwrap();
    let mut idle = TcpStream::connect(&server.public).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n").await.unwrap();
    let mut answer = [0; 256];
    let length = idle.read(&mut answer).await.unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    // An officer who is connected and asks for nothing.
    let officer = server.chief("CN-3205").await;

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

    let (code, log) = server.ended_saying().await;
    assert_eq!(code, Some(0));
    assert!(!log.iter().any(|line| line.contains(CUT_OFF)), "{log:#?}");
    assert!(!server.data().join("run/addresses.json").exists());
    drop((silent, stuck, half, idle, officer));
}

/// A call whose request never comes whole would hold up the drain for an hour.
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let hour = [
        ("FREIGHTPASS__DRAIN_DEADLINE_S", "3600".to_owned()),
        ("FREIGHTPASS__LIMITS__CALL_DEADLINE_MS", "3600000".to_owned()),
    ];
    let mut server = Server::start_with(&hour).await;
    let mut call = TcpStream::connect(&server.public).await.unwrap();
    let head = "POST /freightpass.v1.CheckpointService/CheckPass HTTP/1.1\r\nhost: test\r\n\
                content-type: application/grpc-web+proto\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
    call.write_all(head.as_bytes()).await.unwrap();
    let mut first = String::new();
    // The handler waits for the body now.
    timeout(AT_LAST, BufReader::new(&mut call).read_line(&mut first)).await.unwrap().unwrap();
    assert!(first.starts_with("HTTP/1.1 100"), "{first}");
    server.ask_to_stop().await;
    server.logged("stopping").await;
    server.ask_to_stop().await;
    let (code, log) = server.ended_saying().await;
    assert_eq!(code, Some(0));
    assert!(log.iter().any(|line| line.contains("cut off by a second signal")), "{log:#?}");
}

/// Whoever reads the log is restarted, or dies: no call and no task may go with it.
#[tokio::test]
async fn a_log_that_nobody_reads_any_more_is_no_reason_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[]);
    command.env("FREIGHTPASS__LOG__FILTER", "debug,freightpass=trace").env("FREIGHTPASS__PUBLISH__TICK_S", "1");
    let pipes = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    drop(child.stderr.take());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = timeout(AT_LAST, lines.next_line()).await.unwrap().unwrap().expect("it is ready");
    let public = ready.split("public=http://").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let mut client = CheckpointServiceClient::connect(format!("http://{public}")).await.unwrap();
    let mut stream = client.watch_status(proto::WatchStatusRequest::default()).await.unwrap().into_inner();
    // The publisher goes on, and says so every second.
    let mut seqs = std::collections::BTreeSet::new();
    while seqs.len() < 3 {
        let message = timeout(AT_LAST, stream.message()).await.unwrap().unwrap().expect("the stream goes on");
        seqs.insert(message.manifest_seq);
    }
    let id = child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert_eq!(timeout(AT_LAST, child.wait()).await.unwrap().unwrap().code(), Some(0));
}

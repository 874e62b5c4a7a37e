//! What the public listener serves beside gRPC: signed objects, probes, metrics, gRPC-Web.

use std::collections::BTreeSet;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::Code;
use tonic::transport::Channel;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::server::{AT_LAST, Server};

/// One request on a connection of its own: the head of the answer, and its body.
async fn ask(server: &Server, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(&server.public).await.unwrap();
    let length = body.len();
    let request = format!("{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    timeout(AT_LAST, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase(), answer[end + 4..].to_vec())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn the_bundle_is_an_object_with_a_tag_and_what_is_missing_is_not_cached() {
    let server = Server::start().await;
    let (head, body) = ask(&server, "GET /v1/bundle HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(header(&head, "content-type"), Some("application/cbor"));
    assert!(!body.is_empty());
    let tag = header(&head, "etag").unwrap().to_owned();
    let (head, body) = ask(&server, &format!("GET /v1/bundle HTTP/1.1\r\nif-none-match: {tag}"), b"").await;
    assert!(head.starts_with("http/1.1 304"), "{head}");
    assert!(body.is_empty());

    for path in ["/v1/objects/s/00", "/v1/objects/../../registry.sqlite", "/v1/status/1", "/v1/status/x", "/v1/x"] {
        let (head, body) = ask(&server, &format!("GET {path} HTTP/1.1"), b"").await;
        assert!(!head.starts_with("http/1.1 200"), "{path}: {head}");
        assert!(body.len() < 100, "{path}");
        // The last is no path of ours at all.
        if path != "/v1/x" {
            assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
            assert_eq!(header(&head, "cache-control"), Some("no-store"), "{path}");
        }
    }
}

#[tokio::test]
async fn probes_and_metrics_answer() {
    let server = Server::start().await;
    let (head, _) = ask(&server, "GET /healthz HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let (head, words) = ask(&server, "GET /readyz HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(header(&head, "cache-control"), Some("no-store"));
    let words = String::from_utf8(words).unwrap();
    let topics: Vec<_> = words.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(topics, ["ready", "answers", "bus", "manifest"], "{words}");
    let (head, body) = ask(&server, "GET /metrics HTTP/1.1", b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("freightpass_"));
}

#[tokio::test]
async fn a_browser_fetches_the_bundle_over_grpc_web() {
    let server = Server::start().await;
    let head = "POST /freightpass.v1.CheckpointService/GetBundle HTTP/1.1\r\n\
                content-type: application/grpc-web+proto\r\nx-grpc-web: 1";
    // An empty message in its frame.
    let (head, body) = ask(&server, head, &[0, 0, 0, 0, 0]).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(header(&head, "content-type"), Some("application/grpc-web+proto"));
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("grpc-status:0"), "the trailers stand in the body");
}

#[tokio::test]
async fn a_page_of_any_site_may_ask_and_reads_how_the_call_ended() {
    let server = Server::start().await;
    let method = "/freightpass.v1.CheckpointService/CheckPass";
    let origin = "origin: https://scanner.example";
    let preflight = format!(
        "OPTIONS {method} HTTP/1.1\r\n{origin}\r\naccess-control-request-method: POST\r\n\
         access-control-request-headers: content-type,grpc-timeout,x-grpc-web,x-user-agent"
    );
    let (head, _) = ask(&server, &preflight, b"").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert_eq!(header(&head, "access-control-allow-origin"), Some("*"));
    let listed = |name: &str| -> Vec<String> {
        header(&head, name).unwrap_or_default().split(',').map(|item| item.trim().to_owned()).collect()
    };
    assert!(listed("access-control-allow-methods").contains(&"post".to_owned()), "{head}");
    for wanted in ["content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"] {
        assert!(listed("access-control-allow-headers").contains(&wanted.to_owned()), "{head}");
    }

    // A call that fails: what a page must be able to read.
    let call = format!("POST {method} HTTP/1.1\r\n{origin}\r\ncontent-type: application/grpc-web+proto");
    let (head, _) = ask(&server, &call, &[0, 0, 0, 0, 0]).await;
    assert_eq!(header(&head, "access-control-allow-origin"), Some("*"), "{head}");
    let exposed = header(&head, "access-control-expose-headers").unwrap_or_default();
    for wanted in ["grpc-status", "grpc-message", "grpc-status-details-bin", "etag"] {
        assert!(exposed.split(',').any(|name| name.trim() == wanted), "{wanted}: {head}");
    }
    assert_eq!(header(&head, "grpc-status"), Some("3"), "{head}");
    let (head, _) = ask(&server, &format!("GET /v1/bundle HTTP/1.1\r\n{origin}"), b"").await;
    assert_eq!(header(&head, "access-control-allow-origin"), Some("*"), "{head}");
    let (head, _) = ask(&server, &format!("GET /metrics HTTP/1.1\r\n{origin}"), b"").await;
    assert_eq!(header(&head, "access-control-allow-origin"), None, "{head}");
}

/// The services that a listener says that it has.
async fn services(channel: Channel) -> Result<BTreeSet<String>, tonic::Status> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let requests = futures::stream::iter([request]);
    let mut answers = ServerReflectionClient::new(channel).server_reflection_info(requests).await?.into_inner();
    match answers.message().await?.and_then(|answer| answer.message_response) {
        Some(MessageResponse::ListServicesResponse(listed)) => {
            Ok(listed.service.into_iter().map(|service| service.name).collect())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_listener_describes_its_own_services_and_none_where_that_is_off() {
    let mut server = Server::start().await;
    let own = |public: bool| -> BTreeSet<String> {
        let table = freightpass::identity::roles::TABLE.iter().map(|(service, _, _)| *service);
        let listed = table.filter(|service| (*service == "CheckpointService") == public);
        let listed = listed.map(|service| format!("freightpass.v1.{service}"));
        let health = "grpc.health.v1.Health".to_owned();
        listed.chain([health]).collect()
    };
    assert_eq!(services(server.public().await).await.unwrap(), own(true));
    assert_eq!(services(server.chief("CN-3205").await).await.unwrap(), own(false));
    assert_eq!(server.stop().await, Some(0));

    let server = Server::start_with(&[("FREIGHTPASS__REFLECTION", "false".to_owned())]).await;
    for channel in [server.public().await, server.chief("CN-3205").await] {
        assert_eq!(services(channel).await.unwrap_err().code(), Code::Unimplemented);
    }
}

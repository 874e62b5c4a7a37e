//! The service over a real Redis that is flushed, poisoned, stopped and started again: nothing is un-revoked, the lag is
//! seen in health and metrics, and it heals by itself.

use freightpass::rpc::health::{ANSWERS, BUS};
use freightpass::rpc::proto;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use redis::AsyncCommands as _;
use tonic::Streaming;
use tonic::transport::Channel;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::city::{SUZHOU, issue, request_id};
use crate::redis_server::RedisServer;
use crate::server::{AT_LAST, Server};

/// What the relay says of the bus: 1 where its last step found it whole.
const HEALTHY: &str = "freightpass_bus_healthy";
/// Committed changes that are not on the bus.
const LAG: &str = "freightpass_bus_lag_entries";
/// How far the answers are.
const ANSWERED: &str = "freightpass_index_log_seq";

#[tokio::test]
async fn revoked_pass_stays_revoked_whatever_happens_to_redis_and_health_tells_it() {
    let mut redis = RedisServer::start().await;
    let mut server = Server::start_with(&[("FREIGHTPASS_REDIS_URL", redis.url())]).await;
    let passes = issue(&server, &[7, 7, 7]).await;
    let mut registry = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);
    let mut bus = watch(&server, BUS).await;
    until(&mut bus, ServingStatus::Serving).await;

    let one = revoke(&mut registry, &passes[0].number).await;
    server.until_metric(ANSWERED, one as f64).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await, (proto::PassState::Revoked, one));
    assert_eq!(state(&mut checkpoint, &passes[1].number).await, (proto::PassState::Issued, one));
    server.until_metric(LAG, 0.0).await;
    assert_eq!(server.metric("freightpass_log_seq").await, Some(one as f64));

    // Emptied.
    server.forget_log();
    let mut client = redis.client().await;
    let keys: Vec<String> = client.keys("fp:*").await.unwrap();
    assert!(!keys.is_empty(), "the service speaks to this server");
    let () = ::redis::cmd("FLUSHALL").query_async(&mut client).await.unwrap();
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);
    server.logged("the bus is rebuilt from the status log").await;
    until(&mut bus, ServingStatus::NotServing).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);
    until(&mut bus, ServingStatus::Serving).await;

    // Every key of a wrong type.
    server.forget_log();
    let mut poison = ::redis::pipe();
    poison.atomic();
    for key in &keys {
        poison.del(key).hset(key, "wrong", 1);
    }
    let () = poison.query_async(&mut client).await.unwrap();
    server.logged("the bus is rebuilt from the status log").await;
    until(&mut bus, ServingStatus::NotServing).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);
    until(&mut bus, ServingStatus::Serving).await;

    // Stopped: the next revocation is answered all the same, the lag is seen, and nobody takes the instance away.
    redis.stop().await;
    let two = revoke(&mut registry, &passes[1].number).await;
    until(&mut bus, ServingStatus::NotServing).await;
    server.until_metric(HEALTHY, 0.0).await;
    server.until_metric(LAG, 1.0).await;
    server.until_metric(ANSWERED, two as f64).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await, (proto::PassState::Revoked, two));
    assert_eq!(state(&mut checkpoint, &passes[1].number).await, (proto::PassState::Revoked, two));
    for name in ["", "freightpass.v1.CheckpointService", ANSWERS] {
        assert_eq!(health(&server, name).await, ServingStatus::Serving, "{name:?}");
    }
    let page = server.get("/readyz").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("\r\n\r\nready\n"), "{page}");
    assert!(page.contains(&format!("\nanswers: fresh; they hold the status log up to {two},")), "{page}");
    assert!(page.contains("\nbus: lags; 1 change is missing on it; answers come from the registry"), "{page}");

    // Back, and empty.
    redis.start_again().await;
    until(&mut bus, ServingStatus::Serving).await;
    server.until_metric(HEALTHY, 1.0).await;
    server.until_metric(LAG, 0.0).await;
    let page = server.get("/readyz").await;
    assert!(page.contains("\nbus: whole; no change is missing on it; it was rebuilt or did not answer "), "{page}");
    let three = revoke(&mut registry, &passes[2].number).await;
    server.until_metric(ANSWERED, three as f64).await;
    for pass in &passes {
        assert_eq!(state(&mut checkpoint, &pass.number).await, (proto::PassState::Revoked, three));
    }
    assert_eq!(server.stop().await, Some(0));
}

#[tokio::test]
async fn service_starts_without_its_redis_and_finds_it_later() {
    let mut redis = RedisServer::start().await;
    redis.stop().await;
    let mut server = Server::start_with(&[("FREIGHTPASS_REDIS_URL", redis.url())]).await;
    let mut bus = watch(&server, BUS).await;
    until(&mut bus, ServingStatus::NotServing).await;
    let pass = issue(&server, &[7]).await.remove(0);
    let mut registry = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let one = revoke(&mut registry, &pass.number).await;
    server.until_metric(ANSWERED, one as f64).await;
    redis.start_again().await;
    until(&mut bus, ServingStatus::Serving).await;
    server.until_metric(LAG, 0.0).await;
    // A drain tells it as well.
    server.ask_to_stop().await;
    until(&mut bus, ServingStatus::NotServing).await;
    assert_eq!(server.ended().await, Some(0));
}

/// The health of that name, now and at each change.
async fn watch(server: &Server, name: &str) -> Streaming<HealthCheckResponse> {
    let request = HealthCheckRequest { service: name.to_owned() };
    HealthClient::new(server.public().await).watch(request).await.unwrap().into_inner()
}

/// Waits until health says so.
async fn until(stream: &mut Streaming<HealthCheckResponse>, wanted: ServingStatus) {
    let said = async { while stream.message().await.unwrap().expect("it is watched").status() != wanted {} };
    tokio::time::timeout(AT_LAST, said).await.unwrap_or_else(|_| panic!("it never was {wanted:?}"));
}

async fn health(server: &Server, name: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: name.to_owned() };
    HealthClient::new(server.public().await).check(request).await.unwrap().into_inner().status()
}

async fn revoke(client: &mut RevocationServiceClient<Channel>, number: &str) -> u64 {
    let request = proto::RevokePassRequest {
        request_id: request_id(),
        pass_number: number.to_owned(),
        reason: proto::StatusReason::Misuse.into(),
        reason_text: String::new(),
    };
    client.revoke_pass(request).await.unwrap().into_inner().change.unwrap().log_seq
}

/// The state that CheckPass answers, and the number in the log for which it speaks.
async fn state(client: &mut CheckpointServiceClient<Channel>, number: &str) -> (proto::PassState, u64) {
    let request = proto::CheckPassRequest { pass: Some(Asked::PassNumber(number.to_owned())), ..Default::default() };
    let answer = client.check_pass(request).await.unwrap().into_inner();
    (answer.state(), answer.log_seq)
}

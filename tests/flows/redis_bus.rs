//! The service over a real Redis that is flushed, poisoned, stopped and started again: nothing is un-revoked, the lag is
//! seen, and it heals by itself.

use freightpass::rpc::proto;
use freightpass::rpc::proto::check_pass_request::Pass as Asked;
use freightpass::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use freightpass::rpc::proto::revocation_service_client::RevocationServiceClient;
use redis::AsyncCommands as _;
use tonic::transport::Channel;

use crate::city::{SUZHOU, issue, request_id};
use crate::redis_server::RedisServer;
use crate::server::Server;

/// What the relay says of the bus: 1 where its last step succeeded.
const HEALTHY: &str = "freightpass_bus_healthy";
/// Committed changes that are not on the bus.
const LAG: &str = "freightpass_bus_lag_entries";

#[tokio::test]
async fn revoked_pass_stays_revoked_whatever_happens_to_redis() {
    let mut redis = RedisServer::start().await;
    let mut server = Server::start_with(&[("FREIGHTPASS_REDIS_URL", redis.url())]).await;
    let passes = issue(&server, &[7, 7, 7]).await;
    let mut registry = RevocationServiceClient::new(server.chief(SUZHOU).await);
    let mut checkpoint = CheckpointServiceClient::new(server.public().await);

    let one = revoke(&mut registry, &passes[0].number).await;
    server.until_metric("freightpass_index_log_seq", one as f64).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await, (proto::PassState::Revoked, one));
    assert_eq!(state(&mut checkpoint, &passes[1].number).await, (proto::PassState::Issued, one));
    server.until_metric(LAG, 0.0).await;

    // Emptied.
    server.forget_log();
    let mut client = redis.client().await;
    let keys: Vec<String> = client.keys("fp:*").await.unwrap();
    assert!(!keys.is_empty(), "the service speaks to this server");
    let () = ::redis::cmd("FLUSHALL").query_async(&mut client).await.unwrap();
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);
    server.logged("the bus is rebuilt from the status log").await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);

    // Every key of a wrong type.
    server.until_metric(HEALTHY, 1.0).await;
    server.forget_log();
    for key in &keys {
        let () = client.del(key).await.unwrap();
        let () = client.hset(key, "wrong", 1).await.unwrap();
    }
    server.logged("the bus is rebuilt from the status log").await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await.0, proto::PassState::Revoked);

    // Stopped: the next revocation is answered all the same, and the lag is seen.
    server.until_metric(HEALTHY, 1.0).await;
    server.forget_log();
    redis.stop().await;
    let two = revoke(&mut registry, &passes[1].number).await;
    server.logged("the bus lags behind the status log").await;
    server.until_metric(HEALTHY, 0.0).await;
    server.until_metric(LAG, 1.0).await;
    server.until_metric("freightpass_index_log_seq", two as f64).await;
    assert_eq!(state(&mut checkpoint, &passes[0].number).await, (proto::PassState::Revoked, two));
    assert_eq!(state(&mut checkpoint, &passes[1].number).await, (proto::PassState::Revoked, two));

    // Back, and empty.
    redis.start_again().await;
    server.until_metric(HEALTHY, 1.0).await;
    server.until_metric(LAG, 0.0).await;
    let three = revoke(&mut registry, &passes[2].number).await;
    server.until_metric("freightpass_index_log_seq", three as f64).await;
    for pass in &passes {
        assert_eq!(state(&mut checkpoint, &pass.number).await, (proto::PassState::Revoked, three));
    }
    assert_eq!(server.stop().await, Some(0));
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

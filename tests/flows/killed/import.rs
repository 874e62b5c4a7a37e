//! An import that is cut off.

use freightpass::rpc::proto;
use freightpass::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use tokio::sync::mpsc;
use tonic::Code;
use tonic::transport::Channel;

use super::{killed_after, kills};
use crate::city::{SUZHOU, enterprise, request_id, row};
use crate::server::Server;

/// Requests of one round.
const REQUESTS: usize = 8;
/// Trucks of a request, all of one enterprise that no other request names.
const TRUCKS: u32 = 25;

#[tokio::test]
async fn server_killed_in_an_import_keeps_each_request_whole() {
    let mut server = Server::start().await;
    let mut asked: Vec<proto::ImportEntriesRequest> = Vec::new();
    let mut answered: Vec<Option<proto::ImportEntriesResponse>> = Vec::new();
    for round in 0..kills() {
        let first = asked.len();
        let requests: Vec<_> = (first..first + REQUESTS).map(request).collect();
        let mut acknowledgements = send(server.chief(SUZHOU).await, requests.clone());
        asked.extend(requests);
        for _ in 0..killed_after(round, REQUESTS) {
            answered.push(Some(acknowledgements.recv().await.expect("an answer")));
        }
        server.kill().await;
        // What came in on the way counts too.
        while let Some(answer) = acknowledgements.recv().await {
            answered.push(Some(answer));
        }
        answered.resize(asked.len(), None);

        server.start_again().await;
        let chief = server.chief(SUZHOU).await;
        for (at, answer) in answered.iter().enumerate().skip(first) {
            let trucks = trucks(&chief, at).await;
            assert!(trucks == 0 || trucks == TRUCKS as usize, "round {round}: {trucks} trucks of request {at}");
            assert!(answer.is_none() || trucks > 0, "round {round}: request {at} was acknowledged");
        }
        for (at, request) in asked.iter().enumerate() {
            let again = import(&chief, request.clone()).await.expect("a running server answers");
            let before = answered[at].get_or_insert_with(|| again.clone());
            assert_eq!(&again, before, "round {round}: a retry is answered as the request was");
            assert_eq!((again.new_count, again.refused_count), (TRUCKS, 0));
            assert_eq!(trucks(&chief, at).await, TRUCKS as usize);
        }
    }
    assert_eq!(server.stop().await, Some(0));
}

fn request(at: usize) -> proto::ImportEntriesRequest {
    let of = u32::try_from(at).unwrap();
    let rows = (1..=TRUCKS).map(|truck| row(1_000 + of, of * TRUCKS + truck)).collect();
    proto::ImportEntriesRequest { request_id: request_id(), rows, dry_run: false }
}

/// Makes the requests one after the other, and tells of each answer; it ends when the server is gone.
fn send(
    chief: Channel,
    requests: Vec<proto::ImportEntriesRequest>,
) -> mpsc::UnboundedReceiver<proto::ImportEntriesResponse> {
    let (say, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for request in requests {
            let Some(answer) = import(&chief, request).await else { return };
            if say.send(answer).is_err() {
                return;
            }
        }
    });
    heard
}

async fn import(chief: &Channel, request: proto::ImportEntriesRequest) -> Option<proto::ImportEntriesResponse> {
    Some(WhitelistServiceClient::new(chief.clone()).import_entries(request).await.ok()?.into_inner())
}

/// Trucks of the enterprise of one request that are on the list.
async fn trucks(chief: &Channel, at: usize) -> usize {
    let code = enterprise(1_000 + u32::try_from(at).unwrap());
    let request =
        proto::GetEnterpriseRequest { enterprise: Some(proto::get_enterprise_request::Enterprise::Code(code)) };
    match WhitelistServiceClient::new(chief.clone()).get_enterprise(request).await {
        Ok(answer) => answer.into_inner().enterprise.unwrap().vehicles.len(),
        Err(status) => {
            assert_eq!(status.code(), Code::NotFound, "{status}");
            0
        }
    }
}

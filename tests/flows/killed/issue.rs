//! An issue that is cut off.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use freightpass::rpc::proto;
use freightpass::rpc::proto::approval_service_client::ApprovalServiceClient;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use tokio::sync::mpsc;
use tonic::Status;
use tonic::transport::Channel;

use super::{killed_after, kills};
use crate::city::{SUZHOU, applications, apply, form, list, passes, request_id};
use crate::server::Server;

/// Acknowledged answers after which every round has been killed.
const KILLED_BEFORE: usize = 23;

/// Applications of one round: see [`asks`].
const APPLICATIONS_A_ROUND: usize = 32;

/// Requests at a time.
const WORKERS: usize = 4;

/// One request, which may be made again.
#[derive(Debug, Clone)]
enum Ask {
    Approve { request_id: String, id: String, decide_only: bool },
    ApproveBatch { request_id: String, ids: Vec<String>, decide_only: bool },
    Issue { request_id: String, id: String },
}

/// What was answered: the pass for each application, none where only the decision was asked for.
type Answer = Vec<(String, Option<proto::Pass>)>;

#[tokio::test]
async fn server_killed_while_issuing_keeps_what_it_acknowledged_and_halves_nothing() {
    let mut server = Server::start().await;
    let all = APPLICATIONS_A_ROUND * kills();
    list(&server, all.try_into().unwrap()).await;
    let ids = apply(&server, (1..).take(all).map(|truck| form(1, truck, 7)).collect()).await;

    let mut asked: Vec<Ask> = Vec::new();
    let mut answered: BTreeMap<usize, Answer> = BTreeMap::new();
    let mut decided: Vec<String> = Vec::new();
    for (round, ids) in ids.chunks(APPLICATIONS_A_ROUND).enumerate() {
        let acknowledged = killed_after(round, KILLED_BEFORE);
        let first = asked.len();
        let asks = asks(ids, &std::mem::take(&mut decided));
        let channel = server.chief(SUZHOU).await;
        let mut acknowledgements = work(&channel, &asks);
        for count in 0..acknowledged {
            let (at, answer) = acknowledgements.recv().await.unwrap_or_else(|| panic!("{round}: only {count} answers"));
            answered.insert(first + at, answer);
        }
        server.kill().await;
        // What came in on the way counts too.
        while let Some((at, answer)) = acknowledgements.recv().await {
            answered.insert(first + at, answer);
        }
        asked.extend(asks);

        server.start_again().await;
        let channel = server.chief(SUZHOU).await;
        nothing_is_half_applied(&channel, &asked, &answered).await;
        for (at, request) in asked.iter().enumerate().skip(first) {
            let answer = ask(&channel, request).await.unwrap_or_else(|status| panic!("{round}: {request:?}: {status}"));
            let before = answered.entry(at).or_insert_with(|| answer.clone());
            assert_eq!(&answer, before, "a retry is answered as the request was");
            if let Ask::Approve { decide_only: true, .. } | Ask::ApproveBatch { decide_only: true, .. } = request {
                decided.extend(answer.into_iter().map(|(id, _)| id));
            }
        }
    }

    let channel = server.chief(SUZHOU).await;
    for (request, before) in asked.iter().zip(answered.values()) {
        assert_eq!(&ask(&channel, request).await.unwrap(), before);
    }
    nothing_is_half_applied(&channel, &asked, &answered).await;
    // Everything that was to have a pass has one: all but what the last round only decided.
    assert_eq!(passes(&channel).await.len(), all - decided.len());
    assert_eq!(server.stop().await, Some(0));
}

/// The requests of a round: singles and batches, decided with and without passes, and passes for what was decided in
/// the round before.
fn asks(ids: &[String], decided: &[String]) -> Vec<Ask> {
    let mut ids = ids.iter().cloned();
    let mut decided = decided.iter().cloned();
    let mut asks = Vec::new();
    let mut take = |count| ids.by_ref().take(count).collect::<Vec<_>>();
    for _ in 0..4 {
        for (count, decide_only) in [(4, false), (2, true)] {
            asks.push(Ask::ApproveBatch { request_id: request_id(), ids: take(count), decide_only });
        }
        for decide_only in [false, true] {
            let id = take(1).remove(0);
            asks.push(Ask::Approve { request_id: request_id(), id, decide_only });
        }
        let issues = decided.by_ref().take(3).map(|id| Ask::Issue { request_id: request_id(), id });
        asks.extend(issues);
    }
    asks
}

/// Makes the requests, some at a time, and tells of each answer. A worker ends when the server is gone.
fn work(channel: &Channel, asks: &[Ask]) -> mpsc::UnboundedReceiver<(usize, Answer)> {
    let (say, heard) = mpsc::unbounded_channel();
    let asks: Arc<[Ask]> = asks.into();
    for worker in 0..WORKERS {
        let (channel, asks, say) = (channel.clone(), Arc::clone(&asks), say.clone());
        tokio::spawn(async move {
            for (at, request) in asks.iter().enumerate().skip(worker).step_by(WORKERS) {
                let Ok(answer) = ask(&channel, request).await else { return };
                if say.send((at, answer)).is_err() {
                    return;
                }
            }
        });
    }
    heard
}

async fn ask(channel: &Channel, ask: &Ask) -> Result<Answer, Status> {
    let mut approvals = ApprovalServiceClient::new(channel.clone());
    match ask.clone() {
        Ask::Approve { request_id, id, decide_only } => {
            let request = proto::ApproveApplicationRequest {
                request_id,
                application_id: id.clone(),
                decide_only,
                ..Default::default()
            };
            Ok(vec![(id, approvals.approve_application(request).await?.into_inner().pass)])
        }
        Ask::ApproveBatch { request_id, ids, decide_only } => {
            let request = proto::BatchApproveApplicationsRequest {
                request_id,
                application_ids: ids.clone(),
                decide_only,
                ..Default::default()
            };
            let results = approvals.batch_approve_applications(request).await?.into_inner().results;
            let passes = results.into_iter().map(|result| match result.result {
                Some(proto::approve_result::Result::Approval(approval)) => approval.pass,
                other => panic!("{other:?}"),
            });
            Ok(ids.into_iter().zip(passes).collect())
        }
        Ask::Issue { request_id, id } => {
            let request =
                proto::IssuePassRequest { request_id, application_id: id.clone(), replace_overlapping: false };
            let answer = PassServiceClient::new(channel.clone()).issue_pass(request).await?.into_inner();
            Ok(vec![(id, answer.pass)])
        }
    }
}

/// Looks at everything that the registry holds.
async fn nothing_is_half_applied(channel: &Channel, asked: &[Ask], answered: &BTreeMap<usize, Answer>) {
    let passes = passes(channel).await;
    let applications = applications(channel).await;

    let places: HashSet<_> = passes.values().map(|pass| (pass.status_list, pass.status_index)).collect();
    assert_eq!(places.len(), passes.len(), "no place is given twice");
    let mut of_application: HashMap<&str, &proto::Pass> = HashMap::new();
    for pass in passes.values() {
        let other = of_application.insert(&pass.application_id, pass);
        assert_eq!(other, None, "an application has one pass");
    }

    let mut decided_only = HashSet::new();
    for request in asked {
        match request {
            Ask::Approve { id, decide_only: true, .. } => decided_only.extend([id]),
            Ask::ApproveBatch { ids, decide_only: true, .. } => decided_only.extend(ids),
            Ask::ApproveBatch { ids, .. } => {
                let issued = ids.iter().filter(|id| of_application.contains_key(id.as_str())).count();
                assert!(issued == 0 || issued == ids.len(), "{issued} of {}: a commit is whole", ids.len());
            }
            Ask::Approve { .. } | Ask::Issue { .. } => {}
        }
    }
    for (id, application) in &applications {
        let approved = application.state() == proto::ApplicationState::Approved;
        let issued = of_application.contains_key(id.as_str());
        let allowed = approved == issued || (approved && decided_only.contains(id));
        assert!(allowed, "{id}: approved {approved}, issued {issued}");
    }

    for (id, pass) in answered.values().flatten() {
        assert_eq!(applications[id].state(), proto::ApplicationState::Approved, "{id} was acknowledged");
        if let Some(pass) = pass {
            let stored = of_application.get(id.as_str()).unwrap_or_else(|| panic!("{id}: its pass was acknowledged"));
            let without_text = proto::Pass { text: String::new(), ..pass.clone() };
            assert_eq!(**stored, without_text);
        }
    }
}

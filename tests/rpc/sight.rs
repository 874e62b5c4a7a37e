//! What a caller may not see does not exist for that caller: every method of the table, called by everybody who must not
//! see what it is about, and then by somebody who may.

use freightpass::identity::roles::{Access, TABLE};
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::example::enterprise;
use crate::raw::call;
use crate::refusal::{Refusal, refusal};
use crate::world::{ANSWERS_ARE_KEPT, CHIEF, World, same};

/// Services that are about the whole deployment: whoever has a role of the method sees the same.
const OF_THE_DEPLOYMENT: [&str; 4] = ["TrustService", "OperationService", "CheckpointService", "ProgrammeService"];

/// Somebody who must see nothing of the enterprise.
struct Stranger {
    who: &'static str,
    channel: Channel,
    roles: Vec<&'static str>,
    /// Whether there is something in the registry that the stranger may see.
    has_own: bool,
}

#[tokio::test]
async fn what_belongs_to_another_is_not_found_by_any_method_and_stays_as_it_is() {
    let world = World::start().await;
    let strangers = strangers(&world).await;
    let mut tried = 0;
    for (service, method, access) in TABLE {
        if OF_THE_DEPLOYMENT.contains(service) {
            continue;
        }
        let before = world.registry().await;
        for stranger in &strangers {
            for request in world.requests(method) {
                let at = format!("{method} by {}", stranger.who);
                let result = call(&stranger.channel, service, method, request).await;
                if may_call(*access, &stranger.roles) {
                    unseen(&world, method, stranger, result, &at);
                } else {
                    assert_eq!(result.unwrap_err().code(), Code::PermissionDenied, "{at}");
                }
                tried += 1;
            }
        }
        same(&before, &world.registry().await, ANSWERS_ARE_KEPT.contains(method), method);
        // The same request by somebody who may: what was asked for is there.
        let seen = call(world.sees(service, method), service, method, world.request(method)).await;
        let answer = refusal(method, seen).expect_err(method);
        assert!(!answer.is_empty(), "{method} finds nothing");
        // These two answer with numbers alone.
        let counts = ["ImportEntries", "RevokeEnterprise"].contains(method);
        assert!(counts || marked(&world, &answer), "{method}: {answer:?}");
    }
    assert!(tried > 120, "{tried}");
}

fn unseen(world: &World, method: &str, stranger: &Stranger, result: Result<Vec<u8>, Status>, at: &str) {
    match refusal(method, result) {
        Err(answer) => {
            assert!(method.starts_with("List"), "{at} was answered");
            assert!(!marked(world, &answer), "{at} shows {:?}", String::from_utf8_lossy(&answer));
            assert!(stranger.has_own || answer.is_empty(), "{at}: {answer:?}");
        }
        Ok(refused) if method == "ImportEntries" => assert_eq!(refused, no_import(stranger), "{at}"),
        Ok(refused) => {
            let Refusal { code, reason, fields } = refused;
            assert_eq!((code, reason.as_str()), (Code::NotFound, "NOT_FOUND"), "{at}: {fields:?}");
        }
    }
}

/// An import names the enterprise itself: another authority owns it, and whoever is no authority owns nothing.
fn no_import(stranger: &Stranger) -> Refusal {
    let refusal = |code, reason: &str, fields: &[&str]| Refusal {
        code,
        reason: reason.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    };
    match stranger.has_own {
        true => refusal(Code::InvalidArgument, "owned_elsewhere", &["rows[0].enterprise_code"]),
        false => refusal(Code::PermissionDenied, "NOT_AN_AUTHORITY", &[]),
    }
}

async fn strangers(world: &World) -> Vec<Stranger> {
    let authority: Vec<_> = CHIEF.split(',').collect();
    let county: Vec<_> = authority.iter().copied().chain(["recommender"]).collect();
    let mut strangers = Vec::new();
    for (who, body, roles, has_own) in [
        ("the prefecture next to it", "CN-3301".to_owned(), authority.clone(), true),
        ("a body that nobody knows", "CN-99".to_owned(), authority, false),
        ("a county elsewhere", "CN-320505".to_owned(), county, false),
        ("another applicant of the same authority", enterprise(2), vec!["applicant"], true),
    ] {
        let channel = world.server.officer(&body, "stranger", &roles.join(",")).await;
        strangers.push(Stranger { who, channel, roles, has_own });
    }
    strangers
}

fn may_call(access: Access, roles: &[&str]) -> bool {
    let has = |role: &freightpass::identity::Role| roles.contains(&role.name());
    match access {
        Access::Public => true,
        Access::AnyOf(any) => any.iter().any(has),
        Access::AllOf(all) => all.iter().all(has),
    }
}

/// Whether an answer tells of the enterprise.
fn marked(world: &World, answer: &[u8]) -> bool {
    world.marks().iter().any(|mark| answer.windows(mark.len()).any(|part| part == mark.as_bytes()))
}

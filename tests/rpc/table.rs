//! The table of methods and roles, whole, over a real server.

use freightpass::identity::Role;
use freightpass::identity::roles::{Access, TABLE};
use tonic::Code;

use crate::raw::call;
use crate::refusal::{reason, refusal};
use crate::server::Server;
use crate::world::{World, same};

#[tokio::test]
async fn every_method_lets_in_the_roles_of_the_table_and_no_others() {
    let server = Server::start().await;
    for role in Role::ALL {
        let body = match role {
            Role::Applicant => "91320500MA1MABCD5T",
            Role::Recommender => "CN-320583",
            _ => "CN-32",
        };
        let channel = server.officer(body, &format!("only-{}", role.name()), role.name()).await;
        for (service, method, access) in TABLE {
            let allowed = match access {
                Access::Public => false,
                Access::AnyOf(roles) => roles.contains(&role),
                Access::AllOf(roles) => **roles == [role],
            };
            let code = match call(&channel, service, method, Vec::new()).await {
                Ok(_) => Code::Ok,
                Err(status) => status.code(),
            };
            if allowed {
                let answered = [Code::Ok, Code::InvalidArgument, Code::NotFound];
                assert!(answered.contains(&code), "{method} as {}: {code:?}", role.name());
            } else {
                assert_eq!(code, Code::PermissionDenied, "{method} as {}", role.name());
            }
        }
    }
}

#[tokio::test]
async fn the_public_listener_serves_the_checkpoint_and_nothing_else() {
    let server = Server::start().await;
    let channel = server.public().await;
    for (service, method, access) in TABLE {
        let answer = call(&channel, service, method, Vec::new()).await;
        let why = answer.as_ref().err().map(reason).unwrap_or_default();
        let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
        match access {
            Access::Public => assert!([Code::Ok, Code::InvalidArgument].contains(&code), "{method}: {code:?}"),
            Access::AnyOf(_) | Access::AllOf(_) => {
                assert_eq!((code, why.as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"), "{method}");
            }
        }
    }
}

#[tokio::test]
async fn replacing_a_pass_needs_the_power_to_issue_and_the_power_to_revoke() {
    let world = World::start().await;
    let approver = world.server.officer("CN-3205", "issues", "approver").await;
    let revoker = world.server.officer("CN-3205", "revokes", "revoker").await;
    let both = world.server.officer("CN-3205", "both", "approver,revoker").await;
    let replacing = |method: &str| world.requests(method).pop().unwrap();
    for (service, method) in [
        ("ApprovalService", "ApproveApplication"),
        ("ApprovalService", "BatchApproveApplications"),
        ("PassService", "IssuePass"),
        ("RevocationService", "AmendPass"),
    ] {
        let before = world.registry().await;
        for alone in [&approver, &revoker] {
            let refused = call(alone, service, method, replacing(method)).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused)),
                (Code::PermissionDenied, "ROLE_MISSING".to_owned()),
                "{method}"
            );
        }
        same(&before, &world.registry().await, false, method);
        let made = refusal(method, call(&both, service, method, replacing(method)).await);
        assert!(made.is_err(), "{method}: {made:?}");
    }
}

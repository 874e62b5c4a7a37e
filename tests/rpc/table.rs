//! The table of methods and roles, whole, over a real server.

use freightpass::identity::Role;
use freightpass::identity::roles::{Access, TABLE};
use tonic::Code;

use crate::raw::call;
use crate::server::Server;

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
            let allowed = matches!(access, Access::Roles(roles) if roles.contains(&role));
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
        let code = match call(&channel, service, method, Vec::new()).await {
            Ok(_) => Code::Ok,
            Err(status) => status.code(),
        };
        match access {
            Access::Public => assert!([Code::Ok, Code::InvalidArgument].contains(&code), "{method}: {code:?}"),
            Access::Roles(_) => assert_eq!(code, Code::Unimplemented, "{method}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_nobody_knows_sees_nothing() {
    let server = Server::start().await;
    let channel = server.officer("CN-99", "stranger", "auditor").await;
    let entries = call(&channel, "AuditService", "ListAuditEntries", Vec::new()).await.unwrap();
    assert!(entries.is_empty(), "an empty page has no bytes");
}

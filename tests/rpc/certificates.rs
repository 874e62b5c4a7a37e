//! Certificates change while the service runs: new connections get the new ones, open connections stay, and what does not
//! serve changes nothing.

use std::path::PathBuf;

use freightpass::identity::Role;
use freightpass::rpc::proto;
use freightpass::rpc::proto::pass_service_client::PassServiceClient;
use freightpass_core::bundle::Provision;
use tokio::time::{interval, timeout};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::server::{AT_LAST, Server};
use crate::tls::{Ca, Connection, Pair, der, text};

const ROLES: [Role; 2] = [Role::Approver, Role::Auditor];

/// A server whose listeners have certificates of files that the test writes.
struct Scene {
    server: Server,
    files: tempfile::TempDir,
    ca: Ca,
    officers: Ca,
    deployment: [u8; 8],
}

impl Scene {
    async fn start(days: i64) -> Self {
        let files = tempfile::tempdir().unwrap();
        let at = |name: &str| files.path().join(name);
        let (ca, officers) = (Ca::new("servers"), Ca::new("officers"));
        ca.server(days).write(&at("public.pem"), &at("public.key"));
        ca.server(365).write(&at("admin.pem"), &at("admin.key"));
        std::fs::write(at("officers.pem"), &officers.certificate).unwrap();
        let server = Server::start_with(&[
            ("FREIGHTPASS__PUBLIC__CERTIFICATE", text(&at("public.pem"))),
            ("FREIGHTPASS__PUBLIC__KEY", text(&at("public.key"))),
            ("FREIGHTPASS__ADMIN__CERTIFICATE", text(&at("admin.pem"))),
            ("FREIGHTPASS__ADMIN__KEY", text(&at("admin.key"))),
            ("FREIGHTPASS__ADMIN__CLIENT_CA", text(&at("officers.pem"))),
        ])
        .await;
        let provision = std::fs::read(server.data().join("provision.fp")).unwrap();
        let deployment = *Provision::decode(&provision).unwrap().deployment();
        Self { server, files, ca, officers, deployment }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    async fn public(&self) -> Connection {
        Connection::open(&self.server.public, &self.ca.certificate).await.unwrap()
    }

    async fn metric(&self, line: &str) -> Option<f64> {
        let (code, body) = self.public().await.get("/metrics").await.unwrap();
        assert_eq!(code, 200);
        body.lines().find_map(|found| found.strip_prefix(line)?.trim().parse().ok())
    }

    /// An officer whom that CA knows, over a new connection.
    async fn officer(&self, of: &Ca) -> Channel {
        let pair: Pair = of.officer(&self.deployment, "CN-3205", &ROLES);
        let tls = ClientTlsConfig::new()
            .domain_name("localhost")
            .ca_certificate(Certificate::from_pem(&self.ca.certificate))
            .identity(Identity::from_pem(&pair.certificate, &pair.key));
        Endpoint::from_shared(format!("https://{}", self.server.admin)).unwrap().tls_config(tls).unwrap().connect_lazy()
    }
}

async fn is_let_in(channel: &Channel) -> bool {
    let call = PassServiceClient::new(channel.clone()).list_passes(proto::ListPassesRequest::default()).await;
    call.is_ok()
}

#[tokio::test]
async fn new_files_serve_new_connections_and_bad_ones_change_nothing() {
    let mut scene = Scene::start(365).await;
    let mut open = scene.public().await;
    let first = open.shown();
    assert_eq!(first, der(&std::fs::read_to_string(scene.at("public.pem")).unwrap()));
    assert_eq!(open.get("/readyz").await.unwrap().0, 200);
    let known = scene.officer(&scene.officers).await;
    assert!(is_let_in(&known).await);
    let next_officers = Ca::new("the next officers");
    assert!(!is_let_in(&scene.officer(&next_officers).await).await);

    // A key that is none: said, counted, and nothing else.
    let key = std::fs::read(scene.at("public.key")).unwrap();
    std::fs::write(scene.at("public.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    scene.server.signal("HUP").await;
    let said = scene.server.logged("new certificates do not serve; the old ones go on").await;
    assert!(said.contains("ERROR") && said.contains("public.key"), "{said}");
    assert_eq!(scene.metric("freightpass_certificate_reload_failed{listener=\"public\"}").await, Some(1.0));
    let refused = "freightpass_certificate_reloads_total{listener=\"public\",outcome=\"refused\"}";
    assert_eq!(scene.metric(refused).await, Some(1.0));
    assert_eq!(scene.public().await.shown(), first);
    std::fs::write(scene.at("public.key"), key).unwrap();
    scene.server.signal("HUP").await;
    scene.server.logged("certificates were read anew").await;

    // New ones, and nobody says anything.
    let next = scene.ca.server(10);
    next.write(&scene.at("public.pem"), &scene.at("public.key"));
    std::fs::write(scene.at("officers.pem"), &next_officers.certificate).unwrap();
    let warned = scene.server.logged("a certificate ends soon: renew it").await;
    assert!(warned.contains("WARN") && warned.contains("public.pem"), "{warned}");
    assert_eq!(scene.public().await.shown(), der(&next.certificate));
    assert_eq!(scene.metric("freightpass_certificate_reload_failed{listener=\"public\"}").await, Some(0.0));

    let mut again = interval(std::time::Duration::from_millis(50));
    let newcomer = async {
        while !is_let_in(&scene.officer(&next_officers).await).await {
            again.tick().await;
        }
    };
    timeout(AT_LAST, newcomer).await.expect("the next officers are let in one day");
    assert!(!is_let_in(&scene.officer(&scene.officers).await).await, "the old CA is no CA any more");
    // Who was in stays in.
    assert_eq!(open.get("/readyz").await.unwrap().0, 200);
    assert!(is_let_in(&known).await);
}

#[tokio::test]
async fn a_certificate_that_ends_within_thirty_days_is_warned_of_at_the_start() {
    let mut scene = Scene::start(29).await;
    let said = scene.server.logged("a certificate ends soon: renew it").await;
    assert!(said.contains("public.pem") && said.contains("days=28"), "{said}");
    let name = text(&scene.at("public.pem"));
    let line = format!("freightpass_expires_timestamp_seconds{{what=\"certificate\",name=\"{name}\"}}");
    let end = freightpass::identity::ends(&scene.at("public.pem")).unwrap()[0];
    assert_eq!(scene.metric(&line).await, Some(end.as_second() as f64));
    let (code, log) = {
        scene.server.ask_to_stop().await;
        scene.server.ended_saying().await
    };
    assert_eq!(code, Some(0));
    assert!(!log.iter().any(|line| line.contains("admin.pem")), "{log:#?}");
}

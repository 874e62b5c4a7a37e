//! Whether the service can be used: gRPC health by service on both listeners, `/healthz` and `/readyz` on the public
//! one.

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use crate::identity::roles::TABLE;

/// The health of every service of this process.
#[derive(Clone)]
pub struct Health {
    reporter: HealthReporter,
    ready: watch::Sender<bool>,
}

impl Health {
    /// Not ready: nothing serves until [`Health::set`] says so.
    pub async fn not_ready() -> Self {
        let health = Self { reporter: HealthReporter::new(), ready: watch::Sender::new(false) };
        health.set(false).await;
        health
    }

    /// Says of every service, and of the whole, whether it serves; whoever watches is told at once.
    pub async fn set(&self, serving: bool) {
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.ready.send_replace(serving);
        self.reporter.set_service_status("", status).await;
        for service in services() {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// Whether it serves.
    pub fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// The gRPC service that answers for it.
    pub fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }
}

/// The full names of the services of freightpass.v1, each once.
pub fn services() -> Vec<String> {
    let mut names: Vec<_> = TABLE.iter().map(|(service, _, _)| format!("freightpass.v1.{service}")).collect();
    names.dedup();
    names
}

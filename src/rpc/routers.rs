//! What each listener serves: the gRPC services behind their gates, and beside them a little plain HTTP.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::get;
use http::{HeaderName, Method, StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use tonic::service::Routes;
use tonic_reflection::server::Builder as Reflection;
use tonic_web::GrpcWebLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::gate::{Ends, admit, in_own_words, in_time, observe};
use super::health::{Health, services};
use super::proto::DESCRIPTORS;

/// The public listener: gRPC and gRPC-Web, no certificate asked for; `/metrics`, `/healthz`, `/readyz`, and whatever
/// plain objects `objects` holds.
pub fn public(services: Routes, objects: Router, health: &Health, metrics: PrometheusHandle, ends: Ends) -> Router {
    services
        .add_service(health.service())
        .into_axum_router()
        .layer(from_fn(in_own_words))
        .layer(from_fn_with_state(ends, in_time))
        .layer(from_fn(observe))
        .layer(GrpcWebLayer::new())
        .merge(objects)
        .layer(from_any_page())
        .route("/metrics", get(exposition).with_state(metrics))
        .route("/healthz", get(|| async { StatusCode::OK }))
        .route("/readyz", get(readiness).with_state(health.clone()))
}

/// Lets the pages of any site call: what is public is signed, and no cookie or certificate goes with a call. A browser
/// shows a page only the headers that are named here. The admin listener has nothing of it: no page may call there.
fn from_any_page() -> CorsLayer {
    let own = |name: &'static str| HeaderName::from_static(name);
    CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            own("grpc-timeout"),
            own("x-grpc-web"),
            own("x-user-agent"),
        ])
        .expose_headers([header::ETAG, own("grpc-status"), own("grpc-message"), own("grpc-status-details-bin")])
        .max_age(PREFLIGHT)
}

/// For how long a browser need not ask again what it may send; no browser keeps it for more than a day.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// The admin listener: gRPC, each call by an officer with a role of its method.
pub fn admin(services: Routes, health: &Health, ends: Ends) -> Router {
    services
        .add_service(health.service())
        .into_axum_router()
        .layer(from_fn(in_own_words))
        .layer(from_fn(admit))
        .layer(from_fn_with_state(ends, in_time))
        .layer(from_fn(observe))
}

/// Adds reflection, in both of its versions, for the services of one listener.
pub fn with_reflection(routes: Routes, public: bool) -> Result<Routes, tonic_reflection::server::Error> {
    let builder = || {
        let mut builder = Reflection::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            // So that a client that reads by reflection shows the details of a refusal in words.
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
            .with_service_name("grpc.health.v1.Health");
        for service in services() {
            if (service == "freightpass.v1.CheckpointService") == public {
                builder = builder.with_service_name(service);
            }
        }
        builder
    };
    Ok(routes.add_service(builder().build_v1()?).add_service(builder().build_v1alpha()?))
}

async fn exposition(State(metrics): State<PrometheusHandle>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], metrics.render())
}

async fn readiness(State(health): State<Health>) -> impl IntoResponse {
    let code = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let kind = "text/plain; charset=utf-8";
    (code, [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], health.words())
}

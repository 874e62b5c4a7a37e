//! What every call passes before its handler: the count and the clock, its deadline, and on the admin listener the
//! table of roles.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tracing::Instrument;

use super::ending::Ending;
use super::listener::Peer;
use super::status::{Reason, deadline_exceeded, fault};
use crate::identity::roles::{Access, access};
use crate::telemetry::traces;

/// Services that say nothing about freight: anybody who can speak to the listener may call them.
const OPEN_SERVICES: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// Calls that live long: only a deadline that the caller set ends them.
const LONG_CALLS: [&str; 5] = [
    "/freightpass.v1.CheckpointService/WatchStatus",
    // The copy of a large registry takes minutes.
    "/freightpass.v1.OperationService/CreateBackup",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// What the deadline of a call is found from.
#[derive(Debug, Clone)]
pub struct Ends {
    /// The longest call, and the deadline of one that brings none.
    pub longest: Duration,
    /// When it is cancelled, the calls that live long end.
    pub drain: CancellationToken,
}

/// Counts the call and its code, takes its time, and makes it a span of a trace.
pub async fn observe(request: Request, next: Next) -> Response {
    let method = match access(request.uri().path()) {
        Some(_) => request.uri().path().to_owned(),
        // The label must not take whatever a stranger asks for.
        None => "other".to_owned(),
    };
    let started = Instant::now();
    let span = traces::call(&method, request.headers());
    let response = next.run(request).instrument(span.clone()).await;
    let code = match response.headers().get(Status::GRPC_STATUS) {
        Some(code) => code.to_str().unwrap_or("2").to_owned(),
        None => "0".to_owned(),
    };
    traces::ended(&span, &code);
    metrics::counter!("freightpass_calls_total", "method" => method.clone(), "code" => code).increment(1);
    metrics::histogram!("freightpass_call_seconds", "method" => method).record(started.elapsed().as_secs_f64());
    response
}

/// Says what tonic refuses by itself in the service's own way: a message that does not decode is the caller's fault
/// (tonic says INTERNAL), one that is too large has exhausted a size. The service's own statuses all have details, and
/// pass as they are.
pub async fn in_own_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let headers = response.headers();
    if headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return response;
    }
    match headers.get(Status::GRPC_STATUS).map(HeaderValue::as_bytes) {
        Some(b"13") if starts_with(headers, "failed%20to%20decode") => {
            fault(Reason::MessageMalformed, "the request is no message of this method", &[]).into_http()
        }
        Some(b"12") => fault(Reason::MethodUnknown, "this listener has no such method", &[]).into_http(),
        Some(b"11") => {
            fault(Reason::MessageTooLarge, "the request is larger than this listener takes", &[]).into_http()
        }
        _ => response,
    }
}

fn starts_with(headers: &HeaderMap, text: &str) -> bool {
    headers.get(Status::GRPC_MESSAGE).is_some_and(|message| message.as_bytes().starts_with(text.as_bytes()))
}

/// Ends the call at its deadline with DEADLINE_EXCEEDED (tonic's own time-out says CANCELLED): the caller's
/// `grpc-timeout`, at most the longest call that the service allows. What a handler has begun to commit goes on in a
/// task of its own. Calls that live long end at a drain too.
pub async fn in_time(State(ends): State<Ends>, request: Request, next: Next) -> Response {
    let asked = grpc_timeout(request.headers());
    if LONG_CALLS.contains(&request.uri().path()) {
        let deadline = asked.map(|asked| Instant::now() + asked);
        let response = next.run(request).await;
        return response.map(|body| Body::new(Ending::new(body, deadline, ends.drain)));
    }
    let allowed = asked.map_or(ends.longest, |asked| asked.min(ends.longest));
    match timeout(allowed, next.run(request)).await {
        Ok(response) => response,
        Err(_) => deadline_exceeded().into_http(),
    }
}

/// Lets an officer through who has the roles of the method, and puts the officer into the request's extensions. Nothing
/// behind it ever sees a call that the table does not allow.
pub async fn admit(mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OPEN_SERVICES.iter().any(|open| path.starts_with(open)) {
        return next.run(request).await;
    }
    let peer = request.extensions().get::<Arc<Peer>>();
    let officer = match peer.and_then(|peer| peer.officer.as_ref()) {
        Some(Ok(officer)) => officer.clone(),
        Some(Err(fault)) => return unauthenticated(&fault.to_string()).into_http::<Body>(),
        None => return unauthenticated("no client certificate").into_http(),
    };
    match access(path) {
        Some(access) if access != Access::Public && access.admits(&officer) => {
            request.extensions_mut().insert(Arc::new(officer));
            next.run(request).await
        }
        _ => fault(Reason::RoleMissing, "the officer has not the roles that may call this method", &[]).into_http(),
    }
}

fn unauthenticated(message: &str) -> Status {
    fault(Reason::NoOfficer, message, &[])
}

/// The deadline of the gRPC protocol: at most 8 digits and a unit. What does not read is no deadline.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3_600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1S", Some(Duration::from_secs(1)))]
    #[case("25m", Some(Duration::from_millis(25)))]
    #[case("99999999H", Some(Duration::from_secs(99_999_999 * 3_600)))]
    #[case("0n", Some(Duration::ZERO))]
    #[case("100000000S", None)]
    #[case("S", None)]
    #[case("", None)]
    #[case("1", None)]
    #[case("-1S", None)]
    #[case("+1S", None)]
    #[case("1s", None)]
    fn a_grpc_timeout_reads_as_the_protocol_says(#[case] text: &str, #[case] wanted: Option<Duration>) {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", text.parse().unwrap());
        assert_eq!(grpc_timeout(&headers), wanted);
    }
}

//! What every call passes before its handler: the count and the clock, its deadline, and on the admin listener the
//! table of roles.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use tokio::time::timeout_at;
use tonic::{Code, Status};

use super::listener::Peer;
use super::status::fault;
use crate::identity::roles::{Access, access};

/// Services that say nothing about freight: anybody who can speak to the listener may call them.
const OPEN_SERVICES: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// Calls that live long: only a deadline that the caller set ends them.
const LONG_CALLS: [&str; 4] = [
    "/freightpass.v1.CheckpointService/WatchStatus",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// When a long call has to end; in its extensions, where the caller set a deadline.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(pub tokio::time::Instant);

/// Counts the call and its code, and takes its time.
pub async fn observe(request: Request, next: Next) -> Response {
    let method = match access(request.uri().path()) {
        Some(_) => request.uri().path().to_owned(),
        // The label must not take whatever a stranger asks for.
        None => "other".to_owned(),
    };
    let started = Instant::now();
    let response = next.run(request).await;
    let code = match response.headers().get(Status::GRPC_STATUS) {
        Some(code) => code.to_str().unwrap_or("2").to_owned(),
        None => "0".to_owned(),
    };
    metrics::counter!("freightpass_calls_total", "method" => method.clone(), "code" => code).increment(1);
    metrics::histogram!("freightpass_call_seconds", "method" => method).record(started.elapsed().as_secs_f64());
    response
}

/// Ends the call at its deadline with DEADLINE_EXCEEDED (tonic's own time-out says CANCELLED): the caller's
/// `grpc-timeout`, at most the longest call that the service allows. What a handler has begun to commit goes on in a
/// task of its own.
pub async fn in_time(State(longest): State<Duration>, mut request: Request, next: Next) -> Response {
    let asked = grpc_timeout(request.headers());
    let long = LONG_CALLS.contains(&request.uri().path());
    if long {
        if let Some(asked) = asked {
            let end = tokio::time::Instant::now() + asked;
            request.extensions_mut().insert(Deadline(end));
        }
        return next.run(request).await;
    }
    let allowed = asked.map_or(longest, |asked| asked.min(longest));
    let end = tokio::time::Instant::now() + allowed;
    match timeout_at(end, next.run(request)).await {
        Ok(response) => response,
        Err(_) => deadline_exceeded().into_http(),
    }
}

/// The status of a call whose deadline passed.
pub fn deadline_exceeded() -> Status {
    fault(Code::DeadlineExceeded, "DEADLINE", "the deadline passed; retry with the same request_id", &[])
}

/// Lets an officer through who has a role of the method, and puts the officer into the request's extensions. Nothing
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
        Some(access @ Access::Roles(_)) if access.admits(&officer) => {
            request.extensions_mut().insert(Arc::new(officer));
            next.run(request).await
        }
        _ => fault(Code::PermissionDenied, "ROLE_MISSING", "the officer has no role that may call this method", &[])
            .into_http(),
    }
}

fn unauthenticated(message: &str) -> Status {
    fault(Code::Unauthenticated, "NO_OFFICER", message, &[])
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

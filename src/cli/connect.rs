//! Connections to a service: admin verbs with a client certificate, the scanner's without one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Response, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::messages;

/// For a connection to come up, TLS and, where there is none, a first answer included: a port that takes a connection
/// and says nothing must not be waited for. Calls have the service's own deadline.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection on which nothing is heard is tried so often, and given up after as long again: a call has no end of its
/// own where the other machine is gone. Where the connection is made anew between two calls, TLS has as long.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// A changing call is made so many times with one request id, if answers are lost on the way.
const TRIES: u32 = 5;
/// Before the second try; twice as long before each next one.
const PAUSE: Duration = Duration::from_millis(200);

/// No answer of the service is larger: a bundle of 32 MiB and its frame.
pub const ANSWER_BYTES: usize = (32 << 20) + 4096;

/// The data folder of a server on this machine, where nothing else is said.
#[derive(Debug, Clone, clap::Args)]
pub struct DataArgs {
    /// Data folder of a server on this machine: its address and, in development, its certificates
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA", default_value = "data")]
    pub data: PathBuf,
}

/// Which service, and as whom.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Connection")]
pub struct AdminArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// Admin address, such as https://host:8441; otherwise that of the server on the data folder
    #[arg(long, value_name = "URL", env = "FREIGHTPASS_SERVER")]
    pub server: Option<String>,
    /// CA of the server's certificate, PEM; otherwise that of the data folder
    #[arg(long, value_name = "FILE", env = "FREIGHTPASS_CA")]
    pub ca: Option<PathBuf>,
    /// Client certificate, PEM: it says who is calling [env: FREIGHTPASS_CERT]
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Private key of the client certificate, PEM [env: FREIGHTPASS_KEY]
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Officer of the data folder's development PKI, such as CN-3205/chief [env: FREIGHTPASS_AS]
    #[arg(long = "as", value_name = "BODY/OFFICER", conflicts_with = "cert")]
    pub officer: Option<String>,
}

/// Where a server says that it listens: `run/addresses.json` of its data folder.
#[derive(Debug, Clone, Deserialize)]
pub struct Addresses {
    /// Public listener.
    pub public: String,
    /// Admin listener.
    pub admin: String,
}

impl Addresses {
    /// What the server on `data` has written.
    pub fn of(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("run/addresses.json");
        let text = fs::read_to_string(&path).with_context(|| {
            let (data, file) = (data.display().to_string(), path.display().to_string());
            messages::fault("no_server", &[("data", &data), ("file", &file)])
        })?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }
}

impl AdminArgs {
    /// Connects as the officer named, or as `otherwise` of the data folder where none is.
    pub async fn connect(&self, otherwise: Option<&str>) -> anyhow::Result<Channel> {
        let identity = self.identity(otherwise)?;
        connect_admin(&self.address()?, &self.ca(), &identity.cert, &identity.key).await
    }

    /// The admin address.
    pub fn address(&self) -> anyhow::Result<String> {
        match &self.server {
            Some(url) => Ok(url.clone()),
            None => Ok(format!("https://{}", Addresses::of(&self.data.data)?.admin)),
        }
    }

    /// The public address of the same service, where it is known here.
    pub fn public_address(&self) -> Option<String> {
        let set = || std::env::var("FREIGHTPASS_PUBLIC").ok().filter(|url| !url.is_empty());
        match &self.server {
            Some(_) => set(),
            None => Some(format!("http://{}", Addresses::of(&self.data.data).ok()?.public)),
        }
    }

    /// The CA's certificate.
    pub fn ca(&self) -> PathBuf {
        self.ca.clone().unwrap_or_else(|| self.data.data.join("pki/ca.pem"))
    }
}

/// A connection to the admin listener with that client certificate.
pub async fn connect_admin(url: &str, ca: &Path, cert: &Path, key: &Path) -> anyhow::Result<Channel> {
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let tls = ClientTlsConfig::new()
        .timeout(KEEPALIVE)
        .ca_certificate(Certificate::from_pem(read(ca)?))
        .identity(Identity::from_pem(read(cert)?, read(key)?));
    let endpoint = endpoint(url)?.tls_config(tls).with_context(|| "the certificates cannot be used")?;
    connected(endpoint, url).await
}

/// A connection to the public listener; `ca` for one with TLS and a CA of its own.
pub async fn connect_public(url: &str, ca: Option<&Path>) -> anyhow::Result<Channel> {
    let endpoint = endpoint(url)?;
    if url.starts_with("https://") {
        let path = ca.with_context(|| format!("{url}: give the CA of the server's certificate with --ca"))?;
        let pem = fs::read(path).with_context(|| path.display().to_string())?;
        let tls = ClientTlsConfig::new().timeout(KEEPALIVE).ca_certificate(Certificate::from_pem(pem));
        return connected(endpoint.tls_config(tls)?, url).await;
    }
    let channel = connected(endpoint, url).await?;
    // Without TLS nothing was heard of the other side yet. Whatever is said to this is an answer; where the connection
    // broke, the call that comes next finds it and tells it.
    let mut health = HealthClient::new(channel.clone());
    let asked = health.check(HealthCheckRequest { service: String::new() });
    match tokio::time::timeout(CONNECT_TIMEOUT, asked).await {
        Ok(_) => Ok(channel),
        Err(_) => Err(silent(url)),
    }
}

/// A runtime for one verb: everything it does waits for one service.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// The identifier of one intention.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Makes a changing call, and makes the same one again, with its request id, where the answer may have been lost: the
/// service then gives the answer of the first, and changes nothing twice.
pub async fn repeated<T>(call: impl AsyncFnMut() -> Result<Response<T>, Status>) -> Result<Response<T>, Status> {
    repeated_after(PAUSE, call).await
}

async fn repeated_after<T>(
    mut pause: Duration,
    mut call: impl AsyncFnMut() -> Result<Response<T>, Status>,
) -> Result<Response<T>, Status> {
    for _ in 1..TRIES {
        match call().await {
            Err(status) if may_have_got_lost(&status) => tokio::time::sleep(pause).await,
            answer => return answer,
        }
        pause *= 2;
    }
    call().await
}

/// What a call answered, or the service's refusal in words.
pub fn answered<T>(result: Result<tonic::Response<T>, Status>) -> anyhow::Result<T> {
    result.map(tonic::Response::into_inner).map_err(|status| anyhow::anyhow!("{}", told(&status)))
}

/// What was asked for and changes nothing: where it fails there is nothing to look after.
pub fn fetched<T>(result: Result<tonic::Response<T>, Status>, url: &str) -> anyhow::Result<T> {
    result.map(tonic::Response::into_inner).map_err(|status| {
        let why = refused(&status);
        anyhow::anyhow!("{}", messages::fault("not_fetched", &[("url", url), ("why", &why)]))
    })
}

/// A refusal of the service as [`refused`] tells it; where it may have been done all the same, that too.
pub fn told(status: &Status) -> String {
    let text = refused(status);
    match status.code() {
        Code::Unavailable => {
            format!("{text}\n  if something was to be changed, look whether it was before you ask again")
        }
        _ => text,
    }
}

/// A refusal of the service: its code, its stable reason, what it found, and each field at fault.
fn refused(status: &Status) -> String {
    let details = status.get_error_details();
    let mut text = match details.error_info() {
        Some(info) => format!("{} ({})", status.message(), info.reason),
        None => format!("{} ({:?})", status.message(), status.code()),
    };
    if let Some(info) = details.error_info() {
        let mut found: Vec<_> = info.metadata.iter().collect();
        found.sort();
        found.into_iter().for_each(|(name, value)| text.push_str(&format!("; {name}: {value}")));
    }
    for violation in details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default() {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    if matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied) {
        text.push_str("\n  another officer? --as BODY/OFFICER");
    }
    text
}

fn endpoint(url: &str) -> anyhow::Result<Endpoint> {
    let endpoint = Endpoint::from_shared(url.to_owned()).with_context(|| format!("{url} is no address"))?;
    Ok(endpoint.connect_timeout(CONNECT_TIMEOUT).http2_keep_alive_interval(KEEPALIVE).keep_alive_timeout(KEEPALIVE))
}

async fn connected(endpoint: Endpoint, url: &str) -> anyhow::Result<Channel> {
    // The endpoint's own limit is that of TCP alone, for each address of a name.
    let Ok(channel) = tokio::time::timeout(CONNECT_TIMEOUT, endpoint.connect()).await else {
        return Err(silent(url));
    };
    channel.map_err(|error| {
        // What went wrong stands at the bottom of tonic's chain: refused, unknown issuer, certificate expired.
        let mut cause: &(dyn std::error::Error + 'static) = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        match cause.downcast_ref::<io::Error>() {
            Some(fault) if fault.kind() == io::ErrorKind::TimedOut => silent(url),
            _ => {
                let cause = cause.to_string();
                anyhow::anyhow!("{}", messages::fault("no_connection", &[("url", url), ("cause", &cause)]))
            }
        }
    })
}

/// Somebody took the connection, or nobody said that there is none.
fn silent(url: &str) -> anyhow::Error {
    let seconds = CONNECT_TIMEOUT.as_secs().to_string();
    anyhow::anyhow!("{}", messages::fault("silent", &[("url", url), ("seconds", &seconds)]))
}

/// Whether the service may have done what was asked, or asks to come again: its own UNAVAILABLE, a deadline, or a broken
/// connection, which tonic tells as a status with a cause.
fn may_have_got_lost(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded => true,
        Code::Unknown | Code::Cancelled | Code::Internal => std::error::Error::source(status).is_some(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tried(answers: &[Code]) -> (u32, Code) {
        let mut calls = 0;
        let answer = repeated_after(Duration::ZERO, async || {
            let code = answers.get(calls as usize).copied().unwrap_or(Code::Ok);
            calls += 1;
            if code == Code::Ok { Ok(Response::new(())) } else { Err(Status::new(code, "")) }
        })
        .await;
        (calls, answer.err().map_or(Code::Ok, |status| status.code()))
    }

    #[tokio::test]
    async fn a_call_is_made_again_only_where_its_answer_may_be_lost() {
        assert_eq!(tried(&[Code::Ok]).await, (1, Code::Ok));
        assert_eq!(tried(&[Code::Unavailable, Code::DeadlineExceeded]).await, (3, Code::Ok));
        assert_eq!(tried(&[Code::Unavailable; 9]).await, (TRIES, Code::Unavailable));
        // What the service itself says of the request is an answer.
        for code in [Code::Unknown, Code::Internal, Code::NotFound, Code::InvalidArgument, Code::Aborted] {
            assert_eq!(tried(&[code]).await, (1, code), "{code:?}");
        }
    }
}

//! One listener: accepts connections, does the TLS handshake, serves HTTP/1 and HTTP/2 on them, and drains.
//!
//! It accepts by itself instead of leaving that to tonic, because the limits are ours to set and because a drain must
//! end: with connections that never sent a byte, and with handshakes that stand still (hyper's issue 4170).

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::config::Limits;
use crate::identity::{CertificateFault, Officer, officer_of};
use crate::rpc::tls::Live;

/// Pause after the kernel refused to accept (out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Who is at the other end of a connection; every request on it carries this in its extensions.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The address that the connection came from.
    pub address: SocketAddr,
    /// The officer that the client certificate names, or why it names none; `None` where no certificate is asked for.
    pub officer: Option<Result<Officer, CertificateFault>>,
}

/// A socket that listens, with what it serves.
pub struct Listener {
    /// Its name in metrics and log lines.
    pub name: &'static str,
    /// The socket.
    pub socket: TcpListener,
    /// TLS; without it the listener speaks plaintext.
    pub tls: Option<Arc<Live>>,
    /// The deployment for which client certificates are read.
    pub deployment: [u8; 8],
    /// What it serves.
    pub router: Router,
    /// Bounds on connections.
    pub limits: Limits,
}

/// What a connection needs of its listener.
struct Serving {
    name: &'static str,
    tls: Option<Arc<Live>>,
    deployment: [u8; 8],
    router: Router,
    limits: Limits,
}

impl Listener {
    /// Serves until `drain`; then accepts nothing more, lets the calls on each connection end, and returns when the
    /// last connection has. Whoever cannot wait so long drops the future: that closes what is left. It returns before
    /// `drain` only where the socket does not listen any more.
    pub async fn serve(self, drain: CancellationToken) {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let Self { name, socket, tls, deployment, router, limits } = self;
        let shared = Arc::new(Serving { name, tls, deployment, router, limits });
        let mut connections = JoinSet::new();
        loop {
            let place = tokio::select! {
                () = drain.cancelled() => break,
                place = Arc::clone(&places).acquire_owned() => place,
            };
            let accepted = tokio::select! {
                () = drain.cancelled() => break,
                accepted = socket.accept() => accepted,
            };
            while connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, address)) => {
                    let (shared, drain) = (Arc::clone(&shared), drain.clone());
                    connections.spawn(async move {
                        shared.connection(stream, address, drain).await;
                        drop(place);
                    });
                }
                Err(error) if error.kind() == ErrorKind::InvalidInput => {
                    return tracing::error!(%error, listener = name, "the socket does not listen any more");
                }
                Err(error) => {
                    tracing::warn!(%error, listener = name, "a connection was not accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        // Closed at once: a probe or a client that comes now is refused, and goes elsewhere.
        drop(socket);
        while connections.join_next().await.is_some() {}
    }
}

impl Serving {
    async fn connection(&self, stream: TcpStream, address: SocketAddr, drain: CancellationToken) {
        let _open = Open::one(self.name);
        // Small answers must not wait for the peer's acknowledgement.
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => {
                // A peer that says nothing is nobody: it may not hold a place, and must not hold up a drain.
                let first = timeout(ms(self.limits.header_timeout_ms), stream.readable());
                tokio::select! {
                    () = drain.cancelled() => return,
                    first = first => if !matches!(first, Ok(Ok(()))) { return },
                }
                let peer = Peer { address, officer: None };
                self.http(stream, peer, drain).await;
            }
            Some(live) => {
                let handshake = TlsAcceptor::from(live.now()).accept(stream);
                let handshake = timeout(ms(self.limits.handshake_timeout_ms), handshake);
                let stream = tokio::select! {
                    () = drain.cancelled() => return,
                    done = handshake => match done {
                        Ok(Ok(stream)) => stream,
                        Ok(Err(error)) => return tracing::debug!(%error, "no TLS handshake"),
                        Err(_) => return tracing::debug!("the TLS handshake took too long"),
                    },
                };
                let officer = stream
                    .get_ref()
                    .1
                    .peer_certificates()
                    .and_then(|chain| chain.first())
                    .map(|certificate| officer_of(certificate, &self.deployment));
                self.http(stream, Peer { address, officer }, drain).await;
            }
        }
    }

    async fn http<S>(&self, stream: S, peer: Peer, drain: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let router = self.router.clone();
        let peer = Arc::new(peer);
        let asked = CancellationToken::new();
        let first = asked.clone();
        let service = tower::service_fn(move |request: Request<Incoming>| {
            first.cancel();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Arc::clone(&peer));
            router.clone().oneshot(request)
        });
        let server = self.server();
        let mut connection = pin!(server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
        let mut age = pin!(sleep(Duration::from_secs(self.limits.connection_age_s)));
        // A byte that could begin either HTTP must not hold a place for an hour: who asks for nothing is sent away, and
        // politely, so that a client that only connected early connects again.
        let mut nothing_asked = pin!(timeout(ms(self.limits.header_timeout_ms), asked.cancelled()));
        let (mut closing, mut silent) = (false, true);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection ended early");
                    }
                    return;
                }
                heard = nothing_asked.as_mut(), if silent => {
                    silent = false;
                    if heard.is_ok() {
                        continue;
                    }
                    closing = true;
                }
                () = age.as_mut(), if !closing => closing = true,
                () = drain.cancelled(), if !closing => closing = true,
            }
            connection.as_mut().graceful_shutdown();
        }
    }

    /// Every limit is set here and none inherited: tonic and hyper pass some of their defaults through to h2 unset.
    fn server(&self) -> auto::Builder<TokioExecutor> {
        let limits = &self.limits;
        let mut server = auto::Builder::new(TokioExecutor::new());
        server
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(ms(limits.header_timeout_ms))
            .max_buf_size(HTTP1_BUFFER_BYTES);
        server
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.concurrent_streams)
            .max_header_list_size(limits.header_list_bytes)
            .max_pending_accept_reset_streams(limits.pending_reset_streams)
            .max_local_error_reset_streams(limits.error_reset_streams)
            .max_send_buf_size(HTTP2_SEND_BUFFER_BYTES)
            .initial_stream_window_size(HTTP2_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(HTTP2_CONNECTION_WINDOW_BYTES)
            .keep_alive_interval(ms(limits.keepalive_interval_ms))
            .keep_alive_timeout(ms(limits.keepalive_timeout_ms));
        server
    }
}

/// Counts a connection for as long as it is open.
struct Open(metrics::Gauge);

impl Open {
    fn one(listener: &'static str) -> Self {
        let open = metrics::gauge!("freightpass_connections", "listener" => listener);
        open.increment(1.0);
        Self(open)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Headers of an HTTP/1 request, and a chunk of its body.
const HTTP1_BUFFER_BYTES: usize = 64 * 1024;

/// What one stream may have waiting for a slow reader.
const HTTP2_SEND_BUFFER_BYTES: usize = 256 * 1024;

/// What a peer may send on one stream before we have read it: no more than needed for a large import in a few turns.
const HTTP2_STREAM_WINDOW_BYTES: u32 = 256 * 1024;

/// And on all the streams of a connection together, so that 200 of them cannot fill the memory.
const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::identity::{DevelopmentPki, Role};
    use crate::rpc::tls;

    const DEPLOYMENT: [u8; 8] = [7; 8];

    /// A test that hangs must fail one day.
    const AT_LAST: Duration = Duration::from_secs(60);

    async fn listener(tls: Option<Arc<Live>>) -> (Listener, SocketAddr) {
        listener_within(tls, Limits::default()).await
    }

    async fn listener_within(tls: Option<Arc<Live>>, limits: Limits) -> (Listener, SocketAddr) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        (Listener { name: "test", socket, tls, deployment: DEPLOYMENT, router, limits }, address)
    }

    #[tokio::test]
    async fn a_drain_ends_with_connections_that_never_sent_a_byte() {
        let (listener, address) = listener(None).await;
        let drain = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(drain.clone()));
        let mut silent = Vec::new();
        for _ in 0..3 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        // One that was answered is kept open: all before it were accepted.
        let mut spoken = TcpStream::connect(address).await.unwrap();
        spoken.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 1024];
        let read = spoken.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 200"));

        drain.cancel();
        timeout(AT_LAST, serving).await.unwrap().unwrap();
        for mut stream in silent {
            assert_eq!(stream.read(&mut [0; 1]).await.unwrap_or(0), 0);
        }
    }

    #[tokio::test]
    async fn a_byte_that_could_begin_either_http_holds_no_connection() {
        let limits = Limits { header_timeout_ms: 300, ..Limits::default() };
        let (listener, address) = listener_within(None, limits).await;
        let drain = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(drain.clone()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"P").await.unwrap();
        let ended = timeout(AT_LAST, stream.read(&mut [0; 1])).await.expect("an end in time");
        assert_eq!(ended.unwrap_or(0), 0);
        drain.cancel();
        timeout(AT_LAST, serving).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_drain_ends_with_a_handshake_that_stands_still() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemClock.now();
        let pki = DevelopmentPki::open_or_create(folder.path(), DEPLOYMENT, now).unwrap();
        let server = pki.server(now).unwrap();
        let tls = tls::mutual(&server.certificate, &server.key, &pki.ca()).unwrap();
        let officer = Officer { body: "CN-32".into(), name: "chief".into(), roles: vec![Role::Revoker] };
        assert!(pki.officer(&officer, now).is_ok());

        let (listener, address) = listener(Some(Arc::new(Live::new(tls)))).await;
        let drain = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(drain.clone()));
        let mut stuck = TcpStream::connect(address).await.unwrap();
        // The head of a TLS record that never comes.
        stuck.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00]).await.unwrap();
        drain.cancel();
        timeout(AT_LAST, serving).await.unwrap().unwrap();
    }

    /// Nothing else in the process would notice.
    #[tokio::test]
    async fn a_socket_that_does_not_listen_any_more_ends_its_listener() {
        let (listener, address) = listener(None).await;
        let socket = listener.socket.into_std().unwrap();
        // Another handle on the same socket, by which somebody shuts it down.
        let other: std::os::fd::OwnedFd = socket.try_clone().unwrap().into();
        let listener = Listener { socket: TcpListener::from_std(socket).unwrap(), ..listener };
        let serving = tokio::spawn(listener.serve(CancellationToken::new()));
        let mut spoken = TcpStream::connect(address).await.unwrap();
        spoken.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        spoken.read_to_end(&mut Vec::new()).await.unwrap();
        std::net::TcpStream::from(other).shutdown(std::net::Shutdown::Both).unwrap();
        timeout(AT_LAST, serving).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn whoever_comes_in_a_drain_is_refused_at_once() {
        let (listener, address) = listener(None).await;
        let drain = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(drain.clone()));
        let mut busy = TcpStream::connect(address).await.unwrap();
        busy.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert_ne!(busy.read(&mut [0; 1024]).await.unwrap(), 0);
        drain.cancel();
        timeout(AT_LAST, serving).await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}

//! The baseline of the load tests: a gRPC server that does nothing. The first call of a method is passed on to a
//! freightpass, and every later one is answered with the bytes of that answer; so sizes are those of the real method,
//! and what is left is the cost of gRPC on this machine.
//!
//! Usage: ghz-echo UPSTREAM [CA CERT KEY]     prints `ready ADDRESS`, and serves in plaintext until it is killed

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use anyhow::Context as _;
use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::UnaryService;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity, Server};
use tonic::{Request, Response, Status};

type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let upstream = arguments.first().context("usage: ghz-echo UPSTREAM [CA CERT KEY]")?;
    let mut endpoint = Endpoint::from_shared(upstream.clone())?;
    if let [_, ca, cert, key] = &arguments[..] {
        let read = |path: &String| std::fs::read(path).with_context(|| path.clone());
        let identity = Identity::from_pem(read(cert)?, read(key)?);
        endpoint = endpoint
            .tls_config(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(ca)?)).identity(identity))?;
    }
    let echo = Echo { upstream: endpoint.connect().await?, answers: Arc::default() };
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse()?)?.with_nodelay(Some(true));
    println!("ready {}", incoming.local_addr()?);
    Server::builder().serve_with_incoming(echo, incoming).await?;
    Ok(())
}

/// Answers every method with what the first call of it was answered.
#[derive(Clone)]
struct Echo {
    upstream: Channel,
    answers: Arc<RwLock<HashMap<String, Bytes>>>,
}

impl tower::Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Later<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = Method { echo: self.clone(), path: request.uri().path().to_owned() };
        Box::pin(async move { Ok(tonic::server::Grpc::new(Raw).unary(method, request).await) })
    }
}

struct Method {
    echo: Echo,
    path: String,
}

impl UnaryService<Bytes> for Method {
    type Response = Bytes;
    type Future = Later<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let (echo, path) = (self.echo.clone(), self.path.clone());
        Box::pin(async move {
            let known = echo.answers.read().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
            if let Some(answer) = known {
                return Ok(Response::new(answer));
            }
            let mut upstream = tonic::client::Grpc::new(echo.upstream.clone());
            upstream.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
            let at: PathAndQuery = path.parse().map_err(|_| Status::unimplemented("no path"))?;
            let answer = upstream.unary(request, at, Raw).await?.into_inner();
            echo.answers.write().unwrap_or_else(PoisonError::into_inner).insert(path, answer.clone());
            Ok(Response::new(answer))
        })
    }
}

/// Messages as the bytes that they are.
#[derive(Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(bytes.copy_to_bytes(bytes.remaining())))
    }
}

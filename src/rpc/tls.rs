//! TLS of the two listeners, from PEM files: one provider (aws-lc-rs), TLS 1.2 and 1.3 as rustls sets them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// HTTP versions offered: gRPC speaks the first, gRPC-Web and plain objects the second too.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why a listener cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A PEM file does not read.
    #[error("{path}: {source}", path = path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// A PEM file holds no certificate.
    #[error("{path}: holds no certificate", path = path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// Certificate and key, or the client CA, do not serve.
    #[error("{path}: {problem}", path = path.display())]
    Refused {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
}

/// TLS of a listener as it is now. It can be changed while the listener runs: each handshake takes what stands here when
/// it begins, and a connection keeps what it began with. Sessions are not carried over, so that nobody whom a new client
/// CA does not know comes in by an old one.
#[derive(Debug)]
pub struct Live(ArcSwap<ServerConfig>);

impl Live {
    /// Begins with `config`.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self(ArcSwap::new(config))
    }

    /// For the next handshake.
    pub fn now(&self) -> Arc<ServerConfig> {
        self.0.load_full()
    }

    /// From the next handshake on.
    pub fn put(&self, config: Arc<ServerConfig>) {
        self.0.store(config);
    }
}

/// A server that asks for no client certificate.
pub fn public(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let builder = builder(certificate)?.with_no_client_auth();
    finish(builder, certificate, key)
}

/// A server that speaks only to clients whose certificate one of the CAs in `client_ca` has signed.
pub fn mutual(certificate: &Path, key: &Path, client_ca: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    for ca in certificates(client_ca)? {
        roots.add(ca).map_err(|error| refused(client_ca, error))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| refused(client_ca, error))?;
    let builder = builder(certificate)?.with_client_cert_verifier(verifier);
    finish(builder, certificate, key)
}

type WithoutVerifier = rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>;
type WithoutCertificate = rustls::ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>;

fn builder(certificate: &Path) -> Result<WithoutVerifier, TlsError> {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificate, error))
}

fn finish(builder: WithoutCertificate, certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let private = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::Pem { path: key.to_owned(), source })?;
    let mut config =
        builder.with_single_cert(certificates(certificate)?, private).map_err(|error| refused(certificate, error))?;
    config.alpn_protocols = ALPN.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let fault = |source| TlsError::Pem { path: path.to_owned(), source };
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(fault)?.collect::<Result<Vec<_>, _>>().map_err(fault)?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate { path: path.to_owned() });
    }
    Ok(certificates)
}

fn refused(path: &Path, problem: impl ToString) -> TlsError {
    TlsError::Refused { path: path.to_owned(), problem: problem.to_string() }
}

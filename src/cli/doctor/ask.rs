//! What a running service says of itself over the network, in plain HTTP or in TLS.
//!
//! The service is asked at its own address, for which its certificate need not be made out: what counts is that it shows
//! the very certificate that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A service that does not answer within it answers nobody.
pub(super) const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of an answer at the most: the metrics of a service.
const MOST_BYTES: u64 = 4 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    /// Nothing came in time.
    #[error("it does not answer on {0}")]
    Silent(String),
    /// It shows another certificate than the file has.
    #[error("it shows another certificate than {} has now", .0.display())]
    OtherCertificate(PathBuf),
    /// No connection by TLS comes about.
    #[error("TLS with it fails: {0}")]
    Tls(String),
}

/// What a GET is answered, with its head. `certificate` is the file of the listener, where it speaks TLS.
pub(super) async fn get(address: &str, path: &str, certificate: Option<&Path>) -> Result<String, Unanswered> {
    let silent = || Unanswered::Silent(address.to_owned());
    let asked = async {
        let connection = TcpStream::connect(address).await.map_err(|_| silent())?;
        let Some(file) = certificate else { return exchanged(connection, path).await.ok_or_else(silent) };
        let pinned = Arc::new(Pinned::of(file)?);
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Unanswered::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&pinned) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").map_err(|error| Unanswered::Tls(error.to_string()))?;
        let connection = TlsConnector::from(Arc::new(config)).connect(name, connection).await;
        match connection {
            Ok(connection) => exchanged(connection, path).await.ok_or_else(silent),
            Err(_) if pinned.saw_another() => Err(Unanswered::OtherCertificate(file.to_owned())),
            Err(error) => Err(Unanswered::Tls(error.to_string())),
        }
    };
    timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(silent()))
}

async fn exchanged(mut connection: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> Option<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.ok()?;
    let mut text = Vec::new();
    connection.take(MOST_BYTES).read_to_end(&mut text).await.ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// Accepts one certificate, whoever it is made out to.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: CryptoProvider,
    another: Mutex<bool>,
}

impl Pinned {
    fn of(file: &Path) -> Result<Self, Unanswered> {
        let certificate = CertificateDer::from_pem_file(file)
            .map_err(|error| Unanswered::Tls(format!("{}: {error}", file.display())))?;
        Ok(Self { certificate, provider: aws_lc_rs::default_provider(), another: Mutex::new(false) })
    }

    fn saw_another(&self) -> bool {
        self.another.lock().is_ok_and(|another| *another)
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *shown == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        if let Ok(mut another) = self.another.lock() {
            *another = true;
        }
        Err(rustls::CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

//! Certificates that a test makes, and a client that speaks plain HTTP over TLS, as a probe does.

use std::path::Path;
use std::sync::Arc;

use freightpass::clock::{Clock, SystemClock};
use freightpass::identity::{Officer, Role, uri_of};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::server::AT_LAST;

/// A certificate and its key, PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Pair {
    /// Puts both where a server reads them.
    pub fn write(&self, certificate: &Path, key: &Path) {
        use std::os::unix::fs::PermissionsExt;

        std::fs::write(certificate, &self.certificate).unwrap();
        std::fs::write(key, &self.key).unwrap();
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A CA.
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: String,
}

impl Ca {
    /// A new one of that name.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = named(name, 3_650);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    /// A server's, for `localhost` and so many days.
    pub fn server(&self, days: i64) -> Pair {
        let mut parameters = named("server", days);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.subject_alt_names = vec![SanType::DnsName("localhost".try_into().unwrap())];
        self.signed(&parameters)
    }

    /// An officer's.
    pub fn officer(&self, deployment: &[u8; 8], body: &str, roles: &[Role]) -> Pair {
        let officer = Officer { body: body.to_owned(), name: "chief".to_owned(), roles: roles.to_vec() };
        let mut parameters = named("officer", 10);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        parameters.subject_alt_names = vec![SanType::URI(uri_of(&officer, deployment).as_str().try_into().unwrap())];
        self.signed(&parameters)
    }

    fn signed(&self, parameters: &CertificateParams) -> Pair {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.clone().signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key: key.serialize_pem() }
    }
}

fn named(name: &str, days: i64) -> CertificateParams {
    let day = |days: i64| {
        let at = TimeZone::UTC.to_datetime(SystemClock.now()).checked_add(days.days()).unwrap().date();
        rcgen::date_time_ymd(i32::from(at.year()), at.month().unsigned_abs(), at.day().unsigned_abs())
    };
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    (parameters.not_before, parameters.not_after) = (day(-1), day(days));
    parameters.use_authority_key_identifier_extension = true;
    parameters
}

/// A connection to a listener with TLS, as a probe makes it; it trusts that CA alone.
pub struct Connection {
    stream: TlsStream<TcpStream>,
}

impl Connection {
    /// Opens one, unless nobody listens.
    pub async fn open(address: &str, ca: &str) -> std::io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let stream = timeout(AT_LAST, TlsConnector::from(Arc::new(config)).connect(name, stream)).await.unwrap()?;
        Ok(Self { stream })
    }

    /// The certificate that the server showed.
    pub fn shown(&self) -> CertificateDer<'static> {
        self.stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    }

    /// Sends a head, and gives the first bytes that come back.
    pub async fn ask(&mut self, head: &str) -> String {
        self.stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 1 << 10];
        let length = timeout(AT_LAST, self.stream.read(&mut answer)).await.expect("an answer in time").unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    /// GET: the code and the body, whose length the server says.
    pub async fn get(&mut self, path: &str) -> std::io::Result<(u16, String)> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nuser-agent: probe\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let length = timeout(AT_LAST, self.stream.read(&mut buffer)).await.expect("an answer in time")?;
            answer.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                assert_ne!(length, 0, "the connection ended in the middle of a head: {text:?}");
                continue;
            };
            let head = head.to_lowercase();
            let wanted = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if wanted.unwrap_or(0) <= body.len() || length == 0 {
                let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap();
                return Ok((code, body.to_owned()));
            }
        }
    }
}

/// The certificate of a PEM text.
pub fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// A path as text.
pub fn text(path: &Path) -> String {
    path.display().to_string()
}

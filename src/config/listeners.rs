//! Where people and scanners come in.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// The public listener.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicListener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain, PEM. Without it the listener speaks plaintext, which only a loopback address may.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
}

/// The admin listener: mutual TLS always.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminListener {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Certificate chain, PEM; in development the PKI's own where it is not set.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    pub key: Option<PathBuf>,
    /// CA certificates, PEM, that sign officers' certificates.
    pub client_ca: Option<PathBuf>,
}

impl Default for PublicListener {
    fn default() -> Self {
        Self { address: ([127, 0, 0, 1], 8440).into(), certificate: None, key: None }
    }
}

impl Default for AdminListener {
    fn default() -> Self {
        Self { address: ([127, 0, 0, 1], 8441).into(), certificate: None, key: None, client_ca: None }
    }
}

//! The certificates of the listeners: in development the PKI's own, made on first start; else those configured. One
//! that has expired stops the start; one that ends soon is warned of.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::Timestamp;
use rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::identity::{DevelopmentPki, Officer, Role, not_after};
use crate::rpc::tls;

/// From when on the end of a certificate is warned of.
const WARN_BEFORE_S: i64 = 30 * 86_400;

/// How often.
const WARN_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// The officers that a development deployment is given: body, name, roles.
const DEVELOPMENT_OFFICERS: [(&str, &str, &[Role]); 5] = [
    ("CN-32", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-3205", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-3301", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-32", "ops", &[Role::Operator]),
    ("CN-320583", "clerk", &[Role::Recommender]),
];

/// TLS of the listeners, and the files that it comes from.
pub struct Certificates {
    /// Of the public listener; none: plaintext, on loopback.
    pub public: Option<Arc<ServerConfig>>,
    /// Of the admin listener.
    pub admin: Arc<ServerConfig>,
    files: Vec<PathBuf>,
}

impl Certificates {
    /// Reads them, and makes those of development where they are missing.
    pub fn open(config: &Config, deployment: [u8; 8], clock: &dyn Clock) -> anyhow::Result<Self> {
        let now = clock.now();
        let mut files = Vec::new();
        let public = match (&config.public.certificate, &config.public.key) {
            (Some(certificate), Some(key)) => {
                files.push(certificate.clone());
                Some((certificate.clone(), key.clone()))
            }
            _ => None,
        };
        let admin = match (&config.admin.certificate, &config.admin.key, &config.admin.client_ca) {
            (Some(certificate), Some(key), Some(ca)) => (certificate.clone(), key.clone(), ca.clone()),
            _ if config.mode == Mode::Development => development(config, deployment, now)?,
            _ => bail!("production has no development PKI: set admin.certificate, admin.key, admin.client_ca"),
        };
        files.extend([admin.0.clone(), admin.2.clone()]);
        for file in &files {
            refuse_expired(file, now)?;
        }
        Ok(Self {
            public: public.map(|(certificate, key)| tls::public(&certificate, &key)).transpose()?,
            admin: tls::mutual(&admin.0, &admin.1, &admin.2)?,
            files,
        })
    }

    /// Warns of ends that come near, in the log and as a metric, until it is stopped.
    pub fn watch(&self, clock: Arc<dyn Clock>, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
        let files = self.files.clone();
        async move {
            loop {
                let now = clock.now();
                for file in &files {
                    warn(file, now);
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(WARN_EVERY) => {}
                }
            }
        }
    }
}

/// The PKI of development with its officers: server certificate, its key, CA.
fn development(config: &Config, deployment: [u8; 8], now: Timestamp) -> anyhow::Result<(PathBuf, PathBuf, PathBuf)> {
    let folder = config.data_folder.join("pki");
    let pki = DevelopmentPki::open_or_create(&folder, deployment, now)?;
    for (body, name, roles) in DEVELOPMENT_OFFICERS {
        let officer = Officer { body: body.to_owned(), name: name.to_owned(), roles: roles.to_vec() };
        pki.officer(&officer, now)?;
    }
    let server = pki.server(now)?;
    Ok((server.certificate, server.key, pki.ca()))
}

fn refuse_expired(file: &Path, now: Timestamp) -> anyhow::Result<()> {
    let end = not_after(file).with_context(|| format!("the certificate {} does not read", file.display()))?;
    if end <= now {
        bail!(
            "the certificate {} expired at {end}: put a renewed one (and its key) in its place and start again",
            file.display()
        );
    }
    Ok(())
}

fn warn(file: &Path, now: Timestamp) {
    let Ok(end) = not_after(file) else { return };
    let name = file.display().to_string();
    metrics::gauge!("freightpass_expires_timestamp_seconds", "what" => "certificate", "name" => name.clone())
        .set(end.as_second() as f64);
    let left_s = end.as_second() - now.as_second();
    if left_s < WARN_BEFORE_S {
        tracing::warn!(certificate = name, %end, days = left_s / 86_400, "a certificate ends soon: renew it");
    }
}

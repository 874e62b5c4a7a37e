//! The certificates of the listeners: in development the PKI's own, made on first start; else those configured. One that
//! has expired stops the start. While the service runs they are read anew when their files change and on SIGHUP; what
//! does not serve is refused, and the old ones go on. What ends soon is warned of.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use rustls::ServerConfig;
use sha2::{Digest, Sha256};
use tokio::signal::unix::Signal;
use tokio::time::{Instant, interval};
use tokio_util::sync::CancellationToken;

use super::secrets::refuse_open;
use crate::clock::Clock;
use crate::config::{Config, Mode};
use crate::identity::{DevelopmentPki, Officer, Role, ends, is_of_development};
use crate::rpc::tls::{self, Live};
use crate::trust::WARN_BEFORE_S;

/// How often.
const WARN_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// How often it is looked whether a file has changed. New files serve at the second look that finds them the same: who
/// writes a certificate and then its key is not caught in between.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The officers that a development deployment is given: body, name, roles.
const DEVELOPMENT_OFFICERS: [(&str, &str, &[Role]); 5] = [
    ("CN-32", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-3205", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-3301", "chief", &[Role::Whitelist, Role::Approver, Role::Revoker, Role::Auditor]),
    ("CN-32", "ops", &[Role::Operator]),
    ("CN-320583", "clerk", &[Role::Recommender]),
];

/// TLS of the listeners.
pub struct Certificates {
    /// Of the public listener; none: plaintext, on loopback.
    pub public: Option<Arc<Served>>,
    /// Of the admin listener.
    pub admin: Arc<Served>,
}

/// TLS of one listener, the files that it comes from, and what of them is served.
pub struct Served {
    /// For its handshakes.
    pub live: Arc<Live>,
    files: Files,
    state: Mutex<State>,
}

/// Where a listener's TLS comes from.
#[derive(Debug, Clone)]
struct Files {
    listener: &'static str,
    mode: Mode,
    certificate: PathBuf,
    key: PathBuf,
    /// On the admin listener.
    client_ca: Option<PathBuf>,
}

struct State {
    /// When what is served ends, by file.
    ends: Vec<(PathBuf, Timestamp)>,
    /// Of the files that were tried last.
    tried: [u8; 32],
    /// Of the files at the last look.
    seen: [u8; 32],
}

/// What was read from the files, and serves.
struct Loaded {
    config: Arc<ServerConfig>,
    ends: Vec<(PathBuf, Timestamp)>,
}

impl Certificates {
    /// Reads them, and makes those of development where they are missing.
    pub fn open(config: &Config, deployment: [u8; 8], clock: &dyn Clock) -> anyhow::Result<Self> {
        let now = clock.now();
        let admin = match admin_files(config) {
            Some(files) => files,
            None if config.mode == Mode::Development => development(config, deployment, now)?,
            None => bail!("production has no development PKI: set admin.certificate, admin.key, admin.client_ca"),
        };
        let public = public_files(config).map(|files| Served::open(files, now)).transpose()?;
        Ok(Self { public: public.map(Arc::new), admin: Arc::new(Served::open(admin, now)?) })
    }

    /// Reads them anew when their files change and on every `hangup`, and warns of ends that come near, in the log and
    /// as a metric, until it is stopped.
    pub fn watch(
        &self,
        clock: Arc<dyn Clock>,
        mut hangup: Signal,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        let all: Vec<_> = self.public.iter().chain([&self.admin]).cloned().collect();
        async move {
            let mut look = interval(LOOK_EVERY);
            let mut warned: Option<Instant> = None;
            loop {
                let warn = warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY);
                if warn {
                    warned = Some(Instant::now());
                }
                let asked = tokio::select! {
                    () = stop.cancelled() => return,
                    Some(()) = hangup.recv() => true,
                    _ = look.tick() => false,
                };
                for served in all.clone() {
                    let now = clock.now();
                    let look = move || {
                        let changed = served.look(asked, now);
                        served.tell(now, warn || changed);
                    };
                    // Files are read; a disk that stands still holds up nobody's call.
                    if tokio::task::spawn_blocking(look).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// Whether the certificates that are configured serve; those of development are made at the start.
pub fn check(config: &Config, clock: &dyn Clock) -> anyhow::Result<()> {
    for files in public_files(config).into_iter().chain(admin_files(config)) {
        files.load(clock.now())?;
    }
    Ok(())
}

fn public_files(config: &Config) -> Option<Files> {
    let (certificate, key) = (config.public.certificate.clone()?, config.public.key.clone()?);
    Some(Files { listener: "public", mode: config.mode, certificate, key, client_ca: None })
}

fn admin_files(config: &Config) -> Option<Files> {
    let admin = &config.admin;
    let (certificate, key) = (admin.certificate.clone()?, admin.key.clone()?);
    Some(Files { listener: "admin", mode: config.mode, certificate, key, client_ca: Some(admin.client_ca.clone()?) })
}

/// The PKI of development with its officers.
fn development(config: &Config, deployment: [u8; 8], now: Timestamp) -> anyhow::Result<Files> {
    let folder = config.data_folder.join("pki");
    let pki = DevelopmentPki::open_or_create(&folder, deployment, now)?;
    for (body, name, roles) in DEVELOPMENT_OFFICERS {
        let officer = Officer { body: body.to_owned(), name: name.to_owned(), roles: roles.to_vec() };
        pki.officer(&officer, now)?;
    }
    let server = pki.server(now)?;
    Ok(Files {
        listener: "admin",
        mode: config.mode,
        certificate: server.certificate,
        key: server.key,
        client_ca: Some(pki.ca()),
    })
}

impl Files {
    /// Reads them, and refuses what cannot serve now.
    fn load(&self, now: Timestamp) -> anyhow::Result<Loaded> {
        let listener = self.listener;
        let certificate = || format!("{listener}.certificate");
        // A chain counts until its first end; of several CAs one is enough.
        let first = ends(&self.certificate).with_context(certificate)?.into_iter().min();
        let mut found = vec![(certificate(), &self.certificate, first)];
        if let Some(path) = &self.client_ca {
            let key = || format!("{listener}.client_ca");
            let all = ends(path).with_context(key)?;
            let nearest = all.iter().filter(|end| **end > now).min().or_else(|| all.iter().max());
            found.push((key(), path, nearest.copied()));
        }
        let mut kept = Vec::new();
        for (key, path, end) in found {
            let end = end.with_context(|| format!("{key}: {} holds no certificate", path.display()))?;
            ensure!(
                end > now,
                "{key}: the certificate {} expired at {end}: put a renewed one (and its key) in its place and start again",
                path.display()
            );
            ensure!(
                self.mode == Mode::Development || !is_of_development(path).with_context(|| key.clone())?,
                "{key}: {} is of a development PKI, which production refuses: its CA's key lies in a data folder",
                path.display()
            );
            kept.push((path.clone(), end));
        }
        if self.mode == Mode::Production {
            refuse_open(&format!("{listener}.key"), &self.key)?;
        }
        let config = match &self.client_ca {
            None => tls::public(&self.certificate, &self.key)
                .with_context(|| format!("{listener}.certificate, {listener}.key"))?,
            Some(client_ca) => tls::mutual(&self.certificate, &self.key, client_ca)
                .with_context(|| format!("{listener}.certificate, {listener}.key, {listener}.client_ca"))?,
        };
        Ok(Loaded { config, ends: kept })
    }

    /// A digest of what stands in them; of one that does not read, of why.
    fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for path in [Some(&self.certificate), Some(&self.key), self.client_ca.as_ref()].into_iter().flatten() {
            match std::fs::read(path) {
                Ok(bytes) => digest.update(Sha256::digest(bytes)),
                Err(error) => digest.update(error.kind().to_string()),
            }
        }
        digest.finalize().into()
    }
}

impl Served {
    fn open(files: Files, now: Timestamp) -> anyhow::Result<Self> {
        // Taken first: what is written while it is read is seen as a change later.
        let digest = files.digest();
        let loaded = files.load(now)?;
        let state = State { ends: loaded.ends, tried: digest, seen: digest };
        let served = Self { live: Arc::new(Live::new(loaded.config)), files, state: Mutex::new(state) };
        served.count(None);
        Ok(served)
    }

    /// Whether the files were read anew and serve: because somebody asks, or because they changed and rest.
    fn look(&self, asked: bool, now: Timestamp) -> bool {
        let digest = self.files.digest();
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let rests = std::mem::replace(&mut state.seen, digest) == digest;
            if !asked && (digest == state.tried || !rests) {
                return false;
            }
            state.tried = digest;
        }
        let listener = self.files.listener;
        match self.files.load(now) {
            Ok(loaded) => {
                self.live.put(loaded.config);
                self.state.lock().unwrap_or_else(PoisonError::into_inner).ends = loaded.ends;
                self.count(Some(true));
                tracing::info!(listener, "certificates were read anew");
                true
            }
            Err(error) => {
                self.count(Some(false));
                tracing::error!(listener, error = %format!("{error:#}"), "new certificates do not serve; the old ones go on");
                false
            }
        }
    }

    /// One more reading that served or did not; none at the start.
    fn count(&self, serves: Option<bool>) {
        let listener = self.files.listener;
        for (outcome, value) in [("served", true), ("refused", false)] {
            metrics::counter!("freightpass_certificate_reloads_total", "listener" => listener, "outcome" => outcome)
                .increment(u64::from(serves == Some(value)));
        }
        let failed = f64::from(u8::from(serves == Some(false)));
        metrics::gauge!("freightpass_certificate_reload_failed", "listener" => listener).set(failed);
    }

    /// Says when what is served ends: always as a metric, in the log where it comes near.
    fn tell(&self, now: Timestamp, warn: bool) {
        let ends = self.state.lock().unwrap_or_else(PoisonError::into_inner).ends.clone();
        for (file, end) in ends {
            let name = file.display().to_string();
            metrics::gauge!("freightpass_expires_timestamp_seconds", "what" => "certificate", "name" => name.clone())
                .set(end.as_second() as f64);
            if warn && ends_soon(end, now) {
                let days = (end.as_second() - now.as_second()) / 86_400;
                tracing::warn!(certificate = name, %end, days, "a certificate ends soon: renew it");
            }
        }
    }
}

fn ends_soon(end: Timestamp, now: Timestamp) -> bool {
    !u64::try_from(end.as_second() - now.as_second()).is_ok_and(|left| left >= WARN_BEFORE_S)
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use metrics_exporter_prometheus::PrometheusBuilder;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    const DAY_S: i64 = 86_400;

    /// A certificate until 2030-01-01, and its key.
    fn write(folder: &Path) -> Files {
        let pair = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2026, 1, 1);
        parameters.not_after = date_time_ymd(2030, 1, 1);
        let (certificate, key) = (folder.join("public.pem"), folder.join("public.key"));
        std::fs::write(&certificate, parameters.self_signed(&pair).unwrap().pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        Files { listener: "public", mode: Mode::Production, certificate, key, client_ca: None }
    }

    fn end() -> Timestamp {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    fn before_end(seconds: i64) -> Timestamp {
        Timestamp::from_second(end().as_second() - seconds).unwrap()
    }

    #[test]
    fn an_end_is_warned_of_from_thirty_days_before_and_is_always_a_metric() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let (lines, subscriber) = crate::telemetry::caught();
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(subscriber, || {
                let served = Served::open(write(folder.path()), before_end(60 * DAY_S)).unwrap();
                served.tell(before_end(30 * DAY_S), true);
                assert_eq!(lines.text(), "");
                served.tell(before_end(30 * DAY_S - 1), true);
                let said = lines.text();
                assert!(said.contains("a certificate ends soon") && said.contains("public.pem"), "{said}");
                assert!(said.contains("days=29"), "{said}");
            });
        });
        let rendered = handle.render();
        let line = rendered.lines().find(|line| line.starts_with("freightpass_expires_timestamp_seconds{")).unwrap();
        assert!(line.contains("what=\"certificate\"") && line.contains("public.pem"), "{line}");
        assert_eq!(line.rsplit(' ').next().unwrap().parse::<f64>().unwrap(), end().as_second() as f64);
    }

    #[test]
    fn new_files_serve_when_they_rest_and_bad_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        let now = before_end(60 * DAY_S);
        let served = Served::open(write(folder.path()), now).unwrap();
        let first = served.live.now();
        let is_first = || Arc::ptr_eq(&served.live.now(), &first);
        assert!(!served.look(false, now) && is_first());
        std::fs::write(&served.files.key, "no key").unwrap();
        assert!(!served.look(false, now) && is_first());
        assert!(!served.look(false, now) && is_first());
        assert!(!served.look(true, now) && is_first());
        write(folder.path());
        assert!(!served.look(false, now), "it may be in the middle of being written");
        assert!(served.look(false, now) && !is_first());
        assert!(!served.look(false, now), "nothing is new");
        assert!(served.look(true, now), "somebody asked");
        std::fs::set_permissions(&served.files.key, Permissions::from_mode(0o644)).unwrap();
        assert!(!served.look(true, now), "everybody can read the key");
        std::fs::set_permissions(&served.files.key, Permissions::from_mode(0o600)).unwrap();
        assert!(served.look(true, now));
        std::fs::remove_file(&served.files.certificate).unwrap();
        assert!(!served.look(true, now));
    }

    #[test]
    fn production_refuses_what_a_development_pki_made_by_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let now = before_end(60 * DAY_S);
        let pki = DevelopmentPki::open_or_create(&folder.path().join("pki"), [7; 8], now).unwrap();
        let server = pki.server(now).unwrap();
        let good = write(folder.path());
        let refused = |files: Files| format!("{:#}", files.load(now).err().unwrap());
        let of_development = Files { certificate: server.certificate, key: server.key, ..good.clone() };
        assert!(refused(of_development.clone()).starts_with("public.certificate: "));
        assert!(Files { mode: Mode::Development, ..of_development }.load(now).is_ok());
        let admin = Files { listener: "admin", client_ca: Some(pki.ca()), ..good };
        assert!(refused(admin).starts_with("admin.client_ca: "));
    }
}

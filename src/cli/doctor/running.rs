//! Whether a service runs on the folder, and what it says of itself; Redis.

use std::fs::{File, TryLockError};
use std::path::Path;

use freightpass_core::bundle::Provision;
use tokio::time::timeout;

use super::Look;
use super::ask::{self, ANSWER, Unanswered};
use super::finding::Severity::{Error, Fatal, Warn};
use crate::bus::{RedisBus, StatusBus as _};
use crate::cli::connect::Addresses;
use crate::trust::bootstrap::PROVISION_FILE;

/// Manifests are signed every minute or so: one that is older says that none are signed.
const OLD_MANIFEST_S: f64 = 900.0;

/// Whether a service runs on a folder.
pub(super) enum State {
    /// It holds the folder's lock.
    Runs,
    /// None does, and none begins while the lock is held.
    Stopped(File),
    /// None ever did.
    New,
}

/// Looks whether a service runs on the folder.
pub(super) fn lock(folder: &Path) -> State {
    let Ok(file) = File::open(folder.join("registry.lock")) else { return State::New };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => State::Runs,
        _ => State::Stopped(file),
    }
}

impl Look<'_> {
    /// Asks the running service.
    pub(super) async fn service(&mut self) {
        let addresses = match Addresses::of(&self.config.data_folder) {
            Ok(addresses) => addresses,
            Err(_) => {
                let advice = "it is starting or stopping, or another program of freightpass works there: look again";
                self.findings.add(Warn, "service", "the folder is in use, and nothing says that it is ready", advice);
                return;
            }
        };
        let certificate = self.config.public.certificate.as_deref();
        let ready = ask::get(&addresses.public, "/readyz", certificate).await;
        match &ready {
            Ok(text) if text.starts_with("HTTP/1.1 200") => {
                self.findings.ok("service", format_args!("it runs and is ready: public {}", addresses.public));
            }
            Ok(text) => {
                let words = text.split("\r\n\r\n").nth(1).unwrap_or_default().trim().replace('\n', "; ");
                self.findings.add(Error, "service", format_args!("it is not ready: {words}"), "its log says why");
            }
            Err(error @ Unanswered::OtherCertificate(_)) => {
                let advice = "have it read its certificates anew (SIGHUP); its log says what it could not read";
                self.findings.add(Error, "certificate", error, advice);
                return;
            }
            Err(error) => {
                let found = format!("it holds the folder, and {error}");
                self.findings.add(Fatal, "service", found, "its log says why; restart it");
                return;
            }
        }
        let metrics = ask::get(&addresses.public, "/metrics", certificate).await;
        let metrics = metrics.unwrap_or_default();
        let metric = |name: &str| {
            metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok())
        };
        let now = self.now as f64;
        if let Some(issued) = metric("freightpass_manifest_issued_timestamp_seconds") {
            self.clock(issued as u64, metric("freightpass_manifest_seq").unwrap_or(0.0) as u32);
            if now - issued > OLD_MANIFEST_S {
                let found = format!("the newest manifest is {} minutes old", ((now - issued) / 60.0) as u64);
                self.findings.add(Error, "publication", found, "nothing is signed: its log says why");
            }
        }
        if let (Some(log), Some(published)) = (metric("freightpass_log_seq"), metric("freightpass_manifest_log_seq")) {
            self.published(log as u64, published as u64, true);
        }
        if self.config.redis_url().is_ok_and(|url| url.is_some()) {
            let lag = metric("freightpass_bus_lag_entries").unwrap_or(0.0);
            if metric("freightpass_bus_healthy") == Some(0.0) || lag > 0.0 {
                let advice = "answers lag, nothing is lost: look at Redis";
                self.findings.add(Warn, "redis", format_args!("the bus lags by {lag} change(s)"), advice);
            }
        }
    }

    /// The clock beside the last signed object.
    pub(super) fn clock(&mut self, issued: u64, seq: u32) {
        if self.now < issued {
            let found = format!("it is {} s behind manifest {seq}, which was signed here", issued - self.now);
            let advice = "set the clock (NTP): until then manifests bear the time of that one, and age at the scanners";
            self.findings.add(Error, "clock", found, advice);
        } else {
            self.findings.ok("clock", format_args!("it is not behind manifest {seq}"));
        }
    }

    /// How far what is published is behind the log.
    pub(super) fn published(&mut self, log: u64, published: u64, runs: bool) {
        if log > published {
            let found = format!("the log stands at {log}, what is published at {published}");
            match runs {
                true => self.findings.add(Warn, "publication", found, "look again; if it stays so, its log says why"),
                false => {
                    self.findings.add(Warn, "publication", found, "start the service: it publishes what is missing")
                }
            }
        } else {
            self.findings.ok("publication", format_args!("everything is published, up to {published}"));
        }
    }

    /// Redis, where it is configured.
    pub(super) async fn redis(&mut self) {
        let url = match self.config.redis_url() {
            Ok(Some(url)) => url,
            Ok(None) => return,
            Err(error) => {
                self.findings.add(Fatal, "redis", error, "put the file there, readable by the service alone");
                return;
            }
        };
        let provision = std::fs::read(self.config.data_folder.join(PROVISION_FILE)).ok();
        let deployment = provision.and_then(|bytes| Provision::decode(&bytes).ok()).map(|read| *read.deployment());
        let bus = match RedisBus::new(url.expose(), &deployment.unwrap_or_default(), &[0; 32]) {
            Ok(bus) => bus,
            Err(error) => {
                self.findings.add(Fatal, "redis", error, "mend redis.url");
                return;
            }
        };
        match timeout(ANSWER, bus.position()).await {
            Ok(Ok(position)) => self.findings.ok("redis", format_args!("it answers, and stands at {position}")),
            Ok(Err(error)) => {
                let advice = "nothing is lost: the registry is the record, and the bus is rebuilt from it";
                self.findings.add(Error, "redis", error, advice);
            }
            Err(_) => {
                let advice = "nothing is lost, and answers lag: start Redis, or mend the network";
                self.findings.add(Error, "redis", "it does not answer", advice);
            }
        }
    }
}

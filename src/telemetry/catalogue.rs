//! Every metric by its name. docs/OPERATING.md lists the same, and a test compares both with a running server.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// What is counted how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grows, from 0 at the start of the process.
    Counter,
    /// What is now.
    Gauge,
    /// How long it took, in buckets of seconds.
    Histogram,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help }
}

/// All of them, in the order of docs/OPERATING.md.
pub const CATALOGUE: &[Metric] = &[
    gauge("freightpass_build_info", "1, with the version and the commit as labels"),
    gauge("freightpass_ready", "1 while the instance takes calls, 0 while it starts or drains"),
    counter("freightpass_calls_total", "calls by method and gRPC code"),
    histogram("freightpass_call_seconds", "from a call to the head of its answer, by method"),
    gauge("freightpass_connections", "open connections by listener"),
    counter("freightpass_internal_errors_total", "calls that failed by a fault of the service; each has an error line"),
    histogram("freightpass_transaction_seconds", "how long the writer was held, by transaction and its end"),
    gauge("freightpass_writes_waiting", "changes that wait for the writer, or hold it"),
    gauge("freightpass_log_seq", "newest committed change of status"),
    gauge("freightpass_index_log_seq", "newest change of status in the answers of CheckPass"),
    gauge("freightpass_index_age_seconds", "since the answers of CheckPass were known to be complete"),
    gauge("freightpass_bus_healthy", "1 while the bus (Redis) answers"),
    gauge("freightpass_bus_lag_entries", "committed changes that the bus has not got"),
    counter("freightpass_bus_rebuilt_total", "how often the bus was written anew from the status log"),
    gauge("freightpass_manifest_seq", "newest signed manifest"),
    gauge("freightpass_manifest_log_seq", "newest change of status that it speaks of"),
    gauge("freightpass_manifest_issued_timestamp_seconds", "when it was signed"),
    gauge("freightpass_manifest_age_seconds", "how old what is published was when it was last looked at"),
    gauge("freightpass_clock_behind_seconds", "how far the clock is behind the newest signed manifest"),
    counter("freightpass_publish_refused_total", "manifests that were not signed, by reason"),
    gauge(
        "freightpass_expires_timestamp_seconds",
        "when something runs out: trust list, keys, programmes, certificates",
    ),
    gauge("freightpass_expiring_soon", "ends of the trust list within 30 days"),
    counter("freightpass_certificate_reloads_total", "certificates read anew, by listener and outcome"),
    gauge("freightpass_certificate_reload_failed", "1 while the files of a listener are not what it serves"),
    gauge("freightpass_backup_made_timestamp_seconds", "when the newest backup was made; 0 where there is none"),
    counter("freightpass_trace_spans_total", "spans by outcome: exported or dropped"),
];

/// Tells the exporter what each means, and begins those that nothing may happen to for a long time at 0: an alert on a
/// counter that is not there never fires.
pub fn describe() {
    for metric in CATALOGUE {
        let unit = if metric.name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, unit, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, unit, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, unit, metric.help),
        }
    }
    let commit = env!("FREIGHTPASS_COMMIT");
    metrics::gauge!("freightpass_build_info", "version" => env!("CARGO_PKG_VERSION"), "commit" => commit).set(1.0);
    for name in ["freightpass_internal_errors_total", "freightpass_bus_rebuilt_total"] {
        metrics::counter!(name).increment(0);
    }
    for reason in ["clears_revoked", "key_unavailable", "storage"] {
        metrics::counter!("freightpass_publish_refused_total", "reason" => reason).increment(0);
    }
    for outcome in ["exported", "dropped"] {
        metrics::counter!("freightpass_trace_spans_total", "outcome" => outcome).increment(0);
    }
}

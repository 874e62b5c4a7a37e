//! What the service says about itself: log lines to stderr, metrics in Prometheus text. Nothing personal goes into
//! either.

use std::io::IsTerminal;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::{Log, LogFormat};

/// Bounds of the latency histograms in seconds: from a look-up in memory to the longest call.
const LATENCY_BUCKETS_S: [f64; 12] = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0];

/// How often histograms are folded, so that their memory stays bounded between scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Why there are no logs or metrics.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not read.
    #[error("log.filter: {0}")]
    Filter(#[from] ParseError),
    /// Somebody else set the log up before.
    #[error("the log is set up already: {0}")]
    Log(#[from] TryInitError),
    /// Somebody else set the metrics up before.
    #[error("the metrics are set up already: {0}")]
    Metrics(#[from] BuildError),
}

/// Sends events to stderr, as `log` says. Once for a process.
pub fn start_log(log: &Log) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let filter = EnvFilter::try_new(&log.filter)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.finish().try_init()?,
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

/// Whether the filter of `log` reads.
pub fn check_filter(log: &Log) -> Result<(), TelemetryError> {
    EnvFilter::try_new(&log.filter)?;
    Ok(())
}

/// Collects metrics; the handle renders them. Once for a process; the upkeep task ends with the runtime.
pub fn start_metrics() -> Result<PrometheusHandle, TelemetryError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &LATENCY_BUCKETS_S)?
        .install_recorder()?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(UPKEEP_INTERVAL);
        loop {
            tick.tick().await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

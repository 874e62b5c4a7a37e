//! What the service says about itself: log lines to stderr, metrics in Prometheus text ([`catalogue`]), traces by OTLP
//! ([`traces`]). Nothing personal goes into any of them.

mod catalogue;
pub mod traces;

use std::io::IsTerminal;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub use self::catalogue::{CATALOGUE, Kind, Metric};
use self::traces::{TraceError, Traces};
use crate::config::{Log, LogFormat, Telemetry};

/// Bounds of the latency histograms in seconds: from a look-up in memory to the longest call.
const LATENCY_BUCKETS_S: [f64; 12] = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 10.0, 60.0];

/// How often histograms are folded, so that their memory stays bounded between scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Why there are no logs, metrics or traces.
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
    /// Traces cannot be made.
    #[error("telemetry.otlp_endpoint: {0}")]
    Traces(#[from] TraceError),
}

/// Sends events to stderr, and traces to the collector, as is said. Once for a process, inside its runtime.
pub fn start_log(log: &Log, telemetry: &Telemetry) -> Result<Traces, TelemetryError> {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let filter = EnvFilter::try_new(&log.filter)?;
    // A reader of stderr that went away must not take the service with it: without this, the layer says so on stderr,
    // and panics.
    let lines = tracing_subscriber::fmt::layer()
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let (traces, layer) = Traces::start(telemetry)?;
    let mut layers = vec![lines];
    layers.extend(layer);
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(traces)
}

/// Whether the filter of `log` reads.
pub fn check_filter(log: &Log) -> Result<(), TelemetryError> {
    EnvFilter::try_new(&log.filter)?;
    Ok(())
}

/// Collects metrics; the handle renders them. Once for a process.
pub fn start_metrics() -> Result<PrometheusHandle, TelemetryError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &LATENCY_BUCKETS_S)?
        .install_recorder()?;
    catalogue::describe();
    Ok(handle)
}

/// Folds histograms until it is stopped.
pub async fn keep_up(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut tick = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => metrics.run_upkeep(),
        }
    }
}

/// Lines of a log that a test reads.
#[cfg(test)]
#[derive(Clone, Default)]
pub struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(test)]
impl Lines {
    /// What was logged so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[cfg(test)]
impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A subscriber that keeps what is logged from `info` on.
#[cfg(test)]
pub fn caught() -> (Lines, impl tracing::Subscriber) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    (lines, subscriber)
}

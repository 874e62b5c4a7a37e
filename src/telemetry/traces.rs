//! Traces: a span for each call and one for each transaction below it, sent by OTLP where a collector is named. Only spans
//! that are made here go out, without events, so that nothing that a library or a room logs can slip into one.

use http::HeaderMap;
use tracing::Span;
use tracing::field::Empty;

#[cfg(feature = "otlp")]
pub use self::otlp::{TraceError, Traces};
#[cfg(not(feature = "otlp"))]
pub use self::without::{TraceError, Traces};

/// The target of the spans that go out.
const TARGET: &str = "freightpass::span";

/// The span of a call; `method` is a method of ours, never what a stranger asked for. A `traceparent` in `headers` is its
/// parent.
pub fn call(method: &str, headers: &HeaderMap) -> Span {
    let span = tracing::debug_span!(
        target: TARGET,
        "call",
        otel.name = method,
        otel.kind = "server",
        rpc.system = "grpc",
        rpc.grpc.status_code = Empty,
        otel.status_code = Empty,
    );
    #[cfg(feature = "otlp")]
    otlp::adopt(&span, headers);
    #[cfg(not(feature = "otlp"))]
    let _ = headers;
    span
}

/// How the call ended: its gRPC code.
pub fn ended(span: &Span, code: &str) {
    if span.is_disabled() {
        return;
    }
    let number: i64 = code.parse().unwrap_or(2);
    span.record("rpc.grpc.status_code", number);
    // Of what the service answers, these are its own fault (OpenTelemetry's conventions for gRPC).
    if matches!(number, 2 | 4 | 12 | 13 | 14 | 15) {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a transaction, below that of the call that asked for it.
pub fn transaction(name: &'static str) -> Span {
    tracing::debug_span!(target: TARGET, "transaction", otel.name = name)
}

/// The trace to which a log line belongs.
pub fn current_id() -> Option<String> {
    #[cfg(feature = "otlp")]
    return otlp::current_id();
    #[cfg(not(feature = "otlp"))]
    None
}

#[cfg(not(feature = "otlp"))]
mod without {
    use tracing_subscriber::{Layer, Registry};

    use crate::config::Telemetry;

    /// Nothing can go wrong with nothing.
    #[derive(Debug, thiserror::Error)]
    #[error("traces are not built in")]
    pub struct TraceError;

    /// No traces: they are not built in, and the configuration refuses a collector.
    pub struct Traces;

    type NoLayer = Option<Box<dyn Layer<Registry> + Send + Sync>>;

    impl Traces {
        /// Makes none.
        pub fn start(_: &Telemetry) -> Result<(Self, NoLayer), TraceError> {
            Ok((Self, None))
        }

        /// Sends none.
        pub async fn finish(self) {}
    }
}

#[cfg(feature = "otlp")]
mod otlp {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use http::HeaderMap;
    use opentelemetry::propagation::{Extractor, TextMapPropagator};
    use opentelemetry::trace::{TraceContextExt, TracerProvider};
    use opentelemetry_otlp::{ExporterBuildError, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::{Layer, Registry};

    use super::TARGET;
    use crate::config::Telemetry;

    /// How long one batch may take; spans that come meanwhile wait in a bounded queue, and are dropped behind it.
    const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);

    /// How long the last spans may take when the service ends.
    const FINISH_WITHIN: Duration = Duration::from_secs(2);

    /// Why there are no traces.
    pub type TraceError = ExporterBuildError;

    /// The traces of a process.
    pub struct Traces(Option<SdkTracerProvider>);

    type TraceLayer = Option<Box<dyn Layer<Registry> + Send + Sync>>;

    impl Traces {
        /// Makes traces where a collector is named. It is not asked for: whether it answers shows when there are spans.
        pub fn start(telemetry: &Telemetry) -> Result<(Self, TraceLayer), TraceError> {
            let Some(endpoint) = &telemetry.otlp_endpoint else { return Ok((Self(None), None)) };
            let exporter = opentelemetry_otlp::SpanExporter::builder()
                .with_tonic()
                .with_endpoint(endpoint)
                .with_timeout(EXPORT_TIMEOUT)
                .build()?;
            let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(telemetry.sampling_ratio)));
            let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(Told { exporter, failing: AtomicBool::new(false) })
                .with_sampler(sampler)
                .with_resource(
                    Resource::builder().with_service_name(env!("CARGO_PKG_NAME")).with_attribute(version).build(),
                )
                .build();
            let layer = tracing_opentelemetry::layer()
                .with_tracer(provider.tracer(env!("CARGO_PKG_NAME")))
                .with_location(false)
                .with_target(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
                .with_filter(filter_fn(|about| about.is_span() && about.target() == TARGET));
            Ok((Self(Some(provider)), Some(layer.boxed())))
        }

        /// Sends what is left, within a bound.
        pub async fn finish(self) {
            let Some(provider) = self.0 else { return };
            // It waits for its own thread, and that for the runtime.
            let finish = move || provider.shutdown_with_timeout(FINISH_WITHIN);
            match tokio::task::spawn_blocking(finish).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the last traces were not taken"),
                Err(error) => tracing::warn!(%error, "the last traces were not sent"),
            }
        }
    }

    /// An exporter that counts, and says once when the collector is away and once when it is back.
    #[derive(Debug)]
    struct Told {
        exporter: opentelemetry_otlp::SpanExporter,
        failing: AtomicBool,
    }

    impl SpanExporter for Told {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            let spans = batch.len() as u64;
            let sent = self.exporter.export(batch).await;
            let outcome = match &sent {
                Ok(()) => {
                    if self.failing.swap(false, Ordering::Relaxed) {
                        tracing::info!("the collector takes traces again");
                    }
                    "exported"
                }
                Err(error) => {
                    if !self.failing.swap(true, Ordering::Relaxed) {
                        tracing::warn!(%error, "the collector takes no traces: they are dropped until it does");
                    }
                    "dropped"
                }
            };
            metrics::counter!("freightpass_trace_spans_total", "outcome" => outcome).increment(spans);
            sent
        }

        fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
            self.exporter.shutdown_with_timeout(timeout)
        }

        fn force_flush(&self) -> OTelSdkResult {
            self.exporter.force_flush()
        }

        fn set_resource(&mut self, resource: &Resource) {
            self.exporter.set_resource(resource);
        }
    }

    /// Makes the trace of the caller that of the span (W3C Trace Context).
    pub fn adopt(span: &Span, headers: &HeaderMap) {
        if span.is_disabled() || !headers.contains_key("traceparent") {
            return;
        }
        let parent = TraceContextPropagator::new().extract(&Headers(headers));
        if parent.span().span_context().is_valid() {
            // There is no layer for it where no collector is named.
            let _ = span.set_parent(parent);
        }
    }

    /// The trace of the span that is entered now.
    pub fn current_id() -> Option<String> {
        let context = Span::current().context();
        let span = context.span();
        let context = span.span_context();
        context.is_valid().then(|| context.trace_id().to_string())
    }

    struct Headers<'a>(&'a HeaderMap);

    impl Extractor for Headers<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key)?.to_str().ok()
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(http::HeaderName::as_str).collect()
        }
    }
}

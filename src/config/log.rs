//! What the service says about itself, and how.

use serde::{Deserialize, Serialize};

use super::section::section;

section! {
    /// Lines to stderr. Nothing personal goes into them, at no level.
    Log {
        /// Text for people, JSON for machines.
        format: LogFormat = LogFormat::Text;
        /// Directives such as info,freightpass=debug.
        filter: String = "info".into();
    }
}

section! {
    /// Traces by OTLP over gRPC. A span holds a method, its code and its times, and nothing personal. Needs the feature
    /// otlp, which is on unless it was built without.
    Telemetry {
        /// The collector, in plaintext: one on this machine or in this pod. Without it no traces are made.
        otlp_endpoint: Option<String> = None, example "\"http://127.0.0.1:4317\"";
        /// Of the calls that bring no traceparent, the part that is traced: 0.0 to 1.0. A traceparent decides for itself.
        sampling_ratio: f64 = 0.1;
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

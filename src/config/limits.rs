//! How much anybody may ask for, and how much a stranger may.

use serde::Deserialize;

/// Bounds on connections and calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections of one listener at a time; more wait in the kernel's queue.
    pub connections: usize,
    /// Streams of one connection at a time.
    pub concurrent_streams: u32,
    /// Header list of a request, in bytes as HTTP/2 counts them.
    pub header_list_bytes: u32,
    /// A request message on the public listener.
    pub public_request_bytes: usize,
    /// A request message on the admin listener: an import of 500 rows, or a trust list of 1 MiB.
    pub admin_request_bytes: usize,
    /// Streams that a peer may reset before they were accepted (CVE-2023-44487).
    pub pending_reset_streams: usize,
    /// Streams that our own errors may reset before the connection is closed.
    pub error_reset_streams: usize,
    /// From the accepted connection to the end of the TLS handshake.
    pub handshake_timeout_ms: u64,
    /// From the first byte of an HTTP/1 request to the end of its headers, and for a connection to say which HTTP it
    /// speaks.
    pub header_timeout_ms: u64,
    /// Pause after which an idle peer is asked whether it is there.
    pub keepalive_interval_ms: u64,
    /// For its answer.
    pub keepalive_timeout_ms: u64,
    /// Age at which a connection is closed gracefully, so that load spreads and certificates are read anew.
    pub connection_age_s: u64,
    /// The longest call, and the deadline of one that brings none; streams that watch are not bound by it.
    pub call_deadline_ms: u64,
    /// Streams of WatchStatus at a time.
    pub watchers: usize,
    /// And of one address (IPv4) or network of 64 bits (IPv6): a province's checkpoints may stand behind one.
    pub watchers_per_network: usize,
}

/// Rates on the public listener, for one replica.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Look-ups by number, per peer address and minute: numbers can be guessed.
    pub check_by_number_per_minute: u32,
    /// Scan reports, per peer address and minute.
    pub scan_reports_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            concurrent_streams: 200,
            header_list_bytes: 16 * 1024,
            public_request_bytes: 256 * 1024,
            admin_request_bytes: 4 << 20,
            pending_reset_streams: 20,
            error_reset_streams: 1_024,
            handshake_timeout_ms: 10_000,
            header_timeout_ms: 10_000,
            keepalive_interval_ms: 30_000,
            keepalive_timeout_ms: 20_000,
            connection_age_s: 3_600,
            call_deadline_ms: 60_000,
            watchers: 5_000,
            watchers_per_network: 1_000,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self { check_by_number_per_minute: 600, scan_reports_per_minute: 6_000 }
    }
}

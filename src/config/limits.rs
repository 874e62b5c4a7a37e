//! How much anybody may ask for, and how much a stranger may.

use super::section::section;

section! {
    /// What anybody may ask for.
    Limits {
        /// Connections of one listener at a time; more wait in the kernel's queue.
        connections: usize = 10_000;
        /// Streams of one connection at a time.
        concurrent_streams: u32 = 200;
        /// Header list of a request, in bytes as HTTP/2 counts them.
        header_list_bytes: u32 = 16 * 1024;
        /// A request message on the public listener.
        public_request_bytes: usize = 256 * 1024;
        /// A request message on the admin listener: an import of 500 rows, or a trust list of 1 MiB.
        admin_request_bytes: usize = 4 << 20;
        /// Streams that a peer may reset before they were accepted (CVE-2023-44487).
        pending_reset_streams: usize = 20;
        /// Streams that our own errors may reset before the connection is closed.
        error_reset_streams: usize = 1_024;
        /// From the accepted connection to the end of the TLS handshake.
        handshake_timeout_ms: u64 = 10_000;
        /// From the first byte of an HTTP/1 request to the end of its headers, and for a connection to say which HTTP it
        /// speaks.
        header_timeout_ms: u64 = 10_000;
        /// Pause after which an idle peer is asked whether it is there.
        keepalive_interval_ms: u64 = 30_000;
        /// For its answer.
        keepalive_timeout_ms: u64 = 20_000;
        /// Age at which a connection is closed gracefully, so that load spreads and new certificates reach everybody.
        connection_age_s: u64 = 3_600;
        /// The longest call, and the deadline of one that brings none; streams that watch are not bound by it.
        call_deadline_ms: u64 = 60_000;
        /// Streams of WatchStatus at a time.
        watchers: usize = 5_000;
        /// And of one address (IPv4) or network of 64 bits (IPv6): a province's checkpoints may stand behind one.
        watchers_per_network: usize = 1_000;
    }
}

section! {
    /// What a stranger may ask for on the public listener, by peer address and minute, for one replica.
    Rates {
        /// Look-ups by number: numbers can be guessed.
        check_by_number_per_minute: u32 = 600;
        /// Scan reports; one call may carry 500.
        scan_reports_per_minute: u32 = 6_000;
    }
}

//! What is remembered of one status key: dropped whole when the key turns out to be compromised.

/// What was learnt from one status key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// Order (trust sequence named, manifest seq) of its newest manifest.
    pub order: (u32, u32),
    /// Identity of that manifest.
    pub hash: [u8; 32],
    /// Its newest `issued`, seconds since 1970.
    pub floor: u32,
}

/// Proof that a signer said two things at once: both have full valid signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Two trust lists of one sequence.
    Trust {
        /// The sequence.
        sequence: u32,
    },
    /// Two manifests of one order, or a manifest that names another trust list than the one held.
    Manifest {
        /// Trust sequence named, and manifest seq.
        order: (u32, u32),
    },
}

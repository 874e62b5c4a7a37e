//! Every bound on input, with its reason (docs/FORMAT.md, 1.2).

/// Bytes of a pass: what a QR code of version 15 to 22 carries, and far more than three crew and ten regions need.
pub const PASS_BYTES: usize = 512;

/// Characters of a pass text: `FP1:` and [`PASS_BYTES`] in base45 (three characters for two bytes).
pub const PASS_TEXT_CHARS: usize = 4 + PASS_BYTES / 2 * 3;

/// Bytes of a trust list: some thousand authorities.
pub const TRUST_BYTES: usize = 1 << 20;

/// Bytes of a manifest: some two hundred status lists.
pub const MANIFEST_BYTES: usize = 16 << 10;

/// Bytes of any other object: a snapshot of 2^26 indexes at 5% is below it. A dense state has no snapshot within it.
pub const OBJECT_BYTES: usize = 8 << 20;

/// Bytes of a bundle.
pub const BUNDLE_BYTES: usize = 32 << 20;

/// Objects in a bundle: a manifest within its cap names two hundred lists, and survivors sets are rare.
pub const BUNDLE_OBJECTS: usize = 1024;

/// Indexes of all the lists of a manifest together: their arrays take 64 MiB. A nation with thirty million passes on the
/// road needs a quarter of it; without this bound a stolen status key could name gigabytes of states.
pub const TOTAL_N: u64 = 1 << 28;

/// Trust lists in a bundle's chain, cosignatures on a trust list.
pub const CHAIN: usize = 16;

/// Root keys of a deployment.
pub const ROOTS: usize = 8;

/// Keys of one authority.
pub const AUTHORITY_KEYS: usize = 8;

/// Status keys of a deployment.
pub const STATUS_KEYS: usize = 4;

/// Nesting of CBOR containers: ours need seven; the rest is room to grow without recursion's dangers.
pub const DEPTH: usize = 16;

/// Encoded bytes of the value of a key that this version does not name.
pub const EXTENSION_BYTES: usize = 64;

/// Nesting of such a value: a scalar is depth 0.
pub const EXTENSION_DEPTH: usize = 2;

/// The first and the last second that a signed time may name: 2020-01-01 and 2106-02-07, both inclusive.
pub const TIMES: core::ops::RangeInclusive<u64> = 1_577_836_800..=4_294_967_295;

/// Longest clock skew that a trust list may allow, seconds.
pub const SKEW_S: u64 = 600;

/// Bytes of what a scanner stores of one deployment: its own file, so far more than a few dozen lists need.
pub const HELD_BYTES: usize = 128 << 20;

/// Bytes of memory that reading a pass, or its text, holds at one time for each byte of it.
///
/// So are the four that follow. None counts the input itself, each comes on top of [`READING_BYTES`], and the tests
/// hold the decoders to them with whatever costs most. What is read keeps most of it.
pub const PASS_MEMORY: usize = 2;

/// The same for a trust list: most for authorities with a key each, which are looked up by the parsed key.
pub const TRUST_MEMORY: usize = 12;

/// The same for a manifest, whose lists take what their bytes take.
pub const MANIFEST_MEMORY: usize = 1;

/// The same for a survivors set: most for runs of a single entry.
pub const SURVIVORS_MEMORY: usize = 3;

/// The same for a bundle, whose parts are copied, and for a provisioning file.
pub const BUNDLE_MEMORY: usize = 1;

/// Bytes that reading holds whatever the input: the words of an error, the tables of a set's code, the places of a
/// bundle's parts.
///
/// A snapshot or a delta takes these and the array of its n, a quarter of a byte an index, and nothing for its own
/// bytes; [`crate::status::set::decode`] takes 4 bytes for each index of the count, which is at most n.
pub const READING_BYTES: usize = 32 << 10;

/// Bytes of input for each allocation of its reading, beside [`READING_ALLOCATIONS`]: the smallest run of survivors.
pub const BYTES_AN_ALLOCATION: usize = 14;

/// Allocations of reading whatever the input.
pub const READING_ALLOCATIONS: usize = 64;

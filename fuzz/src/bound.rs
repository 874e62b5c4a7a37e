//! Bounds that hold for any bytes: memory, and the place of an error.

use allocation_counter::measure;
use freightpass_core::limits::READING_BYTES;
use freightpass_core::malformed::Malformed;

/// What reading may take beside a multiple of the bytes, whatever these are.
pub const BESIDE: u64 = READING_BYTES as u64;

/// Does `work`, which must hold no more than `times` as much as `bytes` and [`BESIDE`] at any moment.
pub fn within<T>(times: usize, bytes: &[u8], work: impl FnOnce() -> T) -> T {
    holding((times * bytes.len()) as u64 + BESIDE, work)
}

/// Does `work`, which must hold no more than `most` bytes at any moment.
pub fn holding<T>(most: u64, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = measure(|| result = Some(work())).bytes_max;
    assert!(taken <= most, "{taken} bytes are held, at most {most} may be");
    result.expect("the work was done")
}

/// An error stands within the bytes that it is about.
pub fn placed(error: &Malformed, bytes: &[u8]) {
    assert!(error.offset <= bytes.len(), "{error:?} in {} bytes", bytes.len());
}

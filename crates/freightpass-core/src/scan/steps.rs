//! The order of the checks.

use crate::hold::Held;
use crate::pass::decode_text;
use crate::scan::moment::Moment;
use crate::scan::unverified::Unverified;
use crate::scan::{Observation, Policy, Reason, Verdict};

/// The verdict on the text of a QR code, at `now` (seconds since 1970 by the device's clock).
///
/// Never fails: whatever the text is, it has a verdict with its reason. The steps are those of docs/FORMAT.md, section 5;
/// the first that does not hold gives the reason, so a pass that is both revoked and expired is revoked. The text is read
/// as it stands: whoever reads it with a device takes off an AIM prefix and a line end, and nothing else.
pub fn scan(text: &str, held: &Held, policy: &Policy, seen: &Observation, now: u64) -> Verdict {
    let moment = Moment::of(held, policy, now);
    match decode_text(text) {
        Ok(bytes) => judge(&bytes, &moment, policy, seen),
        Err(error) => Verdict::refused(error.into(), None, &moment),
    }
}

/// The verdict on the bytes of a pass (COSE_Sign1) that came otherwise than by a QR code; else as [`scan`].
pub fn scan_bytes(bytes: &[u8], held: &Held, policy: &Policy, seen: &Observation, now: u64) -> Verdict {
    judge(bytes, &Moment::of(held, policy, now), policy, seen)
}

fn judge(bytes: &[u8], moment: &Moment<'_>, policy: &Policy, seen: &Observation) -> Verdict {
    let verified = match Unverified::read(bytes).and_then(|unverified| unverified.verify(moment)) {
        Ok(verified) => verified,
        Err(reason) => return Verdict::refused(reason, None, moment),
    };
    let steps = || -> Result<_, Reason> {
        verified
            .sound(moment)? // 9, 10
            .not_over(moment)? // 11, 12
            .authorised(moment)? // 13, 14, 15
            .current(moment)? // 16, 17
            .not_revoked()? // 18, 19
            .in_force(moment, policy, seen) // 20, 21, 22
    };
    // The signature holds, so the fields may be shown, whatever the verdict is.
    match steps() {
        Ok(in_force) => Verdict::admitted(in_force, verified.into_shown(), moment, seen),
        Err(reason) => Verdict::refused(reason, Some(verified.into_shown()), moment),
    }
}

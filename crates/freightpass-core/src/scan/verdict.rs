//! What a scan answers, and what it is asked with.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::division::Division;
use crate::key::Kid;
use crate::pass::Claims;
use crate::scan::in_force::InForce;
use crate::scan::moment::Moment;
use crate::scan::{Freshness, Outcome, Reason};

/// The checkpoint's own policy: only ever stricter than the trust list (docs/FORMAT.md, section 5), whatever is written
/// here. The default is the trust list's own limits, and that the place is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Longest age of the manifest, seconds, where shorter than the trust list's.
    pub max_age: Option<u32>,
    /// Clock skew, seconds, where smaller than the trust list's.
    pub skew: Option<u32>,
    /// What happens where the checkpoint's county is not known.
    pub place: Place,
}

/// What happens where the checkpoint's county is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// The pass is referred: nobody compared the route.
    #[default]
    Required,
    /// The pass is admitted, with a note that nobody compared the route.
    Unchecked,
}

/// What the checkpoint sees besides the pass; everything is optional (docs/FORMAT.md, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Observation {
    /// The checkpoint's county, or the smallest division that is known.
    pub county: Option<Division>,
    /// The plate that was read on the truck, compared exactly with tractor and trailer: in the form of intake (docs/FORMAT.md, 1.7).
    pub plate: Option<String>,
    /// When this pass was last seen here, seconds since 1970.
    pub last_seen: Option<u64>,
}

/// What rides along with an admission; no reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The pass crossed here before, at this time (seconds since 1970): a second crossing is usual.
    SeenBefore(u64),
    /// Compare the plate with the truck: the pass cannot see it.
    ComparePlate,
    /// Nobody compared the route with the place.
    PlaceUnchecked,
}

impl Note {
    /// The note's stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Note::SeenBefore(_) => "seen_before",
            Note::ComparePlate => "compare_plate",
            Note::PlaceUnchecked => "place_unchecked",
        }
    }
}

/// What a pass whose signature holds says: the only fields that a scanner shows.
///
/// Only a scan makes one, and only behind the signature (row 8). It is no admission: a revoked pass has one too, and so
/// has a pass that a thief signed with a compromised key. What the officer does is [`Verdict::outcome`].
///
/// ```compile_fail,E0451
/// # use freightpass_core::{key::Kid, pass::Claims, scan::VerifiedPass};
/// fn believe(claims: Claims, kid: Kid) -> VerifiedPass {
///     VerifiedPass { claims, kid, authority: "CN".into() }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPass {
    claims: Claims,
    kid: Kid,
    authority: String,
}

impl VerifiedPass {
    pub(super) fn new(claims: Claims, kid: Kid, authority: String) -> Self {
        Self { claims, kid, authority }
    }

    /// The signed claims.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The key that signed them.
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// Name of the authority to which the key belongs.
    pub fn authority_name(&self) -> &str {
        &self.authority
    }
}

/// The verdict on one scan. Only a pass that went through every step can be admitted: there is no other way to make one.
///
/// Shown, it is the outcome and the reason with the values compared, and nothing of the pass but its route and places:
/// `admit`, or `refuse revoked: revoked (list 2970, index 3, manifest 100, data 600 s old)`.
///
/// ```compile_fail,E0451
/// # use freightpass_core::scan::{Freshness, Verdict};
/// fn wave_through(freshness: Freshness) -> Verdict {
///     Verdict { reason: None, pass: None, freshness, notes: vec![] }
/// }
/// ```
#[must_use = "a scan only tells: the truck stands until somebody acts on the verdict"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    reason: Option<Reason>,
    pass: Option<VerifiedPass>,
    freshness: Freshness,
    notes: Vec<Note>,
}

impl Verdict {
    pub(super) fn admitted(proof: InForce, pass: VerifiedPass, moment: &Moment<'_>, seen: &Observation) -> Self {
        let seen_before = seen.last_seen.map(Note::SeenBefore);
        let unchecked = (!proof.place_checked).then_some(Note::PlaceUnchecked);
        let notes = [Some(Note::ComparePlate), seen_before, unchecked].into_iter().flatten().collect();
        Self { reason: None, pass: Some(pass), freshness: moment.freshness(), notes }
    }

    pub(super) fn refused(reason: Reason, pass: Option<VerifiedPass>, moment: &Moment<'_>) -> Self {
        Self { reason: Some(reason), pass, freshness: moment.freshness(), notes: Vec::new() }
    }

    /// What the officer does: the column "outcome" of docs/FORMAT.md, section 5.
    pub fn outcome(&self) -> Outcome {
        self.reason.as_ref().map_or(Outcome::Admit, Reason::outcome)
    }

    /// Why the pass is not admitted; none when it is.
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// The reason's stable code ([`Reason::CODES`]), `admit` for an admission.
    pub fn code(&self) -> &'static str {
        self.reason.as_ref().map_or("admit", Reason::code)
    }

    /// The pass, when its signature holds, whatever the verdict is.
    pub fn pass(&self) -> Option<&VerifiedPass> {
        self.pass.as_ref()
    }

    /// How old the data is by which was judged.
    pub fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// What rides along with an admission.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            None => write!(f, "{}", Outcome::Admit),
            Some(reason) => write!(f, "{} {}: {reason}", reason.outcome(), reason.code()),
        }
    }
}

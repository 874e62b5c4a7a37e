//! Cases: what happens to a scanner, as bytes.

mod damage;
mod pass;
mod publisher;
mod question;
mod seal;
mod source;
mod story;

use crate::judge::Question;
use source::Source;

/// What a new scanner is given, and what happens to it then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The provisioning file.
    pub provision: Vec<u8>,
    /// What happens, in this order.
    pub steps: Vec<Step>,
}

/// One thing that happens to a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An object is offered.
    Offer(Kind, Vec<u8>),
    /// An officer confirms the data's date.
    Confirm,
    /// Stored, and read again.
    Restart,
    /// A text is scanned.
    Scan(Box<Question>),
}

/// As what an object is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A trust list.
    Trust,
    /// A manifest.
    Manifest,
    /// A snapshot, a delta or a survivors set.
    Object,
    /// A bundle of all of them.
    Bundle,
}

/// Bytes of choices in a random case: more than most need.
const CHOICES: usize = 1024;

impl Case {
    /// The case that these bytes choose. Any bytes choose one; fewer choose a more ordinary one.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        story::told(Source::new(bytes))
    }

    /// How many scans it has.
    pub fn scans(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Scan(_))).count()
    }
}

/// The choices of the case of this seed and index: SplitMix64, with some of the bytes 0 so that cases are long but
/// not odd everywhere.
pub fn random(seed: u64, index: u64) -> Vec<u8> {
    let mut state = seed ^ index.wrapping_mul(0xd134_2543_de82_ef95);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    };
    // From cases in which nearly everything is ordinary to such in which every choice is drawn.
    let calm = next() % 8;
    (0..CHOICES)
        .map(|_| {
            let drawn = next();
            if drawn >> 8 & 7 < calm { 0 } else { drawn as u8 }
        })
        .collect()
}

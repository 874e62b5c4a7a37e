//! The files' form: written by the tool, read by whoever replays them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One file: what its cases share, and the cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the cases are about.
    pub topic: String,
    /// Version of the formats.
    pub format: u32,
    /// Objects that cases refer to, in hexadecimal; `(N*XX)` in it is the byte XX N times.
    pub parts: BTreeMap<String, String>,
    /// What scanners hold before a case begins.
    pub scanners: BTreeMap<String, Scanner>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A scanner: how it was provisioned, and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanner {
    /// Name of the part with which it was provisioned.
    pub provision: String,
    /// What it adopted, in this order.
    pub steps: Vec<Step>,
}

/// One case: either an object to decode, or steps of a scanner. A case is negative when its answer (of its last step)
/// is neither read, adopted, unchanged, confirmed, nor admit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The situation and the outcome.
    pub name: String,
    /// The section of docs/FORMAT.md, and why.
    pub note: String,
    /// An object to decode by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode: Option<Decode>,
    /// The scanner whose steps these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scanner: Option<String>,
    /// The steps, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// An object to decode by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decode {
    /// `set`, `snapshot`, `delta`, `survivors`, `bundle`, `provision` or `pass_number`.
    pub object: String,
    /// In hexadecimal, as the parts are; a pass number as text.
    pub input: String,
    /// The manifest's n, for a set, a snapshot or a delta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// `read` or `refused`.
    pub expected: Expected,
    /// What was read, for a set: its indexes; for a provisioning file: its fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// One thing that happens to a scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A part is offered.
    Adopt(Adopt),
    /// An officer confirms the data's date.
    ConfirmStart(Confirm),
    /// What is held is stored, and read again by a new process.
    Restart,
    /// A code is scanned.
    Scan(Box<Scan>),
}

/// An officer confirms the data's date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// `confirmed`, or `refused` where there is no date to confirm.
    pub expected: Expected,
}

/// A part that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// `trust`, `manifest`, `object` (snapshot, delta, survivors) or `bundle`.
    pub kind: String,
    /// Name of the part.
    pub part: String,
    /// `adopted`, `unchanged` or `refused`. A bundle that can be taken apart is `read`.
    pub expected: Expected,
    /// For a bundle: what becomes of its parts, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Expected>,
}

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// What the QR code says.
    pub text: String,
    /// The device's clock, seconds since 1970.
    pub now: u64,
    /// The checkpoint's county: digits are a code, other texts are a text division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
    /// The plate that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
    /// When this pass was last seen here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<u64>,
    /// The checkpoint's own longest age of the manifest, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The checkpoint's own clock skew, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<u32>,
    /// Whether a scan without county is admitted with a note.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub place_unchecked: bool,
    /// The verdict.
    pub expected: Expected,
    /// The notes of an admission.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What must be answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// `read`, `adopted`, `unchanged`, `confirmed`, `refused`, `admit`, `refuse`, `refer`.
    pub outcome: String,
    /// The one stable code of the refusal; none where nothing is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For `malformed`: the layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// For `malformed`: what is wrong in that layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The field that is wrong, where the fault is one of a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For `malformed`: bytes (text: characters) before the place, where an implementation has no choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
}

impl Expected {
    /// An outcome without a code.
    pub fn outcome(outcome: &str) -> Self {
        Self { outcome: outcome.into(), ..Self::default() }
    }

    /// An outcome with its code.
    pub fn code(outcome: &str, code: &str) -> Self {
        Self { code: Some(code.into()), ..Self::outcome(outcome) }
    }

    /// The same, with the layer and the fault of malformed bytes.
    pub fn malformed(outcome: &str, layer: &str, fault: &str) -> Self {
        Self { layer: Some(layer.into()), fault: Some(fault.into()), ..Self::code(outcome, "malformed") }
    }

    /// The same, with the field.
    pub fn field(self, field: &str) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// The same, with the offset.
    pub fn at(self, offset: usize) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// Whether it is an answer that lets nothing in.
    pub fn is_negative(&self) -> bool {
        !["read", "adopted", "unchanged", "confirmed", "admit"].contains(&self.outcome.as_str())
    }
}

impl Case {
    /// Whether the case ends with something that is not let in.
    pub fn is_negative(&self) -> bool {
        let of_steps = match self.steps.last() {
            Some(Step::Adopt(adopt)) => adopt.expected.is_negative() || adopt.parts.iter().any(Expected::is_negative),
            Some(Step::Scan(scan)) => scan.expected.is_negative(),
            Some(Step::ConfirmStart(confirm)) => confirm.expected.is_negative(),
            Some(Step::Restart) | None => false,
        };
        of_steps || self.decode.as_ref().is_some_and(|decode| decode.expected.is_negative())
    }
}

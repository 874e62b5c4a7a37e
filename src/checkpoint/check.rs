//! The look-up of one pass, for a checkpoint that is online or for a holder.
//!
//! By number, which can be guessed: state and reason, no more. By what was presented: the verdict of a scan with the
//! service's own signed data, sharpened by the index: what was stopped since the last manifest is refused already.

use std::sync::Arc;

use async_trait::async_trait;
use freightpass_core::hold::Held;
use freightpass_core::pass::PassNumber;
use freightpass_core::scan::{self, Observation, Outcome, Policy, Verdict, VerifiedPass};
use freightpass_core::status::{Value, list_of};

use super::index::{Index, Known};
use crate::clock::Clock;
use crate::storage::StorageError;

/// Where a pass stands in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its status list.
    pub list: u32,
    /// Its index there.
    pub idx: u32,
    /// Its value as the registry stores it.
    pub value: Value,
    /// Number of the reason of its last change; 0 if there was none.
    pub reason: u8,
}

/// The registry, as far as the look-up needs it.
#[async_trait]
pub trait PlaceStore: Send + Sync {
    /// The place of the pass; `None` if no pass has the number. It is the newest that was committed.
    async fn place(&self, cti: &[u8; 8]) -> Result<Option<Place>, StorageError>;
}

/// The signed data of the service itself, as a scanner would hold it.
pub trait OwnView: Send + Sync {
    /// What is held; `None` until something was published. A later call may give newer data.
    fn held(&self) -> Option<Arc<Held>>;
}

/// The look-up.
#[derive(Clone)]
pub struct Check {
    index: Arc<Index>,
    places: Arc<dyn PlaceStore>,
    view: Arc<dyn OwnView>,
    clock: Arc<dyn Clock>,
}

/// What was presented at the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// The text of the QR code.
    Text(&'a str),
    /// The signed bytes.
    Object(&'a [u8]),
}

/// What is known of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The seq of the status log up to which the answer speaks.
    pub log_seq: u64,
    /// The value of its place; `None` where what was presented is no pass of this deployment.
    pub value: Option<Value>,
    /// Number of the reason of the last change; 0 if there was none.
    pub reason: u8,
    /// The verdict on what was presented; `None` for a number.
    pub judged: Option<Judged>,
}

/// The verdict on what was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What the officer does.
    pub outcome: Outcome,
    /// The stable code.
    pub code: &'static str,
    /// The scan's verdict: fields, notes, freshness; its outcome is the one above unless the index knew more.
    pub verdict: Verdict,
    /// The index knew of a change that no manifest carries yet.
    pub sharpened: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No pass has the number.
    #[error("no such pass")]
    NotFound,
    /// The index is not built yet, or nothing is published yet.
    #[error("the look-up is not ready yet")]
    NotReady,
    /// The registry.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Check {
    /// The look-up in `index`; `places` knows which passes there are, `view` is what a scanner would hold.
    pub fn new(index: Arc<Index>, places: Arc<dyn PlaceStore>, view: Arc<dyn OwnView>, clock: Arc<dyn Clock>) -> Self {
        Self { index, places, view, clock }
    }

    /// State and reason of the pass with that number.
    pub async fn number(&self, number: PassNumber) -> Result<Checked, CheckError> {
        use crate::bus::StatusSink;

        let log_seq = self.index.seq().ok_or(CheckError::NotReady)?;
        let cti = number.to_bytes();
        if let Some(known) = self.index.pass(&cti) {
            return Ok(Checked::known(known));
        }
        // Never stopped, or of a list that the index has forgotten: the registry knows.
        let place = self.places.place(&cti).await?.ok_or(CheckError::NotFound)?;
        Ok(match self.index.place(place.list, place.idx) {
            // The registry may be ahead of the index, and revoked is final wherever it is known.
            Some(known) if place.value != Value::Revoked => Checked::known(known),
            _ => Checked { log_seq, value: Some(place.value), reason: place.reason, judged: None },
        })
    }

    /// The verdict on what was presented.
    pub fn presented(
        &self,
        presented: Presented<'_>,
        policy: &Policy,
        seen: &Observation,
    ) -> Result<Checked, CheckError> {
        use crate::bus::StatusSink;

        let log_seq = self.index.seq().ok_or(CheckError::NotReady)?;
        let held = self.view.held().ok_or(CheckError::NotReady)?;
        let now = self.clock.now_s();
        let verdict = match presented {
            Presented::Text(text) => scan::scan(text, &held, policy, seen, now),
            Presented::Object(bytes) => scan::scan_bytes(bytes, &held, policy, seen, now),
        };
        let known = verdict.pass().and_then(|pass| self.known(pass));
        let mut judged = Judged { outcome: verdict.outcome(), code: verdict.code(), verdict, sharpened: false };
        if let Some(code) = known.and_then(|known| stopped(known.value, judged.code)) {
            judged.outcome = Outcome::Refuse;
            judged.code = code;
            judged.sharpened = true;
        }
        Ok(Checked {
            log_seq: known.map_or(log_seq, |known| known.seq),
            value: known.map(|known| known.value),
            reason: known.map_or(0, |known| known.reason),
            judged: Some(judged),
        })
    }

    fn known(&self, pass: &VerifiedPass) -> Option<Known> {
        let claims = pass.claims();
        self.index.place(list_of(claims.exp.into()), claims.status.idx)
    }
}

impl Checked {
    fn known(known: Known) -> Self {
        Self { log_seq: known.seq, value: Some(known.value), reason: known.reason, judged: None }
    }
}

/// Reasons that come before `revoked` in the verdict's table (docs/FORMAT.md) though the signature is good.
const BEFORE_REVOKED: [&str; 4] = ["format_newer", "claims_invalid", "list_mismatch", "revoked"];

/// What comes after `suspended` there.
const AFTER_SUSPENDED: [&str; 5] = ["admit", "not_yet_valid", "plate_mismatch", "off_route", "no_place"];

/// The code with which a place stops its pass, unless the verdict's own code comes before it.
fn stopped(value: Value, code: &str) -> Option<&'static str> {
    match value {
        Value::Revoked if !BEFORE_REVOKED.contains(&code) => Some("revoked"),
        Value::Suspended if AFTER_SUSPENDED.contains(&code) => Some("suspended"),
        Value::Valid | Value::Revoked | Value::Suspended => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::bus::{Entry, LogView, StatusSink};
    use crate::clock::FixedClock;

    struct Registry(HashMap<[u8; 8], Place>);

    #[async_trait]
    impl PlaceStore for Registry {
        async fn place(&self, cti: &[u8; 8]) -> Result<Option<Place>, StorageError> {
            Ok(self.0.get(cti).copied())
        }
    }

    struct Nothing;

    impl OwnView for Nothing {
        fn held(&self) -> Option<Arc<Held>> {
            None
        }
    }

    fn number(serial: u32) -> PassNumber {
        PassNumber::new(320_500, 2_500, serial).unwrap()
    }

    fn check(index: Arc<Index>) -> Check {
        let place = |list, idx, value| Place { list, idx, value, reason: 0 };
        let passes = HashMap::from([
            (number(1).to_bytes(), place(2969, 1, Value::Valid)),
            (number(2).to_bytes(), place(2969, 2, Value::Valid)),
            (number(3).to_bytes(), place(2000, 3, Value::Revoked)),
            (number(5).to_bytes(), place(2969, 5, Value::Revoked)),
        ]);
        Check::new(index, Arc::new(Registry(passes)), Arc::new(Nothing), Arc::new(FixedClock::at(1_796_054_400)))
    }

    #[test]
    fn what_the_index_knows_takes_its_row_among_the_reasons() {
        for code in ["admit", "expired", "status_stale", "suspended", "not_yet_valid"] {
            assert_eq!(stopped(Value::Revoked, code), Some("revoked"), "{code}");
        }
        for code in BEFORE_REVOKED {
            assert_eq!(stopped(Value::Revoked, code), None, "{code}");
        }
        for code in AFTER_SUSPENDED {
            assert_eq!(stopped(Value::Suspended, code), Some("suspended"), "{code}");
        }
        for code in ["expired", "status_stale", "revoked", "suspended"] {
            assert_eq!(stopped(Value::Suspended, code), None, "{code}");
        }
        assert_eq!(stopped(Value::Valid, "admit"), None);
    }

    #[tokio::test]
    async fn before_the_index_is_built_nothing_is_answered() {
        let check = check(Arc::new(Index::new()));
        assert!(matches!(check.number(number(1)).await, Err(CheckError::NotReady)));
        let asked = check.presented(Presented::Text("FP1:"), &Policy::default(), &Observation::default());
        assert!(matches!(asked, Err(CheckError::NotReady)));
    }

    #[tokio::test]
    async fn a_number_gives_state_reason_and_the_seq_that_it_speaks_for() {
        let index = Arc::new(Index::new());
        index.rebuild(&LogView { seq: 41, oldest_list: 2969, places: Vec::new() });
        let check = check(Arc::clone(&index));
        let valid = Checked { log_seq: 41, value: Some(Value::Valid), reason: 0, judged: None };
        assert_eq!(check.number(number(2)).await.unwrap(), valid);

        let cti = Some(number(2).to_bytes());
        assert!(index.apply(&[Entry { seq: 42, list: 2969, idx: 2, value: Value::Suspended, cti, reason: 8 }]));
        let suspended = Checked { log_seq: 42, value: Some(Value::Suspended), reason: 8, judged: None };
        assert_eq!(check.number(number(2)).await.unwrap(), suspended);
    }

    #[tokio::test]
    async fn a_revocation_that_only_the_registry_knows_yet_is_answered() {
        let index = Arc::new(Index::new());
        index.rebuild(&LogView { seq: 41, oldest_list: 2969, places: Vec::new() });
        assert_eq!(check(index).number(number(5)).await.unwrap().value, Some(Value::Revoked));
    }

    #[tokio::test]
    async fn an_expired_pass_is_known_from_the_registry_and_a_guessed_number_is_not_found() {
        let index = Arc::new(Index::new());
        index.rebuild(&LogView { seq: 41, oldest_list: 2969, places: Vec::new() });
        let check = check(index);
        assert_eq!(check.number(number(3)).await.unwrap().value, Some(Value::Revoked));
        assert!(matches!(check.number(number(4)).await, Err(CheckError::NotFound)));
    }
}

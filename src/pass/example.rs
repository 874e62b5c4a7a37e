//! An approved application and one key, for the tests of issuing. All of it is made up.

use std::sync::Arc;

use freightpass_core::division::{Code, Division};
use freightpass_core::key::Kid;
use jiff::Timestamp;
use uuid::Uuid;

use super::error::Refusal;
use super::issuer::Issuer;
use super::plan::Plan;
use super::signer::{Signer, SignerError};
use crate::application::{Application, Cargo, EnterpriseRef, Form, Leg, Route, State, Window};
use crate::approval::Approved;
use crate::clock::FixedClock;
use crate::identity::{AuthorityScope, Competence, Competences, ProgrammeWindow};
use crate::profile::cn::Cn;
use crate::profile::{Paper, PaperKind};
use crate::whitelist::{Category, CrewRole, Person};

/// 2026-12-01 00:00 in Beijing.
pub(super) const NOW: u64 = 1_796_054_400;
/// A day, in seconds.
pub(super) const DAY: u64 = 86_400;
const CODE: &str = "CN-3205";

/// One key, for a pass of [`CODE`] that begins in its window.
pub(super) struct OneKey(pub(super) std::ops::Range<u32>);

impl Signer for OneKey {
    fn status_base(&self) -> Option<String> {
        Some("HTTPS://S.FP.CN/20/".to_owned())
    }

    fn key_for(&self, authority: &str, nbf: u32) -> Option<Kid> {
        (authority == CODE && self.0.contains(&nbf)).then_some(Kid([7; 8]))
    }

    fn keys_in_use(&self, from: u32) -> Vec<Kid> {
        (from < self.0.end).then_some(Kid([7; 8])).into_iter().collect()
    }

    fn sign(&self, _: Kid, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok([3; 64])
    }
}

/// A trust list that says this.
pub(super) struct Rules(pub(super) Competence);

impl Competences for Rules {
    fn current(&self) -> Arc<Competence> {
        Arc::new(self.0.clone())
    }
}

/// What the tests change: the approved window, the origin, the programme and its window.
pub(super) struct Case {
    pub(super) window: Window,
    pub(super) origin: u32,
    pub(super) programme: u16,
    pub(super) open: (u64, u64),
    pub(super) keys: std::ops::Range<u32>,
    pub(super) crew: usize,
    pub(super) code: &'static str,
    pub(super) waived: bool,
}

impl Default for Case {
    fn default() -> Self {
        let window = Window { start: NOW + 10, end: NOW + DAY };
        Self {
            window,
            origin: 320_583,
            programme: 1,
            open: (0, u64::MAX),
            keys: 0..u32::MAX,
            crew: 1,
            code: "91350100M000100Y43",
            waived: false,
        }
    }
}

impl Case {
    /// What the issuer plans for it, at [`NOW`].
    pub(super) fn plan(self) -> Result<Plan, Refusal> {
        let place = |code| Division::Code(Code::new(code).unwrap());
        let authority = AuthorityScope {
            code: CODE.to_owned(),
            number: 320_500,
            level: 3,
            division: Some(place(3205)),
            programmes: vec![1],
        };
        let competence = Competence {
            longest_life_s: 30 * 86_400,
            authorities: vec![authority],
            programmes: vec![ProgrammeWindow { number: 1, from: self.open.0, until: self.open.1 }],
            ..Competence::default()
        };
        let clock = Arc::new(FixedClock::at(0));
        let issuer = Issuer::new(Arc::new(OneKey(self.keys)), Arc::new(Rules(competence)), clock, Arc::new(Cn));
        let person = Person {
            name: "买买提江·阿不都热合曼".to_owned(),
            paper: Paper { kind: PaperKind::Passport, number: "E12345678".to_owned() },
            mobile: None,
            role: CrewRole::Driver,
        };
        let at = Timestamp::UNIX_EPOCH;
        let application = Application {
            id: Uuid::nil(),
            form: Form {
                authority: CODE.to_owned(),
                programme: self.programme,
                enterprise_code: self.code.to_owned(),
                tractor: "苏E12345".to_owned(),
                trailer: None,
                gross_mass_kg: 1,
                crew: vec![person; self.crew],
                cargo: Cargo { category: Category::Food, description: String::new(), mass_kg: 1 },
                route: Route { origin: place(self.origin), destination: place(330_102), via: Vec::new() },
                leg: Leg::Return,
                planned: self.window,
                evidence: Vec::new(),
            },
            enterprise: EnterpriseRef {
                number: 9,
                code: self.code.to_owned(),
                code_waived: self.waived,
                name: String::new(),
            },
            state: State::Approved,
            version: 2,
            approved: Some(self.window),
            submitted_at: at,
            changed_at: at,
            recommended: None,
        };
        let now = Timestamp::from_second(NOW as i64).unwrap();
        issuer.plan(Approved::of(&application).unwrap(), now)
    }
}

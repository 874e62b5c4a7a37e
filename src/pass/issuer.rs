//! The rules of issuing: the same that a scanner applies (docs/FORMAT.md, section "Scope"), so that no pass is signed
//! that a scanner with the same trust list refuses.

use std::sync::Arc;

use freightpass_core::division::Division;
use freightpass_core::key::Kid;
use freightpass_core::pass::{
    CargoCategory, Claims, Crew, CrewRole as Role, Enterprise, Leg as PassLeg, PassNumber, SignedPass, StatusReference,
    Subject, Unsigned,
};
use freightpass_core::status::list_of;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::error::{PassError, Refusal};
use super::signer::Signer;
use crate::application::{EnterpriseRef, Leg};
use crate::approval::{Approved, PassCrew};
use crate::clock::Clock;
use crate::identity::Competences;
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::whitelist::CrewRole;

/// How long before its beginning a pass can be issued: the status lists of that time are published by then.
pub const BOOKING_AHEAD_S: u64 = 14 * 24 * 3600;

/// The day from which pass numbers count days.
const FIRST_DAY: Date = jiff::civil::date(2020, 1, 1);
/// The last date that pass numbers can spell: two digits of its year are spoken.
const LAST_DAY: Date = jiff::civil::date(2099, 12, 31);

/// Who issues: the keys, the trust list in force, the clock, the profile.
pub struct Issuer {
    signer: Arc<dyn Signer>,
    competences: Arc<dyn Competences>,
    clock: Arc<dyn Clock>,
    profile: Arc<dyn Profile>,
}

/// A pass that may be signed: every rule holds, and a key is chosen. It takes the place of the approval and is used
/// up by [`Plan::sign`], so that one approval makes one pass.
#[derive(Debug)]
pub struct Plan {
    application: Uuid,
    enterprise: u32,
    authority_number: u32,
    kid: Kid,
    list: u32,
    /// Complete but for the number and the index, which stand at their largest.
    claims: Claims,
}

/// A signed pass that is not stored yet.
#[derive(Debug)]
pub struct Signed {
    /// The application that it is for.
    pub application: Uuid,
    /// Number of the enterprise.
    pub enterprise: u32,
    /// The key that signed.
    pub kid: Kid,
    /// Its status list.
    pub list: u32,
    /// What was signed.
    pub claims: Claims,
    /// The signed bytes.
    pub token: SignedPass,
}

impl Issuer {
    /// An issuer with these keys and this clock; the profile gives the date of pass numbers and packs enterprise codes.
    pub fn new(
        signer: Arc<dyn Signer>,
        competences: Arc<dyn Competences>,
        clock: Arc<dyn Clock>,
        profile: Arc<dyn Profile>,
    ) -> Self {
        Self { signer, competences, clock, profile }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The keys, for those that close the leases of keys that went.
    pub fn signer(&self) -> &dyn Signer {
        self.signer.as_ref()
    }

    /// The local date at `now` as pass numbers count it, in days since 2020-01-01.
    ///
    /// # Errors
    /// [`PassError::ClockOutOfRange`] for a clock before 2020 or after 2099.
    pub fn day(&self, now: Timestamp) -> Result<u16, PassError> {
        let date = self.profile.day(now);
        let days = FIRST_DAY.duration_until(date).as_hours() / 24;
        u16::try_from(days).ok().filter(|_| date <= LAST_DAY).ok_or(PassError::ClockOutOfRange { now })
    }

    /// Checks what was approved against the trust list in force and chooses the key.
    ///
    /// The pass begins with the approved window, or now if that has begun: nothing is dated back, and a key that is
    /// in force now may sign. The first broken rule is told.
    ///
    /// # Errors
    /// [`Refusal`]: the window is over or too far ahead, the life too long, the programme closed, the route out of
    /// scope, no key at hand, or the claims do not fit into a pass.
    pub fn plan(&self, approved: Approved, now: Timestamp) -> Result<Plan, Refusal> {
        let (nbf, exp) = window(&approved, u64::try_from(now.as_second()).unwrap_or(0))?;
        let code = approved.authority();
        let competence = self.competences.current();
        let out_of_scope = || Refusal::OutOfScope { authority: code.to_owned() };
        let authority = competence.authority(code).ok_or_else(out_of_scope)?;
        let longest_s = competence.longest_life_s;
        if exp - nbf > longest_s {
            return Err(Refusal::LifeTooLong { life_s: exp - nbf, longest_s });
        }
        let open = competence.programme(authority, approved.programme());
        if !open.is_some_and(|open| (open.from..open.until).contains(&nbf.into())) {
            let authority = code.to_owned();
            return Err(Refusal::ProgrammeClosed { programme: approved.programme(), authority, nbf });
        }
        let route = approved.divisions();
        if !matches!(route, [origin, destination, ..] if authority.covers(origin, destination)) {
            return Err(out_of_scope());
        }
        let no_key = || Refusal::KeyUnavailable { authority: code.to_owned(), nbf };
        let kid = self.signer.key_for(code, nbf).ok_or_else(no_key)?;
        let base = self.signer.status_base().ok_or_else(no_key)?;
        let list = list_of(exp.into());
        let authority_number = authority.number;
        let widest = PassNumber::new(authority_number, u16::MAX, 0x00ff_ffff).ok_or_else(no_key)?;
        let claims = Claims {
            iss: code.to_owned(),
            nbf,
            exp,
            number: widest,
            status: StatusReference { idx: u32::MAX, uri: format!("{base}{list}") },
            subject: self.subject(&approved, route),
        };
        // Encoded once with the largest number and index: what fits now fits with any.
        Unsigned::new(&claims, kid)
            .map_err(|fault| Refusal::Invalid(vec![FieldProblem::new("pass", "format", fault.to_string())]))?;
        Ok(Plan {
            application: approved.application(),
            enterprise: approved.enterprise().number,
            authority_number,
            kid,
            list,
            claims,
        })
    }

    /// Signs what is planned under this number and at this index of its list.
    ///
    /// # Errors
    /// [`PassError::Signer`] when the key does not sign.
    pub fn sign(&self, plan: Plan, number: PassNumber, idx: u32) -> Result<Signed, PassError> {
        let mut claims = plan.claims;
        claims.number = number;
        claims.status.idx = idx;
        let unsigned = Unsigned::new(&claims, plan.kid)?;
        let signature = self.signer.sign(plan.kid, &unsigned.message())?;
        Ok(Signed {
            application: plan.application,
            enterprise: plan.enterprise,
            kid: plan.kid,
            list: plan.list,
            claims,
            token: unsigned.finish(&signature),
        })
    }

    fn subject(&self, approved: &Approved, route: &[Division]) -> Subject {
        Subject {
            programme: approved.programme(),
            tractor: approved.tractor().to_owned(),
            trailer: approved.trailer().map(str::to_owned),
            crew: crew(approved),
            route: route.to_vec(),
            leg: match approved.leg() {
                Leg::Loaded => PassLeg::Loaded,
                Leg::Empty => PassLeg::Empty,
                Leg::Return => PassLeg::Return,
            },
            cargo: CargoCategory(approved.category().number()),
            enterprise: Some(self.enterprise(approved.enterprise())),
        }
    }

    /// By its code where a pass can carry that; by its number where the code was let in with a wrong check digit: a
    /// reader computes the digit, and would name another code.
    fn enterprise(&self, enterprise: &EnterpriseRef) -> Enterprise {
        match self.profile.pack_enterprise_code(&enterprise.code) {
            Some(code) if !enterprise.code_waived => Enterprise::Code(code),
            _ => Enterprise::Number(enterprise.number),
        }
    }
}

impl Plan {
    /// Plate of the tractor.
    pub fn tractor(&self) -> &str {
        &self.claims.subject.tractor
    }

    /// First second of the pass, seconds since 1970.
    pub fn nbf(&self) -> u32 {
        self.claims.nbf
    }

    /// First second after the pass, seconds since 1970.
    pub fn exp(&self) -> u32 {
        self.claims.exp
    }

    /// The application that it is for.
    pub fn application(&self) -> Uuid {
        self.application
    }

    /// Number of the authority, the beginning of the pass number.
    pub fn authority_number(&self) -> u32 {
        self.authority_number
    }

    /// The status list, and the key that will sign: a place is leased for both.
    pub fn place(&self) -> (u32, Kid) {
        (self.list, self.kid)
    }
}

/// nbf and exp.
fn window(approved: &Approved, now: u64) -> Result<(u32, u32), Refusal> {
    let window = approved.window();
    if window.end <= now {
        return Err(Refusal::TimeOver { end: window.end });
    }
    if window.start > now.saturating_add(BOOKING_AHEAD_S) {
        return Err(Refusal::TooEarly { start: window.start, from: window.start - BOOKING_AHEAD_S });
    }
    let seconds = |field: &str, time: u64| {
        u32::try_from(time).map_err(|_| {
            Refusal::Invalid(vec![FieldProblem::new(field, "time_bounds", "a pass cannot carry this time")])
        })
    };
    Ok((seconds("start_time", window.start.max(now))?, seconds("end_time", window.end)?))
}

/// The people as the pass names them.
fn crew(approved: &Approved) -> Vec<Crew> {
    let person = |person: &PassCrew| Crew {
        name: person.name.clone(),
        tail: person.tail.clone(),
        role: match person.role {
            CrewRole::Driver => Role::Driver,
            CrewRole::ReliefDriver => Role::Relief,
            CrewRole::Passenger => Role::Passenger,
        },
    };
    approved.crew().iter().map(person).collect()
}

#[cfg(test)]
mod tests {
    use freightpass_core::division::Code;
    use rstest::rstest;

    use super::super::signer::SignerError;
    use super::*;
    use crate::application::{Application, Cargo, Form, Route, State, Window};
    use crate::clock::FixedClock;
    use crate::identity::{AuthorityScope, Competence, ProgrammeWindow};
    use crate::profile::cn::Cn;
    use crate::profile::{Paper, PaperKind};
    use crate::whitelist::{Category, Person};

    /// 2026-12-01 00:00 in Beijing.
    const NOW: u64 = 1_796_054_400;
    const DAY: u64 = 86_400;
    const CODE: &str = "CN-3205";

    /// One key, for a pass of [`CODE`] that begins in its window.
    struct OneKey(std::ops::Range<u32>);

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

    struct Rules(Competence);

    impl Competences for Rules {
        fn current(&self) -> Arc<Competence> {
            Arc::new(self.0.clone())
        }
    }

    /// What the tests change: the approved window, the origin, the programme and its window.
    struct Case {
        window: Window,
        origin: u32,
        programme: u16,
        open: (u64, u64),
        keys: std::ops::Range<u32>,
        crew: usize,
        code: &'static str,
        waived: bool,
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
        fn plan(self) -> Result<Plan, Refusal> {
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
            };
            let now = Timestamp::from_second(NOW as i64).unwrap();
            issuer.plan(Approved::of(&application).unwrap(), now)
        }
    }

    fn window(start: u64, end: u64) -> Case {
        Case { window: Window { start, end }, ..Case::default() }
    }

    #[test]
    fn plan_names_the_list_of_its_end_and_nothing_is_dated_back() {
        let plan = window(NOW - 3_600, NOW + DAY).plan().unwrap();
        assert_eq!((u64::from(plan.nbf()), u64::from(plan.exp())), (NOW, NOW + DAY));
        let list = list_of(NOW + DAY);
        assert_eq!(plan.place(), (list, Kid([7; 8])));
        assert_eq!(plan.claims.status.uri, format!("HTTPS://S.FP.CN/20/{list}"));
        assert_eq!(plan.claims.subject.leg, PassLeg::Return);
    }

    #[rstest]
    #[case::last_second_of_the_window(window(NOW - 10, NOW + 1), "")]
    #[case::window_over(window(NOW - 10, NOW), "TimeOver")]
    #[case::last_bookable_start(window(NOW + BOOKING_AHEAD_S, NOW + BOOKING_AHEAD_S + 1), "")]
    #[case::start_too_far_ahead(window(NOW + BOOKING_AHEAD_S + 1, NOW + BOOKING_AHEAD_S + 2), "TooEarly")]
    #[case::longest_life(window(NOW, NOW + 30 * DAY), "")]
    #[case::a_second_longer(window(NOW, NOW + 30 * DAY + 1), "LifeTooLong")]
    #[case::longest_life_counts_from_now(window(NOW - 10, NOW + 30 * DAY), "")]
    #[case::opens_with_the_pass(Case { open: (NOW + 10, NOW + 11), ..Case::default() }, "")]
    #[case::opens_a_second_later(Case { open: (NOW + 11, NOW + 12), ..Case::default() }, "ProgrammeClosed")]
    #[case::closed_with_the_pass(Case { open: (0, NOW + 10), ..Case::default() }, "ProgrammeClosed")]
    #[case::programme_of_others(Case { programme: 2, ..Case::default() }, "ProgrammeClosed")]
    #[case::neither_end_inside(Case { origin: 320_683, ..Case::default() }, "OutOfScope")]
    #[case::key_begins_with_the_pass(Case { keys: NOW as u32 + 10..u32::MAX, ..Case::default() }, "")]
    #[case::key_begins_a_second_later(Case { keys: NOW as u32 + 11..u32::MAX, ..Case::default() }, "KeyUnavailable")]
    #[case::key_ends_with_the_pass(Case { keys: 0..NOW as u32 + 10, ..Case::default() }, "KeyUnavailable")]
    #[case::crew_that_no_pass_carries(Case { crew: 4, ..Case::default() }, "Invalid")]
    #[case::beyond_32_bits(window(NOW + 1, u64::from(u32::MAX) + 1), "Invalid")]
    fn rules_hold_at_their_bounds(#[case] case: Case, #[case] refusal: &str) {
        let refused = case.plan().err().map(|refusal| format!("{refusal:?}")).unwrap_or_default();
        let name = refused.split([' ', '(']).next().unwrap_or_default();
        assert_eq!(name, refusal, "{refused}");
    }

    #[test]
    fn enterprise_is_named_by_its_code_unless_a_reader_would_name_another() {
        let named = |code, waived| Case { code, waived, ..Case::default() }.plan().unwrap().claims.subject.enterprise;
        let packed = Cn.pack_enterprise_code("91350100M000100Y43").unwrap();
        assert_eq!(named("91350100M000100Y43", false), Some(Enterprise::Code(packed)));
        assert_eq!(named("91350100M000100Y43", true), Some(Enterprise::Number(9)));
        assert_eq!(named("91350100M000100Y44", false), Some(Enterprise::Number(9)));
    }

    #[test]
    fn day_of_a_number_is_the_local_date() {
        let day = |at: &str| {
            let (rules, clock) = (Rules(Competence::default()), FixedClock::at(0));
            let issuer = Issuer::new(Arc::new(OneKey(0..0)), Arc::new(rules), Arc::new(clock), Arc::new(Cn));
            issuer.day(at.parse().unwrap()).ok()
        };
        assert_eq!(day("2019-12-31T15:59:59Z"), None);
        assert_eq!(day("2019-12-31T16:00:00Z"), Some(0));
        assert_eq!(day("2022-04-18T12:00:00Z"), Some(838));
        assert_eq!(day("2099-12-31T15:59:59Z"), Some(29_219));
        assert_eq!(day("2099-12-31T16:00:00Z"), None);
    }
}

//! From what an applicant sent to a form in which every rule holds; or everything that is wrong with it, field by
//! field, as the protocol's `ApplicationForm` names them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::form::{Cargo, Evidence, EvidenceKind, Form, Leg, Route, Window};
use crate::identity::{AuthorityScope, Competence};
use crate::problem::{FieldProblem, Problems};
use crate::profile::{PaperKind, Profile, VehicleKind, instant_in_bounds};
use crate::whitelist::{Category, CrewRole, Person};
use crate::words;

/// A form is filled in before it is sent, and clocks differ: a start is "in the past" only beyond this, in seconds.
const START_GRACE_S: i64 = 3_600;
/// How far ahead a journey can be booked, in seconds: the status lists are published so far ahead.
const BOOKING_AHEAD_S: i64 = 14 * 86_400;
/// People in a pass (formats.md, claims key 3).
const MAX_CREW: usize = 3;
/// Divisions between origin and destination (formats.md, claims key 4: at most ten with both ends).
const MAX_VIA: usize = 8;
/// The heaviest combination that is no slip: heavy transports stay below a thousand tonnes.
const MAX_GROSS_MASS_KG: u32 = 1_000_000;
/// Pieces of evidence: three people with three tests each, and the waybill.
const MAX_EVIDENCE: usize = 10;
/// Evidence counts for a year at most, in seconds.
const MAX_EVIDENCE_S: i64 = 366 * 86_400;
/// Bytes of a description.
const MAX_DESCRIPTION_BYTES: usize = 200;
/// Bytes of an issuer's name.
const MAX_ISSUER_BYTES: usize = 120;

/// An application as it was sent. What the sender left out, or chose outside the enumeration, is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Code of the authority that it goes to.
    pub authority: String,
    /// Number of the programme.
    pub programme: u32,
    /// Code of the enterprise.
    pub enterprise_code: String,
    /// Plate of the tractor.
    pub tractor: String,
    /// Plate of the trailer; empty where there is none.
    pub trailer: String,
    /// Mass of the whole combination, in kilograms.
    pub gross_mass_kg: u32,
    /// The people on board; the first is the driver.
    pub crew: Vec<DraftPerson>,
    /// Category of the cargo.
    pub cargo_category: Option<Category>,
    /// What the cargo is, in words.
    pub cargo_description: String,
    /// Mass of the cargo, in kilograms.
    pub cargo_mass_kg: u32,
    /// Where the journey begins.
    pub origin: String,
    /// Where it ends.
    pub destination: String,
    /// What lies between.
    pub via: Vec<String>,
    /// Start of the planned time, in seconds since 1970.
    pub planned_start: Option<i64>,
    /// Its end.
    pub planned_end: Option<i64>,
    /// Loaded, empty or return.
    pub leg: Option<Leg>,
    /// Papers that come with it.
    pub evidence: Vec<DraftEvidence>,
}

/// A person on board as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftPerson {
    /// Name as the paper spells it.
    pub name: String,
    /// Kind of the paper.
    pub paper_kind: Option<PaperKind>,
    /// Number of the paper.
    pub paper_number: String,
    /// Mobile number; may be empty for a passenger.
    pub mobile: String,
    /// What the person is on board for.
    pub role: Option<CrewRole>,
}

/// A piece of evidence as sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftEvidence {
    /// What it is.
    pub kind: Option<EvidenceKind>,
    /// When it was taken, in seconds since 1970.
    pub taken: Option<i64>,
    /// For how long it counts, in seconds.
    pub valid_for_s: Option<i64>,
    /// Who made it.
    pub issuer: String,
}

impl Draft {
    /// Checks everything that needs no look at the registry, at the moment `at`. `competence` is what the trust list
    /// in force says; `authority` is the one of that code in it.
    pub fn check(
        &self,
        profile: &dyn Profile,
        competence: &Competence,
        authority: &AuthorityScope,
        at: Timestamp,
    ) -> Result<Form, Vec<FieldProblem>> {
        let (now, today) = (at.as_second(), profile.day(at));
        let mut found = Problems::default();
        let programme = found.keep(self.programme(competence, authority));
        let enterprise_code = found.field("enterprise_code", profile.enterprise_code(&self.enterprise_code));
        let tractor = found.field("tractor", profile.plate(VehicleKind::Tractor, &self.tractor));
        let trailer = match self.trailer.trim() {
            "" => None,
            plate => found.field("trailer", profile.plate(VehicleKind::Trailer, plate)),
        };
        let crew = Self::crew(&self.crew, profile, today, &mut found);
        let cargo = self.cargo(&mut found);
        let route = self.route(profile, &mut found);
        if let Some(route) = &route
            && !authority.covers(&route.origin, &route.destination)
        {
            found.add("authority", "out_of_scope", "neither origin nor destination lies in its division");
        }
        let planned = self.planned(competence, now, &mut found);
        if let (Some(window), Some(programme)) = (planned, programme)
            && let Some(open) = competence.programme(authority, programme)
            && !(open.from..open.until).contains(&window.start)
        {
            found.add("planned_start_time", "programme_closed", "the programme is not open at that time");
        }
        let evidence = self.evidence(now, &mut found);
        let fields = (programme, enterprise_code, tractor, crew, cargo, route, self.leg, planned, evidence);
        if self.leg.is_none() {
            found.add("leg", "missing", "say whether the truck is loaded, empty or on its return");
        }
        let (
            Some(programme),
            Some(code),
            Some(tractor),
            Some(crew),
            Some(cargo),
            Some(route),
            Some(leg),
            Some(planned),
            Some(evidence),
        ) = fields
        else {
            return Err(found.into_vec());
        };
        if !found.is_empty() {
            return Err(found.into_vec());
        }
        Ok(Form {
            authority: self.authority.clone(),
            programme,
            enterprise_code: code.text,
            tractor,
            trailer,
            gross_mass_kg: self.gross_mass_kg,
            crew,
            cargo,
            route,
            leg,
            planned,
            evidence,
        })
    }

    fn programme(&self, competence: &Competence, authority: &AuthorityScope) -> Result<u16, FieldProblem> {
        u16::try_from(self.programme)
            .ok()
            .filter(|number| competence.programme(authority, *number).is_some())
            .ok_or_else(|| {
                FieldProblem::new(
                    "programme",
                    "unknown_programme",
                    "the trust list in force lists no such programme for this authority",
                )
            })
    }

    /// Checks the people on board: of a form, or of an amendment.
    pub fn crew(sent: &[DraftPerson], profile: &dyn Profile, today: Date, found: &mut Problems) -> Option<Vec<Person>> {
        if sent.is_empty() || sent.len() > MAX_CREW {
            found.add("crew", "crew_size", format!("{} people; 1 to {MAX_CREW} are allowed", sent.len()));
            return None;
        }
        let mut papers = BTreeSet::new();
        let mut crew = Vec::with_capacity(sent.len());
        for (at, sent) in sent.iter().enumerate() {
            let path = |field: &str| format!("crew[{at}].{field}");
            let name = found.field(path("name"), profile.person_name(&sent.name));
            let kind = found.chosen(path("paper_kind"), sent.paper_kind, "name the kind of the paper");
            let paper =
                kind.and_then(|kind| found.field(path("paper_number"), profile.paper(kind, &sent.paper_number, today)));
            let role = found.chosen(path("role"), sent.role, "say what this person is on board for");
            let mobile = match (sent.mobile.trim(), role) {
                ("", Some(CrewRole::Driver | CrewRole::ReliefDriver)) => {
                    found.add(path("mobile"), "missing", "who drives must be reachable");
                    None
                }
                ("", _) => None,
                (mobile, _) => found.field(path("mobile"), profile.mobile(mobile)),
            };
            match (at, role) {
                (0, Some(role)) if role != CrewRole::Driver => {
                    found.add(path("role"), "first_is_driver", "the first of the crew is the driver");
                }
                (1.., Some(CrewRole::Driver)) => {
                    found.add(path("role"), "one_driver", "only the first is the driver; others drive in relief");
                }
                _ => {}
            }
            if let Some(paper) = &paper
                && !papers.insert(paper.clone())
            {
                found.add(path("paper_number"), "person_twice", "this person stands in the crew already");
            }
            if let (Some(name), Some(paper), Some(role)) = (name, paper, role) {
                crew.push(Person { name, paper, mobile, role });
            }
        }
        Some(crew)
    }

    fn cargo(&self, found: &mut Problems) -> Option<Cargo> {
        let category = found.chosen("cargo_category", self.cargo_category, "name the category of the cargo");
        let description =
            found.keep(words::required("cargo_description", &self.cargo_description, MAX_DESCRIPTION_BYTES));
        if self.gross_mass_kg == 0 || self.gross_mass_kg > MAX_GROSS_MASS_KG {
            found.add("gross_mass_kg", "out_of_range", format!("1 to {MAX_GROSS_MASS_KG} kg are allowed"));
        }
        match self.leg {
            Some(Leg::Empty) if self.cargo_mass_kg > 0 => {
                found.add("cargo_mass_kg", "empty_leg", "an empty truck carries 0 kg");
            }
            Some(Leg::Loaded) if self.cargo_mass_kg == 0 => {
                found.add("cargo_mass_kg", "missing", "a loaded truck carries at least 1 kg");
            }
            _ if self.cargo_mass_kg > self.gross_mass_kg => {
                found.add("cargo_mass_kg", "over_gross_mass", "the cargo cannot weigh more than the whole combination");
            }
            _ => {}
        }
        Some(Cargo { category: category?, description: description?, mass_kg: self.cargo_mass_kg })
    }

    fn route(&self, profile: &dyn Profile, found: &mut Problems) -> Option<Route> {
        let origin = found.field("route.origin", profile.route_end(&self.origin));
        let destination = found.field("route.destination", profile.route_end(&self.destination));
        if self.via.len() > MAX_VIA {
            found.add("route.via", "too_many", format!("{} divisions; at most {MAX_VIA} are allowed", self.via.len()));
            return None;
        }
        let via: Vec<_> = self
            .via
            .iter()
            .enumerate()
            .filter_map(|(at, text)| found.field(format!("route.via[{at}]"), profile.route_via(text)))
            .collect();
        Some(Route { origin: origin?, destination: destination?, via })
    }

    fn planned(&self, competence: &Competence, now: i64, found: &mut Problems) -> Option<Window> {
        let start = time(found, "planned_start_time", self.planned_start);
        let end = time(found, "planned_end_time", self.planned_end);
        let (start, end) = (start?, end?);
        if start < now.saturating_sub(START_GRACE_S) {
            found.add("planned_start_time", "in_the_past", "the journey would have begun already");
        }
        if start > now.saturating_add(BOOKING_AHEAD_S) {
            let days = BOOKING_AHEAD_S / 86_400;
            found.add("planned_start_time", "too_far_ahead", format!("journeys are booked at most {days} days ahead"));
        }
        if end <= start {
            found.add("planned_end_time", "end_before_start", "the end must be after the start");
        } else if end <= now {
            found.add("planned_end_time", "in_the_past", "the journey would be over already");
        } else if end - start > i64::from(competence.longest_life_s) {
            let longest = competence.longest_life_s;
            found.add("planned_end_time", "too_long", format!("a pass lives at most {longest} seconds"));
        }
        Some(Window { start: u64::try_from(start).ok()?, end: u64::try_from(end).ok()? })
    }

    fn evidence(&self, now: i64, found: &mut Problems) -> Option<Vec<Evidence>> {
        if self.evidence.len() > MAX_EVIDENCE {
            let message = format!("{} pieces; at most {MAX_EVIDENCE} are allowed", self.evidence.len());
            found.add("evidence", "too_many", message);
            return None;
        }
        let mut evidence = Vec::with_capacity(self.evidence.len());
        for (at, sent) in self.evidence.iter().enumerate() {
            let path = |field: &str| format!("evidence[{at}].{field}");
            let kind = found.chosen(path("kind"), sent.kind, "name the kind of the evidence");
            let taken = time(found, &path("taken_time"), sent.taken);
            if taken.is_some_and(|taken| taken > now.saturating_add(START_GRACE_S)) {
                found.add(path("taken_time"), "in_the_future", "evidence cannot be later than the application");
            }
            let valid_for = sent.valid_for_s.filter(|seconds| (1..=MAX_EVIDENCE_S).contains(seconds));
            if valid_for.is_none() {
                found.add(path("valid_for"), "out_of_range", format!("1 to {MAX_EVIDENCE_S} seconds are allowed"));
            }
            let issuer = found.keep(words::required(&path("issuer"), &sent.issuer, MAX_ISSUER_BYTES));
            if let (Some(kind), Some(taken), Some(valid_for), Some(issuer)) = (kind, taken, valid_for, issuer) {
                evidence.push(Evidence {
                    kind,
                    taken: u64::try_from(taken).unwrap_or(0),
                    valid_for_s: u32::try_from(valid_for).unwrap_or(0),
                    issuer,
                });
            }
        }
        Some(evidence)
    }
}

/// A time that a pass can carry.
fn time(found: &mut Problems, field: &str, value: Option<i64>) -> Option<i64> {
    let value = found.chosen(field, value, "name the time")?;
    found.field(field, instant_in_bounds(value)).map(i64::from)
}

#[cfg(test)]
mod tests {
    use freightpass_core::division::{Code, Division};
    use rstest::rstest;

    use super::*;
    use crate::identity::ProgrammeWindow;
    use crate::profile::cn::{Cn, gb11643_check_digit};

    const NOW: i64 = 1_796_054_400;
    const DAY: i64 = 86_400;

    fn competence() -> Competence {
        Competence {
            longest_life_s: 30 * 86_400,
            authorities: vec![AuthorityScope {
                code: "CN-3205".to_owned(),
                number: 320_500,
                level: 3,
                division: Code::new(3205).map(Division::Code),
                programmes: vec![1, 3],
            }],
            programmes: vec![
                ProgrammeWindow { number: 1, from: 0, until: u64::MAX },
                ProgrammeWindow { number: 2, from: 0, until: u64::MAX },
                ProgrammeWindow { number: 3, from: 0, until: u64::try_from(NOW + DAY).unwrap() },
            ],
            ..Competence::default()
        }
    }

    fn draft() -> Draft {
        Draft {
            authority: "CN-3205".to_owned(),
            programme: 1,
            enterprise_code: "91350100m000100y43".to_owned(),
            tractor: "苏e12345".to_owned(),
            trailer: " ".to_owned(),
            gross_mass_kg: 38_000,
            crew: vec![person(1, CrewRole::Driver), person(2, CrewRole::Passenger)],
            cargo_category: Some(Category::Food),
            cargo_description: "rice".to_owned(),
            cargo_mass_kg: 12_000,
            origin: "320583".to_owned(),
            destination: "330102".to_owned(),
            via: vec!["33".to_owned()],
            planned_start: Some(NOW + 60),
            planned_end: Some(NOW + DAY),
            leg: Some(Leg::Loaded),
            evidence: vec![DraftEvidence {
                kind: Some(EvidenceKind::Waybill),
                taken: Some(NOW),
                valid_for_s: Some(DAY),
                issuer: "depot".to_owned(),
            }],
        }
    }

    /// Somebody from Kunshan.
    fn person(n: u32, role: CrewRole) -> DraftPerson {
        let body = format!("32058319880101{n:03}");
        DraftPerson {
            name: "张三".to_owned(),
            paper_kind: Some(PaperKind::IdentityCard),
            paper_number: format!("{body}{}", gb11643_check_digit(&body).unwrap()),
            mobile: "13800138000".to_owned(),
            role: Some(role),
        }
    }

    fn checked(draft: &Draft) -> Result<Form, Vec<(String, String)>> {
        let competence = competence();
        let authority = competence.authority("CN-3205").unwrap();
        let at = Timestamp::from_second(NOW).unwrap();
        draft
            .check(&Cn, &competence, authority, at)
            .map_err(|problems| problems.into_iter().map(|it| (it.field, it.rule.into_owned())).collect())
    }

    /// A change of a good draft, and the one problem that it makes.
    fn assert_refused(change: impl FnOnce(&mut Draft), field: &str, rule: &str) {
        let mut draft = draft();
        change(&mut draft);
        assert_eq!(checked(&draft), Err(vec![(field.to_owned(), rule.to_owned())]));
    }

    fn assert_taken(change: impl FnOnce(&mut Draft)) {
        let mut draft = draft();
        change(&mut draft);
        checked(&draft).unwrap();
    }

    #[test]
    fn good_draft_is_normalised() {
        let form = checked(&draft()).unwrap();
        assert_eq!((form.enterprise_code.as_str(), form.tractor.as_str()), ("91350100M000100Y43", "苏E12345"));
        assert_eq!(form.trailer, None);
        assert_eq!(form.planned.end - form.planned.start, u64::try_from(DAY - 60).unwrap());
    }

    #[test]
    fn times_in_milliseconds_are_refused_by_name() {
        // FP-03 (b).
        let mut draft = draft();
        draft.planned_start = Some(1_796_054_400_000);
        draft.planned_end = Some(1_796_659_200_000);
        let problem = |field: &str| (field.to_owned(), "milliseconds".to_owned());
        assert_eq!(checked(&draft), Err(vec![problem("planned_start_time"), problem("planned_end_time")]));
    }

    #[rstest]
    #[case::just_before_2020(1_577_836_799)]
    #[case::negative(-1)]
    #[case::after_2106(4_294_967_296)]
    fn times_that_no_pass_carries_are_refused(#[case] start: i64) {
        assert_refused(|it| it.planned_start = Some(start), "planned_start_time", "time_out_of_bounds");
    }

    #[test]
    fn planned_time_holds_at_its_bounds() {
        assert_taken(|it| it.planned_start = Some(NOW - START_GRACE_S));
        assert_refused(|it| it.planned_start = Some(NOW - START_GRACE_S - 1), "planned_start_time", "in_the_past");
        let ahead = |seconds: i64| {
            move |it: &mut Draft| {
                it.planned_start = Some(NOW + BOOKING_AHEAD_S + seconds);
                it.planned_end = Some(NOW + BOOKING_AHEAD_S + seconds + 1);
            }
        };
        assert_taken(ahead(0));
        assert_refused(ahead(1), "planned_start_time", "too_far_ahead");
        assert_taken(|it| it.planned_end = Some(NOW + 61));
        assert_refused(|it| it.planned_end = Some(NOW + 60), "planned_end_time", "end_before_start");
        let past = |it: &mut Draft| (it.planned_start, it.planned_end) = (Some(NOW - 10), Some(NOW));
        assert_refused(past, "planned_end_time", "in_the_past");
        assert_taken(|it| it.planned_end = Some(NOW + 60 + 30 * DAY));
        assert_refused(|it| it.planned_end = Some(NOW + 61 + 30 * DAY), "planned_end_time", "too_long");
    }

    #[test]
    fn authority_must_cover_an_end_and_list_the_programme_when_it_is_open() {
        assert_taken(|it| (it.origin, it.destination) = ("330102".to_owned(), "320583".to_owned()));
        assert_refused(|it| it.origin = "110105".to_owned(), "authority", "out_of_scope");
        for programme in [0, 2, 4, 65_537] {
            assert_refused(|it| it.programme = programme, "programme", "unknown_programme");
        }
        assert_taken(|it| it.programme = 3);
        let late = |it: &mut Draft| {
            it.programme = 3;
            (it.planned_start, it.planned_end) = (Some(NOW + DAY), Some(NOW + 2 * DAY));
        };
        assert_refused(late, "planned_start_time", "programme_closed");
    }

    #[test]
    fn crew_is_one_to_three_with_exactly_one_driver_first() {
        assert_refused(|it| it.crew.clear(), "crew", "crew_size");
        let relief = |n| person(n, CrewRole::ReliefDriver);
        assert_taken(|it| it.crew.push(relief(3)));
        assert_refused(|it| it.crew.extend([relief(3), relief(4)]), "crew", "crew_size");
        assert_refused(|it| it.crew[0].role = Some(CrewRole::Passenger), "crew[0].role", "first_is_driver");
        assert_refused(|it| it.crew[1].role = Some(CrewRole::Driver), "crew[1].role", "one_driver");
        assert_refused(|it| it.crew[1].role = None, "crew[1].role", "missing");
        assert_refused(|it| it.crew[0].mobile.clear(), "crew[0].mobile", "missing");
        assert_taken(|it| it.crew[1].mobile.clear());
        let same = |it: &mut Draft| it.crew[1].paper_number = it.crew[0].paper_number.to_lowercase();
        assert_refused(same, "crew[1].paper_number", "person_twice");
        assert_refused(|it| it.crew[1].paper_number = "1".to_owned(), "crew[1].paper_number", "id_length");
        assert_refused(|it| it.crew[1].paper_kind = None, "crew[1].paper_kind", "missing");
    }

    #[test]
    fn masses_fit_the_leg_and_each_other() {
        let nothing = |it: &mut Draft| (it.leg, it.gross_mass_kg, it.cargo_mass_kg) = (Some(Leg::Empty), 0, 0);
        assert_refused(nothing, "gross_mass_kg", "out_of_range");
        assert_taken(|it| it.gross_mass_kg = MAX_GROSS_MASS_KG);
        assert_refused(|it| it.gross_mass_kg = MAX_GROSS_MASS_KG + 1, "gross_mass_kg", "out_of_range");
        assert_taken(|it| it.cargo_mass_kg = 38_000);
        assert_refused(|it| it.cargo_mass_kg = 38_001, "cargo_mass_kg", "over_gross_mass");
        assert_refused(|it| it.cargo_mass_kg = 0, "cargo_mass_kg", "missing");
        assert_refused(|it| it.leg = Some(Leg::Empty), "cargo_mass_kg", "empty_leg");
        assert_taken(|it| (it.leg, it.cargo_mass_kg) = (Some(Leg::Empty), 0));
        assert_taken(|it| (it.leg, it.cargo_mass_kg) = (Some(Leg::Return), 0));
        assert_refused(|it| it.leg = None, "leg", "missing");
    }

    #[test]
    fn route_names_at_most_eight_between_its_ends() {
        assert_taken(|it| it.via = vec!["33".to_owned(); MAX_VIA]);
        assert_refused(|it| it.via = vec!["33".to_owned(); MAX_VIA + 1], "route.via", "too_many");
        assert_refused(|it| it.via.push("x".to_owned()), "route.via[1]", "digit_expected");
        assert_refused(|it| it.destination.clear(), "route.destination", "missing");
    }

    #[test]
    fn evidence_holds_at_its_bounds() {
        assert_taken(|it| it.evidence.clear());
        assert_taken(|it| it.evidence = vec![it.evidence[0].clone(); MAX_EVIDENCE]);
        assert_refused(|it| it.evidence = vec![it.evidence[0].clone(); MAX_EVIDENCE + 1], "evidence", "too_many");
        assert_refused(|it| it.evidence[0].kind = None, "evidence[0].kind", "missing");
        assert_refused(|it| it.evidence[0].issuer.clear(), "evidence[0].issuer", "missing");
        for seconds in [None, Some(0), Some(-1), Some(MAX_EVIDENCE_S + 1)] {
            assert_refused(|it| it.evidence[0].valid_for_s = seconds, "evidence[0].valid_for", "out_of_range");
        }
        assert_taken(|it| it.evidence[0].valid_for_s = Some(MAX_EVIDENCE_S));
        let future = Some(NOW + START_GRACE_S + 1);
        assert_refused(|it| it.evidence[0].taken = future, "evidence[0].taken_time", "in_the_future");
    }

    #[test]
    fn hostile_text_is_refused_and_every_problem_told() {
        let mut draft = draft();
        draft.cargo_description = "a\0b".to_owned();
        draft.evidence[0].issuer = "\u{202e}".to_owned();
        draft.tractor = "?".to_owned();
        draft.enterprise_code = String::new();
        let fields: Vec<_> = checked(&draft).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["enterprise_code", "tractor", "cargo_description", "evidence[0].issuer"]);
    }
}

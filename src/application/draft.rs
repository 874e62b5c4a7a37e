//! From what an applicant sent to a form in which every rule holds; or everything that is wrong with it, field by
//! field, as the protocol's `ApplicationForm` names them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::form::{Cargo, Evidence, EvidenceKind, Form, Leg, Route, Window};
use crate::identity::{AuthorityScope, Competence};
use crate::problem::{FieldProblem, Problems};
use crate::profile::{PaperKind, Profile, VehicleKind};
use crate::whitelist::{Category, CrewRole, Person};
use crate::words;

/// Times that a pass can carry: from 2020-01-01, up to the last second of 32 bits (formats.md, t32).
const TIME_BOUNDS: std::ops::RangeInclusive<i64> = 1_577_836_800..=4_294_967_295;
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
    pub fn crew(
        sent: &[DraftPerson],
        profile: &dyn Profile,
        today: Date,
        found: &mut Problems,
    ) -> Option<Vec<Person>> {
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
        let start = time(found, "planned_start_time", self.planned_start)?;
        let end = time(found, "planned_end_time", self.planned_end)?;
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
    if !TIME_BOUNDS.contains(&value) {
        let message = "not between 2020-01-01 and 2106-02-07; times are in seconds, not milliseconds";
        found.add(field, "time_out_of_bounds", message);
        return None;
    }
    Some(value)
}

//! From what an applicant sent to a form in which every rule holds; or everything that is wrong with it, field by
//! field, as the protocol's `ApplicationForm` names them.

mod crew;
mod evidence;
#[cfg(test)]
mod example;
mod journey;
mod load;

use jiff::Timestamp;

use super::draft::Draft;
use super::form::Form;
use crate::identity::{AuthorityScope, Competence};
use crate::problem::{FieldProblem, Problems};
use crate::profile::{Profile, VehicleKind, instant_in_bounds};

pub use crew::checked_crew;

impl Draft {
    /// Checks everything that needs no look at the registry, at the moment `at`. `competence` is what the trust list
    /// in force says.
    pub fn check(
        &self,
        profile: &dyn Profile,
        competence: &Competence,
        at: Timestamp,
    ) -> Result<Form, Vec<FieldProblem>> {
        let (now, today) = (at.as_second(), profile.day(at));
        let mut found = Problems::default();
        let authority = competence.authority(&self.authority);
        if authority.is_none() {
            found.add("authority", "unknown_authority", "the trust list in force knows no authority of this code");
        }
        let programme = authority.and_then(|authority| found.keep(self.programme(competence, authority)));
        let enterprise_code = found.field("enterprise_code", profile.enterprise_code(&self.enterprise_code));
        let tractor = found.field("tractor", profile.plate(VehicleKind::Tractor, &self.tractor));
        let trailer = match self.trailer.trim() {
            "" => None,
            plate => found.field("trailer", profile.plate(VehicleKind::Trailer, plate)),
        };
        let crew = checked_crew(&self.crew, profile, today, &mut found);
        let cargo = load::cargo(self, &mut found);
        let route = journey::route(self, profile, &mut found);
        if let (Some(route), Some(authority)) = (&route, authority)
            && !authority.covers(&route.origin, &route.destination)
        {
            found.add("authority", "out_of_scope", "neither origin nor destination lies in its division");
        }
        let planned = journey::planned(self, competence, now, &mut found);
        if let (Some(window), Some(programme), Some(authority)) = (planned, programme, authority)
            && let Some(open) = competence.programme(authority, programme)
            && !(open.from..open.until).contains(&window.start)
        {
            found.add("planned_start_time", "programme_closed", "the programme is not open at that time");
        }
        let evidence = evidence::evidence(&self.evidence, self.crew.len(), now, &mut found);
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
}

/// A time that a pass can carry.
fn moment(found: &mut Problems, field: &str, value: Option<i64>) -> Option<u32> {
    let value = found.chosen(field, value, "name the time")?;
    found.field(field, instant_in_bounds(value))
}

#[cfg(test)]
mod tests {
    use super::example::{DAY, NOW, assert_refused, assert_taken, checked, draft};
    use super::*;

    #[test]
    fn good_draft_is_normalised() {
        let form = checked(&draft()).unwrap();
        assert_eq!((form.enterprise_code.as_str(), form.tractor.as_str()), ("91350100M000100Y43", "苏E12345"));
        assert_eq!(form.trailer, None);
        assert_eq!(form.planned.end - form.planned.start, u64::try_from(DAY - 60).unwrap());
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
    fn hostile_text_is_refused_and_every_problem_told() {
        let mut draft = draft();
        draft.cargo_description = "a\0b".to_owned();
        draft.evidence[0].issuer = "\u{202e}".to_owned();
        draft.tractor = "?".to_owned();
        draft.enterprise_code = String::new();
        let fields: Vec<_> = checked(&draft).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["enterprise_code", "tractor", "cargo_description", "evidence[0].issuer"]);
    }

    #[test]
    fn unknown_authority_is_told_beside_the_other_problems() {
        let mut draft = draft();
        draft.authority = "XX".to_owned();
        draft.tractor = "?".to_owned();
        let rules: Vec<_> = checked(&draft).unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(rules, ["authority", "tractor"]);
    }
}

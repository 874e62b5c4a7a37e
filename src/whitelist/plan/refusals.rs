//! Why the list, or an earlier row of the batch, refuses a row that is good by itself.

use super::planner::Planner;
use crate::problem::FieldProblem;
use crate::whitelist::{EnterpriseState, Listing};

impl Planner<'_> {
    /// Everything for which the list refuses a row that is good by itself.
    pub(super) fn refusals(&self, row: &Listing) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, rule: &'static str, message: String| {
            problems.push(FieldProblem::new(field, rule, message));
        };
        let known = self.listed.enterprises.get(&row.code);
        if let Some(known) = known {
            if known.authority != self.authority {
                // Whose it is does not concern another authority.
                refuse(
                    "enterprise_code",
                    "owned_elsewhere",
                    "this enterprise is on the list of another authority".to_owned(),
                );
                return problems;
            }
            if known.state == EnterpriseState::Delisted {
                refuse(
                    "enterprise_code",
                    "delisted",
                    "this enterprise was taken off the list; an import does not put it back".to_owned(),
                );
            }
        }
        let waived = known.is_some_and(|known| known.code_waiver.is_some()) || self.waivers.contains_key(&row.code);
        if !row.code_checks && !waived {
            refuse(
                "enterprise_code",
                "check_digit",
                "the check digit is wrong; a genuine code can be let in with code_waiver_reason".to_owned(),
            );
        }
        if let Some(said) = self.said.get(&row.code) {
            let same = [
                ("enterprise_name", said.name == row.name),
                ("industry", said.industry == row.industry.number()),
                ("contact_name", said.contact_name == row.contact_name),
                ("contact_phone", said.contact_phone == row.contact_phone),
            ];
            for (field, _) in same.into_iter().filter(|(_, same)| !same) {
                refuse(
                    field,
                    "contradicts_earlier_row",
                    "an earlier row of this import says something else about this enterprise".to_owned(),
                );
            }
        }
        for (vehicle, field) in row.vehicles.iter().zip(["tractor", "trailer"]) {
            let kind = self.listed.vehicles.get(&(row.code.clone(), vehicle.plate.clone()));
            if kind.is_some_and(|kind| *kind != vehicle.kind) {
                refuse(field, "vehicle_kind", "this plate is on the list as the other kind of vehicle".to_owned());
            }
        }
        for (at, person) in row.people.iter().enumerate() {
            let Some((name, mobile)) = self.named.get(&(row.code.clone(), person.paper.clone())) else {
                continue;
            };
            if *name != person.name {
                refuse(
                    &format!("crew[{at}].name"),
                    "contradicts_earlier_row",
                    "an earlier row of this import gives this paper another name".to_owned(),
                );
            }
            if mobile.is_some() && person.mobile.is_some() && *mobile != person.mobile {
                refuse(
                    &format!("crew[{at}].mobile"),
                    "contradicts_earlier_row",
                    "an earlier row of this import gives this person another mobile number".to_owned(),
                );
            }
        }
        problems
    }
}

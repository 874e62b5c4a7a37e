//! What the truck carries and weighs.

use crate::application::{Cargo, Draft, Leg};
use crate::problem::Problems;
use crate::words;

/// The heaviest combination that is no slip: heavy transports stay below a thousand tonnes.
const MAX_GROSS_MASS_KG: u32 = 1_000_000;
/// Bytes of a description.
const MAX_DESCRIPTION_BYTES: usize = 200;

/// The cargo: described, and of a mass that fits the leg and the whole combination.
pub(super) fn cargo(draft: &Draft, found: &mut Problems) -> Option<Cargo> {
    let category = found.chosen("cargo_category", draft.cargo_category, "name the category of the cargo");
    let description = found.keep(words::required("cargo_description", &draft.cargo_description, MAX_DESCRIPTION_BYTES));
    if draft.gross_mass_kg == 0 || draft.gross_mass_kg > MAX_GROSS_MASS_KG {
        found.add("gross_mass_kg", "out_of_range", format!("1 to {MAX_GROSS_MASS_KG} kg are allowed"));
    }
    match draft.leg {
        Some(Leg::Empty) if draft.cargo_mass_kg > 0 => {
            found.add("cargo_mass_kg", "empty_leg", "an empty truck carries 0 kg");
        }
        Some(Leg::Loaded) if draft.cargo_mass_kg == 0 => {
            found.add("cargo_mass_kg", "missing", "a loaded truck carries at least 1 kg");
        }
        _ if draft.cargo_mass_kg > draft.gross_mass_kg => {
            found.add("cargo_mass_kg", "over_gross_mass", "the cargo cannot weigh more than the whole combination");
        }
        _ => {}
    }
    Some(Cargo { category: category?, description: description?, mass_kg: draft.cargo_mass_kg })
}

#[cfg(test)]
mod tests {
    use super::MAX_GROSS_MASS_KG;
    use crate::application::check::example::{assert_refused, assert_taken};
    use crate::application::{Draft, Leg};

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
}

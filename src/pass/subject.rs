//! What was approved, as a pass says it.

use freightpass_core::pass::{CargoCategory, Crew, CrewRole as Role, Enterprise, Leg as PassLeg, Subject};

use crate::application::{EnterpriseRef, Leg};
use crate::approval::{Approved, PassCrew};
use crate::profile::Profile;
use crate::whitelist::CrewRole;

/// Who and what may pass, as it was approved.
pub(super) fn subject(approved: &Approved, profile: &dyn Profile) -> Subject {
    Subject {
        programme: approved.programme(),
        tractor: approved.tractor().to_owned(),
        trailer: approved.trailer().map(str::to_owned),
        crew: crew(approved),
        route: approved.divisions().to_vec(),
        leg: match approved.leg() {
            Leg::Loaded => PassLeg::Loaded,
            Leg::Empty => PassLeg::Empty,
            Leg::Return => PassLeg::Return,
        },
        cargo: CargoCategory(approved.category().number()),
        enterprise: Some(enterprise(approved.enterprise(), profile)),
    }
}

/// By its code where a pass can carry that; by its number where the code was let in with a wrong check digit: a
/// reader computes the digit, and would name another code.
fn enterprise(enterprise: &EnterpriseRef, profile: &dyn Profile) -> Enterprise {
    match profile.pack_enterprise_code(&enterprise.code) {
        Some(code) if !enterprise.code_waived => Enterprise::Code(code),
        _ => Enterprise::Number(enterprise.number),
    }
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
    use super::*;
    use crate::pass::example::Case;
    use crate::profile::cn::Cn;

    #[test]
    fn enterprise_is_named_by_its_code_unless_a_reader_would_name_another() {
        let named = |code, waived| Case { code, waived, ..Case::default() }.plan().unwrap().claims.subject.enterprise;
        let packed = Cn.pack_enterprise_code("91350100M000100Y43").unwrap();
        assert_eq!(named("91350100M000100Y43", false), Some(Enterprise::Code(packed)));
        assert_eq!(named("91350100M000100Y43", true), Some(Enterprise::Number(9)));
        assert_eq!(named("91350100M000100Y44", false), Some(Enterprise::Number(9)));
    }
}

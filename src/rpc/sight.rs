//! From the officer to what the officer sees, by the trust list in force and the county offices of the configuration.

use std::sync::Arc;

use freightpass_core::division::{Code, Division};

use crate::config::Office;
use crate::identity::{Competences, Officer, Sight};

/// Finds the sight of officers.
#[derive(Clone)]
pub struct Sights {
    competences: Arc<dyn Competences>,
    offices: Arc<[Office]>,
}

impl Sights {
    /// By these competences and offices.
    pub fn new(competences: Arc<dyn Competences>, offices: Vec<Office>) -> Self {
        Self { competences, offices: offices.into() }
    }

    /// What the officer sees. A body that neither the trust list nor the configuration names sees nothing.
    pub fn of(&self, officer: &Officer) -> Sight {
        if officer.is_applicant() {
            return Sight::Enterprise { code: officer.body.clone() };
        }
        let competence = self.competences.current();
        if let Some(own) = competence.authority(&officer.body) {
            let inside = |code: &str, division: &str| {
                code == own.code || own.division.is_empty() || contains(&own.division, division)
            };
            let authorities = competence
                .authorities
                .iter()
                .filter(|other| inside(&other.code, &other.division))
                .map(|other| other.code.clone());
            let offices = self
                .offices
                .iter()
                .filter(|office| inside(&office.code, &office.division))
                .map(|office| office.code.clone());
            return Sight::Bodies(authorities.chain(offices).collect());
        }
        match self.offices.iter().find(|office| office.code == officer.body) {
            Some(office) => Sight::County { division: office.division.clone() },
            None => Sight::Bodies(Vec::new()),
        }
    }
}

/// Whether `inner` lies in `outer`; an empty one is everywhere, and lies nowhere.
fn contains(outer: &str, inner: &str) -> bool {
    match (division(outer), division(inner)) {
        (Some(outer), Some(inner)) => outer.contains(&inner),
        _ => false,
    }
}

fn division(text: &str) -> Option<Division> {
    if text.is_empty() {
        return None;
    }
    match text.parse::<u32>() {
        Ok(code) => Code::new(code).map(Division::Code),
        Err(_) => Some(Division::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{AuthorityScope, Competence, Role};

    struct Fixed(Arc<Competence>);

    impl Competences for Fixed {
        fn current(&self) -> Arc<Competence> {
            Arc::clone(&self.0)
        }
    }

    fn sights() -> Sights {
        let authority = |code: &str, division: &str| AuthorityScope {
            code: code.into(),
            number: 1,
            level: 2,
            division: division.into(),
            programmes: Vec::new(),
        };
        let competence = Competence {
            authorities: vec![
                authority("CN", ""),
                authority("CN-32", "32"),
                authority("CN-3205", "3205"),
                authority("CN-3301", "3301"),
            ],
            ..Competence::default()
        };
        Sights::new(
            Arc::new(Fixed(Arc::new(competence))),
            vec![Office { code: "CN-320583".into(), name: "昆山市".into(), division: "320583".into() }],
        )
    }

    fn sight(body: &str, role: Role) -> Sight {
        sights().of(&Officer { body: body.into(), name: "a".into(), roles: vec![role] })
    }

    #[test]
    fn an_authority_sees_itself_and_what_lies_in_its_division() {
        let bodies = |body| match sight(body, Role::Auditor) {
            Sight::Bodies(bodies) => bodies.join(" "),
            other => panic!("{other:?}"),
        };
        assert_eq!(bodies("CN"), "CN CN-32 CN-3205 CN-3301 CN-320583");
        assert_eq!(bodies("CN-32"), "CN-32 CN-3205 CN-320583");
        assert_eq!(bodies("CN-3205"), "CN-3205 CN-320583");
        assert_eq!(bodies("CN-3301"), "CN-3301");
        assert_eq!(bodies("CN-99"), "");
    }

    #[test]
    fn a_county_sees_its_division_and_an_applicant_its_enterprise() {
        assert_eq!(sight("CN-320583", Role::Recommender), Sight::County { division: "320583".into() });
        // Even where an enterprise is called like an authority.
        assert_eq!(sight("CN-32", Role::Applicant), Sight::Enterprise { code: "CN-32".into() });
    }
}

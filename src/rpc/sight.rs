//! From the officer to what the officer sees, by the trust list in force and the county offices of the configuration.

use std::sync::Arc;

use freightpass_core::division::Division;

use crate::arrival::ArrivalSight;
use crate::identity::{Competences, Officer, Sight};

/// Finds the sight of officers.
#[derive(Clone)]
pub struct Sights {
    competences: Arc<dyn Competences>,
    offices: Arc<[CountyOffice]>,
}

/// A county office: it recommends, and signs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyOffice {
    /// The body in its officers' certificates.
    pub code: String,
    /// The division for which it speaks.
    pub division: Division,
}

impl Sights {
    /// By these competences and offices.
    pub fn new(competences: Arc<dyn Competences>, offices: Vec<CountyOffice>) -> Self {
        Self { competences, offices: offices.into() }
    }

    /// What the officer sees. A body that neither the trust list nor the configuration names sees nothing.
    pub fn of(&self, officer: &Officer) -> Sight {
        if officer.is_applicant() {
            return Sight::Enterprise { code: officer.body.clone() };
        }
        let competence = self.competences.current();
        if let Some(own) = competence.authority(&officer.body) {
            let Some(division) = &own.division else { return Sight::All };
            let inside = |inner: &Option<Division>| inner.as_ref().is_some_and(|inner| division.contains(inner));
            let authorities = competence
                .authorities
                .iter()
                .filter(|other| other.code == own.code || inside(&other.division))
                .map(|other| &other.code);
            let former = competence.former.iter().filter(|other| inside(&other.division)).map(|other| &other.code);
            let offices =
                self.offices.iter().filter(|office| division.contains(&office.division)).map(|office| &office.code);
            return Sight::Bodies(authorities.chain(former).chain(offices).cloned().collect());
        }
        match self.county(officer) {
            Some(division) => Sight::County { division: division.to_string() },
            None => Sight::Bodies(Vec::new()),
        }
    }

    /// Whose arrivals the officer sees: those of the passes that the officer sees anyway, and those to the division of the
    /// officer's authority or county office.
    pub fn arrivals(&self, officer: &Officer) -> ArrivalSight {
        let own = self.of(officer);
        let destination = match own {
            Sight::All | Sight::Enterprise { .. } => None,
            Sight::County { .. } => self.county(officer).cloned(),
            Sight::Bodies(_) => {
                let competence = self.competences.current();
                competence.authority(&officer.body).and_then(|authority| authority.division.clone())
            }
        };
        ArrivalSight { own, destination }
    }

    /// What an authority sees: itself and the bodies inside its division; of one that was removed, itself. None for a
    /// code that no trust list named.
    pub fn of_authority(&self, code: &str) -> Option<Sight> {
        let competence = self.competences.current();
        if competence.authority(code).is_some() {
            return Some(self.of(&Officer { body: code.to_owned(), name: String::new(), roles: Vec::new() }));
        }
        let former = competence.former.iter().any(|former| former.code == code);
        former.then(|| Sight::Bodies(vec![code.to_owned()]))
    }

    /// Whether the officer's body decides about anything: an authority of the list in force does. To the officers of one
    /// that was removed since, what it had to decide is not there, as everything else of it.
    pub fn decides(&self, officer: &Officer) -> bool {
        self.competences.current().authority(&officer.body).is_some()
    }

    /// The county for which the officer speaks, if the body is a county office.
    pub fn county(&self, officer: &Officer) -> Option<&Division> {
        self.offices.iter().find(|office| office.code == officer.body).map(|office| &office.division)
    }
}

#[cfg(test)]
mod tests {
    use freightpass_core::division::Code;

    use super::*;
    use crate::identity::{AuthorityScope, Competence, FormerAuthority, Role};

    struct Fixed(Arc<Competence>);

    impl Competences for Fixed {
        fn current(&self) -> Arc<Competence> {
            Arc::clone(&self.0)
        }
    }

    fn division(code: u32) -> Division {
        Division::Code(Code::new(code).unwrap())
    }

    fn sights() -> Sights {
        let authority = |code: &str, at: Option<u32>| AuthorityScope {
            code: code.into(),
            number: 1,
            level: 2,
            division: at.map(division),
            programmes: Vec::new(),
        };
        let competence = Competence {
            authorities: vec![
                authority("CN", None),
                authority("CN-32", Some(32)),
                authority("CN-3205", Some(3205)),
                authority("CN-3301", Some(3301)),
            ],
            former: vec![
                FormerAuthority { code: "CN-3206".into(), division: Some(division(3206)) },
                FormerAuthority { code: "CN-330".into(), division: None },
            ],
            ..Competence::default()
        };
        Sights::new(
            Arc::new(Fixed(Arc::new(competence))),
            vec![CountyOffice { code: "CN-320583".into(), division: division(320_583) }],
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
        assert_eq!(sight("CN", Role::Auditor), Sight::All);
        // What was removed since is still there for those above it, and not for itself.
        assert_eq!(bodies("CN-32"), "CN-32 CN-3205 CN-3206 CN-320583");
        assert_eq!(bodies("CN-3206"), "");
        assert_eq!(bodies("CN-330"), "");
        assert_eq!(bodies("CN-3205"), "CN-3205 CN-320583");
        assert_eq!(bodies("CN-3301"), "CN-3301");
        assert_eq!(bodies("CN-99"), "");
        let decides = |body: &str| {
            sights().decides(&Officer { body: body.into(), name: "a".into(), roles: vec![Role::Approver] })
        };
        assert!(decides("CN") && decides("CN-3205"));
        assert!(!decides("CN-3206") && !decides("CN-320583") && !decides("CN-99"));
    }

    #[test]
    fn arrivals_are_seen_by_whoever_waits_at_the_destination() {
        let arrivals = |body: &str, role| {
            let officer = Officer { body: body.into(), name: "a".into(), roles: vec![role] };
            sights().arrivals(&officer).destination.map(|division| division.to_string()).unwrap_or_default()
        };
        assert_eq!(arrivals("CN-32", Role::Approver), "32");
        assert_eq!(arrivals("CN-320583", Role::Recommender), "320583");
        // Everything is seen anyway; an enterprise sees its own; a removed authority and a stranger wait nowhere.
        for (body, role) in
            [("CN", Role::Approver), ("CN-32", Role::Applicant), ("CN-3206", Role::Approver), ("CN-99", Role::Approver)]
        {
            assert_eq!(arrivals(body, role), "", "{body}");
        }
    }

    #[test]
    fn an_authority_is_reported_with_what_lies_in_its_division() {
        let bodies = |code: &str| match sights().of_authority(code) {
            Some(Sight::Bodies(bodies)) => bodies.join(" "),
            Some(other) => format!("{other:?}"),
            None => "-".to_owned(),
        };
        assert_eq!(bodies("CN"), "All");
        assert_eq!(bodies("CN-3205"), "CN-3205 CN-320583");
        assert_eq!(bodies("CN-3206"), "CN-3206");
        assert_eq!((bodies("CN-320583"), bodies("CN-99")), ("-".to_owned(), "-".to_owned()));
    }

    #[test]
    fn a_county_sees_its_division_and_an_applicant_its_enterprise() {
        assert_eq!(sight("CN-320583", Role::Recommender), Sight::County { division: "320583".into() });
        // Even where an enterprise is called like an authority.
        assert_eq!(sight("CN-32", Role::Applicant), Sight::Enterprise { code: "CN-32".into() });
    }
}

//! Taking rows one by one: what each adds to the list as the rows before it have left it, and what of that is written.

use std::collections::{BTreeSet, HashMap};

use super::{Details, EnterpriseWrite, Listed, Plan, PlannedRow};
use crate::profile::Paper;
use crate::whitelist::{CheckedRow, Enterprise, Listing, Outcome, Person, RowResult};

/// The list as the rows so far leave it, and the plan so far.
pub(super) struct Planner<'a> {
    pub(super) authority: &'a str,
    /// The list as the rows so far leave it.
    pub(super) listed: Listed,
    /// The first reason that a row of the batch gives for letting a code in. It holds for the rows before it too:
    /// otherwise they would be refused now and taken at the next import.
    pub(super) waivers: HashMap<String, String>,
    /// What the batch has said about each enterprise.
    pub(super) said: HashMap<String, Details>,
    /// What the batch has said about each person.
    pub(super) named: HashMap<(String, Paper), (String, Option<String>)>,
    plan: Plan,
    /// People to write: only their last form counts.
    to_write: BTreeSet<(String, Paper)>,
}

impl<'a> Planner<'a> {
    /// No row taken yet of `rows`, which an officer of `authority` imports.
    pub(super) fn new(listed: Listed, authority: &'a str, rows: &[CheckedRow]) -> Self {
        let mut waivers = HashMap::new();
        for listing in rows.iter().filter_map(|row| row.listing.as_ref().ok()) {
            if let Some(reason) = &listing.waiver {
                waivers.entry(listing.code.clone()).or_insert_with(|| reason.clone());
            }
        }
        Self {
            authority,
            listed,
            waivers,
            said: HashMap::new(),
            named: HashMap::new(),
            plan: Plan::default(),
            to_write: BTreeSet::new(),
        }
    }

    /// Plans the next row.
    pub(super) fn take(&mut self, row: CheckedRow) {
        let line = row.line;
        let planned = row.listing.and_then(|listing| {
            let problems = self.refusals(&listing);
            if problems.is_empty() { Ok(listing) } else { Err(problems) }
        });
        let planned = match planned {
            Ok(listing) => {
                let enterprise = self.listed.enterprises.get(&listing.code).map(|known| known.number);
                let code = listing.code.clone();
                PlannedRow {
                    result: RowResult { line, outcome: self.take_listing(listing), enterprise, problems: Vec::new() },
                    code: Some(code),
                }
            }
            Err(problems) => PlannedRow {
                result: RowResult { line, outcome: Outcome::Refused, enterprise: None, problems },
                code: None,
            },
        };
        self.plan.results.push(planned);
    }

    /// The plan for all the rows.
    pub(super) fn finish(mut self) -> Plan {
        for key in self.to_write {
            if let Some(person) = self.listed.people.remove(&key) {
                self.plan.people.push((key.0, person));
            }
        }
        self.plan
    }

    /// Takes a row that nothing is wrong with.
    fn take_listing(&mut self, row: Listing) -> Outcome {
        let code = row.code.clone();
        let mut outcome = self.take_enterprise(&row);
        for vehicle in row.vehicles {
            let key = (code.clone(), vehicle.plate.clone());
            if self.listed.vehicles.insert(key, vehicle.kind).is_none() {
                self.write(&code).new_vehicles += 1;
                self.plan.vehicles.push((code.clone(), vehicle.plate, vehicle.kind));
                outcome = outcome.with(Outcome::New);
            }
        }
        for person in row.people {
            outcome = outcome.with(self.take_person(&code, person));
        }
        outcome
    }

    fn take_enterprise(&mut self, row: &Listing) -> Outcome {
        let known = self.listed.enterprises.get(&row.code);
        let details = Details {
            name: row.name.clone(),
            industry: row.industry.number(),
            contact_name: row.contact_name.clone(),
            contact_phone: row.contact_phone.clone(),
            // The first reason stands: a later one for the same code says nothing new, and a right code needs none.
            waiver: if row.code_checks {
                None
            } else {
                known.and_then(|known| known.code_waiver.clone()).or_else(|| self.waivers.get(&row.code).cloned())
            },
        };
        let outcome = match (self.said.get(&row.code), known) {
            (Some(_), _) => Outcome::Same,
            (None, None) => Outcome::New,
            (None, Some(known)) if is_as_listed(&details, known) => Outcome::Same,
            (None, Some(_)) => Outcome::Changed,
        };
        if outcome != Outcome::Same {
            let write = self.write(&row.code);
            write.new = outcome == Outcome::New;
            write.details = Some(details.clone());
        }
        self.said.entry(row.code.clone()).or_insert(details);
        outcome
    }

    fn take_person(&mut self, code: &str, person: Person) -> Outcome {
        let key = (code.to_owned(), person.paper.clone());
        let named = self.named.entry(key.clone()).or_insert_with(|| (person.name.clone(), None));
        named.1 = named.1.take().or_else(|| person.mobile.clone());
        let Some(known) = self.listed.people.get(&key) else {
            self.listed.people.insert(key.clone(), person);
            self.write(code).new_people += 1;
            self.to_write.insert(key);
            return Outcome::New;
        };
        let joined = Person {
            name: person.name,
            paper: person.paper,
            // An empty cell says nothing about the number that is on the list.
            mobile: person.mobile.or_else(|| known.mobile.clone()),
            role: known.role.joined(person.role),
        };
        if joined == *known {
            return Outcome::Same;
        }
        self.listed.people.insert(key.clone(), joined);
        // A person whom this batch has added already is written once, in its last form.
        if self.to_write.insert(key) {
            self.write(code).changed_people += 1;
        }
        Outcome::Changed
    }

    fn write(&mut self, code: &str) -> &mut EnterpriseWrite {
        self.plan.enterprises.entry(code.to_owned()).or_insert_with(|| EnterpriseWrite {
            new: false,
            details: None,
            new_vehicles: 0,
            new_people: 0,
            changed_people: 0,
        })
    }
}

fn is_as_listed(details: &Details, known: &Enterprise) -> bool {
    details.name == known.name
        && details.industry == known.industry.number()
        && details.contact_name == known.contact_name
        && details.contact_phone == known.contact_phone
        && details.waiver == known.code_waiver
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::profile::{PaperKind, VehicleKind};
    use crate::whitelist::{Category, CrewRole, EnterpriseState, Vehicle};

    const OWN: &str = "CN-3205";

    /// Carries a plan out on a list in memory.
    fn carry_out(mut listed: Listed, authority: &str, plan: &Plan) -> Listed {
        for (code, write) in &plan.enterprises {
            let known = listed.enterprises.remove(code);
            assert_eq!(write.new, known.is_none(), "{code}");
            let mut enterprise = known.unwrap_or_else(|| enterprise(code, authority));
            if let Some(details) = &write.details {
                enterprise.name = details.name.clone();
                enterprise.industry = Category::by_number(details.industry).unwrap();
                enterprise.contact_name = details.contact_name.clone();
                enterprise.contact_phone = details.contact_phone.clone();
                enterprise.code_waiver = details.waiver.clone();
            }
            listed.enterprises.insert(code.clone(), enterprise);
        }
        for (code, plate, kind) in &plan.vehicles {
            let twice = listed.vehicles.insert((code.clone(), plate.clone()), *kind);
            assert_eq!(twice, None, "a vehicle is added once");
        }
        let mut written = BTreeSet::new();
        for (code, person) in &plan.people {
            let key = (code.clone(), person.paper.clone());
            assert!(written.insert(key.clone()), "a person is written once");
            listed.people.insert(key, person.clone());
        }
        listed
    }

    fn copy(listed: &Listed) -> Listed {
        Listed {
            enterprises: listed.enterprises.clone(),
            vehicles: listed.vehicles.clone(),
            people: listed.people.clone(),
        }
    }

    fn enterprise(code: &str, authority: &str) -> Enterprise {
        Enterprise {
            number: 1,
            code: code.to_owned(),
            code_waiver: None,
            name: String::new(),
            authority: authority.to_owned(),
            industry: Category::Food,
            contact_name: String::new(),
            contact_phone: String::new(),
            state: EnterpriseState::Listed,
            version: 1,
            listed_at: Timestamp::UNIX_EPOCH,
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// Rows over few values, so that they meet each other.
    fn rows() -> impl Strategy<Value = Vec<CheckedRow>> {
        let person = (0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8).prop_map(|(paper, name, mobile, role)| Person {
            name: format!("name {}", name / 2),
            paper: Paper { kind: PaperKind::IdentityCard, number: paper.to_string() },
            mobile: (mobile > 0).then(|| mobile.to_string()),
            role: [CrewRole::Driver, CrewRole::ReliefDriver, CrewRole::Passenger][usize::from(role)],
        });
        let vehicle = (0..3_u8, any::<bool>()).prop_map(|(plate, tractor)| Vehicle {
            plate: plate.to_string(),
            kind: if tractor { VehicleKind::Tractor } else { VehicleKind::Trailer },
        });
        let listing = (
            0..3_u8,
            prop::option::weighted(0.3, 0..2_u8),
            0..4_u8,
            prop::collection::vec(vehicle, 0..2),
            prop::collection::vec(person, 0..3),
        );
        let row = listing.prop_map(|(code, waiver, name, vehicles, mut people)| {
            let mut papers = BTreeSet::new();
            people.retain(|person| papers.insert(person.paper.clone()));
            CheckedRow {
                line: 1,
                listing: Ok(Listing {
                    code: code.to_string(),
                    // A check digit belongs to the code.
                    code_checks: code > 0,
                    waiver: waiver.map(|reason| format!("reason {reason}")),
                    name: format!("enterprise {}", name / 3),
                    industry: Category::Medicine,
                    contact_name: "Li".to_owned(),
                    contact_phone: "1".to_owned(),
                    vehicles,
                    people,
                }),
            }
        });
        prop::collection::vec(row, 0..12)
    }

    proptest! {
        #[test]
        fn second_import_of_the_same_rows_writes_nothing(before in rows(), rows in rows()) {
            let plan = Plan::make(Listed::default(), OWN, before);
            let listed = carry_out(Listed::default(), OWN, &plan);
            let first = Plan::make(copy(&listed), OWN, rows.clone());
            let listed = carry_out(listed, OWN, &first);
            let second = Plan::make(copy(&listed), OWN, rows);
            prop_assert!(second.enterprises.is_empty());
            prop_assert!(second.vehicles.is_empty());
            prop_assert!(second.people.is_empty());
            for (one, two) in first.results.iter().zip(&second.results) {
                match one.result.outcome {
                    Outcome::Refused => prop_assert_eq!(two.result.outcome, Outcome::Refused),
                    _ => prop_assert_eq!(two.result.outcome, Outcome::Same),
                }
            }
        }

        #[test]
        fn row_is_new_or_changed_exactly_when_something_is_written(rows in rows()) {
            let count = rows.len();
            let plan = Plan::make(Listed::default(), OWN, rows);
            prop_assert_eq!(plan.results.len(), count);
            let touched: BTreeSet<_> = plan
                .results
                .iter()
                .filter(|row| matches!(row.result.outcome, Outcome::New | Outcome::Changed))
                .filter_map(|row| row.code.as_ref())
                .collect();
            prop_assert_eq!(touched, plan.enterprises.keys().collect::<BTreeSet<_>>());
            for row in &plan.results {
                prop_assert_eq!(row.result.outcome == Outcome::Refused, !row.result.problems.is_empty());
                prop_assert_eq!(row.result.outcome == Outcome::Refused, row.code.is_none());
            }
        }

        #[test]
        fn another_authority_writes_nothing_to_what_is_owned(rows in rows()) {
            let plan = Plan::make(Listed::default(), OWN, rows.clone());
            let listed = carry_out(Listed::default(), OWN, &plan);
            let owned: BTreeSet<_> = listed.enterprises.keys().cloned().collect();
            let other = Plan::make(listed, "CN-3301", rows);
            prop_assert!(other.enterprises.keys().all(|code| !owned.contains(code)));
        }
    }
}

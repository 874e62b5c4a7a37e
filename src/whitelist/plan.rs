//! What an import does, decided before anything is written. The dry run and the import take the same plan, so that
//! they cannot differ.
//!
//! Rows are looked at in their order, each against the list as the rows before it have left it. A row that
//! contradicts an earlier row of its batch is refused and not written over it: otherwise two such rows would change
//! the list at every import for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::enterprise::{Enterprise, EnterpriseState};
use super::person::Person;
use super::rows::{CheckedRow, Listing, Outcome, RowResult};
use crate::problem::FieldProblem;
use crate::profile::{Paper, VehicleKind};

/// What the registry holds about the codes of a batch.
#[derive(Debug, Default)]
pub struct Listed {
    /// Enterprises by code.
    pub enterprises: HashMap<String, Enterprise>,
    /// Kinds of the vehicles that the batch names, by enterprise code and plate.
    pub vehicles: HashMap<(String, String), VehicleKind>,
    /// The people whom the batch names, by enterprise code and paper.
    pub people: HashMap<(String, Paper), Person>,
}

/// What an import of a batch does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The result of each row; a new enterprise has no number yet.
    pub results: Vec<PlannedRow>,
    /// Enterprises to write, by code.
    pub enterprises: BTreeMap<String, EnterpriseWrite>,
    /// Vehicles to add.
    pub vehicles: Vec<(String, String, VehicleKind)>,
    /// People to add or to change, with the code of their enterprise.
    pub people: Vec<(String, Person)>,
}

/// The result of one row, and the code by which the number of its enterprise is found after the writing.
#[derive(Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The result.
    pub result: RowResult,
    /// The enterprise's code; none for a refused row.
    pub code: Option<String>,
}

/// How an enterprise is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnterpriseWrite {
    /// Whether it is new; otherwise its version rises.
    pub new: bool,
    /// Its details as the batch leaves them; none if only its vehicles or people change.
    pub details: Option<Details>,
    /// Vehicles that the batch adds.
    pub new_vehicles: u32,
    /// People whom the batch adds.
    pub new_people: u32,
    /// People of whom the batch changes something.
    pub changed_people: u32,
}

/// What an import says about an enterprise itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Name.
    pub name: String,
    /// Number of the key industry.
    pub industry: u8,
    /// Person to call.
    pub contact_name: String,
    /// Phone of that person.
    pub contact_phone: String,
    /// Why a wrong check digit is let in.
    pub waiver: Option<String>,
}

impl Plan {
    /// The plan for `rows`, imported by an officer of `authority` into the list that `listed` tells of.
    pub fn make(listed: Listed, authority: &str, rows: Vec<CheckedRow>) -> Plan {
        let mut waivers = HashMap::new();
        for listing in rows.iter().filter_map(|row| row.listing.as_ref().ok()) {
            if let Some(reason) = &listing.waiver {
                waivers.entry(listing.code.clone()).or_insert_with(|| reason.clone());
            }
        }
        let mut planner = Planner {
            authority,
            listed,
            waivers,
            said: HashMap::new(),
            named: HashMap::new(),
            plan: Plan::default(),
            to_write: BTreeSet::new(),
        };
        for row in rows {
            let planned = planner.row(row);
            planner.plan.results.push(planned);
        }
        planner.finish()
    }
}

struct Planner<'a> {
    authority: &'a str,
    /// The list as the rows so far leave it.
    listed: Listed,
    /// The first reason that a row of the batch gives for letting a code in. It holds for the rows before it too:
    /// otherwise they would be refused now and taken at the next import.
    waivers: HashMap<String, String>,
    /// What the batch has said about each enterprise.
    said: HashMap<String, Details>,
    /// What the batch has said about each person.
    named: HashMap<(String, Paper), (String, Option<String>)>,
    plan: Plan,
    /// People to write: only their last form counts.
    to_write: BTreeSet<(String, Paper)>,
}

impl Planner<'_> {
    fn row(&mut self, row: CheckedRow) -> PlannedRow {
        let line = row.line;
        let planned = row.listing.and_then(|listing| {
            let problems = self.problems(&listing);
            if problems.is_empty() { Ok(listing) } else { Err(problems) }
        });
        match planned {
            Ok(listing) => {
                let enterprise = self.listed.enterprises.get(&listing.code).map(|known| known.number);
                let code = listing.code.clone();
                PlannedRow {
                    result: RowResult { line, outcome: self.take(listing), enterprise, problems: Vec::new() },
                    code: Some(code),
                }
            }
            Err(problems) => PlannedRow {
                result: RowResult { line, outcome: Outcome::Refused, enterprise: None, problems },
                code: None,
            },
        }
    }

    /// Everything for which the list refuses a row that is good by itself.
    fn problems(&self, row: &Listing) -> Vec<FieldProblem> {
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

    /// Takes a row that nothing is wrong with.
    fn take(&mut self, row: Listing) -> Outcome {
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

    fn finish(mut self) -> Plan {
        for key in self.to_write {
            if let Some(person) = self.listed.people.remove(&key) {
                self.plan.people.push((key.0, person));
            }
        }
        self.plan
    }
}

fn is_as_listed(details: &Details, known: &Enterprise) -> bool {
    details.name == known.name
        && details.industry == known.industry.number()
        && details.contact_name == known.contact_name
        && details.contact_phone == known.contact_phone
        && details.waiver == known.code_waiver
}

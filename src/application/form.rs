//! What an application says once every rule holds: the truck, the people, the cargo, the route, the time.

use freightpass_core::division::{Code, Division};
use serde::{Deserialize, Serialize};

use crate::whitelist::{Category, Person};

/// What an enterprise asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Code of the authority that it goes to.
    pub authority: String,
    /// Number of the programme.
    pub programme: u16,
    /// Code of the enterprise.
    pub enterprise_code: String,
    /// Plate of the tractor, normalised.
    pub tractor: String,
    /// Plate of the trailer, normalised.
    pub trailer: Option<String>,
    /// Mass of the whole combination, in kilograms.
    pub gross_mass_kg: u32,
    /// The driver, then at most two others.
    pub crew: Vec<Person>,
    /// What is carried.
    pub cargo: Cargo,
    /// From where to where.
    pub route: Route,
    /// Loaded, empty or return.
    pub leg: Leg,
    /// When the journey may begin and must end, as the driver proposes.
    pub planned: Window,
    /// Papers that come with it.
    pub evidence: Vec<Evidence>,
}

/// What a truck carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cargo {
    /// Its category; of what is fetched or was delivered, where the truck is empty.
    pub category: Category,
    /// What it is, in words.
    pub description: String,
    /// Its mass in kilograms; 0 where the leg is empty.
    pub mass_kg: u32,
}

/// From where to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where the journey begins.
    pub origin: Division,
    /// Where it ends.
    pub destination: Division,
    /// Divisions in between that stand in the pass.
    pub via: Vec<Division>,
}

impl Route {
    /// Origin, destination, via: the order of claim 4 of a pass's body.
    pub fn divisions(&self) -> Vec<Division> {
        let ends = [self.origin.clone(), self.destination.clone()];
        ends.into_iter().chain(self.via.iter().cloned()).collect()
    }

    /// The route from divisions in that order, as the registry spells them; none if they are no route.
    pub fn of_stored(divisions: &[String]) -> Option<Self> {
        let mut divisions = divisions.iter().map(|text| stored_division(text));
        let (origin, destination) = (divisions.next()??, divisions.next()??);
        Some(Self { origin, destination, via: divisions.collect::<Option<_>>()? })
    }
}

/// A half-open time, `start <= t < end`, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The first second.
    pub start: u64,
    /// The first second after it.
    pub end: u64,
}

impl Window {
    /// Whether `inner` lies in this window.
    pub fn contains(&self, inner: Window) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

/// What the truck carries on this leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Carries the cargo.
    Loaded,
    /// Drives empty to where it loads.
    Empty,
    /// Returns.
    Return,
}

impl Leg {
    /// Its number in the registry and in a pass, where 0 is said by absence.
    pub const fn number(self) -> u8 {
        match self {
            Leg::Loaded => 0,
            Leg::Empty => 1,
            Leg::Return => 2,
        }
    }

    /// The leg of that number.
    pub fn by_number(number: i64) -> Option<Leg> {
        match number {
            0 => Some(Leg::Loaded),
            1 => Some(Leg::Empty),
            2 => Some(Leg::Return),
            _ => None,
        }
    }
}

/// One paper that comes with an application: what it says, not the paper itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// When it was taken or signed, in seconds since 1970.
    pub taken: u64,
    /// For how long it counts, in seconds.
    pub valid_for_s: u32,
    /// Who made it.
    pub issuer: String,
    /// Whom it is about, the driver is 1; 0: the vehicle, the cargo, or one person without another such
    /// paper.
    pub person: u8,
}

/// The kind of a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Nucleic acid test.
    NucleicAcidTest,
    /// Antigen test.
    AntigenTest,
    /// Vaccination.
    Vaccination,
    /// Health code.
    HealthCode,
    /// Communication itinerary card.
    ItineraryCard,
    /// Waybill, purchase order or dispatch order.
    Waybill,
    /// Transport or work permit of the vehicle or the driver.
    Licence,
    /// Anything else.
    Other,
}

impl EvidenceKind {
    /// Every kind, by number.
    pub const ALL: [EvidenceKind; 8] = [
        EvidenceKind::NucleicAcidTest,
        EvidenceKind::AntigenTest,
        EvidenceKind::Vaccination,
        EvidenceKind::HealthCode,
        EvidenceKind::ItineraryCard,
        EvidenceKind::Waybill,
        EvidenceKind::Licence,
        EvidenceKind::Other,
    ];

    /// Its number in proto.
    pub const fn number(self) -> u8 {
        match self {
            EvidenceKind::NucleicAcidTest => 1,
            EvidenceKind::AntigenTest => 2,
            EvidenceKind::Vaccination => 3,
            EvidenceKind::HealthCode => 4,
            EvidenceKind::ItineraryCard => 5,
            EvidenceKind::Waybill => 6,
            EvidenceKind::Licence => 7,
            EvidenceKind::Other => 255,
        }
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            EvidenceKind::NucleicAcidTest => "nucleic_acid_test",
            EvidenceKind::AntigenTest => "antigen_test",
            EvidenceKind::Vaccination => "vaccination",
            EvidenceKind::HealthCode => "health_code",
            EvidenceKind::ItineraryCard => "itinerary_card",
            EvidenceKind::Waybill => "waybill",
            EvidenceKind::Licence => "licence",
            EvidenceKind::Other => "other",
        }
    }

    /// The kind of that number.
    pub fn by_number(number: i64) -> Option<EvidenceKind> {
        EvidenceKind::ALL.into_iter().find(|kind| i64::from(kind.number()) == number)
    }
}

/// A division as its Display spelled it.
fn stored_division(text: &str) -> Option<Division> {
    match text.parse::<u32>() {
        Ok(code) => Code::new(code).map(Division::Code),
        Err(_) => Some(Division::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn route_comes_back_from_the_registry_in_the_order_of_the_claim() {
        let route = Route {
            origin: Division::Code(Code::new(320_583).unwrap()),
            destination: Division::Code(Code::new(4419).unwrap()),
            via: vec![Division::Text("NL-UT".to_owned())],
        };
        let stored: Vec<String> = route.divisions().iter().map(ToString::to_string).collect();
        assert_eq!(stored, ["320583", "4419", "NL-UT"]);
        assert_eq!(Route::of_stored(&stored), Some(route));
        for wrong in [vec!["320583"], vec!["320583", "320500"], vec![]] {
            let wrong: Vec<String> = wrong.into_iter().map(str::to_owned).collect();
            assert_eq!(Route::of_stored(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn window_contains_what_does_not_reach_over_it() {
        let whole = Window { start: 10, end: 20 };
        for (start, end, inside) in [(10, 20, true), (11, 19, true), (9, 20, false), (10, 21, false)] {
            assert_eq!(whole.contains(Window { start, end }), inside, "{start}..{end}");
        }
    }

    #[test]
    fn numbers_lead_back() {
        for kind in EvidenceKind::ALL {
            assert_eq!(EvidenceKind::by_number(kind.number().into()), Some(kind));
        }
        for leg in [Leg::Loaded, Leg::Empty, Leg::Return] {
            assert_eq!(Leg::by_number(leg.number().into()), Some(leg));
        }
        assert_eq!(EvidenceKind::by_number(0), None);
        assert_eq!(Leg::by_number(3), None);
    }
}

//! A white list to try: enterprises, trucks, people and journeys that look like real ones and are all made up.
//!
//! The same seed gives the same list on every machine; codes, ID numbers and plates are valid by their standards, places
//! are real, and names are common ones joined by chance.

mod draw;
mod enterprise;
mod evidence;
mod journey;
mod person;
mod plate;
mod words;

use std::collections::BTreeSet;

use draw::Draw;
pub use enterprise::Enterprise;
pub use evidence::Evidence;
pub use journey::Journey;
pub use person::Person;

/// The seed of the list that is shipped.
pub const SEED: u64 = 20_220_418;

/// Authorities of the first enterprises, so that a short list too has every authority and trucks on the road at once.
const OPENING: [&str; 4] = ["CN-3205", "CN-3301", "CN-32", "CN-3205"];
/// Trucks of each of them; the first two begin at once.
const OPENING_TRUCKS: u64 = 6;

/// One row: a truck of an enterprise, who is on it, and the journey that it applies for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The enterprise.
    pub enterprise: Enterprise,
    /// Plate of the tractor.
    pub tractor: String,
    /// Plate of the trailer.
    pub trailer: Option<String>,
    /// One to three people, the driver first.
    pub crew: Vec<Person>,
    /// The journey.
    pub journey: Journey,
    /// One to three papers that come with the application.
    pub evidence: Vec<Evidence>,
}

/// The first `count` rows of the list of that seed: a longer list begins with a shorter one.
pub fn rows(seed: u64, count: usize) -> Vec<Row> {
    let mut draw = Draw::of(seed);
    // Its own stream: the rest of the list is that of the same seed without papers.
    let mut papers = Draw::of(!seed);
    let mut taken = Taken::default();
    let mut rows = Vec::with_capacity(count);
    let mut opening = OPENING.into_iter();
    while rows.len() < count {
        let opens = opening.next();
        let enterprise = Enterprise::draw(&mut draw, &mut taken.codes, opens);
        let trucks = if opens.is_some() { OPENING_TRUCKS } else { 3 + draw.below(13) };
        for truck in 0..trucks {
            if rows.len() == count {
                break;
            }
            let at_once = opens.is_some() && truck < 2;
            let journey = Journey::draw(&mut draw, &enterprise, at_once, rows.is_empty());
            rows.push(Row {
                tractor: plate::tractor(&mut draw, &enterprise, &mut taken.plates),
                trailer: draw.chance(70).then(|| plate::trailer(&mut draw, &enterprise, &mut taken.plates)),
                crew: person::crew(&mut draw, &mut taken.papers),
                evidence: evidence::evidence(&mut papers, &enterprise, &journey),
                journey,
                enterprise: enterprise.clone(),
            });
        }
    }
    rows
}

/// What may stand in the list once only.
#[derive(Default)]
struct Taken {
    codes: BTreeSet<String>,
    plates: BTreeSet<String>,
    papers: BTreeSet<String>,
}

/// Draws until something comes that was not there before.
fn new_one(taken: &mut BTreeSet<String>, mut draw: impl FnMut() -> String) -> String {
    loop {
        let drawn = draw();
        if taken.insert(drawn.clone()) {
            return drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use freightpass_core::division::Division;
    use jiff::civil::date;

    use super::*;
    use crate::application::EvidenceKind;
    use crate::profile::{PaperKind, Profile, VehicleKind, cn::Cn};
    use crate::whitelist::Category;

    #[test]
    fn a_longer_list_begins_with_a_shorter_one_and_another_seed_is_another_list() {
        let long = rows(SEED, 200);
        assert_eq!(long.get(..50), Some(&rows(SEED, 50)[..]));
        assert_ne!(rows(SEED + 1, 50), rows(SEED, 50));
    }

    #[test]
    fn every_value_is_one_that_the_profile_takes() {
        for row in rows(SEED, 1_000) {
            let code = Cn.enterprise_code(&row.enterprise.code).unwrap();
            assert!(code.checks && code.text == row.enterprise.code);
            Cn.phone(&row.enterprise.contact_phone).unwrap();
            Cn.person_name(&row.enterprise.contact_name).unwrap();
            assert!(Category::by_number(row.enterprise.industry).is_some());
            assert_eq!(Cn.plate(VehicleKind::Tractor, &row.tractor), Ok(row.tractor.clone()));
            if let Some(trailer) = &row.trailer {
                assert_eq!(Cn.plate(VehicleKind::Trailer, trailer).as_ref(), Ok(trailer));
            }
            for person in &row.crew {
                let kind = Cn.paper_kind(person.paper_kind).unwrap();
                Cn.paper(kind, &person.paper_number, date(2026, 12, 1)).unwrap();
                assert_eq!(Cn.person_name(&person.name).as_ref(), Ok(&person.name));
                Cn.mobile(&person.mobile).unwrap();
            }
            let end = |place: &str| Cn.route_end(place).unwrap_or_else(|error| panic!("{place}: {error}"));
            let (origin, destination) = (end(&row.journey.origin), end(&row.journey.destination));
            let authority = Cn.division(&row.enterprise.authority["CN-".len()..]).unwrap();
            assert!(authority.contains(&origin) || authority.contains(&destination));
            let mut places: Vec<Division> = vec![origin, destination];
            places.extend(row.journey.via.iter().map(|place| Cn.route_via(place).unwrap()));
            let distinct: BTreeSet<String> = places.iter().map(ToString::to_string).collect();
            assert_eq!(distinct.len(), places.len());
            assert!(row.journey.cargo_mass_kg < row.journey.gross_mass_kg);
        }
    }

    /// What the service accepts of papers (the application's draft), at the moment when the list begins.
    #[test]
    fn papers_are_made_before_the_application_and_count_when_the_journey_begins() {
        for row in rows(SEED, 1_000) {
            let start = row.journey.begins_after_min;
            assert!((1..=3).contains(&row.evidence.len()));
            assert_eq!(row.evidence.iter().filter(|paper| paper.kind == EvidenceKind::Waybill).count(), 1);
            for paper in &row.evidence {
                assert!(paper.before_min >= 30 && (1..=366 * 24).contains(&paper.valid_hours));
                assert!((1..=120).contains(&paper.issuer.len()), "{}", paper.issuer);
                let counts_min = paper.valid_hours * 60;
                match paper.kind {
                    EvidenceKind::NucleicAcidTest => assert!(paper.before_min + start <= 48 * 60),
                    EvidenceKind::Waybill => {
                        assert!(paper.before_min + start + row.journey.takes_min < counts_min);
                    }
                    _ => assert!(paper.before_min + start < counts_min),
                }
            }
            let tested = row.evidence.iter().any(|paper| paper.kind == EvidenceKind::NucleicAcidTest);
            assert_eq!(tested, start < 46 * 60, "a test that counts can be there for who leaves soon");
        }
    }

    #[test]
    fn the_list_is_as_mixed_as_a_real_one() {
        let rows = rows(SEED, 1_000);
        let share = |of: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| of(row)).count();
        let enterprises: BTreeSet<&str> = rows.iter().map(|row| row.enterprise.code.as_str()).collect();
        assert!((80..200).contains(&enterprises.len()), "{}", enterprises.len());
        assert!((600..800).contains(&share(&|row| row.trailer.is_some())));
        assert!((300..600).contains(&share(&|row| row.crew.len() == 2)));
        assert!((20..120).contains(&share(&|row| row.crew.len() == 3)));
        assert!((5..50).contains(&share(&|row| row.crew.iter().any(|p| p.name.contains('\u{b7}')))));
        assert!(share(&|row| row.crew.iter().any(|p| p.paper_kind == PaperKind::Passport.name())) > 0);
        for authority in ["CN-32", "CN-3205", "CN-3301"] {
            assert!(share(&|row| row.enterprise.authority == authority) > 100, "{authority}");
        }
        let industries: BTreeSet<u8> = rows.iter().map(|row| row.enterprise.industry).collect();
        assert!(industries.len() > 8);
        assert!(share(&|row| row.journey.begins_after_min == 0) > 300);
        assert_eq!((rows[0].journey.begins_after_min, rows[0].journey.takes_min), (0, 12 * 60));
    }
}

//! From the claims of an issued pass to the words on its card.

use freightpass_core::division::Division;
use freightpass_core::pass::{Claims, CrewRole, Leg};

use super::typed;
use crate::card::{CardFace, CardLabels, Crew, Words};
use crate::messages::{self, Language};
use crate::profile::Profile;
use crate::whitelist::Category;

/// The card of a pass. `authority` and `programme` are the names in the trust list.
pub fn face(claims: &Claims, authority: &str, programme: &str, profile: &dyn Profile) -> CardFace {
    let subject = &claims.subject;
    let mut route: Vec<String> = subject.route.iter().map(|place| place_name(place, profile)).collect();
    // Signed as origin, destination, between; drawn in the order of travel.
    if route.len() > 2 {
        let destination = route.remove(1);
        route.push(destination);
    }
    CardFace {
        title: words("title"),
        authority: authority.to_owned(),
        programme: programme.to_owned(),
        number: claims.number.to_string(),
        tractor: subject.tractor.clone(),
        trailer: subject.trailer.clone(),
        crew: subject
            .crew
            .iter()
            .map(|person| Crew {
                name: person.name.clone(),
                tail: person.tail.clone(),
                role: words(match person.role {
                    CrewRole::Driver => "driver-role",
                    CrewRole::Relief => "relief",
                    CrewRole::Passenger => "passenger",
                }),
            })
            .collect(),
        route,
        cargo: cargo(subject.cargo.0, subject.leg),
        valid_from: typed::told(profile, claims.nbf.into()),
        valid_until: typed::told(profile, claims.exp.into()),
        zone: zone(profile),
        for_officer: words("officer"),
        for_driver: words("driver"),
        labels: CardLabels::default(),
    }
}

fn words(id: &str) -> Words {
    let told = |language| messages::card(language, id).unwrap_or_default();
    Words::new(told(Language::Zh), told(Language::En))
}

/// A category that this version does not know is shown as its number.
fn cargo(number: u8, leg: Leg) -> Words {
    let mut told = match Category::by_number(number) {
        Some(category) => Words::new(category.name_zh(), capitalised(&category.name().replace('_', " "))),
        None => Words::new(number.to_string(), number.to_string()),
    };
    let leg = match leg {
        Leg::Loaded => return told,
        Leg::Empty => words("empty"),
        Leg::Return => words("return"),
    };
    told.zh = format!("{} ({})", told.zh, leg.zh);
    told.en = format!("{} ({})", told.en, leg.en);
    told
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The place with what lies around it, but for the province of a county: `苏州市昆山市`.
fn place_name(place: &Division, profile: &dyn Profile) -> String {
    let names = profile.division_name(place).unwrap_or_else(|| vec![place.to_string()]);
    let from = if names.len() > 2 { 1 } else { 0 };
    names.get(from..).unwrap_or_default().concat()
}

fn zone(profile: &dyn Profile) -> String {
    let offset = profile.zone().to_offset(jiff::Timestamp::UNIX_EPOCH).seconds();
    let hours = format!("UTC{:+}", offset / 3_600);
    if profile.name() == "cn" { format!("北京时间 {hours}") } else { hours }
}

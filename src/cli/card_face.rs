//! From the claims of an issued pass to the words on its card.

use data_encoding::HEXLOWER;
use freightpass_core::division::Division;
use freightpass_core::pass::{Claims, CrewRole, Enterprise, Leg};

use super::typed;
use crate::card::{CardFace, CardLabels, Crew, Words};
use crate::messages::{self, Language};
use crate::profile::Profile;
use crate::whitelist::Category;

/// The card of a pass. `authority` and `programme` are the names in the trust list, where they are known.
pub fn face(claims: &Claims, authority: Option<&str>, programme: Option<&str>, profile: &dyn Profile) -> CardFace {
    let subject = &claims.subject;
    let mut route: Vec<String> = subject.route.iter().map(|place| place_name(place, profile)).collect();
    // Signed as origin, destination, between; drawn in the order of travel.
    if route.len() > 2 {
        let destination = route.remove(1);
        route.push(destination);
    }
    CardFace {
        title: words("title"),
        authority: authority.unwrap_or(&claims.iss).to_owned(),
        authority_code: authority.map(|_| claims.iss.clone()).unwrap_or_default(),
        programme: programme.map_or_else(|| subject.programme.to_string(), str::to_owned),
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
        enterprise: subject.enterprise.map(|enterprise| match enterprise {
            Enterprise::Number(number) => number.to_string(),
            Enterprise::Code(packed) => {
                profile.unpack_enterprise_code(&packed).unwrap_or_else(|| HEXLOWER.encode(&packed))
            }
        }),
        cargo: cargo(subject.cargo.0, subject.leg),
        valid_from: typed::told(profile, claims.nbf.into()),
        valid_until: typed::told(profile, claims.exp.into()),
        zone: zone(profile, claims.nbf),
        for_officer: words("officer"),
        for_driver: words("driver"),
        labels: CardLabels::told(words),
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
    let leg = words(match leg {
        Leg::Loaded => "loaded",
        Leg::Empty => "empty",
        Leg::Return => "return",
    });
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

/// The zone of the times, with its distance from UTC at the beginning of the pass.
fn zone(profile: &dyn Profile, at: u32) -> String {
    let at = jiff::Timestamp::from_second(at.into()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let minutes = profile.zone().to_offset(at).seconds() / 60;
    let offset = match (minutes / 60, (minutes % 60).abs()) {
        (hours, 0) => format!("UTC{hours:+}"),
        (hours, minutes) => format!("UTC{hours:+}:{minutes:02}"),
    };
    if profile.name() == "cn" { format!("北京时间 {offset}") } else { offset }
}

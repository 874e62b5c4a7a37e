//! What a card shows, as plain words that the caller has taken from a verified pass.

use std::fmt;

/// Everything that a card shows besides the code. Empty optional texts leave no gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFace {
    /// What the document is called: 重点物资货运通行证 / Freight pass.
    pub title: Words,
    /// The issuing authority's name.
    pub authority: String,
    /// Its code, as the pass has it; empty where that is all there is to tell.
    pub authority_code: String,
    /// The programme's name.
    pub programme: String,
    /// The pass number as it is spoken: `320500-220418-00042-0`.
    pub number: String,
    /// The tractor's plate.
    pub tractor: String,
    /// The trailer's plate.
    pub trailer: Option<String>,
    /// The people on board, driver first; a pass has one to three.
    pub crew: Vec<Crew>,
    /// Names of the places in the order of travel, origin first and destination last; two to ten.
    pub route: Vec<String>,
    /// The enterprise that the truck drives for, where the pass names it: its code or its number.
    pub enterprise: Option<String>,
    /// The cargo category, with the leg where it is not loaded: 食品 / Food.
    pub cargo: Words,
    /// Start of the validity in the zone below: `2026-12-01 00:00`.
    pub valid_from: String,
    /// End of the validity (the first moment that is no longer valid) in the zone below.
    pub valid_until: String,
    /// The zone of both times: `北京时间 UTC+8`.
    pub zone: String,
    /// What the officer does.
    pub for_officer: Words,
    /// What the driver does.
    pub for_driver: Words,
    /// The captions of the values.
    pub labels: CardLabels,
}

/// The same words in the first and the second language of the card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// One person on board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// The name, full or masked as the authority's policy says.
    pub name: String,
    /// The last four characters of the ID number.
    pub tail: String,
    /// Driver, relief driver, passenger; may be empty.
    pub role: Words,
}

/// The captions of a card; by default there are none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardLabels {
    pub issued: Words,
    pub programme: Words,
    pub number: Words,
    pub tractor: Words,
    pub trailer: Words,
    pub valid: Words,
    pub crew: Words,
    /// Before the last characters of a person's ID number.
    pub id_tail: Words,
    pub route: Words,
    pub cargo: Words,
    pub enterprise: Words,
    pub officer: Words,
    pub driver: Words,
    /// Under the code: that the code counts and the printed words do not.
    pub proof: Words,
}

/// A place on the card, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Title,
    Authority,
    Programme,
    Number,
    Tractor,
    Trailer,
    CrewName(usize),
    CrewTail(usize),
    CrewRole(usize),
    Crew,
    Place(usize),
    Route,
    Cargo,
    Enterprise,
    Validity,
    ForOfficer,
    ForDriver,
    Label,
}

impl Words {
    /// Both languages at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Words { zh: zh.into(), en: en.into() }
    }
}

impl CardLabels {
    /// The captions by the names that they have among the messages of the card.
    pub fn told(word: impl Fn(&str) -> Words) -> Self {
        CardLabels {
            issued: word("label-issued"),
            programme: word("label-programme"),
            number: word("label-number"),
            tractor: word("label-tractor"),
            trailer: word("label-trailer"),
            valid: word("label-valid"),
            crew: word("label-crew"),
            id_tail: word("label-id-tail"),
            route: word("label-route"),
            cargo: word("label-cargo"),
            enterprise: word("label-enterprise"),
            officer: word("label-officer"),
            driver: word("label-driver"),
            proof: word("proof"),
        }
    }
}

impl CardFace {
    /// Every text of the card with its place.
    pub fn texts(&self) -> Vec<(Field, &str)> {
        let labels = &self.labels;
        let mut texts = vec![
            (Field::Authority, self.authority.as_str()),
            (Field::Authority, self.authority_code.as_str()),
            (Field::Programme, self.programme.as_str()),
            (Field::Number, self.number.as_str()),
            (Field::Tractor, self.tractor.as_str()),
            (Field::Trailer, self.trailer.as_deref().unwrap_or_default()),
            (Field::Enterprise, self.enterprise.as_deref().unwrap_or_default()),
            (Field::Validity, self.valid_from.as_str()),
            (Field::Validity, self.valid_until.as_str()),
            (Field::Validity, self.zone.as_str()),
        ];
        for (index, person) in self.crew.iter().enumerate() {
            texts.push((Field::CrewName(index), person.name.as_str()));
            texts.push((Field::CrewTail(index), person.tail.as_str()));
            texts.push((Field::CrewRole(index), person.role.zh.as_str()));
            texts.push((Field::CrewRole(index), person.role.en.as_str()));
        }
        texts.extend(self.route.iter().enumerate().map(|(index, place)| (Field::Place(index), place.as_str())));
        for (field, words) in [
            (Field::Title, &self.title),
            (Field::Cargo, &self.cargo),
            (Field::ForOfficer, &self.for_officer),
            (Field::ForDriver, &self.for_driver),
            (Field::Label, &labels.issued),
            (Field::Label, &labels.programme),
            (Field::Label, &labels.enterprise),
            (Field::Label, &labels.number),
            (Field::Label, &labels.tractor),
            (Field::Label, &labels.trailer),
            (Field::Label, &labels.valid),
            (Field::Label, &labels.crew),
            (Field::Label, &labels.id_tail),
            (Field::Label, &labels.route),
            (Field::Label, &labels.cargo),
            (Field::Label, &labels.officer),
            (Field::Label, &labels.driver),
            (Field::Label, &labels.proof),
        ] {
            texts.push((field, words.zh.as_str()));
            texts.push((field, words.en.as_str()));
        }
        texts
    }
}

impl fmt::Display for Field {
    /// Counts people and places from 1, as a person does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Field::Title => "title",
            Field::Authority => "authority",
            Field::Programme => "programme",
            Field::Number => "pass number",
            Field::Tractor => "tractor plate",
            Field::Trailer => "trailer plate",
            Field::CrewName(index) => return write!(f, "name of crew member {}", index + 1),
            Field::CrewTail(index) => return write!(f, "ID tail of crew member {}", index + 1),
            Field::CrewRole(index) => return write!(f, "role of crew member {}", index + 1),
            Field::Crew => "crew",
            Field::Place(index) => return write!(f, "place {} of the route", index + 1),
            Field::Route => "route",
            Field::Cargo => "cargo",
            Field::Enterprise => "enterprise",
            Field::Validity => "validity",
            Field::ForOfficer => "words for the officer",
            Field::ForDriver => "words for the driver",
            Field::Label => "captions",
        };
        f.write_str(name)
    }
}

//! Passes, whole or with one or two things wrong.

use std::sync::LazyLock;

use freightpass_core::division::{Code, Division};
use freightpass_core::pass::{CargoCategory, Claims, CrewRole, Enterprise, Leg, PassNumber};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, BASE, DAY, T0};
use freightpass_vectors::{edge, write};

use super::damage;
use super::publisher::Publisher;
use super::seal;
use super::source::Source;

/// A pass that was made.
#[derive(Clone)]
pub struct Pass {
    pub bytes: Vec<u8>,
    pub text: String,
    pub list: u32,
    pub idx: u32,
    pub claims: Claims,
}

/// Code, number and a county of each authority, the first most often.
const AUTHORITIES: &[(&str, u32, u32)] = &[
    ("CN-3205", 320_500, 320_583),
    ("CN-3205", 320_500, 320_583),
    ("CN-3205", 320_500, 320_583),
    ("CN-3205", 320_500, 320_583),
    ("CN-3205", 320_500, 320_583),
    ("CN", 1, 110_105),
    ("CN-31", 310_000, 310_115),
    ("CN-32", 320_000, 320_111),
    ("CN-3301", 330_100, 330_106),
    ("CN-429004", 429_004, 429_004),
    ("DE-BY", 900_001, 0),
];

static TYPICAL: LazyLock<Claims> = LazyLock::new(world::typical);

/// A pass of the deployment as it is now.
pub fn made(publisher: &Publisher, s: &mut Source<'_>) -> Pass {
    let (code, number, county) = s.pick(AUTHORITIES);
    let mut claims = TYPICAL.clone();
    claims.iss = code.into();
    claims.status.idx = s.pick(&[42, 5, 7, 0, 2]);
    claims.number = PassNumber::new(number, 2526, 42).expect("a number");
    claims.subject.route[0] = division(county);
    for _ in 0..s.pick(&[0, 0, 1, 1, 1, 2]) {
        vary(&mut claims, publisher, s);
    }
    let name = match s.below(16) {
        13 => s.pick(seal::NAMES),
        14 => {
            // Its window ends an hour to either side of T0.
            claims.nbf = s.pick(&[T0, T0 + 3599, T0 + 3600, T0 + 3601, T0 - 3600, T0 - 3601, T0 - 3599]);
            "CN-3205 short"
        }
        15 => s.pick(&["spare 1", "spare 2", "stranger"]),
        _ => code,
    };
    let payload = write::claims(&claims);
    let bytes = match s.below(5) {
        4 => seal::damaged(write::PASS, &payload, name, s),
        3 => {
            let payload = match s.below(4) {
                1 | 2 => damage::grown(payload, s),
                3 => payload
                    .with(7, Item::Bytes(s.pick(&[[0, 0, 0, 9, 9, 0, 0, 1], [4, 226, 244, 0, 0, 0, 0, 0]]).to_vec())),
                _ => payload,
            };
            let payload = if s.one_in(4) { payload.edit(-65537, |body| damage::grown(body, s)) } else { payload };
            seal::whole(write::PASS, &payload, name)
        }
        _ => seal::whole(write::PASS, &payload, name),
    };
    let text = write::text(&bytes);
    let text = if s.one_in(10) { damaged_text(text, s) } else { text };
    Pass { bytes, text, list: claims.exp / 604_800, idx: claims.status.idx, claims }
}

/// Claims with one thing otherwise, right or wrong.
fn vary(claims: &mut Claims, publisher: &Publisher, s: &mut Source<'_>) {
    let trust = &publisher.trust;
    match s.below(22) {
        0 | 17 => {
            let life = claims.exp.saturating_sub(claims.nbf);
            let key = trust.authorities.iter().find(|authority| authority.code == claims.iss);
            let key = key.and_then(|authority| authority.keys.last());
            let programme = trust.programmes.iter().find(|it| it.number == claims.subject.programme);
            claims.nbf = match s.below(5) {
                0 => s.near32(key.map_or(T0, |key| key.from)),
                1 => s.near32(key.map_or(T0, |key| key.until)),
                2 => s.near32(programme.map_or(T0, |it| it.from)),
                3 => s.near32(programme.map_or(T0, |it| it.until)),
                _ => s.near32(publisher.clock + trust.skew),
            };
            claims.exp = claims.nbf.saturating_add(life);
            in_its_week(claims);
        }
        1 => {
            claims.exp = match s.below(6) {
                0 => s.near32(claims.nbf.saturating_add(trust.longest_life)),
                1 => s.near32(claims.nbf),
                2 => s.near32(world::LIST * 604_800),
                3 => s.near32((world::LIST + 1) * 604_800),
                4 => s.near32(publisher.clock),
                _ => s.near32(trust.issued),
            };
            claims.nbf = if s.one_in(3) { claims.nbf } else { claims.nbf.min(claims.exp - 1) };
            in_its_week(claims);
        }
        2 | 3 | 16 => {
            let n = publisher.states.get(&(claims.exp / 604_800)).map_or(64, |state| state.n());
            claims.status.idx = s.pick(&[3, 4, 4, 4, 20, n - 1, n, n + 1, 2, u32::MAX, 3 + (1 << 31)]);
        }
        4 => {
            claims.status.uri = match s.below(5) {
                0 => format!("{BASE}2971"),
                1 => format!("{BASE}02970"),
                2 => format!("{}2970", BASE.to_lowercase()),
                3 => BASE.into(),
                _ => format!("{BASE}2970/"),
            }
        }
        5 => {
            let number = s.pick(&[320_501, 1, 310_000, 16_777_215]);
            claims.number = PassNumber::new(number, 2526, 42).expect("a number");
        }
        6 | 7 => {
            let at = s.below(claims.subject.route.len());
            claims.subject.route[at] = place(s);
        }
        8 | 18 => claims.subject.programme = s.pick(&[2, 2, 2, 3, 4, 5, 6, 1, 65535]),
        9 => {
            let character = damage::character(s);
            let subject = &mut claims.subject;
            match s.below(4) {
                0 => subject.tractor.push_str(character),
                1 => subject.crew[0].name.push_str(character),
                2 => subject.crew[0].tail = format!("1{character}"),
                _ => subject.route.push(Division::Text(format!("DE{character}"))),
            }
        }
        10 => claims.iss = s.pick(AUTHORITIES).0.into(),
        19 | 20 => resize(claims, s),
        21 => claims.subject.route[0] = division(429_004),
        11 => claims.subject.route.truncate(s.pick(&[3, 2, 1])),
        12 => claims.subject.trailer = None,
        13 => {
            let subject = &mut claims.subject;
            subject.leg = s.pick(&[Leg::Empty, Leg::Return]);
            subject.cargo = CargoCategory(s.byte());
            subject.enterprise = s.pick(&[None, Some(Enterprise::Number(7)), Some(Enterprise::Code([255; 11]))]);
            let role = s.pick(&[CrewRole::Passenger, CrewRole::Driver]);
            subject.crew.iter_mut().skip(1).for_each(|crew| crew.role = role);
        }
        14 => {
            claims.nbf = claims.nbf.saturating_sub(s.pick(&[1, DAY, 7 * DAY, 23 * DAY]));
            claims.exp = claims.exp.saturating_sub(s.pick(&[0, DAY, 7 * DAY, 8 * DAY]));
            in_its_week(claims);
        }
        _ => {
            let crew = claims.subject.crew[0].clone();
            claims.subject.crew.resize(s.pick(&[3, 1, 4]), crew);
        }
    }
}

/// Claims in which one text or array has a length at a bound of the CDDL, or over it.
fn resize(claims: &mut Claims, s: &mut Source<'_>) {
    let which = s.below(8);
    let mut long = |lengths: [usize; 4]| "A".repeat(s.pick(&lengths));
    let subject = &mut claims.subject;
    match which {
        0 => subject.tractor = long([16, 17, 4, 3]),
        1 => subject.trailer = Some(long([16, 17, 4, 3])),
        2 => subject.crew[0].name = long([60, 61, 1, 0]),
        3 => subject.crew[0].tail = long([6, 7, 2, 1]),
        4 => claims.iss = long([16, 17, 1, 0]),
        5 => claims.status.uri = long([48, 49, 8, 7]),
        6 => subject.route[0] = Division::Text(long([8, 9, 2, 1])),
        _ => {
            let length = long([10, 11, 2, 1]).len();
            let place = subject.route[0].clone();
            subject.route.resize(length, place);
        }
    }
}

fn in_its_week(claims: &mut Claims) {
    claims.status.uri = format!("{BASE}{}", claims.exp / 604_800);
}

/// A county and what lies around it; 0 is the text division of the vectors.
fn division(code: u32) -> Division {
    Code::new(code).map_or_else(|| Division::Text("DE-BY".into()), Division::Code)
}

/// Places inside and outside of everybody's division.
const PLACES: &[u32] = &[
    429_005, 320_583, 3205, 32, 3301, 330_106, 31, 3101, 310_115, 110_105, 11, 500_235, 5002, 429_004, 4290, 42,
    420_106, 440_305, 659_001, 509_001, 119_001, 319_001, 9090, 90, 909_001, 320_501, 120_225,
];

/// Any place.
pub fn place(s: &mut Source<'_>) -> Division {
    match s.below(8) {
        6 => Division::Text(s.pick(&["DE-BY", "DE-B", "DE-BYX", "3205"]).into()),
        _ => division(s.pick(PLACES)),
    }
}

/// A text of a pass with one thing wrong.
fn damaged_text(text: String, s: &mut Source<'_>) -> String {
    let body = &text[4..];
    if body.len() < 9 {
        return text;
    }
    match s.below(12) {
        0 => s.pick(&["FP2:", "FP10:", "FP99999999999:", "FP19:", "FP4294967295:", "FP4294967296:"]).to_owned() + body,
        1 => {
            s.pick(&["FP0:", "FP01:", "FP:", "FP1", "fp1:", " FP1:", "FP2", "FP-2:", "FP٢:", "FP1 :", "FP 2:"])
                .to_owned()
                + body
        }
        2 => s.pick(&["HTTPS://X/", "HC1:", "shc:/5", "", "https://FP1:", "HC1"]).to_owned() + body,
        3 => text.to_lowercase(),
        4 => text + s.pick(&[":", " ", "\n", "00", "::", ":::", "000", "GGW", "FGW", "é", "a"]),
        5 => text[..text.len() - 1 - s.below(8)].into(),
        6 => {
            let at = 4 + s.below(body.len().max(257)) % body.len();
            format!("{}{}{}", &text[..at], s.pick(&["0", "é", "", "Z", " ", "_"]), &text[at + 1..])
        }
        7 => format!("FP1:{}", "0".repeat(s.pick(&[768, 769, 767, 771, 765]))),
        8 => format!("{}{}", &text[..4], s.pick(&["", "A", "AB", "U5", "V5", "00", ":::", "GGW", "FGW", "0000"])),
        9 => format!("FP1:{text}"),
        10 => "é".repeat(s.below(400)),
        _ => write::text(&damage::bytes(edge::identity().to_vec(), s)),
    }
}

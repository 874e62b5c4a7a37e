//! What a pass says: types and sizes (row 3, layer CDDL), newer keys (row 9), rules (row 10).

use crate::item::{Item, map};
use crate::model::Scan;
use crate::topic::{Topic, scan};
use crate::world::{BASE, DAY, T0, altered, altered_body, changed, text, typical, valid_in};

pub fn topic() -> Topic {
    let mut topic = Topic::new("pass_claims", "What a pass says: types, sizes, newer keys, rules");
    missing(&mut topic);
    times(&mut topic);
    sizes(&mut topic);
    status(&mut topic);
    bodies(&mut topic);
    growth(&mut topic);
    characters(&mut topic);
    rules(&mut topic);
    topic
}

fn malformed(text: String, fault: &str, field: &str) -> Scan {
    scan(text).malformed("cddl", fault).field(field)
}

fn missing(topic: &mut Topic) {
    for (key, field) in [(1, "iss"), (4, "exp"), (5, "nbf"), (7, "cti"), (65535, "status"), (-65537, "body")] {
        let scan = malformed(altered(|claims| claims.without(key)), "missing", field);
        topic.standard(&format!("claims without {field}"), "1.1", scan);
    }
    for (key, field) in [(0, "programme"), (1, "tractor"), (3, "crew"), (4, "route"), (6, "cargo")] {
        let scan = malformed(altered_body(|body| body.without(key)), "missing", field);
        topic.standard(&format!("a body without {field}"), "1.1", scan);
    }
    for (key, what) in [(2, "trailer"), (7, "enterprise")] {
        let scan = scan(altered_body(|body| body.without(key)));
        topic.standard(&format!("a body without {what} is admitted"), "1.1", scan);
    }
}

fn times(topic: &mut Topic) {
    let mut out = |name: &str, key: i64, value: i64, field: &str| {
        let scan = malformed(altered(|claims| claims.with(key, value)), "time_out_of_bounds", field);
        topic.standard(name, "1.8: named, and not \"not yet valid\"", scan);
    };
    out("nbf in milliseconds", 5, i64::from(T0) * 1000, "nbf");
    out("exp in milliseconds", 4, i64::from(T0 + 7 * DAY) * 1000, "exp");
    out("nbf a second before 2020", 5, 1_577_836_799, "nbf");
    out("exp a second behind u32", 4, 4_294_967_296, "exp");
    out("nbf of 0", 5, 0, "nbf");
    out("nbf below 0", 5, -1, "nbf");
    for (name, key, field) in [("nbf", 5, "nbf"), ("exp", 4, "exp")] {
        let scan = malformed(altered(|claims| claims.with(key, "2026-12-01")), "type", field);
        topic.standard(&format!("{name} as text"), "1.8", scan);
    }
    let earliest = text(&valid_in(1_577_836_800, T0));
    topic.standard("nbf at the first second of 2020 is read", "1.8", scan(earliest).refuse("life_too_long"));
    let latest = text(&valid_in(T0, u32::MAX));
    topic.standard("exp at the last second of u32 is read", "1.8", scan(latest).refuse("life_too_long"));
}

fn sizes(topic: &mut Topic) {
    let mut case = |name: &str, key: i64, value: Item, fault: &str, field: &str| {
        topic.standard(name, "1.1", malformed(altered(|claims| claims.with(key, value)), fault, field));
    };
    case("an empty iss", 1, Item::text(""), "size", "iss");
    case("an iss of 17 bytes", 1, Item::text("CN-32050000000000"), "size", "iss");
    case("an iss of bytes", 1, Item::bytes(b"CN-3205"), "type", "iss");
    case("a cti of 7 bytes", 7, Item::bytes(&[1; 7]), "size", "cti");
    case("a cti of 9 bytes", 7, Item::bytes(&[1; 9]), "size", "cti");
    case("a cti of authority 0", 7, Item::bytes(&[0, 0, 0, 1, 1, 0, 0, 1]), "range", "cti");
    case("a cti of serial 0", 7, Item::bytes(&[1, 1, 1, 1, 1, 0, 0, 0]), "range", "cti");
    case("a cti as number", 7, Item::Int(42), "type", "cti");
    case("a body that is an array", -65537, Item::List(vec![]), "type", "body");
    case("claims with a text key", -65537, map(vec![]), "missing", "programme");
}

fn status(topic: &mut Topic) {
    let list = |change: fn(Item) -> Item| altered(|c| c.edit(65535, |status| status.edit("status_list", change)));
    let mut case = |name: &str, text: String, fault: &str, field: &str| {
        topic.standard(name, "1.1: the status maps are exact", malformed(text, fault, field));
    };
    case("a status list without index", list(|l| l.without("idx")), "size", "status");
    case("a status list without uri", list(|l| l.without("uri")), "size", "status");
    case("a status list with a further key", list(|l| l.with("aud", 0)), "size", "status");
    case("a status list with another key", list(|l| l.without("idx").with("idy", 1)), "unexpected_key", "status");
    case("a status with a further key", altered(|c| c.edit(65535, |s| s.with("x", 0))), "size", "status");
    case(
        "a status of another kind",
        {
            altered(|c| {
                c.edit(65535, |s| s.edit("status_list", |l| l).without("status_list").with("identifier_list", 0))
            })
        },
        "unexpected_key",
        "status",
    );
    case("an index behind u32", list(|l| l.with("idx", 1i64 << 32)), "range", "idx");
    case("an index below 0", list(|l| l.with("idx", -1)), "range", "idx");
    case("a uri of 7 bytes", list(|l| l.with("uri", "HTTPS:/")), "size", "uri");
    case("a uri of 49 bytes", list(|l| l.with("uri", Item::Text("H".repeat(49)))), "size", "uri");
}

fn bodies(topic: &mut Topic) {
    let mut case = |name: &str, key: i64, value: Item, fault: &str, field: &str| {
        topic.standard(name, "1.1", malformed(altered_body(|body| body.with(key, value)), fault, field));
    };
    let person = |name: &str, tail: &str, role: &[i64]| {
        let role = role.iter().copied().map(Item::Int);
        Item::List([Item::text(name), Item::text(tail)].into_iter().chain(role).collect())
    };
    let crew = |people: Vec<Item>| Item::List(people);
    let driver = || person("张建国", "123X", &[]);
    let route = |places: &[i64]| Item::List(places.iter().copied().map(Item::Int).collect());
    case("programme 0", 0, Item::Int(0), "range", "programme");
    case("programme 65536", 0, Item::Int(65536), "range", "programme");
    case("a tractor of 3 bytes", 1, Item::text("ABC"), "size", "tractor");
    case("a tractor of 17 bytes", 1, Item::text("苏E1234567890123"), "size", "tractor");
    case("a trailer of 3 bytes", 2, Item::text("挂"), "size", "trailer");
    case("no crew", 3, crew(vec![]), "size", "crew");
    case("a crew of four", 3, crew(vec![driver(), driver(), driver(), driver()]), "size", "crew");
    case("a person without tail", 3, crew(vec![Item::List(vec![Item::text("李明")])]), "size", "crew");
    case("a person with four members", 3, crew(vec![person("李明", "4567", &[1, 1])]), "size", "crew");
    case("an empty name", 3, crew(vec![person("", "123X", &[])]), "size", "crew.name");
    case("a name of 61 bytes", 3, crew(vec![person(&"a".repeat(61), "123X", &[])]), "size", "crew.name");
    case("a tail of 1 byte", 3, crew(vec![person("李明", "X", &[])]), "size", "crew.tail");
    case("a tail of 7 bytes", 3, crew(vec![person("李明", "1234567", &[])]), "size", "crew.tail");
    case("role 0", 3, crew(vec![person("李明", "4567", &[0])]), "range", "crew.role");
    case("role 3", 3, crew(vec![person("李明", "4567", &[3])]), "range", "crew.role");
    case("a route of one place", 4, route(&[320_583]), "size", "route");
    case("a route of eleven places", 4, route(&[31; 11]), "size", "route");
    for bad in [9, 100, 3200, 32_058, 320_500, 1_000_000, -32] {
        case(&format!("a route through {bad}"), 4, route(&[320_583, bad]), "range", "route");
    }
    case("a text division of 1 byte", 4, Item::List(vec![Item::text("D"), Item::text("DE-BY")]), "size", "route");
    case("a text division of 9 bytes", 4, Item::List(vec![Item::text("DE-BAYERN")]), "size", "route");
    case("leg 0: loaded is absent", 5, Item::Int(0), "range", "leg");
    case("leg 3", 5, Item::Int(3), "range", "leg");
    case("cargo 256", 6, Item::Int(256), "range", "cargo");
    case("an enterprise of 10 bytes", 7, Item::bytes(&[1; 10]), "size", "enterprise");
    case("an enterprise below 0", 7, Item::Int(-1), "range", "enterprise");
    case("an enterprise as text", 7, Item::text("91320500"), "type", "enterprise");

    let mut admitted = |name: &str, key: i64, value: Item| {
        topic.standard(name, "1.1", scan(altered_body(|body| body.with(key, value))));
    };
    admitted("a tractor of 4 bytes is admitted", 1, Item::text("AB12"));
    admitted("a tractor of 16 bytes is admitted", 1, Item::text("苏E123456789012"));
    admitted("a crew of three with a passenger is admitted", 3, {
        crew(vec![driver(), person("李明", "4567", &[1]), person("王䶮", "12", &[2])])
    });
    admitted("a name of 60 bytes is admitted", 3, crew(vec![person(&"测".repeat(20), "123456", &[])]));
    admitted("a masked name is admitted", 3, crew(vec![person("张*国", "123X", &[])]));
    admitted("a name with U+00B7 is admitted", 3, crew(vec![person("阿依努尔·测试", "123X", &[])]));
    admitted("a name of the second plane is admitted", 3, crew(vec![person("李𬭎", "123X", &[])]));
    admitted("ten places are admitted", 4, route(&[320_583, 330_106, 11, 12, 13, 14, 15, 21, 22, 23]));
    admitted("leg 2, the way back, is admitted", 5, Item::Int(2));
    admitted("cargo 200, not named yet, is admitted", 6, Item::Int(200));
    admitted("an enterprise by its number is admitted", 7, Item::Int(4_294_967_295));
}

fn growth(topic: &mut Topic) {
    let newer = |text: String| scan(text).refer("format_newer");
    topic.standard("an unknown critical claim is newer", "1.4", newer(altered(|c| c.with(8, 1))));
    topic.standard("iat is an unknown critical claim", "1.4", newer(altered(|c| c.with(6, T0 as i64))));
    topic.standard("an unknown critical key of the body is newer", "1.4", newer(altered_body(|b| b.with(8, 1))));
    topic.standard("an unknown claim below 0 is ignored", "1.4", scan(altered(|c| c.with(-9, "later"))));
    topic.standard("an unknown key of the body below 0 is ignored", "1.4", scan(altered_body(|b| b.with(-1, "later"))));
    let bad = crate::world::by("CN-3205", &crate::write::claims(&typical()).with(8, 1));
    let mut members = bad.members();
    members[3] = Item::bytes(&[9; 64]);
    let forged = Item::Tag(18, Box::new(Item::List(members)));
    topic.standard("a newer pass with a bad signature is a bad signature", "5, row 8 before 9", {
        scan(crate::write::text(&forged.encode())).refuse("bad_signature")
    });
    let extension = |text: String| scan(text).malformed("cddl", "extension");
    let bytes = |size: usize| Item::Bytes(vec![0; size]);
    let nested = |levels: usize| Item::raw(&[vec![0x81; levels], vec![0x00]].concat());
    topic.standard("an ignored value of 64 bytes is admitted", "1.4", scan(altered(|c| c.with(-9, bytes(62)))));
    topic.standard("an ignored value of 65 bytes is malformed", "1.4", extension(altered(|c| c.with(-9, bytes(63)))));
    topic.standard("a critical value of 65 bytes is malformed", "1.4", extension(altered(|c| c.with(8, bytes(63)))));
    topic.standard("a value of the body of 65 bytes is malformed", "1.4", {
        extension(altered_body(|b| b.with(-1, bytes(63))))
    });
    topic.standard("an ignored value of depth 2 is admitted", "1.4", scan(altered(|c| c.with(-9, nested(2)))));
    topic.standard("an ignored value of depth 3 is malformed", "1.4", extension(altered(|c| c.with(-9, nested(3)))));
    topic.standard("a critical value of depth 3 is malformed", "1.4", extension(altered(|c| c.with(8, nested(3)))));
    topic.standard("a text key among the claims is malformed", "1.1: keys are integers", {
        malformed(altered(|c| c.with("iss", "CN")), "type", "claims")
    });
    topic.standard("a text key in the body is malformed", "1.1", {
        malformed(altered_body(|b| b.with("plate", "CN")), "type", "body")
    });
}

fn characters(topic: &mut Topic) {
    let mut case = |point: u32, field: &str, text: String| {
        let name = format!("U+{point:04X} in {field} is refused");
        topic.standard(&name, "1.7", scan(text).refuse("claims_invalid").field(field));
    };
    let with = |point: u32, before: &str, behind: &str| {
        let character = char::from_u32(point).expect("a character");
        format!("{before}{character}{behind}")
    };
    // The first and the last of every range.
    for point in [
        0x00, 0x1f, 0x7f, 0x9f, 0xad, 0x61c, 0x180e, 0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x206f, 0xe000, 0xf8ff,
        0xfeff, 0xfff9, 0xfffb, 0xe0001, 0xe007f, 0xf0000, 0x10ffff,
    ] {
        case(point, "crew.name", text(&changed(|c| c.subject.crew[0].name = with(point, "张", "国"))));
    }
    case(0x200b, "tractor", text(&changed(|c| c.subject.tractor = with(0x200b, "苏E", "12345"))));
    case(0xfeff, "trailer", text(&changed(|c| c.subject.trailer = Some(with(0xfeff, "苏E8765挂", "")))));
    case(0x202e, "crew.tail", text(&changed(|c| c.subject.crew[1].tail = with(0x202e, "12", ""))));
    case(
        0x00ad,
        "route",
        altered_body(|b| b.with(4, Item::List(vec![Item::Int(320_583), Item::Text(with(0xad, "DE", "-BY"))]))),
    );
    // The neighbours of the ranges.
    for point in [0x20, 0x7e, 0xa0, 0xae, 0x2010, 0x2027, 0x202f, 0x2070, 0xfff8, 0xfffc] {
        let name = format!("U+{point:04X} in crew.name is admitted");
        topic.standard(&name, "1.7", scan(text(&changed(|c| c.subject.crew[0].name = with(point, "张", "国")))));
    }
}

fn rules(topic: &mut Topic) {
    let invalid = |text: String| scan(text).refuse("claims_invalid");
    topic.standard("exp at nbf is invalid", "2.1", invalid(text(&valid_in(T0, T0))));
    topic.standard("exp a second before nbf is invalid", "2.1", invalid(text(&valid_in(T0, T0 - 1))));
    topic.standard("exp a second after nbf is sound, and over", "2.1", {
        scan(text(&valid_in(T0, T0 + 1))).refuse("expired")
    });
    let uri = |uri: String| scan(text(&changed(|claims| claims.status.uri = uri))).refuse("list_mismatch");
    for (name, of) in [
        ("the list of the week before", format!("{BASE}2969")),
        ("the list of the week after", format!("{BASE}2971")),
        ("a list that does not exist yet", format!("{BASE}9999")),
        ("a leading zero", format!("{BASE}02970")),
        ("a sign", format!("{BASE}+2970")),
        ("a path behind the list", format!("{BASE}2970/")),
        ("no list", BASE.into()),
        ("the base in lower case", format!("{}2970", BASE.to_lowercase())),
        ("another server", "HTTPS://EVIL.EXAMPLE/204/2970".into()),
    ] {
        topic.standard(&format!("a uri with {name} is a mismatch"), "2.1: nobody chooses the list", uri(of));
    }
    // Week 2970 begins at 1796256000.
    let (begins, week) = (1_796_256_000, 604_800);
    for (exp, list) in [(begins - 1, 2969), (begins, 2970), (begins + week - 1, 2970), (begins + week, 2971)] {
        let claims = valid_in(T0, exp);
        assert!(claims.status.uri.ends_with(&list.to_string()));
        topic.standard(&format!("a pass that expires at {exp} stands in list {list}"), "2.1", scan(text(&claims)));
    }
    for (exp, wrong) in [(begins - 1, 2970), (begins, 2969)] {
        let mut claims = valid_in(T0, exp);
        claims.status.uri = format!("{BASE}{wrong}");
        let name = format!("a pass that expires at {exp} does not stand in list {wrong}");
        topic.standard(&name, "2.1", scan(text(&claims)).refuse("list_mismatch"));
    }
}

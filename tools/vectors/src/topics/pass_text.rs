//! The text of a pass: prefix and base45.

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{Topic, scan};
use crate::world::{self, altered, text, typical};
use crate::write;

pub fn topic() -> Topic {
    let mut topic = Topic::new("pass_text", "The text of a pass: prefix, base45, caps");
    let good = text(&typical());
    topic.standard("the typical pass is admitted", "1.6", scan(&good));
    other_codes(&mut topic, &good);
    alphabet(&mut topic, &good);
    caps(&mut topic);
    numbers(&mut topic);
    topic
}

fn other_codes(topic: &mut Topic, good: &str) {
    let bare = good.strip_prefix("FP1:").expect("the prefix");
    for (name, other) in [
        ("a web address", "https://fp.example/p/1"),
        ("a web address in upper case", "HTTPS://FP.EXAMPLE/P/1"),
        ("a European health certificate", "HC1:6BFOXN%TSMAHN-H"),
        ("a SMART health card", "shc:/5676290952432060346029243740"),
        ("a bare plate", "苏E12345"),
        ("nothing", ""),
        ("the prefix in lower case", "fp1:BB8"),
        ("a space before the prefix", " FP1:BB8"),
        ("version 0", "FP0:BB8"),
        ("version 01", "FP01:BB8"),
        ("no version", "FP:BB8"),
        ("the prefix without its colon", "FP1"),
        ("a pass without its prefix", bare),
    ] {
        topic.standard(&format!("{name} is no pass"), "5, row 1", scan(other).refer("not_a_pass"));
    }
    for (name, newer) in [("version 2", "FP2:BB8"), ("version 10", "FP10:"), ("version 99999", "FP99999:BB8")] {
        topic.standard(&format!("{name} is newer"), "5, row 2", scan(newer).refer("format_newer"));
    }
}

fn alphabet(topic: &mut Topic, good: &str) {
    let marked = format!("{}!{}", &good[..10], &good[11..]);
    let lower = good.replacen(':', "\0", 1).to_lowercase().replacen("fp1\0", "FP1:", 1);
    let first_lower = lower.find(|c: char| c.is_ascii_lowercase()).expect("a letter");
    for (name, text, at) in [
        ("a character outside the alphabet", marked, 10),
        ("lower case", lower, first_lower),
        ("a line end", format!("{good}\n"), good.len()),
        ("a full-width character", format!("{good}Ａ"), good.len()),
        ("a lone last character", "FP1:BB8B".into(), 7),
        ("three characters for more than 65535", "FP1:GGW".into(), 4),
        ("the second three for more than 65535", "FP1:BB8GGWBB8".into(), 7),
        ("three colons, 91124", "FP1::::".into(), 4),
    ] {
        let expected = scan(text).malformed("text", "not_base45").offset(at);
        topic.standard(&format!("{name} is not base45"), "1.6", expected);
    }
    for (name, text) in [("256", "FP1:V5"), ("two colons, 2024,", "FP1:::"), ("the pair of 65535 cut", "FP1:FG")] {
        let expected = scan(text).malformed("text", "not_canonical");
        topic.standard(&format!("{name} as a last byte is not canonical"), "1.6", expected);
    }
    topic.standard("65535 in three characters is text, and no CBOR", "1.6: FGW is 65535, the largest", {
        scan("FP1:FGW").malformed("envelope", "shape")
    });
    let unreadable = |text: &str| scan(text).malformed("determinism", "unreadable").offset(0);
    topic.standard("255 as a last byte is text, and no CBOR", "1.6: U5 is 255", {
        scan("FP1:U5").malformed("envelope", "shape")
    });
    topic.standard("no bytes at all are unreadable", "1.3", unreadable("FP1:"));
}

/// A pass with an ignored key whose value fills it to this size.
fn filled(size: usize) -> Vec<u8> {
    // Eight keys of 60 bytes and one that takes what is left; each value stays below 64 bytes encoded.
    let pass = |sizes: &[usize]| {
        let payload = sizes
            .iter()
            .zip(-9i64..)
            .fold(write::claims(&typical()), |claims, (size, key)| claims.with(key, Item::Bytes(vec![0; *size])));
        world::by("CN-3205", &payload).bytes()
    };
    let mut sizes = Vec::new();
    while pass(&sizes).len() + 66 < size {
        sizes.push(60);
    }
    let fits = (0..=62).find_map(|last| {
        let with: Vec<usize> = sizes.iter().copied().chain([last]).collect();
        Some(pass(&with)).filter(|bytes| bytes.len() == size)
    });
    fits.expect("a last value that fills the pass")
}

fn caps(topic: &mut Topic) {
    topic.standard("a pass of 511 bytes is admitted", "1.2", scan(write::text(&filled(511))));
    topic.standard("a pass of 512 bytes is admitted", "1.2", scan(write::text(&filled(512))));
    let over = write::text(&filled(513));
    topic.standard("a pass of 513 bytes is too large a text", "1.2: its 774 characters are judged first", {
        scan(over).malformed("text", "too_large").offset(772)
    });
    let other = altered(|claims| claims.with(-9, Item::bytes(&[0; 62])));
    topic.standard("an ignored key does not change the verdict", "1.4", scan(other));
}

fn numbers(topic: &mut Topic) {
    let number = |text: &str, expected| Decode {
        object: "pass_number".into(),
        input: text.into(),
        n: None,
        expected,
        value: None,
    };
    for (name, text) in [
        ("a number as it is spoken", "320500-220418-00042-0"),
        ("the last date with two digits for its year", "320500-991231-00001-9"),
    ] {
        topic.decode(&format!("{name} is read"), "7.1", number(text, Expected::outcome("read")));
    }
    for (name, text, code) in [
        ("a wrong check digit", "320500-220418-00042-1", "check_digit"),
        ("two digits exchanged", "320500-220418-00024-0", "check_digit"),
        ("a missing group", "320500-220418-00042", "shape"),
        ("a letter", "32050O-220418-00042-0", "shape"),
        ("a date that does not exist", "320500-220230-00042-0", "date"),
        ("a date before 2020", "320500-191231-00042-9", "date"),
        ("authority 0", "000000-220418-00042-6", "range"),
        ("serial 0", "320500-220418-00000-1", "range"),
    ] {
        let expected = Expected::code("refused", code);
        topic.decode(&format!("{name} is refused"), "7.1", number(text, expected));
    }
}

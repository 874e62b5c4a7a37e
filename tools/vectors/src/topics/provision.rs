//! Provisioning files.

use freightpass_core::trust::Roots;

use crate::item::Item;
use crate::model::{Decode, Expected};
use crate::topic::{Topic, rows};
use crate::world::{self, DEPLOYMENT, T0, public};
use crate::write::{self, sha256};

pub fn topic() -> Topic {
    let mut topic = Topic::new("provision", "Provisioning files: roots, floor, fingerprint");
    let decode = |bytes: &[u8], expected, value| Decode {
        object: "provision".into(),
        input: rows(bytes),
        n: None,
        expected,
        value,
    };
    let good = world::provision();
    let digest = sha256(&good);
    let groups = digest[..16].chunks(2).map(|pair| format!("{:05}", u16::from(pair[0]) << 8 | u16::from(pair[1])));
    let spoken = groups.collect::<Vec<_>>().join(" ");
    topic.decode("a provisioning file is read, and its fingerprint spoken", "2.6", {
        decode(&good, Expected::outcome("read"), Some(spoken))
    });
    let file =
        |threshold: u8, keys: &[[u8; 32]]| write::provision(&DEPLOYMENT, &Roots { threshold, keys: keys.to_vec() }, T0);
    let names: Vec<String> = (1..=9).map(|number| format!("root {number}")).collect();
    let keys: Vec<[u8; 32]> = names.iter().map(|name| public(name)).collect();
    let eight = file(8, &keys[..8]).encode();
    topic.decode("eight roots are read", "1.2", decode(&eight, Expected::outcome("read"), None));
    let bad = |fault: &str, field: &str| Expected::malformed("refused", "cddl", fault).field(field);
    let edit = |at: usize, value: Item| {
        let Item::List(mut items) = file(1, &keys[..1]) else { unreachable!() };
        items[at] = value;
        Item::List(items)
    };
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for (name, item, expected) in [
        ("a threshold of 0", file(0, &keys[..1]), bad("range", "roots.threshold")),
        ("a threshold over the roots", file(2, &keys[..1]), bad("range", "roots.threshold")),
        ("no roots", file(1, &[]), bad("size", "roots.keys")),
        ("nine roots", file(1, &keys), bad("size", "roots.keys")),
        ("a root twice", file(1, &[keys[0], keys[0]]), bad("rule", "roots")),
        ("a root of small order", file(1, &[neutral]), bad("rule", "roots")),
        ("a deployment of 7 bytes", edit(1, Item::bytes(&[1; 7])), bad("size", "deployment")),
        ("a floor in milliseconds", edit(3, Item::Int(i64::from(T0) * 1000)), bad("time_out_of_bounds", "floor")),
        ("a floor of 0", edit(3, Item::Int(0)), bad("time_out_of_bounds", "floor")),
        ("another kind", edit(0, Item::Int(3)), bad("range", "provision")),
        ("a floor in nine bytes", edit(3, Item::raw(&[0x1b, 0, 0, 0, 0, 0x6b, 0, 0, 0])), {
            Expected::malformed("refused", "determinism", "not_shortest")
        }),
        ("a file cut short", Item::raw(&good[..good.len() - 1]), {
            Expected::malformed("refused", "determinism", "unreadable")
        }),
    ] {
        topic.decode(&format!("{name} is refused"), "1.1, 2.6", decode(&item.encode(), expected, None));
    }
    topic
}

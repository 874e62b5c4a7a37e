//! Damage to items and to bytes: one thing, anywhere.

use freightpass_vectors::item::Item;

use super::source::Source;

/// An item with one of its nodes changed.
pub fn item(mut item: Item, s: &mut Source<'_>) -> Item {
    let at = s.below(nodes(&item));
    let node = node(&mut item, &mut { at });
    if let Some(node) = node {
        *node = changed(node.clone(), s);
    }
    item
}

/// Bytes with one of them changed, or some put in, left out or added at the end.
pub fn bytes(mut bytes: Vec<u8>, s: &mut Source<'_>) -> Vec<u8> {
    let at = s.below(bytes.len().max(257)).min(bytes.len().saturating_sub(1));
    match s.below(8) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << s.below(8),
        1 if !bytes.is_empty() => bytes[at] = s.byte(),
        2 if !bytes.is_empty() => bytes[at] = bytes[at].wrapping_add(1),
        3 if !bytes.is_empty() => drop(bytes.remove(at)),
        4 => bytes.insert(at.min(bytes.len()), s.byte()),
        5 => bytes.truncate(at),
        6 => bytes.push(s.byte()),
        _ => bytes.resize(s.pick(&[0, 512, 513, 600]), 0),
    }
    bytes
}

fn nodes(item: &Item) -> usize {
    1 + match item {
        Item::List(items) => items.iter().map(nodes).sum(),
        Item::Map(entries) => entries.iter().map(|(key, value)| nodes(key) + nodes(value)).sum(),
        Item::Tag(_, inner) => nodes(inner),
        _ => 0,
    }
}

/// The node before which `left` others stand.
fn node<'i>(item: &'i mut Item, left: &mut usize) -> Option<&'i mut Item> {
    if *left == 0 {
        return Some(item);
    }
    *left -= 1;
    match item {
        Item::List(items) => items.iter_mut().find_map(|item| node(item, left)),
        Item::Map(entries) => entries.iter_mut().find_map(|(key, value)| node(key, left).or_else(|| node(value, left))),
        Item::Tag(_, inner) => node(inner, left),
        _ => None,
    }
}

fn changed(item: Item, s: &mut Source<'_>) -> Item {
    if s.one_in(3) {
        return odd(s);
    }
    match item {
        Item::Int(value) => match s.below(4) {
            0 => Item::Int(value.saturating_add(1)),
            1 => Item::Int(value.saturating_sub(1)),
            2 => Item::Int(s.pick(INTEGERS)),
            _ => longer(&Item::Int(value)),
        },
        Item::Bytes(value) if s.one_in(4) => longer(&Item::Bytes(value)),
        Item::Bytes(value) => Item::Bytes(bytes(value, s)),
        Item::Text(value) => match s.below(4) {
            0 => Item::Text(format!("{value}{}", s.pick(CHARACTERS))),
            1 => Item::Text(value.chars().skip(1).collect()),
            2 => text(s),
            _ => longer(&Item::Text(value)),
        },
        Item::List(mut items) => {
            let at = s.below(items.len().max(1));
            match s.below(5) {
                0 if !items.is_empty() => drop(items.remove(at)),
                1 if !items.is_empty() => items.insert(at, items[at].clone()),
                2 if !items.is_empty() => items.swap(0, at),
                3 if !items.is_empty() => {
                    let times = s.pick(&[1, 2, 3, 8, 9, 10, 16, 17]);
                    items = items.iter().cycle().take(times).cloned().collect();
                }
                _ => items.push(odd(s)),
            }
            Item::List(items)
        }
        Item::Map(mut entries) => {
            let at = s.below(entries.len().max(1));
            match s.below(4) {
                0 if !entries.is_empty() => drop(entries.remove(at)),
                1 if !entries.is_empty() => entries.insert(at, entries[at].clone()),
                2 if !entries.is_empty() => entries.swap(0, at),
                _ => return grown(Item::Map(entries), s),
            }
            Item::Map(entries)
        }
        Item::Tag(..) | Item::Raw(_) => odd(s),
    }
}

/// A map with a key more, in its place.
pub fn grown(map: Item, s: &mut Source<'_>) -> Item {
    let key = s.pick(&[-1, -2, 11, 100, 8, 65536, -65538, 24, -24, 2, 3, i64::MIN, 0]);
    let value = match s.below(4) {
        0 => Item::Int(0),
        // At the bound of 64 bytes and of depth 2, and over them.
        1 => Item::Bytes(vec![7; s.pick(&[62, 63, 61])]),
        2 => {
            let deep = s.pick(&[2, 3, 1]);
            (0..deep).fold(Item::Int(0), |inner, _| Item::List(vec![inner]))
        }
        _ => odd(s),
    };
    map.with(key, value)
}

/// Bounds of the types, and what lies beyond them.
const INTEGERS: &[i64] = &[
    0,
    1,
    -1,
    2,
    3,
    4,
    5,
    9,
    10,
    24,
    99,
    100,
    255,
    256,
    600,
    601,
    999,
    1000,
    3200,
    3205,
    9999,
    10_000,
    65_000,
    65_001,
    65_002,
    65_003,
    65_535,
    65_536,
    99_999,
    100_000,
    320_500,
    320_501,
    999_999,
    1_000_000,
    16_777_215,
    16_777_216,
    1_577_836_799,
    1_577_836_800,
    4_294_967_295,
    4_294_967_296,
    1_796_054_400_000,
    i64::MAX,
    i64::MIN,
    -8,
    -19,
    -7,
    1 << 26,
    (1 << 26) + 1,
    1 << 28,
    (1 << 28) + 1,
];

const CHARACTERS: &[&str] = &[
    "A",
    "\u{200b}",
    "\u{ad}",
    "\u{7f}",
    "\0",
    "\u{1f}",
    " ",
    "\u{9f}",
    "\u{a0}",
    "\u{61c}",
    "\u{180e}",
    "\u{200a}",
    "\u{200f}",
    "\u{2010}",
    "\u{2027}",
    "\u{2028}",
    "\u{202e}",
    "\u{202f}",
    "\u{205f}",
    "\u{2060}",
    "\u{206f}",
    "\u{2070}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{f8ff}",
    "\u{f900}",
    "\u{fefe}",
    "\u{feff}",
    "\u{fff8}",
    "\u{fff9}",
    "\u{fffb}",
    "\u{fffc}",
    "\u{e0000}",
    "\u{e0001}",
    "\u{e007f}",
    "\u{e0080}",
    "\u{effff}",
    "\u{f0000}",
    "\u{10ffff}",
    "苏",
];

/// A character at a bound of section 1.7.
pub fn character(s: &mut Source<'_>) -> &'static str {
    s.pick(CHARACTERS)
}

/// A text of a length at a bound.
fn text(s: &mut Source<'_>) -> Item {
    let length = s.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 39, 40, 41, 48, 49, 60, 61, 90, 91]);
    Item::Text("X".repeat(length))
}

/// Items that are rarely right.
fn odd(s: &mut Source<'_>) -> Item {
    const RAW: &[&[u8]] = &[
        &[0xf4],
        &[0xf6],
        &[0xf7],
        &[0xf8, 0x20],
        &[0xf8, 0x14],
        &[0xe0],
        &[0xf9, 0, 0],
        &[0xfa, 0, 0, 0, 0],
        &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xc0, 0],
        &[0xd2, 0],
        &[0x1c],
        &[0x9f, 0xff],
        &[0x5f, 0xff],
        &[0x7f, 0xff],
        &[0xbf, 0xff],
        &[0xff],
        &[0x61, 0xff],
        &[0x62, 0xc3, 0x28],
        &[0x18, 0x17],
        &[0x38, 0x17],
        &[0x58, 1, 0],
        &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9a, 0, 1, 0, 0],
        &[0xba, 0, 1, 0, 0],
        &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[],
        &[0xa2, 0, 0, 0, 0],
        &[0xa2, 1, 0, 0, 0],
        &[0xa2, 0, 0, 0x18, 0, 0],
    ];
    match s.below(8) {
        0 => Item::Int(s.pick(INTEGERS)),
        1 => Item::Bytes(vec![7; s.pick(&[0, 1, 7, 8, 9, 10, 11, 12, 16, 31, 32, 33, 63, 64, 65])]),
        2 => text(s),
        3 => Item::List(vec![]),
        4 => Item::Map(vec![]),
        5 => {
            let deep = s.pick(&[1, 2, 3, 12, 13, 14, 15, 16, 17]);
            (0..deep).fold(Item::Int(0), |inner, _| Item::List(vec![inner]))
        }
        _ => Item::raw(s.pick(RAW)),
    }
}

/// An item whose head is a byte longer than it must be.
fn longer(item: &Item) -> Item {
    let bytes = item.encode();
    let head = match bytes[0] & 31 {
        short @ 0..24 => vec![bytes[0] & 0xe0 | 24, short],
        24 => vec![bytes[0] & 0xe0 | 25, 0, bytes[1]],
        25 => vec![bytes[0] & 0xe0 | 26, 0, 0, bytes[1], bytes[2]],
        _ => return Item::Raw(bytes),
    };
    let taken = match bytes[0] & 31 {
        0..24 => 1,
        24 => 2,
        _ => 3,
    };
    Item::Raw([&head[..], &bytes[taken..]].concat())
}

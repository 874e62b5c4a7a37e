//! The inputs that cost a decoder most for their size: the most items, runs, tokens and nesting that bytes can hold.
//!
//! The tests bound what decoding them takes of memory, a bench shows that their time grows as they do. They are made
//! for any size and are as good as they need to be to be read to their end.

use freightpass_core::bundle::{Bundle, Provision};
use freightpass_core::manifest::UnverifiedManifest;
use freightpass_core::pass::{UnverifiedPass, decode_text};
use freightpass_core::status::{self, Delta, MAX_N, Snapshot};
use freightpass_core::survivors::Survivors;
use freightpass_core::trust::{Roots, UnverifiedTrustList};

use crate::item::Item;
use crate::{world, write};

/// A family of inputs of growing size for one decoder.
pub struct Worst {
    /// The decoder.
    pub decoder: &'static str,
    /// What there is so much of.
    pub name: &'static str,
    /// The smallest size for which it is made, bytes; eight times as much is within the decoder's cap.
    pub smallest: usize,
    /// An input of about this many bytes, never more; where few bytes stand for a state, one whose array has so many.
    pub make: fn(usize) -> Vec<u8>,
    /// Whether the decoder reads it.
    pub decode: fn(&[u8]) -> bool,
}

/// All families.
pub fn all() -> Vec<Worst> {
    let worst = |decoder, name, smallest, make, decode| Worst { decoder, name, smallest, make, decode };
    vec![
        worst("pass text", "characters", 96, text, |bytes| {
            decode_text(core::str::from_utf8(bytes).unwrap_or_default()).is_ok()
        }),
        worst("pass", "integers", 64, |size| [&[0xd2][..], &integers(size - 1)].concat(), pass),
        worst("pass", "nested arrays", 64, |size| [&[0xd2][..], &nested(size - 1)].concat(), pass),
        worst("trust list", "programmes", 128 << 10, |size| trust(size, 7, 17, programme), trust_list),
        worst("trust list", "authorities", 128 << 10, |size| trust(size, 5, 63, authority), trust_list),
        worst("trust list", "survivors sets", 128 << 10, |size| trust(size, 9, 45, survivors_set), trust_list),
        worst("trust list", "programmes of one authority", 128 << 10, programmes_of_one, trust_list),
        worst("manifest", "lists", 2 << 10, manifest, |bytes| {
            UnverifiedManifest::read(bytes).is_ok_and(|manifest| manifest.unverified_content().is_ok())
        }),
        worst("head of an object", "integers", 1 << 20, integers, head),
        worst("head of an object", "nested arrays", 1 << 20, nested, head),
        worst("head of an object", "maps as keys of maps", 1 << 20, keys_in_keys, head),
        worst("snapshot", "gaps", 200 << 10, |size| snapshot(&gaps(size)), read_snapshot),
        worst("snapshot", "gaps and runs", 200 << 10, |size| snapshot(&gaps_and_runs(size)), read_snapshot),
        worst("snapshot", "gaps of no bits", 1 << 20, |size| snapshot(&every_second(size)), read_snapshot),
        worst("snapshot", "one run", 1 << 20, |size| snapshot(&all_of(size)), read_snapshot),
        worst("delta", "gaps", 200 << 10, |size| delta(&gaps(size)), read_delta),
        worst("set", "gaps", 200 << 10, |size| gaps(size).0, |bytes| status::set::decode(bytes, MAX_N).is_ok()),
        worst("survivors", "runs of one", 1 << 20, survivors, |bytes| Survivors::decode(bytes).is_ok()),
        worst("bundle", "objects", 1 << 20, bundle, |bytes| Bundle::decode(bytes).is_ok()),
        worst("provisioning file", "roots", 54, provision, |bytes| Provision::decode(bytes).is_ok()),
    ]
}

fn pass(bytes: &[u8]) -> bool {
    UnverifiedPass::read(bytes).is_ok_and(|pass| pass.unverified_claims().is_ok())
}

fn trust_list(bytes: &[u8]) -> bool {
    UnverifiedTrustList::read(bytes).is_ok_and(|list| list.unverified_list().is_ok())
}

fn head(bytes: &[u8]) -> bool {
    status::peek(bytes).is_ok()
}

/// Under its own n, as if a manifest said the same.
fn read_snapshot(bytes: &[u8]) -> bool {
    status::peek(bytes).is_ok_and(|head| Snapshot::decode(bytes, head.n).is_ok())
}

fn read_delta(bytes: &[u8]) -> bool {
    status::peek(bytes).is_ok_and(|head| Delta::decode(bytes, head.n).is_ok())
}

fn text(size: usize) -> Vec<u8> {
    write::text(&vec![0xff; (size - 4) / 3 * 2]).into_bytes()
}

/// An array of integers of one byte.
fn integers(size: usize) -> Vec<u8> {
    array_of(size, &[0])
}

/// Arrays as deep as may be, side by side.
fn nested(size: usize) -> Vec<u8> {
    array_of(size, &[[0x81; 14].as_slice(), &[0x80]].concat())
}

/// Maps whose keys are maps: both keys of each are compared up to their last byte, on every level.
fn keys_in_keys(size: usize) -> Vec<u8> {
    let mut map = vec![0xa0];
    for level in 0..12 {
        let mut last = map.clone();
        *last.last_mut().expect("a map ends in something") = 1;
        map = match level {
            0 => vec![0xa2, 0x00, 0x00, 0x01, 0x00],
            _ => [&[0xa2][..], &map, &[0], &last, &[0]].concat(),
        };
    }
    array_of(size, &map)
}

/// As many of an item as an array of `size` bytes holds.
fn array_of(size: usize, item: &[u8]) -> Vec<u8> {
    let mut head = minicbor::Encoder::new(Vec::new());
    head.array((size.saturating_sub(9) / item.len()) as u64).expect("a vector takes all");
    let mut bytes = head.into_writer();
    (0..size.saturating_sub(9) / item.len()).for_each(|_| bytes.extend_from_slice(item));
    bytes
}

/// A trust list of `size` bytes with its field `key` full of items of at most `bytes` bytes.
fn trust(size: usize, key: i64, bytes: usize, item: fn(i64) -> Item) -> Vec<u8> {
    // What is around them takes up to 1500 bytes.
    let count = (size - 1500) / bytes;
    let items = Item::List((1..=count as i64).map(item).collect());
    world::cosigned(&write::trust(&world::trust()).with(key, items), &["root 1"])
}

fn window() -> [Item; 2] {
    [i64::from(world::T0), i64::from(world::T0 + 1)].map(Item::Int)
}

fn programme(number: i64) -> Item {
    let members = [Item::Int(number % 65_536), Item::text("")].into_iter().chain(window()).chain([Item::Int(0)]);
    Item::List(members.collect())
}

fn authority(number: i64) -> Item {
    let key = [Item::bytes(&world::public(&number.to_string()))];
    let key = Item::List(key.into_iter().chain(window()).chain([Item::Int(0)]).collect());
    let name = Item::Text(number.to_string());
    let rest = [Item::text("n"), Item::Int(1), Item::Int(0), Item::List(vec![]), Item::List(vec![key])];
    Item::List([name, Item::Int(number)].into_iter().chain(rest).collect())
}

fn survivors_set(number: i64) -> Item {
    Item::List(vec![Item::bytes(&number.to_be_bytes()), Item::bytes(&[7; 32])])
}

fn programmes_of_one(size: usize) -> Vec<u8> {
    let many = Item::Raw(array_of(size - 1500, &[1]));
    let all = write::trust(&world::trust()).edit(5, |authorities| {
        let Item::List(mut authorities) = authorities else { unreachable!("authorities are a list") };
        let Item::List(mut first) = authorities.remove(0) else { unreachable!("an authority is a list") };
        first[5] = many;
        authorities.insert(0, Item::List(first));
        Item::List(authorities)
    });
    world::cosigned(&all, &["root 1"])
}

fn manifest(size: usize) -> Vec<u8> {
    let mut content = world::standard_manifest();
    let entry = content.lists[0];
    // What is around the lists takes 215 bytes, a list at most 74.
    let count = (size - 215) / 74;
    content.lists =
        (0..count as u32).map(|list| freightpass_core::manifest::ListEntry { list, n: 1, ..entry }).collect();
    world::signed_manifest(&content, "status 1")
}

/// A set and the n that it is over.
type SetOver = (Vec<u8>, u32);

fn snapshot((set, n): &SetOver) -> Vec<u8> {
    write::snapshot(1, *n, set, &[]).encode()
}

fn delta((set, n): &SetOver) -> Vec<u8> {
    write::delta(1, *n, &[0; 32], [set, &[], &[]]).encode()
}

/// Tokens of one bit: gaps of 1 and 2, as a coin falls.
fn gaps(size: usize) -> SetOver {
    let mut coin = 1u64;
    let mut next = 0;
    let index = |_| {
        coin = coin.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let index = next + 1 + (coin >> 63) as u32;
        next = index + 1;
        index
    };
    over(&(0..tokens(size)).map(index).collect::<Vec<_>>())
}

/// Tokens of one bit: a gap of 1, a run of 3, and so on.
fn gaps_and_runs(size: usize) -> SetOver {
    over(&(0..tokens(size) / 2).flat_map(|pair| (0..4).map(move |index| 5 * pair + 1 + index)).collect::<Vec<_>>())
}

/// Tokens of one bit that fit beside head and lengths.
fn tokens(size: usize) -> u32 {
    8 * (size as u32 - 64)
}

fn over(indexes: &[u32]) -> SetOver {
    (world::set(indexes), indexes.last().map_or(0, |last| last + 1))
}

/// Every second index of an array of `size` bytes: a lone class, whose code has no bits.
fn every_second(size: usize) -> SetOver {
    let n = 4 * size as u32;
    (write::bits(&[(u64::from(n / 2), 32), (2, 6), (0, 6), (0b01, 2), (0, 6)]), n)
}

/// All indexes of an array of `size` bytes: one run token for v = n - 2 (docs/FORMAT.md, section 4).
fn all_of(size: usize) -> SetOver {
    let n = 4 * size as u32;
    let v = u64::from(n) - 2;
    let k = v.ilog2();
    let class = 2 * k - 1 + (v >> (k - 1) & 1) as u32;
    let mut fields = vec![(u64::from(n), 32), (0, 6), (u64::from(class) + 1, 6)];
    fields.extend(vec![(0, 1); class as usize]);
    fields.extend([(1, 1), (0, 6), (v & ((1 << (k - 1)) - 1), k - 1)]);
    (write::bits(&fields), n)
}

/// Runs of one entry that do not touch: the most places for the fewest bytes.
fn survivors(size: usize) -> Vec<u8> {
    let run = |first: i64| Item::List(vec![Item::Int(1), Item::Int(first), Item::bytes(&[7; 10])]);
    let runs = Item::List((0..(size as i64 - 40) / 18).map(|number| run(2 * number)).collect());
    Item::List(vec![Item::Int(2), Item::bytes(&[1; 8]), Item::bytes(&[2; 16]), runs]).encode()
}

fn bundle(size: usize) -> Vec<u8> {
    const OBJECT: usize = 8 << 10;
    let object = [0; OBJECT];
    write::bundle(&[b"t"], b"m", &vec![&object[..]; (size - 64) / (OBJECT + 3)]).encode()
}

/// A root for each 54 bytes: eight take less than the cap.
fn provision(size: usize) -> Vec<u8> {
    let keys = (0..size / 54).map(|number| world::public(&format!("root {number}"))).collect();
    write::provision(&world::DEPLOYMENT, &Roots { threshold: 1, keys }, world::T0).encode()
}

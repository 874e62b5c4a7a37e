//! Every bound of the formats and of the verdict, met from both sides: one before it, at it, one behind it.
//!
//! The deployment is that of the vectors (tools/vectors/src/world.rs). [`vectors`] replays those too, beside the core
//! alone: it is what `cargo mutants` asks of a mutant (docs/MUTANTS.md).

mod adoption;
mod encoding;
mod manifest;
mod objects;
mod pass;
mod times;
mod trust;
mod vectors;

use freightpass_core::bundle::Provision;
use freightpass_core::hold::Held;
use freightpass_core::malformed::Malformed;
use freightpass_core::manifest::ManifestContent;
use freightpass_core::trust::TrustContent;
use freightpass_vectors::item::Item;
use freightpass_vectors::world;

/// A new scanner.
fn new_scanner() -> Held {
    Held::provisioned(&Provision::decode(&world::provision()).expect("the provisioning file"))
}

/// A confirmed scanner with this trust list and this manifest, and the standard states.
fn scanner(list: &TrustContent, manifest: &ManifestContent) -> Held {
    let mut held = new_scanner();
    held.adopt_trust(&world::signed_trust(list)).expect("a trust list");
    held.adopt_manifest(&world::signed_manifest(manifest, "status 1")).expect("a manifest");
    for state in world::states() {
        held.adopt_object(&world::snapshot(&state)).expect("a state that the manifest names");
    }
    held.confirm_start().expect("a date");
    held
}

/// A field, a way to write it, and what it may and must not be.
struct Bound {
    field: &'static str,
    /// The whole with the field set to this.
    put: fn(Item) -> Item,
    inside: Vec<Item>,
    outside: Vec<Item>,
}

impl Bound {
    /// An integer from `least` to `most`; one that nothing can pass, 2^63 - 1, has nothing outside above it.
    fn int(field: &'static str, least: i64, most: i64, put: fn(Item) -> Item) -> Self {
        let inside = [least, least + 1, most - 1, most].map(Item::Int).to_vec();
        Self { field, put, inside, outside: [least - 1, most + 1].map(Item::Int).to_vec() }
    }

    /// A text of `least` to `most` bytes.
    fn text(field: &'static str, least: usize, most: usize, put: fn(Item) -> Item) -> Self {
        let of = |size: usize| Item::Text("A".repeat(size));
        Self::sized(field, least, most, of, put)
    }

    /// A byte string of exactly `size` bytes.
    fn bytes(field: &'static str, size: usize, put: fn(Item) -> Item) -> Self {
        let of = |size: usize| Item::Bytes(vec![1; size]);
        Self { field, put, inside: vec![of(size)], outside: vec![of(size - 1), of(size + 1)] }
    }

    /// Anything of a size.
    fn sized(
        field: &'static str,
        least: usize,
        most: usize,
        of: impl Fn(usize) -> Item,
        put: fn(Item) -> Item,
    ) -> Self {
        let inside = [least, least + 1, most - 1, most].map(&of).to_vec();
        let below = least.checked_sub(1).into_iter();
        Self { field, put, inside, outside: below.chain([most + 1]).map(of).collect() }
    }

    /// Asks `read` of each value: inside is read, outside is a fault of this field of one of these codes.
    fn holds<T>(&self, codes: &[&str], read: impl Fn(Item) -> Result<T, Malformed>) {
        for value in &self.inside {
            let answer = read((self.put)(value.clone()));
            assert!(answer.is_ok(), "{}: {value:?}: {:?}", self.field, answer.err());
        }
        for value in &self.outside {
            let Err(error) = read((self.put)(value.clone())) else {
                panic!("{}: {value:?} is read", self.field);
            };
            assert_eq!(error.fault.field(), Some(self.field), "{value:?}: {error}");
            assert!(codes.contains(&error.fault.code()), "{}: {value:?}: {error}", self.field);
        }
    }
}

/// The list with its member at `at` set to `value`; at its end, one more.
fn at(list: Item, at: usize, value: Item) -> Item {
    let Item::List(mut members) = list else { panic!("not a list: {list:?}") };
    if at == members.len() {
        members.push(value);
    } else {
        members[at] = value;
    }
    Item::List(members)
}

/// The list with its member at `at` changed.
fn change(list: Item, place: usize, change: impl FnOnce(Item) -> Item) -> Item {
    let Item::List(members) = &list else { panic!("not a list: {list:?}") };
    let value = change(members[place].clone());
    at(list, place, value)
}

/// The first `count` members of a list, with zeros behind what it has.
fn resized(list: Item, count: usize) -> Item {
    let Item::List(mut members) = list else { panic!("not a list: {list:?}") };
    members.resize(count, Item::Int(0));
    Item::List(members)
}

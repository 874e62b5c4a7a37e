//! The sizes and ranges of a pass's claims (docs/FORMAT.md, 1.1).

use freightpass_core::malformed::Malformed;
use freightpass_core::pass::{Claims, UnverifiedPass};
use freightpass_vectors::item::Item;
use freightpass_vectors::world::{self, typical};
use freightpass_vectors::write;

use super::{Bound, at, change, resized};

fn claims() -> Item {
    write::claims(&typical())
}

fn body(key: i64, value: Item) -> Item {
    claims().edit(-65537, |body| body.with(key, value))
}

fn body_edit(key: i64, change: impl FnOnce(Item) -> Item) -> Item {
    claims().edit(-65537, |body| body.edit(key, change))
}

fn status(key: &'static str, value: Item) -> Item {
    claims().edit(65535, |status| status.edit("status_list", |list| list.with(key, value)))
}

/// The second person, a relief driver, with this member set.
fn person(member: usize, value: Item) -> Item {
    body_edit(3, |crew| change(crew, 1, |person| at(person, member, value)))
}

fn read(payload: Item) -> Result<Claims, Malformed> {
    let bytes = world::by("CN-3205", &payload).bytes();
    UnverifiedPass::read(&bytes)?.unverified_claims()
}

#[test]
fn every_size_of_a_pass_holds_at_its_bounds() {
    for bound in [
        Bound::text("iss", 1, 16, |value| claims().with(1, value)),
        Bound::text("uri", 8, 48, |value| status("uri", value)),
        Bound::text("tractor", 4, 16, |value| body(1, value)),
        Bound::text("trailer", 4, 16, |value| body(2, value)),
        Bound::text("crew.name", 1, 60, |value| person(0, value)),
        Bound::text("crew.tail", 2, 6, |value| person(1, value)),
        Bound::text("route", 2, 8, |value| body_edit(4, |route| at(route, 3, value))),
        Bound::bytes("cti", 8, |value| claims().with(7, value)),
        Bound::bytes("enterprise", 11, |value| body(7, value)),
        Bound::sized("crew", 1, 3, |count| Item::List(vec![crew(2); count]), |value| body(3, value)),
        Bound::sized("crew", 2, 3, crew, |value| body(3, Item::List(vec![value]))),
        Bound::sized("route", 2, 10, |count| Item::List(vec![Item::Int(31); count]), |value| body(4, value)),
    ] {
        bound.holds(&["size"], read);
    }
}

/// A person of this many members.
fn crew(members: usize) -> Item {
    let members = [Item::text("A"), Item::text("BB"), Item::Int(1), Item::Int(1)].into_iter().take(members);
    Item::List(members.collect())
}

#[test]
fn every_number_of_a_pass_holds_at_its_bounds() {
    for bound in [
        Bound::int("idx", 0, u32::MAX.into(), |value| status("idx", value)),
        Bound::int("programme", 1, 65_535, |value| body(0, value)),
        Bound::int("crew.role", 1, 2, |value| person(2, value)),
        Bound::int("leg", 1, 2, |value| body(5, value)),
        Bound::int("cargo", 0, 255, |value| body(6, value)),
        Bound::int("enterprise", 0, u32::MAX.into(), |value| body(7, value)),
        // Codes of two, four and six digits; what ends with 00 is another bound, asked beside the code.
        Bound::int("route", 10, 99, |value| body_edit(4, |route| at(route, 3, value))),
        Bound::int("route", 1001, 1099, |value| body_edit(4, |route| at(route, 3, value))),
        Bound::int("route", 9901, 9999, |value| body_edit(4, |route| at(route, 3, value))),
        Bound::int("route", 100_001, 100_099, |value| body_edit(4, |route| at(route, 3, value))),
        Bound::int("route", 999_901, 999_999, |value| body_edit(4, |route| at(route, 3, value))),
    ] {
        bound.holds(&["range"], read);
    }
}

#[test]
fn every_time_of_a_pass_holds_at_its_bounds() {
    for bound in [
        Bound::int("exp", 1_577_836_800, u32::MAX.into(), |value| claims().with(4, value)),
        Bound::int("nbf", 1_577_836_800, u32::MAX.into(), |value| claims().with(5, value)),
    ] {
        bound.holds(&["time_out_of_bounds"], read);
    }
}

#[test]
fn the_status_maps_have_exactly_their_entries() {
    let size = |payload: Item| read(payload).map_err(|error| (error.fault.code(), error.fault.field()));
    let two = |map: Item| map.with("zz", 1);
    assert_eq!(size(claims()), Ok(typical()));
    let wrong = Err(("size", Some("status")));
    assert_eq!(size(claims().edit(65535, two)), wrong);
    assert_eq!(size(claims().with(65535, Item::Map(vec![]))), wrong);
    assert_eq!(size(claims().edit(65535, |status| status.edit("status_list", two))), wrong);
    assert_eq!(size(claims().edit(65535, |status| status.edit("status_list", |list| list.without("uri")))), wrong);
}

#[test]
fn authority_and_serial_of_a_number_are_at_least_one() {
    let cti = |bytes: [u8; 8]| read(claims().with(7, Item::bytes(&bytes))).map(|claims| claims.number.to_bytes());
    for bytes in [[0, 0, 1, 0, 0, 0, 0, 1], [0, 0, 2, 0, 0, 0, 0, 2], [0xff; 8]] {
        assert_eq!(cti(bytes), Ok(bytes));
    }
    for bytes in [[0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0, 0, 0]] {
        assert_eq!(cti(bytes).unwrap_err().fault.code(), "range");
    }
}

#[test]
fn a_person_without_role_drives() {
    let roles = |payload: Item| read(payload).unwrap().subject.crew.iter().map(|one| one.role).collect::<Vec<_>>();
    use freightpass_core::pass::CrewRole::{Driver, Passenger, Relief};
    assert_eq!(roles(person(2, Item::Int(1))), [Driver, Relief]);
    assert_eq!(roles(person(2, Item::Int(2))), [Driver, Passenger]);
    assert_eq!(roles(body_edit(3, |crew| change(crew, 1, |one| resized(one, 2)))), [Driver, Driver]);
}

//! People: common surnames and given names joined by chance, ID numbers by GB 11643. Nobody of them is anybody.

use std::collections::BTreeSet;

use super::draw::Draw;
use super::new_one;
use super::words::{GIVEN, HOMES, MINORITY_FAMILY, MINORITY_GIVEN, MOBILES, RARE, SURNAMES};
use crate::profile::cn::gb11643_check_digit;

/// A person on board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Kind of the paper, as tables spell it; empty: identity card.
    pub paper_kind: &'static str,
    /// Its number.
    pub paper_number: String,
    /// Mobile number.
    pub mobile: String,
    /// Role, as tables spell it.
    pub role: &'static str,
}

/// One or two drivers, a passenger here and there.
pub(super) fn crew(draw: &mut Draw, taken: &mut BTreeSet<String>) -> Vec<Person> {
    let mut crew = vec![person(draw, taken, "驾驶员")];
    if draw.chance(45) {
        crew.push(person(draw, taken, "副驾驶员"));
    }
    if draw.chance(12) {
        let mut passenger = person(draw, taken, "随车人员");
        if draw.chance(10) {
            passenger.paper_kind = "passport";
            passenger.paper_number = new_one(taken, || format!("E{}", draw.digits(8)));
        }
        crew.push(passenger);
    }
    crew
}

/// A Han name: a surname and one or two characters, now and then a rare one.
pub(super) fn han_name(draw: &mut Draw) -> String {
    let surname = draw.one(SURNAMES);
    match draw.below(100) {
        0..1 => format!("{surname}{}", draw.one(RARE)),
        1..35 => format!("{surname}{}", draw.one(GIVEN)),
        _ => format!("{surname}{}{}", draw.one(GIVEN), draw.one(GIVEN)),
    }
}

pub(super) fn mobile(draw: &mut Draw) -> String {
    format!("{}{}", draw.one(MOBILES), draw.digits(8))
}

fn person(draw: &mut Draw, taken: &mut BTreeSet<String>, role: &'static str) -> Person {
    let name = if draw.chance(1) {
        format!("{}\u{b7}{}", draw.one(MINORITY_GIVEN), draw.one(MINORITY_FAMILY))
    } else {
        han_name(draw)
    };
    Person { name, paper_kind: "", paper_number: new_one(taken, || id_number(draw)), mobile: mobile(draw), role }
}

/// A citizen's number: county, date of birth (1966 to 1999), three digits, check digit.
fn id_number(draw: &mut Draw) -> String {
    let (year, month, day) = (1966 + draw.below(34), 1 + draw.below(12), 1 + draw.below(28));
    let body = format!("{}{year}{month:02}{day:02}{:03}", draw.one(HOMES), 1 + draw.below(998));
    let check = gb11643_check_digit(&body).unwrap_or('0');
    format!("{body}{check}")
}

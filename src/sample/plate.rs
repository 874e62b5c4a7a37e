//! Plates by GA 36: five places of digits and letters, four and 挂 for trailers, six with a closing D or F for heavy
//! new-energy trucks.

use std::collections::BTreeSet;

use super::draw::Draw;
use super::enterprise::Enterprise;
use super::new_one;

const LETTERS: &[char] = &[
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z',
];

pub(super) fn tractor(draw: &mut Draw, enterprise: &Enterprise, taken: &mut BTreeSet<String>) -> String {
    let prefix = enterprise.plates;
    new_one(taken, || match draw.below(100) {
        0..8 => format!("{prefix}{}{}", draw.digits(5), draw.one(&['D', 'F'])),
        8..60 => format!("{prefix}{}{}", draw.one(LETTERS), draw.digits(4)),
        _ => format!("{prefix}{}", draw.digits(5)),
    })
}

pub(super) fn trailer(draw: &mut Draw, enterprise: &Enterprise, taken: &mut BTreeSet<String>) -> String {
    let prefix = enterprise.plates;
    new_one(taken, || {
        if draw.chance(60) {
            format!("{prefix}{}挂", draw.digits(4))
        } else {
            format!("{prefix}{}{}挂", draw.one(LETTERS), draw.digits(3))
        }
    })
}

//! Journeys between real counties: one end where the authority may issue, provinces in between named as long hauls name
//! them.

use super::draw::Draw;
use super::enterprise::Enterprise;
use super::words::{CARGO, FAR, NEAR};

/// What a truck applies for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// County where it begins.
    pub origin: String,
    /// County where it ends.
    pub destination: String,
    /// Provinces in between.
    pub via: Vec<String>,
    /// Number of the cargo's category.
    pub cargo: u8,
    /// The cargo in words.
    pub description: &'static str,
    /// Mass of the cargo, kilograms; 0 for an empty leg.
    pub cargo_mass_kg: u32,
    /// Mass of everything, kilograms.
    pub gross_mass_kg: u32,
    /// `loaded`, `empty` or `return`, as tables spell it.
    pub leg: &'static str,
    /// Minutes from the list's beginning to the planned start.
    pub begins_after_min: u32,
    /// Minutes from start to end.
    pub takes_min: u32,
}

/// Whole tonnes, in kilograms.
const TONNE: u32 = 1_000;

impl Journey {
    /// A journey of a truck of `enterprise`, that begins at once if it must. The list's first is over within half a day.
    pub(super) fn draw(draw: &mut Draw, enterprise: &Enterprise, at_once: bool, first: bool) -> Self {
        let far = !first && draw.chance(45);
        let other = if far { draw.one(FAR) } else { draw.one(NEAR) };
        let home = enterprise.county;
        // A journey goes somewhere: who would end at home goes to Shanghai's port.
        let away = if other.county == home { "310115" } else { other.county };
        let outbound = first || draw.chance(65);
        let (origin, destination) = if outbound { (home, away) } else { (away, home) };
        let between = if enterprise.authority == "CN-3301" { other.from_zhejiang } else { other.from_jiangsu };
        let leg = match draw.below(100) {
            _ if first => "loaded",
            0..82 => "loaded",
            82..92 => "empty",
            _ => "return",
        };
        let cargo_mass_kg = if leg == "empty" { 0 } else { (4 + draw.below(28) as u32) * TONNE };
        let cargo = draw_cargo(draw, enterprise.industry);
        let begins_after_min = if at_once || draw.chance(45) { 0 } else { 30 * (1 + draw.below(240) as u32) };
        let takes_min = match (first, far) {
            (true, _) => 12 * 60,
            (_, true) => 60 * (36 + 12 * draw.below(5) as u32),
            (_, false) => 60 * (12 + 6 * draw.below(4) as u32),
        };
        Self {
            origin: origin.to_owned(),
            destination: destination.to_owned(),
            via: between.iter().map(|place| (*place).to_owned()).collect(),
            cargo,
            description: description(draw, cargo),
            cargo_mass_kg,
            gross_mass_kg: (14 + draw.below(4) as u32) * TONNE + cargo_mass_kg,
            leg,
            begins_after_min,
            takes_min,
        }
    }
}

/// Mostly what the enterprise makes; sometimes something else that it needs.
fn draw_cargo(draw: &mut Draw, industry: u8) -> u8 {
    if draw.chance(85) { industry } else { draw.one(CARGO).number }
}

fn description(draw: &mut Draw, number: u8) -> &'static str {
    let words = CARGO.iter().find(|cargo| cargo.number == number).map(|cargo| cargo.words);
    draw.one(words.unwrap_or(&["货物"]))
}

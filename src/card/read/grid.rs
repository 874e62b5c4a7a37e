//! Where the modules of a code lie in a picture, found by what every code of its version shows at known places.
//!
//! The code reader of rxing works on black and white, and in a blurred or noisy picture the marks that it needs after
//! the three corner patterns (timing, alignment) are lost with the grey values. Here the whole code, taken as flat, is
//! fitted at once: its known modules, 600 of the 5,929 of version 15, must be dark and light where they ought to be.

use rxing::qrcode::common::{VERSION_DECODE_INFO, Version, VersionRef};
use rxing::qrcode::cpp_port::detector::FinderPatternSet;

use super::luma::{Luma, MIDDLE};

/// The share of the known modules' contrast that must be as it ought to be; in what is no code it is below 0.2.
const LEAST_FIT: f32 = 0.45;

/// A fit as good as this is not looked for any further.
const GOOD_FIT: f32 = 0.8;

/// How many versions each side of the estimated one are tried: corner patterns tell the module's size within 10%.
const VERSIONS_ASIDE: i32 = 2;

/// How far, in shares of the code's side, the fourth corner may lie from where a picture without perspective has it: a
/// card held at 35 degrees before a phone moves it by 0.16.
const FOURTH_REACH: f32 = 0.2;

/// Places of the fourth corner that are taken as the start of a fit, the best first.
const STARTS: usize = 6;

/// Steps, in modules, by which the four corners are moved until nothing is better, coarse to fine.
const STEPS: [f32; 3] = [0.5, 0.2, 0.08];

/// The most rounds of all four corners for each step.
const ROUNDS: usize = 4;

/// A module that every code of its version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Column.
    pub x: usize,
    /// Row.
    pub y: usize,
    /// Whether it is dark.
    pub dark: bool,
}

/// A code's modules laid over a picture.
#[derive(Debug)]
pub struct Grid {
    /// Modules along a side.
    pub side: usize,
    /// What is known of them.
    pub known: Vec<Known>,
    /// How well they show, from 0 to 1.
    pub fit: f32,
    projection: Projection,
}

impl Grid {
    /// The grid whose corner patterns are these; None where no version fits. The picture is flattened.
    pub fn fitted(picture: &Luma, corners: &FinderPatternSet) -> Option<Self> {
        let [tl, tr, bl] = [corners.tl, corners.tr, corners.bl].map(|corner| (corner.p.x, corner.p.y));
        let across = ((tr.0 - tl.0).hypot(tr.1 - tl.1) + (bl.0 - tl.0).hypot(bl.1 - tl.1)) / 2.0;
        let module = (corners.tl.size + corners.tr.size + corners.bl.size) as f32 / 21.0;
        let estimate = ((across / module + 7.0 - 17.0) / 4.0).round() as i32;
        let mut best: Option<(f32, Self)> = None;
        // The estimate first, then its neighbours to both sides.
        for away in 0..=2 * VERSIONS_ASIDE {
            let number = estimate.saturating_add(if away % 2 == 0 { away / 2 } else { -(away + 1) / 2 });
            let Some(version) = u32::try_from(number).ok().and_then(|number| Version::getVersionForNumber(number).ok())
            else {
                continue;
            };
            let (fit, grid) = Self::of_version(picture, version, [tl, tr, bl]);
            if best.as_ref().is_none_or(|(other, _)| fit > *other) {
                best = Some((fit, grid));
            }
            if fit > GOOD_FIT {
                break;
            }
        }
        best.filter(|(fit, _)| *fit >= LEAST_FIT).map(|(_, grid)| grid)
    }

    fn of_version(picture: &Luma, version: VersionRef, corners: [(f32, f32); 3]) -> (f32, Self) {
        let side = version.getDimensionForVersion() as usize;
        let known = known(version);
        let [tl, tr, bl] = corners;
        let far = side as f32 - 3.5;
        // The middle of the last alignment pattern; version 1 has none, and its fourth corner stands for it.
        let fourth = if version.getVersionNumber() > 1 { side as f32 - 6.5 } else { far };
        let places = [(3.5, 3.5), (far, 3.5), (3.5, far), (fourth, fourth)];
        let share = (fourth - 3.5) / (far - 3.5);
        let (along, down) = ((tr.0 - tl.0, tr.1 - tl.1), (bl.0 - tl.0, bl.1 - tl.1));
        let flat = (tl.0 + (along.0 + down.0) * share, tl.1 + (along.1 + down.1) * share);
        let contrast = Contrast { picture, known: &known };
        let mark: Vec<Known> = known.iter().copied().filter(|known| known.x.min(known.y) >= side - 9).collect();
        let mark = Contrast { picture, known: &mark };

        let mut starts: Vec<(f32, [(f32, f32); 4])> = Vec::new();
        let steps = (FOURTH_REACH * side as f32 / 0.8) as i32;
        let unit = 0.8 / (far - 3.5);
        for step in 0..(2 * steps + 1).pow(2) {
            let (i, j) =
                ((step % (2 * steps + 1) - steps) as f32 * unit, (step / (2 * steps + 1) - steps) as f32 * unit);
            let place = (flat.0 + along.0 * i + down.0 * j, flat.1 + along.1 * i + down.1 * j);
            let corners = [tl, tr, bl, place];
            let Some(projection) = Projection::of(places, corners) else { continue };
            starts.push((mark.of(&projection), corners));
        }
        starts.sort_by(|a, b| b.0.total_cmp(&a.0));
        starts.truncate(STARTS);
        let fit = |corners: [(f32, f32); 4]| Projection::of(places, corners).map_or(-1.0, |p| contrast.of(&p));
        let starts = starts.into_iter().map(|(_, corners)| (fit(corners), corners));
        let Some((mut best, mut corners)) = starts.max_by(|a, b| a.0.total_cmp(&b.0)) else {
            return (-1.0, Self { side, known, fit: -1.0, projection: Projection([0.0; 8]) });
        };
        // What is far from any code is not worth the rounds.
        let rounds = if best < LEAST_FIT / 3.0 { 0 } else { ROUNDS };
        let module = along.0.hypot(along.1).max(down.0.hypot(down.1)) / (far - 3.5);
        for step in STEPS.map(|step| step * module) {
            for _ in 0..rounds {
                let before = best;
                for at in 0..4 {
                    for (x, y) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                        let mut moved = corners;
                        moved[at] = (moved[at].0 + x, moved[at].1 + y);
                        let fit = fit(moved);
                        if fit > best {
                            (best, corners) = (fit, moved);
                        }
                    }
                }
                if best <= before {
                    break;
                }
            }
        }
        let projection = Projection::of(places, corners).unwrap_or(Projection([0.0; 8]));
        (best, Self { side, known, fit: best, projection })
    }

    /// The grey values of all modules, row by row, each the mean of the middle part of its area; above zero is light.
    pub fn values(&self, picture: &Luma) -> Vec<f32> {
        const PARTS: [f32; 3] = [0.22, 0.5, 0.78];
        let mut values = Vec::with_capacity(self.side * self.side);
        for y in 0..self.side {
            for x in 0..self.side {
                let mut sum = 0.0;
                for down in PARTS {
                    for across in PARTS {
                        let (px, py) = self.projection.at(x as f32 + across, y as f32 + down);
                        sum += value(picture, px, py);
                    }
                }
                values.push(sum / 9.0);
            }
        }
        values
    }
}

/// How well the known modules show in a picture.
struct Contrast<'a> {
    picture: &'a Luma,
    known: &'a [Known],
}

impl Contrast<'_> {
    /// From -1, the negative, to 1.
    fn of(&self, projection: &Projection) -> f32 {
        let (mut agreed, mut all) = (0.0, 1.0);
        for known in self.known {
            let (x, y) = projection.at(known.x as f32 + 0.5, known.y as f32 + 0.5);
            let value = value(self.picture, x, y);
            agreed += if known.dark { -value } else { value };
            all += value.abs();
        }
        agreed / all
    }
}

/// The flattened picture's value between four pixels, zero outside.
pub fn value(picture: &Luma, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (width, height) = (picture.width(), picture.height());
    // Not a number fails this too.
    if !(x >= 0.0 && y >= 0.0 && x < (width - 1) as f32 && y < (height - 1) as f32) {
        return 0.0;
    }
    let at = y as usize * width + x as usize;
    let (fx, fy) = (x.fract(), y.fract());
    let pixels = picture.pixels();
    let (Some(&[a, b]), Some(&[c, d])) = (pixels.get(at..at + 2), pixels.get(at + width..at + width + 2)) else {
        return 0.0;
    };
    let upper = f32::from(a) + (f32::from(b) - f32::from(a)) * fx;
    let lower = f32::from(c) + (f32::from(d) - f32::from(c)) * fx;
    upper + (lower - upper) * fy - f32::from(MIDDLE)
}

/// The modules that a version fixes: corner patterns with their light edge, timing, alignment, the version's number and
/// the one dark module (ISO/IEC 18004, 6.3 and 7.10).
fn known(version: VersionRef) -> Vec<Known> {
    let side = version.getDimensionForVersion() as usize;
    let number = version.getVersionNumber();
    let mut modules: Vec<Option<bool>> = vec![None; side * side];
    let mut set = |x: usize, y: usize, dark: bool| {
        if let Some(module) = modules.get_mut(y * side + x) {
            module.get_or_insert(dark);
        }
    };
    // Rings around a middle, by their distance from it: is the ring dark?
    let ring = |x: usize, y: usize| x.abs_diff(3).max(y.abs_diff(3));
    for y in 0..8 {
        for x in 0..8 {
            let dark = |x, y| matches!(ring(x, y), 0 | 1 | 3);
            set(x, y, dark(x, y));
            set(side - 1 - x, y, dark(x, y));
            set(x, side - 1 - y, dark(x, y));
        }
    }
    let centres: Vec<usize> = version.getAlignmentPatternCenters().iter().map(|centre| *centre as usize).collect();
    let last = side - 7;
    for &cy in &centres {
        for &cx in &centres {
            if matches!((cx, cy), (6, 6)) || (cx == 6 && cy == last) || (cx == last && cy == 6) {
                continue;
            }
            for y in 0..5_usize {
                for x in 0..5_usize {
                    set(cx + x - 2, cy + y - 2, x.abs_diff(2).max(y.abs_diff(2)) != 1);
                }
            }
        }
    }
    for at in 8..side - 8 {
        set(at, 6, at % 2 == 0);
        set(6, at, at % 2 == 0);
    }
    set(8, side - 8, true);
    if let Some(bits) = number.checked_sub(7).and_then(|at| VERSION_DECODE_INFO.get(at as usize)) {
        for at in 0..18 {
            let dark = bits >> at & 1 == 1;
            set(at / 3, side - 11 + at % 3, dark);
            set(side - 11 + at % 3, at / 3, dark);
        }
    }
    let places = modules.iter().enumerate();
    places.filter_map(|(at, dark)| dark.map(|dark| Known { x: at % side, y: at / side, dark })).collect()
}

/// A plane seen in perspective: from modules to pixels, by eight numbers.
#[derive(Debug)]
struct Projection([f32; 8]);

impl Projection {
    /// The one that takes these four places to those; None where they lie in a line.
    fn of(from: [(f32, f32); 4], to: [(f32, f32); 4]) -> Option<Self> {
        let mut rows = [[0.0_f64; 9]; 8];
        for (at, ((x, y), (u, v))) in from.into_iter().zip(to).enumerate() {
            let (x, y, u, v) = (f64::from(x), f64::from(y), f64::from(u), f64::from(v));
            rows[2 * at] = [x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u];
            rows[2 * at + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v];
        }
        solved(rows).map(|solved| Self(solved.map(|value| value as f32)))
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h] = self.0;
        let depth = g * x + h * y + 1.0;
        ((a * x + b * y + c) / depth, (d * x + e * y + f) / depth)
    }
}

/// Solves `N` equations, the last column the right side (Gauss, with the largest pivot); None where they do not fix the
/// unknowns.
pub fn solved<const N: usize, const M: usize>(mut rows: [[f64; M]; N]) -> Option<[f64; N]> {
    for at in 0..N {
        let pivot = (at..N).max_by(|a, b| rows[*a][at].abs().total_cmp(&rows[*b][at].abs()))?;
        rows.swap(at, pivot);
        let row = rows[at];
        if row[at].abs() < 1e-9 {
            return None;
        }
        for (other, values) in rows.iter_mut().enumerate() {
            let factor = values[at] / row[at];
            if other != at && factor != 0.0 {
                values.iter_mut().zip(row).skip(at).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    let mut solution = [0.0; N];
    for (at, value) in solution.iter_mut().enumerate() {
        *value = rows[at][N] / rows[at][at];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

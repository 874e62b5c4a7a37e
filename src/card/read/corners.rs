//! Corner patterns of codes in grey values.
//!
//! rxing finds a corner pattern by a line of pixels across it, dark and light as 1:1:3:1:1. In a picture that is blurred
//! by half a module and as noisy as it is dark, no single line shows that; the pattern's 49 modules together still do.
//! Squares are compared with the frames around them first, in sums, at all places and sizes; what stands out is then
//! fitted module by module, in all directions.

use rxing::Point;
use rxing::common::cpp_essentials::ConcentricPattern;

use super::grid::value;
use super::luma::{Luma, MIDDLE};

/// Sizes of a module that are looked for, in pixels: an octave. Larger ones are looked for in the picture at half its
/// size.
const MODULES: [f32; 3] = [2.6, 3.3, 4.2];

/// Every so many pixels each way a pattern is looked for: less than half of the smallest module.
const STEP: usize = 2;

/// What stands out this much, in parts of the contrast around it, is looked at.
const STANDS_OUT: f32 = 0.45;

/// The most places that are looked at, those first that stand out most.
const MAX_PLACES: usize = 160;

/// How well the modules must fit, from 0 to 1.
const LEAST_FIT: f32 = 0.5;

/// The most corners of a picture: four codes in view.
const MAX_CORNERS: usize = 12;

/// Corner patterns in a flattened picture, the surest first.
pub fn corners(flat: &Luma) -> Vec<ConcentricPattern> {
    let mut fitted: Vec<Fitted> = standing_out(flat).into_iter().map(|place| place.fitted(flat)).collect();
    fitted.retain(|place| place.fit >= LEAST_FIT);
    fitted.sort_by(|a, b| b.fit.total_cmp(&a.fit));
    let mut corners: Vec<Fitted> = Vec::new();
    for place in fitted {
        if corners.len() < MAX_CORNERS && corners.iter().all(|other| !other.meets(&place, 4.0)) {
            corners.push(place);
        }
    }
    let pattern = |place: &Fitted| ConcentricPattern {
        p: Point { x: place.x, y: place.y },
        size: (place.module * 7.0).round() as i32,
    };
    corners.iter().map(pattern).collect()
}

/// A corner pattern laid over a picture.
#[derive(Clone, Copy)]
struct Fitted {
    x: f32,
    y: f32,
    module: f32,
    /// Radians.
    turn: f32,
    fit: f32,
}

impl Fitted {
    fn meets(&self, other: &Self, modules: f32) -> bool {
        (self.x - other.x).hypot(self.y - other.y) < modules * self.module.max(other.module)
    }

    /// The best of this and what is near: other places, sizes and directions.
    fn fitted(mut self, flat: &Luma) -> Self {
        self.fit = -1.0;
        for turn in [0.0_f32, 22.5, 45.0, 67.5].map(f32::to_radians) {
            for size in [0.85, 1.0, 1.18] {
                let place = Self { turn, module: self.module * size, ..self };
                let fit = place.fit(flat);
                if fit > self.fit {
                    self = Self { fit, ..place };
                }
            }
        }
        if self.fit < LEAST_FIT / 2.0 {
            return self;
        }
        for step in [0.5, 0.2] {
            for _ in 0..3 {
                let before = self.fit;
                let by = step * self.module;
                for moved in [
                    Self { x: self.x + by, ..self },
                    Self { x: self.x - by, ..self },
                    Self { y: self.y + by, ..self },
                    Self { y: self.y - by, ..self },
                    Self { module: self.module * (1.0 + step / 5.0), ..self },
                    Self { module: self.module / (1.0 + step / 5.0), ..self },
                    Self { turn: self.turn + step / 3.0, ..self },
                    Self { turn: self.turn - step / 3.0, ..self },
                ] {
                    let fit = moved.fit(flat);
                    if fit > self.fit {
                        self = Self { fit, ..moved };
                    }
                }
                if self.fit <= before {
                    break;
                }
            }
        }
        self
    }

    /// How alike the 49 modules and the light ones around them are to the values here: their correlation.
    fn fit(&self, flat: &Luma) -> f32 {
        let (sin, cos) = self.turn.sin_cos();
        let (sin, cos) = (sin * self.module, cos * self.module);
        let (mut agreed, mut sum, mut squares, mut lights) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for down in -4_i32..=4 {
            for across in -4_i32..=4 {
                let (i, j) = (across as f32, down as f32);
                let value = value(flat, self.x + i * cos - j * sin, self.y + i * sin + j * cos);
                let light = if matches!(across.abs().max(down.abs()), 0 | 1 | 3) { -1.0 } else { 1.0 };
                agreed += light * value;
                sum += value;
                squares += value * value;
                lights += light;
            }
        }
        // 81 modules, 33 dark; both sides by their means.
        let covariance = agreed - sum * lights / 81.0;
        let spread = (squares - sum * sum / 81.0) * (81.0 - lights * lights / 81.0);
        covariance / (spread.sqrt() + 1.0)
    }
}

/// Places where a dark square in a light frame in a dark frame stands out from what is around, the most first.
fn standing_out(flat: &Luma) -> Vec<Fitted> {
    let values: Vec<i32> = flat.pixels().iter().map(|value| i32::from(*value) - i32::from(MIDDLE)).collect();
    let sums = Sums::of(flat.width(), values.iter().copied());
    let sizes = Sums::of(flat.width(), values.iter().map(|value| value.abs()));
    let mut places = Vec::new();
    for module in MODULES {
        let reach = [1.3, 2.4, 3.5].map(|modules: f32| (modules * module).round() as usize);
        for y in (reach[2]..flat.height().saturating_sub(reach[2] + 1)).step_by(STEP) {
            for x in (reach[2]..flat.width().saturating_sub(reach[2] + 1)).step_by(STEP) {
                let [inner, middle, outer] = reach.map(|reach| sums.square(x, y, reach));
                let [a, b, c] = reach.map(|reach| ((2 * reach + 1) * (2 * reach + 1)) as f32);
                let (dark, light, ring) = (inner / a, (middle - inner) / (b - a), (outer - middle) / (c - b));
                let contrast = sizes.square(x, y, reach[2]) / c;
                let fit = (light - 0.65 * dark - 0.35 * ring) / (2.0 * contrast + 1.0);
                if fit >= STANDS_OUT && dark < 0.0 {
                    places.push(Fitted { x: x as f32 + 0.5, y: y as f32 + 0.5, module, turn: 0.0, fit });
                }
            }
        }
    }
    places.sort_by(|a, b| b.fit.total_cmp(&a.fit));
    let mut kept: Vec<Fitted> = Vec::new();
    for place in places {
        if kept.len() == MAX_PLACES {
            break;
        }
        if kept.iter().all(|other| !other.meets(&place, 1.5)) {
            kept.push(place);
        }
    }
    kept
}

/// Sums of values over all rectangles from the upper left, so that one over any square takes four of them.
struct Sums {
    width: usize,
    /// One row and one column more than the picture; they wrap around, and differences are right all the same.
    sums: Vec<i32>,
}

impl Sums {
    fn of(width: usize, values: impl Iterator<Item = i32>) -> Self {
        let mut sums = vec![0_i32; width + 1];
        let mut row = 0_i32;
        for (at, value) in values.enumerate() {
            if at % width == 0 {
                row = 0;
                sums.push(0);
            }
            row = row.wrapping_add(value);
            let above = sums[sums.len() - width - 1];
            sums.push(above.wrapping_add(row));
        }
        Self { width: width + 1, sums }
    }

    /// The sum over the square that reaches `reach` pixels from a pixel to each side; the square is inside.
    fn square(&self, x: usize, y: usize, reach: usize) -> f32 {
        let (upper, lower) = ((y - reach) * self.width, (y + reach + 1) * self.width);
        let (left, right) = (x - reach, x + reach + 1);
        let at = |place: usize| self.sums.get(place).copied().unwrap_or(0);
        let sum = at(lower + right).wrapping_sub(at(lower + left)).wrapping_sub(at(upper + right));
        sum.wrapping_add(at(upper + left)) as f32
    }
}

//! From the grey values of a code's modules to dark and light, where blur has run them into each other.
//!
//! Two steps, each by least squares. First a filter of a module and its neighbours is trained on the modules that are
//! known beforehand, as a modem trains on its preamble: it undoes most of the blur. Then what the blur makes of a
//! module's neighbourhood is estimated from all modules as they were just read, and each module is turned over where
//! the values around it are explained better that way.

use rxing::common::BitMatrix;

use super::grid::{Grid, Known, solved};

/// Neighbours by their distance: the module itself, the four beside it, the four at its corners, the four two away. All
/// in one class are taken alike, as blur has no direction.
const RINGS: [&[(isize, isize)]; 4] = [
    &[(0, 0)],
    &[(1, 0), (-1, 0), (0, 1), (0, -1)],
    &[(1, 1), (-1, 1), (1, -1), (-1, -1)],
    &[(2, 0), (-2, 0), (0, 2), (0, -2)],
];

/// A weight for each ring, and one for what is everywhere.
const WEIGHTS: usize = RINGS.len() + 1;

/// How far around a module the contrast is measured that it is compared with: light falls off across a code.
const CONTRAST_REACH: isize = 7;

/// How often all modules are gone through in the second step; the third time nothing turns any more.
const SWEEPS: usize = 4;

/// The modules of a code, as values: above zero is light.
pub struct Modules<'a> {
    side: isize,
    known: &'a [Known],
    values: Vec<f32>,
}

/// Values of all modules, and the one of what lies around the code.
#[derive(Clone, Copy)]
struct Field<'a> {
    values: &'a [f32],
    outside: f32,
}

impl<'a> Modules<'a> {
    /// Those values that [`Grid::values`] gave, by the contrast around each.
    pub fn new(grid: &'a Grid, values: &[f32]) -> Self {
        let mut modules = Self { side: grid.side as isize, known: &grid.known, values: values.to_vec() };
        // Sums of absolute values over squares, by row and by column.
        let across = modules.summed(&values.iter().map(|value| value.abs()).collect::<Vec<f32>>(), (1, 0));
        let around = modules.summed(&across, (0, 1));
        modules.values.iter_mut().zip(around).for_each(|(value, sum)| *value *= 100.0 / (sum + 1.0));
        modules
    }

    /// The first step.
    pub fn filtered(&self) -> Vec<f32> {
        let truth = |known: &Known| if known.dark { -1.0 } else { 1.0 };
        let places = self.known.iter().map(|known| (known.x as isize, known.y as isize, truth(known)));
        // How light the edge is beside the rest was not measured.
        let values = Field { values: &self.values, outside: 0.0 };
        match self.trained(values, places) {
            Some(weights) => self.places().map(|(x, y)| self.weighed(values, x, y, &weights)).collect(),
            None => self.values.clone(),
        }
    }

    /// The second step: signs of the modules, from those of the first.
    pub fn explained(&self, filtered: &[f32]) -> Vec<f32> {
        let mut signs: Vec<f32> = filtered.iter().map(|value| value.signum()).collect();
        for known in self.known {
            if let Some(sign) = signs.get_mut(known.y * self.side as usize + known.x) {
                *sign = if known.dark { -1.0 } else { 1.0 };
            }
        }
        let samples = self.places().zip(&self.values).map(|((x, y), value)| (x, y, *value));
        let read = Field { values: &signs, outside: 1.0 };
        let Some(blur) = self.trained(read, samples) else { return signs };
        let seen = self.places().zip(&self.values);
        let mut left: Vec<f32> = seen.map(|((x, y), value)| value - self.weighed(read, x, y, &blur)).collect();
        for _ in 0..SWEEPS {
            let mut turned = 0;
            for (at, (x, y)) in self.places().enumerate() {
                // Turning this module over moves what it gives to each neighbour by twice its weight.
                let sign = signs[at];
                let mut gain = 0.0;
                self.around(x, y, |place, ring| {
                    let change = 2.0 * sign * blur[ring];
                    gain += left[place].powi(2) - (left[place] + change).powi(2);
                });
                if gain > 0.0 {
                    self.around(x, y, |place, ring| left[place] += 2.0 * sign * blur[ring]);
                    signs[at] = -sign;
                    turned += 1;
                }
            }
            if turned == 0 {
                break;
            }
        }
        signs
    }

    /// The modules as rxing's decoder takes them. What is known is as it must be.
    pub fn matrix(&self, values: &[f32]) -> Option<BitMatrix> {
        let side = self.side as u32;
        let mut matrix = BitMatrix::new(side, side).ok()?;
        for ((x, y), value) in self.places().zip(values) {
            matrix.set_bool(x as u32, y as u32, *value < 0.0);
        }
        for known in self.known {
            matrix.set_bool(known.x as u32, known.y as u32, known.dark);
        }
        Some(matrix)
    }

    fn places(&self) -> impl Iterator<Item = (isize, isize)> + use<> {
        let side = self.side;
        (0..side * side).map(move |at| (at % side, at / side))
    }

    /// Weights by which the neighbourhoods in `from` give the samples' values, with the least squares of error.
    fn trained(&self, from: Field<'_>, samples: impl Iterator<Item = (isize, isize, f32)>) -> Option<[f32; WEIGHTS]> {
        let mut rows = [[0.0_f64; WEIGHTS + 1]; WEIGHTS];
        for (x, y, truth) in samples {
            let mut inputs = [1.0_f64; WEIGHTS + 1];
            for (input, ring) in inputs.iter_mut().zip(RINGS) {
                *input = ring.iter().map(|(dx, dy)| f64::from(self.value(from, x + dx, y + dy))).sum();
            }
            inputs[WEIGHTS] = f64::from(truth);
            for (row, left) in rows.iter_mut().zip(inputs) {
                row.iter_mut().zip(inputs).for_each(|(sum, right)| *sum += left * right);
            }
        }
        solved(rows).map(|weights| weights.map(|weight| weight as f32))
    }

    fn weighed(&self, from: Field<'_>, x: isize, y: isize, weights: &[f32; WEIGHTS]) -> f32 {
        let mut sum = weights[WEIGHTS - 1];
        for (weight, ring) in weights.iter().zip(RINGS) {
            sum += weight * ring.iter().map(|(dx, dy)| self.value(from, x + dx, y + dy)).sum::<f32>();
        }
        sum
    }

    fn around(&self, x: isize, y: isize, mut each: impl FnMut(usize, usize)) {
        for (ring, places) in RINGS.iter().enumerate() {
            for (dx, dy) in *places {
                if let Some(place) = self.place(x + dx, y + dy) {
                    each(place, ring);
                }
            }
        }
    }

    fn value(&self, from: Field<'_>, x: isize, y: isize) -> f32 {
        self.place(x, y).and_then(|place| from.values.get(place)).copied().unwrap_or(from.outside)
    }

    fn place(&self, x: isize, y: isize) -> Option<usize> {
        let inside = (0..self.side).contains(&x) && (0..self.side).contains(&y);
        inside.then_some((y * self.side + x) as usize)
    }

    /// Means over a line of modules in one direction, of as many as are inside.
    fn summed(&self, from: &[f32], (across, down): (isize, isize)) -> Vec<f32> {
        let mean = |(x, y): (isize, isize)| {
            let line =
                (-CONTRAST_REACH..=CONTRAST_REACH).filter_map(|step| self.place(x + across * step, y + down * step));
            let (sum, count) = line.fold((0.0, 0.0), |(sum, count), place| (sum + from[place], count + 1.0));
            sum / count
        };
        self.places().map(mean).collect()
    }
}

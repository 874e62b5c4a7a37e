//! Pictures as a camera at the roadside takes them, made from printed codes with a fixed seed.
//!
//! What happens to a picture, in this order: the print is turned and tilted, seen through a blurred lens, lit from one
//! side, and its grey values are noisy. `MILD` and `HARD` say how much of each.

use std::f32::consts::{PI, TAU};

/// Pixels along each side of a picture. A code of 77 modules with 6 pixels each, turned by 35 degrees, fits into it.
pub const SIDE: usize = 720;

/// Pixels a module of the 77 of a typical pass, least and most. With fewer than four, few cameras are in focus; with
/// more, every reader reads.
const MODULE: [f32; 2] = [4.0, 6.0];
/// How far the camera is from the middle of the print, in sides of the picture: an arm's length before a phone.
const DISTANCE: f32 = 2.5;
/// How dark ink and how light paper are in good light.
const INK: f32 = 20.0;
const PAPER: f32 = 235.0;

/// Pixels a module of a print, and modules of paper around the code.
const DOT: usize = 8;
const AROUND: usize = 24;

/// How bad the pictures are.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// What these are called in the table.
    pub name: &'static str,
    /// Most degrees, in the plane of the picture and out of it.
    pub tilt: f32,
    /// Largest standard deviation of the blur, in pixels.
    pub blur: f32,
    /// Standard deviation of the noise, in grey values.
    pub noise: f32,
    /// Share of the light that is left on the dark side.
    pub light: f32,
    /// Quality of the JPEG that the picture goes through; none for a PNG.
    pub jpeg: Option<u8>,
}

/// A steady hand in daylight.
pub const MILD: Conditions = Conditions { name: "mild", tilt: 10.0, blur: 1.0, noise: 8.0, light: 1.0, jpeg: None };

/// A hurried hand at dusk, and a messenger that packs the picture.
pub const HARD: Conditions =
    Conditions { name: "hard", tilt: 35.0, blur: 2.5, noise: 25.0, light: 1.0 / 3.0, jpeg: Some(40) };

/// Something printed, with the place of a code on it.
pub struct Print {
    /// Grey values, row by row.
    pub pixels: Vec<u8>,
    /// Pixels in a row.
    pub width: usize,
    /// Middle of the code.
    pub middle: [f32; 2],
    /// Side of the code without its quiet zone, in pixels.
    pub side: f32,
}

/// Numbers as of a die, the same for the same seed (xorshift64*, Vigna 2016).
pub struct Random(u64);

impl Random {
    /// A sequence of its own for every seed.
    pub fn new(seed: u64) -> Self {
        // The multiplier spreads small seeds; zero would give zeros for ever.
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The sequence of one picture, by its number.
    pub fn of_picture(conditions: &Conditions, at: u64) -> Self {
        Self::new(at + 1 + if conditions.jpeg.is_some() { 1_000 } else { 0 })
    }

    /// Evenly in `[from, to)`.
    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    fn unit(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / (1 << 24) as f32
    }

    /// Two independent values of the normal distribution (Box and Muller).
    fn normal(&mut self) -> [f32; 2] {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let angle = TAU * self.unit();
        [radius * angle.cos(), radius * angle.sin()]
    }
}

impl Print {
    /// A code, given by its rows of modules, on paper with lines of print around it.
    pub fn of_code<'a>(rows: impl Iterator<Item = &'a [bool]>) -> Self {
        let rows: Vec<&[bool]> = rows.collect();
        let side = rows.len() * DOT;
        let edge = AROUND * DOT;
        let width = side + 2 * edge;
        let mut pixels = vec![255; width * width];
        let mut random = Random::new(side as u64);
        // Words of three modules' height, two apart; none in the quiet zone.
        for top in (0..width).step_by(5 * DOT) {
            let mut left = 0;
            while left < width {
                let (word, gap) = (random.between(4.0, 20.0) as usize * DOT, random.between(1.0, 4.0) as usize * DOT);
                for y in top..(top + 3 * DOT).min(width) {
                    // Strokes and gaps of half a module.
                    for x in (left..(left + word).min(width)).filter(|x| (x / (DOT / 2)).is_multiple_of(2)) {
                        pixels[y * width + x] = 40;
                    }
                }
                left += word + gap;
            }
        }
        let quiet = edge - 4 * DOT;
        for y in quiet..width - quiet {
            pixels[y * width + quiet..(y + 1) * width - quiet].fill(255);
        }
        for (y, row) in rows.iter().enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
                for line in 0..DOT {
                    let at = (edge + y * DOT + line) * width + edge + x * DOT;
                    pixels[at..at + DOT].fill(0);
                }
            }
        }
        Self { pixels, width, middle: [width as f32 / 2.0; 2], side: side as f32 }
    }

    /// The same with a round stain, dark as mud, over that share of the code, its middle anywhere in the middle half.
    pub fn stained(mut self, share: f32, random: &mut Random) -> Self {
        let radius = self.side * (share / PI).sqrt();
        let [x, y] = self.middle.map(|middle| middle + random.between(-0.25, 0.25) * self.side);
        for (at, pixel) in self.pixels.iter_mut().enumerate() {
            let (dx, dy) = ((at % self.width) as f32 - x, (at / self.width) as f32 - y);
            if dx.hypot(dy) < radius {
                *pixel = 60;
            }
        }
        self
    }

    /// Four grey values around a place, weighted; paper outside.
    fn at(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let value = |x: f32, y: f32| {
            if x < 0.0 || y < 0.0 || x as usize >= self.width {
                return 255.0;
            }
            self.pixels.get(y as usize * self.width + x as usize).map_or(255.0, |value| f32::from(*value))
        };
        let upper = value(left, top) * (1.0 - fx) + value(left + 1.0, top) * fx;
        let lower = value(left, top + 1.0) * (1.0 - fx) + value(left + 1.0, top + 1.0) * fx;
        upper * (1.0 - fy) + lower * fy
    }

    /// A picture of the print under these conditions: [`SIDE`] by [`SIDE`] grey values, not yet packed.
    pub fn photographed(&self, conditions: &Conditions, random: &mut Random) -> Vec<u8> {
        let seen = self.seen(conditions.tilt.to_radians(), random);
        let blurred = blurred(seen, random.between(0.0, conditions.blur));
        lit(&blurred, conditions, random)
    }

    /// Turned in the plane, tilted about an axis in it, and projected.
    fn seen(&self, most: f32, random: &mut Random) -> Vec<f32> {
        let scale = random.between(MODULE[0], MODULE[1]) * 77.0 / self.side;
        let turn = random.between(-most, most);
        let tilt = random.between(0.0, most);
        let axis = random.between(0.0, PI);
        let middle = [0, 1].map(|_| SIDE as f32 / 2.0 + random.between(-8.0, 8.0));
        let distance = DISTANCE * SIDE as f32;
        let (sin_axis, cos_axis) = axis.sin_cos();
        let (sin_turn, cos_turn) = turn.sin_cos();
        // From a pixel back to the print: the ray meets the tilted plane, whose depth grows across the axis.
        let back = |x: f32, y: f32| {
            let (x, y) = (x - middle[0], y - middle[1]);
            let (along, across) = (x * cos_axis + y * sin_axis, y * cos_axis - x * sin_axis);
            let across = across / (tilt.cos() - across * tilt.sin() / distance);
            let along = along * (1.0 + across * tilt.sin() / distance);
            let (x, y) = (along * cos_axis - across * sin_axis, along * sin_axis + across * cos_axis);
            let (x, y) = (x * cos_turn + y * sin_turn, y * cos_turn - x * sin_turn);
            self.at(self.middle[0] + x / scale, self.middle[1] + y / scale)
        };
        let mut pixels = Vec::with_capacity(SIDE * SIDE);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (x, y) = (x as f32, y as f32);
                // Two samples a pixel each way, as a sensor's cell gathers light.
                let sum = back(x + 0.25, y + 0.25)
                    + back(x + 0.75, y + 0.25)
                    + back(x + 0.25, y + 0.75)
                    + back(x + 0.75, y + 0.75);
                pixels.push(INK + (PAPER - INK) * sum / (4.0 * 255.0));
            }
        }
        pixels
    }
}

/// A Gaussian blur, row by row and column by column; the edge pixel goes on beyond the edge.
fn blurred(mut pixels: Vec<f32>, sigma: f32) -> Vec<f32> {
    if sigma < 0.1 {
        return pixels;
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let weights: Vec<f32> = (0..=reach).map(|at| (-((at * at) as f32) / (2.0 * sigma * sigma)).exp()).collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    for step in [1, SIDE] {
        let line = if step == 1 { SIDE } else { 1 };
        let mut out = vec![0.0; pixels.len()];
        for start in (0..SIDE).map(|at| at * line) {
            for at in 0..SIDE {
                let mut value = pixels[start + at * step] * weights[0];
                for (away, weight) in weights.iter().enumerate().skip(1) {
                    let (before, after) = (at.saturating_sub(away), (at + away).min(SIDE - 1));
                    value += (pixels[start + before * step] + pixels[start + after * step]) * weight;
                }
                out[start + at * step] = value / sum;
            }
        }
        pixels = out;
    }
    pixels
}

/// Light that falls off evenly in some direction, then noise.
fn lit(pixels: &[f32], conditions: &Conditions, random: &mut Random) -> Vec<u8> {
    let (sin, cos) = random.between(0.0, TAU).sin_cos();
    let reach = (sin.abs() + cos.abs()) * SIDE as f32;
    let mut out = Vec::with_capacity(pixels.len());
    for (pair, values) in pixels.chunks(2).enumerate() {
        let noise = random.normal();
        for (at, value) in values.iter().enumerate() {
            let (x, y) = ((pair * 2 + at) % SIDE, (pair * 2 + at) / SIDE);
            let (x, y) = (x as f32 - SIDE as f32 / 2.0, y as f32 - SIDE as f32 / 2.0);
            let share = (x * cos + y * sin) / reach + 0.5;
            let light = 1.0 - (1.0 - conditions.light) * share;
            out.push((value * light + noise[at] * conditions.noise).round().clamp(0.0, 255.0) as u8);
        }
    }
    out
}

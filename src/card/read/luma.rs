//! Grey values, and what is done to them before a code is looked for.

/// Grey values of a picture, row by row, 0 black to 255 white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    pixels: Vec<u8>,
}

/// The grey value of what is as light as its surroundings in a [`Luma::flattened`] picture.
pub const MIDDLE: u8 = 128;

impl Luma {
    /// Grey values of a picture that is at hand already; None unless they fill whole rows.
    pub fn new(width: usize, pixels: Vec<u8>) -> Option<Self> {
        (width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width)).then_some(Self { width, pixels })
    }

    /// Pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// All grey values.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The picture at half its size, each pixel the mean of four: noise and the grid of a photographed screen go.
    pub fn half(&self) -> Option<Self> {
        let width = self.width / 2;
        let mut pixels = Vec::with_capacity(width * (self.height() / 2));
        for rows in self.pixels.chunks_exact(self.width * 2) {
            let (upper, lower) = rows.split_at(self.width);
            for (a, b) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                let sum: u16 = a.iter().chain(b).map(|value| u16::from(*value)).sum();
                pixels.push((sum / 4) as u8);
            }
        }
        Self::new(width, pixels)
    }

    /// The difference between the lightest and the darkest pixel.
    pub fn contrast(&self) -> u8 {
        let (low, high) =
            self.pixels.iter().fold((u8::MAX, 0), |(low, high), value| (low.min(*value), high.max(*value)));
        high.saturating_sub(low)
    }

    /// Each pixel the mean of itself (a quarter), its neighbours (an eighth each) and the diagonal ones (a sixteenth):
    /// noise falls to three eighths.
    pub fn smoothed(&self) -> Self {
        let across = self.map_rows(|row, out| {
            let last = row.len() - 1;
            for (at, value) in row.iter().enumerate() {
                let (before, after) = (row[at.saturating_sub(1)], row[(at + 1).min(last)]);
                out.push(((u16::from(before) + 2 * u16::from(*value) + u16::from(after) + 2) / 4) as u8);
            }
        });
        let mut pixels = Vec::with_capacity(across.pixels.len());
        let rows: Vec<&[u8]> = across.pixels.chunks_exact(across.width).collect();
        for (at, row) in rows.iter().enumerate() {
            let (before, after) = (rows[at.saturating_sub(1)], rows[(at + 1).min(rows.len() - 1)]);
            for ((above, value), below) in before.iter().zip(*row).zip(after) {
                pixels.push(((u16::from(*above) + 2 * u16::from(*value) + u16::from(*below) + 2) / 4) as u8);
            }
        }
        Self { width: self.width, pixels }
    }

    /// Each pixel beside the mean of the square around it that reaches `reach` pixels to each side: light that falls
    /// off is even, and [`MIDDLE`] parts dark from light.
    pub fn flattened(&self, reach: usize) -> Self {
        let (width, height) = (self.width, self.height());
        let rows: Vec<&[u8]> = self.pixels.chunks_exact(width).collect();
        // The sums of the columns over the rows in reach, moved down row by row.
        let mut columns = vec![0_u32; width];
        let add = |columns: &mut [u32], row: &[u8]| {
            columns.iter_mut().zip(row).for_each(|(sum, value)| *sum += u32::from(*value));
        };
        rows.iter().take(reach).for_each(|row| add(&mut columns, row));
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for (y, row) in rows.iter().enumerate() {
            if let Some(entering) = rows.get(y + reach) {
                add(&mut columns, entering);
            }
            if let Some(leaving) = y.checked_sub(reach + 1).and_then(|y| rows.get(y)) {
                columns.iter_mut().zip(*leaving).for_each(|(sum, value)| *sum -= u32::from(*value));
            }
            let high = (y + reach + 1).min(height) - y.saturating_sub(reach);
            let mut sum: u64 = columns.iter().take(reach).map(|sum| u64::from(*sum)).sum();
            for (x, value) in row.iter().enumerate() {
                sum += columns.get(x + reach).map_or(0, |sum| u64::from(*sum));
                if let Some(leaving) = x.checked_sub(reach + 1) {
                    sum -= u64::from(columns[leaving]);
                }
                let wide = (x + reach + 1).min(width) - x.saturating_sub(reach);
                let mean = (sum / (wide * high) as u64) as i16;
                pixels.push((i16::from(MIDDLE) + i16::from(*value) - mean).clamp(0, 255) as u8);
            }
        }
        Self { width, pixels }
    }

    /// The negative: a code shown light on dark becomes one as it is printed.
    pub fn negative(&self) -> Self {
        Self { width: self.width, pixels: self.pixels.iter().map(|value| 255 - value).collect() }
    }

    fn map_rows(&self, each: impl Fn(&[u8], &mut Vec<u8>)) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        self.pixels.chunks_exact(self.width).for_each(|row| each(row, &mut pixels));
        Self { width: self.width, pixels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_picture_is_its_means_and_an_odd_edge_falls_away() {
        let luma = Luma::new(3, vec![0, 100, 9, 100, 200, 9, 1, 1, 1]).unwrap();
        assert_eq!(luma.half(), Luma::new(1, vec![100]));
        assert_eq!(Luma::new(1, vec![5]).unwrap().half(), None);
        assert_eq!(luma.contrast(), 200);
    }

    #[test]
    fn smoothing_keeps_an_even_picture_and_spreads_a_dot() {
        let even = Luma::new(2, vec![77; 8]).unwrap();
        assert_eq!(even.smoothed(), even);
        let mut dot = vec![0; 25];
        dot[12] = 160;
        let smoothed = Luma::new(5, dot).unwrap().smoothed();
        assert_eq!(smoothed.pixels()[6..9], [10, 20, 10]);
        assert_eq!(smoothed.pixels()[11..14], [20, 40, 20]);
    }

    #[test]
    fn flattening_takes_each_pixel_beside_the_mean_around_it() {
        // By the definition, pixel by pixel.
        let (width, height, reach) = (9_usize, 7_usize, 2_usize);
        let pixels: Vec<u8> = (0..width * height).map(|at| (at * 37 % 251) as u8).collect();
        let luma = Luma::new(width, pixels.clone()).unwrap();
        let flat = luma.flattened(reach);
        for y in 0..height {
            for x in 0..width {
                let around = |at: usize, end: usize| at.saturating_sub(reach)..(at + reach + 1).min(end);
                let square = around(y, height).flat_map(|y| around(x, width).map(move |x| y * width + x));
                let values: Vec<u32> = square.map(|at| u32::from(pixels[at])).collect();
                let mean = (values.iter().sum::<u32>() / values.len() as u32) as i16;
                let expected = (128 + i16::from(pixels[y * width + x]) - mean).clamp(0, 255) as u8;
                assert_eq!(flat.pixels()[y * width + x], expected, "{x} {y}");
            }
        }
        assert_eq!(Luma::new(3, vec![9; 9]).unwrap().flattened(50).pixels(), [MIDDLE; 9]);
    }
}

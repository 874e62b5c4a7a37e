//! The passes over a picture, and when they end.
//!
//! A pass is a way to make grey values black and white. The first three are always made, even when one finds a code: a
//! second code may show in another only. They read what a camera in focus sees. The others are made where nothing was
//! read, or where there are corners of a code that was not: with one pass read and another too blurred, the picture is
//! not done. All work is bounded by pixels, passes and triples of corners, never by time, so that a picture has one
//! answer on every machine. The order is by what each reads of the pictures of `benches/pictures` for its cost.

use std::borrow::Cow;

use rxing::common::{BitMatrix, DetectorRXingResult, GlobalHistogramBinarizer, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer, Luma8Source};

use super::Area;
use super::corners::corners;
use super::found::Found;
use super::grid::Grid;
use super::luma::{Luma, MIDDLE};
use super::modules::Modules;
use crate::card::caught::caught;

/// Pictures are also read at half their size if that leaves this many pixels a side, two for each module of the
/// largest code on a card.
const MIN_HALF_SIDE: usize = 170;

/// The passes after the first three take pictures of at most this many pixels; larger ones are halved until they are: a
/// code has enough of them then, or is too far away.
const WORK_PIXELS: usize = 3_000_000;

/// The most triples of corner patterns that are tried, at 50 us each. A card has one, a sheet of forty cards 3,400; a
/// picture made of corner patterns has hundreds of thousands, and would hold the reader for minutes.
const MAX_TRIPLES: usize = 5_000;

/// The most triples of a pass to which a grid is fitted, at some milliseconds each.
const MAX_FITS: usize = 6;

/// How unlike the corners of one code may be, in size and in distance: a card at 35 degrees has 1.5.
const UNLIKE: f32 = 1.7;

/// Surroundings with which a pixel is compared, each way, in parts of the longer side: wider than a corner pattern,
/// narrower than the light changes.
const SURROUNDINGS: [usize; 2] = [24, 10];

/// And at least so many pixels.
const LEAST_REACH: usize = 8;

/// A grid that fits so well lies on a code; between codes and print there are some that fit less.
const SURE_FIT: f32 = 0.6;

/// Modules along a side of the smallest code that can be a pass, version 10: what is smaller and cannot be read is some
/// other code, and not missed.
const LEAST_PASS: usize = 57;

/// All passes.
pub fn all(picture: &Luma) -> Found {
    let mut found = Found::default();
    let mut open = plain(&mut found, picture, 1.0, HybridBinarizer::new);
    open |= plain(&mut found, picture, 1.0, GlobalHistogramBinarizer::new);
    if let Some(half) = smaller(picture) {
        open |= plain(&mut found, &half, 2.0, HybridBinarizer::new);
    }
    if found.crowded || !(found.is_empty() || open) {
        return found;
    }
    let (work, scale) = work(picture);
    let half = smaller(&work);
    let pictures = [Some((&*work, scale)), half.as_ref().map(|half| (half, 2.0 * scale))];
    for part in SURROUNDINGS {
        for (picture, scale) in pictures.iter().flatten() {
            close(&mut found, picture, *scale, part);
            if !found.is_empty() && found.unread() == 0 {
                return found;
            }
        }
    }
    // Light on dark: a phone that turns its colours around.
    if found.is_empty() {
        let negative = work.negative();
        plain(&mut found, &negative, scale, HybridBinarizer::new);
        if found.is_empty() {
            close(&mut found, &negative, scale, SURROUNDINGS[0]);
        }
    }
    found
}

/// The picture at half its size, where that is enough for a code.
fn smaller(picture: &Luma) -> Option<Luma> {
    picture.half().filter(|half| half.width().min(half.height()) >= MIN_HALF_SIDE)
}

/// A picture of bounded size, and how many times smaller it is.
fn work(picture: &Luma) -> (Cow<'_, Luma>, f32) {
    let (mut work, mut scale) = (Cow::Borrowed(picture), 1.0);
    while work.pixels().len() > WORK_PIXELS
        && let Some(half) = work.half()
    {
        (work, scale) = (Cow::Owned(half), scale * 2.0);
    }
    (work, scale)
}

/// A pass of rxing alone; whether there are corners of a code that was not read.
fn plain<'a, B: Binarizer>(
    found: &mut Found,
    picture: &'a Luma,
    scale: f32,
    binarizer: impl FnOnce(Luma8Source<'a>) -> B,
) -> bool {
    // rxing has panicked on black and on tiny pictures (its pull request 96), and one bad picture must not take down
    // the run over a folder. Nothing is shared with the closure but the picture, which it only reads, so nothing can
    // be left half-changed.
    let read = caught(|| {
        let (width, height) = (picture.width() as u32, picture.height() as u32);
        let Ok(source) = Luma8Source::new_with_slice(picture.pixels(), width, height) else {
            return Triples::default();
        };
        binarizer(source).get_black_matrix().map_or_else(|_| Triples::default(), decode_all)
    });
    match read {
        Some(read) => {
            found.crowded |= read.crowded;
            keep(found, read, scale).next().is_some()
        }
        None => {
            found.failed = true;
            false
        }
    }
}

/// A pass over the flattened picture: rxing again, then grids over the corners that are found in grey values.
fn close(found: &mut Found, picture: &Luma, scale: f32, part: usize) {
    let reach = (picture.width().max(picture.height()) / part).max(LEAST_REACH);
    let smooth = picture.smoothed().flattened(reach);
    let Some(read) = caught(|| black_and_white(&smooth).map_or_else(Triples::default, |matrix| decode_all(&matrix)))
    else {
        found.failed = true;
        return;
    };
    // In noise that is flattened much looks like corners; what rxing could not try is tried below.
    keep(found, read, scale).for_each(drop);
    let corners = corners(&smooth);
    // The surest corners come first, and so do the triples that are made of them.
    let rank = |triple: &FinderPatternSet| -> usize {
        let place = |corner| corners.iter().position(|other| *other == corner).unwrap_or(corners.len());
        [triple.bl, triple.tl, triple.tr].into_iter().map(place).sum()
    };
    let mut triples = GenerateFinderPatternSets(&mut corners.clone());
    triples.retain(plausible);
    triples.sort_by_key(rank);
    let flat = picture.flattened(reach);
    for triple in triples.iter().filter(|triple| !found.has(places(triple, scale))).take(MAX_FITS).collect::<Vec<_>>() {
        // One that was read just now may have shared corners with the next.
        if found.has(places(triple, scale)) {
            continue;
        }
        let Some(grid) = Grid::fitted(&smooth, triple) else { continue };
        let corners = places(triple, scale);
        match caught(|| fitted(&grid, &flat)) {
            Some(Some(text)) => found.add(text, corners),
            Some(None) if grid.side >= LEAST_PASS && grid.fit >= SURE_FIT => {
                found.add_unread(Area::around(corners.into_iter()));
            }
            Some(None) => {}
            None => found.failed = true,
        }
    }
}

/// What the modules under a grid say.
fn fitted(grid: &Grid, flat: &Luma) -> Option<String> {
    let modules = Modules::new(grid, &grid.values(flat));
    let filtered = modules.filtered();
    let decoded = |values: &[f32]| text(&modules.matrix(values)?);
    decoded(&filtered).or_else(|| decoded(&modules.explained(&filtered)))
}

/// Keeps what a pass has read; gives the corners of what it has not.
fn keep(found: &mut Found, read: Triples, scale: f32) -> impl Iterator<Item = FinderPatternSet> {
    read.read.into_iter().for_each(|(text, triple)| found.add(text, places(&triple, scale)));
    read.unread.into_iter().filter(move |triple| !found.has(places(triple, scale)))
}

/// Where the corners lie in the whole picture.
fn places(triple: &FinderPatternSet, scale: f32) -> [(f32, f32); 3] {
    [triple.bl, triple.tl, triple.tr].map(|corner| (corner.p.x * scale, corner.p.y * scale))
}

/// What is darker than its surroundings.
fn black_and_white(flat: &Luma) -> Option<BitMatrix> {
    let mut matrix = BitMatrix::new(flat.width() as u32, flat.height() as u32).ok()?;
    for (y, row) in flat.pixels().chunks_exact(flat.width()).enumerate() {
        for (x, value) in row.iter().enumerate() {
            if *value < MIDDLE {
                matrix.set(x as u32, y as u32);
            }
        }
    }
    Some(matrix)
}

/// What a black and white picture holds.
#[derive(Default)]
struct Triples {
    read: Vec<(String, FinderPatternSet)>,
    /// Corners that belong together, by their places, of no code that was read.
    unread: Vec<FinderPatternSet>,
    crowded: bool,
}

/// Every code in a black and white picture.
///
/// This is rxing's own reader of several codes but for the bound, and without its feature for it. A triple that cannot
/// be decoded hides no other.
fn decode_all(picture: &BitMatrix) -> Triples {
    let mut patterns = FindFinderPatterns(picture, true, 0);
    let triples = GenerateFinderPatternSets(&mut patterns);
    if triples.len() > MAX_TRIPLES {
        return Triples { crowded: true, ..Triples::default() };
    }
    let mut used = Vec::new();
    let mut found = Triples::default();
    for triple in triples {
        let corners = [triple.bl, triple.tl, triple.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        match SampleQR(picture, &triple).ok().and_then(|sampled| text(sampled.getBits())) {
            Some(text) => {
                used.extend(corners);
                found.read.push((text, triple));
            }
            None if plausible(&triple) => found.unread.push(triple),
            None => {}
        }
    }
    found.unread.retain(|triple| ![triple.bl, triple.tl, triple.tr].iter().any(|corner| used.contains(corner)));
    found
}

fn text(modules: &BitMatrix) -> Option<String> {
    Decode(modules).ok().filter(|decoded| decoded.isValid()).map(|decoded| decoded.text())
}

/// Whether three corners can be those of one code.
fn plausible(triple: &FinderPatternSet) -> bool {
    let sizes = [triple.bl, triple.tl, triple.tr].map(|corner| corner.size as f32);
    let side = |corner: (f32, f32)| (corner.0 - triple.tl.p.x).hypot(corner.1 - triple.tl.p.y);
    let sides = [triple.bl, triple.tr].map(|corner| side((corner.p.x, corner.p.y)));
    let alike = |values: &[f32]| {
        let (least, most) = values.iter().fold((f32::MAX, 0.0_f32), |(l, m), v| (l.min(*v), m.max(*v)));
        most <= least * UNLIKE
    };
    alike(&sizes) && alike(&sides)
}

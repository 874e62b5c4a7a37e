//! What the passes over one picture have read so far, and what it is in the end.

use std::collections::HashSet;

use super::{Area, Code, Codes, Unreadable};

/// Codes, each text once, and what went wrong.
#[derive(Default)]
pub struct Found {
    seen: HashSet<String>,
    found: Vec<Code>,
    /// Middles of the corner patterns of codes that were read, with the side of their code.
    corners: Vec<((f32, f32), f32)>,
    /// Where codes lie that could not be read.
    unread: Vec<Area>,
    /// Some picture had more marks like corners than are tried.
    pub crowded: bool,
    /// The code reader panicked.
    pub failed: bool,
}

impl Found {
    /// Keeps a code with the middles of its corner patterns; one that says the same as another counts once.
    pub fn add(&mut self, text: String, corners: [(f32, f32); 3]) {
        let area = Area::around(corners.into_iter());
        let side = (area.right - area.left).max(area.bottom - area.top);
        self.corners.extend(corners.map(|corner| (corner, side)));
        self.unread.retain(|other| !area.meets(other));
        if self.seen.insert(text.clone()) {
            self.found.push(Code { text, area });
        }
    }

    /// Keeps that there is a code which could not be read; a later pass may still read it.
    pub fn add_unread(&mut self, area: Area) {
        let known = self.found.iter().map(|code| &code.area).chain(&self.unread);
        if !known.into_iter().any(|other| area.meets(other)) {
            self.unread.push(area);
        }
    }

    /// How many codes there are that could not be read.
    pub fn unread(&self) -> usize {
        self.unread.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether one of these places is a corner of a code that was read: it is none of another then.
    pub fn has(&self, places: [(f32, f32); 3]) -> bool {
        let near = |((x, y), side): &((f32, f32), f32)| {
            // A corner pattern is 7 modules wide, of at least 21.
            places.iter().any(|place| (place.0 - x).hypot(place.1 - y) < side / 12.0)
        };
        self.corners.iter().any(near)
    }

    /// Row by row, as a page is read: codes side by side never begin at quite one height, so those whose middle lies
    /// beside the highest code left make one row with it.
    ///
    /// # Errors
    /// Why there is nothing.
    pub fn in_order(mut self) -> Result<Codes, Unreadable> {
        if self.crowded {
            return Err(Unreadable::Crowded);
        }
        if self.found.is_empty() {
            return Err(match self.unread.len() {
                0 if self.failed => Unreadable::ReaderFailed,
                0 => Unreadable::NoCode,
                _ => Unreadable::Illegible,
            });
        }
        self.found.sort_by(|a, b| a.area.top.total_cmp(&b.area.top));
        let mut ordered = Vec::with_capacity(self.found.len());
        while let Some(highest) = self.found.first() {
            let bottom = highest.area.bottom;
            let beside = |code: &Code| (code.area.top + code.area.bottom) / 2.0 <= bottom;
            let (mut row, below): (Vec<Code>, Vec<Code>) = self.found.into_iter().partition(beside);
            row.sort_by(|a, b| a.area.left.total_cmp(&b.area.left));
            // Coordinates that are no numbers lie beside nothing; they must not keep the loop going.
            if row.is_empty() {
                ordered.extend(below);
                break;
            }
            ordered.append(&mut row);
            self.found = below;
        }
        Ok(Codes { unread: self.unread.len(), codes: ordered })
    }
}

impl Area {
    /// Around these points.
    pub(super) fn around(points: impl Iterator<Item = (f32, f32)>) -> Self {
        let nothing = Area { left: f32::MAX, top: f32::MAX, right: 0.0, bottom: 0.0 };
        points.fold(nothing, |area, (x, y)| Area {
            left: area.left.min(x),
            top: area.top.min(y),
            right: area.right.max(x),
            bottom: area.bottom.max(y),
        })
    }

    /// Whether the middle of one is inside the other.
    fn meets(&self, other: &Self) -> bool {
        let middle = |area: &Self| ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0);
        let ((x, y), (other_x, other_y)) = (middle(self), middle(other));
        self.holds(other_x, other_y) || other.holds(x, y)
    }

    /// Whether a place is inside, or not further outside than the corner patterns reach.
    fn holds(&self, x: f32, y: f32) -> bool {
        // A corner pattern's middle is 3.5 modules inside a code of at least 21.
        let edge = 0.25 * (self.right - self.left).max(self.bottom - self.top);
        (self.left - edge..=self.right + edge).contains(&x) && (self.top - edge..=self.bottom + edge).contains(&y)
    }
}

//! A drawing: the marks that make a card or a page of cards, before they become SVG, a picture or PDF.
//!
//! Marks stand in the order in which a person reads them, so that text taken out of a PDF has that order too.

use super::font::Weight;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Marks on a white ground, x to the right and y downwards. A card is drawn in pixels of a phone's screen, a page of
/// paper in points of 1/72 inch.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// What it is called in a title bar: the number of the pass as it is spoken.
    pub title: String,
    /// From the left edge to the right.
    pub width: f32,
    /// From the upper edge to the lower.
    pub height: f32,
    /// Back to front, and in reading order.
    pub marks: Vec<Mark>,
}

/// One mark.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A rectangle.
    Panel(Panel),
    /// The dark modules of a code: rectangles as left, top, width, height, all black.
    Modules(Vec<[f32; 4]>),
    /// One line of text.
    Line(Line),
}

/// A rectangle with round corners.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Left, top, width, height.
    pub area: [f32; 4],
    /// Radius of the corners.
    pub radius: f32,
    /// Its ground.
    pub fill: Colour,
    /// The width and the colour of the line around it, half of it outside.
    pub frame: Option<(f32, Colour)>,
}

/// One line of text, from the left.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Every character of it has a glyph in this weight.
    pub text: String,
    /// Where the first glyph begins.
    pub x: f32,
    /// Where its letters stand.
    pub baseline: f32,
    /// Height of the font's em square.
    pub size: f32,
    /// The face.
    pub weight: Weight,
    /// The ink.
    pub colour: Colour,
}

impl Drawing {
    /// An empty drawing.
    pub fn new(title: impl Into<String>, width: f32, height: f32) -> Self {
        Drawing { title: title.into(), width, height, marks: Vec::new() }
    }

    /// Puts another drawing on this one, its upper left corner at `x`, `y`, enlarged by `scale`.
    pub fn place(&mut self, other: &Drawing, [x, y]: [f32; 2], scale: f32) {
        let area =
            |[left, top, width, height]: [f32; 4]| [x + left * scale, y + top * scale, width * scale, height * scale];
        self.marks.extend(other.marks.iter().map(|mark| match mark {
            Mark::Panel(panel) => Mark::Panel(Panel {
                area: area(panel.area),
                radius: panel.radius * scale,
                fill: panel.fill,
                frame: panel.frame.map(|(width, colour)| (width * scale, colour)),
            }),
            Mark::Modules(modules) => Mark::Modules(modules.iter().copied().map(area).collect()),
            Mark::Line(line) => Mark::Line(Line {
                x: x + line.x * scale,
                baseline: y + line.baseline * scale,
                size: line.size * scale,
                ..line.clone()
            }),
        }));
    }

    /// The lines of text, in reading order.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Line(line) => Some(line),
            _ => None,
        })
    }

    /// The size of the smallest type; infinite where there is none.
    pub fn smallest_type(&self) -> f32 {
        self.lines().map(|line| line.size).fold(f32::INFINITY, f32::min)
    }
}

//! A drawing as SVG that stands for itself.
//!
//! Letters are drawn as outlines, not as text in a font: an embedded font is ignored by many programs that open SVG
//! (Inkscape, Office, printers), and without Noto on the machine they would set boxes for 䶮 and 𬭎, and other widths
//! for the rest. So the picture is the same everywhere, and the PNG is made from it. The words stand once more in
//! `desc`, for screen readers and search; whoever wants text to copy takes the PDF.

use std::fmt::Write;

use ttf_parser::OutlineBuilder;

use super::CardError;
use super::drawing::{Colour, Drawing, Line, Mark, Panel};
use super::font::{Fonts, fonts};

/// Writes a drawing. It has a view box and no size of its own, so that a browser fits it into any window.
///
/// # Errors
/// [`CardError::Render`]: a fault of the build.
pub fn svg(drawing: &Drawing) -> Result<String, CardError> {
    let fonts = fonts()?;
    let (width, height) = (drawing.width, drawing.height);
    let words: Vec<&str> = drawing.lines().map(|line| line.text.as_str()).collect();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" lang=\"zh-CN\">\
         <title>{}</title><desc>{}</desc><rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>",
        escape(&drawing.title),
        escape(&words.join("\n"))
    );
    for mark in &drawing.marks {
        match mark {
            Mark::Panel(panel) => rect(&mut svg, panel),
            Mark::Modules(modules) => squares(&mut svg, modules),
            Mark::Line(line) => letters(&mut svg, line, fonts),
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn rect(svg: &mut String, panel: &Panel) {
    let [x, y, width, height] = panel.area;
    let _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{}\"", panel.radius);
    let _ = write!(svg, " fill=\"{}\"", hex(panel.fill));
    if let Some((width, colour)) = panel.frame {
        let _ = write!(svg, " stroke=\"{}\" stroke-width=\"{width}\"", hex(colour));
    }
    svg.push_str("/>");
}

fn squares(svg: &mut String, modules: &[[f32; 4]]) {
    svg.push_str("<path shape-rendering=\"crispEdges\" d=\"");
    for [x, y, width, height] in modules {
        let _ = write!(svg, "M{x} {y}h{width}v{height}h-{width}z");
    }
    svg.push_str("\"/>");
}

/// The outlines of a line in units of the font, brought to size and place by one matrix.
fn letters(svg: &mut String, line: &Line, fonts: &Fonts) {
    let scale = line.size / fonts.units_per_em(line.weight);
    let _ = write!(
        svg,
        "<path fill=\"{}\" transform=\"matrix({scale} 0 0 {} {:.2} {:.2})\" d=\"",
        hex(line.colour),
        -scale,
        line.x,
        line.baseline
    );
    let mut pen = Pen { data: svg, at: (0, 0), start: (0, 0), origin: 0.0 };
    for glyph in fonts.glyphs(&line.text, line.weight) {
        fonts.outline(glyph.id, line.weight, &mut pen);
        pen.origin += f32::from(glyph.advance);
    }
    svg.push_str("\"/>");
}

/// Writes an outline in whole units, each point by its distance from the last: half as long as with absolute points.
struct Pen<'a> {
    data: &'a mut String,
    at: (i32, i32),
    start: (i32, i32),
    /// Where the glyph under way begins.
    origin: f32,
}

impl Pen<'_> {
    fn to(&mut self, command: char, points: &[(f32, f32)]) {
        self.data.push(command);
        let from = self.at;
        for (index, (x, y)) in points.iter().enumerate() {
            self.at = ((x + self.origin).round() as i32, y.round() as i32);
            for (part, distance) in [self.at.0 - from.0, self.at.1 - from.1].into_iter().enumerate() {
                // A minus sign separates as well as a space does.
                let space = if distance < 0 || (index == 0 && part == 0) { "" } else { " " };
                let _ = write!(self.data, "{space}{distance}");
            }
        }
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.to('m', &[(x, y)]);
        self.start = self.at;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.to('l', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.to('q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.to('c', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.data.push('z');
        self.at = self.start;
    }
}

fn hex([red, green, blue]: Colour) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Text for the inside of an element; the font check before has refused control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::font::Weight;
    use super::*;

    fn of(text: &str) -> String {
        let mut drawing = Drawing::new("320500-220418-00042-0", 100.0, 50.0);
        drawing.marks.push(Mark::Line(Line {
            text: text.into(),
            x: 10.0,
            baseline: 40.0,
            size: 30.0,
            weight: Weight::Regular,
            colour: [22, 33, 29],
        }));
        svg(&drawing).unwrap()
    }

    #[test]
    fn letters_are_outlines_and_no_font_is_asked_for() {
        let drawn = of("李𬭎");
        assert!(!drawn.contains("<text") && !drawn.contains("font-"), "{drawn}");
        assert!(drawn.contains("<title>320500-220418-00042-0</title><desc>李𬭎</desc>"));
        // The square brackets of the path data: two ideographs of some ten contours.
        assert!(drawn.matches('z').count() > 6);
    }

    #[test]
    fn the_second_glyph_stands_an_advance_behind_the_first() {
        // Of 一 one rectangle or so each: the first point of the second is 1,000 units further.
        let one = of("一");
        let two = of("一一");
        let data = |svg: &str| svg.rsplit_once("d=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        assert!(data(&two).starts_with(&data(&one)));
        assert!(data(&two)[data(&one).len()..].starts_with("m1000 0"), "{}", data(&two));
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(escape("<a b='\"'>&"), "&lt;a b='\"'&gt;&amp;");
        assert!(!of("</desc><image href='x'/>").contains("<image"));
    }
}

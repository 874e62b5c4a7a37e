//! A drawing under way: rectangles, and texts that shrink or wrap into the width that they are given.

use super::CardError;
use super::drawing::{Colour, Drawing, Line, Mark, Panel};
use super::face::Field;
use super::font::{Fonts, Weight};

/// One line's height in sizes of its font.
const LEADING: f32 = 1.32;

/// A font's size shrinks in steps of this many pixels.
const STEP: f32 = 1.0;

/// Marks that may not begin a line, so the character before them goes along.
const NEVER_FIRST: &str = "，。、：；！？）》」』”’·…,.;:!?)%";
/// Marks that may not end a line.
const NEVER_LAST: &str = "（《「『“‘(";

/// Where a text stands against its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// How a text is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The size that is wanted, in pixels.
    pub size: f32,
    /// The size below which a text takes more lines instead of shrinking.
    pub smallest: f32,
    /// The lines for which a text shrinks.
    pub lines: usize,
    /// The most lines that it may take at its smallest size.
    pub most: usize,
    /// The weight that is wanted.
    pub weight: Weight,
    /// The ink.
    pub colour: Colour,
}

/// A text broken into lines of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// At least one line.
    pub lines: Vec<String>,
    /// Pixels.
    pub size: f32,
}

/// The drawing under way.
pub struct Sheet<'a> {
    fonts: &'a Fonts,
    marks: Vec<Mark>,
}

impl<'a> Sheet<'a> {
    /// An empty sheet.
    pub fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, marks: Vec::new() }
    }

    /// The whole drawing.
    pub fn finish(self, title: &str, width: f32, height: f32) -> Drawing {
        Drawing { marks: self.marks, ..Drawing::new(title, width, height) }
    }

    /// A rectangle without a frame.
    pub fn panel(&mut self, area: [f32; 4], radius: f32, fill: Colour) {
        self.marks.push(Mark::Panel(Panel { area, radius, fill, frame: None }));
    }

    /// A white rectangle with a frame that lies inside of `area`.
    pub fn frame(&mut self, [x, y, width, height]: [f32; 4], radius: f32, line: f32, colour: Colour) {
        let area = [x + line / 2.0, y + line / 2.0, width - line, height - line];
        self.marks.push(Mark::Panel(Panel { area, radius, fill: [255; 3], frame: Some((line, colour)) }));
    }

    /// The dark modules of a code.
    pub fn modules(&mut self, modules: Vec<[f32; 4]>) {
        self.marks.push(Mark::Modules(modules));
    }

    /// One line at a baseline, as it is; its width.
    pub fn line(&mut self, text: &str, x: f32, baseline: f32, anchor: Anchor, style: Style) -> f32 {
        if text.is_empty() {
            return 0.0;
        }
        let width = self.width(text, style);
        let x = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let weight = self.fonts.weight(text, style.weight);
        let Style { size, colour, .. } = style;
        self.marks.push(Mark::Line(Line { text: text.to_owned(), x, baseline, size, weight, colour }));
        width
    }

    /// A text in a column: shrunk as far as [`Style::smallest`], then wrapped. `top` is the upper edge of the first line;
    /// the result is the lower edge of the last. An empty text takes no room.
    ///
    /// # Errors
    /// [`CardError::DoesNotFit`] beyond [`Style::most`] lines.
    pub fn block(
        &mut self,
        field: Field,
        text: &str,
        [x, top, width]: [f32; 3],
        anchor: Anchor,
        style: Style,
    ) -> Result<f32, CardError> {
        if text.is_empty() {
            return Ok(top);
        }
        let fitted = self.fit(field, text, width, style)?;
        Ok(self.set(&fitted, [x, top], anchor, style))
    }

    /// Like [`Sheet::block`] from the left, of parts that stay whole where they fit a line.
    ///
    /// # Errors
    /// [`CardError::DoesNotFit`] beyond [`Style::most`] lines.
    pub fn parts(
        &mut self,
        field: Field,
        parts: &[String],
        [x, top, width]: [f32; 3],
        style: Style,
    ) -> Result<f32, CardError> {
        let fitted = self.fit_parts(field, parts, width, style)?;
        Ok(self.set(&fitted, [x, top], Anchor::Start, style))
    }

    /// What [`Sheet::block`] would set, unset.
    ///
    /// # Errors
    /// [`CardError::DoesNotFit`] beyond [`Style::most`] lines.
    pub fn fit(&self, field: Field, text: &str, width: f32, style: Style) -> Result<Fitted, CardError> {
        self.fit_parts(field, &pieces(text), width, style)
    }

    fn fit_parts(&self, field: Field, parts: &[String], width: f32, style: Style) -> Result<Fitted, CardError> {
        let mut size = style.size;
        loop {
            let lines = self.wrap(parts, width, Style { size, ..style });
            if lines.len() <= style.lines {
                return Ok(Fitted { lines, size });
            }
            if size - STEP < style.smallest {
                return if lines.len() <= style.most {
                    Ok(Fitted { lines, size })
                } else {
                    Err(CardError::DoesNotFit { field, text: parts.concat() })
                };
            }
            size -= STEP;
        }
    }

    /// Sets lines that were fitted before.
    pub fn set(&mut self, fitted: &Fitted, [x, top]: [f32; 2], anchor: Anchor, style: Style) -> f32 {
        let style = Style { size: fitted.size, ..style };
        let mut y = top;
        for line in &fitted.lines {
            // The ascenders of ideographs reach 0.88 of the size, and half of the leading lies above them.
            self.line(line, x, y + style.size * (0.88 + (LEADING - 1.0) / 2.0), anchor, style);
            y += style.size * LEADING;
        }
        y
    }

    /// The width of a text as this style sets it.
    pub fn width(&self, text: &str, style: Style) -> f32 {
        self.fonts.width(text, style.size, style.weight)
    }

    fn wrap(&self, parts: &[String], width: f32, style: Style) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for part in parts {
            if self.width(&format!("{line}{}", part.trim_end()), style) <= width {
                line.push_str(part);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            // A part wider than the column (a long word) is broken where the column ends.
            for character in part.chars() {
                if !line.is_empty() && self.width(&format!("{line}{character}"), style) > width {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(character);
            }
        }
        if !line.trim_end().is_empty() || lines.is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

/// The parts between which a line may end: ideographs one by one, Latin words with the space behind them, and marks
/// with what they belong to.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for character in text.chars() {
        let joined = before.is_some_and(|before| {
            character == ' '
                || NEVER_FIRST.contains(character)
                || NEVER_LAST.contains(before)
                || (!is_wide(character) && !is_wide(before) && before != ' ')
        });
        match pieces.last_mut() {
            Some(piece) if joined => piece.push(character),
            _ => pieces.push(character.into()),
        }
        before = Some(character);
    }
    pieces
}

/// Ideographs and full-width marks.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..)
}

#[cfg(test)]
mod tests {
    use super::super::font::fonts;
    use super::*;

    fn style(lines: usize, most: usize) -> Style {
        Style { size: 30.0, smallest: 20.0, lines, most, weight: Weight::Regular, colour: [0; 3] }
    }

    fn fit(text: &str, width: f32, style: Style) -> Result<Fitted, CardError> {
        Sheet::new(fonts().unwrap()).fit(Field::Authority, text, width, style)
    }

    #[test]
    fn a_text_shrinks_first_then_wraps_and_then_is_refused() {
        let text = "十个汉字的长度是多少";
        assert_eq!(fit(text, 300.0, style(1, 2)).unwrap().size, 30.0);
        assert_eq!(fit(text, 299.0, style(1, 2)).unwrap().size, 29.0);
        let wrapped = fit(text, 100.0, style(1, 2)).unwrap();
        assert_eq!(wrapped, Fitted { lines: vec!["十个汉字的".into(), "长度是多少".into()], size: 20.0 });
        let refused = CardError::DoesNotFit { field: Field::Authority, text: text.into() };
        assert_eq!(fit(text, 99.0, style(1, 2)), Err(refused));
    }

    #[test]
    fn words_stay_whole_unless_one_alone_is_too_wide() {
        assert_eq!(fit("Freight Pass", 120.0, style(2, 2)).unwrap().lines, ["Freight", "Pass"]);
        let broken = fit("Donaudampfschifffahrt", 100.0, style(1, 9)).unwrap();
        assert_eq!(broken.lines.concat(), "Donaudampfschifffahrt");
        assert!(broken.lines.len() > 1);
    }

    #[test]
    fn marks_stay_with_what_they_belong_to() {
        assert_eq!(pieces("看（先）扫，再"), ["看", "（先）", "扫，", "再"]);
        assert_eq!(pieces("苏州 → 上海"), ["苏", "州 ", "→ ", "上", "海"]);
    }
}

//! The layout of a card: the code large in the middle, the plates over it, validity under it, Chinese first.
//!
//! The card is [`WIDTH`] wide and at least [`LEAST_HEIGHT`] high (a phone's screen, or a page of paper). Texts shrink,
//! then wrap in their columns, the card growing a little; what fits even so not is refused, never cut. It is always
//! dark on white: a code drawn light on dark is not read by every scanner.

use std::ops::Range;

use super::CardError;
use super::drawing::{Colour, Drawing};
use super::face::{CardFace, Crew, Field, Words};
use super::font::{Fonts, Weight, fonts};
use super::qr::{QUIET_ZONE, QrMatrix};
use super::sheet::{Anchor, Sheet, Style};

/// Pixels.
pub const WIDTH: f32 = 1000.0;
/// Pixels.
pub const LEAST_HEIGHT: f32 = 1560.0;

/// The most characters in one text of a card. Every text that a pass or a list can hold is far shorter; what is longer
/// is refused before it is measured.
const MAX_FIELD: usize = 200;
/// A pass names at most three people.
const MAX_CREW: usize = 3;
/// A pass names at most ten places.
const MAX_PLACES: usize = 10;

/// The square for the code and its quiet zone, filled as far as whole pixels a module allow: 8 for version 15.
const CODE_SIDE: usize = 684;

const MARGIN: f32 = 56.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
const GUTTER: f32 = 48.0;
const COLUMN: f32 = (INNER - GUTTER) / 2.0;
const RIGHT: f32 = MARGIN + COLUMN + GUTTER;

/// The size of captions and of English beneath Chinese, in pixels; nothing is set smaller. A typical card on A4 sets it
/// at 9 points, the 小五 that Chinese forms use for their smallest type.
pub const SMALLEST: f32 = 20.0;

const INK: Colour = [22, 33, 29];
const MUTED: Colour = [82, 95, 90];
const ACCENT: Colour = [10, 90, 71];
const PANEL: Colour = [237, 245, 241];
const HAIR: Colour = [211, 220, 216];

/// Draws the card of `face` around `code`.
///
/// # Errors
/// [`CardError::MissingGlyph`], [`CardError::TooMany`] and [`CardError::DoesNotFit`], each naming the field.
pub fn card(face: &CardFace, code: &QrMatrix) -> Result<Drawing, CardError> {
    let fonts = fonts()?;
    check(face, fonts)?;
    let mut sheet = Sheet::new(fonts);
    let y = header(&mut sheet, face)?;
    let y = plates(&mut sheet, face, y)?;
    let y = code_square(&mut sheet, code, y);
    let y = number(&mut sheet, face, y)?;
    let y = validity(&mut sheet, face, y)?;
    let y = particulars(&mut sheet, face, y)?;
    let y = outlines(&mut sheet, face, y)?;
    Ok(sheet.finish(&face.number, WIDTH, (y + 44.0).ceil().max(LEAST_HEIGHT)))
}

/// Everything that no layout can mend, before anything is drawn.
fn check(face: &CardFace, fonts: &Fonts) -> Result<(), CardError> {
    for (field, found, limit) in
        [(Field::Crew, face.crew.len(), MAX_CREW), (Field::Route, face.route.len(), MAX_PLACES)]
    {
        if found > limit {
            return Err(CardError::TooMany { field, found, limit });
        }
    }
    for (field, text) in face.texts() {
        if text.chars().count() > MAX_FIELD {
            return Err(CardError::DoesNotFit { field, text: text.chars().take(MAX_FIELD).collect() });
        }
        if let Some(character) = fonts.missing(text) {
            return Err(CardError::MissingGlyph { field, character });
        }
    }
    Ok(())
}

/// What it is called, who gave it out, and for which emergency.
fn header(sheet: &mut Sheet<'_>, face: &CardFace) -> Result<f32, CardError> {
    sheet.panel([0.0, 0.0, WIDTH, 14.0], 0.0, ACCENT);
    let (large, small) = (bold(54.0, 54.0, INK), regular(28.0, 28.0, MUTED));
    let widths = [sheet.width(&face.title.zh, large), sheet.width(&face.title.en, small)];
    let y = if widths[0] + 24.0 + widths[1] <= INNER {
        sheet.line(&face.title.zh, MARGIN, 92.0, Anchor::Start, large);
        sheet.line(&face.title.en, MARGIN + INNER, 92.0, Anchor::End, small);
        122.0
    } else {
        let large = Style { most: 2, ..bold(54.0, 34.0, INK) };
        let y = sheet.block(Field::Title, &face.title.zh, [MARGIN, 38.0, INNER], Anchor::Start, large)?;
        let small = Style { most: 2, ..regular(28.0, SMALLEST, MUTED) };
        sheet.block(Field::Title, &face.title.en, [MARGIN, y - 4.0, INNER], Anchor::Start, small)? + 14.0
    };
    let name = Style { most: 4, ..regular(28.0, 22.0, ACCENT) };
    let code = regular(SMALLEST, SMALLEST, MUTED);
    let mut left = caption(sheet, &face.labels.issued, MARGIN, y);
    sheet.line(&face.authority_code, MARGIN + COLUMN, left - 8.0, Anchor::End, code);
    left = sheet.block(Field::Authority, &face.authority, [MARGIN, left, COLUMN], Anchor::Start, name)?;
    let right = caption(sheet, &face.labels.programme, RIGHT, y);
    let name = Style { colour: INK, ..name };
    let right = sheet.block(Field::Programme, &face.programme, [RIGHT, right, COLUMN], Anchor::Start, name)?;
    Ok(left.max(right) + 14.0)
}

/// The plates, framed as on a vehicle: what the officer compares with the truck.
fn plates(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let tractor = bold(84.0, 40.0, INK);
    let Some(trailer) = face.trailer.as_deref() else {
        return plate(sheet, Field::Tractor, &face.labels.tractor, &face.tractor, [MARGIN, top, INNER], tractor);
    };
    let width = 536.0;
    let gap = 32.0;
    plate(sheet, Field::Tractor, &face.labels.tractor, &face.tractor, [MARGIN, top, width], tractor)?;
    let place = [MARGIN + width + gap, top, INNER - width - gap];
    plate(sheet, Field::Trailer, &face.labels.trailer, trailer, place, bold(56.0, 30.0, INK))
}

fn plate(
    sheet: &mut Sheet<'_>,
    field: Field,
    label: &Words,
    text: &str,
    [x, top, width]: [f32; 3],
    style: Style,
) -> Result<f32, CardError> {
    let height = 108.0;
    let y = caption(sheet, label, x, top) + 6.0;
    sheet.frame([x, y, width, height], 14.0, 3.0, INK);
    let (text, style) = one_line(sheet, field, text, width - 36.0, style)?;
    sheet.line(&text, x + width / 2.0, y + height / 2.0 + style.size * 0.37, Anchor::Middle, style);
    Ok(y + height + 6.0)
}

/// The code on whole pixels, its quiet zone included in the square.
fn code_square(sheet: &mut Sheet<'_>, code: &QrMatrix, top: f32) -> f32 {
    let side = code.size() + 2 * QUIET_ZONE;
    let module = CODE_SIDE / side;
    let left = (WIDTH as usize - module * side) / 2 + module * QUIET_ZONE;
    let top = top.round() as usize;
    let mut modules = Vec::new();
    for (row, dark) in code.rows().enumerate() {
        let y = top + module * (QUIET_ZONE + row);
        for run in runs(dark) {
            modules.push([left + module * run.start, y, module * run.len(), module].map(|pixels| pixels as f32));
        }
    }
    sheet.modules(modules);
    (top + module * side) as f32
}

/// The number and what the code is worth, centred under it.
fn number(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let label = format!("{} {}", face.labels.number.zh, face.labels.number.en);
    let small = regular(22.0, 22.0, MUTED);
    let label_width = sheet.width(&label, small) + 14.0;
    let (text, large) = one_line(sheet, Field::Number, &face.number, INNER - label_width, bold(36.0, 22.0, INK))?;
    let x = (WIDTH - label_width - sheet.width(&text, large)) / 2.0;
    let baseline = top + 22.0;
    sheet.line(&label, x, baseline, Anchor::Start, small);
    sheet.line(&text, x + label_width, baseline, Anchor::Start, large);
    let proof = format!("{}\u{3000}{}", face.labels.proof.zh, face.labels.proof.en);
    let style = Style { most: 2, ..regular(SMALLEST, SMALLEST, MUTED) };
    Ok(sheet.block(Field::Label, &proof, [WIDTH / 2.0, baseline + 12.0, INNER], Anchor::Middle, style)? + 20.0)
}

fn validity(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let height = 116.0;
    let inset = 28.0;
    sheet.panel([MARGIN, top, INNER, height], 16.0, PANEL);
    let y = caption(sheet, &face.labels.valid, MARGIN + inset, top + 16.0);
    sheet.line(&face.zone, MARGIN + INNER - inset, top + 36.0, Anchor::End, regular(22.0, 22.0, INK));
    let baseline = y + 46.0;
    let width = INNER / 2.0 - inset - 40.0;
    let (from, style) = one_line(sheet, Field::Validity, &face.valid_from, width, bold(40.0, 22.0, INK))?;
    sheet.line(&from, MARGIN + inset, baseline, Anchor::Start, style);
    sheet.line("→", WIDTH / 2.0, baseline - 2.0, Anchor::Middle, regular(34.0, 34.0, MUTED));
    let (until, style) = one_line(sheet, Field::Validity, &face.valid_until, width, bold(40.0, 22.0, ACCENT))?;
    sheet.line(&until, MARGIN + INNER - inset, baseline, Anchor::End, style);
    Ok(top + height + 26.0)
}

/// Crew on the left, route and cargo on the right, the enterprise where there is more room.
fn particulars(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let value = regular(28.0, 22.0, INK);
    let mut left = caption(sheet, &face.labels.crew, MARGIN, top);
    let tails = format!("{} {}", face.labels.id_tail.zh, face.labels.id_tail.en);
    sheet.line(&tails, MARGIN + COLUMN, left - 8.0, Anchor::End, regular(SMALLEST, SMALLEST, MUTED));
    for (index, person) in face.crew.iter().enumerate() {
        left = crew(sheet, index, person, left)?;
    }
    let mut right = caption(sheet, &face.labels.route, RIGHT, top);
    let route = Style { lines: 2, most: MAX_PLACES, ..value };
    right = sheet.parts(Field::Route, &journey(&face.route), [RIGHT, right, COLUMN], route)? + 12.0;
    right = caption(sheet, &face.labels.cargo, RIGHT, right);
    let value = Style { most: 2, ..value };
    right = sheet.block(Field::Cargo, &face.cargo.zh, [RIGHT, right, COLUMN], Anchor::Start, value)?;
    right = beneath(sheet, Field::Cargo, &face.cargo.en, [RIGHT, right - 2.0, COLUMN])?;
    if let Some(enterprise) = &face.enterprise {
        let (x, y) = if left < right { (MARGIN, &mut left) } else { (RIGHT, &mut right) };
        *y = caption(sheet, &face.labels.enterprise, x, *y + 12.0);
        *y = sheet.block(Field::Enterprise, enterprise, [x, *y, COLUMN], Anchor::Start, value)?;
    }
    Ok(left.max(right) + 20.0)
}

/// The places with an arrow before each but the first, so that a line never ends on an arrow.
fn journey(route: &[String]) -> Vec<String> {
    route.iter().enumerate().map(|(at, place)| format!("{}{place} ", if at == 0 { "" } else { "→ " })).collect()
}

/// A person: the name, and beneath it the role and the end of the ID number, which the officer compares.
fn crew(sheet: &mut Sheet<'_>, index: usize, person: &Crew, top: f32) -> Result<f32, CardError> {
    // Twenty ideographs, the longest name that a pass holds, still stand on one line.
    let name = Style { most: 2, ..regular(28.0, SMALLEST, INK) };
    let y = sheet.block(Field::CrewName(index), &person.name, [MARGIN, top, COLUMN], Anchor::Start, name)?;
    let baseline = y + 21.0;
    let tail = bold(24.0, 24.0, INK);
    let width = COLUMN - sheet.width(&person.tail, tail) - 16.0;
    let role = [person.role.zh.as_str(), person.role.en.as_str()].join(" ");
    let style = regular(SMALLEST, SMALLEST, MUTED);
    let (role, style) = one_line(sheet, Field::CrewRole(index), role.trim(), width, style)?;
    sheet.line(&role, MARGIN, baseline, Anchor::Start, style);
    sheet.line(&person.tail, MARGIN + COLUMN, baseline, Anchor::End, tail);
    Ok(baseline + 14.0)
}

/// What each of the two does with the card.
fn outlines(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    sheet.panel([MARGIN, top, INNER, 2.0], 0.0, HAIR);
    let mut lowest = top;
    for (x, label, field, outline) in [
        (MARGIN, &face.labels.officer, Field::ForOfficer, &face.for_officer),
        (RIGHT, &face.labels.driver, Field::ForDriver, &face.for_driver),
    ] {
        let y = caption(sheet, label, x, top + 20.0);
        let style = Style { most: 5, ..regular(24.0, SMALLEST, INK) };
        let y = sheet.block(field, &outline.zh, [x, y, COLUMN], Anchor::Start, style)?;
        lowest = lowest.max(beneath(sheet, field, &outline.en, [x, y, COLUMN])?);
    }
    Ok(lowest)
}

/// A label: Chinese, and English behind it.
fn caption(sheet: &mut Sheet<'_>, label: &Words, x: f32, top: f32) -> f32 {
    let baseline = top + 20.0;
    let zh = sheet.line(&label.zh, x, baseline, Anchor::Start, regular(SMALLEST, SMALLEST, MUTED));
    sheet.line(&label.en, x + zh + 9.0, baseline, Anchor::Start, regular(SMALLEST, SMALLEST, MUTED));
    top + 28.0
}

/// English beneath Chinese, smaller and quieter.
fn beneath(sheet: &mut Sheet<'_>, field: Field, text: &str, place: [f32; 3]) -> Result<f32, CardError> {
    sheet.block(field, text, place, Anchor::Start, Style { lines: 2, most: 6, ..regular(SMALLEST, SMALLEST, MUTED) })
}

/// A text that has one line and no more.
fn one_line(
    sheet: &Sheet<'_>,
    field: Field,
    text: &str,
    width: f32,
    style: Style,
) -> Result<(String, Style), CardError> {
    let fitted = sheet.fit(field, text, width, style)?;
    Ok((fitted.lines.concat(), Style { size: fitted.size, ..style }))
}

/// The runs of dark modules in a row.
fn runs(row: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..row.len()).filter(|at| row[*at]) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

fn regular(size: f32, smallest: f32, colour: Colour) -> Style {
    Style { size, smallest, lines: 1, most: 1, weight: Weight::Regular, colour }
}

fn bold(size: f32, smallest: f32, colour: Colour) -> Style {
    Style { weight: Weight::Bold, ..regular(size, smallest, colour) }
}

#[cfg(test)]
mod tests {
    use super::super::example::{code, longest, typical};
    use super::*;

    #[test]
    fn every_text_of_the_face_is_on_the_card_and_names_stay_on_one_line() {
        for face in [typical(), longest()] {
            let drawn = card(&face, &code()).unwrap();
            let lines: Vec<&str> = drawn.lines().map(|line| line.text.as_str()).collect();
            // Wrapping takes the space at the end of a line away, and puts no text anywhere else.
            let close = |text: &str| text.replace([' ', '\u{3000}'], "");
            let all = close(&lines.concat());
            for (field, text) in face.texts() {
                assert!(all.contains(&close(text)), "{field}: {text}");
            }
            for text in face.crew.iter().map(|person| &person.name).chain([&face.tractor, &face.number]) {
                assert!(lines.contains(&text.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn nothing_is_set_smaller_than_the_smallest_size_or_beyond_the_edge() {
        for face in [typical(), longest()] {
            let drawn = card(&face, &code()).unwrap();
            assert_eq!(drawn.smallest_type(), SMALLEST);
            let fonts = fonts().unwrap();
            for line in drawn.lines() {
                let right = line.x + fonts.width(&line.text, line.size, line.weight);
                assert!(line.x >= MARGIN - 0.5 && right <= WIDTH - MARGIN + 0.5, "{line:?} ends at {right}");
                assert!(line.baseline < drawn.height, "{line:?}");
            }
        }
    }

    #[test]
    fn a_missing_glyph_stops_the_card_and_names_field_character_and_code_point() {
        let mut face = longest();
        face.crew[1].name = "王\u{2a6df}".into();
        let error = card(&face, &code()).unwrap_err();
        assert_eq!(error, CardError::MissingGlyph { field: Field::CrewName(1), character: '\u{2a6df}' });
        assert!(error.to_string().contains("U+2A6DF") && error.to_string().contains("crew member 2"), "{error}");
    }

    #[test]
    fn too_many_people_or_places_and_texts_without_end_are_refused() {
        let mut face = longest();
        face.crew.push(face.crew[0].clone());
        assert_eq!(card(&face, &code()), Err(CardError::TooMany { field: Field::Crew, found: 4, limit: 3 }));
        let mut face = longest();
        face.route.push("苏州市".into());
        assert_eq!(card(&face, &code()), Err(CardError::TooMany { field: Field::Route, found: 11, limit: 10 }));
        let mut face = longest();
        face.tractor = "苏E".repeat(40);
        assert_eq!(
            card(&face, &code()),
            Err(CardError::DoesNotFit { field: Field::Tractor, text: face.tractor.clone() })
        );
        face.tractor = "E".repeat(1_000_000);
        assert!(matches!(card(&face, &code()), Err(CardError::DoesNotFit { field: Field::Tractor, .. })));
    }

    #[test]
    fn the_runs_of_a_row_are_its_dark_modules() {
        assert_eq!(runs(&[true, true, false, true]), [0..2, 3..4]);
        assert!(runs(&[false, false]).is_empty());
    }
}

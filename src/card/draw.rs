//! The card as SVG: the code large in the middle, the plates over it, validity under it, Chinese first.
//!
//! The sheet is [`WIDTH`] wide and at least [`LEAST_HEIGHT`] high (a phone's screen, or half a page of paper). Texts
//! shrink, then wrap in their columns, the sheet growing a little; what fits even so not is refused, never cut. It is
//! always dark on white: a code drawn light on dark is not read by every scanner. Texts stay texts, so that a PDF made
//! of the SVG can be searched and copied from.

use std::fmt::Write;
use std::ops::Range;

use super::CardError;
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

const INK: &str = "#16211d";
const MUTED: &str = "#5c6964";
const ACCENT: &str = "#0a5a47";
const PANEL: &str = "#edf5f1";
const HAIR: &str = "#d3dcd8";
/// The code needs all the contrast that a worn print leaves.
const BLACK: &str = "#000000";

/// Draws the card of `face` around `code`.
///
/// # Errors
/// [`CardError::MissingGlyph`], [`CardError::TooMany`] and [`CardError::DoesNotFit`], each naming the field.
pub fn svg(face: &CardFace, code: &QrMatrix) -> Result<String, CardError> {
    let fonts = fonts().ok_or_else(|| CardError::Render("the embedded font is not readable".into()))?;
    check(face, fonts)?;
    let mut sheet = Sheet::new(fonts);
    let y = header(&mut sheet, face)?;
    let y = plates(&mut sheet, face, y)?;
    let y = code_square(&mut sheet, code, y);
    let y = number(&mut sheet, face, y)?;
    let y = validity(&mut sheet, face, y)?;
    let y = particulars(&mut sheet, face, y)?;
    let y = outlines(&mut sheet, face, y)?;
    Ok(sheet.finish(WIDTH, (y + 44.0).ceil().max(LEAST_HEIGHT)))
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

fn header(sheet: &mut Sheet<'_>, face: &CardFace) -> Result<f32, CardError> {
    sheet.rect([0.0, 0.0, WIDTH, 14.0], 0.0, &fill(ACCENT));
    let mut y = 38.0;
    for (field, text, gap, style) in [
        (Field::Title, &face.title.zh, 0.0, bold(54.0, 34.0, INK)),
        (Field::Title, &face.title.en, -4.0, regular(25.0, 18.0, MUTED)),
        (Field::Authority, &face.authority, 12.0, regular(28.0, 22.0, ACCENT)),
        (Field::Programme, &face.programme, 0.0, regular(22.0, 19.0, MUTED)),
    ] {
        y = sheet.block(field, text, [MARGIN, y + gap, INNER], Anchor::Start, Style { most: 2, ..style })?;
    }
    Ok(y + 20.0)
}

/// The plates, framed as on a vehicle: what the officer compares with the truck.
fn plates(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let tractor = bold(84.0, 40.0, INK);
    let Some(trailer) = face.trailer.as_deref() else {
        return plate(sheet, Field::Tractor, &face.labels.tractor, &face.tractor, [MARGIN, top, INNER], tractor);
    };
    let width = 536.0;
    let gap = 32.0;
    let place = [MARGIN + width + gap, top, INNER - width - gap];
    plate(sheet, Field::Trailer, &face.labels.trailer, trailer, place, bold(56.0, 30.0, INK))?;
    plate(sheet, Field::Tractor, &face.labels.tractor, &face.tractor, [MARGIN, top, width], tractor)
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
    let frame = format!("fill=\"#ffffff\" stroke=\"{INK}\" stroke-width=\"3\"");
    sheet.rect([x + 1.5, y + 1.5, width - 3.0, height - 3.0], 14.0, &frame);
    let (text, style) = one_line(sheet, field, text, width - 36.0, style)?;
    sheet.line(&text, x + width / 2.0, y + height / 2.0 + style.size * 0.37, Anchor::Middle, style);
    Ok(y + height + 6.0)
}

/// The code on whole pixels, its quiet zone included in the square.
fn code_square(sheet: &mut Sheet<'_>, code: &QrMatrix, top: f32) -> f32 {
    let modules = code.size() + 2 * QUIET_ZONE;
    let module = CODE_SIDE / modules;
    let left = (WIDTH as usize - module * modules) / 2 + module * QUIET_ZONE;
    let top = top.round() as usize;
    let mut data = String::new();
    for (row, dark) in code.rows().enumerate() {
        let y = top + module * (QUIET_ZONE + row);
        for run in runs(dark) {
            let (x, width) = (left + module * run.start, module * run.len());
            let _ = write!(data, "M{x} {y}h{width}v{module}h-{width}z");
        }
    }
    sheet.path(&data, BLACK);
    (top + module * modules) as f32
}

/// The number and what the code is worth, centred under it.
fn number(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let label = format!("{} {}", face.labels.number.zh, face.labels.number.en);
    let small = regular(20.0, 20.0, MUTED);
    let label_width = sheet.width(&label, small) + 14.0;
    let (text, large) = one_line(sheet, Field::Number, &face.number, INNER - label_width, bold(34.0, 20.0, INK))?;
    let x = (WIDTH - label_width - sheet.width(&text, large)) / 2.0;
    let baseline = top + 22.0;
    sheet.line(&label, x, baseline, Anchor::Start, small);
    sheet.line(&text, x + label_width, baseline, Anchor::Start, large);
    let proof = format!("{}\u{3000}{}", face.labels.proof.zh, face.labels.proof.en);
    let style = Style { most: 2, ..regular(18.0, 15.0, MUTED) };
    Ok(sheet.block(Field::Label, &proof, [WIDTH / 2.0, baseline + 12.0, INNER], Anchor::Middle, style)? + 20.0)
}

fn validity(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let height = 116.0;
    let inset = 28.0;
    sheet.rect([MARGIN, top, INNER, height], 16.0, &fill(PANEL));
    let y = caption(sheet, &face.labels.valid, MARGIN + inset, top + 16.0);
    sheet.line(&face.zone, MARGIN + INNER - inset, top + 36.0, Anchor::End, regular(18.0, 18.0, MUTED));
    let baseline = y + 46.0;
    let width = INNER / 2.0 - inset - 40.0;
    let (from, style) = one_line(sheet, Field::Validity, &face.valid_from, width, bold(40.0, 22.0, INK))?;
    sheet.line(&from, MARGIN + inset, baseline, Anchor::Start, style);
    sheet.line("→", WIDTH / 2.0, baseline - 2.0, Anchor::Middle, regular(34.0, 34.0, MUTED));
    let (until, style) = one_line(sheet, Field::Validity, &face.valid_until, width, bold(40.0, 22.0, ACCENT))?;
    sheet.line(&until, MARGIN + INNER - inset, baseline, Anchor::End, style);
    Ok(top + height + 26.0)
}

/// Crew on the left, route and cargo on the right.
fn particulars(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    let mut left = caption(sheet, &face.labels.crew, MARGIN, top);
    for (index, person) in face.crew.iter().enumerate() {
        left = crew(sheet, &face.labels.id_tail, index, person, left)?;
    }
    let value = regular(28.0, 22.0, INK);
    let mut right = caption(sheet, &face.labels.route, RIGHT, top);
    let route = Style { lines: 2, most: MAX_PLACES, ..value };
    right = sheet.parts(Field::Route, &journey(&face.route), [RIGHT, right, COLUMN], route)? + 12.0;
    right = caption(sheet, &face.labels.cargo, RIGHT, right);
    let cargo = Style { most: 2, ..value };
    right = sheet.block(Field::Cargo, &face.cargo.zh, [RIGHT, right, COLUMN], Anchor::Start, cargo)?;
    right = beneath(sheet, Field::Cargo, &face.cargo.en, [RIGHT, right - 2.0, COLUMN])?;
    Ok(left.max(right) + 20.0)
}

/// The places with an arrow before each but the first, so that a line never ends on an arrow.
fn journey(route: &[String]) -> Vec<String> {
    route.iter().enumerate().map(|(at, place)| format!("{}{place} ", if at == 0 { "" } else { "→ " })).collect()
}

/// A person: the name, and beneath it the role and the end of the ID number, which the officer compares.
fn crew(sheet: &mut Sheet<'_>, tail: &Words, index: usize, person: &Crew, top: f32) -> Result<f32, CardError> {
    let name = Style { most: 2, ..regular(28.0, 22.0, INK) };
    let y = sheet.block(Field::CrewName(index), &person.name, [MARGIN, top, COLUMN], Anchor::Start, name)?;
    let baseline = y + 20.0;
    let small = regular(18.0, 13.0, MUTED);
    let mut x = MARGIN + sheet.line(&tail.zh, MARGIN, baseline, Anchor::Start, small) + 8.0;
    x += sheet.line(&person.tail, x, baseline, Anchor::Start, bold(22.0, 22.0, INK)) + 18.0;
    let role = [person.role.zh.as_str(), person.role.en.as_str()].join(" ");
    if !role.trim().is_empty() {
        let (role, style) = one_line(sheet, Field::CrewRole(index), role.trim(), MARGIN + COLUMN - x, small)?;
        sheet.line(&role, x, baseline, Anchor::Start, style);
    }
    Ok(baseline + 16.0)
}

/// What each of the two does with the card.
fn outlines(sheet: &mut Sheet<'_>, face: &CardFace, top: f32) -> Result<f32, CardError> {
    sheet.rect([MARGIN, top, INNER, 2.0], 0.0, &fill(HAIR));
    let mut lowest = top;
    for (x, label, field, outline) in [
        (MARGIN, &face.labels.officer, Field::ForOfficer, &face.for_officer),
        (RIGHT, &face.labels.driver, Field::ForDriver, &face.for_driver),
    ] {
        let y = caption(sheet, label, x, top + 20.0);
        let style = Style { lines: 2, most: 5, ..regular(22.0, 18.0, INK) };
        let y = sheet.block(field, &outline.zh, [x, y, COLUMN], Anchor::Start, style)?;
        lowest = lowest.max(beneath(sheet, field, &outline.en, [x, y, COLUMN])?);
    }
    Ok(lowest)
}

/// A label: Chinese, and English behind it.
fn caption(sheet: &mut Sheet<'_>, label: &Words, x: f32, top: f32) -> f32 {
    let baseline = top + 20.0;
    let zh = sheet.line(&label.zh, x, baseline, Anchor::Start, regular(20.0, 20.0, MUTED));
    sheet.line(&label.en, x + zh + 9.0, baseline, Anchor::Start, regular(18.0, 18.0, MUTED));
    top + 28.0
}

/// English beneath Chinese, smaller and quieter.
fn beneath(sheet: &mut Sheet<'_>, field: Field, text: &str, place: [f32; 3]) -> Result<f32, CardError> {
    sheet.block(field, text, place, Anchor::Start, Style { lines: 2, most: 6, ..regular(18.0, 15.0, MUTED) })
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

fn regular(size: f32, smallest: f32, colour: &'static str) -> Style {
    Style { size, smallest, lines: 1, most: 1, weight: Weight::Regular, colour }
}

fn bold(size: f32, smallest: f32, colour: &'static str) -> Style {
    Style { weight: Weight::Bold, ..regular(size, smallest, colour) }
}

fn fill(colour: &str) -> String {
    format!("fill=\"{colour}\"")
}

#[cfg(test)]
mod tests {
    use super::super::qr;
    use super::*;

    fn code() -> QrMatrix {
        qr::encode(&format!("FP1:{}", "7K".repeat(204))).unwrap()
    }

    /// The longest texts that a pass and its lists give a card.
    fn longest() -> CardFace {
        let person =
            |name: &str, zh: &str, en: &str| Crew { name: name.into(), tail: "123X".into(), role: Words::new(zh, en) };
        CardFace {
            title: Words::new(
                "新疆维吾尔自治区应急抢险救灾物资运输车辆通行证",
                "Pass for vehicles carrying emergency and disaster relief supplies, Xinjiang Uygur Autonomous Region",
            ),
            authority: "巴音郭楞蒙古自治州统筹疫情防控和经济社会发展工作领导小组货运物流保通保畅专项工作办公室".into(),
            programme: "新疆维吾尔自治区2022年度防汛抗洪抢险救灾与生活必需品运输保障绿色通道专项行动（第二阶段）"
                .into(),
            number: "16652800-220418-16777215-0".into(),
            tractor: "新MD12345F".into(),
            trailer: Some("新M1234挂".into()),
            crew: vec![
                person("阿依努尔·买买提江·阿卜杜热合曼", "驾驶员", "Driver"),
                person("李𬭎", "副班驾驶员", "Relief driver"),
                // 60 bytes, the most that a pass holds.
                person("努尔比亚·阿不都克里木·麦麦提敏·吐尔", "押运员", "Passenger"),
            ],
            route: ["巴音郭楞蒙古自治州", "克孜勒苏柯尔克孜自治州", "博尔塔拉蒙古自治州", "黔西南布依族苗族自治州"]
                .into_iter()
                .cycle()
                .take(MAX_PLACES)
                .map(String::from)
                .collect(),
            cargo: Words::new(
                "医疗物资（检测试剂、疫苗、重点药品）",
                "Medical supplies (test reagents, vaccines, key drugs)",
            ),
            valid_from: "2022-04-18 08:00".into(),
            valid_until: "2022-04-21 18:00".into(),
            zone: "北京时间 UTC+8".into(),
            for_officer: Words::new("扫描二维码，核对两块车牌。", "Scan the code and compare both plates."),
            for_driver: Words::new("出示时保持二维码完整、明亮。", "Show the whole code, bright and flat."),
            labels: super::super::CardLabels::default(),
        }
    }

    #[test]
    fn the_longest_texts_fit_and_every_name_stands_in_the_svg_as_text() {
        let face = longest();
        let drawn = svg(&face, &code()).unwrap();
        for text in [&face.tractor, &face.number, &face.crew[0].name, &face.crew[1].name, &face.valid_until] {
            assert!(drawn.contains(&format!(">{text}<")), "{text}");
        }
    }

    #[test]
    fn a_missing_glyph_stops_the_card_and_names_field_character_and_code_point() {
        let mut face = longest();
        face.crew[1].name = "王\u{2a6df}".into();
        let error = svg(&face, &code()).unwrap_err();
        assert_eq!(error, CardError::MissingGlyph { field: Field::CrewName(1), character: '\u{2a6df}' });
        assert!(error.to_string().contains("U+2A6DF") && error.to_string().contains("crew member 2"), "{error}");
    }

    #[test]
    fn too_many_people_or_places_and_texts_without_end_are_refused() {
        let mut face = longest();
        face.crew.push(face.crew[0].clone());
        assert_eq!(svg(&face, &code()), Err(CardError::TooMany { field: Field::Crew, found: 4, limit: 3 }));
        let mut face = longest();
        face.route.push("苏州市".into());
        assert_eq!(svg(&face, &code()), Err(CardError::TooMany { field: Field::Route, found: 11, limit: 10 }));
        let mut face = longest();
        face.tractor = "苏E".repeat(40);
        assert_eq!(
            svg(&face, &code()),
            Err(CardError::DoesNotFit { field: Field::Tractor, text: face.tractor.clone() })
        );
        face.tractor = "E".repeat(1_000_000);
        assert!(matches!(svg(&face, &code()), Err(CardError::DoesNotFit { field: Field::Tractor, .. })));
    }

    #[test]
    fn markup_in_a_name_stays_a_name() {
        let mut face = longest();
        face.crew[0].name = "</text><image href='x'/>&".into();
        let drawn = svg(&face, &code()).unwrap();
        assert!(!drawn.contains("<image"));
        assert!(drawn.contains("&lt;/text&gt;"));
    }

    #[test]
    fn the_runs_of_a_row_are_its_dark_modules() {
        assert_eq!(runs(&[true, true, false, true]), [0..2, 3..4]);
        assert!(runs(&[false, false]).is_empty());
    }
}

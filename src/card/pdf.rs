//! Pages as PDF, with text that can be searched and copied.
//!
//! Every line is one run of glyphs of the embedded fonts, of which only the glyphs in use are in the file; a ToUnicode
//! table gives each glyph its character back. The drawing's own order is that of the page's contents, so it is the
//! reading order. The file holds no date and no name of a machine: the same pages are the same bytes.

use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::CardError;
use super::drawing::{Colour, Drawing, Line, Mark, Panel};
use super::font::{Fonts, Weight, fonts};

/// Where a quarter of a circle's Bézier curve has its handles, in radii.
const KAPPA: f32 = 0.552_285;

/// Writes pages whose unit is the point. The document is called what the first page is.
///
/// # Errors
/// [`CardError::Render`]: a fault of the build, or a page without a size.
pub fn pdf(pages: &[Drawing]) -> Result<Vec<u8>, CardError> {
    let faces = Faces::load()?;
    let mut document = Document::new();
    let title = pages.first().map(|page| page.title.clone()).unwrap_or_default();
    // Chinese stands first on a card.
    document.set_metadata(Metadata::new().title(title).language("zh-CN".into()).creator("freightpass".into()));
    for drawing in pages {
        let settings = PageSettings::from_wh(drawing.width, drawing.height);
        let mut page = document.start_page_with(settings.ok_or_else(|| failed("a page has no size"))?);
        let mut surface = page.surface();
        for mark in &drawing.marks {
            match mark {
                Mark::Panel(panel) => rectangle(&mut surface, panel),
                Mark::Modules(modules) => squares(&mut surface, modules),
                Mark::Line(line) => faces.set(&mut surface, line),
            }
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| failed(format!("{error:?}")))
}

struct Faces {
    fonts: &'static Fonts,
    regular: Font,
    bold: Font,
}

impl Faces {
    fn load() -> Result<Self, CardError> {
        let fonts = fonts()?;
        let face = |weight| {
            Font::new(fonts.bytes(weight).into(), 0).ok_or_else(|| failed("the embedded font is not readable"))
        };
        Ok(Self { fonts, regular: face(Weight::Regular)?, bold: face(Weight::Bold)? })
    }

    fn set(&self, surface: &mut Surface<'_>, line: &Line) {
        let em = self.fonts.units_per_em(line.weight);
        let glyphs: Vec<KrillaGlyph> = self
            .fonts
            .glyphs(&line.text, line.weight)
            .map(|glyph| {
                let id = GlyphId::new(glyph.id.into());
                KrillaGlyph::new(id, f32::from(glyph.advance) / em, 0.0, 0.0, 0.0, glyph.bytes, None)
            })
            .collect();
        let face = match line.weight {
            Weight::Regular => self.regular.clone(),
            Weight::Bold => self.bold.clone(),
        };
        ink(surface, Some(line.colour), None);
        surface.draw_glyphs(Point::from_xy(line.x, line.baseline), &glyphs, face, &line.text, line.size, false);
    }
}

fn rectangle(surface: &mut Surface<'_>, panel: &Panel) {
    if let Some(path) = rounded(panel.area, panel.radius) {
        ink(surface, Some(panel.fill), panel.frame);
        surface.draw_path(&path);
    }
}

fn squares(surface: &mut Surface<'_>, modules: &[[f32; 4]]) {
    let mut path = PathBuilder::new();
    for rect in modules.iter().filter_map(|[x, y, width, height]| Rect::from_xywh(*x, *y, *width, *height)) {
        path.push_rect(rect);
    }
    if let Some(path) = path.finish() {
        ink(surface, Some([0; 3]), None);
        surface.draw_path(&path);
    }
}

fn rounded([left, top, width, height]: [f32; 4], radius: f32) -> Option<Path> {
    let (right, bottom) = (left + width, top + height);
    let mut path = PathBuilder::new();
    if radius <= 0.0 {
        path.push_rect(Rect::from_ltrb(left, top, right, bottom)?);
        return path.finish();
    }
    let handle = radius * (1.0 - KAPPA);
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - handle, top, right, top + handle, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - handle, right - handle, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + handle, bottom, left, bottom - handle, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + handle, left + handle, top, left + radius, top);
    path.close();
    path.finish()
}

fn ink(surface: &mut Surface<'_>, fill: Option<Colour>, frame: Option<(f32, Colour)>) {
    let paint = |[red, green, blue]: Colour| rgb::Color::new(red, green, blue).into();
    surface.set_fill(fill.map(|colour| Fill { paint: paint(colour), rule: FillRule::NonZero, ..Fill::default() }));
    surface.set_stroke(frame.map(|(width, colour)| Stroke { paint: paint(colour), width, ..Stroke::default() }));
}

fn failed(error: impl ToString) -> CardError {
    CardError::Render(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::example::{longest, typical};
    use super::super::paper::{Arrangement, pages};
    use super::super::{CardFace, draw, qr, read};
    use super::*;

    /// The text of the code of the card at this place.
    fn pass(at: usize) -> String {
        format!("FP1:{at}{}", "7K".repeat(204))
    }

    fn of(faces: &[CardFace], arrangement: Arrangement) -> Vec<u8> {
        let card = |(at, face)| draw::card(face, &qr::encode(&pass(at)).unwrap()).unwrap();
        let cards: Vec<Drawing> = faces.iter().enumerate().map(card).collect();
        pdf(&pages(&cards, arrangement)).unwrap()
    }

    /// What a program of poppler-utils makes of the document.
    fn poppler(program: &str, arguments: &[&str], pdf: &[u8], written: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("card.pdf"), pdf).unwrap();
        let status = Command::new(program).args(arguments).arg(path("card.pdf")).arg(path("out")).status();
        assert!(status.unwrap_or_else(|error| panic!("{program}: {error}; tools/install brings it")).success());
        std::fs::read(path(written)).unwrap()
    }

    fn text(pdf: &[u8], arguments: &[&str]) -> String {
        String::from_utf8(poppler("pdftotext", arguments, pdf, "out")).unwrap()
    }

    /// FP-36.
    #[test]
    fn text_taken_out_of_the_document_is_what_was_put_in_and_in_its_order() {
        for face in [typical(), longest()] {
            let pdf = of(std::slice::from_ref(&face), Arrangement::One);
            let cards = draw::card(&face, &qr::encode(&pass(0)).unwrap()).unwrap();
            let lines: Vec<String> = cards.lines().map(|line| line.text.clone()).collect();
            // In the order of the contents: every line whole, one after the other.
            let raw = text(&pdf, &["-raw"]);
            let mut rest = raw.as_str();
            // The one wide space, between two languages, comes back as a narrow one.
            for line in lines.iter().map(|line| line.replace('\u{3000}', " ")) {
                let at = rest.find(line.as_str()).unwrap_or_else(|| panic!("{line} is not in the rest: {rest}"));
                rest = &rest[at + line.len()..];
            }
            // As a person marks and copies it, by its place on the page.
            let copied = text(&pdf, &[]);
            for name in face.crew.iter().map(|person| person.name.as_str()) {
                assert!(copied.lines().any(|line| line.trim() == name), "{name} in {copied}");
            }
        }
    }

    #[test]
    fn the_document_is_named_tells_its_language_and_no_date_and_is_the_same_twice() {
        let pdf = of(&[typical()], Arrangement::One);
        assert_eq!(pdf, of(&[typical()], Arrangement::One));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.pdf");
        std::fs::write(&path, &pdf).unwrap();
        let output = Command::new("pdfinfo").arg(&path).output().unwrap();
        let info = String::from_utf8(output.stdout).unwrap();
        for part in ["320500-220418-00042-0", "freightpass", "A4", "Pages:           1"] {
            assert!(info.contains(part), "{part} in {info}");
        }
        assert!(!info.contains("Date"), "{info}");
        assert!(pdf.windows(5).any(|window| window == b"zh-CN"));
    }

    #[test]
    fn the_code_on_the_page_is_read_at_the_resolution_of_an_office_scanner() {
        for (faces, arrangement) in
            [(vec![typical()], Arrangement::One), (vec![typical(), longest()], Arrangement::Two)]
        {
            let pdf = of(&faces, arrangement);
            let page = poppler("pdftoppm", &["-png", "-r", "150", "-gray", "-singlefile"], &pdf, "out.png");
            let found: Vec<String> = read::texts(&page).unwrap().codes.into_iter().map(|code| code.text).collect();
            let drawn: Vec<String> = (0..faces.len()).map(pass).collect();
            assert_eq!(found, drawn, "{arrangement:?}");
        }
    }

    #[test]
    fn a_sheet_has_a_page_for_every_two_cards() {
        let pdf = of(&[typical(), longest(), typical()], Arrangement::Two);
        let second = text(&pdf, &["-f", "2", "-l", "2"]);
        assert!(second.contains("苏E12345") && !second.contains("新MD12345F"), "{second}");
    }
}

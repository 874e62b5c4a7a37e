//! The two embedded fonts: which characters they can draw, and how wide a text is in them.
//!
//! tools/font.py makes them and says what they hold. Nothing of the machine's own fonts is ever used, so a card
//! looks the same everywhere, and a character that is not in the font stops the export instead of becoming a box.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, Source};
use ttf_parser::Face;

/// The family under which both weights stand in the SVG.
pub const FAMILY: &str = "Noto Sans CJK SC";

static REGULAR: &[u8] = include_bytes!("../../assets/NotoSansCJKsc-Regular-subset.otf");
static BOLD: &[u8] = include_bytes!("../../assets/NotoSansCJKsc-Bold-subset.otf");

/// Parsed once; `None` only if the build embedded something that is no font.
static FONTS: LazyLock<Option<Fonts>> = LazyLock::new(load);

/// How heavy a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Covers everything that can be drawn.
    Regular,
    /// Covers plates, numbers, dates, and the words of titles.
    Bold,
}

/// The embedded fonts.
pub struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
    database: Arc<Database>,
}

/// The fonts, or `None` if the embedded bytes cannot be read as fonts.
pub fn fonts() -> Option<&'static Fonts> {
    FONTS.as_ref()
}

impl Fonts {
    /// The database for the SVG renderer: these two faces and no other.
    pub fn database(&self) -> Arc<Database> {
        Arc::clone(&self.database)
    }

    /// The first character of `text` that cannot be drawn.
    pub fn missing(&self, text: &str) -> Option<char> {
        text.chars().find(|character| self.regular.glyph_index(*character).is_none())
    }

    /// The weight in which `text` can be set when `wanted` is asked for: Bold holds few characters, and half a name
    /// in Bold would look like emphasis.
    pub fn weight(&self, text: &str, wanted: Weight) -> Weight {
        match wanted {
            Weight::Bold if text.chars().all(|character| self.bold.glyph_index(character).is_some()) => Weight::Bold,
            _ => Weight::Regular,
        }
    }

    /// The width of `text` at `size`, both in pixels. Exact, since the fonts carry no kerning.
    pub fn width(&self, text: &str, size: f32, wanted: Weight) -> f32 {
        let face = match self.weight(text, wanted) {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        };
        let units: u32 = text
            .chars()
            .filter_map(|character| face.glyph_index(character))
            .filter_map(|glyph| face.glyph_hor_advance(glyph))
            .map(u32::from)
            .sum();
        units as f32 * size / f32::from(face.units_per_em())
    }
}

fn load() -> Option<Fonts> {
    let mut database = Database::new();
    for data in [REGULAR, BOLD] {
        database.load_font_source(Source::Binary(Arc::new(data)));
    }
    Some(Fonts {
        regular: Face::parse(REGULAR, 0).ok()?,
        bold: Face::parse(BOLD, 0).ok()?,
        database: Arc::new(database),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    const ON_PLATES: &str = "学警挂港澳领使试超临";
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    #[test]
    fn every_province_sign_and_plate_character_is_there_in_both_weights() {
        let fonts = fonts().unwrap();
        for text in [PROVINCES, ON_PLATES, LETTERS] {
            assert_eq!(fonts.missing(text), None);
            assert_eq!(fonts.weight(text, Weight::Bold), Weight::Bold);
        }
        assert_eq!(PROVINCES.chars().count(), 31);
    }

    #[test]
    fn legal_names_with_rare_characters_are_there() {
        let fonts = fonts().unwrap();
        // FP-36, the middle dot in names, old and traditional forms in names, characters that GB 2312 lacks.
        for name in ["王䶮", "李𬭎", "阿依努尔·测试", "陳鄭劉龍", "朱镕基喆堃", "𫍯𬱖𨱏", "囍犇骉淼燚", "Đặng Øé"]
        {
            assert_eq!(fonts.missing(name), None, "{name}");
        }
    }

    #[test]
    fn what_the_font_lacks_is_named_and_what_cannot_be_seen_is_lacking() {
        let fonts = fonts().unwrap();
        assert_eq!(fonts.missing("王\u{3ffff}"), Some('\u{3ffff}'));
        assert_eq!(fonts.missing("名\u{202e}"), Some('\u{202e}'));
        for invisible in ['\0', '\n', '\t', '\u{ad}', '\u{200b}', '\u{feff}', '\u{e000}'] {
            assert_eq!(fonts.missing(&invisible.to_string()), Some(invisible));
        }
    }

    #[test]
    fn the_database_holds_the_two_faces_of_one_family() {
        let database = fonts().unwrap().database();
        let weights: Vec<u16> = database.faces().map(|face| face.weight.0).collect();
        assert_eq!(weights, [400, 700]);
        assert!(database.faces().all(|face| face.families.iter().any(|(name, _)| name == FAMILY)));
    }

    #[test]
    fn an_ideograph_is_as_wide_as_it_is_high_and_bold_falls_back_as_a_whole() {
        let fonts = fonts().unwrap();
        assert_eq!(fonts.width("通行证", 40.0, Weight::Bold), 120.0);
        assert_eq!(fonts.weight("通行龘", Weight::Bold), Weight::Regular);
        assert_eq!(fonts.width("", 40.0, Weight::Regular), 0.0);
    }
}

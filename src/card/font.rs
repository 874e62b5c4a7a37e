//! The two embedded fonts: which characters they can draw, and how wide a text is in them.
//!
//! tools/font.py makes them and says what they hold. Nothing of the machine's own fonts is ever used, so a card
//! looks the same everywhere, and a character that is not in the font stops the export instead of becoming a box.

use std::ops::Range;
use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::CardError;

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
}

/// A character as it is set: the fonts hold one glyph for each, and none for two together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Its number in the face.
    pub id: u16,
    /// Units of the face to the next glyph.
    pub advance: u16,
    /// The bytes of the text that it draws.
    pub bytes: Range<usize>,
}

/// The fonts.
///
/// # Errors
/// [`CardError::Render`] if the embedded bytes cannot be read as fonts: a fault of the build.
pub fn fonts() -> Result<&'static Fonts, CardError> {
    FONTS.as_ref().ok_or_else(|| CardError::Render("the embedded font is not readable".into()))
}

impl Fonts {
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
        let weight = self.weight(text, wanted);
        let units: u32 = self.glyphs(text, weight).map(|glyph| u32::from(glyph.advance)).sum();
        units as f32 * size / self.units_per_em(weight)
    }

    /// The glyphs of `text` from the left; a character that the face lacks has none.
    pub fn glyphs(&self, text: &str, weight: Weight) -> impl Iterator<Item = Glyph> {
        let face = self.face(weight);
        text.char_indices().filter_map(move |(at, character)| {
            let id = face.glyph_index(character)?;
            let advance = face.glyph_hor_advance(id)?;
            Some(Glyph { id: id.0, advance, bytes: at..at + character.len_utf8() })
        })
    }

    /// Draws a glyph's outline, y upwards; that of a space draws nothing.
    pub fn outline(&self, glyph: u16, weight: Weight, pen: &mut dyn OutlineBuilder) {
        let _ = self.face(weight).outline_glyph(GlyphId(glyph), pen);
    }

    /// The units of a face in its em square.
    pub fn units_per_em(&self, weight: Weight) -> f32 {
        f32::from(self.face(weight).units_per_em())
    }

    /// The bytes of a face, for who embeds it.
    pub fn bytes(&self, weight: Weight) -> &'static [u8] {
        match weight {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        }
    }

    fn face(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

fn load() -> Option<Fonts> {
    Some(Fonts { regular: Face::parse(REGULAR, 0).ok()?, bold: Face::parse(BOLD, 0).ok()? })
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
    fn an_ideograph_is_as_wide_as_it_is_high_and_bold_falls_back_as_a_whole() {
        let fonts = fonts().unwrap();
        assert_eq!(fonts.width("通行证", 40.0, Weight::Bold), 120.0);
        assert_eq!(fonts.weight("通行龘", Weight::Bold), Weight::Regular);
        assert_eq!(fonts.width("", 40.0, Weight::Regular), 0.0);
    }
}

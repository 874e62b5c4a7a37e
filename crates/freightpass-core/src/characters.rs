//! Characters that no plate, name or place may carry: invisible ones, those that turn the direction of writing, and
//! those that mean whatever a font's maker likes (docs/FORMAT.md, 1.7).

use core::ops::RangeInclusive;

/// The refused code points, ascending.
const REFUSED: [RangeInclusive<u32>; 13] = [
    0x0000..=0x001f,
    0x007f..=0x009f,
    0x00ad..=0x00ad,
    0x061c..=0x061c,
    0x180e..=0x180e,
    0x200b..=0x200f,
    0x2028..=0x202e,
    0x2060..=0x206f,
    0xe000..=0xf8ff,
    0xfeff..=0xfeff,
    0xfff9..=0xfffb,
    0xe0001..=0xe007f,
    0xf0000..=0x10ffff,
];

/// A character that is refused, with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The character.
    pub character: char,
    /// Characters before it.
    pub position: usize,
}

/// Whether `character` may not stand in a plate, a name, the tail of an ID number or a text division.
pub fn is_refused(character: char) -> bool {
    let point = u32::from(character);
    // Most characters of a pass, told at a glance: printable ASCII and the unified ideographs.
    if matches!(point, 0x20..=0x7e | 0x4e00..=0x9fff) {
        return false;
    }
    REFUSED.iter().any(|range| range.contains(&point))
}

/// The first refused character of `text`.
pub fn first_refused(text: &str) -> Option<Refused> {
    let mut characters = text.chars().enumerate();
    characters.find(|(_, c)| is_refused(*c)).map(|(position, character)| Refused { character, position })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_at_their_bounds() {
        for (point, refused) in [
            (0x1f, true),
            (0x20, false),
            (0x7e, false),
            (0x7f, true),
            (0x9f, true),
            (0xa0, false),
            (0xac, false),
            (0xad, true),
            (0xae, false),
            (0xb7, false),
            (0x61b, false),
            (0x61c, true),
            (0x180e, true),
            (0x200a, false),
            (0x200b, true),
            (0x200f, true),
            (0x2010, false),
            (0x2027, false),
            (0x2028, true),
            (0x202e, true),
            (0x202f, false),
            (0x205f, false),
            (0x2060, true),
            (0x206f, true),
            (0x2070, false),
            (0xdfff + 1, true),
            (0xf8ff, true),
            (0xf900, false),
            (0xfeff, true),
            (0xfff8, false),
            (0xfff9, true),
            (0xfffb, true),
            (0xfffc, false),
            (0xe0000, false),
            (0xe0001, true),
            (0xe007f, true),
            (0xe0080, false),
            (0xeffff, false),
            (0xf0000, true),
            (0x10ffff, true),
        ] {
            let character = char::from_u32(point).unwrap();
            assert_eq!(is_refused(character), refused, "{point:x}");
        }
    }

    #[test]
    fn the_first_refused_character_is_placed() {
        assert_eq!(first_refused("苏E\u{200b}1"), Some(Refused { character: '\u{200b}', position: 2 }));
        assert_eq!(first_refused("阿依努尔·测试"), None);
    }
}

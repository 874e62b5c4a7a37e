//! What people type, before any rule looks at it: the same value in its many spellings becomes one text
//! (docs/FORMAT.md, plates and names).

use freightpass_core::characters::is_refused;
use unicode_normalization::UnicodeNormalization;

use super::{FieldError, Rule};

/// Characters of a code, plate or number as typed, with its separators: several times what any of them needs, so that
/// normalising costs nothing worth an attack.
const MAX_TYPED_CHARS: usize = 64;

/// A code, plate or number: NFKC, upper case, without white space, hyphens, dots and invisible marks.
pub(super) fn compact(text: &str) -> Result<String, FieldError> {
    if text.chars().nth(MAX_TYPED_CHARS).is_some() {
        return Err(FieldError::whole(Rule::TooLong { most: MAX_TYPED_CHARS }));
    }
    // Upper-casing can undo a composition, and dropping a mark can bring two characters together: once more then.
    let text = once(&once(text));
    if text.is_empty() {
        return Err(FieldError::whole(Rule::Missing));
    }
    match freightpass_core::characters::first_refused(&text) {
        Some(refused) => {
            let rule = Rule::ForbiddenCharacter { point: refused.character.into() };
            Err(FieldError::at(rule, refused.position + 1))
        }
        None => Ok(text),
    }
}

fn once(text: &str) -> String {
    // Most of what is typed: numbers and codes, which are their own NFKC.
    if text.is_ascii() {
        return text.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_uppercase()).collect();
    }
    normalised(text)
}

fn normalised(text: &str) -> String {
    let upper: String = text.nfkc().flat_map(char::to_uppercase).filter(|c| !is_separator(*c)).collect();
    upper.nfkc().collect()
}

fn is_separator(character: char) -> bool {
    let hyphen = matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let dot = matches!(character, '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{30fb}');
    hyphen || dot || character.is_whitespace() || is_invisible(character)
}

/// Of the characters that no pass may carry, those that are there without being seen: they come with copied text and
/// mean nothing. Control and private-use characters mean that something else went wrong.
pub fn is_invisible(character: char) -> bool {
    let private = matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    is_refused(character) && !private && !character.is_control()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_becomes_one_text() {
        for spelling in [
            "苏E12345",
            "苏e·12345",
            " 苏Ｅ－１２３４５ ",
            "苏E\u{2022}12345",
            "苏E\u{30fb}12345\u{200b}",
            "\u{feff}苏E 12345",
        ] {
            assert_eq!(compact(spelling).as_deref(), Ok("苏E12345"), "{spelling:?}");
        }
    }

    #[test]
    fn what_is_ascii_is_taken_as_it_would_be_normalised() {
        let every: String = ('\0'..='\x7f').collect();
        for text in ["", "91320509maw373039y", "a-b c\td", &every] {
            assert_eq!(once(text), normalised(text), "{text:?}");
        }
    }

    #[test]
    fn nothing_but_separators_is_missing() {
        for empty in ["", "  ", "-·-", "\u{200b}"] {
            assert_eq!(compact(empty), Err(FieldError::whole(Rule::Missing)));
        }
    }

    #[test]
    fn control_and_private_characters_are_refused_at_their_place() {
        assert_eq!(compact("苏E\u{0}123"), Err(FieldError::at(Rule::ForbiddenCharacter { point: 0 }, 3)));
        assert_eq!(compact("\u{e000}"), Err(FieldError::at(Rule::ForbiddenCharacter { point: 0xe000 }, 1)));
    }

    #[test]
    fn length_is_bounded_before_anything_is_normalised() {
        assert!(compact(&"A".repeat(MAX_TYPED_CHARS)).is_ok());
        let error = compact(&"A".repeat(MAX_TYPED_CHARS + 1));
        assert_eq!(error, Err(FieldError::whole(Rule::TooLong { most: MAX_TYPED_CHARS })));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[ -~苏粤港澳挂Ａ-ｚ·•\u{200b}-\u{200f}ßŉﬁ̈́ΐ]{0,20}|\\PC{0,15}") {
            if let Ok(text) = compact(&text) {
                prop_assert_eq!(compact(&text), Ok(text));
            }
        }
    }
}

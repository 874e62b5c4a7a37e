//! A person's name: as it is written in a pass, and masked where the authority's policy hides it.

use freightpass_core::characters::first_refused;
use unicode_normalization::UnicodeNormalization;

use super::typed::is_invisible;
use super::{FieldError, Rule};

/// Room for a name in a pass, in bytes of UTF-8 (docs/FORMAT.md, crew).
pub const MAX_NAME_BYTES: usize = 60;

/// The dot between the parts of a name.
const DOT: char = '\u{b7}';

/// Normalises a name: NFC, single spaces, the dot U+00B7 without spaces around it, no invisible marks.
pub fn normalised(text: &str) -> Result<String, FieldError> {
    if text.len() > 4 * MAX_NAME_BYTES {
        return Err(FieldError::whole(Rule::TooManyBytes { most: MAX_NAME_BYTES }));
    }
    let name = spaced(&dotted(&text.nfc().filter(|c| !is_invisible(*c)).nfc().collect::<String>()));
    if name.is_empty() {
        return Err(FieldError::whole(Rule::Missing));
    }
    if let Some(refused) = first_refused(&name) {
        let rule = Rule::ForbiddenCharacter { point: refused.character.into() };
        return Err(FieldError::at(rule, refused.position + 1));
    }
    if !name.chars().any(char::is_alphabetic) {
        return Err(FieldError::whole(Rule::NoLetter));
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(FieldError::whole(Rule::TooManyBytes { most: MAX_NAME_BYTES }));
    }
    Ok(name)
}

/// The name with all but its first and last character hidden: 张*国, 张*, 阿***·*试. Dots and spaces stay.
pub fn masked(name: &str) -> String {
    let last = name.chars().count().saturating_sub(1);
    let shows_last = last >= 2;
    let mask = |(at, character): (usize, char)| match character {
        _ if at == 0 || (at == last && shows_last) => character,
        DOT | ' ' => character,
        _ => '*',
    };
    name.chars().enumerate().map(mask).collect()
}

/// Other dots become U+00B7; a full stop only between two Han characters (阿依努尔.测试), since J. Smith has one too.
fn dotted(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let dot = |at: usize| match characters[at] {
        '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{ff65}' => DOT,
        '.' | '\u{ff0e}'
            if at > 0 && is_han(characters[at - 1]) && characters.get(at + 1).is_some_and(|c| is_han(*c)) =>
        {
            DOT
        }
        other => other,
    };
    (0..characters.len()).map(dot).collect()
}

fn spaced(name: &str) -> String {
    let parts = name.split(DOT).map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    parts.collect::<Vec<_>>().join("\u{b7}")
}

const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn legal_names_with_rare_characters_and_any_dot_are_taken() {
        for (typed, stored) in [
            ("王䶮", "王䶮"),
            ("李𬭎", "李𬭎"),
            ("阿依努尔·测试", "阿依努尔·测试"),
            ("阿依努尔\u{2022}测试", "阿依努尔·测试"),
            ("阿依努尔\u{30fb}测试", "阿依努尔·测试"),
            ("阿依努尔．测试", "阿依努尔·测试"),
            ("阿依努尔 · 测试", "阿依努尔·测试"),
            (" 张\u{3000} 三\u{200b} ", "张 三"),
            ("J. Smith", "J. Smith"),
            ("Jose\u{301}", "José"),
        ] {
            assert_eq!(normalised(typed).as_deref(), Ok(stored), "{typed:?}");
        }
    }

    #[test]
    fn a_name_has_1_to_60_bytes() {
        assert_eq!(normalised(" "), Err(FieldError::whole(Rule::Missing)));
        assert!(normalised(&"测".repeat(20)).is_ok());
        let long = Err(FieldError::whole(Rule::TooManyBytes { most: 60 }));
        assert_eq!(normalised(&("测".repeat(20) + "a")), long);
        assert_eq!(normalised(&"测".repeat(5000)), long);
    }

    #[test]
    fn what_no_font_and_no_clerk_can_read_is_refused_at_its_place() {
        assert_eq!(normalised("张\u{e863}"), Err(FieldError::at(Rule::ForbiddenCharacter { point: 0xe863 }, 2)));
        assert_eq!(normalised("张\0三"), Err(FieldError::at(Rule::ForbiddenCharacter { point: 0 }, 2)));
        for nobody in ["123", "·", "*"] {
            assert_eq!(normalised(nobody), Err(FieldError::whole(Rule::NoLetter)), "{nobody}");
        }
    }

    #[test]
    fn masking_leaves_the_first_and_from_three_on_the_last() {
        for (name, shown) in [
            ("张", "张"),
            ("张三", "张*"),
            ("张建国", "张*国"),
            ("欧阳建国", "欧**国"),
            ("阿依努尔·测试", "阿***·*试"),
            ("", ""),
        ] {
            assert_eq!(masked(name), shown);
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "[张三·•. \u{200b}\u{301}ae・]{0,12}|\\PC{0,20}") {
            if let Ok(name) = normalised(&text) {
                prop_assert_eq!(normalised(&name), Ok(name));
            }
        }

        #[test]
        fn a_masked_name_is_never_longer(name in "\\PC{0,20}") {
            prop_assert!(masked(&name).len() <= name.len());
        }
    }
}

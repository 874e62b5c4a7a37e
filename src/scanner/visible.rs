//! Texts from outside on one line of a terminal: a name of a file must not look like a verdict.

use std::fmt::Write;

use freightpass_core::characters::is_refused;

/// The text with every character escaped that ends a line, controls a terminal, hides or turns round what follows.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_refused(character) {
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_make_a_line_of_its_own_is_escaped_and_names_stay_as_they_are() {
        assert_eq!(visible("卡片 1.png"), "卡片 1.png");
        assert_eq!(visible("a\n[ OK ] ADMIT\r\u{1b}[2K"), "a\\u{a}[ OK ] ADMIT\\u{d}\\u{1b}[2K");
        assert_eq!(visible("gnp.\u{202e}x\u{2028}"), "gnp.\\u{202e}x\\u{2028}");
    }
}

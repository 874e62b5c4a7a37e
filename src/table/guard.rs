//! Cells of CSV that a spreadsheet would not leave alone: it runs what begins like a formula, rounds long numbers, drops
//! leading zeros and spells times its own way. An apostrophe before them keeps them text; it is no part of the value.

/// What begins so is a formula for a spreadsheet, in full width too for those made in East Asia, or was guarded already.
const BEGINNINGS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];

/// What a spreadsheet takes for a number or a time holds nothing but these.
const NUMBER_LIKE: &str = "0123456789.,:/-+ eE";

/// The most digits that a spreadsheet shows as they are.
const DIGITS_SHOWN: usize = 11;

/// The text as it stands safely in a cell of CSV.
pub fn guarded(text: &str) -> String {
    if needs_guard(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell without its guard; of every cell that was never guarded the text itself, but for an apostrophe
/// that somebody typed before a number to keep it text.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| needs_guard(text)).unwrap_or(cell)
}

fn needs_guard(text: &str) -> bool {
    let number_like = text.chars().all(|character| NUMBER_LIKE.contains(character));
    let not_shown_as_it_is =
        text.len() > DIGITS_SHOWN || text.len() > 1 && text.starts_with('0') || text.contains(['-', '/', ':']);
    text.starts_with(BEGINNINGS) || number_like && not_shown_as_it_is && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_numbers_and_times_are_guarded_and_names_are_not() {
        for (text, cell) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+8613800138000", "'+8613800138000"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝１＋１", "'＝１＋１"),
            ("－2", "'－2"),
            ("\n=1", "'\n=1"),
            ("330106198802299797", "'330106198802299797"),
            ("051257000000", "'051257000000"),
            ("0512-57000000", "'0512-57000000"),
            ("2026-12-01 08:00", "'2026-12-01 08:00"),
            ("13800138000", "13800138000"),
            ("38000", "38000"),
            ("0", "0"),
            ("苏E12345", "苏E12345"),
            ("33010619880229997X", "33010619880229997X"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
        assert_eq!(unguarded("'330106198802299797"), "330106198802299797");
        assert_eq!(unguarded("'n Jan"), "'n Jan");
    }

    proptest! {
        #[test]
        fn whatever_is_guarded_comes_back(text in "[='+@＝＋－＠\n0-9a苏 -]{0,14}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text);
        }
    }
}

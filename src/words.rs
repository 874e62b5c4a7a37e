//! Free text from outside: what an officer or an applicant writes in own words.

use freightpass_core::characters::first_refused;

use crate::problem::FieldProblem;

/// Checks words that must be there: 1 to `max_bytes` bytes of UTF-8 after trimming, without the characters that
/// formats.md refuses in names (control characters, and those that hide or turn round what follows).
pub fn required(field: &str, text: &str, max_bytes: usize) -> Result<String, FieldProblem> {
    let text = optional(field, text, max_bytes)?;
    if text.is_empty() {
        return Err(FieldProblem::new(field, "missing", "this field must be filled in"));
    }
    Ok(text)
}

/// Checks words that may be empty, as [`required`] does.
pub fn optional(field: &str, text: &str, max_bytes: usize) -> Result<String, FieldProblem> {
    let text = text.trim();
    if text.len() > max_bytes {
        let message = format!("{} bytes of text, at most {max_bytes} are allowed", text.len());
        return Err(FieldProblem::new(field, "too_long", message));
    }
    if let Some(refused) = first_refused(text) {
        let message = format!(
            "the character U+{:04X} at place {} is not allowed",
            u32::from(refused.character),
            refused.position + 1
        );
        return Err(FieldProblem::new(field, "forbidden_character", message));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_at_their_bounds() {
        assert_eq!(required("text", " 面粉 ", 6).unwrap(), "面粉");
        assert_eq!(required("text", "面粉!", 6).unwrap_err().rule, "too_long");
        assert_eq!(required("text", "  ", 6).unwrap_err().rule, "missing");
        assert_eq!(optional("text", "  ", 6).unwrap(), "");
    }

    #[test]
    fn nul_and_direction_changes_are_refused_with_their_place() {
        let problem = required("text", "a\0b", 10).unwrap_err();
        assert_eq!(problem.rule, "forbidden_character");
        assert_eq!(problem.message, "the character U+0000 at place 2 is not allowed");
        assert_eq!(optional("text", "a\u{202e}b", 10).unwrap_err().rule, "forbidden_character");
    }
}

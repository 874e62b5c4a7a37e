//! Which rule a value breaks, and where in it.

use std::fmt;

use crate::problem::FieldProblem;

/// One broken rule in one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Stable code of the rule, such as `check_digit`.
    pub rule: &'static str,
    /// The place in the normalised value, counted in characters from 1; none if the whole value is at fault.
    pub place: Option<usize>,
    /// What is wrong, in English, for the one who typed it. Never the whole of an ID or phone number.
    pub message: String,
}

impl FieldError {
    /// The whole value breaks the rule.
    pub fn whole(rule: &'static str, message: impl Into<String>) -> Self {
        Self { rule, place: None, message: message.into() }
    }

    /// The character at `place` (from 1) breaks the rule.
    pub fn at(rule: &'static str, place: usize, message: impl Into<String>) -> Self {
        Self { rule, place: Some(place), message: message.into() }
    }

    /// The same as a problem of that field.
    pub fn of(self, field: impl Into<String>) -> FieldProblem {
        FieldProblem::new(field, self.rule, self.to_string())
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "place {place}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for FieldError {}

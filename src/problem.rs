//! What is wrong with one field of what somebody sent: said the same way by every room, mapped once in `rpc`.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::profile::FieldError;

/// One broken rule in one field. A refusal carries all of them, not only the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// Path of the field as the protobuf message names it, such as `crew[1].id_number`.
    pub field: String,
    /// Stable code of the rule that was broken, such as `check_digit`.
    pub rule: Cow<'static, str>,
    /// What is wrong, in English, for the one who filled the field in. Never the whole of an ID or phone number.
    pub message: String,
    /// The same in Chinese; empty where the rule has no words in Chinese.
    #[serde(default)]
    pub message_zh: String,
}

impl FieldProblem {
    /// A problem of `field`: the rule's stable code, and the words for people.
    pub fn new(field: impl Into<String>, rule: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into(), message: message.into(), message_zh: String::new() }
    }

    /// The same problem, said in Chinese too.
    pub fn in_chinese(self, message_zh: String) -> Self {
        Self { message_zh, ..self }
    }

    /// The same problem seen from a message that holds the field under `prefix`: `plate` in `vehicles[3]` is
    /// `vehicles[3].plate`.
    pub fn under(mut self, prefix: &str) -> Self {
        self.field = format!("{prefix}.{}", self.field);
        self
    }
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.field, self.message, self.rule)
    }
}

/// The problems as one line, for an error's Display.
pub fn join(problems: &[FieldProblem]) -> String {
    problems.iter().map(FieldProblem::to_string).collect::<Vec<_>>().join("; ")
}

/// The problems of one thing, gathered while it is checked: everything that is wrong is said at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was found.
    pub fn into_vec(self) -> Vec<FieldProblem> {
        self.0
    }

    /// Adds a problem.
    pub fn add(&mut self, field: impl Into<String>, rule: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.0.push(FieldProblem::new(field, rule, message));
    }

    /// The value, or its problem kept.
    pub fn keep<T>(&mut self, value: Result<T, FieldProblem>) -> Option<T> {
        value.map_err(|problem| self.0.push(problem)).ok()
    }

    /// The value, or the profile's error kept under the field's name.
    pub fn field<T>(&mut self, field: impl Into<String>, value: Result<T, FieldError>) -> Option<T> {
        value.map_err(|error| self.0.push(error.of(field))).ok()
    }

    /// The value of a text that must not be empty, as `read` takes it.
    pub fn filled<T>(
        &mut self,
        field: impl Into<String>,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, FieldError>,
    ) -> Option<T> {
        if text.trim().is_empty() {
            self.add(field, "missing", "this field must be filled in");
            return None;
        }
        self.field(field, read(text))
    }

    /// The value that the sender must choose.
    pub fn chosen<T>(&mut self, field: impl Into<String>, value: Option<T>, message: &str) -> Option<T> {
        if value.is_none() {
            self.add(field, "missing", message);
        }
        value
    }
}

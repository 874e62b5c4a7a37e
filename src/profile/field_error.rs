//! Which rule a value breaks, and where in it.

use std::fmt;

use super::Rule;
use crate::problem::FieldProblem;

/// One broken rule in one value. It holds no piece of the value, so it may be shown and logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    /// The rule.
    pub rule: Rule,
    /// The place in the normalised value, counted in characters from 1; none if the whole value is at fault.
    pub place: Option<usize>,
}

impl FieldError {
    /// The whole value breaks the rule.
    pub const fn whole(rule: Rule) -> Self {
        Self { rule, place: None }
    }

    /// The character at `place` (from 1) breaks the rule.
    pub const fn at(rule: Rule, place: usize) -> Self {
        Self { rule, place: Some(place) }
    }

    /// The same as a problem of that field.
    pub fn of(self, field: impl Into<String>) -> FieldProblem {
        FieldProblem::new(field, self.rule.code(), self.to_string()).in_chinese(self.message_zh())
    }

    /// What is wrong and where, in Chinese; `Display` says it in English.
    pub fn message_zh(&self) -> String {
        match self.place {
            Some(place) => format!("第 {place} 位：{}", self.rule.chinese()),
            None => self.rule.chinese(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "place {place}: ")?;
        }
        f.write_str(&self.rule.english())
    }
}

impl std::error::Error for FieldError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_place_and_rule_in_both_languages() {
        let error = FieldError::at(Rule::DivisionAbolished { year: 2011 }, 3);
        assert_eq!(error.to_string(), "place 3: this division was abolished in 2011; name the one that took its place");
        assert_eq!(error.message_zh(), "第 3 位：该行政区划已于 2011 年撤销，请填写现行区划");
        assert_eq!(FieldError::whole(Rule::IdLength).to_string(), "an ID number has 18 characters");
    }

    #[test]
    fn problem_carries_the_stable_code() {
        let problem = FieldError::at(Rule::CheckDigit, 18).of("crew[0].paper_number");
        assert_eq!((problem.field.as_str(), problem.rule.as_ref()), ("crew[0].paper_number", "check_digit"));
        assert_eq!(problem.message_zh, "第 18 位：校验码不符：有字符录入错误，请与证件核对");
    }
}

//! What a row was to reach: `<= 1.05` of its ratio, `>= 0.95` of its ratio, `ours >= 0.99` of its own figure, or
//! `none`.

use std::str::FromStr;

/// The goal of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Whether it is of our own figure, not of the ratio.
    of_ours: bool,
    /// Whether more is better.
    at_least: bool,
    bound: f64,
}

/// A text that is no goal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no goal: none, or [ours] <= NUMBER, or [ours] >= NUMBER")]
pub struct NoGoal(String);

impl Goal {
    /// The goal that a report's text says; nothing for `none`.
    ///
    /// # Errors
    /// [`NoGoal`] for any other text: a goal that nobody reads would never be missed.
    pub fn read(text: &str) -> Result<Option<Self>, NoGoal> {
        if text == "none" { Ok(None) } else { text.parse().map(Some) }
    }

    /// How far a row is on the wrong side: above 1 it misses its goal, at 1 and below it meets it. A figure that is
    /// missing, infinite or no number misses by any measure.
    pub fn strain(&self, ours: Option<f64>, ratio: Option<f64>) -> f64 {
        let figure = if self.of_ours { ours } else { ratio };
        let Some(figure) = figure.filter(|figure| figure.is_finite()) else { return f64::INFINITY };
        let (over, under) = if self.at_least { (self.bound, figure) } else { (figure, self.bound) };
        // Not over / under alone: 0 of at most 0 is met.
        if over <= under { (over / under).min(1.0) } else { (over / under).abs().max(1.0 + f64::EPSILON) }
    }
}

impl FromStr for Goal {
    type Err = NoGoal;

    fn from_str(text: &str) -> Result<Self, NoGoal> {
        let no_goal = || NoGoal(text.to_owned());
        let (of_ours, rest) = match text.strip_prefix("ours ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (at_least, bound) = match (rest.strip_prefix("<= "), rest.strip_prefix(">= ")) {
            (Some(bound), _) => (false, bound),
            (_, Some(bound)) => (true, bound),
            _ => return Err(no_goal()),
        };
        let bound: f64 = bound.parse().map_err(|_| no_goal())?;
        if bound.is_finite() { Ok(Goal { of_ours, at_least, bound }) } else { Err(no_goal()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_goal_is_read() {
        let goal = |of_ours, at_least, bound| Ok(Some(Goal { of_ours, at_least, bound }));
        for (text, read) in [
            ("none", Ok(None)),
            ("<= 1.05", goal(false, false, 1.05)),
            (">= 0.95", goal(false, true, 0.95)),
            ("ours >= 0.99", goal(true, true, 0.99)),
            ("ours <= 480", goal(true, false, 480.0)),
        ] {
            assert_eq!(Goal::read(text), read, "{text}");
        }
    }

    #[test]
    fn what_is_no_goal_is_refused() {
        for text in
            ["", "None", "1.05", "<=1.05", "< 1.05", "<= ", "<= x", "<= inf", ">= NaN", "theirs <= 1", "<= 1 ms"]
        {
            assert_eq!(Goal::read(text), Err(NoGoal(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_goal_is_met_at_its_bound_and_missed_beyond_it() {
        for (goal, ours, ratio, missed) in [
            ("<= 1.05", None, Some(1.05), false),
            ("<= 1.05", None, Some(1.0501), true),
            (">= 0.95", None, Some(0.95), false),
            (">= 0.95", None, Some(0.9499), true),
            ("ours >= 0.99", Some(0.99), Some(0.5), false),
            ("ours >= 0.99", Some(0.98), Some(2.0), true),
            ("ours <= 0", Some(0.0), None, false),
            ("ours <= 0", Some(1.0), None, true),
            (">= 1", None, Some(0.0), true),
            ("<= 1.05", Some(1.0), None, true),
            ("<= 1.05", None, Some(f64::NAN), true),
        ] {
            let strain = goal.parse::<Goal>().unwrap().strain(ours, ratio);
            assert_eq!(strain > 1.0, missed, "{goal} {ours:?} {ratio:?}: {strain}");
        }
    }
}

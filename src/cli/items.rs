//! Work on many items: a bar for whoever watches, and what was refused, by line.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output;
use crate::messages::{self, Language};
use crate::problem::FieldProblem;
use crate::rpc::proto;

/// A progress bar on standard error; invisible where that is no terminal.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar of so many items.
    pub fn of(items: usize) -> Self {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(items as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {per_sec} {eta}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar(bar)
    }

    /// Does what writes to the terminal, with the bar out of its way.
    pub fn beside<T>(&self, say: impl FnOnce() -> T) -> T {
        self.0.suspend(say)
    }

    /// So many items more are done.
    pub fn forward(&self, items: usize) {
        self.0.inc(items as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Rows that were refused, with every problem of each.
#[derive(Debug, Default)]
pub struct Refusals {
    lines: std::collections::BTreeMap<u32, Vec<String>>,
}

impl Refusals {
    /// Those that did not even reach the service.
    pub fn of_lines(refused: &[(u32, FieldProblem)]) -> Self {
        let mut refusals = Self::default();
        for (line, problem) in refused {
            refusals.say(*line, told(&problem.field, &problem.rule, &problem.message));
        }
        refusals
    }

    /// What the service answered for a row.
    pub fn add(&mut self, line: u32, problems: &[proto::FieldProblem]) {
        for problem in problems {
            self.say(line, told(&problem.field, &problem.rule, &problem.message));
        }
    }

    /// An item's error: its fields, or, where no field is at fault, its reason.
    pub fn add_error(&mut self, line: u32, error: &proto::ItemError) {
        if error.problems.is_empty() {
            self.say(line, error_text(error));
        } else {
            self.add(line, &error.problems);
        }
    }

    /// One more problem, in words.
    pub fn say(&mut self, line: u32, problem: String) {
        self.lines.entry(line).or_default().push(problem);
    }

    /// Rows refused.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// A line for each problem, in the order of the table.
    pub fn tell(&self) -> anyhow::Result<()> {
        for (line, problems) in &self.lines {
            for problem in problems {
                output::line(format_args!("line 行 {line}: {problem}"))?;
            }
        }
        Ok(())
    }
}

/// An item's error in words: message, reason, what was found.
pub fn error_text(error: &proto::ItemError) -> String {
    let mut found: Vec<String> = error.metadata.iter().map(|(name, value)| format!("{name} {value}")).collect();
    found.sort();
    let found = if found.is_empty() { String::new() } else { format!("; {}", found.join(", ")) };
    format!("{} ({}{found})", error.message, error.reason)
}

fn told(field: &str, rule: &str, message: &str) -> String {
    match messages::rule(Language::Zh, rule) {
        Some(zh) => format!("{field}: {rule}: {message}; {zh}"),
        None => format!("{field}: {rule}: {message}"),
    }
}

//! Work on many items: a bar for whoever watches, and an item's error in words.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

    /// A bar of a number of items that nobody knows yet.
    pub fn of_some() -> Self {
        let bar = Self::of(0);
        bar.0.unset_length();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {per_sec} {elapsed}") {
            bar.0.set_style(style);
        }
        bar
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

/// An item's error in words: message, reason, what was found.
pub fn error_text(error: &proto::ItemError) -> String {
    let mut found: Vec<String> = error.metadata.iter().map(|(name, value)| format!("{name} {value}")).collect();
    found.sort();
    let found = if found.is_empty() { String::new() } else { format!("; {}", found.join(", ")) };
    format!("{} ({}{found})", error.message, error.reason)
}

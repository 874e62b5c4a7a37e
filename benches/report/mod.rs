//! What a bench says: ratios to a baseline, printed and written to `target/report/NAME.json`.
//!
//! A time on a shared machine means nothing by itself, so a measurement and its baseline are run in turn and the least
//! of each is kept. Nothing here fails a build: a goal that is missed is printed as missed.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

/// The measurements of one bench, in the order in which they were made.
pub struct Report {
    name: &'static str,
    rows: Vec<Value>,
}

impl Report {
    /// An empty report that [`Report::write`] stores under this name.
    pub fn new(name: &'static str) -> Self {
        println!("{:<62} {:>14} {:>14} {:>8}  goal", name, "ours", "baseline", "ratio");
        Report { name, rows: Vec::new() }
    }

    /// Adds and prints a measurement. `goal` is the highest good ratio; without one the ratio is for information.
    pub fn add(&mut self, name: &str, ours: f64, baseline: f64, goal: Option<f64>) {
        let missed = goal.is_some_and(|goal| ours / baseline > goal);
        self.row(name, ours, baseline, goal.map(|goal| format!("<= {goal:.2}")), missed);
    }

    /// The same for a rate, of which more is better: `goal` is the lowest good ratio.
    #[allow(dead_code)] // Not every bench has a rate.
    pub fn add_least(&mut self, name: &str, ours: f64, baseline: f64, goal: f64) {
        self.row(name, ours, baseline, Some(format!(">= {goal:.2}")), ours / baseline < goal);
    }

    fn row(&mut self, name: &str, ours: f64, baseline: f64, goal: Option<String>, missed: bool) {
        let ratio = ours / baseline;
        let goal = goal.unwrap_or_else(|| "none".to_owned());
        let missed = if missed { "  MISSED" } else { "" };
        println!("{name:<62} {ours:>14.1} {baseline:>14.1} {ratio:>8.4}  {goal}{missed}");
        self.rows.push(json!({
            "name": name, "ours": ours, "baseline": baseline, "ratio": ratio, "goal": goal,
        }));
    }

    /// Writes `target/report/NAME.json` of the workspace, whose folder is the one with the lock file.
    pub fn write(self) -> std::io::Result<()> {
        let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let workspace = above.find(|folder| folder.join("Cargo.lock").exists()).ok_or(std::io::ErrorKind::NotFound)?;
        let folder = workspace.join("target/report");
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(self.name).with_extension("json"), format!("{:#}\n", Value::Array(self.rows)))
    }
}

/// Least nanoseconds of `ours` and of `baseline`, run in turn `rounds` times.
pub fn interleaved<A, B>(rounds: u32, mut ours: impl FnMut() -> A, mut baseline: impl FnMut() -> B) -> (f64, f64) {
    let mut least = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        least.0 = least.0.min(nanoseconds(&mut ours));
        least.1 = least.1.min(nanoseconds(&mut baseline));
    }
    least
}

fn nanoseconds<T>(run: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    // Giving back what was made is part of the work.
    drop(black_box(run()));
    start.elapsed().as_nanos() as f64
}

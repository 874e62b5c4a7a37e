//! The rows of the reports: `{name, ours, baseline, ratio, goal}` each, one or a list of them in a file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::goal::{Goal, NoGoal};

/// A measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The bench: its report's name.
    pub bench: String,
    /// What was measured, with its unit.
    pub name: String,
    /// Our figure.
    pub ours: Option<f64>,
    /// What it is compared with.
    pub baseline: Option<f64>,
    /// The one by the other; none where there is nothing to compare with.
    pub ratio: Option<f64>,
    /// The goal as it is written.
    pub goal: String,
    /// How far it is strained: above 1 it is missed; none without a goal.
    pub strain: Option<f64>,
}

/// A report that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder or a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not JSON.
    #[error("{}: {source}", path.display())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// No row, or no goal.
    #[error("{}, row {at}: {what}", path.display())]
    Row {
        /// Which file.
        path: PathBuf,
        /// Which row, from 1.
        at: usize,
        /// Why.
        what: String,
    },
}

/// Every row of the reports in a folder, or of those named, by file and in their order.
///
/// # Errors
/// [`ReportError`] for the first report that cannot be read, one that is named and not there among them.
pub fn read(folder: &Path, names: &[String]) -> Result<Vec<Row>, ReportError> {
    let mut paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name).with_extension("json")).collect();
    if names.is_empty() {
        let io = |source| ReportError::Io { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                paths.push(path);
            }
        }
        paths.sort();
    }
    let mut rows = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|source| ReportError::Io { path: path.clone(), source })?;
        let bench = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let report = serde_json::from_str(&text).map_err(|source| ReportError::Json { path: path.clone(), source })?;
        let values = if let Value::Array(values) = report { values } else { vec![report] };
        for (value, at) in values.iter().zip(1..) {
            let row = row(&bench, value);
            rows.push(row.map_err(|what| ReportError::Row { path: path.clone(), at, what })?);
        }
    }
    Ok(rows)
}

fn row(bench: &str, value: &Value) -> Result<Row, String> {
    let text = |key| value.get(key).and_then(Value::as_str).ok_or_else(|| format!("{key:?} is no text"));
    let figure = |key| match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| format!("{key:?} is no number")),
    };
    let (name, goal) = (text("name")?.to_owned(), text("goal")?.to_owned());
    let (ours, baseline, ratio) = (figure("ours")?, figure("baseline")?, figure("ratio")?);
    let wanted = Goal::read(&goal).map_err(|error: NoGoal| error.to_string())?;
    let strain = wanted.map(|wanted| wanted.strain(ours, ratio));
    Ok(Row { bench: bench.to_owned(), name, ours, baseline, ratio, goal, strain })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_is_read_whatever_figure_is_missing() {
        let read = row("b", &json!({"name": "n", "ours": 3, "baseline": 0.0, "ratio": null, "goal": "ours >= 4"}));
        let read = read.unwrap();
        assert_eq!((read.ours, read.baseline, read.ratio), (Some(3.0), Some(0.0), None));
        assert!(read.strain.is_some_and(|strain| strain > 1.0));
        assert_eq!(row("b", &json!({"name": "n", "goal": "none"})).unwrap().strain, None);
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for (value, what) in [
            (json!(1), "\"name\" is no text"),
            (json!({"name": "n", "ours": 1}), "\"goal\" is no text"),
            (json!({"name": "n", "goal": "none", "ours": "1"}), "\"ours\" is no number"),
            (
                json!({"name": "n", "goal": "fast"}),
                "\"fast\" is no goal: none, or [ours] <= NUMBER, or [ours] >= NUMBER",
            ),
        ] {
            assert_eq!(row("b", &value).unwrap_err(), what);
        }
    }
}

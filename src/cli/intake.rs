//! A table on its way to the service: opened before anything is sent, read while it is sent, and what became of it told
//! at the end, on the screen and in a report.

use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::items::Bar;
use super::refusals::{KEPT_ROWS, Refusals};
use super::{file, output};
use crate::table::{About, Column, Ending, Format, Header, Report, Row, Table, TableError};

/// Rows that are read before they can be sent: two requests full, so that neither side waits for the other.
const ROWS_AHEAD: usize = 1_000;

/// Which table, and what is made of it.
#[derive(Debug, clap::Args)]
pub struct TableArgs {
    /// The table: CSV (UTF-8, UTF-16, GB18030; by comma, semicolon or tab) or an Excel workbook (.xlsx)
    file: PathBuf,
    /// Sheet of a workbook; otherwise the first visible one with a header
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Check only
    #[arg(long)]
    pub dry_run: bool,
    /// Write the refused rows there with the reasons beside them, as .xlsx or .csv: mend the cells and hand the same file
    /// in again
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl TableArgs {
    /// Opens the table, and looks at everything that can be wrong before a row is read.
    pub fn open(&self, needed: &[Column]) -> anyhow::Result<Intake> {
        let report = self.report.as_deref().map(report_format).transpose()?;
        if let Some(path) = self.report.as_deref().filter(|path| is_same(path, &self.file)) {
            bail!("--report {}: this is the table itself; name another file", path.display());
        }
        let shown = self.file.display().to_string();
        let table = Table::open(&self.file, self.sheet.as_deref(), needed).with_context(|| shown.clone())?;
        let name = self.file.file_name().map_or(shown, |name| name.to_string_lossy().into_owned());
        let (header, about) = (Arc::clone(table.header()), table.about.clone());
        output::line(format_args!("read 读取 {name}: {}", about.shape))?;
        if !about.unknown.is_empty() {
            output::aside(format_args!("columns that mean nothing here and are not read: {:?}", about.unknown));
        }
        let report = report.zip(self.report.clone());
        Ok(Intake { table, tale: Tale { name, header, about, report, dry_run: self.dry_run } })
    }
}

fn report_format(path: &Path) -> anyhow::Result<Format> {
    let Some(format) = Format::of(path) else {
        bail!("--report {}: a report is a .xlsx or a .csv file", path.display());
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        bail!("--report {}: there is no such folder", path.display());
    }
    Ok(format)
}

/// Whether both names lead to one file, by whatever links.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| path.metadata().ok().map(|about| (about.dev(), about.ino()));
    place(one).is_some_and(|one| place(other) == Some(one))
}

/// A table that was opened.
pub struct Intake {
    /// Its rows are still to be read.
    pub table: Table,
    /// What is told of it at the end.
    pub tale: Tale,
}

/// What is told of a table.
pub struct Tale {
    name: String,
    header: Arc<Header>,
    about: About,
    report: Option<(Format, PathBuf)>,
    dry_run: bool,
}

impl Tale {
    /// A bar of its rows.
    pub fn bar(&self) -> Bar {
        let rows = self.about.rows.and_then(|rows| usize::try_from(rows).ok());
        rows.map_or_else(Bar::of_some, Bar::of)
    }

    /// Tells what was refused, what was not read, and the sum; and writes the report. `ending` is missing where
    /// something stopped the reading.
    pub fn tell(&self, refusals: &mut Refusals, ending: Option<&Ending>, sum: &str) -> anyhow::Result<()> {
        refusals.tell()?;
        let strays = ending.and_then(strays);
        if let Some(strays) = &strays {
            output::line(strays)?;
        }
        let sum = format!("{}{sum}", if self.dry_run { "dry run 试运行: " } else { "" });
        if let Some((format, path)) = &self.report {
            let mut notes = vec![
                "拒收的行：改正后请再次导入本文件 refused rows: mend them, and import this very file again".to_owned(),
                format!("{}: {}", self.name, self.about.shape),
                sum.clone(),
            ];
            notes.extend(strays);
            if !self.about.unknown.is_empty() {
                notes.push(format!("columns not read 未读的列: {}", self.about.unknown.join(" | ")));
            }
            if refusals.more() > 0 {
                notes.push(format!(
                    "{} more rows were refused; a report has {KEPT_ROWS}: mend the cause in the table itself \
                     另有行被拒收未列出，请在原表中改正",
                    refusals.more()
                ));
            }
            let report = Report { header: &self.header, rows: refusals.rows(), notes: &notes };
            let bytes = report.bytes(*format).with_context(|| path.display().to_string())?;
            file::replace(path, &bytes)?;
            output::line(format_args!("report 报告 {}: {} rows 行", path.display(), refusals.rows().len()))?;
        }
        output::line(sum)
    }
}

fn strays(ending: &Ending) -> Option<String> {
    let beyond = ending.stray_count.saturating_sub(ending.strays.len() as u64);
    let beyond = if beyond > 0 { format!(" and 以及 {beyond} more") } else { String::new() };
    (ending.stray_count > 0).then(|| {
        format!(
            "stray cells 散落单元格 {}{beyond}: they hold nothing but white space and were not read 仅含空白，未读取",
            ending.strays.join(", ")
        )
    })
}

/// The rows of a table, read on a thread of their own while others are sent.
pub struct Rows {
    rows: mpsc::Receiver<Row>,
    reader: JoinHandle<Result<Ending, TableError>>,
}

impl Rows {
    /// Begins to read.
    pub fn of(table: Table) -> Self {
        let (send, rows) = mpsc::channel(ROWS_AHEAD);
        let each = move |row| match send.blocking_send(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        Self { rows, reader: tokio::task::spawn_blocking(move || table.read(each)) }
    }

    /// The next rows, at most so many; none at the end of the table.
    pub async fn next(&mut self, most: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        self.rows.recv_many(&mut rows, most).await;
        while !rows.is_empty() && rows.len() < most {
            let wanted = most - rows.len();
            if self.rows.recv_many(&mut rows, wanted).await == 0 {
                break;
            }
        }
        rows
    }

    /// What was found out on the way; an error where the table broke off.
    pub async fn ending(self) -> anyhow::Result<Ending> {
        drop(self.rows);
        match self.reader.await {
            Ok(ending) => Ok(ending?),
            // The reader of workbooks is foreign code.
            Err(_) => bail!("the workbook is damaged: its reader gave up; open it, save it again, and try once more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_never_takes_the_place_of_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.csv");
        std::fs::write(&file, "tractor\n苏E12345\n").unwrap();
        let link = folder.path().join("refused.csv");
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let hard = folder.path().join("hard.csv");
        std::fs::hard_link(&file, &hard).unwrap();
        let open = |report: PathBuf| {
            TableArgs { file: file.clone(), sheet: None, dry_run: false, report: Some(report) }.open(&[Column::Tractor])
        };
        for report in [file.clone(), folder.path().join("./list.csv"), link, hard] {
            let told = open(report).err().map(|error| error.to_string());
            assert!(told.is_some_and(|told| told.contains("the table itself")));
        }
        assert!(open(folder.path().join("new.csv")).is_ok());
    }
}

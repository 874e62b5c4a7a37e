//! The import of a large table: CSV through the command line, mutual TLS, every rule of the profile, and the registry
//! with sealed fields and its audit log.
//!
//! `cargo bench --bench import` (`-- 10000` for fewer rows than 100,000): the whole command against a server in a folder
//! of its own is compared with a bare insert of the same cells into SQLite, as durable and in batches of as many rows.
//! Goal: at most 25 times the bare insert, so that the white list of a province (100,000 rows) is in within some minutes
//! on any machine whose disk would take the bare rows in some seconds. Memory: a hundred times the rows must not cost
//! twice the memory. The same columns as a workbook are compared with the CSV: a workbook's texts are read before its
//! rows and held, so that its memory grows with them.

#[path = "../tests/flows/peak.rs"]
mod peak;
#[allow(dead_code)] // An import is timed without the start of its server.
mod report;
#[path = "../tests/support/server.rs"]
mod server;

use std::path::Path;
use std::time::Instant;

use freightpass::table::{Column, Table};
use peak::peak_kib;
use report::Report;
use rust_xlsxwriter::Workbook;
use server::{Said, Server};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, QueryBuilder, Sqlite};

/// Rows of the table, unless the command line says otherwise.
const ROWS: usize = 100_000;
/// Rows of a request of the command, and of a transaction of the bare insert.
const BATCH: usize = 500;
/// Times that each measurement is made; the least counts.
const ROUNDS: u32 = 2;
/// The most that the import may cost, in bare inserts.
const GOAL: f64 = 25.0;
/// The most that a row of a workbook may cost, in rows of CSV.
const XLSX_GOAL: f64 = 1.25;
/// The most that its memory may grow when the table has a hundred times the rows.
const MEMORY_GOAL: f64 = 2.0;

fn main() -> std::io::Result<()> {
    let rows = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ROWS);
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let (large, small) = (folder.path().join("large.csv"), folder.path().join("small.csv"));
    write(&large, rows)?;
    write(&small, (rows / 100).max(1))?;
    let sheet = folder.path().join("large.xlsx");
    workbook(&large, &sheet)?;
    let cells = cells(&large);
    let mut report = Report::new("import");

    let (mut ours, mut bare, mut peak) = (f64::INFINITY, f64::INFINITY, 0);
    let (mut of_sheet, mut sheet_peak) = (f64::INFINITY, 0);
    for round in 0..ROUNDS {
        let (took, most) = runtime.block_on(import(&large, rows));
        ours = ours.min(took);
        peak = peak.max(most);
        let (took, most) = runtime.block_on(import(&sheet, rows));
        of_sheet = of_sheet.min(took);
        sheet_peak = sheet_peak.max(most);
        bare = bare.min(runtime.block_on(insert(&folder.path().join(format!("bare-{round}.db")), &cells)));
    }
    let (_, small_peak) = runtime.block_on(import(&small, (rows / 100).max(1)));
    let each = rows as f64;
    println!("{rows} rows: {:.0} rows a second imported, {:.0} bare; peak {peak} KiB", each / ours, each / bare);
    println!("{rows} rows of XLSX: {:.0} rows a second imported; peak {sheet_peak} KiB", each / of_sheet);
    report.add("row imported / bare batched insert, ns", ours * 1e9 / each, bare * 1e9 / each, Some(GOAL));
    let name = "peak of the command, KiB / of a hundredth of the rows";
    report.add(name, peak as f64, small_peak as f64, Some(MEMORY_GOAL));
    report.add("row imported from XLSX / from CSV, ns", of_sheet * 1e9 / each, ours * 1e9 / each, Some(XLSX_GOAL));
    report.add("peak of the command with XLSX / with CSV, KiB", sheet_peak as f64, peak as f64, None);
    report.write()
}

/// The sample list of so many rows, as it is printed.
fn write(path: &Path, rows: usize) -> std::io::Result<()> {
    let file = std::fs::File::create(path)?;
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_freightpass"))
        .args(["sample", "--rows", &rows.to_string()])
        .stdout(file)
        .status()?;
    assert!(status.success());
    Ok(())
}

/// The columns of the CSV that an import reads, as a workbook.
fn workbook(csv: &Path, path: &Path) -> std::io::Result<()> {
    let is_authority =
        |title: &str| Column::all().iter().any(|(column, zh, _)| *column == Column::Authority && *zh == title);
    let mut lines = csv::ReaderBuilder::new().has_headers(false).from_path(csv)?.into_records().peekable();
    let width = match lines.peek() {
        Some(Ok(titles)) => titles.iter().take_while(|title| !is_authority(title)).count(),
        _ => 0,
    };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(lines) {
        for (at, cell) in (0..).zip(line?.iter().take(width)).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, at, cell).map_err(std::io::Error::other)?;
        }
    }
    workbook.save(path).map_err(std::io::Error::other)
}

/// The cells of a table that an import sends.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let columns: Vec<Column> = Column::all()
        .into_iter()
        .map(|(column, ..)| column)
        .take_while(|column| *column != Column::Authority)
        .collect();
    let table = Table::open(path, None, &[]).expect("the sample list");
    let (rows, _) = table.rows(usize::MAX).expect("rows");
    rows.iter().map(|row| columns.iter().map(|column| row.get(*column).into_owned()).collect()).collect()
}

/// Imports the table into a new service; seconds, and the peak memory of the command in KiB.
async fn import(table: &Path, rows: usize) -> (f64, u64) {
    let server = Server::start().await;
    let table = table.display().to_string();
    let begun = Instant::now();
    let (said, peak) = peak_kib(&server.data(), &["whitelist", "import", &table, "--as", "CN-3205/chief"]).await;
    let took = begun.elapsed().as_secs_f64();
    imported(&said, rows);
    (took, peak)
}

fn imported(said: &Said, rows: usize) {
    let sum = said.out.lines().last().unwrap_or_default();
    assert!(sum.contains(&format!("new 新增 {rows},")) && sum.ends_with("refused 拒收 0"), "{said:#?}");
}

/// The same cells as rows of one table, as durable as the registry; seconds.
async fn insert(path: &Path, rows: &[Vec<String>]) -> f64 {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut conn = options.connect().await.expect("a database");
    let width = rows.first().map_or(0, Vec::len);
    let columns: Vec<String> = (0..width).map(|at| format!("c{at} TEXT NOT NULL")).collect();
    let create = format!("CREATE TABLE rows ({}) STRICT", columns.join(", "));
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut conn).await.expect("a table");
    let begun = Instant::now();
    for some in rows.chunks(BATCH) {
        let mut work = conn.begin().await.expect("a transaction");
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO rows ");
        query.push_values(some, |mut row, cells| {
            for cell in cells {
                row.push_bind(cell);
            }
        });
        query.build().execute(&mut *work).await.expect("rows");
        work.commit().await.expect("a commit");
    }
    let took = begun.elapsed().as_secs_f64();
    conn.close().await.expect("an end");
    took
}

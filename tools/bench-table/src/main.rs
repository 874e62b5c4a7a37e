//! The table of `tools/bench`: every row of the reports in a folder, what misses its goal first.
//!
//! `freightpass-bench-table FOLDER [NAME ...]`: all reports, or only those named. The exit code says whether they could
//! be read; a missed goal is told in the table and is no failure.

mod goal;
mod rows;
mod table;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("which folder of reports?");
        return ExitCode::FAILURE;
    };
    let names: Vec<String> = arguments.collect();
    match rows::read(Path::new(&folder), &names) {
        Ok(rows) => {
            print!("{}", table::table(rows));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

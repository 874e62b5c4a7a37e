//! Rows of a table that were refused, with every problem of each: told by line, and kept for the report.

use super::items::error_text;
use super::output;
use crate::messages::{self, Language};
use crate::problem::FieldProblem;
use crate::rpc::proto;
use crate::table::{Refused, Row, Told};

/// Rows that are told and kept. Nobody mends more of them by hand, and a table that is wrong from end to end shall fill
/// neither memory nor screen: where there are more, the cause is one.
pub const KEPT_ROWS: usize = 10_000;

/// The refused rows of one table.
#[derive(Debug, Default)]
pub struct Refusals {
    rows: Vec<Refused>,
    /// Rows beyond [`KEPT_ROWS`].
    more: usize,
}

impl Refusals {
    /// A row that never reached the service.
    pub fn add_own(&mut self, row: Row) {
        let told = own(&row);
        self.keep(row, told);
    }

    /// A row that never reached the service, with what that said of its other cells: those of `sound`.
    pub fn add_both(&mut self, row: Row, sound: &Row, problems: &[proto::FieldProblem]) {
        let others = answered(sound, problems);
        self.keep_both(row, others);
    }

    /// What the service answered for a row.
    pub fn add(&mut self, row: Row, problems: &[proto::FieldProblem]) {
        let told = answered(&row, problems);
        self.keep(row, told);
    }

    /// An item's error: its fields, or, where no field is at fault, its reason.
    pub fn add_error(&mut self, row: Row, error: &proto::ItemError) {
        let told = of_error(&row, error);
        self.keep(row, told);
    }

    /// A row that never reached the service, with the error that its other cells would have met: those of `sound`.
    pub fn add_both_error(&mut self, row: Row, sound: &Row, error: Option<&proto::ItemError>) {
        let others = error.map_or_else(Vec::new, |error| of_error(sound, error));
        self.keep_both(row, others);
    }

    fn keep_both(&mut self, row: Row, others: Vec<Told>) {
        let mut told = own(&row);
        told.extend(others.into_iter().filter(|other| row.problems.iter().all(|own| own.field != other.field)));
        self.keep(row, told);
    }

    fn keep(&mut self, row: Row, problems: Vec<Told>) {
        if self.rows.len() < KEPT_ROWS {
            self.rows.push(Refused { row, problems });
        } else {
            self.more += 1;
        }
    }

    /// Rows refused.
    pub fn len(&self) -> usize {
        self.rows.len() + self.more
    }

    /// Rows that were refused and not kept.
    pub fn more(&self) -> usize {
        self.more
    }

    /// Those that were kept, in the order of the table.
    pub fn rows(&mut self) -> &[Refused] {
        self.rows.sort_by_key(|refused| refused.row.line);
        &self.rows
    }

    /// A line for each problem, in the order of the table.
    pub fn tell(&mut self) -> anyhow::Result<()> {
        for refused in self.rows() {
            for Told { field, code, reason } in &refused.problems {
                let line = refused.row.line;
                match field.as_str() {
                    "" => output::line(format_args!("line 行 {line}: {reason}"))?,
                    field => output::line(format_args!("line 行 {line}: {field}: {code}: {reason}"))?,
                }
            }
        }
        if self.more > 0 {
            output::line(format_args!("and 以及 {} more rows 行 that were refused 被拒收", self.more))?;
        }
        Ok(())
    }
}

fn own(row: &Row) -> Vec<Told> {
    let told = |it: &FieldProblem| told(&it.field, &it.rule, &it.message, &it.message_zh);
    row.problems.iter().map(told).collect()
}

fn of_error(row: &Row, error: &proto::ItemError) -> Vec<Told> {
    if error.problems.is_empty() {
        return vec![Told { field: String::new(), code: error.reason.clone(), reason: error_text(error) }];
    }
    answered(row, &error.problems)
}

fn answered(row: &Row, problems: &[proto::FieldProblem]) -> Vec<Told> {
    let told = |it: &proto::FieldProblem| told(&row.spelled(&it.field), &it.rule, &it.message, &it.message_zh);
    problems.iter().map(told).collect()
}

fn told(field: &str, rule: &str, message: &str, message_zh: &str) -> Told {
    let zh = if message_zh.is_empty() { messages::rule(Language::Zh, rule) } else { Some(message_zh.to_owned()) };
    let reason = zh.map_or_else(|| message.to_owned(), |zh| format!("{message}; {zh}"));
    Told { field: field.to_owned(), code: rule.to_owned(), reason }
}

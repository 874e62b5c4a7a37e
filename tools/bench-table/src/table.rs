//! The table: what misses its goal first, the worst at the top; then what meets it, the closest first; then what has no
//! goal, as it came.

use std::fmt::Write;

use crate::rows::Row;

/// The table of these rows, with a line at its end that counts.
pub fn table(mut rows: Vec<Row>) -> String {
    order(&mut rows);
    let missed = rows.iter().filter(|row| is_missed(row)).count();
    let met = rows.iter().filter(|row| row.strain.is_some()).count() - missed;
    let bench = width(rows.iter().map(|row| row.bench.as_str()), "bench");
    let name = width(rows.iter().map(|row| row.name.as_str()), "what");
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        "{:<6}  {:<bench$}  {:<name$}  {:>13}  {:>13}  {:>9}  goal",
        "state", "bench", "what", "ours", "baseline", "ratio"
    );
    for row in &rows {
        let state = match row.strain {
            Some(_) if is_missed(row) => "MISSED",
            Some(_) => "met",
            None => "",
        };
        let (ours, baseline) = (figure(row.ours), figure(row.baseline));
        let ratio = row.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.4}"));
        let goal = if row.strain.is_some() { row.goal.as_str() } else { "" };
        let line = format!(
            "{state:<6}  {:<bench$}  {:<name$}  {ours:>13}  {baseline:>13}  {ratio:>9}  {goal}",
            row.bench, row.name
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text, "{missed} missed, {met} met, {} without a goal", rows.len() - missed - met);
    text
}

fn order(rows: &mut [Row]) {
    // The sort is stable, so that what is equal stays by bench and in its order.
    rows.sort_by(|a, b| b.strain.unwrap_or(-1.0).total_cmp(&a.strain.unwrap_or(-1.0)));
}

fn is_missed(row: &Row) -> bool {
    row.strain.is_some_and(|strain| strain > 1.0)
}

fn width<'r>(texts: impl Iterator<Item = &'r str>, head: &'r str) -> usize {
    texts.chain([head]).map(|text| text.chars().count()).max().unwrap_or(0)
}

/// Shares with three digits, large figures as whole numbers.
fn figure(figure: Option<f64>) -> String {
    match figure {
        None => "-".to_owned(),
        Some(figure) if figure.abs() >= 1000.0 => format!("{figure:.0}"),
        Some(figure) => format!("{figure:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goal::Goal;

    fn row(bench: &str, name: &str, ratio: Option<f64>, goal: &str) -> Row {
        let (ours, baseline) = (ratio.map(|ratio| ratio * 2000.0), Some(2000.0));
        let strain = Goal::read(goal).unwrap().map(|goal| goal.strain(ours, ratio));
        Row { bench: bench.to_owned(), name: name.to_owned(), ours, baseline, ratio, goal: goal.to_owned(), strain }
    }

    #[test]
    fn the_worst_miss_is_at_the_top_and_what_has_no_goal_below() {
        let mut rows = vec![
            row("a", "no goal", Some(9.0), "none"),
            row("a", "met with room", Some(0.1), "<= 1.05"),
            row("a", "missed by a tenth", Some(1.155), "<= 1.05"),
            row("b", "no goal either", None, "none"),
            row("b", "met at the bound", Some(1.05), "<= 1.05"),
            row("b", "a rate at half", Some(0.5), ">= 1.0"),
            row("c", "not measured", None, "<= 1.05"),
            row("c", "met with room, too", Some(0.1), "<= 1.05"),
        ];
        order(&mut rows);
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "not measured",
                "a rate at half",
                "missed by a tenth",
                "met at the bound",
                "met with room",
                "met with room, too",
                "no goal",
                "no goal either"
            ]
        );
    }

    #[test]
    fn every_row_is_told_with_its_state_and_the_states_are_counted() {
        let rows = vec![
            row("scan", "one", Some(0.9), "<= 1.05"),
            row("adoption", "two", Some(2.0), "<= 1.5"),
            row("adoption", "three", None, "none"),
        ];
        assert_eq!(
            table(rows),
            "\
state   bench     what            ours       baseline      ratio  goal
MISSED  adoption  two             4000           2000     2.0000  <= 1.5
met     scan      one             1800           2000     0.9000  <= 1.05
        adoption  three              -           2000          -
1 missed, 1 met, 1 without a goal
"
        );
    }
}

//! `freightpass sample`: prints a made-up white list with journeys.

use jiff::{Span, civil};

use super::Exit;
use super::output;
use super::terms;
use crate::rpc::proto;
use crate::sample::{self, Evidence, Row};
use crate::table::{Column, CrewColumn, EvidenceColumn};

/// Planned times of the shipped list count from this day, in the zone of the profile cn.
const BEGINS: civil::DateTime = civil::date(2026, 12, 1).at(8, 0, 0, 0);

/// Prints a made-up white list with journeys, as CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The same seed prints the same list everywhere; codes, plates and ID numbers are valid, and all people are made up.

Example: freightpass sample --rows 1000 > list.csv")]
pub struct Args {
    /// Rows
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rows: u32,
    /// Seed
    #[arg(long, default_value_t = sample::SEED)]
    seed: u64,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    output::bytes(&csv(&sample::rows(args.seed, args.rows as usize))?)?;
    Ok(Exit::Admit)
}

/// The rows as CSV in UTF-8, with every Chinese header.
pub fn csv(rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    let columns = Column::all();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(_, zh, _)| zh))?;
    for row in rows {
        writer.write_record(columns.iter().map(|(column, ..)| cell(row, *column)))?;
    }
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

fn cell(row: &Row, column: Column) -> String {
    let (enterprise, journey) = (&row.enterprise, &row.journey);
    match column {
        Column::EnterpriseCode => enterprise.code.clone(),
        Column::EnterpriseName => enterprise.name.clone(),
        Column::ContactName => enterprise.contact_name.clone(),
        Column::ContactPhone => enterprise.contact_phone.clone(),
        Column::Industry => category(enterprise.industry),
        Column::CodeWaiver => String::new(),
        Column::Tractor => row.tractor.clone(),
        Column::Trailer => row.trailer.clone().unwrap_or_default(),
        Column::Crew(at, of) => row.crew.get(at).map_or_else(String::new, |person| match of {
            CrewColumn::Name => person.name.clone(),
            CrewColumn::PaperKind => person.paper_kind.to_owned(),
            CrewColumn::PaperNumber => person.paper_number.clone(),
            CrewColumn::Mobile => person.mobile.clone(),
            CrewColumn::Role => person.role.to_owned(),
        }),
        Column::Authority => enterprise.authority.to_owned(),
        Column::Programme => "1".to_owned(),
        Column::GrossMass => journey.gross_mass_kg.to_string(),
        Column::CargoCategory => category(journey.cargo),
        Column::CargoDescription => journey.description.to_owned(),
        Column::CargoMass => journey.cargo_mass_kg.to_string(),
        Column::Origin => journey.origin.clone(),
        Column::Destination => journey.destination.clone(),
        Column::Via => journey.via.join(" "),
        Column::PlannedStart => moment(journey.begins_after_min.into()),
        Column::PlannedEnd => moment(i64::from(journey.begins_after_min) + i64::from(journey.takes_min)),
        Column::Leg => journey.leg.to_owned(),
        Column::Evidence(at, of) => row.evidence.get(at).map_or_else(String::new, |paper| evidence(paper, of)),
    }
}

fn category(number: u8) -> String {
    crate::whitelist::Category::by_number(number)
        .map_or_else(|| number.to_string(), |category| category.name_zh().to_owned())
}

fn evidence(paper: &Evidence, of: EvidenceColumn) -> String {
    match of {
        EvidenceColumn::Kind => {
            let kind = proto::EvidenceKind::try_from(i32::from(paper.kind.number())).unwrap_or_default();
            terms::told_zh(kind.as_str_name())
        }
        EvidenceColumn::Taken => moment(-i64::from(paper.before_min)),
        EvidenceColumn::ValidHours => paper.valid_hours.to_string(),
        EvidenceColumn::Issuer => paper.issuer.clone(),
        EvidenceColumn::Person => paper.person.map_or_else(String::new, |person| person.to_string()),
    }
}

/// A moment so many minutes after the list's beginning.
fn moment(minutes: i64) -> String {
    let time = BEGINS.saturating_add(Span::new().minutes(minutes));
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_list_is_what_the_generator_makes() {
        let made = csv(&sample::rows(sample::SEED, 1_000)).unwrap();
        let shipped = include_bytes!("../../assets/sample/whitelist-1000.csv");
        let differs = made.iter().zip(shipped).position(|(a, b)| a != b);
        assert_eq!(
            (differs, made.len()),
            (None, shipped.len()),
            "run: freightpass sample > assets/sample/whitelist-1000.csv"
        );
    }
}

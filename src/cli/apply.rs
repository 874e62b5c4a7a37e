//! `freightpass apply`: applications out of a table, each in the name of its enterprise.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::bail;
use prost_types::Timestamp;
use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, connect_admin, repeated, request_id, runtime};
use super::evidence::evidence;
use super::handed_in::{Journey, journeys};
use super::intake::{Intake, TableArgs};
use super::items::Bar;
use super::output;
use super::refusals::Refusals;
use super::typed::{self, ProfileArgs};
use crate::clock::{Clock, SystemClock};
use crate::identity::{DevelopmentPki, Officer, Role};
use crate::problem::FieldProblem;
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;
use crate::table::{Column, CrewColumn, EVIDENCE, Row};
use crate::whitelist::{Category, CrewRole};

/// Forms of a request: the most that the service takes.
const BATCH: usize = 200;
/// Columns without which a table is no list of journeys.
const NEEDED: [Column; 10] = [
    Column::EnterpriseCode,
    Column::Tractor,
    Column::Crew(0, CrewColumn::Name),
    Column::Crew(0, CrewColumn::PaperNumber),
    Column::Authority,
    Column::CargoCategory,
    Column::Origin,
    Column::Destination,
    Column::PlannedStart,
    Column::PlannedEnd,
];
/// Name of the applicant that this verb makes a development certificate for.
const DESK: &str = "desk";

/// Hands in applications out of a table, each in the name of its enterprise
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The table is that of the white list, with cargo, route and time (`freightpass sample` prints one). With --cert, or --as
CODE/OFFICER, only the rows of that enterprise are handed in; on the data folder of a development server without either,
each row goes in under a certificate that is made for its enterprise (CODE/desk).
A truck's journey at the same time to the same authority is handed in once: the same command may be given again.
--dry-run asks the service what it would refuse; --report writes those rows down to be mended and handed in again.
Exit code 1 when rows were refused.

Examples:
  freightpass apply list.xlsx --report refused.xlsx
  freightpass apply list.csv --starting now          rehearse: move all times so that the first journey begins now")]
pub struct Args {
    #[command(flatten)]
    table: TableArgs,
    /// Move all times so that the earliest journey begins then: a time, or `now`. Evidence moves along, and is never
    /// later than the application
    #[arg(long, value_name = "TIME")]
    starting: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let Intake { table, tale } = args.table.open(&NEEDED)?;
    let (rows, ending) = table.rows()?;
    let mut refusals = Refusals::default();
    let mut forms = forms(rows, &*profile, &mut refusals);
    if let Some(text) = &args.starting {
        // Whole minutes, as in the table.
        let now = SystemClock.now_s() / 60 * 60;
        let begin = if text == "now" { now } else { typed::moment(&*profile, text)? };
        move_to(&mut forms, i64::try_from(begin)?, i64::try_from(now)?);
    }

    let only = args.admin.body()?;
    let mut by_enterprise: BTreeMap<String, Vec<(Row, proto::ApplicationForm)>> = BTreeMap::new();
    for (row, form) in forms {
        by_enterprise.entry(form.enterprise_code.clone()).or_default().push((row, form));
    }
    let (mut taken, mut same, mut left_out) = (0, 0, 0);
    let handed_in = runtime()?.block_on(async {
        let applicants = Applicants::of(&args.admin)?;
        let bar = Bar::of(by_enterprise.values().map(Vec::len).sum());
        for (code, rows) in by_enterprise {
            if only.as_ref().is_some_and(|only| *only != code) {
                left_out += rows.len();
                continue;
            }
            let mut client = ApplicationServiceClient::new(applicants.connect(&code).await?);
            let starts = rows.iter().filter_map(|(_, form)| form.planned_start_time.as_ref());
            let earliest = starts.map(|start| start.seconds).min().unwrap_or_default();
            let before = journeys(&mut client, earliest, &*profile).await?;
            let all = rows.len();
            let mut new = rows;
            new.retain(|(_, form)| !before.contains(&Journey::of(form, &*profile)));
            same += all - new.len();
            bar.forward(all - new.len());
            for some in new.chunks(BATCH) {
                let forms = some.iter().map(|(_, form)| form.clone()).collect();
                let dry_run = args.table.dry_run;
                let request = proto::BatchSubmitApplicationsRequest { request_id: request_id(), forms, dry_run };
                let answer = repeated(async || client.batch_submit_applications(request.clone()).await).await;
                for ((row, _), result) in some.iter().zip(answered(answer)?.results) {
                    match result.result {
                        Some(proto::submit_result::Result::Error(error)) => refusals.add_error(row.clone(), &error),
                        _ => taken += 1,
                    }
                }
                bar.forward(some.len());
            }
        }
        anyhow::Ok(())
    });
    // Also where something stopped it: what went in before stays in.
    if left_out > 0 {
        output::line(format_args!("left out 未提交 {left_out}: rows of other enterprises than the caller's"))?;
    }
    let sum = format!("submitted 已提交 {taken}, same 此前已提交 {same}, refused 拒收 {}", refusals.len());
    tale.tell(&mut refusals, Some(&ending), &sum)?;
    handed_in?;
    Ok(Exit::refuse_if(refusals.len() > 0))
}

/// Who hands in: one certificate for everything, or one an enterprise, made where the development CA is at hand.
struct Applicants<'a> {
    admin: &'a AdminArgs,
    pki: Option<Arc<DevelopmentPki>>,
}

impl<'a> Applicants<'a> {
    fn of(admin: &'a AdminArgs) -> anyhow::Result<Self> {
        if admin.names_a_caller() {
            return Ok(Self { admin, pki: None });
        }
        let folder = admin.data.data.join("pki");
        if !folder.join("ca.key").exists() {
            bail!("who is applying? Give --cert and --key; {} has no development PKI to make one", folder.display());
        }
        let pki = DevelopmentPki::open(&folder, SystemClock.now())?;
        Ok(Self { admin, pki: Some(Arc::new(pki)) })
    }

    async fn connect(&self, code: &str) -> anyhow::Result<Channel> {
        let Some(pki) = &self.pki else { return self.admin.connect(None).await };
        let officer = Officer { body: code.to_owned(), name: DESK.to_owned(), roles: vec![Role::Applicant] };
        let identity = pki.officer(&officer, SystemClock.now())?;
        connect_admin(&self.admin.address()?, &self.admin.ca(), &identity.certificate, &identity.key).await
    }
}

/// The forms of a table's rows. What no enumeration or number can be made of is refused here, with the cell's text;
/// everything else is for the service to judge.
fn forms(rows: Vec<Row>, profile: &dyn Profile, refusals: &mut Refusals) -> Vec<(Row, proto::ApplicationForm)> {
    let mut forms = Vec::with_capacity(rows.len());
    for mut row in rows {
        let mut problems = std::mem::take(&mut row.problems);
        let form = form(&row, profile, &mut problems);
        if problems.is_empty() {
            forms.push((row, form));
        } else {
            row.problems = problems;
            refusals.add_own(row);
        }
    }
    forms
}

fn form(row: &Row, profile: &dyn Profile, problems: &mut Vec<FieldProblem>) -> proto::ApplicationForm {
    let mut cells = Cells { row, problems };
    let code = row.get(Column::EnterpriseCode);
    // The certificate of the enterprise names it as the white list does; none is made for what names no enterprise.
    let enterprise_code = match profile.enterprise_code(&code) {
        Ok(code) => code.text,
        Err(error) => {
            if cells.problems.iter().all(|known| known.field != "enterprise_code") {
                cells.problems.push(error.of("enterprise_code"));
            }
            String::new()
        }
    };
    proto::ApplicationForm {
        authority: row.get(Column::Authority).into_owned(),
        programme: cells.number(Column::Programme, "programme", 1),
        enterprise_code,
        tractor: row.get(Column::Tractor).into_owned(),
        trailer: row.get(Column::Trailer).into_owned(),
        gross_mass_kg: cells.number(Column::GrossMass, "gross_mass_kg", 0),
        crew: row.people().into_iter().enumerate().map(|(nth, at)| person(&mut cells, nth, at, profile)).collect(),
        cargo_category: cells.chosen(Column::CargoCategory, "cargo_category", |text| {
            Category::by_text(text).map(|category| i32::from(category.number()))
        }),
        cargo_description: row.get(Column::CargoDescription).into_owned(),
        cargo_mass_kg: cells.number(Column::CargoMass, "cargo_mass_kg", 0),
        route: Some(proto::Route {
            origin: row.get(Column::Origin).into_owned(),
            destination: row.get(Column::Destination).into_owned(),
            via: row
                .get(Column::Via)
                .split([' ', ',', ';', '、', '，', '；'])
                .filter(|place| !place.is_empty())
                .map(str::to_owned)
                .collect(),
        }),
        planned_start_time: cells.time(Column::PlannedStart, "planned_start_time", profile),
        planned_end_time: cells.time(Column::PlannedEnd, "planned_end_time", profile),
        leg: match row.get(Column::Leg).as_ref() {
            "" => proto::Leg::Loaded as i32,
            _ => cells.chosen(Column::Leg, "leg", leg),
        },
        evidence: (0..EVIDENCE).filter_map(|at| evidence(row, at, profile, cells.problems)).collect(),
    }
}

/// The `nth` person of the crew, who stands at place `at` of the row: whoever comes first drives, if nothing else is said.
fn person(cells: &mut Cells<'_>, nth: usize, at: usize, profile: &dyn Profile) -> proto::CrewMember {
    let column = |column| Column::Crew(at, column);
    let field = |name: &str| format!("crew[{at}].{name}");
    let role = match cells.row.get(column(CrewColumn::Role)).as_ref() {
        "" if nth == 0 => i32::from(CrewRole::Driver.number()),
        "" => i32::from(CrewRole::ReliefDriver.number()),
        _ => cells.chosen(column(CrewColumn::Role), &field("role"), |text| {
            CrewRole::by_text(text).map(|role| i32::from(role.number()))
        }),
    };
    let paper_kind = match profile.paper_kind(&cells.row.get(column(CrewColumn::PaperKind))) {
        Ok(kind) => i32::from(kind.number()),
        Err(error) => {
            cells.problems.push(error.of(field("paper_kind")));
            0
        }
    };
    let cell = |of| cells.row.get(column(of)).into_owned();
    proto::CrewMember {
        name: cell(CrewColumn::Name),
        paper_kind,
        paper_number: cell(CrewColumn::PaperNumber),
        mobile: cell(CrewColumn::Mobile),
        role,
    }
}

fn leg(text: &str) -> Option<i32> {
    let leg = match text.trim().to_lowercase().as_str() {
        "1" | "empty" | "空驶" | "空车" => proto::Leg::Empty,
        "2" | "return" | "返程" => proto::Leg::Return,
        "3" | "loaded" | "载货" | "重车" => proto::Leg::Loaded,
        _ => return None,
    };
    Some(leg as i32)
}

/// Cells of one row, and what is wrong with them.
struct Cells<'a> {
    row: &'a Row,
    problems: &'a mut Vec<FieldProblem>,
}

impl Cells<'_> {
    fn number(&mut self, column: Column, field: &str, empty: u32) -> u32 {
        let text = self.row.get(column);
        match text.parse() {
            Ok(number) => number,
            Err(_) if text.is_empty() => empty,
            Err(_) => self.refuse(field, "number", format!("{text:?} is no whole number")),
        }
    }

    fn chosen(&mut self, column: Column, field: &str, choose: impl Fn(&str) -> Option<i32>) -> i32 {
        let text = self.row.get(column);
        match choose(&text) {
            Some(number) => number,
            None => self.refuse(field, "unknown_value", format!("{text:?} is none of the values known here")),
        }
    }

    fn time(&mut self, column: Column, field: &str, profile: &dyn Profile) -> Option<Timestamp> {
        match profile.instant(&self.row.get(column)) {
            Ok(seconds) => Some(Timestamp { seconds: seconds.into(), nanos: 0 }),
            Err(error) => {
                self.problems.push(error.of(field));
                None
            }
        }
    }

    fn refuse<T: Default>(&mut self, field: &str, rule: &'static str, message: String) -> T {
        self.problems.push(FieldProblem::new(field, rule, message));
        T::default()
    }
}

/// Moves everything by the same time, so that the earliest journey begins at `begin`. Evidence that would come to lie
/// after `now`, when the application is made, is of now: the service refuses what is still to come.
fn move_to<R>(forms: &mut [(R, proto::ApplicationForm)], begin: i64, now: i64) {
    let starts = forms.iter().filter_map(|(_, form)| form.planned_start_time.as_ref());
    let Some(earliest) = starts.map(|start| start.seconds).min() else { return };
    for (_, form) in forms {
        for time in [&mut form.planned_start_time, &mut form.planned_end_time].into_iter().flatten() {
            time.seconds += begin - earliest;
        }
        for taken in form.evidence.iter_mut().filter_map(|evidence| evidence.taken_time.as_mut()) {
            taken.seconds = (taken.seconds + begin - earliest).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn form(start: i64, taken: &[i64]) -> (u32, proto::ApplicationForm) {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let evidence = taken.iter().map(|taken| proto::Evidence { taken_time: at(*taken), ..Default::default() });
        let form = proto::ApplicationForm {
            planned_start_time: at(start),
            planned_end_time: at(start + HOUR),
            evidence: evidence.collect(),
            ..proto::ApplicationForm::default()
        };
        (1, form)
    }

    #[test]
    fn everything_moves_by_the_same_time_and_no_paper_beyond_now() {
        let (begin, now) = (1_000 * HOUR, 1_000 * HOUR);
        let mut forms = [form(50 * HOUR, &[10 * HOUR]), form(90 * HOUR, &[49 * HOUR, 80 * HOUR])];
        move_to(&mut forms, begin, now);
        assert_eq!(forms[0], form(begin, &[now - 40 * HOUR]));
        assert_eq!(forms[1], form(begin + 40 * HOUR, &[now - HOUR, now]));
        // A rehearsal of next week is applied for today.
        move_to(&mut forms, begin + 200 * HOUR, now);
        assert_eq!(forms[0], form(begin + 200 * HOUR, &[now]));
    }
}

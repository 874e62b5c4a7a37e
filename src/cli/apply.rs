//! `freightpass apply`: applications out of a table, each in the name of its enterprise.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use anyhow::bail;
use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, connect_admin, repeated, request_id, runtime};
use super::form::form;
use super::handed_in::{Journey, journeys};
use super::intake::{Intake, TableArgs};
use super::items::Bar;
use super::output;
use super::refusals::Refusals;
use super::typed::{self, ProfileArgs};
use crate::clock::{Clock, SystemClock};
use crate::identity::{DevelopmentPki, Officer, Role};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::application_service_client::ApplicationServiceClient;
use crate::table::{Column, CrewColumn, Row};

/// Forms of a request: the most that the service takes.
const BATCH: usize = 200;
/// Rows of a table: a day of a large province. Its journeys are sorted by enterprise, and so all of it is in memory: some
/// 300 MB.
const MOST_ROWS: usize = 50_000;
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
    /// later than the application. To rehearse only: given again a minute later, these are other journeys
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
    let (rows, ending) = table.rows(MOST_ROWS)?;
    let mut refusals = Refusals::default();
    let mut asked: Vec<Asked> = rows.into_iter().map(|row| Asked::of(row, &*profile)).collect();
    if let Some(text) = &args.starting {
        // Whole minutes, as in the table.
        let now = SystemClock.now_s() / 60 * 60;
        let begin = if text == "now" { now } else { typed::moment(&*profile, text)? };
        move_to(&mut asked, i64::try_from(begin)?, i64::try_from(now)?);
    }

    let only = args.admin.body()?;
    let mut by_enterprise: BTreeMap<String, Vec<Asked>> = BTreeMap::new();
    for one in asked {
        // Of what names no enterprise nobody can ask.
        if one.form.enterprise_code.is_empty() || !one.row.is_whole() {
            refusals.add_own(one.row);
        } else {
            by_enterprise.entry(one.form.enterprise_code.clone()).or_default().push(one);
        }
    }
    let (mut taken, mut same, mut left_out) = (0, 0, 0);
    let handed_in = runtime()?.block_on(async {
        let applicants = Applicants::of(&args.admin)?;
        let bar = Bar::of(by_enterprise.values().map(Vec::len).sum());
        for (code, asked) in by_enterprise {
            if only.as_ref().is_some_and(|only| *only != code) {
                left_out += asked.len();
                continue;
            }
            let mut client = ApplicationServiceClient::new(applicants.connect(&code).await?);
            let (good, mut spoilt): (Vec<Asked>, Vec<Asked>) = asked.into_iter().partition(Asked::is_good);
            let starts = good.iter().filter_map(|one| one.form.planned_start_time.as_ref());
            let before = match starts.map(|start| start.seconds).min() {
                Some(earliest) => journeys(&mut client, earliest, &*profile).await?,
                None => HashSet::new(),
            };
            let all = good.len();
            let mut new = good;
            new.retain(|one| !before.contains(&Journey::of(&one.form, &*profile)));
            same += all - new.len();
            bar.forward(all - new.len());
            while !new.is_empty() {
                let some: Vec<Asked> = new.drain(..new.len().min(BATCH)).collect();
                let errors = submitted(&mut client, &some, args.table.dry_run).await?;
                bar.forward(some.len());
                for (one, error) in some.into_iter().zip(errors) {
                    match error {
                        Some(error) => refusals.add_error(one.row, &error),
                        None => taken += 1,
                    }
                }
            }
            // What else the service would refuse of rows that never reach it, so that they are mended once.
            while !spoilt.is_empty() {
                let some: Vec<Asked> = spoilt.drain(..spoilt.len().min(BATCH)).collect();
                let errors = submitted(&mut client, &some, true).await?;
                bar.forward(some.len());
                for (one, error) in some.into_iter().zip(errors) {
                    let sound = one.row.without_faults();
                    refusals.add_both_error(one.row, &sound, error.as_ref());
                }
            }
        }
        anyhow::Ok(())
    });
    // Also where something stopped it: what went in before stays in.
    if let (Err(_), 0) = (&handed_in, taken + same + left_out + refusals.len()) {
        return handed_in.map(|()| Exit::Admit);
    }
    if left_out > 0 {
        output::line(format_args!("left out 未提交 {left_out}: rows of other enterprises than the caller's"))?;
    }
    let sum = format!("submitted 已提交 {taken}, same 此前已提交 {same}, refused 拒收 {}", refusals.len());
    tale.tell(&mut refusals, Some(&ending), &sum)?;
    handed_in?;
    Ok(Exit::refuse_if(refusals.len() > 0))
}

/// A row, and the form that is made of its sound cells.
struct Asked {
    row: Row,
    form: proto::ApplicationForm,
}

impl Asked {
    fn of(mut row: Row, profile: &dyn Profile) -> Self {
        let mut problems = std::mem::take(&mut row.problems);
        let mut form = form(&row, profile, &mut problems);
        row.problems = problems;
        if !row.problems.is_empty() {
            form = self::form(&row.without_faults(), profile, &mut Vec::new());
            // What nobody can read is no bound of the cargo's mass: that would be told as a second fault.
            if row.problems.iter().any(|it| it.field == Column::GrossMass.field()) {
                form.gross_mass_kg = u32::MAX;
            }
        }
        Self { row, form }
    }

    fn is_good(&self) -> bool {
        self.row.problems.is_empty()
    }
}

/// Hands in these forms; the error of each that was refused.
async fn submitted(
    client: &mut ApplicationServiceClient<Channel>,
    asked: &[Asked],
    dry_run: bool,
) -> anyhow::Result<Vec<Option<proto::ItemError>>> {
    let forms = asked.iter().map(|one| one.form.clone()).collect();
    let request = proto::BatchSubmitApplicationsRequest { request_id: request_id(), forms, dry_run };
    let answer = answered(repeated(async || client.batch_submit_applications(request.clone()).await).await)?;
    let error = |result: proto::SubmitResult| match result.result {
        Some(proto::submit_result::Result::Error(error)) => Some(error),
        _ => None,
    };
    Ok(answer.results.into_iter().map(error).collect())
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

/// Moves everything by the same time, so that the earliest journey that can be handed in begins at `begin`. Evidence that
/// would come to lie after `now`, when the application is made, is of now: the service refuses what is still to come.
fn move_to(asked: &mut [Asked], begin: i64, now: i64) {
    let starts = asked.iter().filter(|one| one.is_good()).filter_map(|one| one.form.planned_start_time.as_ref());
    let Some(earliest) = starts.map(|start| start.seconds).min() else { return };
    for Asked { form, .. } in asked {
        for time in [&mut form.planned_start_time, &mut form.planned_end_time].into_iter().flatten() {
            time.seconds = time.seconds.saturating_add(begin - earliest);
        }
        for taken in form.evidence.iter_mut().filter_map(|evidence| evidence.taken_time.as_mut()) {
            taken.seconds = taken.seconds.saturating_add(begin - earliest).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::cn::Cn;
    use crate::table::Table;

    const HOUR: i64 = 3_600;

    /// Journeys that begin at these times, the second with a paper of each hour, all in Beijing on one day.
    fn asked(rows: &str) -> Vec<Asked> {
        let header = "统一社会信用代码,牵引车号牌,货物类别,计划出发时间,计划到达时间,证明1类型,证明1出具时间,证明1有效小时,证明1出具单位";
        let table = Table::of_bytes(format!("{header}\n{rows}").into_bytes(), &[]).unwrap();
        let rows = table.rows(MOST_ROWS).unwrap().0;
        rows.into_iter().map(|row| Asked::of(row, &Cn)).collect()
    }

    fn hours(asked: &[Asked], zero: i64) -> Vec<[Option<i64>; 3]> {
        let hour = |time: Option<prost_types::Timestamp>| time.map(|time| (time.seconds - zero) / HOUR);
        let taken = |one: &Asked| one.form.evidence.first().and_then(|it| it.taken_time);
        let form = |one: &Asked| [one.form.planned_start_time, one.form.planned_end_time, taken(one)].map(hour);
        asked.iter().map(form).collect()
    }

    #[test]
    fn everything_moves_by_the_same_time_and_no_paper_beyond_now() {
        let rows = "91320509MAW373039Y,苏E12345,6,2026-12-01 08:00,2026-12-01 18:00,1,2026-11-30 20:00,48,甲\n\
                    91320509MAW373039Y,苏E12346,6,2026-12-01 20:00,2026-12-02 08:00,1,2026-12-01 10:00,48,甲\n\
                    91320509MAW373039Y,苏E12347,黄金,2026-12-01 02:00,2026-12-02 08:00,,,,\n";
        let mut asked = asked(rows);
        let now = 1_000_000 * HOUR;
        move_to(&mut asked, now, now);
        // The third cannot be handed in: it moves along, and nothing by it.
        let moved = [[Some(0), Some(10), Some(-12)], [Some(12), Some(24), Some(0)], [Some(-6), Some(24), None]];
        assert_eq!(hours(&asked, now), moved);
        // A rehearsal of next week is applied for today.
        move_to(&mut asked, now + 168 * HOUR, now);
        assert_eq!(hours(&asked, now)[0], [Some(168), Some(178), Some(0)]);
    }

    #[test]
    fn a_spoilt_row_keeps_its_sound_cells_and_tells_each_fault_once() {
        let asked = asked("91320509MAW373039Y,苏E12347,黄金,tomorrow,2026-12-02 08:00,,,,\n");
        let faults: Vec<&str> = asked[0].row.problems.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(faults, ["cargo_category", "planned_start_time"]);
        assert_eq!(asked[0].form.enterprise_code, "91320509MAW373039Y");
        assert_eq!(asked[0].form.tractor, "苏E12347");
        assert_eq!((asked[0].form.cargo_category, asked[0].form.planned_start_time), (0, None));
        assert!(!asked[0].is_good());
    }
}

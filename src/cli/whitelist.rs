//! `freightpass whitelist`: the white list of an authority.

use tonic::transport::Channel;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::enterprises;
use super::intake::{Intake, Rows, TableArgs};
use super::output;
use super::refusals::Refusals;
use crate::rpc::proto;
use crate::rpc::proto::whitelist_service_client::WhitelistServiceClient;
use crate::table::{Column, CrewColumn, Row};

/// Rows of a request: the most that the service takes.
const BATCH: usize = 500;

/// Columns without which a table is no white list.
const NEEDED: [Column; 6] = [
    Column::EnterpriseCode,
    Column::EnterpriseName,
    Column::ContactName,
    Column::ContactPhone,
    Column::Industry,
    Column::Tractor,
];

/// Imports the white list, or shows it
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Imports a table: the whole file is checked, good rows go in, each bad one is told with line, field and rule
    #[command(after_help = "\
Headers in Chinese or English, in any order; `freightpass sample --rows 1` prints all of them. Good rows go in, each bad
one is told with line, field and rule, and stands in --report with the reason beside it. Numbers of papers and codes
of enterprises are text: as numbers, spreadsheets have rounded them. Importing a table twice changes nothing.
Exit code 1 when rows were refused.

Examples:
  freightpass whitelist import list.xlsx --dry-run --as CN-3205/chief
  freightpass whitelist import list.xlsx --report refused.xlsx --as CN-3205/chief
  freightpass whitelist import refused.xlsx --as CN-3205/chief          after its cells were mended
  freightpass whitelist import list.xlsx --authority CN-3205 --as CN-3205/chief   of a list for several authorities")]
    Import(ImportArgs),
    /// Lists enterprises by number
    List(enterprises::ListArgs),
    /// Shows one enterprise with its vehicles and people
    Show(enterprises::ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    #[command(flatten)]
    table: TableArgs,
    /// Only rows that name this authority in the column 受理机关代码 / authority
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Import(args) => import(args),
        Verb::List(args) => enterprises::list(args),
        Verb::Show(args) => enterprises::show(args),
    }
}

fn import(args: &ImportArgs) -> anyhow::Result<Exit> {
    let Intake { table, tale } = args.table.open(&NEEDED)?;
    let wanted = |row: &Row| args.authority.as_deref().is_none_or(|code| row.get(Column::Authority) == code);
    // Where nobody can tell whose a row is, it is told.
    let lost = |row: &Row| !row.is_whole() || row.problems.iter().any(|it| it.field == Column::Authority.field());
    let mut refusals = Refusals::default();
    let mut counts = [0; 3];
    // Of a list for several authorities, each imports its own rows.
    let own = args.admin.body()?.filter(|_| args.authority.is_none());
    let of_another = |row: &&Row| {
        let named = row.get(Column::Authority);
        own.as_ref().is_some_and(|own| !named.is_empty() && *named != **own)
    };
    let mut of_others = 0;
    let imported = runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let bar = tale.bar();
        let mut rows = Rows::of(table);
        loop {
            let read = rows.next(BATCH).await;
            if read.is_empty() {
                break;
            }
            bar.forward(read.len());
            of_others += read.iter().filter(of_another).count();
            let read: Vec<Row> = read.into_iter().filter(|row| wanted(row) || lost(row)).collect();
            let (good, bad): (Vec<Row>, Vec<Row>) = read.into_iter().partition(|row| row.problems.is_empty());
            let answer = asked(&mut client, &good, args.table.dry_run).await?;
            for (count, more) in counts.iter_mut().zip([answer.new_count, answer.changed_count, answer.same_count]) {
                *count += more;
            }
            for (row, result) in good.into_iter().zip(answer.results) {
                if !result.problems.is_empty() {
                    refusals.add(row, &result.problems);
                }
            }
            // What else the service would refuse of rows that never reach it, so that they are mended once.
            let (asked_about, broken): (Vec<Row>, Vec<Row>) = bad.into_iter().partition(Row::is_whole);
            let sound: Vec<Row> = asked_about.iter().map(Row::without_faults).collect();
            let answer = asked(&mut client, &sound, true).await?;
            for ((row, sound), result) in asked_about.into_iter().zip(&sound).zip(answer.results) {
                refusals.add_both(row, sound, &result.problems);
            }
            broken.into_iter().for_each(|row| refusals.add_own(row));
        }
        rows.ending().await
    });
    if let (Some(own), 1..) = (&own, of_others) {
        output::aside(format_args!(
            "{of_others} rows name another authority than {own} 行写的是其他机关: --authority {own} leaves them out"
        ));
    }
    // Also where something stopped it: what went in before stays in.
    let [new, changed, same] = counts;
    let sum = format!("new 新增 {new}, changed 变更 {changed}, same 不变 {same}, refused 拒收 {}", refusals.len());
    if imported.is_ok() || refusals.len() > 0 || counts != [0; 3] {
        tale.tell(&mut refusals, imported.as_ref().ok(), &sum)?;
    }
    imported?;
    Ok(Exit::refuse_if(refusals.len() > 0))
}

/// What the service answers about these rows; nothing is asked about none.
async fn asked(
    client: &mut WhitelistServiceClient<Channel>,
    rows: &[Row],
    dry_run: bool,
) -> anyhow::Result<proto::ImportEntriesResponse> {
    if rows.is_empty() {
        return Ok(proto::ImportEntriesResponse::default());
    }
    let request =
        proto::ImportEntriesRequest { request_id: request_id(), rows: rows.iter().map(sent).collect(), dry_run };
    answered(repeated(async || client.import_entries(request.clone()).await).await)
}

fn sent(row: &Row) -> proto::ImportRow {
    let cell = |column| row.get(column).into_owned();
    let person = |at| proto::ImportPerson {
        name: cell(Column::Crew(at, CrewColumn::Name)),
        paper_kind: cell(Column::Crew(at, CrewColumn::PaperKind)),
        paper_number: cell(Column::Crew(at, CrewColumn::PaperNumber)),
        mobile: cell(Column::Crew(at, CrewColumn::Mobile)),
        role: cell(Column::Crew(at, CrewColumn::Role)),
    };
    proto::ImportRow {
        line: row.line,
        enterprise_code: cell(Column::EnterpriseCode),
        enterprise_name: cell(Column::EnterpriseName),
        contact_name: cell(Column::ContactName),
        contact_phone: cell(Column::ContactPhone),
        industry: cell(Column::Industry),
        tractor: cell(Column::Tractor),
        trailer: cell(Column::Trailer),
        crew: row.people().into_iter().map(person).collect(),
        code_waiver_reason: cell(Column::CodeWaiver),
    }
}

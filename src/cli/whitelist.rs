//! `freightpass whitelist`: the white list of an authority.

use std::path::PathBuf;

use super::Exit;
use super::connect::{AdminArgs, answered, repeated, request_id, runtime};
use super::enterprises;
use super::items::{Bar, Refusals};
use super::output;
use super::table::{CREW, Column, CrewColumn, Line, Table};
use crate::rpc::proto;
use crate::rpc::proto::whitelist_service_client::WhitelistServiceClient;

/// Rows of a request: the most that the service takes.
const BATCH: usize = 500;

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
CSV in UTF-8; headers in Chinese or English, in any order. Importing a table twice changes nothing.
Exit code 1 when rows were refused.

Examples:
  freightpass whitelist import list.csv --dry-run --as CN-3205/chief
  freightpass whitelist import list.csv --as CN-3205/chief")]
    Import(ImportArgs),
    /// Lists enterprises by number
    List(enterprises::ListArgs),
    /// Shows one enterprise with its vehicles and people
    Show(enterprises::ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The table
    file: PathBuf,
    /// Only rows that name this authority in the column 受理机关代码 / authority
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    /// Check only
    #[arg(long)]
    dry_run: bool,
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
    let table = Table::read(
        &args.file,
        &[
            Column::EnterpriseCode,
            Column::EnterpriseName,
            Column::ContactName,
            Column::ContactPhone,
            Column::Industry,
            Column::Tractor,
        ],
    )?;
    let unread: Vec<&String> = table.unknown.iter().collect();
    if !unread.is_empty() {
        output::aside(format_args!("columns that mean nothing here and are not read: {unread:?}"));
    }
    let wanted = |line: &&Line| args.authority.as_deref().is_none_or(|code| line.get(Column::Authority) == code);
    let lines: Vec<&Line> = table.rows.iter().filter(wanted).collect();
    let mut refusals = Refusals::of_lines(&table.refused);
    let mut counts = [0; 3];
    let imported = runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let bar = Bar::of(lines.len());
        for rows in lines.chunks(BATCH) {
            let request = proto::ImportEntriesRequest {
                request_id: request_id(),
                rows: rows.iter().map(|line| row(line)).collect(),
                dry_run: args.dry_run,
            };
            let answer = answered(repeated(async || client.import_entries(request.clone()).await).await)?;
            for (count, more) in counts.iter_mut().zip([answer.new_count, answer.changed_count, answer.same_count]) {
                *count += more;
            }
            for result in answer.results.iter().filter(|result| !result.problems.is_empty()) {
                refusals.add(result.line, &result.problems);
            }
            bar.forward(rows.len());
        }
        anyhow::Ok(())
    });
    // Also where something stopped it: what went in before stays in.
    refusals.tell()?;
    let [new, changed, same] = counts;
    output::line(format_args!(
        "{}new 新增 {new}, changed 变更 {changed}, same 不变 {same}, refused 拒收 {}",
        if args.dry_run { "dry run 试运行: " } else { "" },
        refusals.len()
    ))?;
    imported?;
    Ok(Exit::refuse_if(refusals.len() > 0))
}

fn row(line: &Line) -> proto::ImportRow {
    let cell = |column| line.get(column).to_owned();
    let person = |at| proto::ImportPerson {
        name: cell(Column::Crew(at, CrewColumn::Name)),
        paper_kind: cell(Column::Crew(at, CrewColumn::PaperKind)),
        paper_number: cell(Column::Crew(at, CrewColumn::PaperNumber)),
        mobile: cell(Column::Crew(at, CrewColumn::Mobile)),
        role: cell(Column::Crew(at, CrewColumn::Role)),
    };
    proto::ImportRow {
        line: line.line,
        enterprise_code: cell(Column::EnterpriseCode),
        enterprise_name: cell(Column::EnterpriseName),
        contact_name: cell(Column::ContactName),
        contact_phone: cell(Column::ContactPhone),
        industry: cell(Column::Industry),
        tractor: cell(Column::Tractor),
        trailer: cell(Column::Trailer),
        crew: (0..CREW).filter(|at| line.has_person(*at)).map(person).collect(),
        code_waiver_reason: cell(Column::CodeWaiver),
    }
}

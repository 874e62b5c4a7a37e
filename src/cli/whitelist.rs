//! `freightpass whitelist`: the white list of an authority.

use std::path::PathBuf;

use super::Exit;
use super::connect::{AdminArgs, answered, request_id, runtime};
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
    /// Lists enterprises
    List(ListArgs),
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

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those of this authority
    #[arg(long, default_value = "")]
    authority: String,
    /// Only those whose name begins so
    #[arg(long, default_value = "")]
    name: String,
    /// Only the one with a vehicle of this plate
    #[arg(long, default_value = "")]
    plate: String,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Import(args) => import(args),
        Verb::List(args) => list(args),
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
    runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let bar = Bar::of(lines.len());
        for rows in lines.chunks(BATCH) {
            let request = proto::ImportEntriesRequest {
                request_id: request_id(),
                rows: rows.iter().map(|line| row(line)).collect(),
                dry_run: args.dry_run,
            };
            let answer = answered(client.import_entries(request).await)?;
            for (count, more) in counts.iter_mut().zip([answer.new_count, answer.changed_count, answer.same_count]) {
                *count += more;
            }
            for result in answer.results.iter().filter(|result| !result.problems.is_empty()) {
                refusals.add(result.line, &result.problems);
            }
            bar.forward(rows.len());
        }
        anyhow::Ok(())
    })?;
    refusals.tell()?;
    let [new, changed, same] = counts;
    output::line(format_args!(
        "{}new 新增 {new}, changed 变更 {changed}, same 不变 {same}, refused 拒收 {}",
        if args.dry_run { "dry run 试运行: " } else { "" },
        refusals.len()
    ))?;
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

fn list(args: &ListArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = WhitelistServiceClient::new(args.admin.connect(None).await?);
        let mut token = String::new();
        loop {
            let request = proto::ListEnterprisesRequest {
                filter: Some(proto::EnterpriseFilter {
                    authority: args.authority.clone(),
                    name_prefix: args.name.clone(),
                    plate: args.plate.clone(),
                    ..proto::EnterpriseFilter::default()
                }),
                page_size: 1_000,
                page_token: token,
            };
            let page = answered(client.list_enterprises(request).await)?;
            for enterprise in page.enterprises {
                let state = match enterprise.state() {
                    proto::EnterpriseState::Delisted => "delisted",
                    _ => "listed",
                };
                output::line(format_args!(
                    "{}\t{}\t{}\t{}\t{state}",
                    enterprise.number, enterprise.code, enterprise.name, enterprise.authority
                ))?;
            }
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(Exit::Admit);
            }
        }
    })
}

//! `freightpass pass`: the passes of an authority, and their cards.

use anyhow::Context;
use clap::ValueEnum;
use tonic::transport::Channel;

use super::Exit;
use super::arrival;
use super::connect::{AdminArgs, answered, runtime};
use super::export;
use super::issue;
use super::output;
use super::paged::{self, PAGE};
use super::terms::{self, Term};
use super::typed::{self, ProfileArgs, told_time};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::pass_service_client::PassServiceClient;

/// Lists passes, shows one, draws its card, issues one later
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Lists passes by number
    List(ListArgs),
    /// Shows passes with the texts of their codes
    Show(ShowArgs),
    /// Draws cards: PNG, SVG, PDF on A4
    Export(export::Args),
    /// Issues the passes of approved applications that have none
    Issue(issue::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Which passes are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, clap::Args)]
pub struct FilterArgs {
    /// Only passes of this authority
    #[arg(long, default_value = "")]
    authority: String,
    /// Only passes in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only passes of the enterprise with this number
    #[arg(long, default_value_t = 0)]
    enterprise: u32,
    /// Only passes of this tractor
    #[arg(long, default_value = "")]
    tractor: String,
    /// Only passes of this application
    #[arg(long, value_name = "APPLICATION", default_value = "")]
    application: String,
    /// Only passes whose truck is expected at its destination, or has arrived
    #[arg(long, value_parser = Term::ArrivalState.parser())]
    arrival: Option<i32>,
    /// Only passes whose time contains this moment
    #[arg(long, value_name = "TIME")]
    valid_at: Option<String>,
}

impl FilterArgs {
    /// The same in the words of the service.
    pub fn filter(&self, profile: &dyn Profile) -> anyhow::Result<proto::PassFilter> {
        let state = match self.state {
            None => proto::PassState::Unspecified,
            Some(State::Issued) => proto::PassState::Issued,
            Some(State::Suspended) => proto::PassState::Suspended,
            Some(State::Revoked) => proto::PassState::Revoked,
        };
        Ok(proto::PassFilter {
            authority: self.authority.clone(),
            state: state.into(),
            enterprise_number: self.enterprise,
            tractor: self.tractor.clone(),
            application_id: self.application.clone(),
            valid_at: typed::timestamp(profile, self.valid_at.as_deref())?,
            arrival: self.arrival.unwrap_or_default(),
            ..Default::default()
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    Issued,
    Suspended,
    Revoked,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Numbers of passes
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        match &args.verb {
            Verb::List(args) => list(args).await?,
            Verb::Show(args) => show(args).await?,
            Verb::Export(args) => return export::run(args).await,
            Verb::Issue(args) => return issue::run(args).await,
        }
        Ok(Exit::Admit)
    })
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let mut client = PassServiceClient::new(args.admin.connect(None).await?);
    let filter = args.filter.filter(&*profile)?;
    let fetch = async |page_token| {
        let request = proto::ListPassesRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
        let page = answered(client.list_passes(request).await)?;
        Ok((page.passes, page.next_page_token))
    };
    paged::every(fetch, |pass| output::line(line(&*profile, &pass))).await
}

async fn show(args: &ShowArgs) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let mut client = PassServiceClient::new(args.admin.connect(None).await?);
    for number in &args.numbers {
        let pass = get(&mut client, number).await?;
        output::line(line(&*profile, &pass))?;
        if let Some(known) = &pass.arrival {
            output::line(format_args!("arrival 到达\t{}", arrival::told(known, &*profile)))?;
        }
        output::line(pass.text)?;
    }
    Ok(())
}

/// One pass with its text.
pub async fn get(client: &mut PassServiceClient<Channel>, number: &str) -> anyhow::Result<proto::Pass> {
    let request = proto::GetPassRequest { pass_number: number.to_owned() };
    let pass = answered(client.get_pass(request).await).with_context(|| number.to_owned())?.pass;
    pass.with_context(|| format!("{number}: an empty answer"))
}

/// A pass on one line.
pub fn line(profile: &dyn Profile, pass: &proto::Pass) -> String {
    let arrival = match &pass.arrival {
        None => String::new(),
        Some(known) => format!("\t{}", terms::told(known.state().as_str_name())),
    };
    let trailer = if pass.trailer.is_empty() { String::new() } else { format!(" + {}", pass.trailer) };
    format!(
        "{}\t{}\t{}{trailer}\tenterprise {}\t{} to {}\t{}{arrival}",
        pass.number,
        pass.authority,
        pass.tractor,
        pass.enterprise_number,
        told_time(profile, pass.start_time),
        told_time(profile, pass.end_time),
        state(pass)
    )
}

/// Whether it is in force, in words.
pub fn state(pass: &proto::Pass) -> &'static str {
    match pass.state() {
        _ if pass.expired => "expired 过期",
        proto::PassState::Suspended => "suspended 暂停",
        proto::PassState::Revoked => "revoked 吊销",
        _ => IN_FORCE,
    }
}

/// The state of a pass that nothing is to be said about.
pub const IN_FORCE: &str = "issued 有效";

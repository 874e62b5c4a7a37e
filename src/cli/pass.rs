//! `freightpass pass`: the passes of an authority, and their cards.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use freightpass_core::bundle::Bundle;
use freightpass_core::pass::{Claims, UnverifiedPass, decode_text};
use freightpass_core::trust::{TrustContent, UnverifiedTrustList};
use tonic::transport::Channel;

use super::Exit;
use super::card_face::face;
use super::connect::{ANSWER_BYTES, AdminArgs, answered, connect_public, runtime};
use super::issue;
use super::output;
use super::paged::{self, PAGE};
use super::typed::{self, ProfileArgs, told_time};
use crate::card;
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use crate::rpc::proto::pass_service_client::PassServiceClient;
use crate::rpc::proto::trust_service_client::TrustServiceClient;

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
    /// Draws cards as PNG
    Export(ExportArgs),
    /// Issues the passes of approved applications that have none
    Issue(issue::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
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
    /// Only passes whose time contains this moment
    #[arg(long, value_name = "TIME")]
    valid_at: Option<String>,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
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

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: freightpass pass export 320500-220418-00042-0 --out cards --as CN-3205/chief")]
struct ExportArgs {
    /// Numbers of passes
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    /// Folder for the files NUMBER.png
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
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
            Verb::Export(args) => export(args).await?,
            Verb::Issue(args) => return issue::run(args).await,
        }
        Ok(Exit::Admit)
    })
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let mut client = PassServiceClient::new(args.admin.connect(None).await?);
    let state = match args.state {
        None => proto::PassState::Unspecified,
        Some(State::Issued) => proto::PassState::Issued,
        Some(State::Suspended) => proto::PassState::Suspended,
        Some(State::Revoked) => proto::PassState::Revoked,
    };
    let filter = proto::PassFilter {
        authority: args.authority.clone(),
        state: state.into(),
        enterprise_number: args.enterprise,
        tractor: args.tractor.clone(),
        application_id: args.application.clone(),
        valid_at: typed::timestamp(&*profile, args.valid_at.as_deref())?,
        ..Default::default()
    };
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
        output::line(pass.text)?;
    }
    Ok(())
}

async fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let channel = args.admin.connect(None).await?;
    let trust = match trust(channel.clone()).await? {
        None => public_trust(&args.admin).await,
        trust => trust,
    };
    let mut client = PassServiceClient::new(channel);
    fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    for number in &args.numbers {
        let pass = get(&mut client, number).await?;
        let path = draw(&pass.text, trust.as_ref(), &*profile, &args.out)?;
        output::line(path.display())?;
    }
    Ok(())
}

/// Draws the card of a pass text into `folder`, as NUMBER.png.
pub fn draw(text: &str, trust: Option<&TrustContent>, profile: &dyn Profile, folder: &Path) -> anyhow::Result<PathBuf> {
    let claims = claims(text)?;
    let authority = trust.and_then(|trust| trust.authorities.iter().find(|authority| authority.code == claims.iss));
    let number = claims.subject.programme;
    let programme = trust.and_then(|trust| trust.programmes.iter().find(|programme| programme.number == number));
    let face = face(
        &claims,
        authority.map_or(claims.iss.as_str(), |authority| authority.name.as_str()),
        &programme.map_or_else(|| number.to_string(), |programme| programme.name.clone()),
        profile,
    );
    let picture = card::draw_png(&face, text).with_context(|| format!("the card of {} is not drawn", claims.number))?;
    let path = folder.join(format!("{}.png", claims.number));
    fs::write(&path, picture).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// The claims of a text that the service itself has just given out.
pub fn claims(text: &str) -> anyhow::Result<Claims> {
    let bytes = decode_text(text).map_err(|error| anyhow::anyhow!("the text is no pass: {error:?}"))?;
    let pass = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims());
    pass.map_err(|malformed| anyhow::anyhow!("the text is no pass: {malformed}"))
}

/// The trust list in force, for names; none for a caller who may not ask for it.
pub async fn trust(channel: Channel) -> anyhow::Result<Option<TrustContent>> {
    let mut client = TrustServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
    let answer = match client.get_trust_lists(proto::GetTrustListsRequest {}).await {
        Err(status) if status.code() == tonic::Code::PermissionDenied => return Ok(None),
        other => answered(other)?,
    };
    let Some(list) = answer.trust_lists.last() else { return Ok(None) };
    let read = UnverifiedTrustList::read(&list.object)?.unverified_list()?;
    Ok(Some(read.content().clone()))
}

/// The same out of the bundle that every scanner gets; none where the public address is not known here, or does not
/// answer: the card then shows codes.
async fn public_trust(admin: &AdminArgs) -> Option<TrustContent> {
    let channel = connect_public(&admin.public_address()?, admin.ca.as_deref()).await.ok()?;
    let mut client = CheckpointServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
    let answer = client.get_bundle(proto::GetBundleRequest { held: None }).await.ok()?;
    let bundle = Bundle::decode(&answer.into_inner().bundle).ok()?;
    let list = UnverifiedTrustList::read(bundle.trust.last()?).ok()?.unverified_list().ok()?;
    Some(list.content().clone())
}

/// One pass with its text.
pub async fn get(client: &mut PassServiceClient<Channel>, number: &str) -> anyhow::Result<proto::Pass> {
    let request = proto::GetPassRequest { pass_number: number.to_owned() };
    let pass = answered(client.get_pass(request).await).with_context(|| number.to_owned())?.pass;
    pass.with_context(|| format!("{number}: an empty answer"))
}

/// A pass on one line.
pub fn line(profile: &dyn Profile, pass: &proto::Pass) -> String {
    let state = match pass.state() {
        _ if pass.expired => "expired 过期",
        proto::PassState::Suspended => "suspended 暂停",
        proto::PassState::Revoked => "revoked 吊销",
        _ => "issued 有效",
    };
    let trailer = if pass.trailer.is_empty() { String::new() } else { format!(" + {}", pass.trailer) };
    format!(
        "{}\t{}\t{}{trailer}\tenterprise {}\t{} to {}\t{state}",
        pass.number,
        pass.authority,
        pass.tractor,
        pass.enterprise_number,
        told_time(profile, pass.start_time),
        told_time(profile, pass.end_time)
    )
}

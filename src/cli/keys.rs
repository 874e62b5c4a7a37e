//! `freightpass keys` and `publish`: what the operator sees of keys, and does about one that was stolen.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use data_encoding::HEXLOWER;
use freightpass_core::key::Kid;

use super::Exit;
use super::connect::{ANSWER_BYTES, AdminArgs, answered, repeated, request_id, runtime};
use super::file;
use super::output;
use super::paged::{self, PAGE};
use super::typed::{ProfileArgs, told_time};
use crate::rpc::proto;
use crate::rpc::proto::trust_service_client::TrustServiceClient;

/// The operator of a development deployment.
pub const OPERATOR: &str = "CN-32/ops";

/// Lists keys, prepares for a stolen one, installs the next trust list
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Lists the keys that the trust list in force names, with what the service holds of them
    List(ListArgs),
    /// Records every pass that a key really signed; the hash goes into the list that marks the key as compromised
    Survivors(SurvivorsArgs),
    /// Writes the trust list in force to a file: what a ceremony begins with
    Trust(TrustArgs),
    /// Puts the next trust list, signed in a ceremony, into force
    Install(InstallArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

#[derive(Debug, clap::Args)]
struct SurvivorsArgs {
    /// The key's name: 16 hexadecimal digits, as `keys list` shows it
    kid: String,
    #[command(flatten)]
    admin: AdminArgs,
}

#[derive(Debug, clap::Args)]
struct TrustArgs {
    /// The file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    admin: AdminArgs,
}

#[derive(Debug, clap::Args)]
struct InstallArgs {
    /// The signed list
    file: PathBuf,
    /// Check only
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    admin: AdminArgs,
}

/// Signs the next manifest now, without waiting for the tick
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    #[command(flatten)]
    admin: AdminArgs,
}

/// Runs `keys`.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        match &args.verb {
            Verb::List(args) => list(args).await,
            Verb::Survivors(args) => survivors(args).await,
            Verb::Trust(args) => trust(args).await,
            Verb::Install(args) => install(args).await,
        }
    })?;
    Ok(Exit::Admit)
}

/// Runs `publish`.
pub fn publish(args: &PublishArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let mut client = TrustServiceClient::new(args.admin.connect(Some(OPERATOR)).await?);
        let request = proto::PublishStatusRequest { request_id: request_id() };
        let answer = answered(repeated(async || client.publish_status(request.clone()).await).await)?;
        output::line(format_args!("manifest {} up to status log {}", answer.manifest_seq, answer.log_seq))
    })?;
    Ok(Exit::Admit)
}

/// The name of a key as people type it.
pub fn kid(text: &str) -> anyhow::Result<Kid> {
    let number = Some(text).filter(|text| text.len() == 16).and_then(|text| u64::from_str_radix(text, 16).ok());
    number.map(|number| Kid(number.to_be_bytes())).with_context(|| format!("{text} is no kid: 16 hexadecimal digits"))
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let mut client = TrustServiceClient::new(args.admin.connect(Some(OPERATOR)).await?);
    let fetch = async |page_token| {
        let request = proto::ListKeysRequest { page_size: PAGE, page_token };
        let page = answered(client.list_keys(request).await)?;
        Ok((page.keys, page.next_page_token))
    };
    let line = |key: proto::Key| {
        let using = match key.r#use() {
            proto::KeyUse::Root => "root".to_owned(),
            proto::KeyUse::Status => "status".to_owned(),
            _ => key.authority.clone(),
        };
        let window = match (key.from_time, key.until_time) {
            (None, None) => String::new(),
            (from, until) => format!("\t{} to {}", told_time(&*profile, from), told_time(&*profile, until)),
        };
        let marks = [
            (key.compromised, "COMPROMISED 失窃"),
            (!key.survivors_hash.is_empty(), "survivors in force 有签发记录"),
            (key.held, "held 持有"),
        ];
        let marks: Vec<&str> = marks.iter().filter(|(there, _)| *there).map(|(_, mark)| *mark).collect();
        output::line(format_args!("{}\t{using}{window}\t{}", HEXLOWER.encode(&key.kid), marks.join(", ")))
    };
    paged::every(fetch, line).await
}

async fn survivors(args: &SurvivorsArgs) -> anyhow::Result<()> {
    let kid = kid(&args.kid)?;
    let mut client = TrustServiceClient::new(args.admin.connect(Some(OPERATOR)).await?);
    let request = proto::PrepareSurvivorsRequest { request_id: request_id(), kid: kid.0.to_vec().into() };
    let answer = answered(repeated(async || client.prepare_survivors(request.clone()).await).await)?;
    output::line(format_args!("{} pass(es), {} bytes", answer.pass_count, answer.size_bytes))?;
    output::line(format_args!("hash {}", HEXLOWER.encode(&answer.hash)))
}

async fn trust(args: &TrustArgs) -> anyhow::Result<()> {
    let channel = args.admin.connect(Some(OPERATOR)).await?;
    let mut client = TrustServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
    let answer = answered(client.get_trust_lists(proto::GetTrustListsRequest {}).await)?;
    let list = answer.trust_lists.last().context("no trust list is in force")?;
    file::replace(&args.out, &list.object)?;
    output::line(format_args!("trust list {} in {}", list.seq, args.out.display()))
}

async fn install(args: &InstallArgs) -> anyhow::Result<()> {
    let object = fs::read(&args.file).with_context(|| args.file.display().to_string())?;
    let mut client = TrustServiceClient::new(args.admin.connect(Some(OPERATOR)).await?);
    let request =
        proto::InstallTrustListRequest { request_id: request_id(), object: object.into(), dry_run: args.dry_run };
    let answer = answered(repeated(async || client.install_trust_list(request.clone()).await).await)?;
    let seq = answer.trust_list.map_or(0, |list| list.seq);
    output::line(format_args!("trust list {seq} {}", if args.dry_run { "would be adopted" } else { "is in force" }))
}

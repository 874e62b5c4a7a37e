//! `freightpass sync`: brings a scanner up to date, from a file that somebody carried or from a service.
//!
//! One run ends at the newest manifest. Everything is adopted in memory first ([`Plan`]); a dry run shows the plan, a
//! real one then writes it to the folder in one step.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use freightpass_core::bundle::Provision;
use freightpass_core::hold::{Adoption, AdoptionError, Held, Part, Rejected};
use freightpass_core::limits::BUNDLE_BYTES;

use super::Exit;
use super::connect::{ANSWER_BYTES, Addresses, connect_public, fetched, runtime};
use super::file;
use super::output;
use super::scan::ScannerArgs;
use super::typed::{self, ProfileArgs};
use crate::clock::{Clock, SystemClock};
use crate::messages::{self, Language};
use crate::rpc::proto;
use crate::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use crate::scanner::{Age, Folder};

/// What is missing, whole states where the deltas did not fit, and once more where the service signed in between.
const FETCHES: usize = 3;

/// Rejections that are told one by one: a bundle made to annoy can have millions of parts.
const REJECTIONS: usize = 20;

/// Brings a scanner up to date, from a bundle file or from a service
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  freightpass sync --provision provision.fp --from bundle.fp    the first time; compare the fingerprint by reading it aloud
  freightpass sync --confirm                                    the data's date is right
  freightpass sync --server http://127.0.0.1:8440
  freightpass sync --server http://127.0.0.1:8440 --save bundle.fp   also keep what a new scanner needs, to carry it")]
pub struct Args {
    #[command(flatten)]
    scanner: ScannerArgs,
    /// Bundle file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "save"])]
    from: Option<PathBuf>,
    /// Public address of a service, such as http://127.0.0.1:8440; otherwise that of the server on the data folder
    /// [env: FREIGHTPASS_PUBLIC]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// CA of the server's certificate, PEM, for https
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Data folder of a server on this machine
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA", default_value = "data")]
    data: PathBuf,
    /// Provisioning file, the first time: its fingerprint is shown, to be compared with the operator's
    #[arg(long, value_name = "FILE")]
    provision: Option<PathBuf>,
    /// The data's date is right: asked once for each scanner
    #[arg(long)]
    confirm: bool,
    /// Show what would be adopted, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also write a whole bundle to this file, for scanners without a network
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let guard = Folder::at(&args.scanner.folder).lock()?;
    let held = match &args.provision {
        Some(path) => {
            let bytes = fs::read(path).with_context(|| path.display().to_string())?;
            let provision = Provision::decode(&bytes).map_err(|malformed| {
                let (path, malformed) = (path.display().to_string(), malformed.to_string());
                let values = [("path", &*path), ("malformed", &*malformed)];
                anyhow::anyhow!("{}", messages::fault("no_provisioning_file", &values))
            })?;
            output::line(format_args!("fingerprint 指纹 {}", provision.fingerprint()))?;
            guard.provision(&provision)?
        }
        None => Folder::at(&args.scanner.folder).read()?,
    };
    let before = held.clone();
    let mut plan = Plan::on(held);
    match &args.from {
        Some(path) => {
            let bytes = fs::read(path).with_context(|| path.display().to_string())?;
            plan.adopt(&bytes).map_err(|error| error.context(path.display().to_string()))?;
        }
        // Confirming needs no data but what is held.
        None if args.confirm && args.server.is_none() && args.provision.is_none() => {}
        None => fetch(args, &mut plan)?,
    }
    if args.confirm {
        plan.held.confirm_start().with_context(|| messages::fault("not_confirmed", &[]))?;
    }
    for line in plan.lines() {
        output::line(line)?;
    }
    let held = &plan.held;
    let now = SystemClock.now_s().max(held.floor().into());
    output::line(match held.manifest() {
        Some(manifest) => format!(
            "holding 现有 manifest {} issued 签于 {}, {}; trust list 名录 {}; {} state(s) 状态表",
            manifest.seq,
            typed::told(&*profile, manifest.issued.into()),
            Age(Some(now.saturating_sub(manifest.issued.into()))),
            held.trust().map_or(0, |trust| trust.content().sequence),
            manifest.lists.len() - held.missing().count(),
        ),
        None => "holding no status yet 尚无状态数据".to_owned(),
    })?;
    if !held.is_confirmed() {
        output::line(format_args!(
            "not confirmed 未确认: the data says that it is at least {}; where that fits the calendar, run sync --confirm",
            typed::told(&*profile, held.floor().into())
        ))?;
    }
    if args.dry_run {
        output::line("dry run: nothing was changed")?;
    } else if plan.held != before || args.provision.is_some() {
        guard.write(&plan.held)?;
    }
    Ok(Exit::refuse_if(!plan.is_good()))
}

/// What a run adopts: shown by a dry run, written by a real one.
pub struct Plan {
    /// What the scanner will hold.
    pub held: Held,
    rejected: Vec<Rejected>,
    adopted: usize,
    parts: usize,
    bytes: usize,
    fetches: usize,
}

impl Plan {
    /// Nothing adopted yet.
    pub fn on(held: Held) -> Self {
        Self { held, rejected: Vec::new(), adopted: 0, parts: 0, bytes: 0, fetches: 0 }
    }

    /// Adopts what it can of a bundle.
    ///
    /// # Errors
    /// When it cannot be taken apart at all.
    pub fn adopt(&mut self, bundle: &[u8]) -> anyhow::Result<()> {
        if bundle.len() > BUNDLE_BYTES {
            bail!("{} bytes are more than any bundle has", bundle.len());
        }
        let results = self.held.adopt_bundle(bundle).map_err(|error| anyhow::anyhow!("no bundle: {error}"))?;
        self.rejected.extend(results.rejected());
        self.adopted += results.iter().filter(|part| part.outcome == Ok(Adoption::Adopted)).count();
        self.parts += results.iter().count();
        self.bytes += bundle.len();
        self.fetches += 1;
        Ok(())
    }

    /// What was adopted and what was not, with codes.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.fetches > 0 {
            let (adopted, parts, bytes, fetches) = (self.adopted, self.parts, self.bytes, self.fetches);
            let word =
                if adopted == 0 && self.rejected.is_empty() { "nothing new 无更新: adopted" } else { "adopted" };
            lines.push(format!("{word} 已采用 {adopted} of {parts} part(s), {bytes} byte(s) in {fetches} bundle(s)"));
        }
        for Rejected { part, error } in self.rejected.iter().take(REJECTIONS) {
            let words = [Language::En, Language::Zh].into_iter().filter_map(|l| messages::adoption(l, error));
            let words: Vec<String> = words.collect();
            lines.push(format!("rejected 未采用 {part}: {} ({error}). {}", error.code(), words.join(" ")));
        }
        match self.rejected.len().saturating_sub(REJECTIONS) {
            0 => {}
            more => lines.push(format!("rejected 未采用 {more} more part(s) 另有")),
        }
        if self.is_cut_off() {
            lines.push(format!("advice 建议: {}", messages::fault("not_renewed", &[])));
        }
        lines
    }

    /// Whether the data held stays what it is because what should renew it is wrong. What is older than what is held
    /// renews nothing; a contradiction has its own, sharper words. A state that was refused counts where it is missing
    /// still: a change that fits no state here is followed by the whole state.
    fn is_cut_off(&self) -> bool {
        let states_missing = self.held.missing().next().is_some();
        let cuts_off = |rejected: &Rejected| match (rejected.part, &rejected.error) {
            (_, AdoptionError::RolledBack { .. } | AdoptionError::Equivocation { .. }) => false,
            (Part::Trust(_) | Part::Manifest, _) => true,
            (Part::Object(_), _) => states_missing,
        };
        self.held.manifest().is_some() && self.rejected.iter().any(cuts_off)
    }

    /// Whether nothing was rejected that should have been adopted, and every state that is named is held.
    pub fn is_good(&self) -> bool {
        self.rejected.is_empty() && self.held.missing().next().is_none()
    }
}

fn fetch(args: &Args, plan: &mut Plan) -> anyhow::Result<()> {
    // What is typed or set in the environment; clap would take the latter for typed, against --from and --confirm.
    let set = || std::env::var("FREIGHTPASS_PUBLIC").ok().filter(|url| !url.is_empty());
    let url = match args.server.clone().or_else(set) {
        Some(url) => url,
        None => format!("http://{}", Addresses::of(&args.data)?.public),
    };
    runtime()?.block_on(async {
        let channel = connect_public(&url, args.ca.as_deref()).await?;
        let mut client = CheckpointServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
        let mut whole = false;
        for _ in 0..FETCHES {
            let said = if whole { without_states(&plan.held) } else { told(&plan.held) };
            let request = proto::GetBundleRequest { held: Some(said) };
            plan.adopt(&fetched(client.get_bundle(request).await, &url)?.bundle)?;
            if plan.held.missing().next().is_none() {
                break;
            }
            // The deltas went from another base than the one held: the whole states always fit.
            whole = true;
        }
        if let Some(path) = &args.save {
            let request = proto::GetBundleRequest { held: None };
            let bundle = fetched(client.get_bundle(request).await, &url)?.bundle;
            file::replace(path, &bundle)?;
            output::line(format_args!("saved 已保存 {} ({} bytes)", path.display(), bundle.len()))?;
        }
        Ok(())
    })
}

/// What the scanner tells the service of what it holds.
fn told(held: &Held) -> proto::Held {
    let lists = held.manifest().into_iter().flat_map(|manifest| &manifest.lists);
    let states = lists.filter_map(|entry| {
        let hash = held.state_hash(entry.list)?;
        Some(proto::HeldState { list: entry.list, state_hash: hash.to_vec().into() })
    });
    let named = held.trust().into_iter().flat_map(|trust| &trust.content().survivors);
    let survivors = named.filter(|(kid, _)| held.survivors(*kid).is_some()).map(|(_, hash)| hash.to_vec().into());
    proto::Held { states: states.collect(), survivors: survivors.collect(), ..without_states(held) }
}

fn without_states(held: &Held) -> proto::Held {
    proto::Held {
        trust_seq: held.trust().map_or(0, |trust| trust.content().sequence),
        manifest_seq: held.manifest().map_or(0, |manifest| manifest.seq),
        states: Vec::new(),
        survivors: Vec::new(),
    }
}

//! `freightpass pass export`: cards for phone and paper.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use freightpass_core::bundle::Bundle;
use freightpass_core::pass::{Claims, UnverifiedPass, decode_text};
use freightpass_core::trust::{TrustContent, UnverifiedTrustList};
use futures::{StreamExt, stream};
use tonic::transport::Channel;

use super::Exit;
use super::card_face::face;
use super::connect::{ANSWER_BYTES, AdminArgs, answered, connect_public};
use super::each::refused;
use super::file;
use super::items::Bar;
use super::output;
use super::paged::{self, PAGE};
use super::pass::{FilterArgs, IN_FORCE, state};
use super::typed::ProfileArgs;
use crate::card::paper::{self, Arrangement};
use crate::card::{Drawing, draw, picture, qr, svg};
use crate::profile::Profile;
use crate::rpc::proto;
use crate::rpc::proto::checkpoint_service_client::CheckpointServiceClient;
use crate::rpc::proto::pass_service_client::PassServiceClient;
use crate::rpc::proto::trust_service_client::TrustServiceClient;

/// The most cards in one document: it is made in memory, and nobody prints more at a time.
const DOCUMENT_CARDS: usize = 2_000;

/// What is longer after a full stop is part of a folder's name.
const EXTENSION_CHARS: usize = 4;

const EXAMPLES: &str = "\
Examples:
  A PNG for the driver's phone, and the same on A4 (or .svg):
    freightpass pass export 320500-220418-00042-0 --as CN-3205/chief
    freightpass pass export 320500-220418-00042-0 --out card.pdf --as CN-3205/chief
  A file for every pass in force, or of one tractor:
    freightpass pass export --state issued --out cards --as CN-3205/chief
    freightpass pass export --tractor 苏E12345 --format svg --out cards --as CN-3205/chief
  Two cards on every A4 page, to be cut apart:
    freightpass pass export --state issued --sheet --out day.pdf --as CN-3205/chief

Files of a folder are called NUMBER_PLATE.png (.svg, .pdf). Each is written whole
or not at all: the command can be given again. A card that cannot be drawn has a
line that says why; the others are drawn, and the exit code is 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Numbers of passes; without any, those that the filter finds
    #[arg(value_name = "NUMBER")]
    numbers: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Every pass that you may see
    #[arg(long)]
    all: bool,
    /// Folder for a file a pass; or the file, by whose extension its format is chosen. Several passes in one .pdf are a
    /// page each
    #[arg(long, value_name = "DIR|FILE", default_value = ".")]
    out: PathBuf,
    /// Format of the files of a folder
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// One PDF with two cards on every A4 page, to be cut apart: cards.pdf where --out is a folder
    #[arg(long)]
    sheet: bool,
    #[command(flatten)]
    admin: AdminArgs,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// What a card is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a phone's screen
    Png,
    /// For a browser, or a print shop
    Svg,
    /// For paper: A4
    Pdf,
}

/// Where the cards go.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// A file a card.
    Folder(PathBuf, Format),
    /// One card in one file.
    File(PathBuf, Format),
    /// All of them in one PDF.
    Document(PathBuf, Arrangement),
}

/// Runs the verb.
pub async fn run(args: &Args) -> anyhow::Result<Exit> {
    let target = target(args)?;
    let profile = args.profile.profile()?;
    let channel = args.admin.connect(None).await?;
    let trust = match trust(channel.clone()).await? {
        None => public_trust(&args.admin).await,
        trust => trust,
    };
    let client = PassServiceClient::new(channel);
    let numbers = if args.numbers.is_empty() {
        found(client.clone(), args.filter.filter(&*profile)?).await?
    } else {
        args.numbers.clone()
    };
    if matches!(target, Target::Document(..)) && numbers.len() > DOCUMENT_CARDS {
        bail!("{} cards are too many for one document; narrow the filter to {DOCUMENT_CARDS}", numbers.len());
    }
    let folder = match &target {
        Target::Folder(folder, _) => Some(folder.as_path()),
        // `--sheet --out FOLDER`; a file's own folder must be there.
        Target::Document(file, _) if *file != args.out => file.parent(),
        _ => None,
    };
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Export { client, trust: Arc::new(trust), profile, target: Arc::new(target) }.all(numbers).await
}

/// The plan, before anything is asked for.
fn target(args: &Args) -> anyhow::Result<Target> {
    let by_filter = args.all || args.filter != FilterArgs::default();
    if args.numbers.is_empty() != by_filter {
        bail!("name the passes, or say by a filter (--state issued) or by --all which are meant, one of the two");
    }
    let extension = args.out.extension().and_then(|extension| Format::from_str(extension.to_str()?, true).ok());
    let by_name = extension.filter(|_| !args.out.is_dir());
    let other =
        args.out.extension().and_then(|other| other.to_str()).filter(|_| extension.is_none() && !args.out.exists());
    if let Some(other) =
        other.filter(|other| other.len() <= EXTENSION_CHARS && other.chars().all(char::is_alphanumeric))
    {
        bail!(
            "{}: {other} is no format of cards: png, svg, pdf; a folder of that name must be there before",
            args.out.display()
        );
    }
    if let (Some(named), Some(asked)) = (by_name, args.format)
        && named != asked
    {
        bail!("{} is {}, --format says {}", args.out.display(), name(named), name(asked));
    }
    let format = by_name.or(args.format).unwrap_or(if args.sheet { Format::Pdf } else { Format::Png });
    if format == Format::Pdf && cfg!(not(feature = "pdf")) {
        bail!("this freightpass was built without PDF; build it with `cargo build --release --features pdf`");
    }
    let several = by_filter || args.numbers.len() > 1;
    match (by_name, format) {
        (_, Format::Png | Format::Svg) if args.sheet => bail!("a sheet of cards is a PDF, not {}", name(format)),
        (None, _) if args.sheet => Ok(Target::Document(args.out.join("cards.pdf"), Arrangement::Two)),
        (None, format) => Ok(Target::Folder(args.out.clone(), format)),
        (Some(_), Format::Pdf) if args.sheet => Ok(Target::Document(args.out.clone(), Arrangement::Two)),
        (Some(_), Format::Pdf) if several => Ok(Target::Document(args.out.clone(), Arrangement::One)),
        (Some(format), _) if several => {
            bail!("several cards do not fit in one {}: give --out a folder, or a .pdf", name(format))
        }
        (Some(format), _) => Ok(Target::File(args.out.clone(), format)),
    }
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Png => "png",
        Format::Svg => "svg",
        Format::Pdf => "pdf",
    }
}

/// The numbers of all the passes that a filter finds.
async fn found(mut client: PassServiceClient<Channel>, filter: proto::PassFilter) -> anyhow::Result<Vec<String>> {
    let fetch = async |page_token| {
        let request = proto::ListPassesRequest { filter: Some(filter.clone()), page_size: PAGE, page_token };
        let page = answered(client.list_passes(request).await)?;
        Ok((page.passes, page.next_page_token))
    };
    let mut numbers = Vec::new();
    paged::every(fetch, |pass| {
        numbers.push(pass.number);
        Ok(())
    })
    .await?;
    Ok(numbers)
}

/// An export under way.
struct Export {
    client: PassServiceClient<Channel>,
    trust: Arc<Option<TrustContent>>,
    profile: Arc<dyn Profile>,
    target: Arc<Target>,
}

/// What became of one card.
enum Made {
    /// It stands in this file; what is to be said of the pass.
    Written(PathBuf, &'static str),
    /// It waits for its document.
    Drawn(Drawing),
    /// Why it is not drawn.
    Not(String),
}

impl Export {
    /// Draws them side by side, as many as there are processors, and tells of them in their order.
    async fn all(self, numbers: Vec<String>) -> anyhow::Result<Exit> {
        let several = numbers.len() > 1;
        let bar = Bar::of(numbers.len());
        let beside = std::thread::available_parallelism().map_or(1, usize::from);
        let mut made = stream::iter(numbers).map(|number| async { (self.one(&number).await, number) }).buffered(beside);
        let (mut cards, mut drawn, mut not) = (Vec::new(), 0_usize, 0_usize);
        while let Some((made, number)) = made.next().await {
            bar.forward(1);
            match made.with_context(|| number.clone())? {
                Made::Drawn(card) => cards.push(card),
                Made::Written(path, IN_FORCE) => bar.beside(|| output::line(path.display()))?,
                Made::Written(path, state) => {
                    bar.beside(|| output::line(format_args!("{}\t{state}", path.display())))?
                }
                Made::Not(why) => {
                    not += 1;
                    bar.beside(|| output::line(format_args!("{number}\tnot drawn 未出: {why}")))?;
                    continue;
                }
            }
            drawn += 1;
        }
        drop(bar);
        if let Target::Document(path, arrangement) = &*self.target
            && !cards.is_empty()
        {
            let (path, arrangement) = (path.clone(), *arrangement);
            tokio::task::spawn_blocking(move || {
                file::replace(&path, &document(&cards, arrangement)?)?;
                output::line(path.display())
            })
            .await??;
        }
        if several {
            output::line(format_args!("drawn 已出 {drawn}, not drawn 未出 {not}"))?;
        }
        Ok(Exit::refuse_if(not > 0))
    }

    /// One card, drawn and written.
    ///
    /// # Errors
    /// What will meet every other card too: no service, not the role, no room on the disk.
    async fn one(&self, number: &str) -> anyhow::Result<Made> {
        let request = proto::GetPassRequest { pass_number: number.to_owned() };
        let answer = self.client.clone().get_pass(request).await;
        if let Some(why) = refused(&answer) {
            return Ok(Made::Not(why));
        }
        let pass = answered(answer)?.pass.context("an empty answer")?;
        let (trust, profile, target) = (Arc::clone(&self.trust), Arc::clone(&self.profile), Arc::clone(&self.target));
        tokio::task::spawn_blocking(move || {
            let (claims, card) = match card(&pass.text, Option::as_ref(&trust), &*profile) {
                Ok(drawn) => drawn,
                Err(error) => return Ok(Made::Not(format!("{error:#}"))),
            };
            let (path, format) = match &*target {
                Target::Document(..) => return Ok(Made::Drawn(card)),
                Target::File(path, format) => (path.clone(), *format),
                Target::Folder(folder, format) => {
                    let file = file_name(&claims.number.to_string(), &claims.subject.tractor, name(*format));
                    (folder.join(file), *format)
                }
            };
            file::replace(&path, &encode(&card, format)?)?;
            Ok(Made::Written(path, state(&pass)))
        })
        .await?
    }
}

/// The name of a card's file. A plate is letters and digits; whatever else a signed plate may hold leads to no other
/// folder.
pub fn file_name(number: &str, tractor: &str, extension: &str) -> String {
    let plate: String = tractor.chars().map(|sign| if sign.is_alphanumeric() { sign } else { '-' }).collect();
    format!("{number}_{plate}.{extension}")
}

/// Draws the card of a pass text into `folder` as PNG.
pub fn draw(text: &str, trust: Option<&TrustContent>, profile: &dyn Profile, folder: &Path) -> anyhow::Result<PathBuf> {
    let (claims, card) = card(text, trust, profile)?;
    let path = folder.join(file_name(&claims.number.to_string(), &claims.subject.tractor, name(Format::Png)));
    file::replace(&path, &encode(&card, Format::Png)?)?;
    Ok(path)
}

/// What a pass text says, and its card.
fn card(text: &str, trust: Option<&TrustContent>, profile: &dyn Profile) -> anyhow::Result<(Claims, Drawing)> {
    let claims = claims(text)?;
    let authority = trust.and_then(|trust| trust.authorities.iter().find(|authority| authority.code == claims.iss));
    let number = claims.subject.programme;
    let programme = trust.and_then(|trust| trust.programmes.iter().find(|programme| programme.number == number));
    let face = face(
        &claims,
        authority.map(|authority| authority.name.as_str()),
        programme.map(|programme| programme.name.as_str()),
        profile,
    );
    let card = draw::card(&face, &qr::encode(text)?)?;
    Ok((claims, card))
}

/// A card as the bytes of a file.
fn encode(card: &Drawing, format: Format) -> anyhow::Result<Vec<u8>> {
    Ok(match format {
        Format::Png => picture::png(&svg::svg(card)?)?,
        Format::Svg => svg::svg(card)?.into_bytes(),
        Format::Pdf => document(std::slice::from_ref(card), Arrangement::One)?,
    })
}

#[cfg(feature = "pdf")]
fn document(cards: &[Drawing], arrangement: Arrangement) -> anyhow::Result<Vec<u8>> {
    Ok(crate::card::pdf::pdf(&paper::pages(cards, arrangement))?)
}

/// [`target`] has refused it before.
#[cfg(not(feature = "pdf"))]
fn document(cards: &[Drawing], arrangement: Arrangement) -> anyhow::Result<Vec<u8>> {
    bail!("{} pages cannot be written: built without PDF", paper::pages(cards, arrangement).len())
}

/// The claims of a text that the service itself has just given out.
pub fn claims(text: &str) -> anyhow::Result<Claims> {
    let bytes = decode_text(text).map_err(|error| anyhow::anyhow!("the text is no pass: {error:?}"))?;
    let pass = UnverifiedPass::read(&bytes).and_then(|pass| pass.unverified_claims());
    pass.map_err(|malformed| anyhow::anyhow!("the text is no pass: {malformed}"))
}

/// The trust list in force, for names; none for a caller who may not ask for it.
async fn trust(channel: Channel) -> anyhow::Result<Option<TrustContent>> {
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn planned(arguments: &[&str]) -> Result<Target, String> {
        let line = Line::parse_from([&["export"], arguments].concat());
        target(&line.args).map_err(|error| error.to_string())
    }

    #[test]
    fn format_and_place_follow_from_what_was_asked_for() {
        let folder = |format| Ok(Target::Folder("cards".into(), format));
        assert_eq!(planned(&["1", "--out", "cards"]), folder(Format::Png));
        assert_eq!(planned(&["--all", "--out", "cards", "--format", "svg"]), folder(Format::Svg));
        assert_eq!(planned(&["1", "--out", "a.SVG"]), Ok(Target::File("a.SVG".into(), Format::Svg)));
        #[cfg(feature = "pdf")]
        {
            let sheet = |path: &str, arrangement| Ok(Target::Document(path.into(), arrangement));
            assert_eq!(planned(&["1", "--out", "a.pdf"]), Ok(Target::File("a.pdf".into(), Format::Pdf)));
            assert_eq!(planned(&["1", "2", "--out", "a.pdf"]), sheet("a.pdf", Arrangement::One));
            assert_eq!(planned(&["--state", "issued", "--sheet", "--out", "a.pdf"]), sheet("a.pdf", Arrangement::Two));
            assert_eq!(planned(&["1", "--sheet", "--out", "cards"]), sheet("cards/cards.pdf", Arrangement::Two));
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused_before_the_service_is_asked() {
        for (arguments, part) in [
            (&[][..], "name the passes"),
            (&["1", "--all"], "one of the two"),
            (&["1", "--out", "a.png", "--format", "svg"], "a.png is png, --format says svg"),
            (&["1", "2", "--out", "a.png"], "give --out a folder"),
            (&["1", "--sheet", "--format", "png"], "a sheet of cards is a PDF"),
        ] {
            let refused = planned(arguments).unwrap_err();
            assert!(refused.contains(part), "{arguments:?}: {refused}");
        }
    }

    #[test]
    fn a_file_is_named_by_number_and_plate_and_stays_in_its_folder() {
        assert_eq!(file_name("320500-220418-00042-0", "苏E12345", "png"), "320500-220418-00042-0_苏E12345.png");
        assert_eq!(file_name("1", "../x/苏E", "pdf"), "1_---x-苏E.pdf");
    }
}

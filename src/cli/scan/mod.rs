//! `freightpass scan`: verdicts without a network, by what the scanner's folder holds.

mod feed;
mod hot;
mod post;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use feed::{Fed, Feed};
use freightpass_core::scan::{Observation, Place, Policy};
use post::Post;

use super::Exit;
use super::output;
use super::typed::{self, ProfileArgs};
use crate::messages;
use crate::scanner::{Folder, Report, Source, Spoken, visible};

/// What stands for standard input.
const TYPED: &str = "-";

/// Judges passes, offline: texts, pictures, folders of them, what a hand-held reader types
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One verdict a line; the exit code is that of the worst: 3 error, 1 refuse, 2 refer, 0 admit.
A picture is PNG, JPEG or WebP by its content, whatever its name. Every pass in it has its verdict. What cannot be read
is referred as unreadable, with the reason, and the rest goes on. Other files are texts, line by line.
`-` reads standard input line by line, as a hand-held reader types, and answers each line at once. --watch answers each
new file when it is completely written, and those that are there. Both take up what `sync` brings in the meantime, and
run until their input ends or SIGINT or SIGTERM comes; the exit code is that of the worst verdict then too.
The scanner's folder remembers which passes were admitted, when and where, by number: the next time, the line says so.

Examples:
  freightpass scan --at 320583 card.png
  freightpass scan --at 320583 --plate 苏E12345 'FP1:...'
  freightpass scan --at 320583 --json cards/ | jq .outcome
  freightpass scan --at 320583 - < /dev/ttyACM0                    a reader on a serial line
  freightpass scan --at 320583 --watch photos/                     a folder into which a camera drops pictures
  freightpass scan --at 320583 --now 2026-12-03T18:00 card.png     rehearse another moment")]
pub struct Args {
    /// Text of a code, picture, folder of pictures, or - for lines of standard input
    #[arg(required_unless_present = "watch", value_name = "TEXT|FILE|DIR|-")]
    inputs: Vec<String>,
    /// Also judge the files of this folder, each new one when it is there
    #[arg(long, value_name = "DIR")]
    watch: Option<PathBuf>,
    /// Look at the folder twice a second instead of being told of changes: for network drives
    #[arg(long, requires = "watch")]
    poll: bool,
    #[command(flatten)]
    scanner: ScannerArgs,
    /// County where the checkpoint stands, such as 320583 [env: FREIGHTPASS_AT]
    #[arg(long, value_name = "COUNTY")]
    at: Option<String>,
    /// Plate that was read on the truck
    #[arg(long)]
    plate: Option<String>,
    /// Admit although nobody compares the route with the place; each admission says so
    #[arg(long, conflicts_with = "at")]
    place_unchecked: bool,
    /// Longest age of the data in seconds, where stricter than the trust list's
    #[arg(long, value_name = "SECONDS")]
    max_age_s: Option<u32>,
    /// Judge as if it were this moment, for rehearsals: nothing is remembered
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Which scanner.
#[derive(Debug, Clone, clap::Args)]
pub struct ScannerArgs {
    /// The scanner's folder
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_SCANNER", default_value = "scanner")]
    pub folder: PathBuf,
}

impl Args {
    /// Where the checkpoint stands: as typed, or as the environment says where nobody typed that it does not count.
    fn county(&self) -> Option<String> {
        let set = || std::env::var("FREIGHTPASS_AT").ok().filter(|county| !county.is_empty());
        self.at.clone().or_else(|| if self.place_unchecked { None } else { set() })
    }
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let typed = args.inputs.iter().filter(|input| *input == TYPED).count();
    ensure!(typed <= 1, "standard input is read once");
    let seen = Observation {
        county: args.county().map(|text| typed::place(&*profile, &text)).transpose()?,
        plate: args.plate.as_deref().map(|text| typed::plate(&*profile, text)).transpose()?,
        last_seen: None,
    };
    let policy = Policy {
        max_age: args.max_age_s,
        skew: None,
        place: if args.place_unchecked { Place::Unchecked } else { Place::Required },
    };
    let rehearsed = args.now.as_deref().map(|text| typed::moment(&*profile, text)).transpose()?;
    let here = seen.county.as_ref().map(ToString::to_string);
    let mut post = Post::open(Folder::at(&args.scanner.folder), policy, seen, rehearsed)?;

    let place_name = |code: &str| {
        let division = profile.division(code).ok()?;
        profile.division_name(&division).map(|names| names.concat())
    };
    let time = |seconds| typed::told(&*profile, seconds);
    let spoken = Spoken { place: &place_name, time: &time, here: here.as_deref() };
    let mut told = Told { json: args.json, in_colour: output::in_colour(), spoken, worst: Exit::Admit };
    for input in args.inputs.iter().filter(|input| *input != TYPED) {
        match Source::of_argument(input) {
            Ok(sources) if sources.is_empty() => told.fault(input, messages::fault("nothing_to_scan", &[])),
            Ok(sources) => {
                for source in sources {
                    told.verdicts(post.judge(&source))?;
                }
            }
            Err(error) => told.fault(input, error),
        }
    }
    if typed > 0 || args.watch.is_some() {
        let named = || args.watch.as_deref().map_or(TYPED.to_owned(), |folder| folder.display().to_string());
        let mut feed = Feed::open(typed > 0, args.watch.clone(), args.poll).with_context(named)?;
        while let Some(fed) = feed.next().with_context(named)? {
            post.refresh()?;
            told.verdicts(match fed {
                Fed::Source(source) => post.judge(&source),
                Fed::Unreadable(why) => vec![post.unreadable(None, why)],
            })?;
        }
    }
    if let Err(error) = post.end() {
        let (path, why) = (args.scanner.folder.display().to_string(), error.to_string());
        output::aside(messages::fault("not_remembered", &[("path", &path), ("why", &why)]));
    }
    Ok(told.worst)
}

/// How verdicts are told, and the worst that was.
struct Told<'a> {
    json: bool,
    in_colour: bool,
    spoken: Spoken<'a>,
    worst: Exit,
}

impl Told<'_> {
    fn verdicts(&mut self, reports: Vec<Report>) -> anyhow::Result<()> {
        for report in reports {
            output::line(if self.json { report.json() } else { report.line(self.in_colour, &self.spoken) })?;
            self.worst = self.worst.max(report.outcome().into());
        }
        Ok(())
    }

    fn fault(&mut self, input: &str, fault: impl std::fmt::Display) {
        output::aside(format_args!("{}: {fault}", visible(input)));
        self.worst = Exit::Error;
    }
}

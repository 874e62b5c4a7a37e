//! `freightpass scan`: verdicts without a network, by what the scanner's folder holds.

use std::path::PathBuf;

use anyhow::bail;
use freightpass_core::hold::Held;
use freightpass_core::scan::{Freshness, Observation, Outcome, Place, Policy, VerifiedPass, scan};

use super::Exit;
use super::output;
use super::typed::{self, ProfileArgs};
use crate::clock::{Clock, SystemClock};
use crate::scanner::{Crossing, Crossings, Folder, Looked, Purpose, Report, Source, Spoken, look_at, visible};

/// Judges passes, offline: texts, pictures, folders of pictures
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One verdict a line; the exit code is that of the worst: 3 error, 1 refuse, 2 refer, 0 admit.
The scanner's folder remembers which passes were admitted, when and where, by number: the next time, the line says so.

Examples:
  freightpass scan --at 320583 card.png
  freightpass scan --at 320583 --plate 苏E12345 'FP1:...'
  freightpass scan --at 320583 --json cards/ | jq .outcome
  freightpass scan --at 320583 --now 2026-12-03T18:00 card.png     rehearse another moment")]
pub struct Args {
    /// Text of a code, picture (PNG), or folder of pictures
    #[arg(required = true, value_name = "TEXT|FILE|DIR")]
    inputs: Vec<String>,
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
    let folder = Folder::at(&args.scanner.folder);
    let held = folder.read()?;
    let (now, purpose) = match &args.now {
        Some(text) => (typed::moment(&*profile, text)?, Purpose::Rehearsal),
        None => (SystemClock.now_s(), Purpose::Duty),
    };
    let mut post = Post {
        crossings: folder.crossings(now, purpose),
        held,
        policy: Policy {
            max_age: args.max_age_s,
            skew: None,
            place: if args.place_unchecked { Place::Unchecked } else { Place::Required },
        },
        seen: Observation {
            county: args.county().map(|text| typed::place(&*profile, &text)).transpose()?,
            plate: args.plate.as_deref().map(|text| typed::plate(&*profile, text)).transpose()?,
            last_seen: None,
        },
        now,
    };

    let in_colour = output::in_colour();
    let place_name = |code: &str| {
        let division = profile.division(code).ok()?;
        profile.division_name(&division).map(|names| names.concat())
    };
    let here = post.seen.county.as_ref().map(ToString::to_string);
    let time = |seconds| typed::told(&*profile, seconds);
    let spoken = Spoken { place: &place_name, time: &time, here: here.as_deref() };
    let mut worst = Exit::Admit;
    for input in &args.inputs {
        let sources = match Source::of_argument(input) {
            Ok(sources) if sources.is_empty() => {
                output::aside(format_args!("{}: nothing to scan", visible(input)));
                worst = Exit::Error;
                continue;
            }
            Ok(sources) => sources,
            Err(error) => {
                output::aside(format_args!("{}: {error}", visible(input)));
                worst = Exit::Error;
                continue;
            }
        };
        for source in sources {
            for report in post.judge(&source)? {
                output::line(if args.json { report.json() } else { report.line(in_colour, &spoken) })?;
                worst = worst.max(report.outcome().into());
            }
        }
    }
    if let Err(error) = post.crossings.end() {
        output::aside(format_args!("what was admitted is not remembered: {}: {error}", args.scanner.folder.display()));
    }
    Ok(worst)
}

/// A checkpoint at one moment.
pub struct Post {
    /// What it holds.
    pub held: Held,
    /// Its own policy.
    pub policy: Policy,
    /// What it sees besides the pass.
    pub seen: Observation,
    /// What it admitted before.
    pub crossings: Crossings,
    /// What its clock says, seconds since 1970.
    pub now: u64,
}

impl Post {
    /// A verdict for each code that a source shows; one that says so where nothing can be read.
    pub fn judge(&mut self, source: &Source) -> anyhow::Result<Vec<Report>> {
        if let Source::Text(text) = source
            && text == "-"
        {
            bail!("standard input is not read: give texts, pictures or folders");
        }
        let look = look_at(source);
        let file = look.file.map(|path| path.display().to_string());
        Ok(match look.looked {
            Looked::Texts { texts, others } => {
                texts.iter().map(|text| self.verdict(text, file.clone(), others)).collect()
            }
            Looked::Unreadable(why) => vec![Report::unreadable(file, &why, &self.freshness())],
        })
    }

    /// The verdict on a text. Only an admission is looked up and remembered: the number of a pass that is not genuine
    /// means nothing.
    fn verdict(&mut self, text: &str, file: Option<String>, others: usize) -> Report {
        let verdict = scan(text, &self.held, &self.policy, &self.seen, self.now);
        let admitted = verdict.pass().filter(|_| verdict.outcome() == Outcome::Admit);
        let Some(claims) = admitted.map(VerifiedPass::claims) else {
            return Report::of(&verdict, None, file, others);
        };
        let t = verdict.freshness().t;
        let report = match self.crossings.last(claims.number, t) {
            None => Report::of(&verdict, None, file, others),
            Some(before) => {
                let seen = Observation { last_seen: Some(before.at), ..self.seen.clone() };
                let verdict = scan(text, &self.held, &self.policy, &seen, self.now);
                Report::of(&verdict, Some(before), file, others)
            }
        };
        let place = self.seen.county.as_ref().map(ToString::to_string);
        self.crossings.admitted(claims.number, claims.exp.into(), Crossing { at: t, place });
        report
    }

    /// How old the data is, also where there is nothing to judge.
    fn freshness(&self) -> Freshness {
        *scan("", &self.held, &self.policy, &self.seen, self.now).freshness()
    }
}

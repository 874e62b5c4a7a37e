//! `trust create`: the draft of a first list, or of the next one.

use std::path::PathBuf;

use anyhow::{Context, bail};
use freightpass_core::key::Kid;

use super::plan::Plan;
use super::{list, public_key, write};
use crate::cli::keys::kid;
use crate::cli::output;
use crate::cli::typed::{ProfileArgs, moment};
use crate::clock::{Clock, SystemClock};
use crate::pass::BOOKING_AHEAD_S;
use crate::trust::ceremony::{Draft, Holder};
use crate::trust::inspect::inspect;

/// Seconds.
pub const DAY_S: u32 = 86_400;

/// The examples, and the grammar of a plan.
pub const HELP: &str = "\
Examples:
  freightpass trust create --plan plan.toml --out draft.fp --provision provision.fp
  freightpass trust create --from current.fp --days 90 --out draft.fp
  freightpass trust create --from current.fp --rotate 0a1b2c3d4e5f6071=KEY --out draft.fp
  freightpass trust create --from current.fp --compromise 0a1b2c3d4e5f6071 --survivors HASH --out draft.fp
  freightpass trust create --from current.fp --plan changes.toml --out draft.fp

A plan (docs/FORMAT.md, \"Trust list\", has the meaning of each):
  threshold = 2
  roots = [\"<public key, 64 hexadecimal digits>\", ...]
  status_keys = [\"<public key>\"]
  status_base = \"HTTPS://PASS.EXAMPLE/S/\"      # for ever
  max_age_s = 86400
  skew_s = 300
  longest_life_s = 2592000
  [[programmes]]
  number = 1
  name = \"emergency freight\"
  from = \"2026-12-01 00:00\"                   # none: when the list is made
  days = 365                                  # from the making of the list
  off_route = \"refuse\"
  [[authorities]]
  code = \"CN-3205\"
  name = \"苏州市\"
  level = \"prefecture\"
  division = \"320500\"                         # none: everywhere, and then number = 1 to 99999
  programmes = [1]
  keys = [\"<public key>\"]

With --from a plan names what changes, in the same words, and the rest stays: other roots or limits; programmes and
authorities that are new, or are listed and become what the plan says (keys named are added); and
  drop_authorities = [\"CN-3301\"]
  drop_keys = [\"<kid>\"]                        # once nothing that it signed can count";

/// What the draft is made of.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Plan of a first list, or with --from of what changes; TOML
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    plan: Option<PathBuf>,
    /// The list in force: the draft is the next one
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Life of the list
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Mark this key as compromised: final
    #[arg(long, value_name = "KID", requires = "from")]
    compromise: Vec<String>,
    /// Hash of the survivors set of the key, as `keys survivors` shows it: one for each --compromise, in their order
    #[arg(long, value_name = "HASH", requires = "compromise")]
    survivors: Vec<String>,
    /// Replace a key by another of the same holder (public key, 64 hexadecimal digits)
    #[arg(long, value_name = "KID=KEY", requires = "from")]
    rotate: Vec<String>,
    /// How long a key that is replaced signs on beside the new one: passes may begin so many days after they are issued
    #[arg(long, value_name = "DAYS", requires = "rotate", default_value_t = BOOKED_AHEAD_DAYS)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=3_650))]
    overlap_days: u32,
    /// Add a key: `status=KEY` or `CODE=KEY`
    #[arg(long, value_name = "HOLDER=KEY", requires = "from")]
    add_key: Vec<String>,
    /// From when on new keys sign: `now`, or a time [default: now in a first list; in a later one max_age from now, when
    /// every checkpoint has it]
    #[arg(long, value_name = "TIME")]
    keys_from: Option<String>,
    /// Life of new keys
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    key_days: u32,
    /// File for the draft
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write the provisioning file for new scanners
    #[arg(long, value_name = "FILE")]
    provision: Option<PathBuf>,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// A pass is booked so far ahead, and its beginning decides which key it may bear.
const BOOKED_AHEAD_DAYS: u32 = (BOOKING_AHEAD_S / DAY_S as u64) as u32;

/// The windows of what a list brings.
#[derive(Debug, Clone, Copy)]
pub struct Windows {
    /// When the list is made, seconds since 1970.
    pub now: u32,
    /// From when on new keys sign.
    pub keys_from: u32,
    /// Until when.
    pub keys_until: u32,
}

/// Writes the draft, and says what it is.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let profile = args.profile.profile()?;
    let now = u32::try_from(SystemClock.now_s())?;
    let expires = days_after(now, args.days);
    let plan = args.plan.as_deref().map(Plan::read).transpose()?;
    let before = args.from.as_deref().map(list).transpose()?;
    let max_age = before.as_ref().map_or(0, |list| list.content().max_age);
    let keys_from = match args.keys_from.as_deref() {
        None => now.saturating_add(max_age),
        Some("now") => now,
        Some(text) => u32::try_from(moment(&*profile, text)?).with_context(|| format!("--keys-from: {text}"))?,
    };
    let windows = Windows { now, keys_from, keys_until: days_after(keys_from, args.key_days) };
    let mut draft = match (&before, &plan) {
        (None, Some(plan)) => plan.first(&*profile, windows, expires)?,
        (Some(before), plan) => {
            let mut draft = Draft::next(before, now, expires)?;
            plan.as_ref().map_or(Ok(()), |plan| plan.change(&mut draft, &*profile, windows))?;
            draft
        }
        (None, None) => bail!("give --plan for a first list, or --from for the next one"),
    };
    change_keys(args, &mut draft, windows)?;
    draft.check_goes_on()?;
    let bytes = draft.encode()?;
    write(&args.out, &bytes)?;
    if let Some(path) = &args.provision {
        let provision = draft.provision()?;
        write(path, &provision.encode())?;
        output::line(format_args!("provisioning file {}: fingerprint {}", path.display(), provision.fingerprint()))?;
    }
    output::line(inspect(&bytes, before.as_ref())?.to_string().trim_end())?;
    let before = args.from.as_ref().map(|path| format!(" --before {}", path.display())).unwrap_or_default();
    output::line(format_args!(
        "draft in {}: `freightpass trust sign {}{before} --key ...` is next",
        args.out.display(),
        args.out.display()
    ))
}

fn change_keys(args: &Args, draft: &mut Draft, windows: Windows) -> anyhow::Result<()> {
    let window = (windows.keys_from, windows.keys_until);
    for text in &args.rotate {
        let (old, new) = pair(text)?;
        let old_until = days_after(windows.keys_from.max(windows.now), args.overlap_days);
        draft.rotate(kid(old)?, public_key(new)?, window, old_until)?;
    }
    for text in &args.add_key {
        let (holder, key) = pair(text)?;
        let holder = if holder == "status" { Holder::Status } else { Holder::Authority(holder.to_owned()) };
        draft.add_key(&holder, public_key(key)?, window.0, window.1)?;
    }
    if !args.survivors.is_empty() && args.survivors.len() != args.compromise.len() {
        bail!("--survivors: one for each --compromise, or none at all");
    }
    for (at, stolen) in args.compromise.iter().enumerate() {
        let stolen: Kid = kid(stolen)?;
        draft.compromise(stolen, args.survivors.get(at).map(|hash| public_key(hash)).transpose()?)?;
    }
    Ok(())
}

/// The moment so many days later, at the latest the last that fits.
pub fn days_after(seconds: u32, days: u32) -> u32 {
    seconds.saturating_add(days.saturating_mul(DAY_S))
}

fn pair(text: &str) -> anyhow::Result<(&str, &str)> {
    text.split_once('=').with_context(|| format!("{text}: wanted NAME=KEY"))
}

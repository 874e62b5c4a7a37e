//! `freightpass trust`: the ceremony, on a machine without a network. Files are carried between its steps; each step
//! prints in words what it is about.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use freightpass_core::key::Kid;
use freightpass_core::trust::{Authority, Level, OffRoute, Programme, Roots, TrustList, UnverifiedTrustList};
use serde::Deserialize;

use super::Exit;
use super::file;
use super::keys::{hex, kid};
use super::output;
use crate::clock::{Clock, SystemClock};
use crate::trust::ceremony::{Beginning, Draft, Holder, cosign, division};
use crate::trust::inspect::inspect;
use crate::trust::{Cost, Passphrase, generate, read_key, write_key};

const DAY_S: u32 = 86_400;

/// Makes, signs and reads trust lists, offline
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The first list, and the service that works under it:
  1. trust key root --passphrase-file FILE             each root holder, on a machine without a network
  2. trust key status|CODE --passphrase-file FILE      where that key will sign; only the public key travels
  3. trust create --plan plan.toml --out draft.fp --provision provision.fp
  4. trust sign, once for each root key of the threshold; trust inspect says what is signed and by whom
  5. the list as trust.fp, provision.fp and keys/ into the data folder of `serve --mode production`; provision.fp to
     the scanners by hand, its fingerprint read aloud

A stolen key:
  1. stop issuing under the key: what it signs after step 2 does not survive
  2. keys survivors KID       records every pass that the key really signed, and prints the hash of the set
  3. keys trust --out current.fp, and with it to the roots:
     trust create --from current.fp --compromise KID --survivors HASH [--add-key CODE=KEY] --out draft.fp
  4. trust sign, as often as the threshold says
  5. keys install trust.fp    from the next manifest on, passes of the key that are not in the set are refused")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Makes a key pair: a root key, a status key, or one of an authority
    Key(KeyArgs),
    /// Makes the draft of a trust list: a first one from a plan, or the next one from the list in force
    #[command(after_help = "\
Examples:
  freightpass trust create --plan plan.toml --out draft.fp --provision provision.fp
  freightpass trust create --from current.fp --days 90 --out draft.fp
  freightpass trust create --from current.fp --compromise 0a1b2c3d4e5f6071 --survivors HASH --out draft.fp

A plan (docs/FORMAT.md, \"Trust list\", has the meaning of each):
  deployment = \"0123456789abcdef\"
  threshold = 2
  roots = [\"<public key, 64 hexadecimal digits>\", ...]
  status_keys = [\"<public key>\"]
  status_base = \"HTTPS://PASS.EXAMPLE/S/\"
  max_age_s = 86400
  skew_s = 300
  longest_life_s = 2592000
  key_days = 365
  [[programmes]]
  number = 1
  name = \"emergency freight\"
  days = 365
  off_route = \"refuse\"
  [[authorities]]
  code = \"CN-3205\"
  number = 320500
  name = \"苏州市\"
  level = \"prefecture\"
  division = \"3205\"
  programmes = [1]
  keys = [\"<public key>\"]")]
    Create(CreateArgs),
    /// Adds the signature of one root key to a draft, or to a list that others have signed
    Sign(SignArgs),
    /// Says in words what a trust list, draft, manifest, bundle or provisioning file holds, and who has signed it
    Inspect(InspectArgs),
}

#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// `root`, `status`, or the code of an authority
    role: String,
    /// Folder for the file ROLE-KID.pem
    #[arg(long, value_name = "DIR", default_value = "keys")]
    keys: PathBuf,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// Plan of a first list, TOML
    #[arg(long, value_name = "FILE", required_unless_present = "from", conflicts_with = "from")]
    plan: Option<PathBuf>,
    /// The list in force: the draft is the next one
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Life of the list
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// Mark this key as compromised: final
    #[arg(long, value_name = "KID", requires = "from")]
    compromise: Option<String>,
    /// Hash of the key's survivors set, as `keys survivors` shows it
    #[arg(long, value_name = "HASH", requires = "compromise")]
    survivors: Option<String>,
    /// Replace a key by another of the same holder, which signs from now on (public key, 64 hexadecimal digits)
    #[arg(long, value_name = "KID=KEY", requires = "from")]
    rotate: Option<String>,
    /// Add a key: `status=KEY` or `CODE=KEY`
    #[arg(long, value_name = "HOLDER=KEY", requires = "from")]
    add_key: Option<String>,
    /// Life of an added key
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    key_days: u32,
    /// File for the draft
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write the provisioning file for new scanners
    #[arg(long, value_name = "FILE")]
    provision: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct SignArgs {
    /// Draft, or list that others have signed
    file: PathBuf,
    /// Root key, encrypted PKCS#8 PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// The list in force, whose roots sign too
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// File for the signed list; otherwise the file itself
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
struct InspectArgs {
    /// The file
    file: PathBuf,
    /// The list in force, whose signatures count too
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
}

/// The plan of a first trust list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    deployment: String,
    threshold: u8,
    roots: Vec<String>,
    status_keys: Vec<String>,
    status_base: String,
    max_age_s: u32,
    skew_s: u32,
    longest_life_s: u32,
    key_days: u32,
    programmes: Vec<PlannedProgramme>,
    authorities: Vec<PlannedAuthority>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedProgramme {
    number: u16,
    name: String,
    days: u32,
    off_route: PlannedOffRoute,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlannedOffRoute {
    Refer,
    Refuse,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedAuthority {
    code: String,
    number: u32,
    name: String,
    level: PlannedLevel,
    /// None: everywhere.
    division: Option<String>,
    programmes: Vec<u16>,
    keys: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlannedLevel {
    Nation,
    Province,
    Prefecture,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Key(args) => key(args)?,
        Verb::Create(args) => create(args)?,
        Verb::Sign(args) => sign(args)?,
        Verb::Inspect(args) => {
            let before = before(args.before.as_deref())?;
            output::line(inspect(&read(&args.file)?, before.as_ref())?.to_string().trim_end())?;
        }
    }
    Ok(Exit::Admit)
}

fn key(args: &KeyArgs) -> anyhow::Result<()> {
    let passphrase = Passphrase::read(&args.passphrase_file)?;
    let key = generate()?;
    let path = write_key(&args.keys, &args.role, &key, &passphrase, Cost::Person)?;
    let public = key.verifying_key().to_bytes();
    output::line(format_args!("kid    {}\npublic {}\nfile   {}", Kid::of(&public), hex(&public), path.display()))
}

fn create(args: &CreateArgs) -> anyhow::Result<()> {
    let now = u32::try_from(SystemClock.now_s())?;
    let expires = now.saturating_add(args.days.saturating_mul(DAY_S));
    let mut draft = match (&args.plan, &args.from) {
        (Some(plan), _) => first(plan, now, expires)?,
        (None, Some(current)) => Draft::next(&list(current)?, now, expires),
        (None, None) => bail!("give --plan for a first list, or --from for the next one"),
    };
    let until = now.saturating_add(args.key_days.saturating_mul(DAY_S));
    if let Some(text) = &args.rotate {
        let (old, new) = pair(text)?;
        draft.rotate(kid(old)?, public_key(new)?, now, until)?;
    }
    if let Some(text) = &args.add_key {
        let (holder, key) = pair(text)?;
        let holder = if holder == "status" { Holder::Status } else { Holder::Authority(holder.to_owned()) };
        draft.add_key(&holder, public_key(key)?, now, until)?;
    }
    if let Some(stolen) = &args.compromise {
        draft.compromise(kid(stolen)?, args.survivors.as_deref().map(public_key).transpose()?)?;
    }
    let bytes = draft.encode()?;
    write(&args.out, &bytes)?;
    if let Some(path) = &args.provision {
        let provision = draft.provision();
        write(path, &provision.encode())?;
        output::line(format_args!("provisioning file {}: fingerprint {}", path.display(), provision.fingerprint()))?;
    }
    output::line(inspect(&bytes, None)?.to_string().trim_end())?;
    output::line(format_args!("draft in {}: `freightpass trust sign` is next", args.out.display()))
}

fn sign(args: &SignArgs) -> anyhow::Result<()> {
    let before = before(args.before.as_deref())?;
    let bytes = read(&args.file)?;
    output::line(inspect(&bytes, before.as_ref())?.to_string().trim_end())?;
    if !args.yes && !is_agreed()? {
        bail!("not signed");
    }
    let key = read_key(&args.key, &Passphrase::read(&args.passphrase_file)?)?;
    let signed = cosign(&bytes, &key, before.as_ref())?;
    let out = args.out.as_ref().unwrap_or(&args.file);
    write(out, &signed)?;
    output::line(format_args!("signed by {} in {}", Kid::of(key.verifying_key().as_bytes()), out.display()))
}

/// Asks the person who holds the key; a program must say `--yes`.
fn is_agreed() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nobody is there to be asked: give --yes");
    }
    output::aside("Sign this? Type yes:");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn first(path: &Path, now: u32, expires: u32) -> anyhow::Result<Draft> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let source = config::File::from_str(&text, config::FileFormat::Toml);
    let read = config::Config::builder().add_source(source).build().and_then(config::Config::try_deserialize::<Plan>);
    let plan = read.with_context(|| path.display().to_string())?;
    let deployment = kid(&plan.deployment).with_context(|| "deployment")?.0;
    let keys = |texts: &[String]| texts.iter().map(|text| public_key(text)).collect::<anyhow::Result<Vec<_>>>();
    let mut draft = Draft::first(Beginning {
        deployment,
        roots: Roots { threshold: plan.threshold, keys: keys(&plan.roots)? },
        issued: now,
        expires,
        max_age: plan.max_age_s,
        skew: plan.skew_s,
        longest_life: plan.longest_life_s,
        status_base: plan.status_base.clone(),
    });
    let until = |days: u32| now.saturating_add(days.saturating_mul(DAY_S));
    for key in keys(&plan.status_keys)? {
        draft.add_key(&Holder::Status, key, now, until(plan.key_days))?;
    }
    for programme in &plan.programmes {
        draft.put_programme(Programme {
            number: programme.number,
            name: programme.name.clone(),
            from: now,
            until: until(programme.days),
            off_route: match programme.off_route {
                PlannedOffRoute::Refer => OffRoute::Refer,
                PlannedOffRoute::Refuse => OffRoute::Refuse,
            },
        });
    }
    for authority in &plan.authorities {
        let place = authority
            .division
            .as_deref()
            .map(|text| division(text).with_context(|| format!("{}: {text} is no division", authority.code)));
        draft.add_authority(Authority {
            code: authority.code.clone(),
            number: authority.number,
            name: authority.name.clone(),
            level: match authority.level {
                PlannedLevel::Nation => Level::Nation,
                PlannedLevel::Province => Level::Province,
                PlannedLevel::Prefecture => Level::Prefecture,
            },
            division: place.transpose()?,
            programmes: authority.programmes.clone(),
            keys: Vec::new(),
        })?;
        for key in keys(&authority.keys)? {
            draft.add_key(&Holder::Authority(authority.code.clone()), key, now, until(plan.key_days))?;
        }
    }
    Ok(draft)
}

fn before(path: Option<&Path>) -> anyhow::Result<Option<TrustList>> {
    path.map(list).transpose()
}

fn list(path: &Path) -> anyhow::Result<TrustList> {
    let bytes = read(path)?;
    let read = UnverifiedTrustList::read(&bytes).map_err(|malformed| anyhow::anyhow!("{malformed}"));
    let list = read.and_then(|list| Ok(list.unverified_list()?));
    list.with_context(|| format!("{} is no trust list", path.display()))
}

fn pair(text: &str) -> anyhow::Result<(&str, &str)> {
    text.split_once('=').with_context(|| format!("{text}: wanted NAME=KEY"))
}

/// 32 bytes as 64 hexadecimal digits: a public key, or a hash.
fn public_key(text: &str) -> anyhow::Result<[u8; 32]> {
    let wrong = || format!("{text} is not 64 hexadecimal digits");
    let mut key = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        bail!(wrong());
    }
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        let digits = text.get(at..at + 2).with_context(wrong)?;
        *byte = u8::from_str_radix(digits, 16).with_context(wrong)?;
    }
    Ok(key)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    file::replace(path, bytes)
}

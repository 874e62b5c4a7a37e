//! `freightpass trust`: the ceremony, on a machine without a network. Files are carried between its steps; each step
//! prints in words what it is about.

mod create;
mod plan;

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use freightpass_core::key::Kid;
use freightpass_core::trust::{TrustList, UnverifiedTrustList};

use super::Exit;
use super::file;
use super::output;
use crate::clock::{Clock, SystemClock};
use crate::trust::ceremony::{cosign, in_force_before, told};
use crate::trust::inspect::{Inspected, inspect};
use crate::trust::{Cost, Passphrase, generate, read_key, write_key};
use create::DAY_S;

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
     trust create --from current.fp --compromise KID --survivors HASH --out draft.fp \
       [--add-key CODE=KEY --keys-from now]     a status key always needs its successor here, from now on
  4. trust sign, as often as the threshold says
  5. keys install trust.fp    from the next manifest on, passes of the key that are not in the set are refused

Keys that end, before they end:
  1. trust key CODE|status --passphrase-file FILE      into the keys/ folder of the service, which runs on
  2. keys trust --out current.fp
     trust create --from current.fp --rotate KID=KEY --out draft.fp
  3. trust sign --before current.fp, as often as the threshold says; keys install trust.fp
  The new key signs from the moment when every checkpoint has the list (max_age); the old one signs two weeks longer,
  since passes are booked so far ahead.

Roots that end, were lost, or change hands:
  1. trust key root --passphrase-file FILE             each new holder
  2. a plan with the new set: `threshold = 2`, `roots = [...]`
     trust create --from current.fp --plan roots.toml --out draft.fp --provision provision.fp
  3. trust sign --before current.fp: the threshold of the old roots, and that of the new
  4. keys install trust.fp; scanners in use follow by themselves, new ones are given the new provisioning file")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Makes a key pair: a root key, a status key, or one of an authority
    Key(KeyArgs),
    /// Makes the draft of a trust list: a first one from a plan, or the next one from the list in force
    #[command(after_help = create::HELP)]
    Create(create::Args),
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

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Verb::Key(args) => key(args)?,
        Verb::Create(args) => create::run(args)?,
        Verb::Sign(args) => sign(args)?,
        Verb::Inspect(args) => {
            let bytes = read(&args.file)?;
            let before = before(args.before.as_deref(), &bytes)?;
            output::line(inspect(&bytes, before.as_ref())?.to_string().trim_end())?;
        }
    }
    Ok(Exit::Admit)
}

fn key(args: &KeyArgs) -> anyhow::Result<()> {
    let passphrase = Passphrase::read(&args.passphrase_file)?;
    let key = generate()?;
    let path = write_key(&args.keys, &args.role, &key, &passphrase, Cost::Person)?;
    let public = key.verifying_key().to_bytes();
    output::line(format_args!(
        "kid    {}\npublic {}\nfile   {}",
        Kid::of(&public),
        HEXLOWER.encode(&public),
        path.display()
    ))
}

fn sign(args: &SignArgs) -> anyhow::Result<()> {
    let bytes = read(&args.file)?;
    let before = before(args.before.as_deref(), &bytes)?;
    if let Inspected::Trust { list, .. } = inspect(&bytes, None)? {
        let content = list.content();
        if content.sequence > 1 && before.is_none() {
            bail!(
                "list {} follows another: give the list in force with --before, to see what changes",
                content.sequence
            );
        }
        say_other_clock(content.issued)?;
    }
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

/// The list in force, as far as its own signatures bear it out.
fn before(path: Option<&Path>, next: &[u8]) -> anyhow::Result<Option<TrustList>> {
    let (Some(path), Inspected::Trust { list, .. }) = (path, inspect(next, None)?) else { return Ok(None) };
    let in_force = in_force_before(&read(path)?, &list).with_context(|| path.display().to_string())?;
    Ok(Some(in_force))
}

/// A list is a floor under every clock: one made too late ends passes for ever, so two machines have to agree on the day.
fn say_other_clock(issued: u32) -> anyhow::Result<()> {
    let now = SystemClock.now_s();
    if now.abs_diff(issued.into()) <= DAY_S.into() {
        return Ok(());
    }
    let (made, here) = (told(issued), told(u32::try_from(now)?));
    output::line(format_args!(
        "NOTE: it was made at {made} by the clock of another machine; the clock here says {here}. If the first is wrong, \
         every pass that ends before it is refused for ever."
    ))
}

fn list(path: &Path) -> anyhow::Result<TrustList> {
    let bytes = read(path)?;
    let read = UnverifiedTrustList::read(&bytes).map_err(|malformed| anyhow::anyhow!("{malformed}"));
    let list = read.and_then(|list| Ok(list.unverified_list()?));
    list.with_context(|| format!("{} is no trust list", path.display()))
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

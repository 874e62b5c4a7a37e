//! `freightpass restore`: makes a data folder of a backup, while no service runs on it.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use freightpass_core::limits::BUNDLE_BYTES;

use super::Exit;
use super::backup::{PassphraseArgs, lines};
use super::connect::{ANSWER_BYTES, connect_public, fetched, runtime};
use super::output;
use super::typed::{ProfileArgs, told};
use crate::clock::{Clock, SystemClock};
use crate::config::BACKUPS_FOLDER;
use crate::restore::{Order, Restored, Without, restore};
use crate::rpc::proto;
use crate::rpc::proto::checkpoint_service_client::CheckpointServiceClient;

/// What going on without anything published means, told to whoever asks for it.
const CONSEQUENCES: &str = "\
WITHOUT what was published since the backup:
  - passes that were revoked or suspended since are valid here until somebody stops them again; scanners that know
    better refuse to take it back, new ones admit them
  - trust lists that were installed since are not in force: a key that was given up since is good again until the list
    is installed again
  - numbers, places and sequences begin beyond anything that can have been given out since
Have the authorities go through what they stopped since then, before the service is opened to scanners.";

/// Makes a data folder of a backup, while no service runs on it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The folder that is there is set aside whole (DIR.before-restore-TIME); the new one takes its place in one step, so that
whatever happens leaves the old one or the new one. What was published since the backup is read back first, from the
folder that is there and from --published: what was revoked since stays revoked, and no number, place or sequence is given
out twice. Passes that were issued since are on the road and not in the registry: they stay as they are published, and
cannot be revoked by number.

Examples:
  freightpass restore freightpass-5d1c....fpbackup --data data
  freightpass restore FILE --data /var/lib/freightpass --published bundle.fp --passphrase-file FILE
  freightpass restore FILE --data data --published http://replica:8440     a service that still answers
  curl -o bundle.fp https://CDN/v1/bundle                                  from a CDN, for --published bundle.fp")]
pub struct Args {
    /// The backup
    file: PathBuf,
    /// The data folder: missing, empty, or one that is to be replaced
    #[arg(long, value_name = "DIR", env = "FREIGHTPASS_DATA")]
    data: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// What was published last: a bundle file, or the public address of a service that still answers
    #[arg(long, value_name = "FILE|URL")]
    published: Option<String>,
    /// CA of that address, PEM, for https
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Go on although nothing tells what was published since: what was revoked since is valid again
    #[arg(long, conflicts_with = "published")]
    without_published: bool,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let passphrase = args.passphrase.read(&args.file, Some(&args.data))?;
    let runtime = runtime()?;
    let published = args.published.as_deref().map(|from| runtime.block_on(bundle(from, args))).transpose()?;
    let order = Order {
        backup: args.file.clone(),
        passphrase,
        data: args.data.clone(),
        published,
        without: if args.without_published { Without::GoOn } else { Without::Refuse },
    };
    let restored = runtime.block_on(restore(order, SystemClock.now(), &|step| output::aside(step)))?;
    for line in lines(&restored.contents, &*profile) {
        output::line(line)?;
    }
    tell(&restored, args, &*profile)?;
    Ok(Exit::Admit)
}

fn tell(restored: &Restored, args: &Args, profile: &dyn crate::profile::Profile) -> anyhow::Result<()> {
    for refused in &restored.refused {
        output::line(format_args!("not used: {refused}"))?;
    }
    match &restored.read_back {
        Some((seq, issued, source)) => {
            let issued = u64::from(*issued);
            output::line(format_args!(
                "read back: manifest {seq} of {} from {source}; {} place(s) learnt from it",
                told(profile, issued),
                restored.repaired
            ))?;
            if !restored.exactly {
                output::line(format_args!(
                    "what was revoked after {} is not in it: if anything was, revoke it again",
                    told(profile, issued)
                ))?;
            }
        }
        None => output::line(CONSEQUENCES)?,
    }
    if restored.acknowledged > 0 {
        output::line(format_args!(
            "taken from the status log of the old folder: {} place(s) that were changed and not published",
            restored.acknowledged
        ))?;
    }
    for key in &restored.keys {
        output::line(format_args!("taken over from the old folder: {key}"))?;
    }
    for key in &restored.left {
        output::line(format_args!(
            "NOT taken over from the old folder, since the passphrase of the backup does not open it: {key}"
        ))?;
    }
    for (path, from, key) in &restored.outside {
        output::line(format_args!("put in its place by hand: {} was {from} ({key})", path.display()))?;
    }
    if let Some(aside) = &restored.aside {
        output::line(format_args!("the old folder is {}", aside.display()))?;
        let backups = aside.join(BACKUPS_FOLDER);
        if backups.is_dir() {
            output::line(format_args!(
                "its backups lie in {}: move them to {} before you remove it",
                backups.display(),
                args.data.join(BACKUPS_FOLDER).display()
            ))?;
        }
    }
    output::line(format_args!("restored: start `freightpass serve` on {}", args.data.display()))
}

/// A bundle: a file, or what a service gives to a new scanner.
async fn bundle(from: &str, args: &Args) -> anyhow::Result<Vec<u8>> {
    if from.starts_with("http://") || from.starts_with("https://") {
        let channel = connect_public(from, args.ca.as_deref()).await?;
        let mut client = CheckpointServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
        let request = proto::GetBundleRequest { held: None };
        return Ok(fetched(client.get_bundle(request).await, from)?.bundle.to_vec());
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(from).with_context(|| from.to_owned())?;
    file.take(BUNDLE_BYTES as u64 + 1).read_to_end(&mut bytes).with_context(|| from.to_owned())?;
    ensure!(bytes.len() <= BUNDLE_BYTES, "{from}: a bundle has {BUNDLE_BYTES} bytes at the most");
    Ok(bytes)
}

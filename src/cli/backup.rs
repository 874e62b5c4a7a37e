//! `freightpass backup`: has a running service back itself up, and looks into backups.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;

use super::Exit;
use super::connect::{ANSWER_BYTES, AdminArgs, answered, repeated, request_id, runtime};
use super::keys::OPERATOR;
use super::output;
use super::typed::{ProfileArgs, told};
use crate::backup::{self, BACKUP_ENDING, Contents, PASSPHRASE_FILE};
use crate::clock::{Clock, SystemClock};
use crate::rpc::proto;
use crate::rpc::proto::operation_service_client::OperationServiceClient;
use crate::trust::Passphrase;

/// Backs up a running service, or looks into a backup
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
The service writes one file into its backup folder (backup.folder; `backups` in the data folder where it is not set): the
registry as it is at one moment, keys, secrets and PKI, sealed under backup.passphrase_file, read back and checked before
it is named. Nothing of it is sent to whoever asks. Keep a copy of the file and of the passphrase on other machines.

Examples:
  freightpass backup
  freightpass backup inspect backups/freightpass-5d1c....fpbackup --passphrase-file FILE
  freightpass restore --help                              the way back"
)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    admin: AdminArgs,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Says what a backup holds and how old it is, and checks it whole; nothing is written
    Inspect(InspectArgs),
}

#[derive(Debug, clap::Args)]
struct InspectArgs {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// One line of JSON, with every file
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    profile: ProfileArgs,
}

/// The passphrase of a backup.
#[derive(Debug, clap::Args)]
pub struct PassphraseArgs {
    /// The passphrase file of the backup: its first line counts, whatever ends it
    #[arg(long, value_name = "FILE", env = "FREIGHTPASS_BACKUP_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    /// The passphrase: in the file that is named, else where development keeps it, in the data folder beside which or in
    /// which the backup lies.
    pub fn read(&self, backup: &Path, data: Option<&Path>) -> anyhow::Result<Passphrase> {
        if let Some(path) = &self.passphrase_file {
            return Ok(Passphrase::read(path)?);
        }
        let above = backup.parent().and_then(Path::parent);
        let made = [data, above].into_iter().flatten().map(|folder| folder.join(PASSPHRASE_FILE));
        match made.into_iter().find(|path| path.exists()) {
            Some(path) => Ok(Passphrase::read(&path)?),
            None => bail!("under which passphrase was {} made? Give --passphrase-file FILE", backup.display()),
        }
    }
}

/// Runs the verb.
pub fn run(args: &Args) -> anyhow::Result<Exit> {
    match &args.verb {
        Some(Verb::Inspect(args)) => inspect(args),
        None => create(&args.admin),
    }
}

fn create(admin: &AdminArgs) -> anyhow::Result<Exit> {
    runtime()?.block_on(async {
        let channel = admin.connect(Some(OPERATOR)).await?;
        let mut client = OperationServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES);
        let request = proto::CreateBackupRequest { request_id: request_id() };
        let made = answered(repeated(async || client.create_backup(request.clone()).await).await)?;
        output::line(format_args!("backup {}", made.path))?;
        output::line(format_args!(
            "{} bytes, {} pass(es), status log {}, manifest {}, trust list {}, {} file(s) beside the registry",
            made.size_bytes, made.pass_count, made.log_seq, made.manifest_seq, made.trust_seq, made.file_count
        ))?;
        output::line(format_args!("sha256 {}", HEXLOWER.encode(&made.sha256)))?;
        output::line("read back and whole; copy it, and its passphrase, to another machine")
    })?;
    Ok(Exit::Admit)
}

fn inspect(args: &InspectArgs) -> anyhow::Result<Exit> {
    let profile = args.profile.profile()?;
    let passphrase = args.passphrase.read(&args.file, None)?;
    let contents = backup::read(&args.file, &passphrase, &mut |_| Ok(()), &mut |_, _| Ok(()))?;
    if args.json {
        let json = serde_json::to_string(&contents).context("the contents as JSON")?;
        output::line(json)?;
        return Ok(Exit::Admit);
    }
    for line in lines(&contents, &*profile) {
        output::line(line)?;
    }
    output::line(format_args!("whole: every part of the .{BACKUP_ENDING} file was opened and compared"))?;
    Ok(Exit::Admit)
}

/// What a backup holds, in words.
pub fn lines(contents: &Contents, profile: &dyn crate::profile::Profile) -> Vec<String> {
    let registry = &contents.registry;
    let made = u64::try_from(contents.made_at.as_second()).unwrap_or(0);
    let age = crate::scanner::Age(Some(SystemClock.now_s().saturating_sub(made)));
    let mut lines = vec![
        format!("deployment {}", registry.deployment),
        format!("made {}, {age}, by freightpass {}", told(profile, made), contents.freightpass),
        format!(
            "status log {}, manifest {}, trust list {}, audit log {}, schema {}",
            registry.log_seq, registry.manifest_seq, registry.trust_sequence, registry.audit_seq, registry.schema
        ),
        format!(
            "{} pass(es), {} application(s), {} enterprise(s)",
            registry.rows_of("passes"),
            registry.rows_of("applications"),
            registry.rows_of("enterprises")
        ),
        format!("{} file(s)", contents.files.len()),
    ];
    for packed in &contents.files {
        if let (Some(from), Some(key)) = (&packed.from, &packed.key) {
            lines.push(format!("{} was {from} ({key})", packed.name));
        }
    }
    lines
}

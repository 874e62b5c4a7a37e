//! Folders, permissions, secrets, space, what was left over.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

use super::Look;
use super::finding::Severity::{Error, Fatal, Info, Warn};
use crate::cli::serve::secrets::OTHERS;
use crate::config::Mode;
use crate::identity::ends;
use crate::restore::{LEFT_OVER, SET_ASIDE};
use crate::rpc::tls;
use crate::storage::REGISTRY_FILE;

/// Space below which it is time, and below which it is late.
const LITTLE_PERCENT: u64 = 10;
const LEAST_BYTES: u64 = 256 << 20;
/// Files deeper than that are none of ours.
const DEPTH: u32 = 4;

impl Look<'_> {
    /// The data folder; whether there is one to look into.
    pub(super) fn folder(&mut self) -> bool {
        let folder = &self.config.data_folder;
        let at = folder.display();
        let mode = match fs::metadata(folder) {
            Ok(found) if found.is_dir() => found.permissions().mode(),
            Ok(_) => {
                self.findings.add(
                    Fatal,
                    "folder",
                    format_args!("{at} is no folder"),
                    "name the data folder with --data",
                );
                return false;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let advice = "the first `freightpass serve` makes it, `freightpass restore` fills it from a backup";
                self.findings.add(Error, "folder", format_args!("there is no {at}"), advice);
                return false;
            }
            Err(error) => {
                let advice = "run doctor as the user who runs the service";
                self.findings.add(Fatal, "folder", format_args!("{at}: {error}"), advice);
                return false;
            }
        };
        if let Err(error) = fs::read_dir(folder) {
            self.findings.add(
                Fatal,
                "folder",
                format_args!("{at}: {error}"),
                "run doctor as the user who runs the service",
            );
            return false;
        }
        if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
            let advice = "give it to the user who runs the service (chown -R), and run doctor as that user";
            self.findings.add(Fatal, "folder", format_args!("{at} may not be written to by this user"), advice);
        } else if mode & OTHERS != 0 {
            let found =
                format_args!("{at} is open to everybody on this machine (mode {:03o})", mode & 0o777).to_string();
            self.findings.add(Warn, "folder", found, format_args!("chmod 700 {at}"));
        } else {
            self.findings.ok("folder", at);
        }
        true
    }

    /// Whatever holds a secret.
    pub(super) fn secrets(&mut self) {
        let config = self.config;
        let data = &config.data_folder;
        let is_new = !data.join(REGISTRY_FILE).exists();
        let named =
            [("the passphrase of the keys", config.passphrase_file()), ("the field key", config.fields_key_file())];
        for (what, path) in &named {
            let is_made = is_new && config.mode == Mode::Development;
            if !(path.exists() || is_made) {
                let advice = "put it back from its backup: `freightpass backup inspect` says where it was";
                self.findings.add(Fatal, "secrets", format_args!("{what} is missing: {}", path.display()), advice);
            }
        }
        let mut files: Vec<PathBuf> = named.into_iter().map(|(_, path)| path).collect();
        files.extend([&config.public.key, &config.admin.key].into_iter().flatten().cloned());
        files.extend(config.backup_passphrase_file());
        files.extend(below(&data.join("secrets")));
        files.extend(below(&data.join("keys")));
        files.extend(
            below(&data.join("pki")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "key")),
        );
        files.extend(["registry.sqlite", "registry.sqlite-wal"].map(|name| data.join(name)));
        files.sort();
        files.dedup();
        let (mut looked, before) = (0, self.findings.0.len());
        for path in files {
            let Ok(found) = fs::metadata(&path) else { continue };
            looked += 1;
            let mode = found.permissions().mode();
            if mode & OTHERS != 0 {
                let found =
                    format!("{} is open to everybody on this machine (mode {:03o})", path.display(), mode & 0o777);
                self.findings.add(Error, "secrets", found, "chmod 600 it, and change what it holds");
            } else if fs::File::open(&path).is_err() {
                let found = format!("{} cannot be read by this user", path.display());
                self.findings.add(Fatal, "secrets", found, "give it to the user who runs the service");
            }
        }
        if self.findings.0.len() == before {
            self.findings.ok("secrets", format_args!("{looked} file(s), for their owner alone"));
        }
    }

    /// Space, and whether anything can be written.
    pub(super) fn disk(&mut self) {
        let backups = self.config.backup_folder();
        let mut folders = vec![self.config.data_folder.clone()];
        folders.extend(Some(backups).filter(|folder| folder.exists()));
        for folder in folders {
            let at = folder.display();
            let Ok(space) = statvfs(&folder) else { continue };
            let (free, all) = (space.f_bavail * space.f_frsize, space.f_blocks * space.f_frsize);
            let (mb, percent) = (free >> 20, (free * 100).checked_div(all).unwrap_or(100));
            let found = format!("{at}: {mb} MiB free of {} ({percent}%)", all >> 20);
            if space.f_flag.contains(StatVfsMountFlags::RDONLY) {
                self.findings.add(
                    Fatal,
                    "disk",
                    format_args!("{at} is on a read-only file system"),
                    "mount it for writing",
                );
            } else if free < LEAST_BYTES {
                let advice = "make space now: without it nothing is issued, revoked or signed";
                self.findings.add(Error, "disk", found, advice);
            } else if percent < LITTLE_PERCENT {
                self.findings.add(Warn, "disk", found, "make space, or give it a larger disk");
            } else if space.f_files > 0 && space.f_favail * 100 / space.f_files < LITTLE_PERCENT {
                let found = format!("{at}: {} of {} files left", space.f_favail, space.f_files);
                self.findings.add(Warn, "disk", found, "remove files that nobody needs");
            } else {
                self.findings.ok("disk", found);
            }
        }
    }

    /// Files that a crash left.
    pub(super) fn leftovers(&mut self) {
        let data = &self.config.data_folder;
        let unfinished = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.ends_with(".part") || name.ends_with(".new") || name.starts_with(".unfinished-")
        };
        let mut found: Vec<_> = below(data).into_iter().filter(unfinished).collect();
        found.extend(below(&self.config.backup_folder()).into_iter().filter(unfinished));
        found.sort();
        found.dedup();
        for path in &found {
            let advice = "a crash left it, or it is being written; the next start or backup writes over it";
            self.findings.add(Info, "leftovers", path.display(), advice);
        }
        let absolute = data.canonicalize().unwrap_or_else(|_| data.clone());
        let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in absolute.parent().into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
            let (path, beside) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let Some(rest) = beside.strip_prefix(&name) else { continue };
            if rest.starts_with(LEFT_OVER) {
                let advice = "a restore was cut off: run it again, which clears it away";
                self.findings.add(Warn, "leftovers", path.display(), advice);
            } else if rest.starts_with(SET_ASIDE) {
                let advice = "it holds keys and people's data: when the restored service has proved itself, remove it";
                self.findings.add(
                    Info,
                    "leftovers",
                    format_args!("{} was set aside by a restore", path.display()),
                    advice,
                );
            }
        }
    }

    /// Certificates: that they read, go with their keys, and last.
    pub(super) fn certificates(&mut self) {
        let config = self.config;
        let data = &config.data_folder;
        let (public, admin) = (&config.public, &config.admin);
        let mut files: Vec<PathBuf> =
            [&public.certificate, &admin.certificate, &admin.client_ca].into_iter().flatten().cloned().collect();
        if admin.certificate.is_none() && config.mode == Mode::Development {
            let own = ["pki/server.pem", "pki/ca.pem"].map(|name| data.join(name));
            files.extend(own.into_iter().filter(|path| path.exists()));
        }
        for path in files {
            match ends(&path).map(|ends| ends.into_iter().min().unwrap_or_default()) {
                Ok(end) => {
                    let at = u64::try_from(end.as_second()).unwrap_or(0);
                    let advice = "renew it, with its key, in the same place";
                    self.ends("certificate", &path.display().to_string(), at, advice);
                }
                Err(error) => {
                    self.findings.add(Fatal, "certificate", error, "put a certificate in PEM there");
                }
            }
        }
        if let (Some(certificate), Some(key)) = (&public.certificate, &public.key)
            && let Err(error) = tls::public(certificate, key)
        {
            self.findings.add(
                Fatal,
                "certificate",
                format_args!("public: {error:#}"),
                "put the key of this certificate there",
            );
        }
        if let (Some(certificate), Some(key), Some(ca)) = (&admin.certificate, &admin.key, &admin.client_ca)
            && let Err(error) = tls::mutual(certificate, key, ca)
        {
            self.findings.add(
                Fatal,
                "certificate",
                format_args!("admin: {error:#}"),
                "put the key of this certificate there",
            );
        }
    }
}

/// Every file below a folder; what cannot be read is left out.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, depth: u32, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth > 0 => walk(&path, depth - 1, found),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, DEPTH, &mut found);
    found
}

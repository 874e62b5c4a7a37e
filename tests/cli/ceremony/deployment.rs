//! A production deployment under a ceremony: root holders' machines, a service, and who calls it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::pki::{Leaf, Pki};
use crate::post::freightpass;

/// A key pair of a ceremony, as `trust key` made it.
pub struct Key {
    pub kid: String,
    pub public: String,
    pub file: PathBuf,
}

pub struct Deployment {
    pub folder: TempDir,
    pub public: String,
    admin: String,
    pki: Pki,
    identity: String,
    child: Option<Child>,
}

impl Deployment {
    /// Nothing but folders, a PKI and passphrases, each with another end of its line.
    pub fn new(identity: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pki = Pki::new(&folder.path().join("pki"));
        let deployment = Self {
            public: String::new(),
            admin: String::new(),
            pki,
            identity: identity.to_owned(),
            child: None,
            folder,
        };
        fs::create_dir_all(deployment.path("data/keys")).unwrap();
        fs::create_dir_all(deployment.path("secrets")).unwrap();
        deployment.secret("secrets/root", b"the roots' own\r\n");
        deployment.secret("secrets/passphrase", "\u{feff}the service's own".as_bytes());
        deployment.secret("secrets/fields.key", &[7; 32]);
        deployment
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn secret(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Makes a key in a folder; root keys under the roots' passphrase, all others under the service's.
    pub fn key(&self, role: &str, folder: &str) -> Key {
        let passphrase = if role == "root" { "secrets/root" } else { "secrets/passphrase" };
        let said = self.done(&["trust", "key", role, "--keys", folder, "--passphrase-file", passphrase]);
        let field = |name: &str| {
            let line =
                said.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {said}"));
            line.trim().to_owned()
        };
        Key { kid: field("kid "), public: field("public "), file: field("file ").into() }
    }

    /// Signs a draft by some roots, one after the other, as `trust sign` says it to them; its last words.
    pub fn sign(&self, draft: &str, before: Option<&str>, roots: &[&Key]) -> String {
        let mut said = String::new();
        for root in roots {
            let key = root.file.display().to_string();
            let mut arguments =
                vec!["trust", "sign", draft, "--key", &key, "--passphrase-file", "secrets/root", "--yes"];
            if let Some(before) = before {
                arguments.extend(["--before", before]);
            }
            said = self.done(&arguments);
        }
        said
    }

    /// Starts the service in production on what lies in the data folder.
    pub fn start(&mut self) {
        let server = self.pki.server();
        let text = format!(
            "mode = \"production\"\ndata_folder = \"data\"\n\
             [public]\naddress = \"127.0.0.1:0\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n\
             [admin]\naddress = \"127.0.0.1:0\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n\
             client_ca = \"{ca}\"\n\
             [secrets]\npassphrase_file = \"secrets/passphrase\"\nfields_key_file = \"secrets/fields.key\"\n\
             [publish]\ncoalesce_ms = 0\n",
            certificate = server.certificate.display(),
            key = server.key.display(),
            ca = self.pki.ca().display(),
        );
        fs::write(self.path("freightpass.toml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_freightpass"));
        command.current_dir(self.folder.path()).args(["serve", "--config", "freightpass.toml"]);
        let log = fs::File::create(self.path("log")).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.child = Some(child);
        let log = || fs::read_to_string(self.path("log")).unwrap();
        let field = |name: &str| {
            let field = line.split(' ').find_map(|word| word.strip_prefix(name));
            field.unwrap_or_else(|| panic!("the server is not ready: {line:?} {}", log())).to_owned()
        };
        (self.public, self.admin) = (field("public="), field("admin="));
    }

    /// Runs a verb in the folder; what it said on both streams, and its exit code.
    pub fn run(&self, arguments: &[&str]) -> (String, i32) {
        let output = freightpass().current_dir(self.folder.path()).args(arguments).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (said, output.status.code().unwrap())
    }

    /// A verb that does what it was asked.
    pub fn done(&self, arguments: &[&str]) -> String {
        let (said, code) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// A verb against the service, as an officer of a body.
    pub fn run_as(&self, body: &str, roles: &str, arguments: &[&str]) -> (String, i32) {
        let uri = format!("freightpass://{}/{body}/officer?roles={roles}", self.identity);
        let Leaf { certificate, key } = self.pki.officer(&format!("{body}-{roles}"), &uri);
        let path = |path: &Path| path.display().to_string();
        let (ca, certificate, key) = (path(&self.pki.ca()), path(&certificate), path(&key));
        let who = ["--server", &self.admin, "--ca", &ca, "--cert", &certificate, "--key", &key];
        self.run(&[arguments, &who].concat())
    }

    pub fn done_as(&self, body: &str, roles: &str, arguments: &[&str]) -> String {
        let (said, code) = self.run_as(body, roles, arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// Brings a scanner's folder up to date over TLS.
    pub fn sync(&self, scanner: &str, more: &[&str]) -> String {
        let ca = self.pki.ca().display().to_string();
        self.done(&[&["sync", "--folder", scanner, "--server", &self.public, "--ca", &ca], more].concat())
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

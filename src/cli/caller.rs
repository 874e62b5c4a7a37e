//! Who is calling: a client certificate named on the command line, or in the environment, or one of the data folder's
//! development PKI. What is typed counts before what the environment says; clap would take both for typed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::parse_x509_pem;

use super::connect::AdminArgs;
use crate::identity::officer_of_uri;

/// Begins the name of an officer in a certificate.
const SCHEME: &str = "freightpass://";

/// A client certificate and its key, as files in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Caller {
    Files(Identity),
    Officer(String),
}

impl AdminArgs {
    /// Whether anybody is named as the caller.
    pub fn names_a_caller(&self) -> bool {
        self.caller().is_some()
    }

    /// The certificate of the caller, or that of `otherwise` of the data folder where nobody is named.
    pub fn identity(&self, otherwise: Option<&str>) -> anyhow::Result<Identity> {
        let folder = self.data.data.join("pki/officers");
        let officer = match self.caller() {
            Some(Caller::Files(identity)) => return Ok(identity),
            Some(Caller::Officer(officer)) => officer,
            None => match otherwise {
                Some(officer) => officer.to_owned(),
                None => bail!(
                    "who is calling? Give --as BODY/OFFICER of the development PKI ({}), or --cert and --key",
                    officers_in(&folder)
                ),
            },
        };
        let Some((body, name)) = officer.split_once('/') else {
            bail!("--as {officer}: wanted BODY/OFFICER, such as CN-3205/chief");
        };
        let place = |ending| folder.join(format!("{body}.{name}.{ending}"));
        if !place("pem").exists() {
            bail!(
                "no certificate of {officer} in {} (there: {}); `freightpass pki officer` makes one",
                folder.display(),
                officers_in(&folder)
            );
        }
        Ok(Identity { cert: place("pem"), key: place("key") })
    }

    /// The body (authority, county office, enterprise) of the caller; none where nobody is named.
    ///
    /// # Errors
    /// When the certificate names no officer.
    pub fn body(&self) -> anyhow::Result<Option<String>> {
        match self.caller() {
            None => Ok(None),
            Some(Caller::Officer(officer)) => Ok(officer.split_once('/').map(|(body, _)| body.to_owned())),
            Some(Caller::Files(Identity { cert, .. })) => {
                let pem = fs::read(&cert).with_context(|| cert.display().to_string())?;
                let body = body_of(&pem).with_context(|| format!("{}: no officer's certificate", cert.display()))?;
                Ok(Some(body))
            }
        }
    }

    fn caller(&self) -> Option<Caller> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let files = |cert: PathBuf, key: PathBuf| Caller::Files(Identity { cert, key });
        match (&self.cert, &self.key, &self.officer) {
            (Some(cert), Some(key), _) => Some(files(cert.clone(), key.clone())),
            (_, _, Some(officer)) => Some(Caller::Officer(officer.clone())),
            _ => match (set("FREIGHTPASS_CERT"), set("FREIGHTPASS_KEY"), set("FREIGHTPASS_AS")) {
                (Some(cert), Some(key), _) => Some(files(cert.into(), key.into())),
                (_, _, Some(officer)) => Some(Caller::Officer(officer.to_string_lossy().into_owned())),
                _ => None,
            },
        }
    }
}

/// The body that a certificate (PEM) names. The deployment that stands beside it is for the service to compare.
fn body_of(pem: &[u8]) -> Option<String> {
    let (_, pem) = parse_x509_pem(pem).ok()?;
    let certificate = pem.parse_x509().ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let uri = names.value.general_names.iter().find_map(|name| match name {
        GeneralName::URI(uri) if uri.starts_with(SCHEME) => Some(*uri),
        _ => None,
    })?;
    let deployment = uri.strip_prefix(SCHEME)?.split('/').next()?;
    let deployment = u64::from_str_radix(deployment, 16).ok()?.to_be_bytes();
    Some(officer_of_uri(uri, &deployment).ok()?.body)
}

fn officers_in(folder: &Path) -> String {
    let files = fs::read_dir(folder).map(|entries| {
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut officers: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".pem")?.replacen('.', "/", 1))).collect();
        officers.sort();
        officers
    });
    match files {
        Ok(officers) if !officers.is_empty() => {
            let shown: Vec<&str> = officers.iter().map(String::as_str).take(8).collect();
            shown.join(", ")
        }
        _ => "none there".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::identity::{DevelopmentPki, Officer, Role};

    #[test]
    fn a_certificate_tells_whose_rows_go_in() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_796_054_400).unwrap();
        let pki = DevelopmentPki::open_or_create(folder.path(), *b"caller-t", now).unwrap();
        let body = "91320509MAW373039Y".to_owned();
        let officer = Officer { body: body.clone(), name: "desk".to_owned(), roles: vec![Role::Applicant] };
        let identity = pki.officer(&officer, now).unwrap();
        assert_eq!(body_of(&fs::read(identity.certificate).unwrap()), Some(body));
        assert_eq!(body_of(&fs::read(pki.ca()).unwrap()), None);
        assert_eq!(body_of(b"nothing"), None);
    }
}
